/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one page-table walker. It owns the shape of the trees; what an entry looks like is the format's data,
 * and which addresses may be mapped is the caller's decision. "Height" counts from the leaves: a leaf at
 * height 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB. Every store that hardware may see is one arch_hwmem_store(), and a
 * table is filled and made visible before the entry that leads to it [I7].
 */
#include <hyp/pgtable.h>

#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/string.h>

enum { ENTRIES = 512 };

#define NEAR_NONE UINT64_MAX /* no address is that high */

static inline uint64_t leaf_size(unsigned height)
{
	return PAGE_SIZE << (9 * height);
}

static inline unsigned entry_index(uint64_t ia, unsigned height)
{
	return (unsigned)(ia >> (PAGE_SHIFT + 9 * height)) & (ENTRIES - 1);
}

static inline bool entry_present(const struct pgtable_fmt *f, uint64_t e)
{
	return (e & f->present) != 0;
}

static inline bool entry_is_table(const struct pgtable_fmt *f, uint64_t e, unsigned height)
{
	return height > 0 && entry_present(f, e) && (e & f->type_mask) == f->table_type;
}

static inline uint64_t *entry_table(const struct pgtable_fmt *f, uint64_t e)
{
	return arch_va(pa(e & f->addr));
}

static inline uint64_t leaf_make(const struct pgtable_fmt *f, uint64_t oa, unsigned prot, unsigned height)
{
	return oa | f->attr[prot] | (height ? f->block : f->page);
}

static inline void entries_publish(const struct pgtable *pt, const uint64_t *e, unsigned count)
{
	if (!pt->coherent) {
		arch_cache_clean(e, count * sizeof(*e));
	}
}

/* The largest leaf that may start here, by alignment of both addresses and what is left of the range. */
static inline unsigned leaf_height(const struct pgtable_fmt *f, uint64_t ia, uint64_t oa, uint64_t left)
{
	uint64_t align = ia | oa;

	if ((f->block_levels & 4) && !(align & (leaf_size(2) - 1)) && left >= leaf_size(2)) {
		return 2;
	}
	if ((f->block_levels & 2) && !(align & (leaf_size(1) - 1)) && left >= leaf_size(1)) {
		return 1;
	}
	return 0;
}

/* The entry for ia where the walk ends: a leaf, nothing there, or height 0. Changes nothing. */
static inline uint64_t *walk(const struct pgtable *pt, uint64_t ia, unsigned *height)
{
	uint64_t *table = pt->root;
	unsigned h = pt->levels - 1u;

	if (ia >> 21 == pt->near_ia) {
		*height = 0;
		return &pt->near[entry_index(ia, 0)];
	}
	for (;;) {
		uint64_t *e = &table[entry_index(ia, h)];
		uint64_t v = arch_hwmem_load(e);

		if (!entry_is_table(pt->fmt, v, h)) {
			*height = h;
			return e;
		}
		table = entry_table(pt->fmt, v);
		h--;
	}
}

/* The next walk to these 2 MiB starts at their last-level table. */
static inline void near_set(struct pgtable *pt, uint64_t ia, uint64_t *e)
{
	pt->near_ia = ia >> 21;
	pt->near = e - entry_index(ia, 0);
}

static void table_link(struct pgtable *pt, uint64_t *e, uint64_t *table)
{
	entries_publish(pt, table, ENTRIES);
	arch_dma_wmb();
	arch_hwmem_store(e, arch_pa(table).v | pt->fmt->table);
	entries_publish(pt, e, 1);
}

/* As walk(), but links empty tables until a leaf of the wanted height has a place. */
static uint64_t *walk_make(struct pgtable *pt, uint64_t ia, unsigned want, unsigned *height)
{
	for (;;) {
		uint64_t *e = walk(pt, ia, height);
		uint64_t *table;

		if (*height <= want || entry_present(pt->fmt, arch_hwmem_load(e))) {
			return e;
		}
		table = pool_get(pt->pool);
		if (!table) {
			return NULL;
		}
		table_link(pt, e, table);
	}
}

