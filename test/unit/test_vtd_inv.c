/* SPDX-License-Identifier: Apache-2.0 */
/* Invalidation: complete when sync says so, no more than needed, bounded when the unit does not answer [I4] [I6]. */
#include "vtd_setup.h"

#include <string.h>

#include <arch/mmio.h>

enum { RW = PROT_READ | PROT_WRITE, SID = 0x20, SID_B = 0x28 };

#define BASE 0x40000000ull

static struct iommu_domain dom, other;

static void setup_one(const struct vtd_model_opts *o)
{
	setup_each(NULL);
	setup_running(0, o);
	setup_domain(&dom, 0, 1);
	setup_domain(&other, 0, 2);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom), 0);
	assert_int_equal(iommu_hw_attach(U(0), SID_B, &other), 0);
}

static void inv_sync(const struct iommu_domain *d, const struct pt_change *c)
{
	iommu_hw_inv_range(U(0), d, c);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
}

static void I4_unmapped_is_blocked_after_the_sync_only(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c;

		setup_one(&o);
		map_sync(0, &dom, BASE, TARGET_A, PAGE_SIZE, RW);
		assert_works(0, SID, BASE, true, TARGET_A);
		c = unmap(&dom, BASE, PAGE_SIZE);
		assert_true(c.stale);
		assert_true(vtd_model_reaches(0, SID, BASE, true, TARGET_A));
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_true(i >= FLAVOURS_QI || vtd_model_reaches(0, SID, BASE, true, TARGET_A));
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, BASE, true);
		assert_blocked(0, SID, BASE, false);
	}
}

/* What was translated before is on its way: it must have arrived when the sync returns [6.5.4]. */
static void I4_requests_under_way_are_drained(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c;

		setup_one(&o);
		map_sync(0, &dom, BASE, TARGET_A, 2 * PAGE_SIZE, RW);
		c = unmap(&dom, BASE, PAGE_SIZE);
		vtd_model_posted(0, true);
		vtd_model_posted(0, false);
		inv_sync(&dom, &c);
		assert_int_equal(vtd_model_in_flight(0), 0);
		vtd_model_posted(0, true);
		vtd_model_posted(0, false);
		iommu_hw_inv_domain(U(0), &dom);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_int_equal(vtd_model_in_flight(0), 0);
		vtd_model_posted(0, true);
		vtd_model_posted(0, false);
		assert_int_equal(iommu_hw_detach(U(0), SID), 0);
		assert_int_equal(vtd_model_in_flight(0), 0);
	}
}

static void one_unmap_is_two_descriptors(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS_QI; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c;
		unsigned before;

		setup_one(&o);
		map_sync(0, &dom, BASE, TARGET_A, PAGE_SIZE, RW);
		before = vtd_model_descs(0, 0);
		c = unmap(&dom, BASE, PAGE_SIZE);
		inv_sync(&dom, &c);
		assert_int_equal(vtd_model_descs(0, 0), before + 2);
	}
}

static void nothing_stale_needs_no_descriptor(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct pt_change c = { .ia = BASE, .size = PAGE_SIZE };
	unsigned before;

	(void)state;
	setup_one(&o);
	before = vtd_model_descs(0, 2);
	iommu_hw_inv_range(U(0), &dom, &c);
	c.stale = true;
	c.size = 0;
	inv_sync(&dom, &c);
	assert_int_equal(vtd_model_descs(0, 2), before);
}

static void the_other_domain_s_entries_are_another_matter(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c;

		setup_one(&o);
		map_sync(0, &dom, BASE, TARGET_A, PAGE_SIZE, RW);
		map_sync(0, &other, BASE, TARGET_B, PAGE_SIZE, RW);
		c = unmap(&dom, BASE, PAGE_SIZE);
		iommu_hw_inv_range(U(0), &other, &c); /* wrong id */
		iommu_hw_inv_domain(U(0), &other);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_true(vtd_model_reaches(0, SID, BASE, true, TARGET_A));
		iommu_hw_inv_domain(U(0), &dom);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, BASE, true);
		assert_works(0, SID_B, BASE, true, TARGET_B);
	}
}

/* --- address masks --- */

