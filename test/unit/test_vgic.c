/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC and the physical driver below it, against a GIC model that fails the test on anything
 * UNPREDICTABLE. What is asked: does the right vCPU get each interrupt, once per event, in order of priority,
 * whatever is written to the registers meanwhile; and does the physical interrupt always end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <asm/gic.h>
#include <asm/gicv3_regs.h>
#include <hyp/irq.h>

#include "fake/fake.h"
#include "model/gic_model.h"
#include "unit/vgic_board.h"

#define GICD VM_TRAP_GICD
#define GICR VM_TRAP_GICR
#define A0 (&board_a()->vcpu[0])
#define A1 (&board_a()->vcpu[1])
#define A2 (&board_a()->vcpu[2])
#define B0 (&board_b()->vcpu[0])
#define NONE GIC_MODEL_NONE

static uint64_t frame(const struct vcpu *vcpu)
{
	return 0x20000ull * vcpu->index + 0x10000;
}

/* Register `reg` of one bit per interrupt, written by `by` with only this SPI's bit. */
static void spi_bit(struct vcpu *by, uint32_t reg, uint32_t intid)
{
	guest_write(by, GICD, reg + intid / 32 * 4, 4, BIT32(intid % 32));
}

static bool spi_is(struct vcpu *by, uint32_t reg, uint32_t intid)
{
	return (guest_read(by, GICD, reg + intid / 32 * 4, 4) & BIT32(intid % 32)) != 0;
}

static void private_bit(struct vcpu *by, const struct vcpu *whose, uint32_t reg, uint32_t intid)
{
	guest_write(by, GICR, frame(whose) + reg, 4, BIT32(intid));
}

static bool private_is(struct vcpu *by, const struct vcpu *whose, uint32_t reg, uint32_t intid)
{
	return (guest_read(by, GICR, frame(whose) + reg, 4) & BIT32(intid)) != 0;
}

static void priority(struct vcpu *by, uint32_t intid, uint8_t prio)
{
	guest_write(by, GICD, GICD_IPRIORITYR + intid, 1, prio);
}

static void edge(struct vcpu *by, uint32_t intid)
{
	uint64_t reg = GICD_ICFGR + intid / 16 * 4;

	guest_write(by, GICD, reg, 4, guest_read(by, GICD, reg, 4) | BIT32(2 * (intid % 16) + 1));
}

static void route(struct vcpu *by, uint32_t intid, uint64_t to)
{
	guest_write(by, GICD, GICD_IROUTER + 8 * intid, 8, to);
}

/* Pended by another CPU, as the fault path does. */
static void pend(struct vm *vm, uint32_t virq, unsigned from)
{
	fake_cpu = from;
	arch_vm_pend_virq(vm, virq);
}

static void level(struct vm *vm, uint32_t virq, bool high)
{
	fake_cpu = 3;
	vgic_set_level(vm, virq, high);
}

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
	route(A0, 64, 2);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 2);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64 + 4, 4), 0);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64, 4, 1);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 4), 1);
	route(A0, 64, GICD_IROUTER_IRM | 2);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 0);
	route(A0, 64, 0x100); /* nobody */
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 0xff);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64, 4, 1);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64 + 4, 4, 0);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 1);
	guest_write(A0, GICD, GICD_IROUTER + 8 * 64 + 4, 4, 7);
	assert_int_equal(guest_read(A0, GICD, GICD_IROUTER + 8 * 64, 8), 0xff);
	route(A0, 31, 2); /* below the SPIs there is nothing */
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
	edge(A0, 64);
	spi_bit(A0, GICD_ISENABLER, 64);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A1), NONE);
	assert_int_equal(guest_take(A0), 64);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(B0), NONE);
	route(A0, 64, 2);
	pend(board_a(), 64, 3);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(A2), 64);
	route(A0, 64, 0x10000);
	pend(board_a(), 64, 0);
	assert_int_equal(guest_take(A0), NONE);
	route(A0, 64, 1);
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
	edge(A0, 64);
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
		edge(A0, 64 + n);
		priority(A0, 64 + n, (uint8_t)(0xf0 - 8 * n));
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
		edge(A0, 64 + n);
		priority(A0, 64 + n, (uint8_t)(8 * n));
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
	edge(A0, 64);
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
	edge(A0, 33);
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
	edge(A0, 64);
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
	edge(A0, 64);
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
	route(A0, VIRQ_HW_EDGE, 2);
	assert_int_equal(gic_model.spi[HW_EDGE].route, 2);
	gic_model_line(0, HW_EDGE, true);
	assert_int_equal(guest_take(A0), NONE);
	assert_int_equal(guest_take(A2), VIRQ_HW_EDGE);
	/* Acknowledged on one CPU while the guest moves it to another. */
	gic_model_line(0, HW_EDGE, false);
	gic_model_line(0, HW_EDGE, true);
	run_all();
	route(A0, VIRQ_HW_EDGE, 1);
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

