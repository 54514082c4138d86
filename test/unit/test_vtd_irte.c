/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt remapping: what a requester can raise after every single store, and that only it can [I3] [I7]. */
#include "vtd_setup.h"

#include <string.h>

enum { SID = 0x0110, INDEX = 70 };

static const struct intremap_entry entry_a = { .vector = 0x56, .apic_id = 3, .sid = SID };
static const struct intremap_entry entry_b = { .vector = 0x77, .apic_id = 5, .sid = 0x0218, .level = true };

static struct vtd_msi msi_of(const struct intremap_entry *e)
{
	return (struct vtd_msi){ .vector = e->vector, .dest = e->apic_id, .level = e->level };
}

static bool raises(sid_t sid, uint32_t index, const struct intremap_entry *e)
{
	struct vtd_msi want = msi_of(e);

	return vtd_model_msi_certain(0, sid, vtd_model_msi_addr(index), 0, &want);
}

static bool silent(sid_t sid, uint32_t index)
{
	return vtd_model_msi_peek(0, sid, vtd_model_msi_addr(index), 0, NULL) == VTD_MSI_BLOCKED;
}

static void compatibility_format_is_blocked(void)
{
	unsigned dest;

	for (dest = 0; dest < 256; dest += 15) {
		assert_int_equal(vtd_model_msi_peek(0, SID, 0xfee00000u | dest << 12, 0x0030, NULL), VTD_MSI_BLOCKED);
		assert_int_equal(vtd_model_msi_peek(0, SID, 0xfee0000cu | dest << 12, 0x4430, NULL), VTD_MSI_BLOCKED);
	}
}

static void I3_nothing_passes_that_was_not_set(void **state)
{
	unsigned i, left;

	(void)state;
	for (i = 0; i < FLAVOURS_QI; i++) {
		for (left = 0; left <= VTD_LEFT_ALL; left += 13) {
			struct vtd_model_opts o = flavour(i);
			uint32_t index;

			setup_each(NULL);
			o.left = left;
			setup_running(0, &o);
			assert_true(intremap_on(U(0)));
			assert_true(vtd_model_remapping(0));
			compatibility_format_is_blocked();
			for (index = 0; index < 300; index += 7) {
				assert_true(silent(SID, index));
				assert_true(silent(0, index));
			}
			assert_true(silent(SID, 0xffff));
		}
	}
}

static void intremap_is_off_before_it_is_on(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	o.left = VTD_LEFT_IR;
	setup_unit(0, &o);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_false(intremap_on(U(0)));
}

/* The right device, the right index, exactly what was said. */
static void an_entry_is_one_requester_s(void **state)
{
	unsigned i, bit;

	(void)state;
	for (i = 0; i < FLAVOURS_QI; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_each(NULL);
		setup_running(0, &o);
		assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
		assert_true(raises(SID, INDEX, &entry_a));
		for (bit = 0; bit < 16; bit++) {
			assert_true(silent(SID ^ 1u << bit, INDEX));
		}
		assert_true(silent(SID, INDEX - 1));
		assert_true(silent(SID, INDEX + 1));
		/* A sub-handle leads somewhere else. */
		assert_int_equal(vtd_model_msi_peek(0, SID, vtd_model_msi_addr(INDEX) | 8, 1, NULL), VTD_MSI_BLOCKED);
		assert_int_equal(vtd_model_msi_peek(0, SID, vtd_model_msi_addr(INDEX - 2) | 8, 2, NULL),
				 VTD_MSI_REMAPPED);
		compatibility_format_is_blocked();
		assert_int_equal(intremap_set(U(0), INDEX, NULL), 0);
		assert_true(silent(SID, INDEX));
		assert_int_equal(intremap_set(U(0), INDEX, NULL), 0); /* again */
		assert_true(silent(SID, INDEX));
	}
}