/* One descriptor for an aligned power of two, of exactly that size, leaves only, with what has to be drained. */
static void masks_are_exact(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned am;

	(void)state;
	setup_one(&o);
	for (am = 0; am <= 18; am++) {
		struct pt_change c = { .ia = GIB(2), .size = PAGE_SIZE << am, .stale = true, .leaf = 1 };
		unsigned before = vtd_model_descs(0, 2);
		uint64_t lo, hi;

		inv_sync(&dom, &c);
		assert_int_equal(vtd_model_descs(0, 2), before + 1);
		lo = vtd_model_iotlb_lo(0, 0);
		hi = vtd_model_iotlb_hi(0, 0);
		assert_int_equal(lo & 0xff, 0xf2); /* page-selective, DR, DW */
		assert_int_equal(lo >> 16, 1);
		assert_int_equal(hi & 0x3f, am);
		assert_int_equal(hi & 0x40, 0x40); /* IH */
		assert_int_equal(hi & ~0xfffull, GIB(2));
		c.tables = true;
		inv_sync(&dom, &c);
		assert_int_equal(vtd_model_iotlb_hi(0, 0) & 0x40, 0);
	}
}

/* What one range may cost: few descriptors, and never much more than was asked for. */
static void masks_cover_and_are_few(void **state)
{
	uint64_t first, pages;

	(void)state;
	for (first = 0; first < 40; first += 3) {
		for (pages = 1; pages < 70; pages += 5) {
			struct vtd_model_opts o = vtd_model_default();
			struct pt_change c = { .ia = BASE + first * PAGE_SIZE, .size = pages * PAGE_SIZE, .stale = true,
					       .leaf = 1 };
			unsigned before;

			setup_one(&o);
			map(&dom, BASE, TARGET_A + PAGE_SIZE, 256 * PAGE_SIZE, RW);
			(void)unmap(&dom, BASE, 256 * PAGE_SIZE);
			before = vtd_model_descs(0, 2);
			inv_sync(&dom, &c);
			assert_true(vtd_model_descs(0, 2) - before <= 16);
			assert_blocked(0, SID, c.ia, true);
			assert_blocked(0, SID, c.ia + c.size - 1, true);
			assert_blocked(0, SID, c.ia + c.size / 2, true);
		}
	}
}

/* Maps one page beyond each end, too; those must go on working. */
static void check_range(uint64_t pages)
{
	uint64_t start = BASE + PAGE_SIZE;
	struct pt_change c;
	uint64_t i;

	map_sync(0, &dom, BASE, TARGET_A, (pages + 2) * PAGE_SIZE, RW);
	c = unmap(&dom, start, pages * PAGE_SIZE);
	assert_true(vtd_model_reaches(0, SID, start, true, TARGET_A + PAGE_SIZE));
	inv_sync(&dom, &c);
	for (i = 0; i < pages; i++) {
		if (vtd_model_peek(0, SID, start + i * PAGE_SIZE, true, NULL) != VTD_DMA_BLOCKED) {
			fake_fail("page %lu of %lu is still reached", (unsigned long)i, (unsigned long)pages);
		}
	}
	assert_works(0, SID, BASE, true, TARGET_A);
	assert_works(0, SID, start + pages * PAGE_SIZE, true, TARGET_A + (pages + 1) * PAGE_SIZE);
	c = unmap(&dom, BASE, (pages + 2) * PAGE_SIZE);
	inv_sync(&dom, &c);
}

static void ranges_of_every_size(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 7, 31, 32, 33, 34, 63, 64, 65, 127, 129, 300, 500 };
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);

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

