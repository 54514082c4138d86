/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC with several CPUs: physical interrupts and their routes, SGIs, what one vCPU may do to an
 * interrupt that is in another's list register, and vCPUs that stop and start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <asm/gic.h>
#include <asm/gicv3_regs.h>

#include "fake/fake.h"
#include "model/gic_model.h"
#include "unit/vgic_board.h"

/* --- physical interrupts of a partition --- */

static void physical_interrupt_is_off_until_the_guest_wants_it(void **state)
{
	assert_false(gic_model.spi[HW_LEVEL].enabled);
	gic_model_line(0, HW_LEVEL, true);
	assert_true(spi_is(A0, GICD_ISPENDR, VIRQ_HW_LEVEL)); /* the line is seen through */
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_LEVEL);
	assert_true(gic_model.spi[HW_LEVEL].enabled);
	assert_int_equal(guest_take(A0), VIRQ_HW_LEVEL);
	gic_model_line(0, HW_LEVEL, false);
	spi_bit(A0, GICD_ICENABLER, VIRQ_HW_LEVEL);
	assert_false(gic_model.spi[HW_LEVEL].enabled);
	assert_false(spi_is(A0, GICD_ISPENDR, VIRQ_HW_LEVEL));
	/* One that nobody assigned to this partition stays off. */
	spi_bit(B0, GICD_ISENABLER, VIRQ_HW_LEVEL);
	spi_bit(B0, GICD_ISENABLER, HW_LEVEL);
	assert_false(gic_model.spi[HW_LEVEL].enabled);
}

static void physical_level(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_LEVEL);
	gic_model_line(0, HW_LEVEL, true);
	run_all();
	assert_true(gic_model.spi[HW_LEVEL].active);
	assert_int_equal(gic_model_guest_ack(0), VIRQ_HW_LEVEL);
	run_all();
	gic_model_guest_eoi(0, VIRQ_HW_LEVEL); /* the line is still high */
	assert_int_equal(guest_take(A0), VIRQ_HW_LEVEL);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), VIRQ_HW_LEVEL);
	gic_model_line(0, HW_LEVEL, false);
	gic_model_guest_eoi(0, VIRQ_HW_LEVEL);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(gic_model.maint_count, 0);
}

static void physical_edge_disabled_in_flight_is_not_lost(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	gic_model_line(0, HW_EDGE, true);
	gic_model_line(0, HW_EDGE, false);
	run_all();
	spi_bit(A0, GICD_ICENABLER, VIRQ_HW_EDGE); /* in a list register, not taken */
	assert_int_equal(guest_take(A0), NONE);
	assert_true(gic_model.spi[HW_EDGE].active); /* silent, and remembered */
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	assert_int_equal(guest_take(A0), VIRQ_HW_EDGE);
	assert_int_equal(guest_take(A0), NONE);
	assert_false(gic_model.spi[HW_EDGE].active);
}

static void physical_pending_cleared_by_the_guest(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	spi_bit(A0, GICD_ICPENDR, VIRQ_HW_EDGE);
	assert_false(gic_model.spi[HW_EDGE].active); /* may fire again */
	assert_int_equal(guest_take(A0), NONE);
	gic_model_line(0, HW_EDGE, false);
	gic_model_line(0, HW_EDGE, true);
	assert_int_equal(guest_take(A0), VIRQ_HW_EDGE);
	gic_model_line(0, HW_EDGE, false);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), VIRQ_HW_EDGE);
	spi_bit(A0, GICD_ICACTIVER, VIRQ_HW_EDGE); /* deactivates the physical one, too */
	assert_false(gic_model.spi[HW_EDGE].active);
}

static void physical_interrupt_follows_its_route(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	spi_route(A0, VIRQ_HW_EDGE, 2);
	assert_int_equal(gic_model.spi[HW_EDGE].route, 2);
	gic_model_line(0, HW_EDGE, true);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(A2), VIRQ_HW_EDGE);
	/* Acknowledged on one CPU while the guest moves it to another. */
	gic_model_line(0, HW_EDGE, false);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	spi_route(A0, VIRQ_HW_EDGE, 1);
	assert_int_equal(guest_take(A2), NONE);
	assert_int_equal(guest_take(A1), VIRQ_HW_EDGE);
	assert_false(gic_model.spi[HW_EDGE].active);
}