static void every_field(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned i;

	(void)state;
	setup_running(0, &o);
	for (i = 0; i < INTREMAP_ENTRIES; i++) {
		struct intremap_entry e = { .vector = (uint8_t)(16 + i % 240), .apic_id = i, .sid = (uint16_t)(i * 257),
					    .level = (i & 1) != 0 };

		assert_int_equal(intremap_set(U(0), i, &e), 0);
		assert_true(raises(e.sid, i, &e));
	}
	for (i = 0; i < INTREMAP_ENTRIES; i++) {
		struct intremap_entry e = { .vector = (uint8_t)(16 + i % 240), .apic_id = i, .sid = (uint16_t)(i * 257),
					    .level = (i & 1) != 0 };

		assert_true(raises(e.sid, i, &e)); /* none disturbed another */
	}
	assert_true(silent(0, INTREMAP_ENTRIES));
}

/* --- every intermediate state [I7] --- */

static struct {
	const struct intremap_entry *from, *to;
	bool bad, blocked_seen;
	unsigned looks;
} watch;

static bool can(const struct intremap_entry *e, sid_t sid)
{
	struct vtd_msi m;

	return vtd_model_msi_peek(0, sid, vtd_model_msi_addr(INDEX), 0, &m) == VTD_MSI_REMAPPED && e != NULL &&
	       m.vector == e->vector && m.dest == e->apic_id && m.level == e->level && !m.logical && m.mode == 0;
}

static void watch_look(void *ctx)
{
	static const sid_t sids[] = { SID, 0x0218, 0, 0x0111, 0xffff };
	unsigned i;

	(void)ctx;
	watch.looks++;
	for (i = 0; i < ARRAY_COUNT(sids); i++) {
		bool from = watch.from != NULL && watch.from->sid == sids[i];
		bool to = watch.to != NULL && watch.to->sid == sids[i];

		if (silent(sids[i], INDEX)) {
			continue;
		}
		if (!(from && can(watch.from, sids[i])) && !(to && can(watch.to, sids[i]))) {
			watch.bad = true;
		}
	}
	if (silent(SID, INDEX) && silent(0x0218, INDEX)) {
		watch.blocked_seen = true;
	}
}

static void I7_only_old_blocked_or_new_is_seen(void **state)
{
	static const struct intremap_entry *const steps[] = { &entry_a, &entry_b, NULL, &entry_b, &entry_a, NULL };
	unsigned i, k;

	(void)state;
	for (i = 0; i < FLAVOURS_QI; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_each(NULL);
		setup_running(0, &o);
		memset(&watch, 0, sizeof(watch));
		vtd_model_each_store(watch_look, NULL);
		vtd_model_each_access(0, watch_look, NULL);
		for (k = 0; k < ARRAY_COUNT(steps); k++) {
			watch.to = steps[k];
			watch.blocked_seen = false;
			assert_int_equal(intremap_set(U(0), INDEX, steps[k]), 0);
			watch_look(NULL);
			assert_true(watch.blocked_seen || steps[k] == NULL);
			assert_true(steps[k] != NULL ? raises(steps[k]->sid, INDEX, steps[k]) : silent(SID, INDEX));
			watch.from = steps[k];
		}
		vtd_model_each_access(0, NULL, NULL);
		assert_true(watch.looks > 0);
		assert_false(watch.bad);
	}
}

/* An entry that went is gone from the unit's cache, and only its own is sent for. */
static void what_is_cached_is_invalidated(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned before;

	(void)state;
	setup_running(0, &o);
	assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
	before = vtd_model_descs(0, 4);
	assert_int_equal(intremap_set(U(0), INDEX, NULL), 0);
	assert_true(vtd_model_descs(0, 4) > before);
	assert_true(silent(SID, INDEX));
}

static void a_unit_that_does_not_confirm(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct vtd_model_opts o = vtd_model_default();

		setup_each(NULL);
		setup_running(0, &o);
		assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
		vtd_model_inject(0)->wait_never = i == 0;
		vtd_model_inject(0)->queue_error = i == 1;
		vtd_model_inject(0)->ite = i == 2;
		assert_int_equal(intremap_set(U(0), INDEX, NULL), -BH_EIO);
		assert_true(fake_time_us < 10000);
		assert_int_not_equal(intremap_set(U(0), INDEX, &entry_b), 0);
	}
}

