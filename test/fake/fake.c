/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers, clock, CPUs and hardware-walked memory of the third architecture. Memory keeps, beside the value
 * a program sees, what it was at the last barrier and at the last cache clean, word by word.
 */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/cpu.h>
#include <arch/hwmem.h>
#include <arch/irq.h>
#include <arch/mmio.h>
#include <arch/mmu.h>
#include <arch/time.h>

enum { REGION_MAX = 16, HOOK_MAX = 8, WORD_SLOTS = 1 << 16, RELAX_MAX = 50000000 };

struct region {
	uintptr_t base;
	uint64_t size;
	fake_mmio_read_fn *rd;
	fake_mmio_write_fn *wr;
	void *ctx;
};

/* One word that is not the same for everybody. */
struct word {
	uint64_t addr;         /* 0: free slot */
	uint64_t clean;        /* value at the last clean */
	uint64_t barrier;      /* value at the last barrier */
	uint64_t device;       /* written by a device, not yet seen by us */
	unsigned epoch;        /* barrier is valid while this is the current epoch */
	bool dirty;
	bool device_pending;
};

struct hook {
	fake_store_fn *fn;
	void *ctx;
};

struct load_hook {
	fake_load_fn *fn;
	void *ctx;
};

uint64_t fake_time_us;
uint64_t fake_time_step_us = 1;
uint64_t fake_mmio_count;
unsigned fake_cpu;

static struct region regions[REGION_MAX];
static unsigned region_count;
static struct hook hooks[HOOK_MAX];
static unsigned hook_count;
static struct load_hook load_hooks[HOOK_MAX];
static unsigned load_hook_count;
static struct word words[WORD_SLOTS];
static unsigned word_count;
static unsigned epoch;
static unsigned unordered;
static uint64_t last_store;
static uint64_t store_count;
static uint64_t relax_count;

void fake_reset(void)
{
	region_count = 0;
	hook_count = 0;
	load_hook_count = 0;
	memset(words, 0, sizeof(words));
	word_count = 0;
	epoch = 1;
	unordered = 0;
	last_store = 0;
	store_count = 0;
	relax_count = 0;
	fake_time_us = 0;
	fake_time_step_us = 1;
	fake_mmio_count = 0;
	fake_cpu = 0;
	fake_panic_armed = false;
	fake_panic_text[0] = '\0';
	fake_log[0] = '\0';
	memset(fake_log_count, 0, sizeof(fake_log_count));
}

/* --- registers --- */

void fake_mmio_add(uintptr_t base, uint64_t size, fake_mmio_read_fn *rd, fake_mmio_write_fn *wr, void *ctx)
{
	if (region_count == REGION_MAX) {
		fake_fail("too many register regions");
	}
	regions[region_count++] = (struct region){ base, size, rd, wr, ctx };
}

static const struct region *region_find(uintptr_t a, unsigned width)
{
	unsigned i;

	if (a % width != 0) {
		fake_fail("unaligned register access at %lx, %u bytes", (unsigned long)a, width);
	}
	fake_mmio_count++;
	for (i = 0; i < region_count; i++) {
		if (a >= regions[i].base && a - regions[i].base < regions[i].size) {
			return &regions[i];
		}
	}
	fake_fail("no model has a register at %lx", (unsigned long)a);
}

uint64_t fake_mmio_read(uintptr_t a, unsigned width)
{
	const struct region *r = region_find(a, width);

	return r->rd(r->ctx, a - r->base, width);
}

void fake_mmio_write(uintptr_t a, unsigned width, uint64_t v)
{
	const struct region *r = region_find(a, width);

	r->wr(r->ctx, a - r->base, width, v);
}

/* --- time and CPUs --- */

uint64_t arch_time_us(void)
{
	fake_time_us += fake_time_step_us;
	return fake_time_us;
}

void fake_relax(void)
{
	if (++relax_count > RELAX_MAX) {
		fake_fail("waits for ever");
	}
}

/* --- memory that hardware walks --- */

static struct word *word_find(uint64_t addr, bool create)
{
	unsigned i = (unsigned)((addr >> 3) * 0x9e3779b1u) % WORD_SLOTS;

	while (words[i].addr != 0 && words[i].addr != addr) {
		i = (i + 1) % WORD_SLOTS;
	}
	if (words[i].addr == addr) {
		return &words[i];
	}
	if (!create) {
		return NULL;
	}
	if (++word_count > WORD_SLOTS / 2) {
		fake_fail("fake memory remembers too many words");
	}
	words[i].addr = addr;
	return &words[i];
}

