/* SPDX-License-Identifier: Apache-2.0 */
/* Attach, detach, change and mute of requesters: what a device reaches after every single store [I1] [I7]. */
#include "vtd_setup.h"

#include <string.h>

enum { RW = PROT_READ | PROT_WRITE, SID = 0x0142 };

#define IOVA_A 0x40000000ull /* mapped in domain a only */
#define IOVA_B 0x50000000ull /* mapped in domain b only */
#define IOVA_AB 0x60000000ull /* in both, to different places */

static struct iommu_domain dom_a, dom_b;

static void setup_two(const struct vtd_model_opts *o)
{
	setup_each(NULL);
	setup_running(0, o);
	setup_domain(&dom_a, 0, 1);
	setup_domain(&dom_b, 0, 2);
	map(&dom_a, IOVA_A, TARGET_A, PAGE_SIZE, RW);
	map(&dom_b, IOVA_B, TARGET_B, PAGE_SIZE, RW);
	map(&dom_a, IOVA_AB, TARGET_A, PAGE_SIZE, RW);
	map(&dom_b, IOVA_AB, TARGET_B, PAGE_SIZE, RW);
}

/* What the device may be while an operation runs: a set of phases that only moves forward. */
struct watch {
	sid_t sid;
	bool old_a, old_b, new_a, new_b; /* reaches of the old and the new state */
	bool blocked_seen, new_seen;
	bool bad;
	unsigned stores;
};

static void watch_store(void *ctx)
{
	struct watch *w = ctx;
	bool a = vtd_model_reaches(0, w->sid, IOVA_A, true, TARGET_A);
	bool b = vtd_model_reaches(0, w->sid, IOVA_B, true, TARGET_B);
	bool ab_a = vtd_model_reaches(0, w->sid, IOVA_AB, true, TARGET_A);
	bool ab_b = vtd_model_reaches(0, w->sid, IOVA_AB, true, TARGET_B);

	w->stores++;
	/* Never both, never bypass, never half of one. */
	if ((a || ab_a) && (b || ab_b)) {
		w->bad = true;
	}
	if (a != ab_a || b != ab_b || vtd_model_reaches(0, w->sid, IOVA_A, true, IOVA_A) ||
	    vtd_model_reaches(0, w->sid, IOVA_A, true, TARGET_B) ||
	    vtd_model_reaches(0, w->sid, IOVA_B, true, TARGET_A)) {
		w->bad = true;
	}
	if (!a && !b) {
		w->blocked_seen = true;
	} else if (!w->blocked_seen) {
		w->bad |= a != w->old_a || b != w->old_b;
	} else {
		w->new_seen = true;
		w->bad |= a != w->new_a || b != w->new_b;
	}
}

/* After every store and before every register access. */
static void watch_start(struct watch *w)
{
	vtd_model_each_store(watch_store, w);
	vtd_model_each_access(0, watch_store, w);
}

static void watch_end(const struct watch *w)
{
	vtd_model_each_store(NULL, NULL);
	vtd_model_each_access(0, NULL, NULL);
	assert_true(w->stores > 0);
	assert_false(w->bad);
}

static void I7_attach_shows_blocked_or_new(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct watch w = { .sid = SID, .new_a = true };

		setup_two(&o);
		assert_blocked(0, w.sid, IOVA_A, true);
		watch_start(&w);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_a), 0);
		watch_end(&w);
		assert_true(w.blocked_seen);
		assert_works(0, w.sid, IOVA_A, true, TARGET_A);
		assert_works(0, w.sid, IOVA_AB, false, TARGET_A);
		assert_blocked(0, w.sid, IOVA_B, true);
		assert_blocked(0, w.sid + 1, IOVA_A, true);
		assert_blocked(0, w.sid - 1, IOVA_A, true);
		assert_blocked(0, w.sid ^ 0x100, IOVA_A, true);
	}
}

