/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings: what a device reaches after each call, for every error the same as before it [I2][I3][I4][I5]. */
#include "iommu_world.h"

enum { TARGET = BH_MAP_TARGET };

static int64_t h; /* driver's object with EDU0 (unit 0) and DMA0 (unit 1) in it */

static void start(void)
{
	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0);
}

static int64_t map(uint64_t flags, uint64_t addr, uint64_t size, uint64_t target)
{
	struct smmu_region r = { addr, size };
	int err = world_short ? smmu_mapping_try(VM(DRIVER), (uint64_t)h, flags, addr, size) : 1;

	return err <= 0 ? err : smmu_mapping_add(VM(DRIVER), (uint64_t)h, flags, &r, 1, target);
}

static int64_t map_n(uint64_t flags, const struct smmu_region *r, unsigned count)
{
	return smmu_mapping_add(VM(DRIVER), (uint64_t)h, flags, r, count, 0);
}

static const struct iommu_client *client(void)
{
	return &VM(DRIVER)->client;
}

static unsigned records(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MAPPING_MAX; i++) {
		n += client()->mapping[i].used;
	}
	return n - 2; /* DMA0's reserved regions */
}

WORLD_TEST(I2_I3_only_own_memory_with_its_rights)
{
	static const struct {
		uint64_t addr, size;
		unsigned flags;
		int64_t err;
	} t[] = {
		{ BY_RAM, 0x1000, RD, -BH_EACCES },                /* another partition's */
		{ 0x40200000, 0x1000, RD, -BH_EACCES },            /* the hypervisor's */
		{ 0x9050000, 0x1000, WR, -BH_EACCES },             /* a unit's registers */
		{ 0x8000000, 0x1000, WR, -BH_EACCES },             /* the GIC's */
		{ LOW_PA, 0x1000, RD, -BH_EACCES },                /* a host address means nothing */
		{ RAM - 0x1000, 0x1001, RD, -BH_EACCES },          /* begins one page early */
		{ RAM + MIB(64) - 1, 2, RD, -BH_EACCES },          /* ends one byte late */
		{ RAM, MIB(64) + 1, RD, -BH_EACCES },
		{ ADJ, 0x1000, WR, -BH_EACCES },                   /* read only */
		{ ADJ, 0x1000, RW, -BH_EACCES },
		{ ADJ - 0x1000, 0x2000, RW, -BH_EACCES },          /* its second page is */
		{ HUGE, 0x1000, EX, -BH_EACCES },
		{ ADJ + MIB(1) - 1, 2, RD, -BH_EACCES },           /* memory and registers in one */
		{ REGS, 0x1000, EX | RD, -BH_EACCES },
		{ 1ull << 39, 0x1000, RD, -BH_ERANGE },
		{ 1ull << 45, 0x1000, RD, -BH_ERANGE },            /* own memory, but no unit can address it */
		{ (1ull << 39) - 0x1000, 0x1001, RD, -BH_ERANGE },
		{ ~0xfffull, 0x1000, RD, -BH_ERANGE },
		{ 0, ~0ull, RD, -BH_ERANGE },
		{ RAM, 0, RD, -BH_EINVAL },
		{ ~0ull, 2, RD, -BH_EINVAL },
		{ RAM, ~0ull, RD, -BH_EINVAL },
		{ RAM, 0, 0, -BH_EINVAL },
		{ ~0ull, 2, 0, -BH_EINVAL },
		{ RAM, 1, RD | 8, -BH_EINVAL },
		{ RAM, 1, RD | 0x20, -BH_EINVAL },
		{ RAM, 1, 8, -BH_EINVAL },
	};

	start();
	for (unsigned i = 0; i < ARRAY_COUNT(t); i++) {
		assert_int_equal(map(t[i].flags, t[i].addr, t[i].size, 0), t[i].err);
		assert_nothing(EDU0, t[i].addr & ~PAGE_MASK);
		assert_nothing(DMA0, t[i].addr & ~PAGE_MASK);
		assert_int_equal(records(), 0);
	}
	assert_int_equal(map(RD | 0x100000000ull, RAM, 1, 0), -BH_EINVAL);
	assert_int_equal(map_n(RD, NULL, 0), -BH_EINVAL);
	assert_int_equal(map_n(RD, NULL, BH_ARG_ENTRY_MAX + 1), -BH_E2BIG);
	assert_int_equal(fake_log_count[LOG_ERROR] + fake_log_count[LOG_WARN] + fake_log_count[LOG_INFO], 0);
}

