/* SPDX-License-Identifier: Apache-2.0 */
/* Invalidation: unmapped means unmapped after the sync, never before, and only for that domain [I4]. */
#include "smmuv3_setup.h"

#include <string.h>

enum { RW = PROT_READ | PROT_WRITE, SID = 0x20, SID_B = 0x21 };

#define BASE 0x40000000ull

static struct iommu_domain dom, other;

/* With and without range commands, stage 1 and stage 2, coherent or not. */
enum { FLAVOURS = 8 };

static struct smmuv3_model_opts flavour(unsigned i)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	o.s2 = (i & 1) == 0;
	o.ril = (i & 2) == 0;
	o.coherent = (i & 4) == 0;
	return o;
}

static void setup_one(const struct smmuv3_model_opts *o)
{
	setup_each(NULL);
	setup_running(0, o);
	setup_domain(&dom, 0, 1);
	setup_domain(&other, 0, 2);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom), 0);
	assert_int_equal(iommu_hw_attach(U(0), SID_B, &other), 0);
}

static void I4_unmapped_is_blocked_after_the_sync_only(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c;

		setup_one(&o);
		map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
		assert_works(0, SID, BASE, true, TARGET_A);
		c = unmap(&dom, BASE, PAGE_SIZE);
		assert_true(c.stale);
		assert_true(smmuv3_model_reaches(0, SID, BASE, true, TARGET_A));
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_true(smmuv3_model_reaches(0, SID, BASE, true, TARGET_A));
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, BASE, true);
		assert_blocked(0, SID, BASE, false);
	}
}

static void one_unmap_is_two_commands(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c;
		unsigned before;

		setup_one(&o);
		before = smmuv3_model_commands(0, 0);
		map(&dom, BASE, TARGET_A, PAGE_SIZE, RW); /* mapping what was not there needs none */
		assert_int_equal(smmuv3_model_commands(0, 0), before);
		c = unmap(&dom, BASE, PAGE_SIZE);
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_int_equal(smmuv3_model_commands(0, 0), before + 2);
	}
}

static void nothing_stale_needs_no_command(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct pt_change c = { .ia = BASE, .size = PAGE_SIZE };
	unsigned before;

	(void)state;
	setup_one(&o);
	before = smmuv3_model_commands(0, 0);
	iommu_hw_inv_range(U(0), &dom, &c);
	c.stale = true;
	c.size = 0;
	iommu_hw_inv_range(U(0), &dom, &c);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
	assert_int_equal(smmuv3_model_commands(0, 0), before + 1);
}

static void the_other_domain_s_entries_are_another_matter(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c;

		setup_one(&o);
		map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
		map(&other, BASE, TARGET_B, PAGE_SIZE, RW);
		c = unmap(&dom, BASE, PAGE_SIZE);
		iommu_hw_inv_range(U(0), &other, &c); /* wrong id */
		iommu_hw_inv_domain(U(0), &other);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_true(smmuv3_model_reaches(0, SID, BASE, true, TARGET_A));
		iommu_hw_inv_domain(U(0), &dom);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, BASE, true);
		assert_works(0, SID_B, BASE, true, TARGET_B);
	}
}

/* Maps one page beyond each end, too; those must go on working. */
static void check_range(uint64_t pages)
{
	uint64_t start = BASE + PAGE_SIZE;
	struct pt_change c;
	uint64_t i;

	map(&dom, BASE, TARGET_A, (pages + 2) * PAGE_SIZE, RW);
	/* Leave 4 KiB leaves only: BASE is not 2 MiB aligned against TARGET_A + one page. */
	c = unmap(&dom, start, pages * PAGE_SIZE);
	assert_true(smmuv3_model_reaches(0, SID, start, true, TARGET_A + PAGE_SIZE));
	iommu_hw_inv_range(U(0), &dom, &c);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
	for (i = 0; i < pages; i++) {
		if (smmuv3_model_peek(0, SID, start + i * PAGE_SIZE, true, NULL) != SMMUV3_DMA_BLOCKED) {
			fake_fail("page %lu of %lu is still reached", (unsigned long)i, (unsigned long)pages);
		}
	}
	assert_works(0, SID, BASE, true, TARGET_A);
	assert_works(0, SID, start + pages * PAGE_SIZE, true, TARGET_A + (pages + 1) * PAGE_SIZE);
	c = unmap(&dom, BASE, (pages + 2) * PAGE_SIZE);
	iommu_hw_inv_range(U(0), &dom, &c);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
}

