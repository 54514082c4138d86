/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walker and the pools: what an address translates to, against a plain array that knows nothing of trees;
 * all-or-nothing when pages run out [I5]; nothing of an old table left in a free page [I7].
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/errno.h>
#include <fake/fake.h>
#include <hyp/pgtable.h>

enum { POOL = 24, BIG_POOL = 80 };

HYP_POOL_ARENA(POOL + BIG_POOL);

static struct pool small_pool, big_pool;

#define V_PAGE  3ull
#define V_BLOCK 1ull
#define V_SOFT  (1ull << 55)

static const struct pgtable_fmt fmt = {
	.name = "test",
	.addr = 0x0000fffffffff000ull,
	.present = 1,
	.table = 3,
	.type_mask = 3,
	.table_type = 3,
	.page = V_PAGE,
	.block = V_BLOCK,
	.soft = V_SOFT,
	.attr = { [1] = 0x40, [2] = 0x80, [3] = 0xc0 },
	.block_levels = 6,
};

static struct pgtable pt;

static int setup(void **state)
{
	static bool cut;

	fake_reset();
	if (!cut) {
		cut = true;
		assert_int_equal(pool_init(&small_pool, POOL), 0);
		assert_int_equal(pool_init(&big_pool, BIG_POOL), 0);
	}
	assert_int_equal(pgtable_init(&pt, &fmt, 3, true, &small_pool), 0);
	return 0;
}

static int teardown(void **state)
{
	if (pt.root) {
		pgtable_free(&pt);
	}
	assert_int_equal(small_pool.free_count, POOL);
	assert_int_equal(big_pool.free_count, BIG_POOL);
	for (size_t i = 0; i < (POOL + BIG_POOL) * 4096ul; i++) {
		assert_int_equal(hyp_pool_arena[i], 0);
	}
	return 0;
}

static void map(uint64_t ia, uint64_t oa, uint64_t size, unsigned prot)
{
	bool overlap;

	assert_int_equal(pgtable_prepare(&pt, ia, oa, size, &overlap), 0);
	assert_false(overlap);
	pgtable_map(&pt, ia, oa, size, prot);
}

static uint64_t translate(uint64_t ia)
{
	unsigned h;
	uint64_t e = pgtable_leaf(&pt, ia, &h);

	return e ? (e & fmt.addr) + (ia & ((4096ull << (9 * h)) - 1)) : 0;
}

static void leaves_are_as_large_as_alignment_allows(void **state)
{
	unsigned h;

	map(0x40000000, 0x80000000, GIB(1), 3);
	(void)pgtable_leaf(&pt, 0x40000000, &h);
	assert_int_equal(h, 2);
	map(0x200000, 0x600000, MIB(4), 3);
	(void)pgtable_leaf(&pt, 0x3ff000, &h);
	assert_int_equal(h, 1);
	map(0x1000000, 0x2001000, MIB(2), 3); /* not congruent: pages */
	(void)pgtable_leaf(&pt, 0x1000000, &h);
	assert_int_equal(h, 0);
	assert_int_equal(translate(0x11ff123), 0x2200123);
	assert_int_equal(translate(0x7fffffff), 0xbfffffff);
	assert_int_equal(translate(0x1200000), 0);
	/* head and tail of pages around one block */
	map(0x8000000 - 0x1000, 0x9000000 - 0x1000, MIB(2) + 0x2000, 1);
	(void)pgtable_leaf(&pt, 0x8000000, &h);
	assert_int_equal(h, 1);
	(void)pgtable_leaf(&pt, 0x7fff000, &h);
	assert_int_equal(h, 0);
	assert_int_equal(translate(0x8200fff), 0x9200fff);
	assert_int_equal(translate(0x8201000), 0);
}

static void prepare_changes_nothing_a_device_sees(void **state)
{
	bool overlap;

	assert_int_equal(pgtable_prepare(&pt, 0x5000, 0x5000, 0x3000, &overlap), 0);
	assert_int_equal(translate(0x5000), 0);
	assert_int_equal(translate(0x7000), 0);
}

