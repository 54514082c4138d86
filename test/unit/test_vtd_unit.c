/* SPDX-License-Identifier: Apache-2.0 */
/* Probe, block and enable of a VT-d unit, from every state and with everything that can refuse [I1]. */
#include "vtd_setup.h"

#include <string.h>

enum { RW = PROT_READ | PROT_WRITE };

static const sid_t sids[] = { 0, 1, 0x20, 0xff, 0x100, 0xff00, 0xffff };

static void check_blocked_everywhere(unsigned n)
{
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(sids); i++) {
		assert_blocked(n, sids[i], 0, false);
		assert_blocked(n, sids[i], 0x40001000, true);
		assert_blocked(n, sids[i], vtd_model_pmr(n), true);
		assert_blocked(n, sids[i], ~0ull & ~0xfffull, true);
	}
}

static void check_silent(unsigned n)
{
	static const uint64_t addrs[] = { 0xfee00000, 0xfee01000, 0xfee0000c, 0xfee00010, 0xfee00810, 0xfee01ff0 };
	unsigned i, k;

	for (i = 0; i < ARRAY_COUNT(sids); i++) {
		for (k = 0; k < ARRAY_COUNT(addrs); k++) {
			assert_int_equal(vtd_model_msi_peek(n, sids[i], addrs[k], 0x4030, NULL), VTD_MSI_BLOCKED);
		}
	}
}

/* --- [I1] --- */

static void I1_cold_start_is_blocked(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_unit(0, &o);
	assert_int_equal(vtd_model_peek(0, 0x20, 0x1000, true, NULL), VTD_DMA_BYPASS);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(vtd_model_peek(0, 0x20, 0x1000, true, NULL), VTD_DMA_BYPASS); /* probe changes nothing */
	assert_int_equal(iommu_hw_block(U(0)), 0);
	check_blocked_everywhere(0);
}

static struct vtd_model_opts kind(unsigned i)
{
	struct vtd_model_opts o = flavour(i % FLAVOURS);

	o.plmr = (i & 1) != 0;
	o.phmr = (i & 2) != 0;
	return o;
}

/* --- between any two stores and any two register accesses: what was blocked stays blocked --- */

enum { LOOKS = ARRAY_COUNT(sids) * 4 };

static bool open_before[LOOKS];
static unsigned reopened, looks;

static bool open_now(unsigned i)
{
	static const uint64_t addrs[4] = { 0x1000, 0x40001000, 0, 0xfee00000 };
	sid_t sid = sids[i / 4];

	switch (i % 4) {
	case 2:
		return vtd_model_peek(0, sid, vtd_model_pmr(0), true, NULL) != VTD_DMA_BLOCKED;
	case 3:
		return vtd_model_msi_peek(0, sid, addrs[3] | (i & 8) << 1, 0x30, NULL) != VTD_MSI_BLOCKED;
	default:
		return vtd_model_peek(0, sid, addrs[i % 4], (i & 1) != 0, NULL) != VTD_DMA_BLOCKED;
	}
}

static void look(void *ctx)
{
	static unsigned seen;
	unsigned i;

	(void)ctx;
	if (looks > 0 && vtd_model_changes(0) == seen) {
		return; /* polling */
	}
	seen = vtd_model_changes(0);
	looks++;
	for (i = 0; i < LOOKS; i++) {
		bool open = open_now(i);

		if (open && !open_before[i]) {
			reopened++;
		}
		open_before[i] = open;
	}
}

static void look_start(void)
{
	memset(open_before, 1, sizeof(open_before));
	reopened = looks = 0;
	look(NULL);
	vtd_model_each_store(look, NULL);
	vtd_model_each_access(0, look, NULL);
}

static void look_end(void)
{
	unsigned i;

	look(NULL);
	vtd_model_each_store(NULL, NULL);
	vtd_model_each_access(0, NULL, NULL);
	assert_int_equal(reopened, 0);
	for (i = 0; i < LOOKS; i++) {
		if (i % 4 != 3) {
			assert_false(open_before[i]);
		}
	}
}