WORLD_TEST(memory_the_unit_cannot_address)
{
	start();
	iommu_common.out_bits = 32;
	assert_int_equal(map(RD, HUGE, 0x1000, 0), -BH_ERANGE);
	assert_int_equal(map(RD | TARGET, 0x1000, 0x1000, HUGE), -BH_ERANGE);
	assert_nothing(EDU0, HUGE);
	assert_int_equal(map(RD, RAM, 0x1000, 0), 0);
}

WORLD_TEST(any_start_and_length_rounded_to_pages)
{
	start();
	assert_int_equal(map(WR, REGS + 0x123, 1, 0), 0); /* one FIFO register */
	assert_writes(EDU0, REGS + 0xfff, REGS + 0xfff);
	assert_no_read(EDU0, REGS);
	assert_nothing(EDU0, REGS + 0x1000);
	assert_nothing(EDU0, REGS - 1);
	assert_int_equal(map(RD, RAM + 0x1fff, 2, 0), 0);
	assert_reads(DMA0, RAM + 0x1000, RAM + 0x1000);
	assert_reads(DMA0, RAM + 0x2fff, RAM + 0x2fff);
	assert_nothing(DMA0, RAM + 0xfff);
	assert_nothing(DMA0, RAM + 0x3000);
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x1000, 0x2000), 0); /* not what was added: nothing happens */
	assert_reads(DMA0, RAM + 0x1000, RAM + 0x1000);
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x1fff, 2), 0);
	assert_nothing(DMA0, RAM + 0x1000);
	assert_nothing(DMA0, RAM + 0x2000);
	assert_int_equal(world_unmap(DRIVER, h, REGS + 0x123, 1), 0);
	assert_nothing(EDU0, REGS);
	assert_int_equal(world_unmap(DRIVER, h, REGS + 0x123, 1), 0); /* not there any more: no error */
	assert_int_equal(world_unmap(DRIVER, h, BY_RAM, 0x1000), 0);
}

WORLD_TEST(translated_by_stage_2_and_across_regions)
{
	start();
	assert_int_equal(map(RW, LOW + 0x5000, 0x1000, 0), 0);
	assert_writes(EDU0, LOW + 0x5000, LOW_PA + 0x5000);
	assert_int_equal(map(RD, ADJ - 0x2000, 0x4000, 0), 0); /* two regions, two places */
	assert_reads(EDU0, ADJ - 0x2000, LOW_PA + MIB(16) - 0x2000);
	assert_reads(EDU0, ADJ - 1, LOW_PA + MIB(16) - 1);
	assert_reads(EDU0, ADJ, ADJ_PA);
	assert_reads(EDU0, ADJ + 0x1fff, ADJ_PA + 0x1fff);
	assert_nothing(EDU0, ADJ + 0x2000);
	assert_nothing(EDU0, ADJ - 0x2001);
	/* Overlapping it: still both places. */
	assert_int_equal(map(RD, ADJ - 0x1000, 0x3000, 0), 0);
	assert_int_equal(world_unmap(DRIVER, h, ADJ - 0x2000, 0x4000), 0);
	assert_nothing(EDU0, ADJ - 0x2000);
	assert_reads(EDU0, ADJ - 0x1000, LOW_PA + MIB(16) - 0x1000);
	assert_reads(EDU0, ADJ + 0x1000, ADJ_PA + 0x1000);
	assert_int_equal(world_unmap(DRIVER, h, ADJ - 0x1000, 0x3000), 0);
	assert_nothing(EDU0, ADJ);
}

WORLD_TEST(I4_unmapped_is_unmapped_when_the_call_returns)
{
	static const uint64_t size[] = { 1, 0x1000, 0x3000, 0x40000, MIB(2), MIB(4) + 0x1000, GIB(1) };

	start();
	for (unsigned i = 0; i < ARRAY_COUNT(size); i++) {
		uint64_t base = i == 6 ? HUGE : RAM + MIB(8);
		uint64_t last = base + ((size[i] - 1) | PAGE_MASK);

		assert_int_equal(map(RW, base, size[i], 0), 0);
		assert_int_equal(world_dma(EDU0, base, true), DMA_OK);
		assert_int_equal(world_dma(EDU0, last, false), DMA_OK);
		assert_int_equal(world_dma(EDU0, base + size[i] / 2, false), DMA_OK);
		assert_int_equal(world_dma(DMA0, last, true), DMA_OK);
		assert_int_equal(world_unmap(DRIVER, h, base, size[i]), 0);
		assert_nothing(EDU0, base);
		assert_nothing(EDU0, last);
		assert_nothing(EDU0, base + size[i] / 2);
		assert_nothing(DMA0, last);
	}
}

