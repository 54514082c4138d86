/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizing and placing BARs. Owns the addresses of PCI memory: every BAR starts on a page of its own and its
 * last page holds nothing else, so two owners never share a page [I2]; a bridge's window covers exactly what
 * is behind it. Nothing is moved after the boot. I/O BARs get no address: I/O decoding is never turned on.
 * A function whose BARs make no sense or do not fit stays disabled, alone.
 */
#include <hyp/pci_priv.h>

#include <bulkhead/errno.h>
#include <hyp/log.h>

enum { SPACE_LOW, SPACE_HIGH, SPACE_COUNT };

#define BRIDGE_ALIGN MIB(1)  /* granularity of a bridge's windows [PCIe 7.5.1.3.6] */
#define BUS_TOP      BIT64(52)

/* What is left of a host bridge window, in bus addresses. */
struct space {
	uint64_t next;
	uint64_t end;    /* 0: there is no such window */
	uint64_t to_cpu; /* CPU address = bus address + to_cpu, modulo 2^64 */
};

/* The open windows of a bridge: where they started. */
struct placer {
	struct space space[SPACE_COUNT];
	uint64_t start[PCI_DEPTH_MAX][SPACE_COUNT];
	int bridge[PCI_DEPTH_MAX];
	unsigned depth;
};

static bool window_ok(const struct board_pci_window *w)
{
	return range_ok(w->pci, w->size) && range_ok(w->cpu, w->size) && w->pci + w->size <= BUS_TOP &&
	       w->cpu + w->size <= BUS_TOP && (w->cpu & PAGE_MASK) == (w->pci & PAGE_MASK) &&
	       (w->kind != PCI_WINDOW_MEM32 || w->pci + w->size <= GIB(4));
}

/* Whole MiB only, so that closing a bridge's window always fits; not at 0, which means "no address". */
static int space_init(struct space *s, const struct board_pci_window *w)
{
	if (!window_ok(w)) {
		log_error("pci: the board's window at bus address 0x%lx wraps or is out of range", w->pci);
		return -BH_EINVAL;
	}
	s->next = align_up(w->pci == 0 ? 1 : w->pci, BRIDGE_ALIGN);
	s->end = align_down(w->pci + w->size, BRIDGE_ALIGN);
	s->to_cpu = w->cpu - w->pci;
	return 0;
}

/* False: it does not fit. size is a power of two of at least a page. */
static bool space_get(struct space *s, uint64_t size, uint64_t *addr)
{
	if (size > BUS_TOP || s->next >= s->end) {
		return false;
	}
	*addr = align_up(s->next, size);
	if (*addr >= s->end || size > s->end - *addr) {
		return false;
	}
	s->next = *addr + size;
	return true;
}

static void bar_write(uint16_t bdf, unsigned n, const struct pci_bar *b)
{
	pci_write32(bdf, PCI_BAR(n), (uint32_t)b->addr);
	if ((b->flags & PCI_BAR_TYPE) >> 1 == PCI_BAR_TYPE_64) {
		pci_write32(bdf, PCI_BAR(n + 1), (uint32_t)(b->addr >> 32));
	}
}

void pci_bar_write(const struct pci_fn *f)
{
	for (unsigned n = 0; n < PCI0_BAR_COUNT; n++) {
		if (f->bar[n].size != 0) {
			bar_write(f->bdf, n, &f->bar[n]);
		}
	}
}

/* All ones in, mask out; then 0, so that nothing stays where the sizing put it. Decoding is off. */
static uint32_t bar_probe(uint16_t bdf, unsigned n)
{
	uint32_t mask;

	pci_write32(bdf, PCI_BAR(n), ~0u);
	mask = pci_read32(bdf, PCI_BAR(n));
	pci_write32(bdf, PCI_BAR(n), 0);
	return mask;
}

