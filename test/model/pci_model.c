/* SPDX-License-Identifier: Apache-2.0 */
/* See pci_model.h. A function is 4 KiB of registers with a mask of what software can change. */
#include "pci_model.h"

#include <string.h>

#include "../fake/fake.h"

struct fn {
	int parent;
	unsigned root_bus;
	unsigned devfn;
	unsigned cap_last; /* position of the pointer to the next capability */
	unsigned pcie;
	uint8_t reg[4096];
	uint8_t rw[4096];
	uint8_t w1c[4096];
};

static struct fn fns[PCI_MODEL_MAX];
static unsigned fn_count;
static pci_model_write_fn *on_write;
static pci_model_reset_fn *on_reset;
unsigned pci_model_flr_count;

static uint32_t get(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++) {
		p[i] = (uint8_t)(v >> (8 * i));
	}
}

uint32_t pci_model_get32(int fn, unsigned reg)
{
	return get(&fns[fn].reg[reg]);
}

void pci_model_reg32(int fn, unsigned reg, uint32_t v, uint32_t rw, uint32_t w1c)
{
	put(&fns[fn].reg[reg], v);
	put(&fns[fn].rw[reg], rw);
	put(&fns[fn].w1c[reg], w1c);
}

static unsigned secondary(int fn)
{
	return fns[fn].reg[0x19];
}

unsigned pci_model_devfn(int fn)
{
	return fns[fn].devfn;
}

int pci_model_bus(int fn)
{
	int parent = fns[fn].parent;
	int bus;

	if (parent == PCI_MODEL_ROOT) {
		return (int)fns[fn].root_bus;
	}
	bus = (int)secondary(parent);
	if (bus == 0) {
		return -1;
	}
	for (int b = parent; b != PCI_MODEL_ROOT; b = fns[b].parent) {
		if (bus < (int)secondary(b) || bus > fns[b].reg[0x1a] || pci_model_bus(b) != fns[b].reg[0x18]) {
			return -1;
		}
	}
	return bus;
}

/* The function a request reaches, or -1 (all ones come back). */
static int route(unsigned bus, unsigned devfn)
{
	int found = -1;

	for (int i = 0; i < (int)fn_count; i++) {
		if (fns[i].devfn == devfn && pci_model_bus(i) == (int)bus) {
			if (found >= 0) {
				fake_fail("two functions answer at %02x:%02x", bus, devfn);
			}
			found = i;
		}
	}
	return found;
}

static uint64_t ecam_read(void *ctx, uint64_t off, unsigned width)
{
	int fn = route((unsigned)(off >> 20), (unsigned)(off >> 12) & 0xff);
	unsigned reg = (unsigned)off & 0xfff;
	uint64_t v = 0;

	if (width > 4 || (off & (width - 1)) != 0) {
		fake_fail("configuration read of %u bytes at 0x%llx", width, (unsigned long long)off);
	}
	for (unsigned i = 0; i < width; i++) {
		v |= (uint64_t)(fn < 0 ? 0xff : fns[fn].reg[reg + i]) << (8 * i);
	}
	return v;
}

/* Everything software can change is as after power-on again. */
static void function_level_reset(struct fn *f)
{
	for (unsigned i = 0; i < sizeof(f->reg); i++) {
		f->reg[i] &= (uint8_t)~f->rw[i];
	}
	pci_model_flr_count++;
	if (on_reset != NULL) {
		on_reset((int)(f - fns));
	}
}

static void ecam_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	int fn = route((unsigned)(off >> 20), (unsigned)(off >> 12) & 0xff);
	unsigned reg = (unsigned)off & 0xfff;

	if (width > 4 || (off & (width - 1)) != 0) {
		fake_fail("configuration write of %u bytes at 0x%llx", width, (unsigned long long)off);
	}
	if (fn < 0) {
		return;
	}
	if (on_write != NULL) {
		on_write(fn, reg, width, (uint32_t)v);
	}
	for (unsigned i = 0; i < width; i++) {
		struct fn *f = &fns[fn];
		uint8_t b = (uint8_t)(v >> (8 * i));

		f->reg[reg + i] = (uint8_t)((f->reg[reg + i] & ~f->rw[reg + i]) | (b & f->rw[reg + i]));
		f->reg[reg + i] &= (uint8_t)~(b & f->w1c[reg + i]);
	}
	if (fns[fn].pcie != 0 && (pci_model_get32(fn, fns[fn].pcie + 8) & 0x8000) != 0) {
		function_level_reset(&fns[fn]);
	}
}