static void ranges_of_every_size(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 7, 31, 32, 33, 34, 63, 64, 65, 127, 129, 300, 500 };
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);

		setup_one(&o);
		for (k = 0; k < ARRAY_COUNT(sizes); k++) {
			check_range(sizes[k]);
		}
	}
}

static uint64_t random_next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Whatever the range, everything in it is gone; the commands are bounded. */
static void random_ranges(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1dull;
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);

		setup_one(&o);
		for (k = 0; k < 40; k++) {
			uint64_t pages = random_next(&seed) % 1000 + 1;
			uint64_t iova = (random_next(&seed) % (1u << 20)) * PAGE_SIZE;
			unsigned before;
			struct pt_change c;
			uint64_t p;

			map(&dom, iova, TARGET_A, pages * PAGE_SIZE, RW);
			c = unmap(&dom, iova, pages * PAGE_SIZE);
			before = smmuv3_model_commands(0, 0);
			iommu_hw_inv_range(U(0), &dom, &c);
			assert_int_equal(iommu_hw_sync(U(0)), 0);
			assert_true(smmuv3_model_commands(0, 0) - before <= (o.ril ? 2 : 65));
			for (p = 0; p < pages; p += 1 + random_next(&seed) % 3) {
				assert_blocked(0, SID, iova + p * PAGE_SIZE, true);
			}
			assert_blocked(0, SID, iova + (pages - 1) * PAGE_SIZE, true);
		}
	}
}

static void large_ranges_of_large_leaves(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c;
		unsigned before;

		setup_one(&o);
		map(&dom, GIB(1), GIB(1), GIB(3), RW);
		map(&dom, GIB(5), GIB(5), MIB(16), RW);
		assert_works(0, SID, GIB(3), true, GIB(3));
		before = smmuv3_model_commands(0, 0);
		c = unmap(&dom, GIB(1), GIB(3));
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_true(smmuv3_model_commands(0, 0) - before <= 4);
		assert_blocked(0, SID, GIB(1), true);
		assert_blocked(0, SID, GIB(4) - 1, true);
		assert_works(0, SID, GIB(5), true, GIB(5));
		c = unmap(&dom, GIB(5) + MIB(2), MIB(12));
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_works(0, SID, GIB(5) + MIB(2) - 1, true, GIB(5) + MIB(2) - 1);
		assert_blocked(0, SID, GIB(5) + MIB(2), true);
		assert_blocked(0, SID, GIB(5) + MIB(14) - 1, true);
		assert_works(0, SID, GIB(5) + MIB(14), true, GIB(5) + MIB(14));
	}
}

/* Only large leaves changed, but the range begins in a hole: the last command must still reach the leaf. */
static void large_leaf_behind_a_hole(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c;

		setup_one(&o);
		map(&dom, GIB(1) + MIB(2), GIB(1), MIB(2), RW);
		c = unmap(&dom, GIB(1) + MIB(2) - PAGE_SIZE, MIB(2) + PAGE_SIZE);
		assert_int_equal(c.leaf, 1u << 1);
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, GIB(1) + MIB(2), true);
		assert_blocked(0, SID, GIB(1) + MIB(4) - 1, true);
	}
}

static void the_largest_range(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c = { .ia = 0, .size = GIB(512), .stale = true, .tables = true, .leaf = 1 };

		setup_one(&o);
		iommu_hw_inv_range(U(0), &dom, &c);
		c.size = GIB(512) - PAGE_SIZE;
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
	}
}