/* One sync per call and unit, and nothing at all for a mapping where nothing was. */
WORLD_TEST(commands_per_call)
{
	struct smmu_region r[MAPPING_MAX - 3]; /* three records are in use already */
	unsigned before, syncs;

	start();
	syncs = world_hw.syncs(0);
	before = world_hw.commands(0);
	assert_int_equal(map(RW, RAM, 0x1000, 0), 0);
	assert_int_equal(map(RW, RAM + MIB(2), MIB(2), 0), 0);
	assert_int_equal(world_hw.commands(0), before);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x1000), 0);
	assert_int_equal(world_hw.syncs(0), syncs + 1);
	assert_in_range(world_hw.commands(0), before + 2, before + 3); /* invalidation, sync */
	for (unsigned i = 0; i < ARRAY_COUNT(r); i++) {
		r[i] = (struct smmu_region){ RAM + MIB(4) + 0x2000 * i, 0x1000 };
	}
	assert_int_equal(map_n(RD, r, ARRAY_COUNT(r)), 0);
	before = world_hw.commands(0);
	assert_int_equal(map_n(0, r, ARRAY_COUNT(r)), 0);
	assert_true(world_hw.commands(0) - before <= 8);
	for (unsigned i = 0; i < ARRAY_COUNT(r); i++) {
		assert_nothing(EDU0, r[i].addr);
	}
}

WORLD_TEST(rights_are_the_union_per_page)
{
	start();
	assert_int_equal(map(RD, RAM + 0x10, 1, 0), 0);
	assert_int_equal(map(WR, RAM + 0x20, 1, 0), 0);
	assert_reads(EDU0, RAM, RAM);
	assert_writes(EDU0, RAM, RAM);
	assert_int_equal(world_dma(EDU0, RAM, true), DMA_OK);
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x20, 1), 0);
	assert_reads(EDU0, RAM, RAM); /* the neighbour's entry is still there */
	assert_no_write(EDU0, RAM);
	assert_int_equal(map(WR, RAM + 0x30, 1, 0), 0);
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x10, 1), 0);
	assert_no_read(EDU0, RAM);
	assert_writes(EDU0, RAM, RAM);
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x30, 1), 0);
	assert_nothing(EDU0, RAM);
	assert_int_equal(records(), 0);
	assert_int_equal(client()->overlap, 0);
}

WORLD_TEST(adding_again_is_not_counted)
{
	start();
	assert_int_equal(map(RD, RAM, 0x2000, 0), 0);
	assert_int_equal(map(RD, RAM, 0x2000, 0), 0); /* a client reissues its mappings */
	assert_int_equal(records(), 1);
	assert_int_equal(map(WR, RAM, 0x2000, 0), 0); /* more rights */
	assert_int_equal(records(), 1);
	assert_writes(EDU0, RAM + 0x1000, RAM + 0x1000);
	assert_reads(EDU0, RAM + 0x1000, RAM + 0x1000);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x2000), 0);
	assert_nothing(EDU0, RAM);
	assert_int_equal(map(RD, RAM + MIB(2), MIB(4), 0), 0);
	assert_int_equal(map(RD, RAM + MIB(2), MIB(4), 0), 0);
	assert_int_equal(map(RW, RAM + MIB(2), MIB(4), 0), 0);
	assert_writes(EDU0, RAM + MIB(6) - 1, RAM + MIB(6) - 1);
	assert_int_equal(world_unmap(DRIVER, h, RAM + MIB(2), MIB(4)), 0);
	assert_nothing(EDU0, RAM + MIB(2));
	assert_nothing(EDU0, RAM + MIB(6) - 1);
	/* More rights for a gigabyte would be more entries than one call writes. */
	assert_int_equal(map(RD, HUGE, GIB(1), 0), 0);
	assert_int_equal(map(WR, HUGE, GIB(1), 0), -BH_E2BIG);
	assert_reads(EDU0, HUGE + 0x12345000, HUGE + 0x12345000);
	assert_no_write(EDU0, HUGE + 0x12345000);
	assert_int_equal(map(RD, HUGE, GIB(1), 0), 0);
}