static void pended_by_hand_while_physically_active(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), VIRQ_HW_EDGE);
	spi_bit(A0, GICD_ISPENDR, VIRQ_HW_EDGE); /* HW = 1 cannot be pending and active: waits */
	gic_model_guest_eoi(0, VIRQ_HW_EDGE);
	(void)guest_read(A0, GICD, GICD_TYPER, 4); /* any exit */
	assert_int_equal(guest_take(A0), VIRQ_HW_EDGE);
	assert_int_equal(guest_take(A0), NONE);
}

static void physical_fires_while_one_made_by_hand_is_active(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	spi_bit(A0, GICD_ISPENDR, VIRQ_HW_EDGE);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), VIRQ_HW_EDGE);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), NONE);
	gic_model_guest_eoi(0, VIRQ_HW_EDGE);
	assert_int_equal(guest_take(A0), VIRQ_HW_EDGE); /* without any other exit */
	assert_false(gic_model.spi[HW_EDGE].active);
}

static void physical_cleared_from_elsewhere_ends(void **state)
{
	spi_route(A0, VIRQ_HW_EDGE, 1);
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	spi_bit(A0, GICD_ICPENDR, VIRQ_HW_EDGE);
	assert_int_equal(guest_take(A1), NONE);
	assert_false(gic_model.spi[HW_EDGE].active);
}

/* --- SGIs --- */

static void sgi_reaches_exactly_its_targets(void **state)
{
	sgis_enable();
	guest_sgi(A0, 5ull << 24 | 0x6);
	assert_int_equal(guest_take(A1), 5);
	assert_int_equal(guest_take(A2), 5);
	assert_int_equal(guest_take(A0), NONE);
	guest_sgi(A1, 3ull << 24 | ICC_SGI1R_IRM);
	assert_int_equal(guest_take(A0), 3);
	assert_int_equal(guest_take(A2), 3);
	assert_int_equal(guest_take(A1), NONE);
	guest_sgi(A2, 15ull << 24 | 0xfff4); /* to itself and to some that are not there */
	assert_int_equal(guest_take(A2), 15);
	guest_sgi(A0, ICC_SGI1R_Aff1 | 7);
	guest_sgi(A0, BIT64(32) | 7);
	guest_sgi(A0, BIT64(48) | 7);
	guest_sgi(A0, BIT64(44) | 7);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(guest_take(&board_a()->vcpu[i]), NONE);
	}
	assert_int_equal(guest_take(B0), NONE);
}

static void sgis_of_all_numbers_at_once(void **state)
{
	uint32_t seen = 0;

	sgis_enable();
	for (uint32_t n = 0; n < 16; n++) {
		guest_write(A1, GICR, frame(A1) + GICD_IPRIORITYR + n, 1, 0xf0 - 8 * n);
	}
	for (uint64_t n = 0; n < 16; n++) {
		guest_sgi(A0, n << 24 | 2);
		guest_sgi(A0, n << 24 | 2); /* twice before it is taken is once */
	}
	for (uint32_t n = 0; n < 16; n++) {
		uint32_t intid = guest_take(A1);

		assert_true(intid < 16 && (seen & BIT32(intid)) == 0);
		seen |= BIT32(intid);
	}
	assert_int_equal(seen, 0xffff);
	assert_int_equal(guest_take(A1), NONE);
}

static void sgi_again_while_active(void **state)
{
	sgis_enable();
	guest_sgi(A0, 2);
	run_all();
	assert_int_equal(gic_model_guest_ack(1), 0);
	guest_sgi(A0, 2);
	run_all();
	assert_false(vgic_dirty(&A1->arch.vgic));
	gic_model_guest_eoi(1, 0);
	assert_int_equal(guest_take(A1), 0);
	assert_int_equal(guest_take(A1), NONE);
}

static void sgi_is_delivered_without_the_slow_path(void **state)
{
	sgis_enable();
	guest_sgi(A0, 7ull << 24 | 2);
	fake_cpu = 1;
	gic_irq_entry(A1);
	assert_false(vgic_dirty(&A1->arch.vgic));
	assert_int_equal(gic_model_guest_ack(1), 7);
	gic_model_guest_eoi(1, 7);
}