/* A table that is gone may be cached: only a command that says so forgets it. */
static void tables_need_more_than_leaves(void **state)
{
	static const uint64_t sizes[] = { 1, 3, 64, 300 };
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS * ARRAY_COUNT(sizes); i++) {
		struct smmuv3_model_opts o = flavour(i / ARRAY_COUNT(sizes));
		uint64_t pages = sizes[i % ARRAY_COUNT(sizes)];
		struct pt_change c;

		setup_one(&o);
		map(&dom, BASE, TARGET_A, pages * PAGE_SIZE, RW);
		c = unmap(&dom, BASE, pages * PAGE_SIZE);
		assert_int_not_equal(pgtable_reclaim(&dom.pt), 0);
		c.tables = true;
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		/* The freed pages become another domain's tables, full of its memory. */
		map(&other, BASE, TARGET_B, (pages + 1) * PAGE_SIZE, RW);
		for (k = 0; k <= pages; k++) {
			assert_blocked(0, SID, BASE + k * PAGE_SIZE, true);
		}
		assert_works(0, SID_B, BASE, true, TARGET_B);
	}
}

static void tables_forgotten_as_leaves_are_seen(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct pt_change c;

	(void)state;
	setup_one(&o);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	c = unmap(&dom, BASE, PAGE_SIZE);
	assert_int_not_equal(pgtable_reclaim(&dom.pt), 0);
	iommu_hw_inv_range(U(0), &dom, &c); /* leaves only */
	assert_int_equal(iommu_hw_sync(U(0)), 0);
	map(&other, BASE, TARGET_B, 2 * PAGE_SIZE, RW);
	assert_true(smmuv3_model_reaches(0, SID, BASE, true, TARGET_B));
}

static void split_block_keeps_its_neighbours(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c = { 0 };

		setup_one(&o);
		map(&dom, GIB(1), GIB(1), MIB(2), RW);
		assert_int_equal(pgtable_split(&dom.pt, GIB(1) + 0x5000, NULL, NULL, &c), 0);
		assert_true(smmuv3_model_certain(0, SID, GIB(1) + 0x5000, true, GIB(1) + 0x5000));
		iommu_hw_inv_range(U(0), &dom, &c);
		c = unmap(&dom, GIB(1) + 0x5000, PAGE_SIZE);
		/* The old block may still be cached: without both invalidations the page would stay open. */
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, GIB(1) + 0x5000, true);
		assert_works(0, SID, GIB(1) + 0x4fff, true, GIB(1) + 0x4fff);
		assert_works(0, SID, GIB(1) + 0x6000, true, GIB(1) + 0x6000);
	}
}

static void rights_are_kept(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct pt_change c = { 0 };

		setup_one(&o);
		map(&dom, BASE, TARGET_A, PAGE_SIZE, PROT_READ);
		map(&dom, BASE + 0x1000, TARGET_A, PAGE_SIZE, PROT_WRITE);
		map(&dom, BASE + 0x2000, TARGET_B, PAGE_SIZE, RW | PROT_DEVICE);
		assert_works(0, SID, BASE, false, TARGET_A);
		assert_blocked(0, SID, BASE, true);
		assert_works(0, SID, BASE + 0x1000, true, TARGET_A);
		assert_int_equal(smmuv3_model_peek(0, SID, BASE + 0x1000, false, NULL) == SMMUV3_DMA_OK,
				 U(0)->cap.read_implied);
		assert_works(0, SID, BASE + 0x2000, true, TARGET_B);
		/* From read and write to read only. */
		pgtable_set_page(&dom.pt, BASE + 0x2000, TARGET_B, PROT_READ, true, &c);
		c.ia = BASE + 0x2000;
		c.size = PAGE_SIZE;
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_true(smmuv3_model_reaches(0, SID, BASE + 0x2000, true, TARGET_B));
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, BASE + 0x2000, true);
		assert_works(0, SID, BASE + 0x2000, false, TARGET_B);
	}
}

/* Tables of a unit that does not see our caches, built as if it did: the model must show it. */
static void missing_clean_is_seen(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct pt_change c;

	(void)state;
	o.coherent = false;
	setup_one(&o);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	dom.pt.coherent = true;
	c = unmap(&dom, BASE, PAGE_SIZE);
	iommu_hw_inv_range(U(0), &dom, &c);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
	assert_true(smmuv3_model_reaches(0, SID, BASE, true, TARGET_A));
}