static void split(void)
{
	start();
	assert_int_equal(map(RD, RAM, MIB(4), 0), 0);
	assert_int_equal(world_dma(EDU0, RAM + 0x5000, false), DMA_OK);
	assert_int_equal(map(WR, RAM + 0x5000, 0x1000, 0), 0);
	assert_writes(EDU0, RAM + 0x5000, RAM + 0x5000);
	assert_reads(EDU0, RAM + 0x5000, RAM + 0x5000);
	assert_no_write(EDU0, RAM + 0x4000);
	assert_no_write(EDU0, RAM + 0x6000);
	assert_reads(EDU0, RAM + MIB(2) - 1, RAM + MIB(2) - 1);
	assert_reads(EDU0, RAM + MIB(4) - 1, RAM + MIB(4) - 1);
	assert_int_equal(world_unmap(DRIVER, h, RAM, MIB(4)), 0);
	assert_nothing(EDU0, RAM);
	assert_nothing(EDU0, RAM + 0x4000);
	assert_nothing(EDU0, RAM + MIB(3));
	assert_no_read(EDU0, RAM + 0x5000);
	assert_writes(EDU0, RAM + 0x5000, RAM + 0x5000);
	/* The other way round: small first. */
	assert_int_equal(map(RD, RAM, MIB(4), 0), 0);
	assert_reads(EDU0, RAM + 0x5000, RAM + 0x5000);
	assert_reads(EDU0, RAM + MIB(3), RAM + MIB(3));
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x5000, 0x1000), 0);
	assert_no_write(EDU0, RAM + 0x5000);
	assert_reads(EDU0, RAM + 0x5000, RAM + 0x5000);
	assert_int_equal(world_unmap(DRIVER, h, RAM, MIB(4)), 0);
	assert_nothing(EDU0, RAM + 0x5000);
	assert_nothing(EDU0, RAM + MIB(3));
	assert_int_equal(client()->overlap, 0);
	/* A page out of a gigabyte. */
	assert_int_equal(map(RD, HUGE, GIB(1), 0), 0);
	assert_int_equal(world_dma(EDU0, HUGE, false), DMA_OK);
	assert_int_equal(map(WR, HUGE + MIB(500), 1, 0), 0);
	assert_writes(EDU0, HUGE + MIB(500), HUGE + MIB(500));
	assert_reads(EDU0, HUGE + MIB(900), HUGE + MIB(900));
	assert_int_equal(world_unmap(DRIVER, h, HUGE, GIB(1)), 0);
	assert_nothing(EDU0, HUGE);
	assert_nothing(EDU0, HUGE + MIB(900));
	assert_no_read(EDU0, HUGE + MIB(500));
	assert_writes(EDU0, HUGE + MIB(500), HUGE + MIB(500));
}

WORLD_TEST(I7_blocks_are_split_live)
{
	world_opts[0].bbm = world_opts[1].bbm = false;
	split();
}

WORLD_TEST(I7_blocks_are_split_with_break_before_make)
{
	world_opts[0].bbm = world_opts[1].bbm = true;
	split();
}

WORLD_TEST(walkers_that_are_not_coherent)
{
	world_opts[0].not_coherent = true;
	split();
}

/* A mapping that was not there before may be remembered as "not there". */
WORLD_TEST(units_that_want_to_be_told_of_new_mappings)
{
	world_opts[0].cautious = world_opts[1].cautious = true;
	split();
	assert_int_equal(map(RW, RAM + MIB(20), 0x3000, 0), 0);
	assert_writes(EDU0, RAM + MIB(20) + 0x2000, RAM + MIB(20) + 0x2000);
	assert_int_equal(map(RW, LOW + 0x1000, MIB(3), 0), 0);
	assert_reads(EDU0, LOW + 0x1000, LOW_PA + 0x1000);
	assert_reads(DMA0, LOW + MIB(3), LOW_PA + MIB(3));
}