void pci_model_create(uintptr_t ecam, uint64_t size)
{
	memset(fns, 0, sizeof(fns));
	fn_count = 0;
	on_write = NULL;
	on_reset = NULL;
	pci_model_flr_count = 0;
	fake_mmio_add(ecam, size, ecam_read, ecam_write, NULL);
}

int pci_model_add(int parent, unsigned devfn, uint32_t id, uint32_t class_rev)
{
	int n = (int)fn_count++;

	if (fn_count > PCI_MODEL_MAX) {
		fake_fail("more than %d functions in the model", PCI_MODEL_MAX);
	}
	fns[n].parent = parent;
	fns[n].devfn = devfn;
	fns[n].cap_last = 0x34;
	pci_model_reg32(n, 0x00, id, 0, 0);
	pci_model_reg32(n, 0x04, 0x00000007, 0x0547, 0xf9000000); /* as a careless firmware leaves it: all on */
	pci_model_reg32(n, 0x08, class_rev, 0, 0);
	pci_model_reg32(n, 0x0c, 0, 0xffff, 0);
	pci_model_reg32(n, 0x2c, 0x11001af4, 0, 0);
	pci_model_reg32(n, 0x30, 0, 0xffff0001, 0);
	pci_model_reg32(n, 0x3c, 0x00000100, 0xff, 0); /* INTA */
	return n;
}

int pci_model_add_root(unsigned bus, unsigned devfn, uint32_t id)
{
	int n = pci_model_add(PCI_MODEL_ROOT, devfn, id, 0x00ff0000);

	fns[n].root_bus = bus;
	return n;
}

int pci_model_bridge(int parent, unsigned devfn, enum pci_model_port port, bool acs)
{
	int n = pci_model_add(parent, devfn, 0x000c1b36, 0x06040000);

	pci_model_reg32(n, 0x0c, 0x00010000, 0xffff, 0);
	pci_model_reg32(n, 0x18, 0, 0xffffff, 0);
	pci_model_reg32(n, 0x1c, 0, 0xf0f0, 0xf9000000);
	pci_model_reg32(n, 0x20, 0, 0xfff0fff0, 0);
	pci_model_reg32(n, 0x24, 0x00010001, 0xfff0fff0, 0);
	pci_model_reg32(n, 0x28, 0, ~0u, 0);
	pci_model_reg32(n, 0x2c, 0, ~0u, 0);
	pci_model_reg32(n, 0x30, 0, 0, 0);
	pci_model_reg32(n, 0x38, 0, 0xffff0001, 0);
	pci_model_reg32(n, 0x3c, 0x00000100, 0x0fff00ff, 0);
	if (port != PCI_MODEL_PORT_NONE) {
		pci_model_cap_pcie(n, 0x40, (unsigned)port, false);
	}
	if (acs) {
		pci_model_xcap(n, 0x100, 0x0d, 0);
		pci_model_reg32(n, 0x104, 0x0000001d, 0x001d0000, 0);
	}
	return n;
}

void pci_model_bar(int fn, unsigned n, uint32_t flags, uint64_t size)
{
	uint64_t mask = ~(size - 1) & ~(uint64_t)((flags & 1) != 0 ? 3 : 15);

	pci_model_reg32(fn, 0x10 + 4 * n, flags, (uint32_t)mask, 0);
	if ((flags & 7) == 4) {
		pci_model_reg32(fn, 0x14 + 4 * n, 0, (uint32_t)(mask >> 32), 0);
	}
}

void pci_model_cap(int fn, unsigned pos, unsigned id, unsigned dwords)
{
	struct fn *f = &fns[fn];

	f->reg[f->cap_last] = (uint8_t)pos;
	f->cap_last = pos + 1;
	f->reg[0x06] |= 0x10;
	pci_model_reg32(fn, pos, id, 0xffff0000, 0);
	for (unsigned i = 1; i < dwords; i++) {
		pci_model_reg32(fn, pos + 4 * i, 0, ~0u, 0);
	}
}