static void sgi_to_one_that_does_not_listen(void **state)
{
	guest_sgi(A0, 4ull << 24 | 2);
	assert_int_equal(guest_take(A1), NONE);
	assert_true(private_is(A1, A1, GICD_ISPENDR, 4));
	private_bit(A1, A1, GICD_ISENABLER, 4);
	assert_int_equal(guest_take(A1), 4);
	private_bit(A1, A1, GICD_ISPENDR, 4);
	assert_int_equal(guest_take(A1), 4);
	private_bit(A0, A1, GICD_ISPENDR, 4); /* through another's frame */
	assert_int_equal(guest_take(A1), 4);
	private_bit(A0, A1, GICD_ISPENDR, 4);
	run_all();
	private_bit(A0, A1, GICD_ICPENDR, 4);
	assert_int_equal(guest_take(A1), NONE);
	private_bit(A0, A1, GICD_ISPENDR, 4);
	assert_int_equal(guest_take(A1), 4); /* the clearing does not last */
}

/* --- what one vCPU does to another's --- */

static void in_another_list_register(void)
{
	spi_edge(A0, 64);
	spi_route(A0, 64, 1);
	spi_bit(A0, GICD_ISENABLER, 64);
	pend(board_a(), 64, 3);
	run_all();
	assert_int_equal(gic_model_lrs_used(1), 1);
}

static void disabled_from_elsewhere(void **state)
{
	in_another_list_register();
	spi_bit(A0, GICD_ICENABLER, 64);
	assert_int_equal(guest_take(A1), NONE);
	assert_true(spi_is(A0, GICD_ISPENDR, 64));
	spi_bit(A0, GICD_ISENABLER, 64);
	assert_int_equal(guest_take(A1), 64);
}

static void cleared_from_elsewhere(void **state)
{
	in_another_list_register();
	assert_true(spi_is(A0, GICD_ISPENDR, 64));
	spi_bit(A0, GICD_ICPENDR, 64);
	assert_int_equal(guest_take(A1), NONE);
	pend(board_a(), 64, 3);
	run_all();
	spi_bit(A0, GICD_ICPENDR, 64);
	pend(board_a(), 64, 3); /* after the clearing: counts */
	assert_int_equal(guest_take(A1), 64);
	assert_int_equal(guest_take(A1), NONE);
}

static void moved_while_in_another_list_register(void **state)
{
	in_another_list_register();
	spi_route(A0, 64, 2);
	assert_int_equal(guest_take(A1), NONE);
	assert_int_equal(guest_take(A2), 64);
}

static void more_urgent_from_elsewhere(void **state)
{
	in_another_list_register();
	spi_priority(A0, 64, 0xc0);
	run_all();
	assert_int_equal(FIELD_GET(ICH_LR_Priority, gic_model.cpu[1].lr[1]), 0xc0);
	assert_int_equal(guest_take(A1), 64);
}

static void active_state_of_another(void **state)
{
	in_another_list_register();
	assert_int_equal(gic_model_guest_ack(1), 64);
	assert_true(spi_is(A0, GICD_ISACTIVER, 64));
	run_all();
	assert_true(spi_is(A0, GICD_ISACTIVER, 64)); /* now known */
	gic_model_guest_eoi(1, 64);
	(void)spi_is(A0, GICD_ISACTIVER, 64);
	run_all();
	assert_false(spi_is(A0, GICD_ISACTIVER, 64));
	pend(board_a(), 64, 3); /* pending there, not active */
	run_all();
	(void)spi_is(A0, GICD_ISACTIVER, 64);
	run_all();
	assert_false(spi_is(A0, GICD_ISACTIVER, 64));
	assert_int_equal(gic_model_guest_ack(1), 64);
	spi_bit(A0, GICD_ICACTIVER, 64);
	run_all();
	assert_int_equal(gic_model_lrs_used(1), 0);
}