/* --- SGIs --- */

static void sgi_setup(void)
{
	for (unsigned i = 0; i < 3; i++) {
		struct vcpu *v = &board_a()->vcpu[i];

		guest_write(v, GICR, frame(v) + GICD_ISENABLER, 4, 0xffff);
	}
	guest_write(B0, GICR, frame(B0) + GICD_ISENABLER, 4, 0xffff);
}

static void sgi_reaches_exactly_its_targets(void **state)
{
	sgi_setup();
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

	sgi_setup();
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
	sgi_setup();
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
	sgi_setup();
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
	edge(A0, 64);
	route(A0, 64, 1);
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
	route(A0, 64, 2);
	assert_int_equal(guest_take(A1), NONE);
	assert_int_equal(guest_take(A2), 64);
}

static void more_urgent_from_elsewhere(void **state)
{
	in_another_list_register();
	priority(A0, 64, 0xc0);
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

/* --- vCPUs stop and start --- */

static void stopping_vcpu_hands_on_what_it_held(void **state)
{
	sgi_setup();
	in_another_list_register();
	private_bit(A1, A1, GICD_ISENABLER, 27);
	gic_model_line(1, 27, true);
	guest_sgi(A0, 2);
	run_all();
	assert_int_equal(gic_model_lrs_used(1), 3);
	route(A0, 64, 2);
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

/* --- any guest --- */

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % n;
}

static uint64_t rnd_offset(void)
{
	static const uint32_t block[] = {
		GICD_CTLR, GICD_IGROUPR, GICD_ISENABLER, GICD_ISENABLER, GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR,
		GICD_ICPENDR, GICD_ISACTIVER, GICD_ICACTIVER, GICD_IPRIORITYR, GICD_ICFGR, GICD_IROUTER_SPI,
	};

	switch (rnd(8)) {
	case 0:
		return rnd(0x10000);
	case 1:
		return (uint64_t)rnd(0x80000) << rnd(40);
	default:
		return block[rnd(ARRAY_COUNT(block))] + rnd(32) * 4; /* interrupts 32..63 mostly: they collide */
	}
}

static void rnd_step(void)
{
	struct vcpu *v = rnd(8) == 0 ? B0 : &board_a()->vcpu[rnd(3)];
	uint64_t value = (uint64_t)rnd(1u << 31) << rnd(34);
	uint32_t intid;

	switch (rnd(10)) {
	case 0:
	case 1:
		guest_write(v, GICD, rnd_offset(), (uint8_t)(1u << rnd(4)), value);
		break;
	case 2:
		guest_write(v, GICR, rnd_offset() + 0x10000 + rnd(4) * 0x20000, 4, value);
		break;
	case 3:
		(void)guest_read(v, rnd(2) ? GICD : GICR, rnd_offset() + rnd(2) * 0x10000, (uint8_t)(1u << rnd(4)));
		break;
	case 4:
		guest_sgi(v, value);
		break;
	case 5:
		pend(v->vm, rnd(1100), rnd(4));
		break;
	case 6:
		level(v->vm, 32 + rnd(32), rnd(2));
		break;
	case 7:
		gic_model_line(rnd(4), 27, rnd(2));
		gic_model_line(0, HW_LEVEL + rnd(2), rnd(2));
		break;
	default:
		intid = gic_model_guest_ack(v->cpu);
		if (rnd(3) != 0) {
			gic_model_guest_eoi(v->cpu, rnd(4) == 0 ? rnd(64) : intid);
		}
		break;
	}
	if (rnd(2) == 0) {
		run(rnd(4));
	}
}

/* After anything at all a guest that tidies up gets its interrupts. */
static void tidy_up_and_listen(struct vcpu *v)
{
	guest_write(v, GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp1);
	for (uint32_t reg = 4; reg < 124; reg += 4) {
		guest_write(v, GICD, GICD_ICENABLER + reg, 4, ~0u);
		guest_write(v, GICD, GICD_ICACTIVER + reg, 4, ~0u);
		guest_write(v, GICD, GICD_ICPENDR + reg, 4, ~0u);
		run_all();
	}
	for (unsigned i = 0; i < v->vm->vcpu_count; i++) {
		struct vcpu *w = &v->vm->vcpu[i];

		guest_write(w, GICR, frame(w) + GICD_IGROUPR, 4, ~0u);
		guest_write(w, GICR, frame(w) + GICD_ICENABLER, 4, ~0u);
		guest_write(w, GICR, frame(w) + GICD_ICPENDR, 4, ~0u);
		guest_write(w, GICR, frame(w) + GICD_ICACTIVER, 4, ~0u);
		run_all();
		assert_int_equal(gic_model_lrs_used(w->cpu), 0);
		assert_false(gic_model_irq_of(w->cpu, 27)->active);
		private_bit(w, w, GICD_ISENABLER, 27);
		private_bit(w, w, GICD_ISENABLER, 9);
		gic_model_line(w->cpu, 27, true);
		run_all();
		assert_int_equal(gic_model_guest_ack(w->cpu), 27);
		gic_model_line(w->cpu, 27, false);
		gic_model_guest_eoi(w->cpu, 27);
		guest_sgi(v, 9ull << 24 | BIT64(i));
		assert_int_equal(guest_take(w), 9);
		assert_int_equal(guest_take(w), NONE);
	}
	assert_false(gic_model.spi[HW_EDGE].active || gic_model.spi[HW_LEVEL].active);
}

static void any_sequence(void **state)
{
	for (uint64_t round = 0; round < 60; round++) {
		(void)board_setup(state);
		seed = round + 1;
		for (unsigned n = 0; n < 3000; n++) {
			rnd_step();
		}
		for (unsigned cpu = 0; cpu < 4; cpu++) {
			gic_model_line(cpu, 27, false);
		}
		gic_model_line(0, HW_LEVEL, false);
		gic_model_line(0, HW_EDGE, false);
		run_all();
		tidy_up_and_listen(A0);
		tidy_up_and_listen(B0);
	}
}

#define T(name) cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(identification), T(set_and_clear_registers), T(private_registers_are_in_the_redistributor),
		T(priority_registers), T(trigger_registers), T(routing_registers),
		T(wrong_accesses_read_zero_and_write_nothing),
		T(spi_reaches_its_vcpu_once), T(private_interrupt_goes_to_this_cpu), T(nothing_comes_while_disabled),
		T(most_urgent_first_and_none_lost_beyond_the_list_registers),
		T(list_registers_refill_without_another_exit), T(edge_again_while_active), T(level_is_looked_at_again),
		T(edge_line_counts_rises), T(software_pending_of_a_level), T(active_set_and_cleared_by_hand),
		T(group_is_handed_on),
		T(timer_goes_straight_to_list_register_0), T(timer_held_while_disabled), T(timer_disabled_before_taken),
		T(timer_fast_path_comes_back), T(timer_pending_cleared_by_the_guest_rings_again_only_with_the_line),
		T(physical_interrupt_is_off_until_the_guest_wants_it), T(physical_level),
		T(physical_edge_disabled_in_flight_is_not_lost), T(physical_pending_cleared_by_the_guest),
		T(physical_interrupt_follows_its_route), T(pended_by_hand_while_physically_active),
		T(sgi_reaches_exactly_its_targets), T(sgis_of_all_numbers_at_once), T(sgi_again_while_active),
		T(sgi_is_delivered_without_the_slow_path), T(sgi_to_one_that_does_not_listen),
		T(disabled_from_elsewhere), T(cleared_from_elsewhere), T(moved_while_in_another_list_register),
		T(more_urgent_from_elsewhere), T(active_state_of_another),
		T(stopping_vcpu_hands_on_what_it_held), T(restart_leaves_nothing_behind),
		T(any_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
