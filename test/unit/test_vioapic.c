/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual I/O APIC: registers, edges, levels and remote IRR, and physical interrupts behind pins. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "unit/vapic_board.h"

#define MASK   BIT64(16)
#define LEVEL  BIT64(15)
#define RIRR   BIT64(14)
#define LOG    BIT64(11)
#define LOWEST BIT64(8)
#define TO(n)  ((uint64_t)(n) << 56)

enum { PIN = 20, VIRQ = 52, HW = 40 };

static void line(struct vm *vm, unsigned pin, bool high)
{
	vioapic_set_line(vm, 32 + pin, high);
}

/* --- registers --- */

static void registers(void **state)
{
	struct mmio m = { .size = 1 };

	(void)state;
	assert_int_equal(io_read(A0, 1), 0x003f0020);
	io_write(A0, 0, UINT32_MAX);
	assert_int_equal(io_read(A0, 0), 0x0f000000);
	assert_int_equal(io_read(A0, 2), 0x0f000000);
	io_write(A0, 1, 0);
	io_write(A0, 2, 0);
	assert_int_equal(io_read(A0, 1), 0x003f0020);
	assert_int_equal(io_read(B0, 0), 0);
	for (unsigned pin = 0; pin < VIOAPIC_PINS; pin++) {
		assert_int_equal(rte_get(A0, pin), MASK);
		rte_set(A0, pin, UINT64_MAX);
		assert_int_equal(rte_get(A0, pin), 0xff0000000001afff);
	}
	for (unsigned reg = 3; reg < 0x110; reg++) {
		if (reg < 0x10 || (reg >= 0x90 && reg < 0x100)) { /* the select register has 8 bits */
			io_write(A0, reg, 0);
			assert_int_equal(io_read(A0, reg), 0);
		}
	}
	assert_int_equal(rte_get(B0, 63), MASK);
	(void)io_read(A0, 0x8f);
	vioapic_mmio(A0, 0, &m);
	assert_int_equal(m.value, 0x8f);
	vioapic_mmio(A0, 0x10, &m);
	assert_int_equal(m.value, 0x00); /* bits 39:32 */
	m.size = 4;
	vioapic_mmio(A0, 0x10, &m);
	assert_int_equal(m.value, 0xff000000);
	m = (struct mmio){ .value = 0, .size = 1, .write = true };
	vioapic_mmio(A0, 0x10, &m);      /* the window takes words */
	vioapic_mmio(A0, 0x20, &m);
	m = (struct mmio){ .value = 0x55, .size = 4 };
	vioapic_mmio(A0, 0x40, &m);
	assert_int_equal(m.value, 0);
	assert_int_equal(rte_get(A0, 63), 0xff0000000001afff);
}

static void nobody_elses_pins(void **state)
{
	(void)state;
	for (unsigned pin = 0; pin < VIOAPIC_PINS; pin++) {
		rte_set(A0, pin, 0x40 + pin);
		rte_set(B0, pin, 0x40 + pin);
	}
	vioapic_pulse(A, 31);
	vioapic_pulse(A, 96);
	vioapic_pulse(A, UINT32_MAX);
	vioapic_set_line(A, 0, true);
	vioapic_set_line(A, 96, true);
	vioapic_hwirq(A, 200, HW);
	vioapic_hwirq(A, VIRQ, HW); /* no physical interrupt is behind it */
	vioapic_assign(A, 10, HW, true);
	vioapic_assign(A, VIRQ, 64, true);
	assert_int_equal(A->arch.ioapic.hw, 0);
	assert_true(is_idle(A0));
	vioapic_pulse(A, VIRQ);
	assert_int_equal(serve(A0), 0x40 + PIN);
	assert_true(is_idle(B0) && kicks[3] == 0);
}

/* --- edges --- */

static void edges(void **state)
{
	(void)state;
	rte_set(A0, PIN, 0x61);
	line(A, PIN, true);
	line(A, PIN, true);
	assert_int_equal(serve(A0), 0x61);
	assert_int_equal(serve(A0), NONE);
	assert_int_equal(rte_get(A0, PIN), 0x61); /* no remote IRR */
	line(A, PIN, false);
	line(A, PIN, true);
	assert_int_equal(serve(A0), 0x61);
	vioapic_pulse(A, VIRQ);
	vioapic_pulse(A, VIRQ);
	assert_int_equal(serve(A0), 0x61);
	assert_int_equal(serve(A0), NONE);
}