WORLD_TEST(another_table_format)
{
	world_opts[0].other_format = world_opts[1].other_format = true;
	start();
	assert_int_equal(map(WR, RAM, 1, 0), 0);
	assert_writes(EDU0, RAM, RAM);
	if (world_hw.read_implied) {
		assert_reads(EDU0, RAM, RAM);
	} else {
		assert_no_read(EDU0, RAM);
	}
	assert_int_equal(map(RD, RAM + 0x1000, 1, 0), 0);
	assert_no_write(EDU0, RAM + 0x1000);
	assert_int_equal(map(EX, RAM + 0x2000, 1, 0), -BH_EINVAL); /* cannot be expressed */
	assert_int_equal(map(EX | RD, RAM + 0x2000, 1, 0), 0);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 1), 0);
	assert_nothing(EDU0, RAM);
}

WORLD_TEST(target_translates_one_entry)
{
	struct smmu_region two[2] = { { 0x1000, 0x1000 }, { 0x3000, 0x1000 } };

	start();
	assert_int_equal(map(RW | TARGET, 0x1234, 0x1000, RAM + 0x5234), 0);
	assert_writes(EDU0, 0x1000, RAM + 0x5000);
	assert_writes(EDU0, 0x2233, RAM + 0x6233);
	assert_nothing(EDU0, 0x3000);
	assert_nothing(EDU0, RAM + 0x5000);
	assert_int_equal(map(RW | TARGET, 0x10000, 0x1000, RAM + 0x10), -BH_EINVAL);
	assert_int_equal(map(RW | TARGET, 0x10000, 0x1000, BY_RAM), -BH_EACCES);
	assert_int_equal(map(RW | TARGET, 0x10000, 0x1000, 0x40200000), -BH_EACCES);
	assert_int_equal(map(WR | TARGET, 0x10000, 0x1000, ADJ), -BH_EACCES);
	assert_int_equal(map(RD | TARGET, 0x10000, 0x1000, ~0xfffull), -BH_EACCES);
	assert_int_equal(map(RD | TARGET, 0x10000, 0x2000, ~0xfffull), -BH_EACCES);
	assert_int_equal(map(RD | TARGET, 1ull << 39, 0x1000, RAM), -BH_ERANGE);
	assert_int_equal(smmu_mapping_add(VM(DRIVER), (uint64_t)h, RD | TARGET, two, 2, RAM + 0x1000), -BH_EINVAL);
	/* One page, two translations. */
	assert_int_equal(map(RD | TARGET, 0x1100, 1, RAM + 0x7100), -BH_EINVAL);
	assert_int_equal(map(RD | TARGET, 0x1234, 0x1000, RAM + 0x8234), -BH_EINVAL);
	assert_writes(EDU0, 0x1000, RAM + 0x5000);
	/* The same translation is an ordinary overlap. */
	assert_int_equal(map(RD | TARGET, 0x1100, 1, RAM + 0x5100), 0);
	assert_int_equal(map(TARGET, 0x1234, 0x1000, 0), 0); /* removal goes by device address */
	assert_no_write(EDU0, 0x1000);
	assert_reads(EDU0, 0x1000, RAM + 0x5000);
	assert_nothing(EDU0, 0x2000);
	assert_int_equal(map(0, 0x1100, 1, 0), 0);
	assert_nothing(EDU0, 0x1000);
	/* target is ignored without the flag */
	assert_int_equal(map(RD, RAM, 1, 0x777), 0);
	assert_reads(EDU0, RAM, RAM);
}

WORLD_TEST(target_needs_the_right)
{
	struct smmu_region r = { 0x1000, 0x1000 };
	int64_t b;

	start();
	b = world_object(BYSTANDER);
	assert_int_equal(world_add(BYSTANDER, b, NIC), 0);
	assert_int_equal(smmu_mapping_add(VM(BYSTANDER), (uint64_t)b, RD | TARGET, &r, 1, BY_RAM), -BH_EPERM);
	assert_nothing(NIC, 0x1000);
}