static void I7_detach_shows_old_or_blocked(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct watch w = { .sid = SID, .old_a = true };

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_a), 0);
		watch_start(&w);
		assert_int_equal(iommu_hw_detach(U(0), w.sid), 0);
		watch_end(&w);
		assert_false(w.new_seen);
		assert_blocked(0, w.sid, IOVA_A, true);
		assert_blocked(0, w.sid, IOVA_AB, false);
		assert_int_equal(iommu_hw_detach(U(0), w.sid), 0); /* again */
		assert_blocked(0, w.sid, IOVA_A, true);
	}
}

static void I7_change_shows_old_blocked_new(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct watch w = { .sid = SID, .old_a = true, .new_b = true };

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_a), 0);
		(void)vtd_model_dma(0, w.sid, IOVA_AB, true, NULL);
		watch_start(&w);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_b), 0);
		watch_end(&w);
		assert_true(w.blocked_seen);
		assert_works(0, w.sid, IOVA_B, true, TARGET_B);
		assert_works(0, w.sid, IOVA_AB, true, TARGET_B); /* nothing of a's translations */
		assert_blocked(0, w.sid, IOVA_A, true);
	}
}

/* Back and forth: what an earlier round left must not come back. */
static void many_changes(void **state)
{
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_two(&o);
		for (k = 0; k < 40; k++) {
			assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
			assert_works(0, SID, IOVA_AB, true, TARGET_A);
			assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), 0);
			assert_works(0, SID, IOVA_AB, true, TARGET_B);
			if (k % 3 == 0) {
				assert_int_equal(iommu_hw_detach(U(0), SID), 0);
				assert_blocked(0, SID, IOVA_AB, true);
			}
		}
	}
}

/* The same domain again is no gap for the device, and no harm. */
static void attach_again(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_two(&o);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_works(0, SID, IOVA_A, true, TARGET_A);
}

/* The same id for another domain after its tables were invalidated: the caller's order of things. */
static void id_is_used_again(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
		assert_int_equal(iommu_hw_detach(U(0), SID), 0);
		iommu_hw_inv_domain(U(0), &dom_a);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		dom_b.id = 1;
		assert_int_equal(iommu_hw_attach(U(0), SID + 1, &dom_b), 0);
		assert_works(0, SID + 1, IOVA_AB, true, TARGET_B);
		assert_blocked(0, SID + 1, IOVA_A, true);
		assert_blocked(0, SID, IOVA_B, true);
		/* The device that had the old domain must not remember what the id once meant. */
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), 0);
		assert_works(0, SID, IOVA_AB, true, TARGET_B);
		assert_blocked(0, SID, IOVA_A, true);
	}
}

static void two_devices_share_a_domain(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
		assert_int_equal(iommu_hw_attach(U(0), SID + 1, &dom_a), 0);
		assert_int_equal(iommu_hw_attach(U(0), 0x4208, &dom_a), 0); /* behind another bus */
		assert_works(0, SID, IOVA_A, true, TARGET_A);
		assert_works(0, SID + 1, IOVA_A, true, TARGET_A);
		assert_works(0, 0x4208, IOVA_A, true, TARGET_A);
		assert_int_equal(iommu_hw_detach(U(0), SID), 0);
		assert_blocked(0, SID, IOVA_A, true);
		assert_works(0, SID + 1, IOVA_A, true, TARGET_A);
		assert_works(0, 0x4208, IOVA_A, true, TARGET_A);
		assert_blocked(0, SID ^ 4, IOVA_A, true); /* not a whole slot was let in */
	}
}

static void attach_before_enable(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct pt_change c;

		setup_each(NULL);
		setup_blocked(0, &o);
		setup_domain(&dom_a, 0, 7);
		map(&dom_a, IOVA_A, TARGET_A, 2 * PAGE_SIZE, RW);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
		c = unmap(&dom_a, IOVA_A + PAGE_SIZE, PAGE_SIZE);
		iommu_hw_inv_range(U(0), &dom_a, &c);
		iommu_hw_inv_domain(U(0), &dom_a);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		assert_int_equal(iommu_hw_enable(U(0)), 0);
		assert_works(0, SID, IOVA_A, true, TARGET_A);
		assert_blocked(0, SID, IOVA_A + PAGE_SIZE, true);
		assert_blocked(0, SID + 1, IOVA_A, true);
	}
}