static void edge_while_masked_comes_when_it_opens(void **state)
{
	(void)state;
	vioapic_pulse(A, VIRQ); /* nothing was ever programmed */
	line(A, PIN + 1, true);
	line(A, PIN + 2, true);
	line(A, PIN + 2, false);
	rte_set(A0, PIN, 0x61 | TO(1));
	rte_set(A0, PIN + 1, 0x62 | TO(1));
	rte_set(A0, PIN + 2, 0x63 | TO(1)); /* low again: nothing */
	assert_int_equal(serve(A1), 0x62);
	assert_int_equal(serve(A1), 0x61);
	assert_int_equal(serve(A1), NONE);
	rte_set(A0, PIN, 0x61 | TO(1)); /* once */
	rte_set(A0, PIN + 1, 0x62 | TO(1));
	assert_int_equal(serve(A1), NONE);
}

static void nobody_accepts(void **state)
{
	(void)state;
	apic_write(A1, APIC_SVR, 0xff);
	rte_set(A0, PIN, 0x61 | TO(1));
	rte_set(A0, PIN + 1, 0x71 | TO(1) | LEVEL);
	vioapic_pulse(A, VIRQ);
	line(A, PIN + 1, true);
	assert_int_equal(rte_get(A0, PIN + 1) & RIRR, 0);
	assert_int_equal(serve(A1), NONE);
	apic_write(A1, APIC_SVR, 0x1ff);
	assert_int_equal(take(A1), 0x71);
	assert_int_equal(rte_get(A0, PIN + 1) & RIRR, RIRR);
	line(A, PIN + 1, false);
	eoi(A1);
	assert_int_equal(serve(A1), 0x61);
	assert_int_equal(serve(A1), NONE);
	rte_set(A0, PIN, 0x0f | TO(1)); /* no vector: never */
	vioapic_pulse(A, VIRQ);
	apic_write(A1, APIC_ESR, 0);
	assert_int_equal(apic_read(A1, APIC_ESR), ESR_RecvIllegal);
}

static void destinations_and_modes(void **state)
{
	(void)state;
	rte_set(A0, PIN, 0x61 | LOG | TO(6));
	vioapic_pulse(A, VIRQ);
	assert_int_equal(serve(A0), NONE);
	assert_int_equal(serve(A1), 0x61);
	assert_int_equal(serve(A2), 0x61);
	rte_set(A0, PIN, 0x61 | LOG | LOWEST | TO(6));
	vioapic_pulse(A, VIRQ);
	assert_int_equal(serve(A1), 0x61);
	assert_int_equal(serve(A2), NONE);
	rte_set(A0, PIN, 0x61 | TO(0xff));
	vioapic_pulse(A, VIRQ);
	assert_int_equal(serve(A0), 0x61);
	assert_int_equal(serve(A1), 0x61);
	assert_int_equal(serve(A2), 0x61);
	rte_set(A0, PIN, 4 << 8 | LEVEL | TO(1)); /* NMI: an edge, whatever the trigger */
	line(A, PIN, true);
	assert_int_equal(A1->arch.apic.nmi_pending, 1);
	A1->arch.apic.nmi_pending = 0;
	rte_set(A0, PIN, 4 << 8 | LEVEL | TO(1));
	assert_int_equal(A1->arch.apic.nmi_pending, 0);
	line(A, PIN, false);
	A1->state = VCPU_OFF;
	for (unsigned mode = 2; mode < 8; mode++) {
		if (mode != 4 && mode != 5) { /* SMI, reserved, SIPI, ExtINT */
			rte_set(A0, PIN, 0x61 | mode << 8 | TO(1));
			vioapic_pulse(A, VIRQ);
			assert_true(is_idle(A1) && A1->state == VCPU_OFF);
		}
	}
}

/* --- levels --- */

static void level_waits_for_the_end_of_interrupt(void **state)
{
	(void)state;
	rte_set(A0, PIN, 0x61 | LEVEL | TO(1));
	line(A, PIN, true);
	assert_int_equal(rte_get(A0, PIN), (0x61 | LEVEL | TO(1) | RIRR));
	rte_set(A0, PIN, 0x61 | LEVEL | TO(1)); /* a write takes nothing away and sends nothing */
	assert_int_equal(take(A1), 0x61);
	assert_int_equal(apic_read(A1, APIC_TMR + 3), BIT32(1));
	assert_int_equal(vlapic_pending(A1), NONE);
	assert_int_equal(apic_read(A1, APIC_IRR + 3), 0);
	eoi(A1); /* still high */
	assert_int_equal(take(A1), 0x61);
	line(A, PIN, false);
	line(A, PIN, true);
	assert_int_equal(apic_read(A1, APIC_IRR + 3), 0);
	eoi(A1);
	assert_int_equal(take(A1), 0x61);
	line(A, PIN, false);
	eoi(A1);
	assert_int_equal(take(A1), NONE);
	assert_int_equal(rte_get(A0, PIN) & RIRR, 0);
}

