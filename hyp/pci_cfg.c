/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration space a partition sees. Every dword has a view: which bits come from the hardware, which
 * are fixed, which the partition may change; what no view names reads 0 and ignores writes, and what is not
 * the partition's reads all ones. So nothing a guest writes can move a BAR, renumber a bus, or turn on
 * SR-IOV, ATS, PRI or PASID [I3]; what it writes about messages goes no further than pci_msi.c. One lock around
 * each access: two vCPUs of one partition cannot interleave.
 *
 * BARs: the device's own size can be read (all ones written, then read), but any other value written is
 * dropped and the register reads back where the BAR is. A guest OS must keep the addresses it finds
 * (Linux: linux,pci-probe-only = <1> in its device tree).
 */
#include <hyp/pci_priv.h>

/* The guest's part of each register; I/O space does not exist for partitions. */
#define CMD_GUEST    (PCI_CMD_MEM | PCI_CMD_MASTER | PCI_CMD_PARITY | PCI_CMD_SERR | PCI_CMD_INTX_OFF)
/* Not No Snoop: what a device writes past our caches would be found old in them. */
#define DEVCTL_GUEST (PCIE_DEVCTL_RELAXED | PCIE_DEVCTL_MRRS)

#define HEADER_END 0x40u
#define ALL_ONES   (~(uint64_t)0)

/* One dword reads as (hardware & show) | fixed. Nothing to show: the hardware is not touched. */
struct view {
	uint32_t show;
	uint32_t fixed;
};

/* A function that is somebody else's, stopped or not there looks the same. */
static struct pci_fn *fn_of(const struct vm *vm, uint64_t off)
{
	uint64_t n = (off >> 12) + ((uint64_t)pci.bus_first << 8);
	struct pci_fn *f = n > 0xffff ? NULL : pci_fn_find((uint16_t)n);

	return f != NULL && f->vm == vm && f->live ? f : NULL;
}

/* The address, or after all ones were written the size [PCIe 7.5.1.2.1]. */
static uint32_t bar_value(const struct pci_fn *f, unsigned n)
{
	const struct pci_bar *b = &f->bar[f->bar[n].upper ? n - 1 : n];
	uint64_t v = (f->sizing & BIT32(n)) != 0 ? ~(b->size - 1) : b->addr;

	if (b->size == 0) {
		return 0;
	}
	return f->bar[n].upper ? (uint32_t)(v >> 32) : (uint32_t)v | b->flags;
}

static struct view header_view(const struct pci_fn *f, unsigned reg)
{
	uint32_t first = f->seen_count == 0 ? 0 : f->seen[0].pos;

	switch (reg) {
	case PCI_ID:
		return (struct view){ 0, f->id };
	case PCI_COMMAND: /* and status */
		return (struct view){ CMD_GUEST | (BITS32(31, 16) & ~(PCI_STATUS_CAPS << 16)),
				      first != 0 ? PCI_STATUS_CAPS << 16 : 0 };
	case PCI_CLASS:
		return (struct view){ 0, f->class_rev };
	case PCI_HEADER:
		return (struct view){ 0, f->multi ? PCI_HEADER_MULTI : 0 };
	case PCI0_SUBSYSTEM:
		return (struct view){ 0, f->subsystem };
	case PCI_CAP_PTR:
		return (struct view){ 0, first };
	case PCI_INTERRUPT:
		return (struct view){ 0, (uint32_t)f->pin << 8 | f->line };
	default:
		break;
	}
	if (reg >= PCI_BAR(0) && reg < PCI_BAR(PCI0_BAR_COUNT)) {
		return (struct view){ 0, bar_value(f, (reg - PCI_BAR(0)) / 4) };
	}
	return (struct view){ 0, 0 };
}

static bool is_message(const struct pci_seen *c)
{
	return PCI_MSI && (c->id == PCI_CAP_MSI || c->id == PCI_CAP_MSIX);
}

static const struct pci_seen *seen_find(const struct pci_fn *f, unsigned reg)
{
	for (unsigned i = 0; i < f->seen_count; i++) {
		if (reg >= f->seen[i].pos && reg < f->seen[i].end) {
			return &f->seen[i];
		}
	}
	return NULL;
}

/* The list is our own: it links what is shown, in the device's order. */
static struct view cap_view(const struct pci_fn *f, unsigned reg)
{
	const struct pci_seen *c = seen_find(f, reg);

