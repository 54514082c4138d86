/* SPDX-License-Identifier: Apache-2.0 */
/* See pci_msi_model.h. */
#include "pci_msi_model.h"

#include <string.h>

#include "../fake/fake.h"
#include "pci_board.h"
#include "pci_model.h"

enum { FN_MAX = 32, ENTRY_MAX = 2048, CONTROL = 3 };

struct msi {
	unsigned msi;   /* capabilities, or 0 */
	bool wide;
	bool mask;
	bool msi_pending;
	unsigned msix;
	unsigned entries;
	uint32_t table, pba;
	uint32_t entry[ENTRY_MAX][4];
	uint64_t pending[ENTRY_MAX / 64];
};

static struct msi fns[FN_MAX];
static msi_model_sink_fn *sink;
unsigned msi_model_flips;
unsigned msi_model_mem_count;

static struct msi *of(int fn)
{
	if (fn < 0 || fn >= FN_MAX) {
		fake_fail("function %d is not one of the interrupt model's", fn);
	}
	return &fns[fn];
}

static bool msi_enabled(int fn)
{
	return fns[fn].msi != 0 && (pci_model_get32(fn, fns[fn].msi) & 1u << 16) != 0;
}

/* Message Control of MSI-X: bits 15 and 14. */
static unsigned msix_control(int fn)
{
	return fns[fn].msix == 0 ? 0 : pci_model_get32(fn, fns[fn].msix) >> 30;
}

static bool msix_open(int fn)
{
	return msix_control(fn) == 2;
}

/* --- device memory --- */

/* The place in the structure that register word `where` names; -1: addr is not in it. */
static int64_t place(int fn, uint32_t where, uint64_t size, uint64_t addr)
{
	uint64_t base;

	if (fns[fn].msix == 0 || (where & 7) > 5) {
		return -1;
	}
	base = pci_model_bar_addr(fn, where & 7) + (where & ~7u);
	return addr - base < size ? (int64_t)(addr - base) : -1;
}

static int find(uint64_t addr, unsigned width)
{
	msi_model_mem_count++;
	if (width != 4 && width != 8) {
		fake_fail("device memory is accessed with %u bytes", width);
	}
	for (int fn = 0; fn < FN_MAX; fn++) {
		if (fns[fn].msix != 0 && pci_model_decodes(fn, addr)) {
			return fn;
		}
	}
	fake_fail("nobody decodes 0x%llx", (unsigned long long)addr);
}

static uint64_t mem_read(void *ctx, uint64_t off, unsigned width)
{
	uint64_t addr = *(const uint64_t *)ctx + off;
	int fn = find(addr, width);
	int64_t at = place(fn, fns[fn].pba, (fns[fn].entries + 63) / 64 * 8, addr);
	uint64_t v = 0;

	if (at < 0) {
		fake_fail("a register of function %d is read: 0x%llx", fn, (unsigned long long)addr);
	}
	memcpy(&v, (const uint8_t *)fns[fn].pending + at, width);
	return v;
}

static void mem_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	uint64_t addr = *(const uint64_t *)ctx + off;
	int fn = find(addr, width);
	int64_t at = place(fn, fns[fn].table, fns[fn].entries * 16, addr);

	if (at < 0) {
		fake_fail("a register of function %d is written: 0x%llx", fn, (unsigned long long)addr);
	}
	for (unsigned i = 0; i < width; i += 4) {
		uint32_t *entry = fns[fn].entry[(at + i) / 16];
		unsigned word = (unsigned)(at + i) % 16 / 4;

		if (word != CONTROL && msix_open(fn) && (entry[CONTROL] & 1) == 0) {
			fake_fail("entry %u of function %d is changed while it is open", (unsigned)(at / 16), fn);
		}
		entry[word] = (uint32_t)(v >> (8 * i));
	}
}

/* --- configuration space --- */

static bool covers(unsigned reg, unsigned width, unsigned byte)
{
	return byte >= reg && byte < reg + width;
}

static void cfg_write(int fn, unsigned reg, unsigned width, uint32_t v)
{
	const struct msi *s = fn < FN_MAX ? &fns[fn] : NULL;

	if (s == NULL) {
		return;
	}
	if (s->msi != 0 && covers(reg, width, s->msi + 2)) {
		bool on = (v >> (8 * (s->msi + 2 - reg)) & 1) != 0;

		if (on && msix_control(fn) >= 2) {
			fake_fail("MSI of function %d is enabled beside MSI-X", fn);
		}
		msi_model_flips += on != msi_enabled(fn);
	} else if (s->msi != 0 && msi_enabled(fn) && reg > s->msi && reg < s->msi + (s->wide ? 16 : 12)) {
		fake_fail("the MSI message of function %d is changed while it is enabled", fn);
	}
	if (s->msix != 0 && covers(reg, width, s->msix + 3)) {
		unsigned control = v >> (8 * (s->msix + 3 - reg)) >> 6 & 3;

		if (control >= 2 && msi_enabled(fn)) {
			fake_fail("MSI-X of function %d is enabled beside MSI", fn);
		}
		msi_model_flips += control != msix_control(fn) && (control >= 2 || msix_control(fn) >= 2);
	}
}

void msi_model_wipe(int fn)
{
	struct msi *s = of(fn);

	memset(s->entry, 0, sizeof(s->entry));
	memset(s->pending, 0, sizeof(s->pending));
	s->msi_pending = false;
	for (unsigned n = 0; n < ENTRY_MAX; n++) {
		s->entry[n][CONTROL] = 1;
	}
}