static void I1_every_left_over_closes_once(void **state)
{
	unsigned i, left;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		for (left = 0; left <= VTD_LEFT_ALL; left++) {
			struct vtd_model_opts o = kind(i + left);

			setup_each(NULL);
			o.left = left;
			setup_unit(0, &o);
			look_start();
			assert_int_equal(iommu_hw_probe(U(0)), 0);
			assert_int_equal(iommu_hw_block(U(0)), 0);
			look_end();
			check_blocked_everywhere(0);
			if (intremap_on(U(0))) {
				check_silent(0);
			}
			look_start();
			assert_int_equal(iommu_hw_enable(U(0)), 0);
			look_end();
			assert_true(vtd_model_enabled(0));
			check_blocked_everywhere(0);
			assert_int_equal(intremap_on(U(0)), o.ir);
			if (o.ir) {
				check_silent(0);
			}
			assert_int_equal(vtd_model_irqs(0), 0);
		}
	}
}

static void what_is_set_up_works_whatever_was_there(void **state)
{
	unsigned left;

	(void)state;
	for (left = 0; left <= VTD_LEFT_ALL; left++) {
		struct vtd_model_opts o = kind(left);
		struct iommu_domain d;

		setup_each(NULL);
		o.left = left;
		setup_running(0, &o);
		setup_domain(&d, 0, 1);
		map(&d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
		map(&d, 0x40001000, vtd_model_pmr(0), PAGE_SIZE, RW);
		assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
		assert_works(0, 0x20, 0x40000000, true, TARGET_A);
		assert_works(0, 0x20, 0x40001000, true, vtd_model_pmr(0)); /* no protected region is left on */
		assert_blocked(0, 0x20, 0x1000, true);
		assert_blocked(0, 0x21, 0x1000, true);
	}
}

static void block_and_enable_twice(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_domain d;

	(void)state;
	setup_running(0, &o);
	setup_domain(&d, 0, 1);
	map(&d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 0x20, &d), 0);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), 0);
	check_blocked_everywhere(0);
	assert_blocked(0, 0x20, 0x40000000, true);
	assert_int_equal(iommu_hw_enable(U(0)), 0);
	check_blocked_everywhere(0);
	assert_blocked(0, 0x20, 0x40000000, true);
}

/* --- what a unit must have --- */

static void expect_refused(const struct vtd_model_opts *o)
{
	setup_each(NULL);
	setup_unit(0, o);
	assert_int_equal(iommu_hw_probe(U(0)), -BH_ENODEV);
	assert_int_equal(fake_log_count[0], 1);
	assert_int_equal(vtd_model_peek(0, 0x20, 0x1000, true, NULL), VTD_DMA_BYPASS); /* was not touched */
}

static void probe_refuses(void **state)
{
	struct vtd_model_opts o;

	(void)state;
	o = vtd_model_default();
	o.sagaw = 0;
	expect_refused(&o);
	o = vtd_model_default();
	o.sagaw = 8; /* five levels only */
	expect_refused(&o);
	o = vtd_model_default();
	o.sagaw = 1;
	expect_refused(&o);
	o = vtd_model_default();
	o.nfr = 8;
	o.fro = 0xff; /* records beyond the registers' page */
	o.cap_xor = 0x3ffull << 24 ^ 0xffull << 24;
	expect_refused(&o);
	o = vtd_model_default();
	o.qi = o.ir = false;
	o.ecap_xor = 0x300ull << 8; /* IOTLB registers beyond it */
	expect_refused(&o);
}

static void probe_refuses_small_window(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_unit(0, &o);
	U(0)->size = 0x80;
	assert_int_equal(iommu_hw_probe(U(0)), -BH_ENODEV);
	assert_int_equal(fake_mmio_count, 0);
}