static void moved_while_active_ends_where_it_was_taken(void **state)
{
	in_another_list_register();
	assert_int_equal(gic_model_guest_ack(1), 64);
	spi_route(A0, 64, 2);
	run_all();
	assert_int_equal(gic_model_lrs_used(1), 1);
	assert_int_equal(gic_model_lrs_used(2), 0);
	gic_model_guest_eoi(1, 64);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A1), NONE);
	assert_int_equal(guest_take(A2), 64);
}

static void ended_and_its_register_used_again(void **state)
{
	sgis_enable();
	in_another_list_register();
	assert_int_equal(gic_model_guest_ack(1), 64);
	gic_model_guest_eoi(1, 64);
	for (uint64_t n = 0; n < LRS; n++) {
		guest_sgi(A0, n << 24 | 2);
	}
	run_all();
	(void)spi_is(A0, GICD_ISACTIVER, 64);
	run_all();
	assert_false(spi_is(A0, GICD_ISACTIVER, 64));
}

/* --- vCPUs stop and start --- */

static void stopping_vcpu_hands_on_what_it_held(void **state)
{
	sgis_enable();
	in_another_list_register();
	private_bit(A1, A1, GICD_ISENABLER, 27);
	gic_model_line(1, 27, true);
	guest_sgi(A0, 2);
	run_all();
	assert_int_equal(gic_model_lrs_used(1), 3);
	spi_route(A0, 64, 2);
	fake_cpu = 1;
	gic_model_line(1, 27, false);
	vgic_vcpu_off(A1);
	assert_int_equal(gic_model_lrs_used(1), 0);
	assert_false(gic_model_irq_of(1, 27)->active);
	assert_int_equal(guest_take(A2), 64);
	fake_cpu = 1;
	vgic_vcpu_reset(A1);
	vgic_flush(A1);
	assert_int_equal(guest_take(A1), NONE); /* private state is new */
	guest_sgi(A0, 2);
	assert_int_equal(guest_take(A1), NONE);
	private_bit(A1, A1, GICD_ISENABLER, 0);
	assert_int_equal(guest_take(A1), 0);
}

static void restart_leaves_nothing_behind(void **state)
{
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_EDGE);
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_LEVEL);
	gic_model_line(0, HW_EDGE, true);
	gic_model_line(0, HW_LEVEL, true);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), VIRQ_HW_LEVEL);
	for (unsigned i = 0; i < 3; i++) {
		fake_cpu = i;
		vgic_vcpu_off(&board_a()->vcpu[i]);
	}
	vgic_vm_init(board_a());
	assert_false(gic_model.spi[HW_EDGE].active || gic_model.spi[HW_LEVEL].active);
	assert_false(gic_model.spi[HW_EDGE].enabled || gic_model.spi[HW_LEVEL].enabled);
	fake_cpu = 0;
	vgic_vcpu_reset(A0);
	vgic_flush(A0);
	assert_int_equal(guest_read(A0, GICD, GICD_ISENABLER + 4, 4), 0);
	guest_write(A0, GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp1);
	spi_bit(A0, GICD_ISENABLER, VIRQ_HW_LEVEL); /* still its own */
	assert_int_equal(guest_take(A0), VIRQ_HW_LEVEL);
}

#define T(name) cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(physical_interrupt_is_off_until_the_guest_wants_it), T(physical_level),
		T(physical_edge_disabled_in_flight_is_not_lost),
		T(physical_pending_cleared_by_the_guest), T(physical_interrupt_follows_its_route),
		T(pended_by_hand_while_physically_active),
		T(physical_fires_while_one_made_by_hand_is_active),
		T(physical_cleared_from_elsewhere_ends), T(sgi_reaches_exactly_its_targets),
		T(sgis_of_all_numbers_at_once), T(sgi_again_while_active),
		T(sgi_is_delivered_without_the_slow_path), T(sgi_to_one_that_does_not_listen),
		T(disabled_from_elsewhere), T(cleared_from_elsewhere),
		T(moved_while_in_another_list_register), T(more_urgent_from_elsewhere),
		T(active_state_of_another), T(moved_while_active_ends_where_it_was_taken),
		T(ended_and_its_register_used_again), T(stopping_vcpu_hands_on_what_it_held),
		T(restart_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