/* --- widths --- */

static void three_and_four_levels(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_domain d;

	(void)state;
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 4);
	map(&d, 0x7f0000000000ull, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), 0);
	assert_works(0, SID, 0x7f0000000000ull, true, TARGET_A);
	assert_blocked(0, SID, 0x1000000000000ull, true);
	setup_domain_levels(&dom_b, 0, 4, 3);
	map(&dom_b, 0x7f00000000ull, TARGET_B, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), SID + 1, &dom_b), 0);
	assert_works(0, SID + 1, 0x7f00000000ull, true, TARGET_B);
	assert_blocked(0, SID + 1, 0x8000000000ull, true);

	setup_each(NULL);
	o.sagaw = 2; /* 39 bits only */
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 4);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), -BH_ERANGE);
	assert_blocked(0, SID, 0, true);

	setup_each(NULL);
	o.sagaw = 4; /* 48 bits only */
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 3);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), -BH_ERANGE);
	assert_blocked(0, SID, 0, true);
}

static void domain_ids_are_checked(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_two(&o);
	dom_a.id = 0;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), -BH_ERANGE);
	dom_a.id = DOMAIN_MAX;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_works(0, SID, IOVA_A, true, TARGET_A);
	o.nd = 0; /* 16 domains */
	setup_two(&o);
	assert_int_equal(U(0)->cap.domain_max, 15);
	dom_a.id = 16;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), -BH_ERANGE);
	assert_blocked(0, SID, IOVA_A, true);
	dom_a.id = 15;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_works(0, SID, IOVA_A, true, TARGET_A);
}

/* Tables this unit reads differently, or does not see the stores to. */
static void tables_of_another_kind_are_refused(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct pgtable_fmt odd;

	(void)state;
	setup_two(&o);
	odd = *dom_a.pt.fmt;
	dom_a.pt.fmt = &odd;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), -BH_ERANGE);
	dom_b.pt.coherent = true;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), -BH_ERANGE);
	assert_blocked(0, SID, IOVA_AB, true);
}

/* --- requesters --- */

static void requesters_at_the_edges(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_two(&o);
	assert_int_equal(U(0)->cap.sid_bits, 16);
	assert_int_equal(iommu_hw_attach(U(0), 0, &dom_a), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0xff, &dom_a), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0xff00, &dom_b), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0xffff, &dom_b), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0x10000, &dom_a), -BH_ERANGE);
	assert_int_equal(iommu_hw_attach(U(0), ~0u, &dom_a), -BH_ERANGE);
	assert_int_equal(iommu_hw_detach(U(0), 0x10000), 0);
	assert_int_equal(iommu_hw_mute(U(0), 0x10000, NULL, true), -BH_ERANGE);
	assert_works(0, 0, IOVA_A, true, TARGET_A);
	assert_works(0, 0xff, IOVA_A, true, TARGET_A);
	assert_works(0, 0xff00, IOVA_B, true, TARGET_B);
	assert_works(0, 0xffff, IOVA_B, true, TARGET_B);
	assert_blocked(0, 0xfffe, IOVA_B, true);
	assert_blocked(0, 0x100, IOVA_A, true);
}

/* Context tables are a fixed number: what does not fit is refused, what fitted goes on, and they come back. */
static void context_tables_run_out(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned bus = 0;
	int err;

	(void)state;
	setup_two(&o);
	while ((err = iommu_hw_attach(U(0), bus << 8, &dom_a)) == 0 && bus < 50) {
		bus++;
	}
	assert_true(bus >= 4);
	if (err != 0) {
		assert_int_equal(err, -BH_ENOMEM);
		assert_blocked(0, bus << 8, IOVA_A, true);
		assert_false(U(0)->failed);
	}
	assert_int_equal(iommu_hw_attach(U(0), 3 << 8 | 9, &dom_b), 0);
	assert_works(0, 3 << 8 | 9, IOVA_B, true, TARGET_B);
	setup_two(&o); /* starts afresh */
	assert_int_equal(iommu_hw_attach(U(0), 0x77 << 8, &dom_a), 0);
	assert_works(0, 0x77 << 8, IOVA_A, true, TARGET_A);
	assert_blocked(0, 0, IOVA_A, true);
}