/* Whatever the range, everything in it is gone; the descriptors are bounded. */
static void random_ranges(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1dull;
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_one(&o);
		for (k = 0; k < 30; k++) {
			uint64_t pages = random_next(&seed) % 1000 + 1;
			uint64_t iova = (random_next(&seed) % (1u << 20)) * PAGE_SIZE;
			unsigned before;
			struct pt_change c;
			uint64_t p;

			map_sync(0, &dom, iova, TARGET_A, pages * PAGE_SIZE, RW);
			c = unmap(&dom, iova, pages * PAGE_SIZE);
			before = vtd_model_descs(0, 0);
			inv_sync(&dom, &c);
			assert_true(vtd_model_descs(0, 0) - before <= 65);
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
		struct vtd_model_opts o = flavour(i);
		struct pt_change c;
		unsigned before;

		setup_one(&o);
		if ((o.sllps & 2) == 0) {
			continue;
		}
		map_sync(0, &dom, GIB(1), GIB(1), GIB(3), RW);
		map_sync(0, &dom, GIB(5), GIB(5), MIB(16), RW);
		assert_works(0, SID, GIB(3), true, GIB(3));
		before = vtd_model_descs(0, 0);
		c = unmap(&dom, GIB(1), GIB(3));
		inv_sync(&dom, &c);
		assert_true(vtd_model_descs(0, 0) - before <= 8);
		assert_blocked(0, SID, GIB(1), true);
		assert_blocked(0, SID, GIB(1) + 0x5000, true); /* large pages may be cached in pieces */
		assert_blocked(0, SID, GIB(4) - 1, true);
		assert_works(0, SID, GIB(5), true, GIB(5));
		c = unmap(&dom, GIB(5) + MIB(2), MIB(12));
		inv_sync(&dom, &c);
		assert_works(0, SID, GIB(5) + MIB(2) - 1, true, GIB(5) + MIB(2) - 1);
		assert_blocked(0, SID, GIB(5) + MIB(2), true);
		assert_blocked(0, SID, GIB(5) + MIB(3), true);
		assert_blocked(0, SID, GIB(5) + MIB(14) - 1, true);
		assert_works(0, SID, GIB(5) + MIB(14), true, GIB(5) + MIB(14));
	}
}

/* Leaves of a size the unit does not have are not made. */
static void leaf_sizes_are_the_unit_s(void **state)
{
	uint8_t sllps;

	(void)state;
	for (sllps = 0; sllps < 4; sllps++) {
		struct vtd_model_opts o = vtd_model_default();

		o.sllps = sllps;
		setup_one(&o);
		map(&dom, GIB(1), GIB(1), MIB(2), RW);
		assert_works(0, SID, GIB(1) + MIB(1), true, GIB(1) + MIB(1));
	}
}

static void the_largest_range(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c = { .ia = 0, .size = GIB(512), .stale = true, .tables = true, .leaf = 1 };

		setup_one(&o);
		iommu_hw_inv_range(U(0), &dom, &c);
		c.size = GIB(512) - PAGE_SIZE;
		inv_sync(&dom, &c);
	}
}

/* A table that is gone may be cached: only a descriptor that says so forgets it. */
static void tables_need_more_than_leaves(void **state)
{
	static const uint64_t sizes[] = { 1, 3, 64, 300 };
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS * ARRAY_COUNT(sizes); i++) {
		struct vtd_model_opts o = flavour(i / ARRAY_COUNT(sizes));
		uint64_t pages = sizes[i % ARRAY_COUNT(sizes)];
		struct pt_change c;

		setup_one(&o);
		map_sync(0, &dom, BASE, TARGET_A, pages * PAGE_SIZE, RW);
		c = unmap(&dom, BASE, pages * PAGE_SIZE);
		assert_int_not_equal(pgtable_reclaim(&dom.pt), 0);
		c.tables = true;
		inv_sync(&dom, &c);
		/* The freed pages become another domain's tables, full of its memory. */
		map_sync(0, &other, BASE, TARGET_B, (pages + 1) * PAGE_SIZE, RW);
		for (k = 0; k <= pages; k++) {
			assert_blocked(0, SID, BASE + k * PAGE_SIZE, true);
		}
		assert_works(0, SID_B, BASE, true, TARGET_B);
	}
}

static void tables_forgotten_as_leaves_are_seen(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct pt_change c;

	(void)state;
	setup_one(&o);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	c = unmap(&dom, BASE, PAGE_SIZE);
	assert_int_not_equal(pgtable_reclaim(&dom.pt), 0);
	inv_sync(&dom, &c); /* leaves only */
	map(&other, BASE, TARGET_B, 2 * PAGE_SIZE, RW);
	assert_true(vtd_model_reaches(0, SID, BASE, true, TARGET_B));
}