static uint64_t raw(uint64_t addr)
{
	uint64_t v;

	memcpy(&v, (const void *)(uintptr_t)addr, sizeof(v));
	return v;
}

void fake_store_hook_add(fake_store_fn *fn, void *ctx)
{
	if (hook_count == HOOK_MAX) {
		fake_fail("too many store hooks");
	}
	hooks[hook_count++] = (struct hook){ fn, ctx };
}

static void hooks_run(const uint64_t *p, uint64_t before, uint64_t after)
{
	unsigned i;

	for (i = 0; i < hook_count; i++) {
		hooks[i].fn(hooks[i].ctx, p, before, after);
	}
}

void fake_hwmem_store(uint64_t *p, uint64_t v)
{
	uint64_t addr = (uint64_t)(uintptr_t)p;
	struct word *w = word_find(addr, true);
	uint64_t before = *p;

	if (!w->dirty) {
		w->dirty = true;
		w->clean = before;
	}
	if (w->epoch != epoch) {
		w->epoch = epoch;
		w->barrier = before;
		unordered++;
	}
	*p = v;
	last_store = addr;
	store_count++;
	hooks_run(p, before, v);
}

void fake_load_hook_add(fake_load_fn *fn, void *ctx)
{
	if (load_hook_count == HOOK_MAX) {
		fake_fail("too many load hooks");
	}
	load_hooks[load_hook_count++] = (struct load_hook){ fn, ctx };
}

uint64_t fake_hwmem_load(const uint64_t *p)
{
	unsigned i;

	for (i = 0; i < load_hook_count; i++) {
		load_hooks[i].fn(load_hooks[i].ctx);
	}
	return *p;
}

void fake_barrier(void)
{
	epoch++;
	unordered = 0;
}

unsigned fake_unordered_count(void)
{
	return unordered;
}

bool fake_unordered(uint64_t addr, uint64_t size)
{
	uint64_t a;

	for (a = align_down(addr, 8); a < addr + size; a += 8) {
		const struct word *w = word_find(a, false);

		if (w != NULL && w->epoch == epoch) {
			return true;
		}
	}
	return false;
}

bool fake_dirty(uint64_t addr, uint64_t size)
{
	uint64_t a;

	for (a = align_down(addr, 8); a < addr + size; a += 8) {
		const struct word *w = word_find(a, false);

		if (w != NULL && w->dirty) {
			return true;
		}
	}
	return false;
}

uint64_t fake_store_count(void)
{
	return store_count;
}

uint64_t fake_dev_load(uint64_t addr, enum fake_view view)
{
	const struct word *w = word_find(addr, false);

	if (w == NULL) {
		return raw(addr);
	}
	if (w->device_pending) {
		return w->device;
	}
	if (view == FAKE_VIEW_STALE && w->dirty) {
		return w->clean;
	}
	if (view == FAKE_VIEW_WEAK && w->epoch == epoch && addr != last_store) {
		return w->barrier;
	}
	return raw(addr);
}

void fake_dev_store(uint64_t addr, uint64_t v, bool coherent)
{
	if (coherent) {
		memcpy((void *)(uintptr_t)addr, &v, sizeof(v));
	} else {
		struct word *w = word_find(addr, true);

		w->device = v;
		w->device_pending = true;
	}
}

void arch_cache_clean(const void *p, size_t size)
{
	uint64_t addr = (uint64_t)(uintptr_t)p;
	uint64_t a;

	/* No more than was asked for: the smallest line there is. */
	for (a = align_down(addr, 8); a < addr + size; a += 8) {
		struct word *w = word_find(a, false);

		if (w != NULL && w->dirty) {
			w->dirty = false;
			hooks_run((const uint64_t *)(uintptr_t)a, w->clean, raw(a));
		}
	}
}

void arch_cache_clean_inv(const void *p, size_t size)
{
	uint64_t addr = (uint64_t)(uintptr_t)p;
	uint64_t a;

	for (a = align_down(addr, 8); a < addr + size; a += 8) {
		struct word *w = word_find(a, false);

		if (w == NULL) {
			continue;
		}
		if (w->device_pending && w->dirty) {
			fake_fail("a line of ours is written back over what a device wrote at %lx", (unsigned long)a);
		}
		if (w->device_pending) {
			memcpy((void *)(uintptr_t)a, &w->device, sizeof(w->device));
			w->device_pending = false;
		}
		w->dirty = false;
	}
}