static void probe_capabilities(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		uint32_t domains = (1u << (4 + 2 * o.nd)) - 1;

		setup_each(NULL);
		setup_unit(0, &o);
		assert_int_equal(iommu_hw_probe(U(0)), 0);
		assert_int_equal(U(0)->cap.sid_bits, 16);
		assert_true(U(0)->cap.in_bits <= o.mgaw);
		assert_true(U(0)->cap.in_bits >= 39);
		assert_true(U(0)->cap.out_bits >= 39);
		assert_int_equal(U(0)->cap.coherent, o.coherent);
		assert_false(U(0)->cap.read_implied);
		assert_true(U(0)->cap.domain_max <= domains);
		assert_true(U(0)->cap.domain_max >= 15);
		assert_non_null(U(0)->cap.fmt);
		assert_int_equal(U(0)->cap.map_inv, o.cm || o.rwbf);
		assert_int_equal(U(0)->cap.levels_min, (o.sagaw & 2) != 0 ? 3 : 4);
	}
}

/* --- hardware that does not answer [I6] --- */

static void block_times_out_on_any_command(void **state)
{
	static const uint32_t bits[] = { 1u << 31, 1u << 30 };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bits); i++) {
		struct vtd_model_opts o = vtd_model_default();

		setup_each(NULL);
		setup_unit(0, &o);
		vtd_model_inject(0)->gsts_stuck = bits[i];
		assert_int_equal(iommu_hw_probe(U(0)), 0);
		assert_int_equal(iommu_hw_block(U(0)), -BH_EIO);
		assert_in_range(fake_log_count[0], 1, 2);
		assert_in_range(fake_time_us, 900, 10000);
	}
}

/* Whichever command or invalidation gets stuck on the way: an error or a blocked unit, never a hang. */
static void I6_every_wait_ends(void **state)
{
	unsigned i, left;

	(void)state;
	for (i = 0; i < 11; i++) {
		for (left = 0; left <= VTD_LEFT_ALL; left += 5) {
			struct vtd_model_opts o = kind(left);
			struct vtd_model_inject *inject;
			int err;

			setup_each(NULL);
			o.left = left;
			setup_unit(0, &o);
			inject = vtd_model_inject(0);
			inject->wait_never = i == 0;
			inject->queue_error = i == 1;
			inject->ite = i == 2;
			inject->ccmd_never = i == 3;
			inject->iotlb_never = i == 4;
			inject->refused = i == 5;
			inject->pmr_stuck = i == 6;
			inject->gsts_stuck = i >= 7 ? 1u << (i + 20) : 0; /* 27 WBF … 30 SRTP */
			inject->gsts_stuck = i == 8 ? 1u << 26 : i == 9 ? 1u << 25 | 1u << 24 : inject->gsts_stuck;
			assert_int_equal(iommu_hw_probe(U(0)), 0);
			err = iommu_hw_block(U(0));
			assert_true(err == 0 || err == -BH_EIO);
			if (err == 0) {
				check_blocked_everywhere(0);
				err = iommu_hw_enable(U(0));
				assert_true(err == 0 || err == -BH_EIO);
				assert_int_equal(U(0)->failed, err != 0);
				check_blocked_everywhere(0);
			}
			assert_true(fake_time_us < 40000);
		}
	}
}

static void setup_attached(struct iommu_domain *d, const struct vtd_model_opts *o)
{
	setup_each(NULL);
	setup_running(0, o);
	setup_domain(d, 0, 1);
	map(d, 0x40000000, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), 0x20, d), 0);
	assert_works(0, 0x20, 0x40000000, true, TARGET_A);
	vtd_model_posted(0, true);
}

static void I1_block_now_blocks_at_once(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct iommu_domain d;

		setup_attached(&d, &o);
		fake_time_step_us = 0; /* the clock is of no help in a panic */
		iommu_hw_block_now(U(0));
		check_blocked_everywhere(0);
		assert_blocked(0, 0x20, 0x40000000, true);
		iommu_hw_block_now(U(0)); /* again */
		assert_blocked(0, 0x20, 0x40000000, true);
		assert_true(vtd_model_enabled(0)); /* TE = 0 would let everything pass */
	}
}