WORLD_TEST(I5_batches_are_all_or_nothing)
{
	struct smmu_region r[4] = { { RAM, 1 }, { RAM + 0x1000, 1 }, { RAM + 0x2000, 1 }, { BY_RAM, 1 } };
	struct smmu_region same[3] = { { RAM, 1 }, { RAM, 1 }, { RAM + 0x10, 1 } };
	uint16_t pages;

	start();
	pages = VM(DRIVER)->pool.free_count;
	for (unsigned bad = 0; bad < 4; bad++) {
		struct smmu_region t = r[3];

		r[3] = r[bad];
		r[bad] = t;
		assert_int_equal(map_n(RW, r, 4), -BH_EACCES);
		assert_nothing(EDU0, RAM);
		assert_nothing(EDU0, RAM + 0x1000);
		assert_nothing(EDU0, RAM + 0x2000);
		assert_int_equal(records(), 0);
		assert_int_equal(VM(DRIVER)->pool.free_count, pages);
		r[bad] = r[3];
		r[3] = t;
	}
	assert_int_equal(map_n(RW, r, 3), 0);
	assert_writes(EDU0, RAM + 0x2000, RAM + 0x2000);
	assert_int_equal(map_n(0, r, 4), 0);
	assert_nothing(EDU0, RAM);
	assert_int_equal(map_n(RW, same, 3), 0);
	assert_int_equal(records(), 2);
	assert_int_equal(map_n(0, same, 1), 0);
	assert_writes(EDU0, RAM, RAM);
	assert_int_equal(map_n(0, same, 3), 0);
	assert_nothing(EDU0, RAM);
	assert_int_equal(client()->overlap, 0);
}

WORLD_TEST(entries_of_one_batch_may_overlap_in_any_order)
{
	struct smmu_region r[3] = { { RAM, MIB(2) }, { RAM + 0x800, 0x1000 }, { RAM + MIB(1), MIB(2) } };
	static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	start();
	for (unsigned i = 0; i < 6; i++) {
		struct smmu_region o[3] = { r[order[i][0]], r[order[i][1]], r[order[i][2]] };

		assert_int_equal(map_n(RW, o, 3), 0);
		assert_writes(EDU0, RAM, RAM);
		assert_writes(EDU0, RAM + MIB(3) - 1, RAM + MIB(3) - 1);
		assert_nothing(EDU0, RAM + MIB(3));
		assert_int_equal(map_n(0, &o[1], 1), 0);
		assert_int_equal(map_n(0, o, 3), 0);
		assert_nothing(EDU0, RAM);
		assert_nothing(EDU0, RAM + 0x1000);
		assert_nothing(EDU0, RAM + MIB(2));
		assert_int_equal(records(), 0);
		assert_int_equal(client()->overlap, 0);
	}
}

WORLD_TEST(I6_limits_of_one_call)
{
	struct smmu_region r[3];
	uint64_t n = BH_LEAF_MAX * PAGE_SIZE;

	start();
	assert_int_equal(map(RD, ODD, n, 0), 0); /* 4,096 pages: exactly what fits */
	assert_reads(EDU0, ODD + n - 1, ODD_PA + n - 1);
	assert_int_equal(map(RD, ODD + n, n + 1, 0), -BH_E2BIG);
	assert_nothing(EDU0, ODD + n);
	assert_int_equal(world_unmap(DRIVER, h, ODD, n), 0);
	assert_nothing(EDU0, ODD);
	r[0] = (struct smmu_region){ ODD, n / 2 };
	r[1] = (struct smmu_region){ ODD + n / 2, n / 2 };
	r[2] = (struct smmu_region){ ODD + n, 1 };
	assert_int_equal(map_n(RD, r, 3), -BH_E2BIG);
	assert_nothing(EDU0, ODD);
	assert_nothing(EDU0, ODD + n);
	assert_int_equal(map_n(RD, r, 2), 0);
	assert_int_equal(map_n(0, r, 2), 0);
	assert_int_equal(map(RD, HUGE, GIB(4), 0), 0); /* four leaves */
	assert_reads(EDU0, HUGE + GIB(4) - 1, HUGE + GIB(4) - 1);
	assert_int_equal(world_unmap(DRIVER, h, HUGE, GIB(4)), 0);
	/* An entry that is written in parts counts with all of them. */
	r[1] = (struct smmu_region){ ODD + n - 0x1000, n };
	r[0] = (struct smmu_region){ ODD, 0x1000 };
	assert_int_equal(map_n(RD, r, 2), -BH_E2BIG);
	r[0] = (struct smmu_region){ ODD + n - 0x1000, 0x1000 };
	assert_int_equal(map_n(RD, r, 2), -BH_E2BIG);
	assert_nothing(EDU0, ODD + n);
	assert_int_equal(map(RD, ODD + n, 0x1000, 0), 0);
	assert_int_equal(map(RW, ODD, 2 * n, 0), -BH_E2BIG);
	assert_no_write(EDU0, ODD);
	assert_no_write(EDU0, ODD + n);
	assert_int_equal(world_unmap(DRIVER, h, ODD + n, 0x1000), 0);
	/* As much overlap as a client may have: 8,192 pages over all pairs of mappings. */
	assert_int_equal(map(RD, ODD, n, 0), 0);
	assert_int_equal(map(RD, ODD + 1, n - 1, 0), 0);
	assert_int_equal(map(WR, ODD + 2, n - 2, 0), -BH_E2BIG);
	assert_no_write(EDU0, ODD);
	assert_int_equal(client()->overlap, 4096);
	assert_int_equal(world_unmap(DRIVER, h, ODD, n), 0);
	assert_int_equal(client()->overlap, 0);
	assert_reads(EDU0, ODD + n - 1, ODD_PA + n - 1);
}