/* A unit that is failed blocks everything, messages too. */
static void I1_block_now_stops_messages(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_running(0, &o);
	assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
	iommu_hw_block_now(U(0));
	vtd_model_run(0);
	compatibility_format_is_blocked();
	assert_true(vtd_model_remapping(0));
}

static void a_refused_message_is_recorded_as_one(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_fault f;
	bool lost;

	(void)state;
	o.nfr = 4;
	setup_running(0, &o);
	assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
	assert_int_equal(vtd_model_msi(0, SID + 1, vtd_model_msi_addr(INDEX), 0, NULL), VTD_MSI_BLOCKED);
	assert_int_equal(vtd_model_last_fault(0), 0x26);
	assert_true(iommu_hw_fault_next(U(0), &f, &lost));
	assert_int_equal(f.sid, SID + 1);
	assert_false(f.addr_valid);
	assert_int_equal(vtd_model_msi(0, SID, vtd_model_msi_addr(INDEX + 1), 0, NULL), VTD_MSI_BLOCKED);
	assert_int_equal(vtd_model_last_fault(0), 0x22);
	assert_int_equal(vtd_model_msi(0, SID, vtd_model_msi_addr(0x1234), 0, NULL), VTD_MSI_BLOCKED);
	assert_int_equal(vtd_model_last_fault(0), 0x21);
	assert_int_equal(vtd_model_msi(0, SID, vtd_model_msi_addr(INTREMAP_ENTRIES), 0, NULL), VTD_MSI_BLOCKED);
	assert_int_equal(vtd_model_last_fault(0), 0x21); /* what follows our table is none of it */
	assert_int_equal(vtd_model_msi(0, SID, 0xfee00000, 0x30, NULL), VTD_MSI_BLOCKED);
	assert_int_equal(vtd_model_last_fault(0), 0x25);
}

static void set_before_enable(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_blocked(0, &o);
	if (intremap_on(U(0))) { /* the I/O APIC may be programmed as soon as it says so */
		assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
		assert_true(raises(SID, INDEX, &entry_a));
		assert_int_equal(iommu_hw_enable(U(0)), 0);
		assert_true(raises(SID, INDEX, &entry_a));
		assert_true(silent(SID + 1, INDEX));
	}
}

static void a_fresh_start_forgets_every_entry(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FLAVOURS_QI; i++) {
		struct vtd_model_opts o = flavour(i);

		setup_each(NULL);
		setup_running(0, &o);
		assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
		assert_int_equal(iommu_hw_probe(U(0)), 0);
		assert_int_equal(iommu_hw_block(U(0)), 0);
		assert_true(silent(SID, INDEX));
	}
}

static void two_units_have_two_tables(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_running(0, &o);
	setup_running(1, &o);
	assert_int_equal(intremap_set(U(0), INDEX, &entry_a), 0);
	assert_int_equal(vtd_model_msi_peek(1, SID, vtd_model_msi_addr(INDEX), 0, NULL), VTD_MSI_BLOCKED);
	assert_int_equal(intremap_set(U(1), INDEX, &entry_b), 0);
	assert_true(raises(SID, INDEX, &entry_a));
	assert_true(silent(0x0218, INDEX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I3_nothing_passes_that_was_not_set), T(intremap_is_off_before_it_is_on),
		T(an_entry_is_one_requester_s), T(every_field), T(I7_only_old_blocked_or_new_is_seen),
		T(what_is_cached_is_invalidated), T(a_unit_that_does_not_confirm), T(I1_block_now_stops_messages),
		T(a_refused_message_is_recorded_as_one), T(set_before_enable), T(a_fresh_start_forgets_every_entry),
		T(two_units_have_two_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
