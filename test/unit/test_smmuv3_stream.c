/* SPDX-License-Identifier: Apache-2.0 */
/* Attach, detach, change and mute of streams: what a device reaches after every single store [I1] [I7]. */
#include "smmuv3_setup.h"

#include <string.h>

enum { RW = PROT_READ | PROT_WRITE, SID = 0x0142 };

#define IOVA_A 0x40000000ull /* mapped in domain a only */
#define IOVA_B 0x50000000ull /* mapped in domain b only */
#define IOVA_AB 0x60000000ull /* in both, to different places */

static struct iommu_domain dom_a, dom_b;

static struct smmuv3_model_opts flavour(unsigned i)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	o.s1 = (i & 1) == 0 || (i & 2) != 0;
	o.s2 = (i & 1) != 0 || (i & 2) != 0;
	o.coherent = (i & 4) == 0;
	o.two_level = (i & 8) == 0;
	o.hyp = (i & 4) != 0;
	return o;
}

enum { FLAVOURS = 16 }; /* {S1, S2, nested, nested} × coherent × two-level */

static sid_t sid_for(unsigned i)
{
	return (i & 8) == 0 ? SID : SID & 0xff;
}

static void setup_two(const struct smmuv3_model_opts *o)
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

/* What the stream may be while an operation runs: a set of phases that only moves forward. */
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
	bool a = smmuv3_model_reaches(0, w->sid, IOVA_A, true, TARGET_A);
	bool b = smmuv3_model_reaches(0, w->sid, IOVA_B, true, TARGET_B);
	bool ab_a = smmuv3_model_reaches(0, w->sid, IOVA_AB, true, TARGET_A);
	bool ab_b = smmuv3_model_reaches(0, w->sid, IOVA_AB, true, TARGET_B);

	w->stores++;
	/* Never both, never bypass, never half of one. */
	if ((a || ab_a) && (b || ab_b)) {
		w->bad = true;
	}
	if (a != ab_a || b != ab_b || smmuv3_model_reaches(0, w->sid, IOVA_A, true, IOVA_A) ||
	    smmuv3_model_reaches(0, w->sid, IOVA_A, true, TARGET_B) ||
	    smmuv3_model_reaches(0, w->sid, IOVA_B, true, TARGET_A)) {
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

static void watch_start(struct watch *w)
{
	smmuv3_model_each_store(watch_store, w);
}

static void watch_end(const struct watch *w)
{
	smmuv3_model_each_store(NULL, NULL);
	assert_true(w->stores > 0);
	assert_false(w->bad);
}

static void I7_attach_shows_blocked_or_new(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct watch w = { .sid = sid_for(i), .new_a = true };

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
	}
}

static void I7_detach_shows_old_or_blocked(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct watch w = { .sid = sid_for(i), .old_a = true };

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
		struct smmuv3_model_opts o = flavour(i);
		struct watch w = { .sid = sid_for(i), .old_a = true, .new_b = true };

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_a), 0);
		(void)smmuv3_model_dma(0, w.sid, IOVA_AB, true, NULL);
		watch_start(&w);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_b), 0);
		watch_end(&w);
		assert_true(w.blocked_seen);
		assert_works(0, w.sid, IOVA_B, true, TARGET_B);
		assert_works(0, w.sid, IOVA_AB, true, TARGET_B); /* nothing of a's translations */
		assert_blocked(0, w.sid, IOVA_A, true);
	}
}

/* The same id for another domain after its tables were invalidated: the caller's order of things. */
static void id_is_used_again(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		sid_t sid = sid_for(i);

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), sid, &dom_a), 0);
		assert_int_equal(iommu_hw_detach(U(0), sid), 0);
		iommu_hw_inv_domain(U(0), &dom_a);
		assert_int_equal(iommu_hw_sync(U(0)), 0);
		dom_b.id = 1;
		assert_int_equal(iommu_hw_attach(U(0), sid + 1, &dom_b), 0);
		assert_works(0, sid + 1, IOVA_AB, true, TARGET_B);
		assert_blocked(0, sid + 1, IOVA_A, true);
		assert_blocked(0, sid, IOVA_B, true);
		/* The stream that had the old domain must not remember what the id once meant. */
		assert_int_equal(iommu_hw_attach(U(0), sid, &dom_b), 0);
		assert_works(0, sid, IOVA_AB, true, TARGET_B);
		assert_blocked(0, sid, IOVA_A, true);
	}
}

