/* SPDX-License-Identifier: Apache-2.0 */
/* Probe, block and enable of an SMMUv3, from every state and with everything that can refuse [I1]. */
#include "smmuv3_setup.h"

#include <string.h>

#include <arch/mmio.h>

enum { RW = PROT_READ | PROT_WRITE };

static void check_blocked_everywhere(unsigned n)
{
	static const sid_t sids[] = { 0, 1, 0x20, 0xff, 0x100, 0xffff, 0x10000 };
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(sids); i++) {
		assert_blocked(n, sids[i], 0, false);
		assert_blocked(n, sids[i], 0x40001000, true);
		assert_blocked(n, sids[i], ~0ull & ~0xfffull, true);
	}
}

/* --- [I1] --- */

static void I1_cold_bypass_is_blocked(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_unit(0, &o);
	assert_int_equal(smmuv3_model_peek(0, 0x20, 0x1000, true, NULL), SMMUV3_DMA_BYPASS);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(smmuv3_model_peek(0, 0x20, 0x1000, true, NULL), SMMUV3_DMA_BYPASS); /* probe changes nothing */
	assert_int_equal(iommu_hw_block(U(0)), 0);
	check_blocked_everywhere(0);
}

static bool seen_open;

static void enable_stays_blocked(void *ctx)
{
	(void)ctx;
	seen_open |= smmuv3_model_peek(0, 0x20, 0x40000000, true, NULL) != SMMUV3_DMA_BLOCKED;
}

static void I1_enable_opens_nothing(void **state)
{
	static const enum smmuv3_model_reset resets[] = {
		SMMUV3_RESET_BYPASS, SMMUV3_RESET_ABORT, SMMUV3_RESET_FOREIGN,
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(resets); i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();

		setup_each(NULL);
		o.reset = resets[i];
		o.hyp = i & 1;
		setup_unit(0, &o);
		assert_int_equal(iommu_hw_probe(U(0)), 0);
		assert_int_equal(iommu_hw_block(U(0)), 0);
		check_blocked_everywhere(0);
		seen_open = false;
		smmuv3_model_each_store(enable_stays_blocked, NULL);
		assert_int_equal(iommu_hw_enable(U(0)), 0);
		assert_false(seen_open);
		assert_true(smmuv3_model_enabled(0));
		check_blocked_everywhere(0);
	}
}

/* A previous owner's table bypasses: from the first look at GBPA to the end there may be no gap. */
static bool foreign_before, foreign_gap;

static uint64_t probe_read(void *ctx, uint64_t off, unsigned width)
{
	bool open = smmuv3_model_peek(0, 0x20, 0x1000, true, NULL) != SMMUV3_DMA_BLOCKED;

	(void)ctx;
	foreign_gap |= open && !foreign_before;
	foreign_before = open;
	return fake_mmio_read(UNIT_BASE(0) + off, width);
}

static void probe_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	(void)ctx;
	fake_mmio_write(UNIT_BASE(0) + off, width, v);
}

static void I1_warm_start_closes_once(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.reset = SMMUV3_RESET_FOREIGN;
	o.hyp = true;
	setup_unit(0, &o);
	assert_int_equal(smmuv3_model_peek(0, 0x20, 0x1000, true, NULL), SMMUV3_DMA_BYPASS);
	/* The driver talks to the unit through a window that looks at every register access. */
	fake_mmio_add(0x70000000, SMMUV3_MODEL_SIZE, probe_read, probe_write, NULL);
	U(0)->base = 0x70000000;
	foreign_before = true;
	foreign_gap = false;
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), 0);
	assert_false(foreign_before); /* closed by now … */
	assert_int_equal(iommu_hw_enable(U(0)), 0);
	check_blocked_everywhere(0);
	assert_false(foreign_gap);    /* … and never opened again on the way */
}

static void I1_nothing_foreign_stays_cached(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_domain d;

	(void)state;
	o.reset = SMMUV3_RESET_FOREIGN;
	setup_running(0, &o);
	setup_domain(&d, 0, 1);
	map(&d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
	assert_works(0, 0x20, 0x40000000, true, TARGET_A);
	assert_blocked(0, 0x20, 0x1000, true);
	assert_blocked(0, 0x21, 0x1000, true);
	assert_int_equal(smmuv3_model_irqs(0, 1), 0); /* the foreign owner's error is not reported as ours */
}

static void I1_without_gbpa_an_empty_table_blocks(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_domain d;

	(void)state;
	o.no_gbpa = true;
	o.s2 = false;
	setup_unit(0, &o);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), 0);
	check_blocked_everywhere(0);
	assert_int_equal(fake_log_count[1], 1); /* a warning */
	/* Attached before enable, as the configuration's own domains are. */
	setup_domain(&d, 0, 1);
	map(&d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
	assert_int_equal(iommu_hw_enable(U(0)), 0);
	assert_works(0, 0x20, 0x40000000, true, TARGET_A);
	assert_blocked(0, 0x21, 0x40000000, true);
	iommu_hw_block_now(U(0));
	smmuv3_model_run(0);
	assert_true(smmuv3_model_enabled(0)); /* SMMUEN = 0 would let everything pass */
	assert_int_equal(smmuv3_model_commands(0, 0x04), 2);
}

