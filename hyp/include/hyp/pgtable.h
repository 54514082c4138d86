/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One radix walker for every translation table we build: our own map, the CPU's stage 2, SMMUv3 stage 1
 * and 2 (and EPT/NPT, VT-d second level). The format is data. 4 KiB granule, 512 entries per table.
 * Mapping is in two steps: pgtable_prepare() takes every table page now and can fail; pgtable_map() cannot [I5].
 */
#pragma once

#include <hyp/pool.h>
#include <hyp/types.h>

struct pgtable_fmt {
	const char *name;
	uint64_t addr;                /* output address bits of any entry */
	uint64_t present;             /* an entry with none of these bits is not there */
	uint64_t table;               /* set in an entry that points to a next-level table */
	uint64_t type_mask;           /* above the last level: (e & type_mask) == table_type is a table */
	uint64_t table_type;
	uint64_t page;                /* set in a leaf at the last level */
	uint64_t block;               /* set in a leaf above it */
	uint64_t soft;                /* ignored by hardware: this leaf serves more than one mapping */
	uint64_t attr[PROT_COUNT];    /* rights and memory type, by enum prot; 0 = cannot be expressed */
	uint8_t block_levels;         /* bit n: leaves allowed at height n (1 = 2 MiB, 2 = 1 GiB) */
};

struct pgtable {
	const struct pgtable_fmt *fmt;
	uint64_t *root;
	struct pool *pool;
	uint8_t levels;   /* 3: 39-bit input, 4: 48-bit input */
	bool coherent;    /* false: hardware walks memory, not caches: clean every store */
	uint64_t near_ia; /* ia >> 21 of the last-level table that was used last */
	uint64_t *near;   /* that table; tables go away in pgtable_reclaim() and pgtable_free() only */
};

/* What a change made stale, for the invalidation that must follow. */
struct pt_change {
	uint64_t ia;
	uint64_t size;
	bool stale;   /* some entry was valid before: caches may hold it */
	bool tables;  /* a table was unlinked or replaced: intermediate caches too */
	uint8_t leaf; /* bit n: a leaf at height n changed (0 = 4 KiB) */
};

enum { PGTABLE_LEAF_MAX = 4096 }; /* leaf entries one prepare/map/unmap may touch */

static inline unsigned pgtable_bits(const struct pgtable *pt)
{
	return 12 + 9 * (unsigned)pt->levels;
}

/* An empty tree; takes the root page. -BH_ENOMEM. */
int pgtable_init(struct pgtable *pt, const struct pgtable_fmt *fmt, unsigned levels, bool coherent,
		 struct pool *pool) __must_check;

/*
 * Makes sure that pgtable_map() of exactly this range cannot fail: links empty tables where needed (which
 * changes what nobody can reach). ia, oa and size are page aligned and inside the tables' range.
 * overlap: set if a leaf is already there in the range; then every block leaf touching it has been noted,
 * not changed.
 * -BH_ENOMEM pool empty (tables linked so far stay linked and empty, see pgtable_reclaim()), -BH_E2BIG too
 * many leaves for one call.
 */
int pgtable_prepare(struct pgtable *pt, uint64_t ia, uint64_t oa, uint64_t size, bool *overlap) __must_check;

/* Writes the leaves, the largest that alignment allows. Nothing may be present in the range. */
void pgtable_map(struct pgtable *pt, uint64_t ia, uint64_t oa, uint64_t size, unsigned prot);

/* Clears every leaf in the range; block leaves must lie inside it entirely. */
void pgtable_unmap(struct pgtable *pt, uint64_t ia, uint64_t size, struct pt_change *change);

/*
 * prepare and map in one walk where that is all there is to do: the leaves fit into one table that exists, and nothing
 * is present. False: nothing was changed, use the two calls.
 */
bool pgtable_map_here(struct pgtable *pt, uint64_t ia, uint64_t oa, uint64_t size, unsigned prot) __must_check;

/* Unmaps [change->ia, change->size) if all its leaves are present, in one table, and of one size; fills change. */
bool pgtable_unmap_here(struct pgtable *pt, struct pt_change *change) __must_check;

/* The leaf that translates ia, or 0; *height gets its size (0: 4 KiB, 1: 2 MiB, 2: 1 GiB). */
uint64_t pgtable_leaf(const struct pgtable *pt, uint64_t ia, unsigned *height);

/* One step of the hardware's walk, for reports: fills entry[] from the root down, returns how many. */
unsigned pgtable_trace(const struct pgtable *pt, uint64_t ia, uint64_t entry[4]);

/*
 * Replaces the block leaf over ia by a table of smaller leaves, down to 4 KiB. Does nothing where ia is
 * unmapped or already a page. -BH_ENOMEM. The caller invalidates what change says; if bbm is true the entry
 * was made invalid first and the caller's flush() ran before the table was linked [break-before-make].
 */
int pgtable_split(struct pgtable *pt, uint64_t ia, void (*flush)(void *ctx), void *ctx,
		  struct pt_change *change) __must_check;

/* Rewrites the rights and the soft bit of the one 4 KiB leaf at ia (present or not); prot 0 clears it. */
void pgtable_set_page(struct pgtable *pt, uint64_t ia, uint64_t oa, unsigned prot, bool soft,
		      struct pt_change *change);

/*
 * Unlinks tables that hold nothing and puts their pages back; the caller invalidates the whole domain and
 * syncs before anything uses the pool again. Returns the number of pages found.
 */
unsigned pgtable_reclaim(struct pgtable *pt);

/* Gives every page back to the pool, zeroed, the root too. Nothing may walk it any more. */
void pgtable_free(struct pgtable *pt);