/* How many neighbouring entries of this table the range goes on to use, as leaves of this height. */
static inline unsigned run_length(uint64_t ia, uint64_t left, unsigned height)
{
	uint64_t n = left >> (PAGE_SHIFT + 9 * height);
	unsigned room = ENTRIES - entry_index(ia, height);

	if (height > 0) {
		return 1;
	}
	return n < room ? (unsigned)n : room;
}

int pgtable_init(struct pgtable *pt, const struct pgtable_fmt *fmt, unsigned levels, bool coherent,
		 struct pool *pool)
{
	CHECK(levels >= 3 && levels <= 4);
	pt->root = pool_get(pool);
	if (!pt->root) {
		return -BH_ENOMEM;
	}
	pt->fmt = fmt;
	pt->pool = pool;
	pt->levels = (uint8_t)levels;
	pt->coherent = coherent;
	pt->near_ia = NEAR_NONE;
	entries_publish(pt, pt->root, ENTRIES);
	arch_dma_wmb();
	return 0;
}

int pgtable_prepare(struct pgtable *pt, uint64_t ia, uint64_t oa, uint64_t size, bool *overlap)
{
	uint64_t left = size;
	unsigned leaves = 0;

	*overlap = false;
	while (left > 0) {
		unsigned height;
		uint64_t *e = walk_make(pt, ia, leaf_height(pt->fmt, ia, oa, left), &height);
		unsigned n = 1;
		uint64_t step;

		if (!e) {
			return -BH_ENOMEM;
		}
		step = leaf_size(height);
		if (entry_present(pt->fmt, arch_hwmem_load(e)) && height > 0) {
			*overlap = true;
			step -= ia & (step - 1);
			step = step < left ? step : left;
		} else {
			n = run_length(ia, left, height);
			step *= n;
			if (height == 0) {
				near_set(pt, ia, e);
			}
			for (unsigned i = 0; i < n; i++) {
				*overlap = *overlap || entry_present(pt->fmt, arch_hwmem_load(&e[i]));
			}
		}
		leaves += n;
		if (leaves > PGTABLE_LEAF_MAX) {
			return -BH_E2BIG;
		}
		ia += step;
		oa += step;
		left -= step;
	}
	return 0;
}

void pgtable_map(struct pgtable *pt, uint64_t ia, uint64_t oa, uint64_t size, unsigned prot)
{
	uint64_t left = size;

	CHECK(pt->fmt->attr[prot] != 0);
	while (left > 0) {
		unsigned height;
		uint64_t *e = walk(pt, ia, &height);
		unsigned n = run_length(ia, left, height);
		uint64_t step = leaf_size(height);
		uint64_t v = leaf_make(pt->fmt, oa, prot, height);

		CHECK(((ia | oa) & (step - 1)) == 0 && left >= step && !entry_present(pt->fmt, arch_hwmem_load(e)));
		for (unsigned i = 0; i < n; i++) {
			arch_hwmem_store(&e[i], v);
			v += step;
		}
		entries_publish(pt, e, n);
		step *= n;
		ia += step;
		oa += step;
		left -= step;
	}
	arch_dma_wmb();
}

void pgtable_unmap(struct pgtable *pt, uint64_t ia, uint64_t size, struct pt_change *change)
{
	uint64_t left = size;

	change->ia = ia;
	change->size = size;
	while (left > 0) {
		unsigned height;
		uint64_t *e = walk(pt, ia, &height);
		unsigned n = run_length(ia, left, height);
		uint64_t step = leaf_size(height) * n;

		if (entry_present(pt->fmt, arch_hwmem_load(e)) || height == 0) {
			CHECK((ia & (leaf_size(height) - 1)) == 0 && left >= step);
			for (unsigned i = 0; i < n; i++) {
				change->stale = change->stale || entry_present(pt->fmt, arch_hwmem_load(&e[i]));
				arch_hwmem_store(&e[i], 0);
			}
			entries_publish(pt, e, n);
			change->leaf |= (uint8_t)(1u << height);
		} else {
			step -= ia & (step - 1);
			step = step < left ? step : left;
		}
		ia += step;
		left -= step;
	}
	arch_dma_wmb();
}