/* --- units that do not finish [I4] [I6] --- */

static void I4_sync_times_out(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct pt_change c;
	uint64_t start;

	(void)state;
	setup_one(&o);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	c = unmap(&dom, BASE, PAGE_SIZE);
	smmuv3_model_inject(0)->sync_never = true;
	iommu_hw_inv_range(U(0), &dom, &c);
	start = fake_time_us;
	assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	assert_in_range(fake_time_us - start, 900, 1200);
	/* Even if it wakes up later: its word is worth nothing now. */
	smmuv3_model_inject(0)->sync_never = false;
	assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	iommu_hw_block_now(U(0));
	assert_blocked(0, SID, BASE, true);
}

static void I4_refused_command_is_an_error(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct pt_change c;
	char text[80];
	bool fatal;

	(void)state;
	setup_one(&o);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	c = unmap(&dom, BASE, PAGE_SIZE);
	smmuv3_model_inject(0)->cmd_error = true;
	iommu_hw_inv_range(U(0), &dom, &c);
	assert_int_equal(iommu_hw_sync(U(0)), -BH_EIO);
	assert_int_equal(smmuv3_model_irqs(0, 1), 1);
	assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
	assert_true(fatal);
	assert_string_equal(text, "CMDQ_ERR, CERROR_ILL");
	/* Acknowledging made the unit go on behind the refused command; a sync now would prove nothing. */
	assert_int_equal(iommu_hw_sync(U(0)), -BH_EIO);
}

/* The interrupt handler may acknowledge an error before anybody syncs: that must not hide it. */
static void I4_acknowledged_error_still_fails_the_sync(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	char text[80];
	bool fatal;

	(void)state;
	setup_one(&o);
	smmuv3_model_gerror(0, 1);
	assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
	assert_true(fatal);
	assert_int_equal(iommu_hw_sync(U(0)), -BH_EIO);
}

static void I6_full_queue_times_out(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	unsigned i;

	(void)state;
	setup_one(&o);
	smmuv3_model_inject(0)->sync_never = true;
	assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	fake_time_us = 0;
	for (i = 0; i < 1000; i++) {
		iommu_hw_inv_domain(U(0), &dom);
	}
	assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	assert_true(fake_time_us < 3000); /* one time-out, not a thousand */
}

/* CMDQ_CONS is the device's word: a position that makes no sense completes nothing. */
static uint32_t cons_lie;

static uint64_t lying_read(void *ctx, uint64_t off, unsigned width)
{
	(void)ctx;
	return off == 0x9c ? cons_lie : smmuv3_model_reg32(0, off);
}

static void lying_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	(void)ctx;
	(void)off;
	(void)width;
	(void)v;
}

static void I6_impossible_position_is_not_completion(void **state)
{
	static const uint32_t lies[] = { 1, 2, 100, 255, 256, 257, 400 };
	struct smmuv3_model_opts o = smmuv3_model_default();
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(lies); i++) {
		setup_one(&o);
		/* Ahead of PROD by this much, once the CMD_SYNC below is in. */
		cons_lie = (smmuv3_model_reg32(0, 0x98) + 1 + lies[i]) & 0x1ff;
		fake_reset();
		fake_mmio_add(UNIT_BASE(0), SMMUV3_MODEL_SIZE, lying_read, lying_write, NULL);
		assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I4_unmapped_is_blocked_after_the_sync_only), T(one_unmap_is_two_commands),
		T(nothing_stale_needs_no_command),
		T(the_other_domain_s_entries_are_another_matter), T(ranges_of_every_size), T(random_ranges),
		T(large_ranges_of_large_leaves), T(large_leaf_behind_a_hole), T(the_largest_range),
		T(tables_need_more_than_leaves),
		T(tables_forgotten_as_leaves_are_seen), T(split_block_keeps_its_neighbours), T(rights_are_kept),
		T(missing_clean_is_seen), T(I4_sync_times_out), T(I4_refused_command_is_an_error),
		T(I4_acknowledged_error_still_fails_the_sync), T(I6_full_queue_times_out),
		T(I6_impossible_position_is_not_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