/* … and the model would see it if they were not. */
static void id_used_again_without_invalidation_is_seen(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_two(&o);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_int_equal(iommu_hw_detach(U(0), SID), 0);
	dom_b.id = 1;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), 0);
	assert_true(smmuv3_model_reaches(0, SID, IOVA_A, true, TARGET_A));
}

static void two_streams_share_a_domain(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		sid_t sid = sid_for(i);

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), sid, &dom_a), 0);
		assert_int_equal(iommu_hw_attach(U(0), sid + 1, &dom_a), 0);
		assert_works(0, sid, IOVA_A, true, TARGET_A);
		assert_works(0, sid + 1, IOVA_A, true, TARGET_A);
		assert_int_equal(iommu_hw_detach(U(0), sid), 0);
		assert_blocked(0, sid, IOVA_A, true);
		assert_works(0, sid + 1, IOVA_A, true, TARGET_A);
	}
}

static void four_levels(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_domain d;

	(void)state;
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 4);
	map(&d, 0x7f0000000000ull, TARGET_A, PAGE_SIZE, RW);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), 0);
	assert_works(0, SID, 0x7f0000000000ull, true, TARGET_A);
	assert_blocked(0, SID, 0x1000000000000ull, true);

	setup_each(NULL);
	o.oas = 4; /* 44 bits: the walk still starts at level 0 */
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 4);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), 0);
	assert_blocked(0, SID, 0x100000000000ull, true);

	setup_each(NULL);
	o.oas = 3; /* 42 bits: it cannot */
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 4);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), -BH_ERANGE);

	setup_each(NULL);
	o.s2 = false; /* stage 1 can */
	setup_running(0, &o);
	setup_domain_levels(&d, 0, 3, 4);
	assert_int_equal(iommu_hw_attach(U(0), SID, &d), 0);
}

static void narrow_output(void **state)
{
	uint8_t oas;

	(void)state;
	for (oas = 0; oas <= 7; oas++) {
		struct smmuv3_model_opts o = smmuv3_model_default();
		struct iommu_domain d;

		setup_each(NULL);
		o.oas = oas;
		setup_running(0, &o);
		setup_domain(&d, 0, 3);
		assert_int_equal(iommu_hw_attach(U(0), SID, &d), 0);
		/* The tables lie where the host put them; judged is that the entry is one the unit takes. */
		assert_int_equal(smmuv3_model_dma(0, SID, 1ull << U(0)->cap.in_bits, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(smmuv3_model_last_event(0), 0x10);
	}
}

/* --- StreamIDs --- */

static void stream_ids_at_the_edges(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_two(&o);
	assert_int_equal(iommu_hw_attach(U(0), 0, &dom_a), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0xff, &dom_a), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0x100, &dom_b), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0xffff, &dom_b), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0x10000, &dom_a), -BH_ERANGE);
	assert_int_equal(iommu_hw_attach(U(0), ~0u, &dom_a), -BH_ERANGE);
	assert_int_equal(iommu_hw_detach(U(0), 0x10000), 0);
	assert_works(0, 0, IOVA_A, true, TARGET_A);
	assert_works(0, 0xff, IOVA_A, true, TARGET_A);
	assert_works(0, 0x100, IOVA_B, true, TARGET_B);
	assert_works(0, 0xffff, IOVA_B, true, TARGET_B);
	assert_blocked(0, 0xfffe, IOVA_B, true);
	assert_blocked(0, 0xfe, IOVA_A, true);
}