WORLD_TEST(I5_records_run_out)
{
	struct smmu_region r[2] = { { RAM + MIB(32), 1 }, { RAM + MIB(33), 1 } };
	unsigned i;

	start();
	for (i = 0; i < MAPPING_MAX - 2 - 1; i++) {
		assert_int_equal(map(RD, RAM + i * 0x1000, 1, 0), 0);
	}
	assert_int_equal(map_n(RD, r, 2), -BH_ENOMEM);
	assert_nothing(EDU0, RAM + MIB(32));
	assert_int_equal(map_n(RD, r, 1), 0);
	assert_int_equal(map(RD, RAM + MIB(40), 1, 0), -BH_ENOMEM);
	assert_int_equal(map(RD, RAM, 1, 0), 0); /* is there already */
	assert_int_equal(world_unmap(DRIVER, h, RAM + 0x5000, 1), 0);
	assert_int_equal(map(RD, RAM + MIB(40), 1, 0), 0);
	assert_reads(EDU0, RAM + MIB(40), RAM + MIB(40));
	for (i = 0; i < MAPPING_MAX; i++) {
		assert_int_equal(world_unmap(DRIVER, h, RAM + i * 0x1000, 1), 0);
	}
	assert_int_equal(world_unmap(DRIVER, h, RAM + MIB(40), 1), 0);
	assert_int_equal(map_n(0, r, 2), 0);
	assert_int_equal(records(), 0);
}

/* The pool ends at every possible page of a call: nothing changes, and what is mapped stays mapped. */
WORLD_TEST(I5_table_pages_run_out_at_every_point)
{
	struct smmu_region r[3] = { { RAM + 0x1000, 0x1000 }, { LOW, 0x1000 }, { HUGE + MIB(3), 0x1000 } };
	struct pool *p = &VM(DRIVER)->pool;
	unsigned needed;
	void *hold[64];
	unsigned held = 0;

	start();
	assert_int_equal(map(RD, HUGE + MIB(2), MIB(2), 0), 0); /* to be split by r[2] */
	needed = p->free_count;
	while (p->free_count > 0) {
		hold[held++] = pool_get(p);
	}
	for (unsigned have = 0; have <= needed; have++) {
		int64_t err = map_n(WR, r, 3);

		assert_reads(EDU0, HUGE + MIB(3), HUGE + MIB(3));
		if (err == 0) {
			assert_true(have == 4); /* RAM 1, LOW 2, and the split block */
			break;
		}
		assert_int_equal(err, -BH_ENOMEM);
		assert_nothing(EDU0, RAM + 0x1000);
		assert_nothing(EDU0, LOW);
		assert_no_write(EDU0, HUGE + MIB(3));
		assert_int_equal(records(), 1);
		assert_int_equal(client()->overlap, 0);
		pool_put(p, hold[--held]);
	}
	assert_writes(EDU0, RAM + 0x1000, RAM + 0x1000);
	assert_writes(EDU0, LOW, LOW_PA);
	assert_writes(EDU0, HUGE + MIB(3), HUGE + MIB(3));
}

/* Tables that became empty are found again when they are needed, and nobody walks them any more. */
WORLD_TEST(I4_empty_tables_are_reclaimed)
{
	start();
	for (unsigned round = 0; round < 200; round++) {
		uint64_t addr = HUGE + MIB(2) * round + 0x5000;

		assert_int_equal(map(RW, addr, 0x1000, 0), 0);
		assert_int_equal(world_dma(EDU0, addr, true), DMA_OK);
		assert_int_equal(world_unmap(DRIVER, h, addr, 0x1000), 0);
		assert_nothing(EDU0, addr);
	}
	assert_int_equal(world_dma(EDU0, HUGE + 0x5000, true), DMA_BLOCKED);
	for (unsigned i = 0; i < 100; i++) {
		assert_nothing(EDU0, HUGE + MIB(2) * i + 0x5000);
	}
}