static void prepare_reports_overlap_at_both_ends(void **state)
{
	bool overlap;

	map(0x10000, 0x10000, 0x4000, 3);
	assert_int_equal(pgtable_prepare(&pt, 0xf000, 0xf000, 0x1000, &overlap), 0);
	assert_false(overlap);
	assert_int_equal(pgtable_prepare(&pt, 0xf000, 0xf000, 0x2000, &overlap), 0);
	assert_true(overlap);
	assert_int_equal(pgtable_prepare(&pt, 0x13000, 0x13000, 0x1000, &overlap), 0);
	assert_true(overlap);
	assert_int_equal(pgtable_prepare(&pt, 0x14000, 0x14000, 0x1000, &overlap), 0);
	assert_false(overlap);
	map(0x400000, 0x400000, MIB(2), 3);
	assert_int_equal(pgtable_prepare(&pt, 0x5ff000, 0x5ff000, 0x2000, &overlap), 0);
	assert_true(overlap);
}

static void too_many_leaves_are_refused(void **state)
{
	bool overlap;

	assert_int_equal(pgtable_prepare(&pt, 0, 0x1000, (PGTABLE_LEAF_MAX + 1) * 4096ull, &overlap), -BH_E2BIG);
	assert_int_equal(pgtable_prepare(&pt, 0, 0x1000, PGTABLE_LEAF_MAX * 4096ull, &overlap), 0);
}

static void an_empty_pool_leaves_nothing_mapped_and_can_be_reclaimed(void **state)
{
	bool overlap;
	unsigned n = 0;
	int r;

	while ((r = pgtable_prepare(&pt, n * MIB(2), n * MIB(2), 0x1000, &overlap)) == 0) {
		n++;
	}
	assert_int_equal(r, -BH_ENOMEM);
	assert_int_equal(small_pool.free_count, 0);
	for (unsigned i = 0; i <= n; i++) {
		assert_int_equal(translate(i * MIB(2)), 0);
	}
	assert_int_equal(pgtable_reclaim(&pt), POOL - 1);
	assert_int_equal(small_pool.free_count, POOL - 1);
	map(0x3000, 0x4000, 0x1000, 3);
	assert_int_equal(pgtable_reclaim(&pt), 0); /* in use: stays */
	assert_int_equal(translate(0x3abc), 0x4abc);
}

static void unmap_says_what_became_stale(void **state)
{
	struct pt_change c = { 0 };

	map(0x10000, 0x20000, 0x3000, 3);
	pgtable_unmap(&pt, 0x11000, 0x1000, &c);
	assert_true(c.stale);
	assert_int_equal(c.leaf, 1);
	assert_int_equal(c.ia, 0x11000);
	assert_int_equal(c.size, 0x1000);
	assert_int_equal(translate(0x10000), 0x20000);
	assert_int_equal(translate(0x11000), 0);
	assert_int_equal(translate(0x12000), 0x22000);
	c = (struct pt_change){ 0 };
	pgtable_unmap(&pt, 0x100000000, GIB(2), &c);
	assert_false(c.stale);
	c = (struct pt_change){ 0 };
	map(0x200000, 0x200000, MIB(2), 3);
	pgtable_unmap(&pt, 0x200000, MIB(2), &c);
	assert_int_equal(c.leaf, 2);
	assert_int_equal(translate(0x200000), 0);
}

static void part_of_a_block_is_never_unmapped_silently(void **state)
{
	struct pt_change c = { 0 };

	map(0x200000, 0x200000, MIB(2), 3);
	EXPECT_PANIC(pgtable_unmap(&pt, 0x200000, 0x1000, &c));
	EXPECT_PANIC(pgtable_map(&pt, 0x200000, 0x200000, 0x1000, 3));
}

static uint64_t seen_at_flush;

static void look(void *ctx)
{
	seen_at_flush = translate(*(uint64_t *)ctx);
}

static void split_keeps_every_translation(void **state)
{
	struct pt_change c = { 0 };
	uint64_t at = 0x40000000 + MIB(6) + 0x5000;
	unsigned h;

	map(0x40000000, 0x80000000, GIB(1), 1);
	seen_at_flush = 1;
	assert_int_equal(pgtable_split(&pt, at, look, &at, &c), 0);
	assert_int_equal(seen_at_flush, 0); /* break before make */
	assert_true(c.stale && c.tables);
	for (uint64_t off = 0; off < GIB(1); off += MIB(1)) {
		assert_int_equal(translate(0x40000000 + off), 0x80000000 + off);
	}
	assert_int_equal(pgtable_leaf(&pt, at, &h) & 0xfff, 0x40 | V_PAGE);
	assert_int_equal(h, 0);
	assert_int_equal(pgtable_leaf(&pt, 0x40000000, &h) & 0xfff, 0x40 | V_BLOCK);
	assert_int_equal(h, 1);
	pgtable_set_page(&pt, at, 0x1234000, 3, true, &c);
	assert_int_equal(pgtable_leaf(&pt, at, &h), 0x1234000 | 0xc0 | V_PAGE | V_SOFT);
	pgtable_set_page(&pt, at, 0, 0, false, &c);
	assert_int_equal(translate(at), 0);
	assert_int_equal(translate(at + 0x1000), 0x80000000 + MIB(6) + 0x6000);
}