static void linear_table_refuses_what_it_does_not_cover(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.two_level = false;
	setup_two(&o);
	assert_int_equal(iommu_hw_attach(U(0), 0xff, &dom_a), 0);
	assert_int_equal(iommu_hw_attach(U(0), 0x100, &dom_a), -BH_ERANGE);
	assert_int_equal(smmuv3_model_dma(0, 0x100, IOVA_A, true, NULL), SMMUV3_DMA_BLOCKED);
	assert_int_equal(smmuv3_model_last_event(0), 0x02);
	o.sid_bits = 4;
	setup_two(&o);
	assert_int_equal(iommu_hw_attach(U(0), 0xf, &dom_a), 0);
	assert_works(0, 0xf, IOVA_A, true, TARGET_A);
	assert_int_equal(iommu_hw_attach(U(0), 0x10, &dom_a), -BH_ERANGE);
}

static void second_level_tables_run_out(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	unsigned i;

	(void)state;
	setup_two(&o);
	for (i = 0; i < 4; i++) {
		assert_int_equal(iommu_hw_attach(U(0), i << 8, &dom_a), 0);
	}
	assert_int_equal(iommu_hw_attach(U(0), 4u << 8, &dom_a), -BH_ENOMEM);
	assert_blocked(0, 4u << 8, IOVA_A, true);
	assert_int_equal(iommu_hw_attach(U(0), (3u << 8) + 9, &dom_a), 0);
	assert_works(0, (3u << 8) + 9, IOVA_A, true, TARGET_A);
	/* None is left for a unit that needs one to start; it stays blocked. */
	o.two_level = false;
	setup_unit(1, &o);
	assert_int_equal(iommu_hw_probe(U(1)), 0);
	assert_int_equal(iommu_hw_block(U(1)), 0);
	assert_int_equal(iommu_hw_attach(U(1), 1, &dom_a), -BH_ENOMEM);
	assert_int_equal(iommu_hw_enable(U(1)), -BH_ENOMEM);
	assert_blocked(1, 1, IOVA_A, true);
}

static void domain_ids_are_checked(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_two(&o);
	dom_a.id = 0;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), -BH_ERANGE);
	dom_a.id = DOMAIN_MAX + 1;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), -BH_ERANGE);
	dom_a.id = DOMAIN_MAX;
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	assert_works(0, SID, IOVA_A, true, TARGET_A);
}

/* --- hardware that does not answer: blocked [I1] [I4] --- */

static void I1_attach_that_fails_blocks_the_unit(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), 5, &dom_a), 0);
		smmuv3_model_inject(0)->sync_never = i == 0;
		smmuv3_model_inject(0)->cmd_error = i == 1;
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), -BH_EIO);
		assert_true(U(0)->failed);
		assert_blocked(0, SID, IOVA_B, true);
		assert_blocked(0, 5, IOVA_A, true);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), -BH_EIO);
		assert_int_equal(iommu_hw_detach(U(0), SID), -BH_EIO);
		assert_int_equal(iommu_hw_mute(U(0), SID, &dom_b, true), -BH_EIO);
		assert_int_equal(iommu_hw_sync(U(0)), -BH_EIO);
		assert_true(fake_time_us < 5000);
	}
}

static void I1_detach_that_fails_blocks_the_unit(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_two(&o);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom_a), 0);
	smmuv3_model_inject(0)->sync_never = true;
	assert_int_equal(iommu_hw_detach(U(0), SID), -BH_EIO);
	assert_true(U(0)->failed);
	assert_blocked(0, SID, IOVA_A, true);
}

/* --- muting --- */

static unsigned events_drain(void)
{
	struct iommu_fault f;
	unsigned n = 0;
	bool lost;

	while (iommu_hw_fault_next(U(0), &f, &lost)) {
		n++;
	}
	return n;
}

