/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC on the physical driver, against a GIC model that fails the test on anything UNPREDICTABLE:
 * registers as a guest sees them, delivery to one vCPU in order of priority, and the timer. What is asked: does
 * each interrupt come once per event, whatever is written to the registers meanwhile; does the physical one end.
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

/* --- registers --- */

static void identification(void **state)
{
	uint64_t typer = guest_read(A0, GICD, GICD_TYPER, 4);

	assert_int_equal(FIELD_GET(GICD_TYPER_ITLinesNumber, typer), 30);
	assert_int_equal(FIELD_GET(GICD_TYPER_CPUNumber, typer), 2);
	assert_int_equal(guest_read(A0, GICD, GICD_PIDR2, 4), 0x3b);
	assert_int_equal(guest_read(A0, GICR, 0xffe8, 4), 0x3b);
	assert_int_equal(guest_read(A0, GICD, GICD_CTLR, 4), GICD_CTLR_DS | GICD_CTLR_ARE | GICD_CTLR_EnableGrp1);
	assert_int_equal(guest_read(A0, GICR, GICR_TYPER, 8), 0);
	assert_int_equal(guest_read(A0, GICR, 0x20000 + GICR_TYPER, 8), 1ull << 32 | 1 << 8);
	assert_int_equal(guest_read(A0, GICR, 0x40000 + GICR_TYPER, 8), 2ull << 32 | 2 << 8 | GICR_TYPER_Last);
	assert_int_equal(guest_read(A0, GICR, 0x40000 + GICR_TYPER + 4, 4), 2);
	assert_int_equal(guest_read(A0, GICR, 0x60000 + GICR_TYPER, 8), 0);
	assert_int_equal(guest_read(A0, GICR, GICR_WAKER, 4), 6);
	guest_write(A0, GICR, GICR_WAKER, 4, 0);
	assert_int_equal(guest_read(A0, GICR, GICR_WAKER, 4), 0);
	assert_int_equal(guest_read(A1, GICR, 0x20000 + GICR_WAKER, 4), 6);
}

static void set_and_clear_registers(void **state)
{
	guest_write(A0, GICD, GICD_ISENABLER + 8, 4, 0x00ff00ff);
	guest_write(A0, GICD, GICD_ICENABLER + 8, 4, 0x0000000f);
	assert_int_equal(guest_read(A1, GICD, GICD_ISENABLER + 8, 4), 0x00ff00f0);
	assert_int_equal(guest_read(A1, GICD, GICD_ICENABLER + 8, 4), 0x00ff00f0);
	guest_write(A0, GICD, GICD_ISPENDR + 12, 4, 0x80000001);
	assert_int_equal(guest_read(A1, GICD, GICD_ICPENDR + 12, 4), 0x80000001);
	guest_write(A0, GICD, GICD_ICPENDR + 12, 4, 0x80000000);
	assert_int_equal(guest_read(A0, GICD, GICD_ISPENDR + 12, 4), 1);
	guest_write(A0, GICD, GICD_ISACTIVER + 16, 4, 6);
	guest_write(A0, GICD, GICD_ICACTIVER + 16, 4, 2);
	assert_int_equal(guest_read(A0, GICD, GICD_ISACTIVER + 16, 4), 4);
	assert_int_equal(guest_read(A0, GICD, GICD_IGROUPR + 16, 4), ~0u);
	guest_write(A0, GICD, GICD_IGROUPR + 16, 4, 0x12345678);
	assert_int_equal(guest_read(A0, GICD, GICD_IGROUPR + 16, 4), 0x12345678);
	/* The other partition has its own. */
	assert_int_equal(guest_read(B0, GICD, GICD_ISENABLER + 8, 4), 0);
	assert_int_equal(guest_read(B0, GICD, GICD_ISPENDR + 12, 4), 0);
}

static void private_registers_are_in_the_redistributor(void **state)
{
	guest_write(A0, GICD, GICD_ISENABLER, 4, ~0u);
	assert_int_equal(guest_read(A0, GICD, GICD_ISENABLER, 4), 0);
	assert_int_equal(guest_read(A0, GICR, frame(A0) + GICD_ISENABLER, 4), 0);
	guest_write(A0, GICR, frame(A1) + GICD_ISENABLER, 4, 0x88000003);
	assert_int_equal(guest_read(A1, GICR, frame(A1) + GICD_ISENABLER, 4), 0x88000003);
	assert_int_equal(guest_read(A1, GICR, frame(A0) + GICD_ISENABLER, 4), 0);
	/* There is one word of each. */
	guest_write(A0, GICR, frame(A0) + GICD_ISENABLER + 4, 4, ~0u);
	assert_int_equal(guest_read(A0, GICR, frame(A0) + GICD_ISENABLER + 4, 4), 0);
	assert_false(spi_is(A0, GICD_ISENABLER, 40));
}