static void two_units_know_nothing_of_each_other(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_two(&o);
	o.coherent = true;
	setup_running(1, &o);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_blocked(1, SID, IOVA_A, true);
	assert_int_equal(iommu_hw_attach(U(1), SID, &dom_b), 0);
	assert_works(0, SID, IOVA_AB, true, TARGET_A);
	assert_works(1, SID, IOVA_AB, true, TARGET_B);
	iommu_hw_block_now(U(0));
	assert_blocked(0, SID, IOVA_AB, true);
	assert_works(1, SID, IOVA_AB, true, TARGET_B);
	assert_int_equal(iommu_hw_detach(U(1), SID), 0);
	assert_blocked(1, SID, IOVA_AB, true);
}

/* --- hardware that does not answer: blocked [I1] [I4] --- */

static void check_failed(void)
{
	assert_true(U(0)->failed);
	assert_blocked(0, SID, IOVA_A, true);
	assert_blocked(0, SID, IOVA_B, true);
	assert_blocked(0, 5, IOVA_A, true);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), -BH_EIO);
	assert_int_equal(iommu_hw_detach(U(0), SID), -BH_EIO);
	assert_int_equal(iommu_hw_mute(U(0), SID, &dom_b, true), -BH_EIO);
	assert_int_not_equal(iommu_hw_sync(U(0)), 0);
	assert_true(fake_time_us < 20000);
}

enum trouble { STUCK, REFUSED, TIMEOUT_ERROR, COMPLETION_ERROR };

static void check_trouble(enum trouble t)
{
	unsigned i;

	for (i = 0; i < 2 * FLAVOURS_QI; i++) {
		struct vtd_model_opts o = flavour(i / 2);

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), 5, &dom_a), 0);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
		vtd_model_inject(0)->wait_never = t == STUCK;
		vtd_model_inject(0)->queue_error = t == REFUSED;
		vtd_model_inject(0)->ite = t == TIMEOUT_ERROR;
		vtd_model_inject(0)->ice = t == COMPLETION_ERROR;
		if (i % 2 == 0) {
			assert_int_equal(iommu_hw_detach(U(0), SID), -BH_EIO);
		} else {
			assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), -BH_EIO);
		}
		check_failed();
	}
}

static void I1_a_stuck_queue_blocks_the_unit(void **state)
{
	(void)state;
	check_trouble(STUCK);
}

static void I1_a_refused_descriptor_blocks_the_unit(void **state)
{
	(void)state;
	check_trouble(REFUSED);
}

static void I1_a_completion_time_out_blocks_the_unit(void **state)
{
	(void)state;
	check_trouble(TIMEOUT_ERROR);
}

static void I1_a_completion_error_blocks_the_unit(void **state)
{
	(void)state;
	check_trouble(COMPLETION_ERROR);
}

/* Registers instead of a queue that stop half way. */
static void I1_registers_that_stop_fail_the_unit(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct vtd_model_opts o = flavour(FLAVOURS_QI);

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
		vtd_model_inject(0)->ccmd_never = i == 0;
		vtd_model_inject(0)->iotlb_never = i == 1;
		vtd_model_inject(0)->refused = i == 2;
		assert_int_equal(iommu_hw_detach(U(0), SID), -BH_EIO);
		assert_true(U(0)->failed);
		assert_true(fake_time_us < 20000);
		assert_blocked(0, SID + 1, IOVA_A, true);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), -BH_EIO);
	}
}

/* --- muting --- */

static unsigned faults_drain(void)
{
	struct iommu_fault f;
	unsigned n = 0;
	bool lost;

	while (iommu_hw_fault_next(U(0), &f, &lost)) {
		n++;
	}
	return n;
}

