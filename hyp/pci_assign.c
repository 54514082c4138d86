/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who owns which function. Owns the assignment: BARs into the owner's stage 2 (without the MSI-X table),
 * the INTx line to the owner, and the end of it all when a partition stops. A function has one owner; what
 * the hardware cannot tell apart (functions of one slot, everything behind a conventional bridge or a port
 * without access control) has one owner together [I2]; a shared interrupt line is refused [I3]. All problems
 * are counted and reported, not the first only; with any of them the boot does not go on.
 */
#include <hyp/pci_priv.h>

#include <arch/time.h>
#include <hyp/irq.h>
#include <hyp/log.h>

/* One problem: what is wrong, then what to change. */
#define problem(rule, ...) log_error("board check: [" rule "] " __VA_ARGS__)

/* INTA of slot 0 is intx[0]; each slot and each bridge rotates by its device number [PCI-to-PCI Bridge 9.1]. */
static uint32_t fn_intx(const struct board_pci *host, const struct pci_fn *f)
{
	unsigned pin = f->pin - 1u;

	if (f->pin == 0) {
		return 0;
	}
	for (; f != NULL; f = pci_fn_parent(f)) {
		pin += (f->bdf >> 3) & 31u;
	}
	return host->intx[pin & 3u];
}

uint32_t pci_intx(const struct board_pci *host, uint16_t bdf)
{
	const struct pci_fn *f = pci_fn_find(bdf);

	return f == NULL || f->expander ? 0 : fn_intx(host, f);
}

/* The bridge (or, for a bridge on the root bus or none, the slot) below which DMA cannot be told apart. */
static uint16_t fn_group(const struct pci_fn *f)
{
	uint16_t group = f->bdf & (uint16_t)~7u;

	for (const struct pci_fn *b = pci_fn_parent(f); b != NULL; b = pci_fn_parent(b)) {
		bool port = b->port == PCIE_TYPE_ROOT || b->port == PCIE_TYPE_DOWN;

		if (b->pcie != 0 && (b->port == PCIE_TYPE_UP || (port && b->acs))) {
			continue;
		}
		if (port && b->port == PCIE_TYPE_DOWN && b->parent != PCI_NONE) {
			b = pci_fn_parent(b); /* the whole switch */
		}
		group = b->bdf & (uint16_t)~7u;
	}
	return group;
}

const struct pci_fn *pci_fn_alias(const struct pci_fn *f)
{
	const struct pci_fn *b = pci_fn_parent(f);

	while (b != NULL && b->pcie != 0 && b->port != PCIE_TYPE_TO_PCI) {
		b = pci_fn_parent(b);
	}
	return b;
}

/*
 * A conventional bridge puts its own id on what it forwards. The configuration knows one id per device,
 * its own, so the unit blocks such DMA [I1]; for a device that does none that is no reason to refuse it.
 */
static void alias_warn(const struct pci_fn *f)
{
	const struct pci_fn *b = pci_fn_alias(f);

	if (b != NULL) {
		log_warn("pci: device %s is behind the conventional bridge " PCI_BDF_FMT ": its DMA carries "
			 "the bridge's id and stays blocked; use bus 0 or a pcie-root-port",
			 f->cfg->name, PCI_BDF_ARGS(b->bdf));
	}
}

/* Why the function cannot be given to anybody, or NULL. */
static const char *fn_unusable(const struct pci_fn *f)
{
	if (f->bad != NULL) {
		return f->bad;
	}
	if (f->bridge || f->class_rev >> 24 == PCI_CLASS_BRIDGE) {
		return "it is a bridge";
	}
	for (const struct pci_fn *b = pci_fn_parent(f); b != NULL; b = pci_fn_parent(b)) {
		if (b->bad != NULL) {
			return "a bridge above it is disabled";
		}
	}
	return NULL;
}

/* The function of a configured device if it can be given away; reports why not. */
static struct pci_fn *device_find(const struct cfg_device *d, const struct cfg_vm *owner)
{
	struct pci_fn *f = pci_fn_find(d->bdf);
	const char *why;

	if (f == NULL) {
		problem("pci-device-there", "device %s of partition %s: no function at " PCI_BDF_FMT
			"; add it to QEMU's command line%s, e.g. -device edu,addr=%x.%u, or correct the device's "
			"address", d->name, owner->name, PCI_BDF_ARGS(d->bdf),
			d->bdf >> 8 != pci.bus_first ? " behind that bus's bridge (bus=)" : "",
			(d->bdf >> 3) & 31u, d->bdf & 7u);
		return NULL;
	}
	why = fn_unusable(f);
	if (why != NULL) {
		problem("pci-device-usable", "device %s of partition %s: " PCI_BDF_FMT " cannot be assigned, %s; "
			"take the device out of the configuration or put another one there", d->name,
			owner->name, PCI_BDF_ARGS(d->bdf), why);
		return NULL;
	}
	if (f->vm != NULL) {
		problem("pci-device-once", "device %s: " PCI_BDF_FMT " is device %s already; remove one of the two",
			d->name, PCI_BDF_ARGS(d->bdf), f->cfg->name);
		return NULL;
	}
	return f;
}