/*
 * The entries of exactly this range if they are neighbours in one last-level table, or the one block entry it would
 * fill; NULL: something else. Most calls come back to the table of the call before.
 */
static inline uint64_t *entries_here(struct pgtable *pt, uint64_t ia, uint64_t size, unsigned *height)
{
	uint64_t *e = walk(pt, ia, height);

	if (*height != 0) {
		return *height == 1 && size == leaf_size(1) && (ia & (leaf_size(1) - 1)) == 0 ? e : NULL;
	}
	near_set(pt, ia, e);
	return size >> PAGE_SHIFT <= ENTRIES - entry_index(ia, 0) ? e : NULL;
}

bool pgtable_map_here(struct pgtable *pt, uint64_t ia, uint64_t oa, uint64_t size, unsigned prot)
{
	const struct pgtable_fmt *f = pt->fmt;
	unsigned height;
	uint64_t *e = entries_here(pt, ia, size, &height);
	uint64_t v = leaf_make(f, oa, prot, height);
	uint64_t *end;

	if (!e || f->attr[prot] == 0 || (height > 0 && (oa & (leaf_size(1) - 1)) != 0)) {
		return false;
	}
	end = e + (height > 0 ? 1 : size >> PAGE_SHIFT);
	for (uint64_t *p = e; p < end; p++) {
		if (entry_present(f, arch_hwmem_load(p))) {
			return false;
		}
	}
	for (uint64_t *p = e; p < end; p++) {
		arch_hwmem_store(p, v);
		v += PAGE_SIZE;
	}
	entries_publish(pt, e, (unsigned)(end - e));
	arch_dma_wmb();
	return true;
}

bool pgtable_unmap_here(struct pgtable *pt, struct pt_change *change)
{
	const struct pgtable_fmt *f = pt->fmt;
	unsigned height;
	uint64_t *e = entries_here(pt, change->ia, change->size, &height);
	uint64_t *end;

	if (!e) {
		return false;
	}
	end = e + (height > 0 ? 1 : change->size >> PAGE_SHIFT);
	for (uint64_t *p = e; p < end; p++) {
		if (!entry_present(f, arch_hwmem_load(p))) {
			return false;
		}
	}
	for (uint64_t *p = e; p < end; p++) {
		arch_hwmem_store(p, 0);
	}
	entries_publish(pt, e, (unsigned)(end - e));
	arch_dma_wmb();
	change->stale = true;
	change->tables = false;
	change->leaf = (uint8_t)(1u << height);
	return true;
}

uint64_t pgtable_leaf(const struct pgtable *pt, uint64_t ia, unsigned *height)
{
	uint64_t e;

	*height = 0;
	if (ia >> pgtable_bits(pt)) {
		return 0;
	}
	e = arch_hwmem_load(walk(pt, ia, height));
	return entry_present(pt->fmt, e) ? e : 0;
}

unsigned pgtable_trace(const struct pgtable *pt, uint64_t ia, uint64_t entry[4])
{
	const uint64_t *table = pt->root;
	unsigned n = 0;

	if (ia >> pgtable_bits(pt)) {
		return 0;
	}
	for (unsigned h = pt->levels; h-- > 0;) {
		entry[n] = arch_hwmem_load(&table[entry_index(ia, h)]);
		n++;
		if (!entry_is_table(pt->fmt, entry[n - 1], h)) {
			break;
		}
		table = entry_table(pt->fmt, entry[n - 1]);
	}
	return n;
}