	if (c == NULL) {
		return (struct view){ 0, 0 };
	}
	if (is_message(c)) {
		uint32_t list = reg == c->pos ? (uint32_t)c->next << 8 | c->id : 0;

		return (struct view){ 0, pci_msi_read(f, c->id, reg - c->pos) | list };
	}
	if (reg == c->pos) {
		return (struct view){ BITS32(31, 16), (uint32_t)c->next << 8 | c->id };
	}
	if (c->id == PCI_CAP_PCIE && reg == c->pos + PCIE_DEVCAP) {
		return (struct view){ ~(PCIE_DEVCAP_FLR | PCIE_DEVCAP_PHANTOM), 0 };
	}
	return (struct view){ ~0u, 0 };
}

static uint32_t dword_read(const struct pci_fn *f, unsigned reg)
{
	struct view v = reg < HEADER_END ? header_view(f, reg) : cap_view(f, reg);

	return (v.show == 0 ? 0 : pci_read32(f->bdf, reg) & v.show) | v.fixed;
}

/* Old with the bits of mask replaced by those of v. */
static uint16_t merge16(uint16_t old, uint32_t v, uint32_t mask)
{
	return (uint16_t)((old & ~mask) | (v & mask));
}

/*
 * Control registers sit beside write-one-to-clear status registers in one dword: each half is written on its
 * own, and only if the guest wrote to it. lanes: the bits of the dword the guest's access covers.
 */
static void command_write(struct pci_fn *f, uint32_t v, uint32_t lanes)
{
	uint32_t clear = ((v & lanes) >> 16) & PCI_STATUS_W1C;

	if ((lanes & CMD_GUEST) != 0) {
		pci_fn_command(f, merge16(f->command, v, lanes & CMD_GUEST));
	}
	if (clear != 0) {
		pci_write16(f->bdf, PCI_STATUS, (uint16_t)clear);
	}
}

static void devctl_write(struct pci_fn *f, uint32_t v, uint32_t lanes)
{
	uint32_t clear = ((v & lanes) >> 16) & PCIE_DEVSTA_W1C;

	if ((lanes & DEVCTL_GUEST) != 0) {
		f->devctl = merge16(f->devctl, v, lanes & DEVCTL_GUEST);
		pci_write16(f->bdf, f->pcie + PCIE_DEVCTL, f->devctl);
	}
	if (clear != 0) {
		pci_write16(f->bdf, f->pcie + PCIE_DEVSTA, (uint16_t)clear);
	}
}

/* Only whole-dword writes change anything, and only what a read returns. */
static void bar_sizing(struct pci_fn *f, unsigned n, uint32_t v, uint32_t lanes)
{
	uint8_t bit = (uint8_t)BIT32(n);

	if (lanes != ~0u) {
		return;
	}
	if ((v | PCI_BAR_FLAGS) == ~0u) {
		f->sizing |= bit;
	} else {
		f->sizing &= (uint8_t)~bit;
	}
}

static void cap_write(struct pci_fn *f, unsigned reg, uint32_t v, uint32_t lanes)
{
	const struct pci_seen *c = seen_find(f, reg);

	if (c != NULL && is_message(c)) {
		pci_msi_write(f, c->id, reg - c->pos, v, lanes);
	} else if (c != NULL && f->pcie != 0 && reg == f->pcie + PCIE_DEVCTL) {
		devctl_write(f, v, lanes);
	}
}

static void dword_write(struct pci_fn *f, unsigned reg, uint32_t v, uint32_t lanes)
{
	if (reg == PCI_COMMAND) {
		command_write(f, v, lanes);
	} else if (reg >= PCI_BAR(0) && reg < PCI_BAR(PCI0_BAR_COUNT)) {
		bar_sizing(f, (reg - PCI_BAR(0)) / 4, v, lanes);
	} else if (reg == PCI_INTERRUPT) {
		f->line = (uint8_t)merge16(f->line, v, lanes & 0xffu);
	} else if (reg >= HEADER_END) {
		cap_write(f, reg, v, lanes);
	}
}

void pci_cfg_access(struct vm *vm, uint64_t off, struct mmio *m)
{
	unsigned reg = (unsigned)off & 0xffcu;
	unsigned shift = ((unsigned)off & 3u) * 8;
	bool whole = (m->size == 1 || m->size == 2 || m->size == 4) && (off & (m->size - 1u)) == 0;
	uint32_t lanes = whole ? BITS32(m->size * 8u - 1, 0) : 0;
	struct pci_fn *f;

	spin_lock(&pci.lock);
	f = whole ? fn_of(vm, off) : NULL;
	if (f != NULL && m->write) {
		dword_write(f, reg, ((uint32_t)m->value & lanes) << shift, lanes << shift);
	} else if (f != NULL) {
		m->value = (dword_read(f, reg) >> shift) & lanes;
	} else if (!m->write) {
		m->value = m->size != 0 && m->size < 8 ? BITS64(m->size * 8u - 1, 0) : ALL_ONES;
	}
	spin_unlock(&pci.lock);
}