static void priority_registers(void **state)
{
	guest_write(A0, GICD, GICD_IPRIORITYR + 64, 4, 0xff804020);
	assert_int_equal(guest_read(A0, GICD, GICD_IPRIORITYR + 64, 4), 0xf8804020);
	guest_write(A0, GICD, GICD_IPRIORITYR + 65, 1, 0xa7);
	assert_int_equal(guest_read(A0, GICD, GICD_IPRIORITYR + 65, 1), 0xa0);
	assert_int_equal(guest_read(A0, GICD, GICD_IPRIORITYR + 64, 4), 0xf880a020);
	guest_write(A0, GICD, GICD_IPRIORITYR + 31, 1, 0x40);
	assert_int_equal(guest_read(A0, GICD, GICD_IPRIORITYR + 31, 1), 0);
	guest_write(A0, GICR, frame(A0) + GICD_IPRIORITYR + 28, 4, 0x10203040);
	assert_int_equal(guest_read(A0, GICR, frame(A0) + GICD_IPRIORITYR + 31, 1), 0x10);
}

static void trigger_registers(void **state)
{
	guest_write(A0, GICD, GICD_ICFGR + 16, 4, ~0u);
	assert_int_equal(guest_read(A0, GICD, GICD_ICFGR + 16, 4), 0xaaaaaaaa);
	guest_write(A0, GICD, GICD_ICFGR + 12, 4, 0); /* 48..63: 51 is an edge in hardware */
	assert_int_equal(guest_read(A0, GICD, GICD_ICFGR + 12, 4), 1 << 7);
	assert_int_equal(guest_read(A0, GICR, frame(A0) + GICD_ICFGR, 4), 0xaaaaaaaa);
	guest_write(A0, GICR, frame(A0) + GICD_ICFGR + 4, 4, ~0u);
	assert_int_equal(guest_read(A0, GICR, frame(A0) + GICD_ICFGR + 4, 4), 0);
}

static void routing_registers(void **state)
{
	spi_route(A0, 64, 2);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 2);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64 + 4, 4), 0);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64, 4, 1);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 4), 1);
	spi_route(A0, 64, GICD_IROUTER_IRM | 2);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 0);
	spi_route(A0, 64, 0x100); /* nobody */
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 0xff);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64, 4, 1);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64 + 4, 4, 0);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 1);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64 + 4, 4, 7);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 0xff);
	spi_route(A0, 31, 2); /* below the SPIs there is nothing */
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 31, 8), 0);
}

static void wrong_accesses_read_zero_and_write_nothing(void **state)
{
	guest_write(A0, GICD, GICD_ISENABLER + 8, 8, ~0ull);
	guest_write(A0, GICD, GICD_ISENABLER + 8, 1, ~0ull);
	guest_write(A0, GICD, GICD_ISENABLER + 10, 4, ~0ull);
	guest_write(A0, GICD, GICD_IPRIORITYR + 64, 2, ~0ull);
	guest_write(A0, GICD, GICD_CTLR, 8, 0);
	assert_int_equal(guest_read(A0, GICD, GICD_ISENABLER + 8, 4), 0);
	assert_int_equal(guest_read(A0, GICD, GICD_IPRIORITYR + 64, 4), 0);
	assert_int_equal(guest_read(A0, GICD, GICD_CTLR, 8), 0);
	assert_int_equal(guest_read(A0, GICD, GICD_TYPER, 2), 0);
	assert_int_equal(guest_read(A0, GICD, GICD_TYPER + 1, 4), 0);
	assert_int_equal(guest_read(A0, GICD, GICD_ISENABLER + 0x7c, 4), 0); /* 992..1023 */
	guest_write(A0, GICD, GICD_ISENABLER + 0x7c, 4, ~0u);
	guest_write(A0, GICD, GICD_IPRIORITYR + 992, 4, ~0u);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 992, 8, 1);
	guest_write(A0, GICD, 0xfffffffffffffffcull, 4, ~0u);
	assert_int_equal(guest_read(A0, GICD, 0x10000, 4), 0);
	assert_int_equal(guest_read(A0, GICR, 0xffffffffffff0000ull, 4), 0);
	assert_int_equal(guest_read(A0, VM_TRAP_UART, 0, 4), 0);
	assert_int_equal(guest_read(A0, GICD, 0xf00, 4), 0); /* GICD_SGIR */
	assert_int_equal(guest_read(A0, GICD, GICD_CTLR, 4) & 3, GICD_CTLR_EnableGrp1);
}