/* A table of leaves one size smaller with the same rights as the block leaf v of this height. */
static uint64_t *block_divide(struct pgtable *pt, uint64_t v, unsigned height)
{
	const struct pgtable_fmt *f = pt->fmt;
	uint64_t *table = pool_get(pt->pool);
	uint64_t base = v & f->addr;
	uint64_t attr = v & ~(f->addr | f->block | f->page);

	if (!table) {
		return NULL;
	}
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t oa = base + i * leaf_size(height - 1);

		arch_hwmem_store(&table[i], oa | attr | (height > 1 ? f->block : f->page));
	}
	return table;
}

int pgtable_split(struct pgtable *pt, uint64_t ia, void (*flush)(void *ctx), void *ctx,
		  struct pt_change *change)
{
	unsigned height;
	uint64_t *e = walk(pt, ia, &height);

	while (height > 0 && entry_present(pt->fmt, arch_hwmem_load(e))) {
		uint64_t *table = block_divide(pt, arch_hwmem_load(e), height);

		if (!table) {
			return -BH_ENOMEM;
		}
		if (flush) {
			arch_hwmem_store(e, 0);
			entries_publish(pt, e, 1);
			arch_dma_wmb();
			flush(ctx);
		}
		table_link(pt, e, table);
		change->ia = align_down(ia, leaf_size(height));
		change->size = leaf_size(height);
		change->stale = true;
		change->tables = true;
		e = walk(pt, ia, &height);
	}
	arch_dma_wmb();
	return 0;
}

void pgtable_set_page(struct pgtable *pt, uint64_t ia, uint64_t oa, unsigned prot, bool soft,
		      struct pt_change *change)
{
	unsigned height;
	uint64_t *e = walk(pt, ia, &height);
	uint64_t v = 0;

	CHECK(height == 0);
	if (prot != PROT_NONE) {
		CHECK(pt->fmt->attr[prot] != 0);
		v = leaf_make(pt->fmt, oa, prot, 0) | (soft ? pt->fmt->soft : 0);
	}
	if (entry_present(pt->fmt, arch_hwmem_load(e)) && arch_hwmem_load(e) != v) {
		change->stale = true;
		change->leaf |= 1;
	}
	arch_hwmem_store(e, v);
	entries_publish(pt, e, 1);
	arch_dma_wmb();
}

/* Puts back the empty tables below; true if this table itself is empty now. As deep as the tree: 4 at most. */
// NOLINTNEXTLINE(misc-no-recursion)
static bool table_reclaim(struct pgtable *pt, uint64_t *table, unsigned height, unsigned *count)
{
	bool empty = true;

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t v = arch_hwmem_load(&table[i]);

		if (entry_is_table(pt->fmt, v, height)) {
			uint64_t *below = entry_table(pt->fmt, v);

			if (table_reclaim(pt, below, height - 1, count)) {
				arch_hwmem_store(&table[i], 0);
				entries_publish(pt, &table[i], 1);
				pool_put(pt->pool, below);
				(*count)++;
				continue;
			}
		}
		empty = empty && v == 0;
	}
	return empty;
}

unsigned pgtable_reclaim(struct pgtable *pt)
{
	unsigned count = 0;

	pt->near_ia = NEAR_NONE;
	(void)table_reclaim(pt, pt->root, pt->levels - 1u, &count);
	arch_dma_wmb();
	return count;
}

/* As deep as the tree: 4 at most. */
// NOLINTNEXTLINE(misc-no-recursion)
static void table_free(struct pgtable *pt, uint64_t *table, unsigned height)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t v = arch_hwmem_load(&table[i]);

		if (entry_is_table(pt->fmt, v, height)) {
			table_free(pt, entry_table(pt->fmt, v), height - 1);
		}
	}
	memset(table, 0, PAGE_SIZE);
	entries_publish(pt, table, ENTRIES);
	pool_put(pt->pool, table);
}

void pgtable_free(struct pgtable *pt)
{
	table_free(pt, pt->root, pt->levels - 1u);
	pt->near_ia = NEAR_NONE;
	pt->root = NULL;
}
