/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding what is on PCI. Owns the table of functions and every access to configuration space. There is no
 * firmware on this board, and after a warm restart there is the state a previous owner left: so everything
 * that answers is turned off first (bus mastering, decoding, every kind of message interrupt, address
 * translation by the device), then buses are numbered depth first, then BARs are placed (pci_bar.c).
 * A function stays off until its owner turns it on through pci_cfg.c [I1]. What stands on a root bus of its
 * own (expander bridge) may bypass the unit and is never given to anybody [I3]. A device can answer anything:
 * every loop has a constant bound [I6], and a function whose answers make no sense is left off.
 */
#include <hyp/pci_priv.h>

#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <hyp/log.h>
#include <hyp/mmio.h>
#include <hyp/string.h>

enum { BUS_MAX = 256, DEVFN_MAX = 256, EXPANDER_MAX = 16, VENDOR_NONE = 0xffff };

struct pci_state pci;

/* ECAM [PCIe 7.2.2]: one page per function. bdf is on a bus inside the window: the callers see to that. */
static uintptr_t pci_reg(uint16_t bdf, unsigned reg)
{
	return pci.ecam + (((uintptr_t)bdf - ((uintptr_t)pci.bus_first << 8)) << 12) + reg;
}

uint32_t pci_read32(uint16_t bdf, unsigned reg)
{
	return arch_mmio_read32(pci_reg(bdf, reg));
}

uint16_t pci_read16(uint16_t bdf, unsigned reg)
{
	return arch_mmio_read16(pci_reg(bdf, reg));
}

uint8_t pci_read8(uint16_t bdf, unsigned reg)
{
	return arch_mmio_read8(pci_reg(bdf, reg));
}

void pci_write32(uint16_t bdf, unsigned reg, uint32_t v)
{
	arch_mmio_write32(pci_reg(bdf, reg), v);
}

void pci_write16(uint16_t bdf, unsigned reg, uint16_t v)
{
	arch_mmio_write16(pci_reg(bdf, reg), v);
}

struct pci_fn *pci_fn_find(uint16_t bdf)
{
	for (unsigned i = 0; i < pci.fn_count; i++) {
		if (pci.fn[i].bdf == bdf) {
			return &pci.fn[i];
		}
	}
	return NULL;
}

struct pci_fn *pci_fn_parent(const struct pci_fn *f)
{
	return f->parent == PCI_NONE ? NULL : &pci.fn[f->parent];
}

/* 16 bits wide, so that the write-one-to-clear bits of the status register beside it are left alone. */
void pci_fn_command(struct pci_fn *f, uint32_t v)
{
	f->command = (uint16_t)v;
	pci_write16(f->bdf, PCI_COMMAND, f->command);
}

static uint16_t bdf_make(unsigned bus, unsigned devfn)
{
	return (uint16_t)(bus << 8 | devfn);
}

static bool fn_present(uint16_t bdf)
{
	return (pci_read32(bdf, PCI_ID) & 0xffffu) != VENDOR_NONE;
}

static unsigned header_layout(uint16_t bdf)
{
	return (unsigned)FIELD_GET(PCI_HEADER_LAYOUT, pci_read32(bdf, PCI_HEADER));
}

/* A single-function device may answer for all eight numbers [PCI 3.2.2.3.4]. */
static bool slot_single(uint16_t bdf)
{
	uint16_t first = bdf & (uint16_t)~7u;

	return fn_present(first) && (pci_read32(first, PCI_HEADER) & PCI_HEADER_MULTI) == 0;
}

/* Silence, first of all bus mastering. Idempotent. */
static void fn_quiet(uint16_t bdf)
{
	unsigned layout = header_layout(bdf);

	pci_write16(bdf, PCI_COMMAND, PCI_CMD_INTX_OFF);
	if (layout <= 1) {
		pci_cap_quiet(bdf);
		pci_write32(bdf, layout == 0 ? PCI0_ROM : PCI1_ROM, 0);
	}
	if (layout == 1) {
		pci_write16(bdf, PCI1_CONTROL, 0);
	}
}

/* Turns off what is there and takes a bridge's bus numbers away: nothing answers behind it any more. */
static void fn_reset(uint16_t bdf)
{
	fn_quiet(bdf);
	if (header_layout(bdf) == 1) {
		pci_write32(bdf, PCI1_BUSES, 0);
	}
}