static void refused(sid_t sid, unsigned records)
{
	assert_int_equal(vtd_model_dma(0, sid, IOVA_B, true, NULL), VTD_DMA_BLOCKED);
	assert_int_equal(faults_drain(), records);
}

static void mute_attached(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);
		struct watch w = { .sid = SID, .old_a = true, .new_a = true };

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_a), 0);
		assert_int_equal(iommu_hw_attach(U(0), w.sid + 1, &dom_a), 0);
		refused(w.sid, 1);
		watch_start(&w);
		assert_int_equal(iommu_hw_mute(U(0), w.sid, &dom_a, true), 0);
		watch_end(&w);
		assert_false(w.blocked_seen); /* its mappings go on working */
		assert_works(0, w.sid, IOVA_A, true, TARGET_A);
		refused(w.sid, 0);
		/* The other device of the same domain is still heard. */
		refused(w.sid + 1, 1);
		assert_int_equal(iommu_hw_mute(U(0), w.sid, &dom_a, false), 0);
		refused(w.sid, 1);
		assert_works(0, w.sid, IOVA_A, true, TARGET_A);
	}
}

static void mute_unattached(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_two(&o);
		refused(SID, 1);
		assert_int_equal(iommu_hw_mute(U(0), SID, NULL, true), 0);
		refused(SID, 0);
		refused(SID + 1, 1);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
		assert_works(0, SID, IOVA_A, true, TARGET_A);
		assert_int_equal(iommu_hw_detach(U(0), SID), 0);
		assert_int_equal(iommu_hw_mute(U(0), SID, NULL, true), 0);
		refused(SID, 0);
		assert_int_equal(iommu_hw_mute(U(0), SID, NULL, false), 0);
		refused(SID, 1);
	}
}

static void mute_of_what_is_not_attached_is_our_bug(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_two(&o);
	EXPECT_PANIC(assert_int_equal(iommu_hw_mute(U(0), SID, &dom_a, true), 0));
}

/* --- what reports say --- */

static void entry_in_words(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	uint64_t words[8] = { 0 };
	char text[160];
	size_t size;
	unsigned n;

	(void)state;
	setup_two(&o);
	n = iommu_hw_entry_read(U(0), SID, words, text, sizeof(text));
	assert_in_range(n, 0, 8);
	assert_int_equal(words[0] & 1, 0);
	assert_in_range(strlen(text), 1, sizeof(text) - 1);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	n = iommu_hw_entry_read(U(0), SID, words, text, sizeof(text));
	assert_in_range(n, 2, 8);
	assert_in_range(strlen(text), 1, sizeof(text) - 1);
	for (size = 0; size < 40; size++) {
		char small[41];

		memset(small, 'x', sizeof(small));
		(void)iommu_hw_entry_read(U(0), SID, words, small, size);
		assert_int_equal(small[size], 'x');
		assert_true(size == 0 || memchr(small, 0, size) != NULL);
	}
	assert_true(iommu_hw_entry_read(U(0), 0x10000, words, text, sizeof(text)) <= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I7_attach_shows_blocked_or_new), T(I7_detach_shows_old_or_blocked),
		T(I7_change_shows_old_blocked_new), T(many_changes), T(attach_again), T(id_is_used_again),
		T(two_devices_share_a_domain), T(attach_before_enable), T(three_and_four_levels),
		T(domain_ids_are_checked), T(tables_of_another_kind_are_refused), T(requesters_at_the_edges),
		T(context_tables_run_out),
		T(two_units_know_nothing_of_each_other), T(I1_a_stuck_queue_blocks_the_unit),
		T(I1_a_refused_descriptor_blocks_the_unit), T(I1_a_completion_time_out_blocks_the_unit),
		T(I1_a_completion_error_blocks_the_unit), T(I1_registers_that_stop_fail_the_unit), T(mute_attached),
		T(mute_unattached), T(mute_of_what_is_not_attached_is_our_bug), T(entry_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