static void on_reset(int fn)
{
	if (fn < FN_MAX) {
		msi_model_wipe(fn);
	}
}

void msi_model_create(msi_model_sink_fn *to)
{
	memset(fns, 0, sizeof(fns));
	sink = to;
	msi_model_flips = 0;
	msi_model_mem_count = 0;
	for (unsigned i = 1; i < board_host.window_count; i++) {
		const struct board_pci_window *w = &board_host.window[i];

		fake_mmio_add(w->cpu, w->size, mem_read, mem_write, &board_host.window[i].cpu);
	}
	pci_model_on_write(cfg_write);
	pci_model_on_reset(on_reset);
}

/* As a careless owner leaves it: enabled, everything masked that can be, 32 messages. */
void msi_model_msi(int fn, unsigned pos, bool wide, bool mask)
{
	struct msi *s = of(fn);
	uint32_t control = 0x005b | (wide ? 0x80 : 0) | (mask ? 0x100 : 0);
	unsigned data = pos + (wide ? 12 : 8);

	s->msi = pos;
	s->wide = wide;
	s->mask = mask;
	pci_model_cap(fn, pos, 0x05, (wide ? 4u : 3u) + (mask ? 2u : 0u));
	pci_model_reg32(fn, pos, control << 16 | 0x05, 0x00710000, 0);
	pci_model_reg32(fn, pos + 4, 0x12345678, 0xfffffffc, 0);
	if (wide) {
		pci_model_reg32(fn, pos + 8, 0x9abcdef0, ~0u, 0);
	}
	pci_model_reg32(fn, data, 0x4321, 0xffff, 0);
	if (mask) {
		pci_model_reg32(fn, data + 4, ~0u, ~0u, 0);
		pci_model_reg32(fn, data + 8, 0, 0, 0);
	}
}

/* As a careless owner leaves it: enabled, every entry open with whatever was in it. */
void msi_model_msix(int fn, unsigned pos, unsigned entries, uint32_t table, uint32_t pba)
{
	struct msi *s = of(fn);

	s->msix = pos;
	s->entries = entries;
	s->table = table;
	s->pba = pba;
	pci_model_cap(fn, pos, 0x11, 3);
	pci_model_reg32(fn, pos, (0x8000u | (entries - 1)) << 16 | 0x11, 0xc0000000, 0);
	pci_model_reg32(fn, pos + 4, table, 0, 0);
	pci_model_reg32(fn, pos + 8, pba, 0, 0);
	for (unsigned n = 0; n < ENTRY_MAX; n++) {
		s->entry[n][0] = 0xdead0000 + 16 * n;
		s->entry[n][1] = n;
		s->entry[n][2] = 0xbad0 + n;
		s->entry[n][CONTROL] = 0;
	}
}

/* --- what a function sends --- */

bool msi_model_armed(int fn, unsigned n, uint64_t *addr, uint32_t *data)
{
	const struct msi *s = of(fn);
	unsigned at = s->msi + (s->wide ? 12 : 8);

	if (!pci_model_may_dma(fn)) {
		return false;
	}
	if (msix_open(fn) && n < s->entries && (s->entry[n][CONTROL] & 1) == 0) {
		*addr = s->entry[n][0] | (uint64_t)s->entry[n][1] << 32;
		*data = s->entry[n][2];
		return true;
	}
	if (msix_control(fn) < 2 && msi_enabled(fn) && n < 32 &&
	    (!s->mask || (pci_model_get32(fn, at + 4) >> n & 1) == 0)) {
		unsigned count = 1u << (pci_model_get32(fn, s->msi) >> 20 & 7);

		*addr = pci_model_get32(fn, s->msi + 4);
		*addr |= s->wide ? (uint64_t)pci_model_get32(fn, s->msi + 8) << 32 : 0;
		*data = (pci_model_get32(fn, at) & 0xffff) | (n & (count - 1));
		return true;
	}
	return false;
}

enum msi_result msi_model_raise(int fn, unsigned vector)
{
	struct msi *s = of(fn);
	uint64_t addr;
	uint32_t data;

	if (msix_control(fn) < 2) {
		vector %= 32;
	}
	if (msi_model_armed(fn, vector, &addr, &data)) {
		sink(fn, addr, data);
		return MSI_SENT;
	}
	if (msix_control(fn) >= 2) {
		s->pending[vector / 64] |= 1ull << (vector % 64);
		return MSI_PENDING;
	}
	if (msi_enabled(fn)) {
		s->msi_pending = s->mask;
		return s->mask ? MSI_PENDING : MSI_LOST;
	}
	return pci_model_intx_off(fn) ? MSI_LOST : MSI_LINE;
}

void msi_model_run(void)
{
	uint64_t addr;
	uint32_t data;

	for (int fn = 0; fn < FN_MAX; fn++) {
		struct msi *s = &fns[fn];

		for (unsigned n = 0; s->msix != 0 && n < s->entries; n++) {
			bool wants = (s->pending[n / 64] >> (n % 64) & 1) != 0 && msix_open(fn);

			if (wants && msi_model_armed(fn, n, &addr, &data)) {
				s->pending[n / 64] &= ~(1ull << (n % 64));
				sink(fn, addr, data);
			}
		}
		if (s->msi_pending && msix_control(fn) < 2 && msi_model_armed(fn, 0, &addr, &data)) {
			s->msi_pending = false;
			sink(fn, addr, data);
		}
	}
}