void pci_model_cap_pcie(int fn, unsigned pos, unsigned type, bool flr)
{
	pci_model_cap(fn, pos, 0x10, 15);
	pci_model_reg32(fn, pos, 0x10 | 2u << 16 | type << 20, 0, 0);
	pci_model_reg32(fn, pos + 4, 0x00008018u | (flr ? 1u << 28 : 0), 0, 0);
	pci_model_reg32(fn, pos + 8, 0x00002810, 0xffff, 0x000f0000);
	fns[fn].pcie = flr ? pos : 0;
}

void pci_model_xcap(int fn, unsigned pos, unsigned id, unsigned next)
{
	pci_model_reg32(fn, pos, id | 1u << 16 | next << 20, 0, 0);
	pci_model_reg32(fn, pos + 4, 0, ~0u, 0);
	pci_model_reg32(fn, pos + 8, 0, ~0u, 0);
}

uint64_t pci_model_bar_addr(int fn, unsigned n)
{
	uint64_t v = pci_model_get32(fn, 0x10 + 4 * n) & ~15u;

	if ((pci_model_get32(fn, 0x10 + 4 * n) & 6) == 4) {
		v |= (uint64_t)pci_model_get32(fn, 0x14 + 4 * n) << 32;
	}
	return v;
}

static uint64_t bar_mask(int fn, unsigned n)
{
	const struct fn *f = &fns[fn];
	uint64_t high = 0xffffffff;

	if ((f->reg[0x10 + 4 * n] & 6) == 4) {
		high = get(&f->rw[0x14 + 4 * n]);
	}
	return (get(&f->rw[0x10 + 4 * n]) & ~15u) | high << 32;
}

static bool bars_decode(int fn, uint64_t addr)
{
	unsigned count = fns[fn].reg[0x0e] == 1 ? 2 : 6;

	for (unsigned n = 0; n < count; n++) {
		uint32_t low = pci_model_get32(fn, 0x10 + 4 * n);

		if ((low & 1) == 0 && (get(&fns[fn].rw[0x10 + 4 * n]) | low) != 0 &&
		    (addr & bar_mask(fn, n)) == pci_model_bar_addr(fn, n)) {
			return true;
		}
		n += (low & 7) == 4;
	}
	return false;
}

static bool window_forwards(int bridge, uint64_t addr)
{
	uint32_t mem = pci_model_get32(bridge, 0x20);
	uint32_t pref = pci_model_get32(bridge, 0x24);
	uint64_t mem_base = (uint64_t)(mem & 0xfff0) << 16;
	uint64_t mem_last = (mem & 0xfff00000u) | 0xfffff;
	uint64_t pref_base = (uint64_t)(pref & 0xfff0) << 16 | (uint64_t)pci_model_get32(bridge, 0x28) << 32;
	uint64_t pref_last = (pref & 0xfff00000u) | 0xfffff | (uint64_t)pci_model_get32(bridge, 0x2c) << 32;

	return (addr >= mem_base && addr <= mem_last) || (addr >= pref_base && addr <= pref_last);
}

bool pci_model_decodes(int fn, uint64_t addr)
{
	if ((fns[fn].reg[4] & 2) == 0 || !bars_decode(fn, addr)) {
		return false;
	}
	for (int b = fns[fn].parent; b != PCI_MODEL_ROOT; b = fns[b].parent) {
		if ((fns[b].reg[4] & 2) == 0 || !window_forwards(b, addr)) {
			return false;
		}
	}
	return true;
}

bool pci_model_may_dma(int fn)
{
	for (; fn != PCI_MODEL_ROOT; fn = fns[fn].parent) {
		if ((fns[fn].reg[4] & 4) == 0) {
			return false;
		}
	}
	return true;
}

bool pci_model_intx_off(int fn)
{
	return (fns[fn].reg[5] & 4) != 0;
}

void pci_model_on_write(pci_model_write_fn *hook)
{
	on_write = hook;
}

void pci_model_on_reset(pci_model_reset_fn *hook)
{
	on_reset = hook;
}