static void outside_of_the_tables_nothing_is_found(void **state)
{
	unsigned h;
	uint64_t e[4];

	map(0, 0x1000, 0x1000, 3);
	assert_int_equal(pgtable_leaf(&pt, 1ull << 39, &h), 0);
	assert_int_equal(pgtable_trace(&pt, 1ull << 39, e), 0);
	assert_int_equal(pgtable_trace(&pt, 0, e), 3);
	assert_int_equal(e[2], 0x1000 | 0xc0 | V_PAGE);
}

/* Random maps and unmaps of whole earlier ranges against one word per page. */
static void random_sequences_agree_with_an_array(void **state)
{
	enum { PAGES = 4096, RANGES = 24 };
	static uint64_t oracle[PAGES];
	struct { uint64_t ia, size; } range[RANGES] = { { 0, 0 } };
	struct pt_change c;
	bool overlap;

	pgtable_free(&pt);
	assert_int_equal(pgtable_init(&pt, &fmt, 4, false, &big_pool), 0);
	srand(1);
	for (unsigned step = 0; step < 3000; step++) {
		unsigned n = (unsigned)rand() % RANGES;

		if (range[n].size) {
			c = (struct pt_change){ 0 };
			pgtable_unmap(&pt, range[n].ia, range[n].size, &c);
			assert_true(c.stale);
			memset(&oracle[range[n].ia / 4096], 0, range[n].size / 4096 * 8);
			range[n].size = 0;
		} else {
			uint64_t ia = (unsigned)rand() % PAGES * 4096ull;
			uint64_t size = ((unsigned)rand() % 700 + 1) * 4096ull;
			uint64_t oa = 0x10000000 + (rand() % 2 ? ia : (unsigned)rand() % PAGES * 4096ull);
			bool busy = ia + size > PAGES * 4096ull;

			for (uint64_t p = ia; !busy && p < ia + size; p += 4096) {
				busy = oracle[p / 4096] != 0;
			}
			if (ia + size > PAGES * 4096ull) {
				continue;
			}
			assert_int_equal(pgtable_prepare(&pt, ia, oa, size, &overlap), 0);
			assert_int_equal(overlap, busy);
			if (busy) {
				continue;
			}
			pgtable_map(&pt, ia, oa, size, 3);
			for (uint64_t p = 0; p < size; p += 4096) {
				oracle[(ia + p) / 4096] = oa + p;
			}
			range[n].ia = ia;
			range[n].size = size;
		}
		for (unsigned i = 0; i < 64; i++) {
			unsigned p = (unsigned)rand() % PAGES;

			assert_int_equal(translate(p * 4096ull), oracle[p]);
		}
	}
}

static void foreign_and_double_returns_are_caught(void **state)
{
	void *page = pool_get(&big_pool);

	EXPECT_PANIC(pool_put(&small_pool, page));
	EXPECT_PANIC(pool_put(&big_pool, (uint8_t *)page + 8));
	pool_put(&big_pool, page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(leaves_are_as_large_as_alignment_allows, setup, teardown),
		cmocka_unit_test_setup_teardown(prepare_changes_nothing_a_device_sees, setup, teardown),
		cmocka_unit_test_setup_teardown(prepare_reports_overlap_at_both_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_leaves_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_pool_leaves_nothing_mapped_and_can_be_reclaimed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(unmap_says_what_became_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(part_of_a_block_is_never_unmapped_silently, setup, teardown),
		cmocka_unit_test_setup_teardown(split_keeps_every_translation, setup, teardown),
		cmocka_unit_test_setup_teardown(outside_of_the_tables_nothing_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(random_sequences_agree_with_an_array, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_and_double_returns_are_caught, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