/* The next piece of BAR n from pos on that is no hole; false: none. */
static bool bar_piece(const struct pci_fn *f, unsigned n, uint64_t *pos, uint64_t *end)
{
	uint64_t size = align_up(f->bar[n].size, PAGE_SIZE);

	for (unsigned pass = 0; pass < PCI_HOLE_MAX; pass++) { /* holes may touch, in any order */
		for (unsigned i = 0; i < f->hole_count; i++) {
			const struct pci_hole *h = &f->hole[i];

			if (h->bar == n && *pos >= h->start && *pos < h->end) {
				*pos = h->end;
			}
		}
	}
	*end = size;
	for (unsigned i = 0; i < f->hole_count; i++) {
		if (f->hole[i].bar == n && f->hole[i].start > *pos && f->hole[i].start < *end) {
			*end = f->hole[i].start;
		}
	}
	return *pos < size;
}

static const struct cfg_region *region_over(const struct vm *vm, uint64_t addr, uint64_t size)
{
	for (unsigned i = 0; i < vm->cfg->region_count; i++) {
		const struct cfg_region *r = &vm->cfg->region[i];

		if (range_overlaps(r->ipa, r->size, addr, size)) {
			return r;
		}
	}
	return NULL;
}

static unsigned bar_map(const struct pci_fn *f, unsigned n)
{
	const struct pci_bar *b = &f->bar[n];
	const struct cfg_region *r = region_over(f->vm, b->cpu, align_up(b->size, PAGE_SIZE));
	uint64_t pos = 0;
	uint64_t end;

	if (r != NULL) {
		problem("pci-bar-free", "device %s: BAR%u at 0x%lx lies over region %s of partition %s; move the "
			"region", f->cfg->name, n, b->cpu, r->name, f->vm->cfg->name);
		return 1;
	}
	if (b->cpu + align_up(b->size, PAGE_SIZE) > BIT64(pgtable_bits(&f->vm->s2))) {
		problem("pci-bar-reach", "device %s: BAR%u of 0x%lx bytes fits only at 0x%lx, beyond the %u-bit "
			"addresses of a partition; use fewer or smaller devices", f->cfg->name, n, b->size, b->cpu,
			pgtable_bits(&f->vm->s2));
		return 1;
	}
	for (; bar_piece(f, n, &pos, &end); pos = end) {
		if (f->vm->bar_count >= VM_BAR_MAX) {
			problem("pci-bar-room", "device %s: partition %s has more device windows than VM_BAR_MAX %u; "
				"give it fewer devices", f->cfg->name, f->vm->cfg->name, (unsigned)VM_BAR_MAX);
			return 1;
		}
		vm_map_bar(f->vm, f->cfg->name, pa(b->cpu + pos), end - pos);
	}
	return 0;
}

/* Problems between this function and the ones assigned so far. */
static unsigned conflicts(const struct pci_fn *f)
{
	unsigned count = 0;

	for (unsigned i = 0; i < pci.fn_count; i++) {
		const struct pci_fn *o = &pci.fn[i];

		if (o->vm == NULL || o->vm == f->vm) {
			continue;
		}
		if (fn_group(o) == fn_group(f)) {
			problem("pci-isolated", "devices %s (partition %s) and %s (partition %s) cannot be told apart "
				"or can reach each other past the IOMMU at " PCI_BDF_FMT "; give both to one partition "
				"or move one to a slot of its own on bus 0", o->cfg->name, o->vm->cfg->name,
				f->cfg->name, f->vm->cfg->name, PCI_BDF_ARGS(fn_group(f)));
			count++;
		}
		if (f->irq != 0 && o->irq == f->irq) {
			problem("pci-intx-own", "devices %s (partition %s) and %s (partition %s) share interrupt %u; "
				"move one to another slot (slot mod 4 selects the line)", o->cfg->name,
				o->vm->cfg->name, f->cfg->name, f->vm->cfg->name, f->irq);
			count++;
		}
	}
	return count;
}