/* --- delivery --- */

static void spi_reaches_its_vcpu_once(void **state)
{
	spi_edge(A0, 64);
	spi_bit(A0, GICD_ISENABLER, 64);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A1), NONE);
	assert_int_equal(guest_take(A0), 64);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(B0), NONE);
	spi_route(A0, 64, 2);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(A2), 64);
	spi_route(A0, 64, 0x10000);
	pend(board_a(), 64, 0);
	assert_int_equal(guest_take(A0), NONE);
	spi_route(A0, 64, 1);
	assert_int_equal(guest_take(A1), 64);
	pend(board_a(), VGIC_INTIDS, 0); /* no such interrupt: nothing happens */
	pend(board_a(), 0xffffffff, 0);
}

static void private_interrupt_goes_to_this_cpu(void **state)
{
	private_bit(A1, A1, GICD_ISENABLER, 23);
	private_bit(A0, A0, GICD_ISENABLER, 23);
	pend(board_a(), 23, 1);
	vgic_flush(A1);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(A1), 23);
	pend(board_a(), 23, 3); /* from a CPU that runs none of its vCPUs */
	assert_int_equal(guest_take(A0), 23);
}

static void nothing_comes_while_disabled(void **state)
{
	spi_edge(A0, 64);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A0), NONE);
	assert_true(spi_is(A0, GICD_ISPENDR, 64));
	guest_write(A0, GICD, GICD_CTLR, 4, 0);
	spi_bit(A0, GICD_ISENABLER, 64);
	assert_int_equal(guest_take(A0), NONE);
	guest_write(A0, GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp0);
	assert_int_equal(guest_take(A0), NONE);
	guest_write(A0, GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp1);
	run_all();
	guest_write(A0, GICD, GICD_CTLR, 4, 0); /* it is in a list register and not taken: back it goes */
	assert_int_equal(guest_take(A0), NONE);
	guest_write(A0, GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp1);
	assert_int_equal(guest_take(A0), 64);
	assert_int_equal(guest_take(A0), NONE);
}

static void most_urgent_first_and_none_lost_beyond_the_list_registers(void **state)
{
	for (uint32_t n = 0; n < 12; n++) {
		spi_edge(A0, 64 + n);
		spi_priority(A0, 64 + n, (uint8_t)(0xf0 - 8 * n));
		spi_bit(A0, GICD_ISENABLER, 64 + n);
	}
	for (uint32_t n = 0; n < 12; n++) { /* the least urgent first */
		pend(board_a(), 64 + n, 3);
		run_all();
	}
	assert_int_equal(gic_model_lrs_used(0), LRS - 1); /* one is the timer's */
	for (uint32_t n = 0; n < 12; n++) {
		assert_int_equal(guest_take(A0), 64 + 11 - n);
	}
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(gic_model.cpu[0].hcr, ICH_HCR_En);
}

static void list_registers_refill_without_another_exit(void **state)
{
	for (uint32_t n = 0; n < 8; n++) {
		spi_edge(A0, 64 + n);
		spi_priority(A0, 64 + n, (uint8_t)(8 * n));
		spi_bit(A0, GICD_ISENABLER, 64 + n);
		arch_vm_pend_virq(board_a(), 64 + n);
	}
	vgic_flush(A0);
	for (uint32_t n = 0; n < 8; n++) {
		uint32_t intid;

		run(0); /* maintenance only */
		intid = gic_model_guest_ack(0);
		assert_int_equal(intid, 64 + n);
		gic_model_guest_eoi(0, intid);
	}
	assert_true(gic_model.maint_count > 0 && gic_model.maint_count < 8);
}

static void edge_again_while_active(void **state)
{
	spi_edge(A0, 64);
	spi_bit(A0, GICD_ISENABLER, 64);
	pend(board_a(), 64, 3);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 64);
	pend(board_a(), 64, 3);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), NONE);
	assert_true(spi_is(A0, GICD_ISPENDR, 64));
	assert_true(spi_is(A0, GICD_ISACTIVER, 64));
	gic_model_guest_eoi(0, 64);
	assert_int_equal(guest_take(A0), 64);
	assert_int_equal(guest_take(A0), NONE);
}