static void attach_before_enable(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_domain d;
	struct pt_change c;

	(void)state;
	setup_unit(0, &o);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), 0);
	setup_domain(&d, 0, 7);
	map(&d, 0x40000000, TARGET_A, 2 * PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
	c = unmap(&d, 0x40001000, PAGE_SIZE);
	iommu_hw_inv_range(U(0), &d, &c);
	iommu_hw_inv_domain(U(0), &d);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
	check_blocked_everywhere(0);
	assert_int_equal(iommu_hw_enable(U(0)), 0);
	assert_works(0, 0x20, 0x40000000, true, TARGET_A);
	assert_blocked(0, 0x20, 0x40001000, true);
}

/* --- what a unit must have --- */

static void expect_refused(const struct smmuv3_model_opts *o, const char *word)
{
	setup_each(NULL);
	setup_unit(0, o);
	assert_int_equal(iommu_hw_probe(U(0)), -BH_ENODEV);
	assert_int_equal(fake_log_count[0], 1);
	assert_non_null(strstr(fake_log, word));
}

static void probe_refuses(void **state)
{
	struct smmuv3_model_opts o;

	(void)state;
	o = smmuv3_model_default();
	o.s1 = o.s2 = false;
	expect_refused(&o, "IDR0.S1P, S2P");
	o = smmuv3_model_default();
	o.ttf = 1;
	expect_refused(&o, "IDR0.TTF");
	o = smmuv3_model_default();
	o.ttendian = 3;
	expect_refused(&o, "IDR0.TTENDIAN");
	o = smmuv3_model_default();
	o.idr0_xor = 3u << 24; /* 0b01 becomes 0b10 */
	expect_refused(&o, "IDR0.STALL_MODEL");
	o = smmuv3_model_default();
	o.gran4k = false;
	expect_refused(&o, "IDR5.GRAN4K");
	o = smmuv3_model_default();
	o.idr1_xor = 1u << 29;
	expect_refused(&o, "QUEUES_PRESET");
	o = smmuv3_model_default();
	o.idr1_xor = 1u << 30;
	expect_refused(&o, "TABLES_PRESET");
}

static void probe_refuses_small_window(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_unit(0, &o);
	U(0)->size = 0x10000;
	assert_int_equal(iommu_hw_probe(U(0)), -BH_ENODEV);
	assert_int_equal(fake_mmio_count, 0);
}

static void probe_capabilities(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.oas = 4;
	setup_unit(0, &o);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(U(0)->cap.sid_bits, 16);
	assert_int_equal(U(0)->cap.in_bits, 39);
	assert_int_equal(U(0)->cap.out_bits, 44);
	assert_true(U(0)->cap.coherent);
	assert_false(U(0)->cap.read_implied);
	assert_true(U(0)->cap.live_split);
	assert_int_equal(U(0)->cap.domain_max, 0xffff);

	o = smmuv3_model_default();
	o.s2 = o.coherent = o.wide_ids = o.two_level = false;
	o.bbml = 1;
	o.oas = 1;
	setup_each(NULL);
	setup_unit(0, &o);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(U(0)->cap.sid_bits, 8); /* what one linear table of ours covers */
	assert_int_equal(U(0)->cap.in_bits, 36);
	assert_int_equal(U(0)->cap.out_bits, 36);
	assert_false(U(0)->cap.coherent);
	assert_true(U(0)->cap.read_implied);
	assert_false(U(0)->cap.live_split);
	assert_int_equal(U(0)->cap.domain_max, 0xff);
}

/* --- hardware that does not answer [I6] --- */

static void block_times_out_on_gbpa(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_unit(0, &o);
	smmuv3_model_inject(0)->gbpa_stuck = true;
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), -BH_EIO);
	assert_non_null(strstr(fake_log, "GBPA.UPDATE"));
	assert_in_range(fake_time_us, 900, 3000);
}

static void block_times_out_on_cr0(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.reset = SMMUV3_RESET_FOREIGN;
	setup_unit(0, &o);
	smmuv3_model_inject(0)->cr0ack_stuck = true;
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), -BH_EIO);
	assert_non_null(strstr(fake_log, "CR0ACK"));
}

static void block_times_out_on_irq_ctrl(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.reset = SMMUV3_RESET_FOREIGN;
	setup_unit(0, &o);
	smmuv3_model_inject(0)->irqack_stuck = true;
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), -BH_EIO);
	assert_non_null(strstr(fake_log, "IRQ_CTRLACK"));
}