WORLD_TEST(I5_a_partition_exhausts_only_itself)
{
	int64_t b;
	unsigned i = 0;

	start();
	while (map(RD, HUGE + MIB(2) * i, 0x1000, 0) == 0) {
		i++;
	}
	assert_int_equal(VM(DRIVER)->pool.free_count, 0);
	b = world_object(BYSTANDER);
	assert_int_equal(world_add(BYSTANDER, b, NIC), 0);
	assert_int_equal(world_map(BYSTANDER, b, RD, BY_RAM, 0x1000), 0);
	assert_reads(NIC, BY_RAM, BY_RAM);
	assert_int_equal(smmu_obj_create(VM(DRIVER), 0), -BH_ENOMEM);
}

WORLD_TEST(I2_shared_memory_is_reached_by_both)
{
	int64_t b;

	start();
	b = world_object(BYSTANDER);
	assert_int_equal(world_add(BYSTANDER, b, NIC), 0);
	assert_int_equal(world_map(BYSTANDER, b, WR, SHARED, 0x1000), 0);
	assert_int_equal(map(RD, SHARED, 0x1000, 0), 0);
	assert_reads(EDU0, SHARED, SHARED);
	assert_no_write(EDU0, SHARED);
	assert_writes(NIC, SHARED, SHARED);
	assert_int_equal(world_unmap(DRIVER, h, SHARED, 0x1000), 0);
	assert_writes(NIC, SHARED, SHARED);
}

WORLD_TEST(different_rights_in_two_objects)
{
	int64_t b;

	start();
	b = smmu_obj_create(VM(DRIVER), 0);
	assert_int_equal(world_add(DRIVER, b, EDU1), 0);
	assert_int_equal(map(RD, RAM, 0x1000, 0), 0);
	assert_int_equal(world_map(DRIVER, b, WR, RAM, 0x1000), 0);
	assert_no_write(EDU0, RAM);
	assert_no_read(EDU1, RAM);
	assert_int_equal(world_unmap(DRIVER, b, RAM, 0x1000), 0);
	assert_reads(EDU0, RAM, RAM);
	assert_nothing(EDU1, RAM);
}

WORLD_TEST(counters)
{
	struct smmu_region r[2] = { { RAM, 1 }, { RAM + 0x10000, 1 } };
	struct smmu_stats s;

	start();
	assert_int_equal(map_n(RD, r, 2), 0);
	assert_int_equal(map_n(0, r, 1), 0);
	(void)world_dma(EDU0, RAM, false);
	assert_int_equal(smmu_obj_stats(VM(DRIVER), (uint64_t)h, &s), 0);
	assert_int_equal(s.object.maps, 4); /* with DMA0's reserved regions */
	assert_int_equal(s.object.unmaps, 1);
	assert_int_equal(s.object.invalidations, 2); /* two units */
	assert_int_equal(s.object.faults, 1);
	assert_int_equal(s.pages_free, VM(DRIVER)->pool.free_count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I2_I3_only_own_memory_with_its_rights),
		T(memory_the_unit_cannot_address),
		T(any_start_and_length_rounded_to_pages),
		T(translated_by_stage_2_and_across_regions),
		T(I4_unmapped_is_unmapped_when_the_call_returns),
		T(commands_per_call),
		T(rights_are_the_union_per_page),
		T(adding_again_is_not_counted),
		T(I7_blocks_are_split_live),
		T(I7_blocks_are_split_with_break_before_make),
		T(walkers_that_are_not_coherent),
		T(units_that_want_to_be_told_of_new_mappings),
		T(another_table_format),
		T(target_translates_one_entry),
		T(target_needs_the_right),
		T(I5_batches_are_all_or_nothing),
		T(entries_of_one_batch_may_overlap_in_any_order),
		T(I6_limits_of_one_call),
		T(I5_records_run_out),
		T(I5_table_pages_run_out_at_every_point),
		T(I4_empty_tables_are_reclaimed),
		T(I5_a_partition_exhausts_only_itself),
		T(I2_shared_memory_is_reached_by_both),
		T(different_rights_in_two_objects),
		T(counters),
	};

	int failed = cmocka_run_group_tests_name("general way", tests, NULL, NULL);

	world_short = true;
	return failed + cmocka_run_group_tests_name("short way first", tests, NULL, NULL);
}