static void level_is_looked_at_again(void **state)
{
	spi_bit(A0, GICD_ISENABLER, 33);
	level(board_a(), 33, true);
	assert_int_equal(guest_take(A0), 33);
	assert_int_equal(guest_take(A0), 33); /* still high */
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 33);
	level(board_a(), 33, false); /* the handler served the device */
	run_all();
	gic_model_guest_eoi(0, 33);
	assert_int_equal(guest_take(A0), NONE);
	level(board_a(), 33, true);
	run_all();
	level(board_a(), 33, false); /* gone before it was taken */
	assert_int_equal(guest_take(A0), NONE);
	assert_false(spi_is(A0, GICD_ISPENDR, 33));
	level(board_a(), 33, true);
	spi_bit(A0, GICD_ICPENDR, 33); /* does not lower a line */
	assert_true(spi_is(A0, GICD_ISPENDR, 33));
	assert_int_equal(guest_take(A0), 33);
}

static void edge_line_counts_rises(void **state)
{
	spi_edge(A0, 33);
	spi_bit(A0, GICD_ISENABLER, 33);
	level(board_a(), 33, true);
	level(board_a(), 33, true);
	assert_int_equal(guest_take(A0), 33);
	assert_int_equal(guest_take(A0), NONE);
	level(board_a(), 33, false);
	level(board_a(), 33, true);
	level(board_a(), 33, false);
	assert_int_equal(guest_take(A0), 33);
	assert_int_equal(guest_take(A0), NONE);
}

static void software_pending_of_a_level(void **state)
{
	spi_bit(A0, GICD_ISENABLER, 33);
	spi_bit(A0, GICD_ISPENDR, 33);
	assert_true(spi_is(A0, GICD_ISPENDR, 33)); /* taken back for the look, and loaded again */
	assert_int_equal(guest_take(A0), 33);
	assert_int_equal(guest_take(A0), NONE);
}

static void active_set_and_cleared_by_hand(void **state)
{
	spi_edge(A0, 64);
	spi_bit(A0, GICD_ISENABLER, 64);
	spi_bit(A0, GICD_ISACTIVER, 64);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A0), NONE); /* active: not again */
	gic_model_guest_eoi(0, 64);
	assert_int_equal(guest_take(A0), 64);
	pend(board_a(), 64, 3);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 64);
	spi_bit(A0, GICD_ICACTIVER, 64); /* instead of the end of interrupt */
	assert_false(spi_is(A0, GICD_ISACTIVER, 64));
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A0), 64);
}

static void group_is_handed_on(void **state)
{
	spi_edge(A0, 64);
	guest_write(A0, GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1);
	guest_write(A0, GICD, GICD_IGROUPR + 8, 4, ~1u);
	spi_bit(A0, GICD_ISENABLER, 64);
	pend(board_a(), 64, 3);
	run_all();
	assert_int_equal(gic_model.cpu[0].lr[1] & (ICH_LR_Group | ICH_LR_State | 0xffff), ICH_LR_Pending | 64);
}

/* --- the timer --- */

static void timer_goes_straight_to_list_register_0(void **state)
{
	private_bit(A1, A1, GICD_ISENABLER, 27);
	guest_write(A1, GICR, frame(A1) + GICD_IPRIORITYR + 27, 1, 0x50);
	for (unsigned n = 0; n < 3; n++) {
		gic_model_line(1, 27, true);
		fake_cpu = 1;
		gic_irq_entry(A1);
		assert_false(vgic_dirty(&A1->arch.vgic)); /* no slow path */
		assert_int_equal(gic_model.cpu[1].lr[0],
				 ICH_LR_Pending | ICH_LR_HW | ICH_LR_Group | 0x50ull << 48 | 27ull << 32 | 27);
		assert_int_equal(gic_model_next(1), NONE); /* active: silent although the line is high */
		assert_int_equal(gic_model_guest_ack(1), 27);
		gic_model_line(1, 27, false);
		gic_model_guest_eoi(1, 27);
		assert_false(gic_model_irq_of(1, 27)->active);
	}
}

static void timer_held_while_disabled(void **state)
{
	gic_model_line(0, 27, true);
	assert_int_equal(guest_take(A0), NONE);
	assert_true(private_is(A0, A0, GICD_ISPENDR, 27));
	private_bit(A0, A0, GICD_ISENABLER, 27);
	assert_int_equal(guest_take(A0), 27); /* line still high … */
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 27); /* … so again */
	gic_model_line(0, 27, false);
	gic_model_guest_eoi(0, 27);
	assert_int_equal(guest_take(A0), NONE);
	private_bit(A0, A0, GICD_ICENABLER, 27);
	gic_model_line(0, 27, true);
	run_all();
	gic_model_line(0, 27, false); /* reprogrammed meanwhile: no spurious interrupt at enable */
	private_bit(A0, A0, GICD_ISENABLER, 27);
	assert_int_equal(guest_take(A0), NONE);
	assert_false(gic_model_irq_of(0, 27)->active);
	gic_model_line(0, 27, true);
	assert_int_equal(guest_take(A0), 27);
}