static void level_masked(void **state)
{
	(void)state;
	line(A, PIN, true);
	rte_set(A0, PIN, 0x61 | LEVEL | MASK);
	assert_int_equal(serve(A0), NONE);
	rte_set(A0, PIN, 0x61 | LEVEL);
	assert_int_equal(take(A0), 0x61);
	rte_set(A0, PIN, 0x61 | LEVEL | MASK);
	eoi(A0);
	assert_int_equal(rte_get(A0, PIN) & RIRR, 0);
	assert_int_equal(take(A0), NONE);
	line(A, PIN, false);
	rte_set(A0, PIN, 0x61 | LEVEL);
	assert_int_equal(take(A0), NONE);
	/* A pulse on a level pin: one interrupt, or one more. */
	vioapic_pulse(A, VIRQ);
	assert_int_equal(take(A0), 0x61);
	vioapic_pulse(A, VIRQ);
	assert_int_equal(apic_read(A0, APIC_IRR + 3), 0); /* not before the EOI */
	eoi(A0);
	assert_int_equal(serve(A0), 0x61);
	assert_int_equal(serve(A0), NONE);
}

static void eoi_reaches_every_pin_of_the_vector(void **state)
{
	struct mmio m = { .value = 0x61, .size = 4, .write = true };

	(void)state;
	for (unsigned pin = 60; pin < 64; pin++) {
		rte_set(A0, pin, (pin == 63 ? 0x62 : 0x61) | LEVEL);
		line(A, pin, true);
		line(A, pin, false);
	}
	assert_int_equal(serve(A0), 0x62);
	assert_int_equal(serve(A0), 0x61);
	for (unsigned pin = 60; pin < 64; pin++) {
		assert_int_equal(rte_get(A0, pin) & RIRR, 0);
	}
	/* The EOI register does the same without any local APIC. */
	line(A, 60, true);
	line(A, 63, true);
	vioapic_mmio(A2, 0x40, &m);
	assert_int_equal(rte_get(A0, 63) & RIRR, RIRR);
	assert_int_equal(rte_get(A0, 60) & RIRR, RIRR); /* again, it is high */
	line(A, 60, false);
	vioapic_mmio(A2, 0x40, &m);
	assert_int_equal(rte_get(A0, 60) & RIRR, 0);
	/* And so does edge mode for its pin, which is how older systems do it. */
	rte_set(A0, 63, 0x62 | MASK);
	assert_int_equal(rte_get(A0, 63) & RIRR, 0);
	/* An edge with the same vector ends nothing. */
	line(A, 63, false);
	while (serve(A0) != NONE) {
	}
	rte_set(A0, 62, 0x61 | LEVEL | TO(1));
	line(A, 62, true);
	assert_true(vlapic_raise(A0, 0x61, false));
	assert_int_equal(serve(A0), 0x61);
	assert_int_equal(rte_get(A0, 62) & RIRR, RIRR);
}

/* --- physical interrupts --- */

static void hw_level_follows_the_guest(void **state)
{
	struct phys *p = &phys[HW];

	(void)state;
	vioapic_assign(A, VIRQ, HW, false);
	phys_line(A, VIRQ, HW, true);
	assert_int_equal(p->enables, 0); /* off until the guest wants it */
	io_write(A2, 0x11 + 2 * PIN, 1u << 24);
	io_write(A2, 0x10 + 2 * PIN, (uint32_t)(0x61 | LEVEL | MASK));
	assert_int_equal(p->enables, 0);
	io_write(A2, 0x10 + 2 * PIN, (uint32_t)(0x61 | LEVEL));
	assert_int_equal(p->enables, 1);
	assert_int_equal(p->cpu, 0);
	phys_run(A, VIRQ, HW);
	assert_true(p->masked && p->fired == 1);
	assert_int_equal(take(A1), 0x61);
	rte_set(A0, PIN, 0x61 | LEVEL | TO(1)); /* opens nothing before the EOI */
	assert_true(p->masked);
	phys_run(A, VIRQ, HW);
	assert_int_equal(p->fired, 1);
	eoi(A1); /* still asserted: again */
	assert_false(p->masked);
	phys_run(A, VIRQ, HW);
	assert_int_equal(p->fired, 2);
	assert_int_equal(take(A1), 0x61);
	phys_line(A, VIRQ, HW, false);
	eoi(A1);
	assert_false(p->masked);
	assert_int_equal(take(A1), NONE);
	/* Masked by the guest while in service, it opens when the guest opens it. */
	phys_line(A, VIRQ, HW, true);
	assert_int_equal(take(A1), 0x61);
	rte_set(A0, PIN, 0x61 | LEVEL | MASK | TO(1));
	eoi(A1);
	assert_true(p->masked);
	rte_set(A0, PIN, 0x61 | LEVEL | TO(1));
	assert_int_equal(p->enables, 1);
	phys_run(A, VIRQ, HW);
	assert_int_equal(take(A1), 0x61);
	phys_line(A, VIRQ, HW, false);
	eoi(A1);
	assert_true(is_idle(A1));
}