/* An interrupt of the board's own devices, or no shared interrupt at all. */
static bool irq_taken(const struct board *b, uint32_t irq)
{
	bool taken = irq < IRQ_SHARED || irq >= IRQ_MAX || irq == b->uart_irq;

	for (unsigned i = 0; i < b->unit_count && i < UNIT_MAX; i++) {
		taken |= irq == b->unit[i].evtq_irq || irq == b->unit[i].gerr_irq || irq == b->unit[i].sync_irq;
	}
	return taken;
}

static unsigned intx_assign(const struct board *b, const struct pci_fn *f)
{
	uint32_t virq;
	struct vm *owner;

	if (f->irq == 0) {
		return 0;
	}
	if (irq_taken(b, f->irq)) {
		problem("pci-intx-free", "device %s: interrupt %u cannot be given to a partition; correct the "
			"board's intx", f->cfg->name, f->irq);
		return 1;
	}
	owner = irq_owner(f->irq, &virq);
	if (owner == NULL) {
		irq_set_owner(f->irq, f->vm, f->irq, false);
	} else if (owner != f->vm) {
		problem("pci-intx-own", "device %s: its interrupt %u belongs to partition %s; move the device to "
			"another slot (slot mod 4 selects the line)", f->cfg->name, f->irq, owner->cfg->name);
		return 1;
	} else if (virq != f->irq) {
		problem("pci-intx-own", "device %s: its interrupt %u is configured as virtual interrupt %u; take "
			"the irq line out of partition %s", f->cfg->name, f->irq, virq, owner->cfg->name);
		return 1;
	}
	return 0;
}

/* Bridges forward for the owner; the function itself stays off until the owner turns it on. */
static void path_enable(const struct pci_fn *f)
{
	for (struct pci_fn *b = pci_fn_parent(f); b != NULL; b = pci_fn_parent(b)) {
		pci_fn_command(b, PCI_CMD_MEM | PCI_CMD_MASTER | PCI_CMD_INTX_OFF);
	}
}

/* As the partition finds it: all off, but INTx is the owner's now. */
static void fn_start(struct pci_fn *f)
{
	f->line = (uint8_t)f->irq;
	f->sizing = 0;
	f->devctl = f->devctl_boot;
	if (f->pcie != 0) {
		pci_write16(f->bdf, f->pcie + PCIE_DEVCTL, f->devctl);
	}
	pci_fn_command(f, 0);
	pci_msi_start(f);
	f->live = true;
}

static unsigned device_assign(const struct board *b, const struct cfg_device *d)
{
	struct vm *vm = &vms[d->owner];
	struct pci_fn *f = device_find(d, vm->cfg);
	unsigned problems;

	if (f == NULL) {
		return 1;
	}
	f->vm = vm;
	f->cfg = d;
	f->irq = fn_intx(&b->pci, f);
	problems = conflicts(f);
	if (problems == 0) {
		problems += intx_assign(b, f);
	}
	for (unsigned n = 0; n < PCI0_BAR_COUNT && problems == 0; n++) {
		if (f->bar[n].size != 0) {
			problems += bar_map(f, n);
		}
	}
	if (problems == 0) {
		alias_warn(f);
		path_enable(f);
		pci_msi_assign(f);
		fn_start(f);
	}
	return problems;
}

/* What only shows when all are assigned: who else is in the slot. */
static unsigned slot_check(struct pci_fn *f)
{
	bool zero = false;

	for (unsigned i = 0; i < pci.fn_count; i++) {
		const struct pci_fn *o = &pci.fn[i];

		if (o->vm == f->vm && (o->bdf | 7u) == (f->bdf | 7u)) {
			f->multi |= o != f;
			zero |= (o->bdf & 7u) == 0;
		}
	}
	if (!zero) {
		problem("pci-function-zero", "device %s at " PCI_BDF_FMT ": partition %s does not own function 0 of "
			"the slot, so no driver would look for it; assign function 0 too or use a slot of its own",
			f->cfg->name, PCI_BDF_ARGS(f->bdf), f->vm->cfg->name);
		return 1;
	}
	return 0;
}

unsigned pci_assign(const struct hyp_config *cfg)
{
	const struct board_pci *host = &cfg->board.pci;
	bool sees[VM_MAX] = { false };
	unsigned problems = 0;

	for (unsigned i = 0; i < cfg->device_count; i++) {
		const struct cfg_device *d = &cfg->device[i];

		if (d->kind == CFG_DEV_PCI && d->owner < vm_count) {
			problems += device_assign(&cfg->board, d);
		} else if (d->kind == CFG_DEV_PCI && pci_fn_find(d->bdf) == NULL) {
			log_warn("pci: device %s: no function at " PCI_BDF_FMT "; nobody owns it, so this is "
				 "harmless", d->name, PCI_BDF_ARGS(d->bdf));
		}
	}
	for (unsigned i = 0; i < pci.fn_count; i++) {
		struct pci_fn *f = &pci.fn[i];

		if (f->vm != NULL) {
			problems += slot_check(f);
			sees[f->vm->index] = true;
		}
	}
	for (unsigned v = 0; v < vm_count; v++) {
		if (sees[v]) {
			vm_trap_add(&vms[v], host->ecam, host->ecam_size, VM_TRAP_ECAM);
		}
	}
	return problems;
}