static void timer_disabled_before_taken(void **state)
{
	private_bit(A0, A0, GICD_ISENABLER, 27);
	gic_model_line(0, 27, true);
	run_all();
	private_bit(A0, A0, GICD_ICENABLER, 27);
	assert_int_equal(guest_take(A0), NONE);
	private_bit(A0, A0, GICD_ISENABLER, 27);
	assert_int_equal(guest_take(A0), 27);
	/* The same by another vCPU. */
	run_all();
	private_bit(A1, A0, GICD_ICENABLER, 27);
	assert_int_equal(guest_take(A0), NONE);
	gic_model_line(0, 27, false);
	private_bit(A1, A0, GICD_ISENABLER, 27);
	assert_int_equal(guest_take(A0), NONE);
	assert_false(gic_model_irq_of(0, 27)->active);
}

static void timer_fast_path_comes_back(void **state)
{
	private_bit(A0, A0, GICD_ISENABLER, 27);
	private_bit(A0, A0, GICD_ISPENDR, 27); /* by hand: list register 0 without HW */
	run_all();
	assert_int_equal(gic_model.cpu[0].lr[0] & ICH_LR_HW, 0);
	gic_model_line(0, 27, true);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 27);
	gic_model_guest_eoi(0, 27);
	gic_model_line(0, 27, false);
	while (guest_take(A0) != NONE) {
	}
	assert_false(gic_model_irq_of(0, 27)->active);
	gic_model_line(0, 27, true);
	fake_cpu = 0;
	gic_irq_entry(A0);
	vgic_flush(A0);
	gic_model_line(0, 27, false);
	assert_int_equal(guest_take(A0), 27);
	gic_model_line(0, 27, true);
	gic_irq_entry(A0);
	assert_false(vgic_dirty(&A0->arch.vgic));
}

static void timer_fires_while_one_made_by_hand_is_active(void **state)
{
	private_bit(A0, A0, GICD_ISENABLER, 27);
	private_bit(A0, A0, GICD_ISPENDR, 27);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 27);
	gic_model_line(0, 27, true);
	run_all();
	gic_model_guest_eoi(0, 27);
	assert_true(gic_model_irq_of(0, 27)->active);
	run_all();
	assert_int_equal(gic_model_guest_ack(0), 27);
	gic_model_line(0, 27, false);
	gic_model_guest_eoi(0, 27);
	assert_int_equal(guest_take(A0), NONE);
}

static void timer_pending_cleared_by_the_guest_rings_again_only_with_the_line(void **state)
{
	gic_model_line(0, 27, true);
	run_all();
	gic_model_line(0, 27, false);
	private_bit(A0, A0, GICD_ICPENDR, 27);
	assert_false(gic_model_irq_of(0, 27)->active);
	private_bit(A0, A0, GICD_ISENABLER, 27);
	assert_int_equal(guest_take(A0), NONE);
	private_bit(A0, A0, GICD_ICENABLER, 27);
	gic_model_line(0, 27, true);
	run_all();
	private_bit(A1, A0, GICD_ICPENDR, 27); /* by another vCPU: ended on its own CPU */
	gic_model_line(0, 27, false);
	run_all();
	assert_false(gic_model_irq_of(0, 27)->active);
}

#define T(name) cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(identification), T(set_and_clear_registers),
		T(private_registers_are_in_the_redistributor), T(priority_registers),
		T(trigger_registers), T(routing_registers),
		T(wrong_accesses_read_zero_and_write_nothing), T(spi_reaches_its_vcpu_once),
		T(private_interrupt_goes_to_this_cpu), T(nothing_comes_while_disabled),
		T(most_urgent_first_and_none_lost_beyond_the_list_registers),
		T(list_registers_refill_without_another_exit), T(edge_again_while_active),
		T(level_is_looked_at_again), T(edge_line_counts_rises),
		T(software_pending_of_a_level), T(active_set_and_cleared_by_hand),
		T(group_is_handed_on), T(timer_goes_straight_to_list_register_0),
		T(timer_held_while_disabled), T(timer_disabled_before_taken),
		T(timer_fast_path_comes_back), T(timer_fires_while_one_made_by_hand_is_active),
		T(timer_pending_cleared_by_the_guest_rings_again_only_with_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