static void hw_level_in_flight_when_masked(void **state)
{
	struct phys *p = &phys[HW];

	(void)state;
	vioapic_assign(A, VIRQ, HW, false);
	rte_set(A0, PIN, 0x61 | LEVEL);
	rte_set(A0, PIN, 0x61 | LEVEL | MASK);
	assert_true(p->masked);
	vioapic_hwirq(A, VIRQ, HW); /* it had left already */
	assert_true(p->masked);
	rte_set(A0, PIN, 0x61 | LEVEL); /* the device has changed its mind: nothing */
	assert_int_equal(serve(A0), NONE);
	assert_false(p->masked);
}

static void hw_level_nobody_accepts(void **state)
{
	struct phys *p = &phys[HW];

	(void)state;
	vioapic_assign(A, VIRQ, HW, false);
	apic_write(A1, APIC_SVR, 0xff);
	rte_set(A0, PIN, 0x61 | LEVEL | TO(1));
	phys_line(A, VIRQ, HW, true); /* fails if it storms */
	assert_true(p->masked);
	apic_write(A1, APIC_SVR, 0x1ff);
	phys_run(A, VIRQ, HW);
	assert_int_equal(serve(A1), 0x61);
	/* A guest that takes a level for an edge gets one. */
	phys_line(A, VIRQ, HW, false);
	rte_set(A0, PIN, 0x61 | TO(1));
	while (serve(A1) != NONE) {
	}
	p->fired = 0;
	phys_line(A, VIRQ, HW, true);
	assert_int_equal(serve(A1), 0x61);
	assert_int_equal(serve(A1), NONE);
	assert_int_equal(p->fired, 1);
}

static void hw_edge(void **state)
{
	struct phys *p = &phys[HW];

	(void)state;
	vioapic_assign(A, VIRQ, HW, true);
	rte_set(A0, PIN, 0x61);
	assert_true(p->enables == 1 && p->edge);
	for (unsigned n = 0; n < 3; n++) {
		phys_line(A, VIRQ, HW, true);
		phys_line(A, VIRQ, HW, false);
		assert_false(p->masked);
		assert_int_equal(serve(A0), 0x61);
	}
	rte_set(A0, PIN, 0x61 | MASK);
	assert_true(p->masked);
	vioapic_hwirq(A, VIRQ, HW); /* in flight: kept */
	assert_int_equal(serve(A0), NONE);
	rte_set(A0, PIN, 0x61);
	assert_int_equal(serve(A0), 0x61);
	vioapic_hwirq(A, VIRQ, HW + 1); /* not what was assigned */
	assert_int_equal(serve(A0), NONE);
}

static void restart_leaves_nothing_behind(void **state)
{
	struct phys *p = &phys[HW];

	(void)state;
	vioapic_assign(A, VIRQ, HW, false);
	rte_set(A0, PIN, 0x61 | LEVEL);
	phys_line(A, VIRQ, HW, true);
	line(A, 5, true);
	vioapic_pulse(A, 38);
	io_write(A0, 0, UINT32_MAX);
	/* As hyp/irq.c and vm.c do it. */
	p->enabled = false;
	p->masked = true;
	vioapic_reset(A);
	vapic_cpu = 0;
	vlapic_reset(A0);
	vioapic_assign(A, VIRQ, HW, false);
	assert_int_equal(rte_get(A0, PIN), MASK);
	assert_int_equal(io_read(A0, 0), 0);
	apic_write(A0, APIC_SVR, 0x1ff);
	rte_set(A0, 5, 0x70 | LEVEL);
	rte_set(A0, 6, 0x71);
	assert_int_equal(serve(A0), NONE);
	rte_set(A0, PIN, 0x61 | LEVEL);
	assert_int_equal(p->enables, 2);
	phys_run(A, VIRQ, HW);
	assert_int_equal(serve(A0), 0x61);
}

#define T(name) cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(registers), T(nobody_elses_pins), T(edges), T(edge_while_masked_comes_when_it_opens),
		T(nobody_accepts),
		T(destinations_and_modes), T(level_waits_for_the_end_of_interrupt), T(level_masked),
		T(eoi_reaches_every_pin_of_the_vector), T(hw_level_follows_the_guest),
		T(hw_level_in_flight_when_masked),
		T(hw_level_nobody_accepts), T(hw_edge), T(restart_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