static void split_block_keeps_its_neighbours(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c = { 0 };

		setup_one(&o);
		if (!U(0)->cap.live_split || (o.sllps & 1) == 0) {
			continue;
		}
		map_sync(0, &dom, GIB(1), GIB(1), MIB(2), RW);
		assert_int_equal(pgtable_split(&dom.pt, GIB(1) + 0x5000, NULL, NULL, &c), 0);
		assert_true(vtd_model_reaches(0, SID, GIB(1) + 0x5000, true, GIB(1) + 0x5000));
		inv_sync(&dom, &c);
		assert_works(0, SID, GIB(1) + 0x5000, true, GIB(1) + 0x5000);
		c = unmap(&dom, GIB(1) + 0x5000, PAGE_SIZE);
		inv_sync(&dom, &c);
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
		struct vtd_model_opts o = flavour(i);
		struct pt_change c = { 0 };

		setup_one(&o);
		map_sync(0, &dom, BASE, TARGET_A, PAGE_SIZE, PROT_READ);
		map_sync(0, &dom, BASE + 0x1000, TARGET_A, PAGE_SIZE, PROT_WRITE);
		map_sync(0, &dom, BASE + 0x2000, TARGET_B, PAGE_SIZE, RW | PROT_DEVICE);
		assert_works(0, SID, BASE, false, TARGET_A);
		assert_blocked(0, SID, BASE, true);
		assert_works(0, SID, BASE + 0x1000, true, TARGET_A);
		assert_int_equal(vtd_model_peek(0, SID, BASE + 0x1000, false, NULL) == VTD_DMA_OK,
				 U(0)->cap.read_implied);
		assert_works(0, SID, BASE + 0x2000, true, TARGET_B);
		/* From read and write to read only. */
		pgtable_set_page(&dom.pt, BASE + 0x2000, TARGET_B, PROT_READ, true, &c);
		c.ia = BASE + 0x2000;
		c.size = PAGE_SIZE;
		iommu_hw_inv_range(U(0), &dom, &c);
		assert_true(i >= FLAVOURS_QI || vtd_model_reaches(0, SID, BASE + 0x2000, true, TARGET_B));
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_blocked(0, SID, BASE + 0x2000, true);
		assert_works(0, SID, BASE + 0x2000, false, TARGET_B);
	}
}

/* --- what must be told even when something is added --- */

/* With caching mode or a write buffer a new mapping cannot be used for sure before it is told. */
static void new_mappings_are_told_where_needed(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c = { .ia = BASE, .size = PAGE_SIZE, .stale = true, .tables = true, .leaf = 1 };

		setup_one(&o);
		map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
		assert_int_equal(vtd_model_certain(0, SID, BASE, true, TARGET_A), !o.cm && !o.rwbf);
		inv_sync(&dom, &c);
		assert_works(0, SID, BASE, true, TARGET_A);
		assert_works(0, SID, BASE, false, TARGET_A);
	}
}

/* Tables of a unit that does not see our caches, built as if it did: the model must show it. */
static void missing_clean_is_seen(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct pt_change c;

	(void)state;
	setup_one(&o);
	assert_false(U(0)->cap.coherent);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	dom.pt.coherent = true;
	c = unmap(&dom, BASE, PAGE_SIZE);
	inv_sync(&dom, &c);
	assert_true(vtd_model_reaches(0, SID, BASE, true, TARGET_A));
}

/* --- units that do not finish [I4] [I6] --- */

static void I4_sync_times_out(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct pt_change c;
	uint64_t start;

	(void)state;
	setup_one(&o);
	map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
	c = unmap(&dom, BASE, PAGE_SIZE);
	vtd_model_inject(0)->wait_never = true;
	iommu_hw_inv_range(U(0), &dom, &c);
	start = fake_time_us;
	assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	assert_in_range(fake_time_us - start, 900, 1300);
	/* Even if it wakes up later: its word is worth nothing now. */
	vtd_model_inject(0)->wait_never = false;
	assert_int_not_equal(iommu_hw_sync(U(0)), 0);
	iommu_hw_block_now(U(0));
	assert_blocked(0, SID, BASE, true);
}

static void I4_errors_of_the_queue_fail_the_sync(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct vtd_model_opts o = vtd_model_default();
		struct pt_change c;
		char text[120];
		bool fatal;

		setup_one(&o);
		map(&dom, BASE, TARGET_A, PAGE_SIZE, RW);
		c = unmap(&dom, BASE, PAGE_SIZE);
		vtd_model_inject(0)->queue_error = i == 0;
		vtd_model_inject(0)->ite = i == 1;
		vtd_model_inject(0)->ice = i == 2;
		iommu_hw_inv_range(U(0), &dom, &c);
		fake_time_us = 0;
		assert_int_equal(iommu_hw_sync(U(0)), -BH_EIO);
		assert_true(fake_time_us < 500); /* the unit has said so: no reason to wait */
		assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
		assert_true(fatal);
		assert_non_null(strstr(text, i == 0 ? "IQE" : i == 1 ? "ITE" : "ICE"));
		/* Acknowledging may make the unit go on; a sync now would prove nothing. */
		assert_int_not_equal(iommu_hw_sync(U(0)), 0);
		iommu_hw_block_now(U(0));
		assert_blocked(0, SID, BASE, true);
	}
}