/* Reads BAR n, with its upper half if it has one. Returns why it cannot be used, or NULL. [PCIe 7.5.1.2.1] */
static const char *bar_size(struct pci_fn *f, unsigned n, unsigned count)
{
	struct pci_bar *b = &f->bar[n];
	uint32_t low = bar_probe(f->bdf, n);
	uint64_t mask = (low & ~PCI_BAR_FLAGS) | ~(uint64_t)0 << 32;
	unsigned type = (low & PCI_BAR_TYPE) >> 1;

	if (low == 0 || (low & PCI_BAR_IO) != 0) {
		return NULL;
	}
	b->flags = low & PCI_BAR_FLAGS;
	if (type == PCI_BAR_TYPE_64) {
		if (n + 1 == count) {
			return "the upper half of its last BAR is missing";
		}
		f->bar[n + 1].upper = true;
		mask = (uint64_t)bar_probe(f->bdf, n + 1) << 32 | (low & ~PCI_BAR_FLAGS);
	} else if (type != PCI_BAR_TYPE_32) {
		return "the type of a BAR is reserved";
	}
	b->size = ~mask + 1;
	if (mask == 0 || (b->size & (b->size - 1)) != 0 || (type == PCI_BAR_TYPE_32 && b->size > GIB(2))) {
		b->size = 0;
		return "the size of a BAR is not a power of two";
	}
	return NULL;
}

/* Reads all BARs of a function; every BAR register is 0 afterwards. */
static void bars_size(struct pci_fn *f)
{
	unsigned count = f->bridge ? PCI1_BAR_COUNT : PCI0_BAR_COUNT;

	for (unsigned n = 0; n < count; n++) {
		const char *bad = f->bar[n].upper ? NULL : bar_size(f, n, count);

		if (bad != NULL && f->bad == NULL) {
			f->bad = bad;
		}
	}
}

/* Where a BAR may go: 64-bit ones anywhere on the root bus, behind bridges only if prefetchable there. */
static bool bar_may_high(const struct pci_fn *f, const struct pci_bar *b)
{
	const struct pci_fn *p = pci_fn_parent(f);

	return (b->flags & PCI_BAR_TYPE) >> 1 == PCI_BAR_TYPE_64 &&
	       (p == NULL || (p->pref64 && (b->flags & PCI_BAR_PREFETCH) != 0));
}

/* Below 4 GiB while there is room: every partition's stage 2 and every 32-bit guest reaches that. */
static bool bar_alloc(struct placer *pl, const struct pci_fn *f, struct pci_bar *b)
{
	uint64_t size = b->size < PAGE_SIZE ? PAGE_SIZE : b->size;
	const struct space *got = &pl->space[SPACE_LOW];

	if (!space_get(&pl->space[SPACE_LOW], size, &b->addr)) {
		got = &pl->space[SPACE_HIGH];
		if (!bar_may_high(f, b) || !space_get(&pl->space[SPACE_HIGH], size, &b->addr)) {
			return false;
		}
	}
	b->cpu = b->addr + got->to_cpu;
	return true;
}

/* The register keeps what was written, or the function is not to be trusted with an address. */
static bool bar_kept(const struct pci_fn *f, unsigned n)
{
	const struct pci_bar *b = &f->bar[n];
	bool wide = (b->flags & PCI_BAR_TYPE) >> 1 == PCI_BAR_TYPE_64;

	return pci_read32(f->bdf, PCI_BAR(n)) == ((uint32_t)b->addr | b->flags) &&
	       (!wide || pci_read32(f->bdf, PCI_BAR(n + 1)) == (uint32_t)(b->addr >> 32));
}

static void bars_place(struct placer *pl, struct pci_fn *f)
{
	for (unsigned n = 0; n < PCI0_BAR_COUNT && f->bad == NULL; n++) {
		if (f->bar[n].size == 0) {
			continue;
		}
		if (!bar_alloc(pl, f, &f->bar[n])) {
			f->bad = "its BARs do not fit in the host bridge's windows";
			break;
		}
		bar_write(f->bdf, n, &f->bar[n]);
		if (!bar_kept(f, n)) {
			f->bad = "a BAR does not keep its address";
		}
	}
}