static void fn_expander(uint16_t bdf)
{
	struct pci_fn *f;

	fn_quiet(bdf);
	if (pci.bus_limit >= (bdf >> 8)) {
		pci.bus_limit = (bdf >> 8) - 1u; /* no bridge may be given a number that is taken */
	}
	if (pci.fn_count == EXPANDER_MAX) { /* the first in the table: leave room for the others */
		pci.untracked++;
		return;
	}
	log_warn("pci: function at " PCI_BDF_FMT " is on a bus of its own (expander bridge): it may "
		 "bypass every unit; not assignable", PCI_BDF_ARGS(bdf));
	f = &pci.fn[pci.fn_count++];
	*f = (struct pci_fn){ .bdf = bdf, .parent = PCI_NONE, .expander = true, .id = pci_read32(bdf, PCI_ID),
			      .bad = "it is on a bus of its own (expander bridge) and may bypass every unit" };
}

typedef void visit_fn(uint16_t bdf);

/* Calls visit for all that answers on a bus whose slots are populated from function 0 up. */
static bool bus_visit(unsigned bus, visit_fn *visit)
{
	bool any = false;

	for (unsigned devfn = 0; devfn < DEVFN_MAX; devfn++) {
		uint16_t bdf = bdf_make(bus, devfn);
		bool here = fn_present(bdf);

		if (here) {
			visit(bdf);
			any = true;
		}
		if ((devfn & 7u) == 0 && (!here || slot_single(bdf))) {
			devfn |= 7u;
		}
	}
	return any;
}

/*
 * Highest bus first: a bus behind a bridge has a higher number than the one it is on, so its functions are
 * silenced before the bridge forgets how to reach them. What still answers afterwards on another bus than
 * the first is behind no bridge.
 */
static void buses_reset(void)
{
	bool others = false;

	for (unsigned bus = pci.bus_last; bus > pci.bus_first; bus--) {
		others |= bus_visit(bus, fn_reset);
	}
	(void)bus_visit(pci.bus_first, fn_reset);
	for (unsigned bus = pci.bus_last; others && bus > pci.bus_first; bus--) {
		(void)bus_visit(bus, fn_expander);
	}
}

/* Closes every window of a bridge: it forwards nothing until pci_bar.c opens one. */
static void bridge_close(uint16_t bdf)
{
	pci_write16(bdf, PCI1_IO, PCI1_IO_CLOSED);
	pci_write32(bdf, PCI1_IO_UP, 0);
	pci_write32(bdf, PCI1_MEM, PCI1_MEM_CLOSED);
	pci_write32(bdf, PCI1_PREF, PCI1_MEM_CLOSED);
	pci_write32(bdf, PCI1_PREF_BASE_UP, 0);
	pci_write32(bdf, PCI1_PREF_LIMIT_UP, 0);
}

static bool bridge_has_pref64(const struct pci_fn *f)
{
	const struct pci_fn *p = pci_fn_parent(f);

	return (pci_read32(f->bdf, PCI1_PREF) & BITS32(3, 0)) == PCI1_PREF_64 && (p == NULL || p->pref64);
}

/* Reads who the function is. Its registers are read once: what is remembered cannot change any more. */
static void fn_probe(struct pci_fn *f)
{
	unsigned layout = header_layout(f->bdf);

	fn_quiet(f->bdf);
	f->command = PCI_CMD_INTX_OFF;
	f->id = pci_read32(f->bdf, PCI_ID);
	f->class_rev = pci_read32(f->bdf, PCI_CLASS);
	f->pin = (uint8_t)(pci_read32(f->bdf, PCI_INTERRUPT) >> 8);
	if (layout > 1) {
		f->bad = "its header layout is unknown";
		return;
	}
	if (f->pin > 4) {
		f->bad = "its Interrupt Pin register is not 0 to 4";
		f->pin = 0;
	}
	f->bridge = layout == 1;
	if (f->bridge) {
		bridge_close(f->bdf);
		f->pref64 = bridge_has_pref64(f);
	} else {
		f->subsystem = pci_read32(f->bdf, PCI0_SUBSYSTEM);
	}
	pci_cap_init(f);
	if (f->bridge) {
		pci_cap_port_isolate(f);
	}
}

/* Where the depth-first walk is. */
struct walk {
	unsigned bus;
	unsigned devfn;   /* next to look at */
	int bridge;       /* whose secondary bus this is */
	unsigned depth;
	unsigned bus_used; /* highest number given out */
};

static void buses_write(const struct pci_fn *f, unsigned subordinate)
{
	uint32_t v = (uint32_t)subordinate << 16 | (uint32_t)f->secondary << 8 | (f->bdf >> 8);

	pci_write32(f->bdf, PCI1_BUSES, v);
}