static void fn_report(const struct pci_fn *f)
{
	char text[160];
	size_t used = 0;

	text[0] = '\0';
	for (unsigned n = 0; n < PCI0_BAR_COUNT && used < sizeof(text); n++) {
		if (f->bar[n].size != 0) {
			used += hyp_snprintf(text + used, sizeof(text) - used, ", BAR%u 0x%lx+0x%lx", n,
					     f->bar[n].cpu, f->bar[n].size);
		}
	}
	if (f->irq != 0 && used < sizeof(text)) {
		used += hyp_snprintf(text + used, sizeof(text) - used, ", INTx %u", f->irq);
	}
	if (f->msi.count != 0 && used < sizeof(text)) {
		(void)hyp_snprintf(text + used, sizeof(text) - used, ", %u messages", f->msi.count);
	}
	log_info("pci " PCI_BDF_FMT " %04x:%04x %s -> %s%s%s%s", PCI_BDF_ARGS(f->bdf), f->id & 0xffffu, f->id >> 16,
		 f->cfg != NULL ? f->cfg->name : (f->bridge ? "bridge" : "unnamed"),
		 f->vm != NULL ? f->vm->cfg->name : "nobody", text,
		 f->bad != NULL ? ", disabled: " : "", f->bad != NULL ? f->bad : "");
}

void pci_report(void)
{
	for (unsigned i = 0; i < pci.fn_count; i++) {
		fn_report(&pci.fn[i]);
	}
}

/* Bus mastering first, decoding once that is done. */
static void fn_stop(struct pci_fn *f)
{
	spin_lock(&pci.lock);
	f->live = false;
	pci_fn_command(f, (f->command & ~PCI_CMD_MASTER) | PCI_CMD_INTX_OFF);
	pci_fn_command(f, PCI_CMD_INTX_OFF);
	pci_msi_stop(f);
	spin_unlock(&pci.lock);
}

/* Requests already under way; the unit judges them either way, so a device that never ends is only logged. */
static void fn_drain(const struct pci_fn *f)
{
	uint64_t deadline = arch_time_us() + PCI_RESET_US;

	while ((pci_read16(f->bdf, f->pcie + PCIE_DEVSTA) & PCIE_DEVSTA_PENDING) != 0) {
		if (arch_time_us() > deadline) {
			log_warn("pci: device %s of stopped partition %s still has requests pending",
				 f->cfg->name, f->vm->cfg->name);
			return;
		}
	}
}

static bool fn_flr(struct pci_fn *f)
{
	if (!f->flr) {
		return false;
	}
	spin_lock(&pci.lock);
	pci_write16(f->bdf, f->pcie + PCIE_DEVCTL, (uint16_t)(f->devctl | PCIE_DEVCTL_FLR));
	spin_unlock(&pci.lock);
	return true;
}

void pci_vm_stop(struct vm *vm)
{
	bool reset = false;
	uint64_t deadline;

	for (unsigned i = 0; i < pci.fn_count; i++) {
		if (pci.fn[i].vm == vm) {
			fn_stop(&pci.fn[i]);
		}
	}
	for (unsigned i = 0; i < pci.fn_count; i++) {
		if (pci.fn[i].vm == vm && pci.fn[i].pcie != 0) {
			fn_drain(&pci.fn[i]);
			reset |= fn_flr(&pci.fn[i]);
		}
	}
	if (!reset) {
		return;
	}
	deadline = arch_time_us() + PCI_RESET_US; /* no access before [PCIe 6.6.2] */
	while (arch_time_us() <= deadline) {
	}
	for (unsigned i = 0; i < pci.fn_count; i++) {
		struct pci_fn *f = &pci.fn[i];

		if (f->vm == vm && f->flr) {
			spin_lock(&pci.lock);
			pci_fn_command(f, PCI_CMD_INTX_OFF);
			pci_cap_quiet(f->bdf);
			pci_bar_write(f);
			spin_unlock(&pci.lock);
		}
	}
}

void pci_vm_start(struct vm *vm)
{
	spin_lock(&pci.lock);
	for (unsigned i = 0; i < pci.fn_count; i++) {
		if (pci.fn[i].vm == vm) {
			fn_start(&pci.fn[i]);
		}
	}
	spin_unlock(&pci.lock);
}