/* What is disabled has no address, whatever happens to its decoding. */
static void bars_clear(struct pci_fn *f)
{
	for (unsigned n = 0; n < (f->bridge ? PCI1_BAR_COUNT : PCI0_BAR_COUNT); n++) {
		pci_write32(f->bdf, PCI_BAR(n), 0);
		f->bar[n] = (struct pci_bar){ 0 };
	}
}

static void bridge_open(struct placer *pl, unsigned index)
{
	for (unsigned s = 0; s < SPACE_COUNT; s++) {
		pl->space[s].next = align_up(pl->space[s].next, BRIDGE_ALIGN);
		pl->start[pl->depth][s] = pl->space[s].next;
	}
	pl->bridge[pl->depth++] = (int)index;
}

/* Base in [15:4], limit in [31:20] of the register: address bits 31:20 of both. */
static uint32_t window_make(uint64_t start, uint64_t last)
{
	return (uint32_t)(((start >> 16) & 0xfff0u) | (last & 0xfff00000u));
}

static void bridge_shut(struct placer *pl)
{
	const struct pci_fn *f = &pci.fn[pl->bridge[--pl->depth]];
	const uint64_t *start = pl->start[pl->depth];
	uint64_t last;

	for (unsigned s = 0; s < SPACE_COUNT; s++) {
		pl->space[s].next = align_up(pl->space[s].next, BRIDGE_ALIGN);
	}
	if (pl->space[SPACE_LOW].next != start[SPACE_LOW]) {
		last = pl->space[SPACE_LOW].next - 1;
		pci_write32(f->bdf, PCI1_MEM, window_make(start[SPACE_LOW], last));
	}
	if (pl->space[SPACE_HIGH].next != start[SPACE_HIGH]) {
		last = pl->space[SPACE_HIGH].next - 1;
		pci_write32(f->bdf, PCI1_PREF_BASE_UP, (uint32_t)(start[SPACE_HIGH] >> 32));
		pci_write32(f->bdf, PCI1_PREF_LIMIT_UP, (uint32_t)(last >> 32));
		pci_write32(f->bdf, PCI1_PREF, window_make(start[SPACE_HIGH], last));
	}
}

static int spaces_init(struct placer *pl, const struct board_pci *host)
{
	unsigned count = host->window_count < PCI_WINDOW_MAX ? host->window_count : PCI_WINDOW_MAX;

	for (unsigned i = 0; i < count; i++) {
		const struct board_pci_window *w = &host->window[i];
		int err = 0;

		if (w->kind == PCI_WINDOW_MEM32) {
			err = space_init(&pl->space[SPACE_LOW], w);
		} else if (w->kind == PCI_WINDOW_MEM64) {
			err = space_init(&pl->space[SPACE_HIGH], w);
		}
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

/* The table is in depth-first order, so what is behind a bridge gets one contiguous piece of each window. */
int pci_bar_place_all(const struct board_pci *host)
{
	struct placer pl = { .depth = 0 };
	int err = spaces_init(&pl, host);

	for (unsigned i = 0; i < pci.fn_count; i++) {
		struct pci_fn *f = &pci.fn[i];

		if (f->expander) {
			continue;
		}
		while (pl.depth != 0 && pl.bridge[pl.depth - 1] != f->parent) {
			bridge_shut(&pl);
		}
		if (f->bad == NULL) {
			bars_size(f);
		}
		if (err == 0) {
			bars_place(&pl, f);
		}
		if (f->bad != NULL || err != 0) {
			bars_clear(f);
		}
		if (f->secondary != 0) {
			bridge_open(&pl, i);
		}
	}
	while (pl.depth != 0) {
		bridge_shut(&pl);
	}
	return err;
}