/* Gives the bridge a bus number and goes behind it. False: what is behind stays unreachable. */
static bool walk_enter(struct walk *w, unsigned index)
{
	struct pci_fn *f = &pci.fn[index];
	uint32_t numbers;

	if (f->bad != NULL) {
		return false;
	}
	if (w->depth == PCI_DEPTH_MAX || w->bus_used >= pci.bus_limit) {
		f->bad = w->depth == PCI_DEPTH_MAX ? "it is behind too many bridges" : "no bus number is left";
		return false;
	}
	f->secondary = (uint8_t)(w->bus_used + 1);
	buses_write(f, pci.bus_limit);
	numbers = pci_read32(f->bdf, PCI1_BUSES) & PCI1_BUSES_NUMBERS;
	if (numbers != (pci.bus_limit << 16 | (uint32_t)f->secondary << 8 | (f->bdf >> 8))) {
		pci_write32(f->bdf, PCI1_BUSES, 0);
		f->secondary = 0;
		f->bad = "it does not keep its bus numbers";
		return false;
	}
	w->bus_used = f->secondary;
	*w = (struct walk){ f->secondary, 0, (int)index, w->depth + 1, w->bus_used };
	return true;
}

/* Back to the bus the bridge is on, at the function after it. */
static void walk_leave(struct walk *w)
{
	const struct pci_fn *f = &pci.fn[w->bridge];

	buses_write(f, w->bus_used);
	*w = (struct walk){ f->bdf >> 8, (f->bdf & 0xffu) + 1, f->parent, w->depth - 1, w->bus_used };
}

/* Looks at one function number; true if it led behind a bridge. */
static bool walk_look(struct walk *w)
{
	unsigned devfn = w->devfn++;
	uint16_t bdf = bdf_make(w->bus, devfn);
	struct pci_fn *f;

	if ((devfn & 7u) != 0 && slot_single(bdf)) {
		w->devfn = (devfn | 7u) + 1;
		return false;
	}
	if (!fn_present(bdf)) {
		return false;
	}
	if (pci.fn_count == PCI_FUNCTION_MAX) {
		fn_reset(bdf);
		pci.untracked++;
		return false;
	}
	f = &pci.fn[pci.fn_count++];
	*f = (struct pci_fn){ .bdf = bdf, .parent = (int16_t)w->bridge };
	fn_probe(f);
	return f->bridge && walk_enter(w, (unsigned)(f - pci.fn));
}

/* Every step either passes a function number or enters one of PCI_FUNCTION_MAX bridges: it ends [I6]. */
static void walk_all(void)
{
	struct walk w = { .bus = pci.bus_first, .bridge = PCI_NONE, .bus_used = pci.bus_first };

	for (;;) {
		while (w.devfn < DEVFN_MAX) {
			(void)walk_look(&w);
		}
		if (w.bridge == PCI_NONE) {
			return;
		}
		walk_leave(&w);
	}
}

static void report_bad(void)
{
	for (unsigned i = 0; i < pci.fn_count; i++) {
		const struct pci_fn *f = &pci.fn[i];

		if (f->bad != NULL && !f->expander) {
			log_warn("pci: " PCI_BDF_FMT " %04x:%04x stays disabled: %s", PCI_BDF_ARGS(f->bdf),
				 f->id & 0xffffu, f->id >> 16, f->bad);
		}
	}
	if (pci.untracked != 0) {
		log_warn("pci: %u more functions than there is room for stay disabled (PCI_FUNCTION_MAX %u)",
			 pci.untracked, (unsigned)PCI_FUNCTION_MAX);
	}
}

int pci_init(const struct board_pci *host)
{
	uint64_t buses = host->ecam_size >> 20;
	int err;

	memset(&pci, 0, sizeof(pci));
	if (!host->present) {
		return 0;
	}
	if (!range_ok(host->ecam, host->ecam_size) || buses == 0 || host->bus_first > host->bus_last) {
		log_error("pci: the ECAM window or the bus range of the board is empty");
		return -BH_EINVAL;
	}
	err = arch_hyp_map(pa(host->ecam), host->ecam_size, PROT_READ | PROT_WRITE | PROT_DEVICE);
	if (err != 0) {
		return err;
	}
	pci.host = host;
	pci.ecam = (uintptr_t)host->ecam;
	pci.bus_first = host->bus_first;
	pci.bus_last = host->bus_last;
	if (buses < BUS_MAX && pci.bus_last > pci.bus_first + (unsigned)buses - 1) {
		pci.bus_last = pci.bus_first + (unsigned)buses - 1;
	}
	pci.bus_limit = pci.bus_last;
	buses_reset();
	walk_all();
	err = pci_bar_place_all(host);
	report_bad();
	return err;
}