/* A queue that is stuck must not be what stands between a device and the block. */
static void check_block_now(bool stuck, uint32_t error)
{
	unsigned i;

	for (i = 0; i < FLAVOURS_QI; i++) {
		struct vtd_model_opts o = flavour(i);
		struct iommu_domain d;

		if (!stuck && i % 2 == 0) {
			o.version = 0x60; /* there is nothing but the queue */
			o.esrtps = false;
		}
		setup_attached(&d, &o);
		vtd_model_inject(0)->wait_never = stuck;
		if (error != 0) {
			vtd_model_error(0, error);
		}
		fake_time_step_us = 0;
		iommu_hw_block_now(U(0));
		check_blocked_everywhere(0);
		assert_blocked(0, 0x20, 0x40000000, true);
		assert_true(vtd_model_enabled(0));
	}
}

static void I1_block_now_with_a_stuck_queue(void **state)
{
	(void)state;
	check_block_now(true, 0);
}

static void I1_block_now_after_a_queue_error(void **state)
{
	(void)state;
	check_block_now(false, 1 << 4);
	check_block_now(false, 1 << 5);
	check_block_now(false, 1 << 6);
}

/* In the middle of anything: a panic on another CPU does not wait for the lock. */
static unsigned panic_at, panic_seen;

static void panic_look(void *ctx)
{
	(void)ctx;
	if (++panic_seen == panic_at) {
		iommu_hw_block_now(U(0));
		check_blocked_everywhere(0);
	}
}

static void I1_block_now_in_the_middle_of_an_attach(void **state)
{
	(void)state;
	for (panic_at = 1; panic_at < 200; panic_at++) {
		struct vtd_model_opts o = vtd_model_default();
		struct iommu_domain d;

		setup_attached(&d, &o);
		panic_seen = 0;
		vtd_model_each_store(panic_look, NULL);
		assert_true(iommu_hw_attach(U(0), 0x20, &d) <= 0);
		vtd_model_each_store(NULL, NULL);
		if (panic_seen < panic_at) {
			break;
		}
	}
	assert_in_range(panic_at, 2, 199);
}

static void block_now_never_waits_long(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_domain d;

	(void)state;
	setup_attached(&d, &o);
	vtd_model_inject(0)->wait_never = true;
	vtd_model_inject(0)->gsts_stuck = ~0u;
	vtd_model_inject(0)->ccmd_never = true;
	vtd_model_inject(0)->iotlb_never = true;
	fake_time_step_us = 0;
	fake_mmio_count = 0;
	iommu_hw_block_now(U(0));
	assert_true(fake_mmio_count < 200000);
	/* What is not cached is blocked even so: the tables lead nowhere. */
	assert_blocked(0, 0x21, 0x40000000, true);
}

static void block_now_of_a_unit_nobody_has_seen(void **state)
{
	(void)state;
	U(UNIT_MAX - 1)->id = UNIT_MAX - 1; /* no test uses it */
	iommu_hw_block_now(U(UNIT_MAX - 1));
	assert_int_equal(fake_mmio_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I1_cold_start_is_blocked), T(I1_every_left_over_closes_once),
		T(what_is_set_up_works_whatever_was_there), T(block_and_enable_twice), T(probe_refuses),
		T(probe_refuses_small_window), T(probe_capabilities), T(block_times_out_on_any_command),
		T(I6_every_wait_ends), T(I1_block_now_blocks_at_once), T(I1_block_now_with_a_stuck_queue),
		T(I1_block_now_after_a_queue_error), T(I1_block_now_in_the_middle_of_an_attach),
		T(block_now_never_waits_long), T(block_now_of_a_unit_nobody_has_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