/* The interrupt handler may acknowledge an error before anybody syncs: that must not hide it. */
static void I4_acknowledged_error_still_fails_the_sync(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	char text[120];
	bool fatal;

	(void)state;
	setup_one(&o);
	vtd_model_error(0, 1 << 4);
	assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
	assert_true(fatal);
	assert_int_not_equal(iommu_hw_sync(U(0)), 0);
}

static void I6_full_queue_times_out(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned i;

	(void)state;
	setup_one(&o);
	vtd_model_inject(0)->wait_never = true;
	assert_int_equal(iommu_hw_sync(U(0)), -BH_ETIMEDOUT);
	fake_time_us = 0;
	for (i = 0; i < 3000; i++) {
		iommu_hw_inv_domain(U(0), &dom);
	}
	assert_int_not_equal(iommu_hw_sync(U(0)), 0);
	assert_true(fake_time_us < 5000); /* one time-out, not thousands */
}

/* More than the queue holds in one go: waits for room, loses nothing. */
static void more_than_the_queue_holds(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned before, i;

	(void)state;
	setup_one(&o);
	map(&dom, BASE, TARGET_A + PAGE_SIZE, 600 * PAGE_SIZE, RW);
	before = vtd_model_descs(0, 2);
	for (i = 0; i < 600; i++) {
		struct pt_change c = unmap(&dom, BASE + i * PAGE_SIZE, PAGE_SIZE);

		iommu_hw_inv_range(U(0), &dom, &c);
	}
	assert_int_equal(iommu_hw_sync(U(0)), 0);
	assert_int_equal(vtd_model_descs(0, 2), before + 600);
	for (i = 0; i < 600; i++) {
		assert_blocked(0, SID, BASE + i * PAGE_SIZE, true);
	}
}

/* IQH is the device's word: whatever it says, it completes nothing and is no index. */
static uint64_t iqh_lie;

static uint64_t lying_read(void *ctx, uint64_t off, unsigned width)
{
	(void)ctx;
	if (off == 0x80) {
		return iqh_lie;
	}
	return width == 4 ? vtd_model_reg32(0, off) : vtd_model_reg64(0, off);
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
	static const uint64_t lies[] = { 0, 0x10, 0x20, 0x1000, 0xff0, 0x7fff0, ~0ull, 0x8000000000000000ull };
	struct vtd_model_opts o = vtd_model_default();
	unsigned i, k;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(lies); i++) {
		setup_one(&o);
		iqh_lie = lies[i];
		fake_reset();
		fake_mmio_add(UNIT_BASE(0), VTD_MODEL_SIZE, lying_read, lying_write, NULL);
		for (k = 0; k < 1000; k++) {
			iommu_hw_inv_domain(U(0), &dom);
		}
		assert_int_not_equal(iommu_hw_sync(U(0)), 0);
		assert_true(fake_time_us < 20000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I4_unmapped_is_blocked_after_the_sync_only), T(I4_requests_under_way_are_drained),
		T(one_unmap_is_two_descriptors), T(nothing_stale_needs_no_descriptor),
		T(the_other_domain_s_entries_are_another_matter), T(masks_are_exact), T(masks_cover_and_are_few),
		T(ranges_of_every_size), T(random_ranges), T(large_ranges_of_large_leaves),
		T(leaf_sizes_are_the_unit_s), T(the_largest_range), T(tables_need_more_than_leaves),
		T(tables_forgotten_as_leaves_are_seen), T(split_block_keeps_its_neighbours), T(rights_are_kept),
		T(new_mappings_are_told_where_needed), T(missing_clean_is_seen), T(I4_sync_times_out),
		T(I4_errors_of_the_queue_fail_the_sync), T(I4_acknowledged_error_still_fails_the_sync),
		T(I6_full_queue_times_out), T(more_than_the_queue_holds), T(I6_impossible_position_is_not_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