static void mute_attached(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		struct watch w = { .sid = sid_for(i), .old_a = true, .new_a = true };

		setup_two(&o);
		assert_int_equal(iommu_hw_attach(U(0), w.sid, &dom_a), 0);
		assert_int_equal(iommu_hw_attach(U(0), w.sid + 1, &dom_a), 0);
		assert_int_equal(smmuv3_model_dma(0, w.sid, IOVA_B, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 1);
		watch_start(&w);
		assert_int_equal(iommu_hw_mute(U(0), w.sid, &dom_a, true), 0);
		watch_end(&w);
		assert_false(w.blocked_seen); /* its mappings go on working */
		assert_works(0, w.sid, IOVA_A, true, TARGET_A);
		assert_int_equal(smmuv3_model_dma(0, w.sid, IOVA_B, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 0);
		/* The other stream of the same domain is still heard. */
		assert_int_equal(smmuv3_model_dma(0, w.sid + 1, IOVA_B, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 1);
		assert_int_equal(iommu_hw_mute(U(0), w.sid, &dom_a, false), 0);
		assert_int_equal(smmuv3_model_dma(0, w.sid, IOVA_B, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 1);
		assert_works(0, w.sid, IOVA_A, true, TARGET_A);
	}
}

static void mute_unattached(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS; i++) {
		struct smmuv3_model_opts o = flavour(i);
		sid_t sid = sid_for(i);

		setup_two(&o);
		assert_int_equal(smmuv3_model_dma(0, sid, IOVA_A, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 1);
		assert_int_equal(iommu_hw_mute(U(0), sid, NULL, true), 0);
		assert_int_equal(smmuv3_model_dma(0, sid, IOVA_A, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 0);
		assert_int_equal(iommu_hw_attach(U(0), sid, &dom_a), 0); /* from abort, through invalid */
		assert_works(0, sid, IOVA_A, true, TARGET_A);
		assert_int_equal(iommu_hw_detach(U(0), sid), 0);
		assert_int_equal(iommu_hw_mute(U(0), sid, NULL, true), 0);
		assert_int_equal(iommu_hw_mute(U(0), sid, NULL, false), 0);
		assert_int_equal(smmuv3_model_dma(0, sid, IOVA_A, true, NULL), SMMUV3_DMA_BLOCKED);
		assert_int_equal(events_drain(), 1);
	}
}

static void mute_of_what_is_not_attached_is_our_bug(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	setup_two(&o);
	EXPECT_PANIC(assert_int_equal(iommu_hw_mute(U(0), SID, &dom_a, true), 0));
}

/* --- what reports say --- */

static void entry_in_words(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();
		uint64_t w[8];
		char text[160];

		o.s2 = i == 0;
		setup_two(&o);
		assert_int_equal(iommu_hw_entry_read(U(0), SID, w, text, sizeof(text)), 0);
		assert_non_null(strstr(text, "C_BAD_STREAMID"));
		assert_int_equal(iommu_hw_entry_read(U(0), 0x10000, w, text, sizeof(text)), 0);
		assert_int_equal(iommu_hw_attach(U(0), SID, &dom_b), 0);
		assert_int_equal(iommu_hw_entry_read(U(0), SID, w, text, sizeof(text)), 8);
		assert_non_null(strstr(text, i == 0 ? "S2 translate, VMID 2" : "S1 translate"));
		assert_non_null(strstr(text, "39 bits, records faults"));
		assert_int_equal(w[0] & 1, 1);
		assert_int_equal(iommu_hw_mute(U(0), SID, &dom_b, true), 0);
		assert_int_equal(iommu_hw_entry_read(U(0), SID, w, text, sizeof(text)), 8);
		assert_non_null(strstr(text, "muted"));
		assert_int_equal(iommu_hw_entry_read(U(0), SID + 1, w, text, sizeof(text)), 8);
		assert_non_null(strstr(text, "V=0"));
		assert_int_equal(iommu_hw_mute(U(0), SID + 1, NULL, true), 0);
		assert_int_equal(iommu_hw_entry_read(U(0), SID + 1, w, text, sizeof(text)), 8);
		assert_non_null(strstr(text, "abort"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I7_attach_shows_blocked_or_new), T(I7_detach_shows_old_or_blocked),
		T(I7_change_shows_old_blocked_new),
		T(id_is_used_again), T(id_used_again_without_invalidation_is_seen), T(two_streams_share_a_domain),
		T(four_levels), T(narrow_output), T(stream_ids_at_the_edges),
		T(linear_table_refuses_what_it_does_not_cover),
		T(second_level_tables_run_out), T(domain_ids_are_checked), T(I1_attach_that_fails_blocks_the_unit),
		T(I1_detach_that_fails_blocks_the_unit), T(mute_attached), T(mute_unattached),
		T(mute_of_what_is_not_attached_is_our_bug), T(entry_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