static void I1_enable_that_fails_stays_blocked(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();
		struct smmuv3_model_inject *inject;

		setup_each(NULL);
		setup_unit(0, &o);
		assert_int_equal(iommu_hw_probe(U(0)), 0);
		assert_int_equal(iommu_hw_block(U(0)), 0);
		inject = smmuv3_model_inject(0);
		inject->sync_never = i == 0;
		inject->cmd_error = i == 1;
		inject->cr0ack_stuck = i == 2;
		inject->irqack_stuck = i == 3;
		assert_int_equal(iommu_hw_enable(U(0)), -BH_EIO);
		assert_true(U(0)->failed);
		check_blocked_everywhere(0);
		assert_true(fake_time_us < 10000);
	}
}

static void I1_block_now_blocks_at_once(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_domain d;

	(void)state;
	setup_running(0, &o);
	setup_domain(&d, 0, 1);
	map(&d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
	assert_works(0, 0x20, 0x40000000, true, TARGET_A);
	fake_time_step_us = 0; /* the clock is of no help in a panic */
	iommu_hw_block_now(U(0));
	check_blocked_everywhere(0);
	assert_blocked(0, 0x20, 0x40000000, true);
	iommu_hw_block_now(U(0)); /* again */
	assert_blocked(0, 0x20, 0x40000000, true);
}

static void block_now_never_waits_long(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_running(0, &o);
	smmuv3_model_inject(0)->gbpa_stuck = true;
	smmuv3_model_inject(0)->cr0ack_stuck = true;
	smmuv3_model_inject(0)->sync_never = true;
	fake_time_step_us = 0;
	fake_mmio_count = 0;
	iommu_hw_block_now(U(0));
	assert_true(fake_mmio_count < 100000);
}

static void queues_take_the_unit_s_size(void **state)
{
	static const uint8_t log2[] = { 0, 1, 4, 8, 19 };
	unsigned i, k;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(log2); i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();
		struct iommu_domain d;

		setup_each(NULL);
		o.cmdq_log2 = o.evtq_log2 = log2[i];
		setup_running(0, &o);
		setup_domain(&d, 0, 1);
		map(&d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
		assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
		assert_works(0, 0x20, 0x40000000, true, TARGET_A);
		/* 2^k + 1 invalidations without a sync: more than any queue of ours holds. */
		for (k = 0; k < 513; k++) {
			iommu_hw_inv_domain(U(0), &d);
		}
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_int_equal(smmuv3_model_commands(0, 0x28), 513);
	}
}

static void messages_are_off(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.msi = true;
	setup_running(0, &o); /* the model fails the test if message registers are touched without IDR0.MSI */
	assert_true(smmuv3_model_enabled(0));
}

static void units_do_not_share_state(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_domain a, b;
	unsigned i;

	(void)state;
	for (i = 0; i < UNIT_MAX; i++) {
		o.s2 = (i != 1);
		o.coherent = (i != 2);
		o.two_level = (i != 3);
		setup_running(i, &o);
	}
	setup_domain(&a, 0, 1);
	setup_domain(&b, 1, 1); /* the same id, another format */
	map(&a, 0x40000000, TARGET_A, PAGE_SIZE, RW);
	map(&b, 0x40000000, TARGET_B, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 5, &a), 0);
	assert_int_equal(iommu_hw_attach(U(1), 5, &b), 0);
	assert_works(0, 5, 0x40000000, true, TARGET_A);
	assert_works(1, 5, 0x40000000, true, TARGET_B);
	assert_blocked(2, 5, 0x40000000, true);
	assert_blocked(3, 5, 0x40000000, true);
	/* Tables of the wrong format, or that the unit would not see, are refused. */
	assert_int_equal(iommu_hw_attach(U(1), 6, &a), -BH_ERANGE);
	assert_int_equal(iommu_hw_attach(U(2), 6, &a), -BH_ERANGE);
	assert_int_equal(iommu_hw_detach(U(0), 5), 0);
	assert_blocked(0, 5, 0x40000000, true);
	assert_works(1, 5, 0x40000000, true, TARGET_B);
	/* One fails: the others go on. */
	smmuv3_model_inject(1)->sync_never = true;
	assert_int_equal(iommu_hw_sync(U(1)), -BH_ETIMEDOUT);
	assert_int_equal(iommu_hw_sync(U(0)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I1_cold_bypass_is_blocked), T(I1_enable_opens_nothing), T(I1_warm_start_closes_once),
		T(I1_nothing_foreign_stays_cached), T(I1_without_gbpa_an_empty_table_blocks), T(attach_before_enable),
		T(probe_refuses), T(probe_refuses_small_window), T(probe_capabilities), T(block_times_out_on_gbpa),
		T(block_times_out_on_cr0), T(block_times_out_on_irq_ctrl), T(I1_enable_that_fails_stays_blocked),
		T(I1_block_now_blocks_at_once), T(block_now_never_waits_long), T(queues_take_the_unit_s_size),
		T(messages_are_off), T(units_do_not_share_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
