/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual local APIC: registers in both modes, priorities, the timer's arithmetic, and who gets an interrupt.
 * [I3] here: nothing a guest or its device writes reaches partition b.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/msi.h>

#include "unit/vapic_board.h"

static void raise(struct vcpu *v, unsigned vector)
{
	assert_true(vlapic_raise(v, (uint8_t)vector, false));
}

/* --- registers --- */

static void registers_after_power_on(void **state)
{
	uint64_t base;

	(void)state;
	board_raw();
	assert_int_equal(apic_read(A2, APIC_ID), 2u << 24);
	assert_int_equal(apic_read(A2, APIC_VERSION), 0x50014);
	assert_int_equal(apic_read(A2, APIC_SVR), 0xff);
	assert_int_equal(apic_read(A2, APIC_DFR), UINT32_MAX);
	assert_int_equal(apic_read(A2, APIC_LDR), 0);
	assert_int_equal(apic_read(A2, APIC_TPR), 0);
	for (unsigned i = 0; i < VLAPIC_LVT_COUNT; i++) {
		assert_int_equal(apic_read(A2, APIC_LVT + i), LVT_Mask);
	}
	vapic_cpu = 0;
	assert_true(vlapic_msr(A0, 0x1b, false, &base));
	assert_int_equal(base, 0xfee00900);
	assert_true(vlapic_msr(A1, 0x1b, false, &base));
	assert_int_equal(base, 0xfee00800);
	assert_false(vlapic_raise(A2, 0x40, false)); /* software-disabled */
	assert_int_equal(vlapic_pending(A2), NONE);
	assert_int_equal(timer_sets, 0);
}

static void xapic_page_takes_aligned_words_only(void **state)
{
	struct mmio m = { .value = 0x30, .size = 1, .write = true };

	(void)state;
	vlapic_mmio(A0, APIC_TPR * 16, &m);
	m.size = 8;
	vlapic_mmio(A0, APIC_TPR * 16, &m);
	m.size = 4;
	vlapic_mmio(A0, APIC_TPR * 16 + 4, &m);
	assert_int_equal(apic_read(A0, APIC_TPR), 0);
	m = (struct mmio){ .value = 7, .size = 8 };
	vlapic_mmio(A0, APIC_VERSION * 16, &m);
	assert_int_equal(m.value, 0);
}

static void xapic_reserved_bits_are_dropped(void **state)
{
	static const uint32_t kept[][2] = {
		{ APIC_TPR, 0xff }, { APIC_LDR, 0xff000000 }, { APIC_SVR, 0x3ff }, { APIC_ICR_HI, 0xff000000 },
		{ APIC_LVT + LVT_TIMER, 0x300ff }, { APIC_LVT + LVT_THERMAL, 0x107ff }, { APIC_LVT + LVT_PMC, 0x107ff },
		{ APIC_LVT + LVT_LINT0, 0x1a7ff }, { APIC_LVT + LVT_LINT1, 0x1a7ff }, { APIC_LVT + LVT_ERROR, 0x100ff },
		{ APIC_TIMER_DIV, 0xb }, { APIC_DFR, UINT32_MAX }, { APIC_ID, 0 },
		{ APIC_VERSION, 0x50014 }, { APIC_PPR, 0xff },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(kept); i++) {
		apic_write(A0, kept[i][0], UINT32_MAX);
		assert_int_equal(apic_read(A0, kept[i][0]), kept[i][1]);
	}
	apic_write(A0, APIC_DFR, 0);
	assert_int_equal(apic_read(A0, APIC_DFR), 0x0fffffff);
}

static void errors_are_collected_and_shown_by_a_write(void **state)
{
	(void)state;
	apic_write(A0, APIC_LVT + LVT_ERROR, 0xe0);
	assert_int_equal(apic_read(A0, 0x3f), 0);  /* no such register here */
	assert_int_equal(apic_read(A0, APIC_ESR), 0);
	apic_write(A0, APIC_ESR, 0xdead);
	assert_int_equal(apic_read(A0, APIC_ESR), ESR_IllegalReg);
	assert_int_equal(serve(A0), 0xe0);
	apic_write(A0, APIC_ICR, 0x0400f);         /* vector 15 */
	assert_false(vlapic_raise(A0, 15, false)); /* and one that came */
	apic_write(A0, APIC_ESR, 0);
	assert_int_equal(apic_read(A0, APIC_ESR), ESR_SendIllegal | ESR_RecvIllegal);
	assert_int_equal(serve(A0), 0xe0);
	/* An error interrupt that is itself illegal is the end of it. */
	apic_write(A0, APIC_LVT + LVT_ERROR, 0x03);
	assert_false(vlapic_raise(A0, 0, false));
	apic_write(A0, 0x100, 0);
	apic_write(A0, APIC_ESR, 0);
	assert_int_equal(apic_read(A0, APIC_ESR), ESR_IllegalReg | ESR_RecvIllegal);
	assert_true(is_idle(A0));
}

static void base_transitions(void **state)
{
	uint64_t v = 0xfee00000 | APIC_BASE_EN | BIT64(12);
	struct mmio m = { .size = 4 };

	(void)state;
	raise(A1, 0x55);
	assert_false(vlapic_msr(A1, 0x1b, true, &v));           /* another base */
	assert_false(base_set(A1, APIC_BASE_EN | BIT64(9)));
	assert_false(base_set(A1, APIC_BASE_EN | BIT64(40)));
	assert_false(base_set(A1, APIC_BASE_EXTD));             /* no such state */
	assert_true(base_set(A1, APIC_BASE_EN | APIC_BASE_BSP)); /* not BSP all the same */
	assert_true(vlapic_msr(A1, 0x1b, false, &v));
	assert_int_equal(v, 0xfee00800);
	assert_false(x2_read(A1, APIC_ID, &v));
	x2_enable(A1);
	vlapic_mmio(A1, APIC_VERSION * 16, &m);
	assert_int_equal(m.value, UINT64_MAX);                  /* no page any more */
	assert_int_equal(serve(A1), 0x55);                      /* the rest stays */
	assert_false(base_set(A1, APIC_BASE_EN));               /* not back */
	assert_true(base_set(A1, 0));
	assert_false(x2_read(A1, APIC_ID, &v));
	assert_false(vlapic_raise(A1, 0x55, false));
	assert_false(base_set(A1, APIC_BASE_EN | APIC_BASE_EXTD)); /* not at once */
	assert_true(base_set(A1, APIC_BASE_EN));
	assert_int_equal(apic_read(A1, APIC_SVR), 0xff);        /* as after power-on */
	assert_true(base_set(A0, 0));
	assert_true(base_set(A0, APIC_BASE_EN));
	assert_true(vlapic_msr(A0, 0x1b, false, &v));
	assert_int_equal(v, 0xfee00900);
}

static void x2apic_registers(void **state)
{
	static const uint8_t absent[] = { 0x00, 0x01, 0x04, 0x09, 0x0c, 0x0e, 0x29, 0x2f, 0x31, 0x3a, 0x3d };
	static const uint8_t read_only[] = { 0x02, 0x03, 0x0a, 0x0d, 0x10, 0x1f, 0x27, 0x39 };
	uint64_t v;

	(void)state;
	x2_enable(A2);
	assert_true(x2_read(A2, APIC_ID, &v) && v == 2);
	assert_true(x2_read(A2, APIC_LDR, &v) && v == 4);
	for (unsigned i = 0; i < sizeof(absent); i++) {
		assert_false(x2_read(A2, absent[i], &v) || x2_write(A2, absent[i], 0));
	}
	for (unsigned i = 0; i < sizeof(read_only); i++) {
		assert_true(x2_read(A2, read_only[i], &v));
		assert_false(x2_write(A2, read_only[i], v));
	}
	for (unsigned reg = APIC_REG_COUNT; reg < 0x100; reg++) {
		assert_false(x2_read(A2, reg, &v) || x2_write(A2, reg, 0));
	}
	assert_false(x2_read(A2, APIC_EOI, &v) || x2_read(A2, APIC_SELF_IPI, &v)); /* write only */
	assert_false(x2_write(A2, APIC_EOI, 1) || x2_write(A2, APIC_ESR, 1) || x2_write(A2, APIC_TPR, 0x100));
	assert_false(x2_write(A2, APIC_SELF_IPI, 0x100) || x2_write(A2, APIC_SVR, 0x400));
	assert_false(x2_write(A2, APIC_TIMER_DIV, 4) || x2_write(A2, APIC_TIMER_INIT, BIT64(32)));
	assert_false(x2_write(A2, APIC_LVT + LVT_TIMER, BIT32(18) | 0x40)); /* TSC deadline */
	assert_true(x2_write(A2, APIC_LVT + LVT_LINT0, 0x17700)); /* the read-only bits may come back */
	assert_true(x2_read(A2, APIC_LVT + LVT_LINT0, &v) && v == 0x12700);
	assert_true(x2_write(A2, APIC_SELF_IPI, 0x77));
	assert_int_equal(serve(A2), 0x77);
}

/* Everything everywhere, in both modes: what is left is within the registers' bits, and b noticed nothing. */
static void any_value_in_any_register(void **state)
{
	uint64_t rnd = 88172645463325252ull;
	uint64_t v;

	(void)state;
	x2_enable(A1);
	for (unsigned n = 0; n < 200000; n++) {
		unsigned reg;

		rnd ^= rnd << 13;
		rnd ^= rnd >> 7;
		rnd ^= rnd << 17;
		reg = rnd >> 40 & 0x3f;
		A1->state = VCPU_OFF; /* SIPI finds one to start */
		apic_write(A0, rnd % 13 == 0 ? reg * 4 : reg, (uint32_t)rnd);
		(void)apic_read(A0, reg);
		(void)x2_write(A1, reg, n % 2 != 0 ? rnd : rnd & 0xf07ff);
		(void)x2_read(A1, reg, &v);
		(void)serve(A0);
		(void)take(A1);
		vapic_tsc += rnd >> 50;
		vlapic_timer_expire(A1);
		arch_vm_pend_msi(A, n % 2 != 0 ? 0xfee00000 | (rnd & 0xfffff) : rnd, (uint32_t)(rnd >> 20));
		assert_true((A0->arch.apic.tpr | A1->arch.apic.tpr) <= 0xff);
		assert_true((A0->arch.apic.lvt[LVT_TIMER] & ~0x300ffu) == 0 && (A1->arch.apic.timer_div & ~0xbu) == 0);
		assert_true(A1->state != VCPU_STARTING || A1->start_pc <= 0xff000);
	}
	assert_true(is_idle(B0) && kicks[3] == 0 && B0->arch.apic.nmi_pending == 0 && B0->arch.apic.init_pending == 0);
}

/* --- priorities --- */

static void nesting_and_end_of_interrupt(void **state)
{
	(void)state;
	raise(A0, 0x41);
	assert_int_equal(take(A0), 0x41);
	raise(A0, 0x4f); /* the same class */
	assert_int_equal(take(A0), NONE);
	raise(A0, 0x50);
	raise(A0, 0xff);
	assert_int_equal(take(A0), 0xff);
	assert_int_equal(apic_read(A0, APIC_PPR), 0xf0);
	assert_int_equal(apic_read(A0, APIC_ISR + 7), BIT32(31));
	eoi(A0);
	assert_int_equal(take(A0), 0x50);
	assert_int_equal(apic_read(A0, APIC_ISR + 2), (BIT32(1) | BIT32(16)));
	assert_int_equal(apic_read(A0, APIC_IRR + 2), BIT32(15));
	eoi(A0);
	assert_int_equal(apic_read(A0, APIC_PPR), 0x40);
	assert_int_equal(take(A0), NONE);
	eoi(A0);
	assert_int_equal(serve(A0), 0x4f);
	eoi(A0); /* none in service: nothing */
	assert_int_equal(apic_read(A0, APIC_PPR), 0);
	raise(A0, 0x10);
	assert_int_equal(serve(A0), 0x10);
	assert_true(is_idle(A0));
}

static void one_in_service_may_come_again(void **state)
{
	(void)state;
	raise(A0, 0x80);
	raise(A0, 0x80); /* one bit */
	assert_int_equal(take(A0), 0x80);
	raise(A0, 0x80);
	assert_int_equal(take(A0), NONE);
	eoi(A0);
	assert_int_equal(serve(A0), 0x80);
	assert_int_equal(serve(A0), NONE);
}

static void task_priority(void **state)
{
	(void)state;
	raise(A0, 0x3e);
	apic_write(A0, APIC_TPR, 0x35);
	assert_int_equal(apic_read(A0, APIC_PPR), 0x35);
	assert_int_equal(vlapic_pending(A0), NONE);
	assert_false(vlapic_wakes(A0));
	apic_write(A0, APIC_TPR, 0x2f);
	assert_int_equal(take(A0), 0x3e);
	assert_int_equal(apic_read(A0, APIC_PPR), 0x30);
	apic_write(A0, APIC_TPR, 0x3f);
	assert_int_equal(apic_read(A0, APIC_PPR), 0x3f);
	eoi(A0);
	apic_write(A0, APIC_TPR, 0xff);
	raise(A0, 0xff);
	assert_int_equal(take(A0), NONE);
}

static void software_disabled(void **state)
{
	(void)state;
	raise(A0, 0x60);
	apic_write(A0, APIC_LVT + LVT_TIMER, 0x40);
	apic_write(A0, APIC_SVR, 0x0ff);
	assert_false(vlapic_raise(A0, 0x61, false));
	assert_int_equal(apic_read(A0, APIC_LVT + LVT_TIMER), (LVT_Mask | 0x40));
	apic_write(A0, APIC_LVT + LVT_TIMER, 0x41);
	assert_int_equal(apic_read(A0, APIC_LVT + LVT_TIMER), (LVT_Mask | 0x41));
	assert_int_equal(serve(A0), 0x60); /* what had come stays [10.4.7.2] */
	assert_int_equal(serve(A0), NONE);
}

static void waking(void **state)
{
	(void)state;
	assert_false(vlapic_wakes(A1));
	vapic_cpu = 0;
	raise(A1, 0x40);
	assert_int_equal(kicks[1], 1);
	raise(A1, 0x40); /* told already */
	assert_int_equal(kicks[1], 1);
	assert_true(vlapic_wakes(A1));
	assert_int_equal(serve(A1), 0x40);
	vapic_cpu = 1;
	raise(A1, 0x40);
	assert_int_equal(kicks[1], 1); /* its own CPU */
	assert_int_equal(serve(A1), 0x40);
	vapic_cpu = 2;
	vlapic_raise_nmi(A1);
	assert_int_equal(kicks[1], 2);
	assert_true(vlapic_wakes(A1));
}

/* --- the timer --- */

static void timer_one_shot(void **state)
{
	(void)state;
	apic_write(A1, APIC_TIMER_DIV, 0xb); /* by 1 */
	apic_write(A1, APIC_LVT + LVT_TIMER, 0x90);
	apic_write(A1, APIC_TIMER_INIT, 1000); /* 10 us */
	assert_int_equal(timer_at[1], vapic_tsc + 30000);
	assert_int_equal(apic_read(A1, APIC_TIMER_COUNT), 1000);
	vapic_tsc += 29999;
	assert_int_equal(apic_read(A1, APIC_TIMER_COUNT), 1);
	timer_at[1] = 0;
	vlapic_timer_expire(A1); /* early: the physical timer is shorter */
	assert_int_equal(timer_at[1], vapic_tsc + 1);
	assert_int_equal(take(A1), NONE);
	vapic_tsc += 1;
	assert_int_equal(apic_read(A1, APIC_TIMER_COUNT), 0);
	vlapic_timer_expire(A1);
	assert_int_equal(serve(A1), 0x90);
	vapic_tsc += 1000000;
	vlapic_timer_expire(A1); /* once */
	assert_int_equal(serve(A1), NONE);
	assert_int_equal(apic_read(A1, APIC_TIMER_INIT), 1000);
	apic_write(A1, APIC_TIMER_INIT, 1000);
	apic_write(A1, APIC_TIMER_INIT, 0);
	assert_int_equal(timer_at[1], 0);
	vapic_tsc += 1000000;
	vlapic_timer_expire(A1);
	assert_int_equal(serve(A1), NONE);
}

static void timer_divides(void **state)
{
	static const uint32_t by[16] = {
		[0] = 2, [1] = 4, [2] = 8, [3] = 16, [8] = 32, [9] = 64, [10] = 128, [11] = 1,
	};

	(void)state;
	for (unsigned div = 0; div < 16; div++) {
		if (by[div] != 0) {
			apic_write(A0, APIC_TIMER_DIV, div);
			apic_write(A0, APIC_TIMER_INIT, 100000);
			assert_int_equal(timer_at[0], vapic_tsc + 3000000ull * by[div]);
			vapic_tsc += 1500000ull * by[div];
			assert_int_equal(apic_read(A0, APIC_TIMER_COUNT), 50000);
		}
	}
	/* The count stays when the divisor changes. */
	apic_write(A0, APIC_TIMER_DIV, 10);
	apic_write(A0, APIC_TIMER_INIT, 100000);
	vapic_tsc += 1000;
	apic_write(A0, APIC_TIMER_DIV, 11);
	assert_int_equal(apic_read(A0, APIC_TIMER_COUNT), 100000);
	assert_int_equal(timer_at[0], vapic_tsc + 3000000);
}

static void timer_extremes(void **state)
{
	static const uint64_t speed[] = { 1, 999, 100000, 2899999, 10000000, 1ull << 40 };
	static const uint64_t now[] = { 1, UINT64_MAX / 2, UINT64_MAX - 1 };

	(void)state;
	for (unsigned s = 0; s < ARRAY_COUNT(speed); s++) {
		for (unsigned t = 0; t < ARRAY_COUNT(now); t++) {
			unsigned __int128 due = now[t];
			uint64_t expect;

			tsc_khz = speed[s];
			vapic_tsc = now[t];
			due += ((unsigned __int128)UINT32_MAX << 7) * speed[s] / VLAPIC_TIMER_KHZ;
			expect = due > UINT64_MAX ? UINT64_MAX : (uint64_t)due;
			apic_write(A0, APIC_TIMER_DIV, 10); /* by 128 */
			apic_write(A0, APIC_TIMER_INIT, UINT32_MAX);
			assert_int_equal(timer_at[0], expect);
			assert_true(apic_read(A0, APIC_TIMER_COUNT) > 0);
			if (expect != UINT64_MAX && speed[s] >= VLAPIC_TIMER_KHZ) {
				assert_int_equal(apic_read(A0, APIC_TIMER_COUNT), UINT32_MAX);
				vapic_tsc = expect - 1;
				assert_int_equal(apic_read(A0, APIC_TIMER_COUNT), 1);
			}
			apic_write(A0, APIC_TIMER_DIV, 11);
			apic_write(A0, APIC_TIMER_INIT, 1);
			assert_true(A0->arch.apic.timer_deadline >= vapic_tsc);
		}
	}
}

static void timer_periodic(void **state)
{
	uint64_t start = vapic_tsc;

	(void)state;
	apic_write(A0, APIC_TIMER_DIV, 11);
	apic_write(A0, APIC_LVT + LVT_TIMER, LVT_Periodic | 0x90);
	apic_write(A0, APIC_TIMER_INIT, 100000); /* 1 ms */
	for (unsigned n = 1; n <= 5; n++) {
		vapic_tsc = start + n * 3000000 + 777 * n; /* late, and later */
		assert_int_equal(apic_read(A0, APIC_TIMER_COUNT), 100000 - 777 * n / 30);
		vlapic_timer_expire(A0);
		assert_int_equal(serve(A0), 0x90);
		assert_int_equal(timer_at[0], start + (n + 1) * 3000000); /* no drift */
	}
	/* Many were missed: one comes, and the next is a period from now [I6]. */
	vapic_tsc += 30000000000;
	timer_sets = 0;
	vlapic_timer_expire(A0);
	assert_int_equal(timer_at[0], vapic_tsc + 3000000);
	assert_int_equal(timer_sets, 1);
	assert_int_equal(serve(A0), 0x90);
	vlapic_timer_expire(A0);
	assert_int_equal(serve(A0), NONE);
	/* Masked it goes on, and says nothing. */
	apic_write(A0, APIC_LVT + LVT_TIMER, LVT_Mask | LVT_Periodic | 0x90);
	vapic_tsc += 3000000;
	vlapic_timer_expire(A0);
	assert_int_equal(serve(A0), NONE);
	assert_int_equal(timer_at[0], vapic_tsc + 3000000);
}

static void timer_cannot_be_a_storm(void **state)
{
	(void)state;
	apic_write(A0, APIC_TIMER_DIV, 11);
	apic_write(A0, APIC_LVT + LVT_TIMER, LVT_Periodic | 0x90);
	apic_write(A0, APIC_TIMER_INIT, 1);
	assert_true(timer_at[0] - vapic_tsc >= 60000); /* 20 us */
	assert_int_equal(apic_read(A0, APIC_TIMER_COUNT), 1);
	vapic_tsc = timer_at[0];
	vlapic_timer_expire(A0);
	assert_true(timer_at[0] - vapic_tsc >= 60000);
	/* One-shot with a count of 1, then made periodic behind its back. */
	apic_write(A0, APIC_LVT + LVT_TIMER, 0x90);
	apic_write(A0, APIC_TIMER_INIT, 1);
	apic_write(A0, APIC_LVT + LVT_TIMER, LVT_Periodic | 0x90);
	vapic_tsc += 30;
	vlapic_timer_expire(A0);
	assert_true(timer_at[0] - vapic_tsc >= 59000);
}

static void reset_stops_the_timer(void **state)
{
	(void)state;
	apic_write(A1, APIC_TIMER_INIT, 1000);
	A1->arch.apic.init_pending = 1;
	vlapic_raise_nmi(A1);
	raise(A1, 0x40);
	assert_int_equal(take(A1), 0x40);
	vapic_cpu = 1;
	vlapic_reset(A1);
	assert_int_equal(timer_at[1], 0);
	assert_true(is_idle(A1) && A1->arch.apic.nmi_pending == 0);
	assert_int_equal(vlapic_pending(A1), NONE);
	assert_int_equal(apic_read(A1, APIC_PPR), 0);
	assert_int_equal(A1->arch.apic.init_pending, 1); /* may be one that came since */
	A->state = VM_STOPPED;
	vlapic_reset(A1);
	assert_int_equal(A1->arch.apic.init_pending, 0);
}

/* --- interrupt commands --- */

static unsigned who(unsigned vector)
{
	unsigned set = 0;

	for (unsigned i = 0; i < 3; i++) {
		int got = serve(&A->vcpu[i]);

		if (got != NONE) {
			assert_int_equal(got, vector);
			set |= 1u << i;
		}
		assert_int_equal(serve(&A->vcpu[i]), NONE);
	}
	assert_int_equal(serve(B0), NONE);
	return set;
}

static unsigned ipi(struct vcpu *from, uint8_t dest, uint32_t lo)
{
	apic_write(from, APIC_ICR_HI, (uint32_t)dest << 24);
	apic_write(from, APIC_ICR, lo);
	return who(lo & 0xff);
}

static void ipi_physical_and_shorthands(void **state)
{
	(void)state;
	assert_int_equal(ipi(A0, 1, 0x40), 2);
	assert_int_equal(ipi(A0, 0, 0x40), 1);
	assert_int_equal(ipi(A0, 3, 0x40), 0); /* b's CPU is not a number here */
	assert_int_equal(ipi(A0, 0xff, 0x40), 7);
	assert_int_equal(ipi(A1, 0, 0x40 | SHORTHAND_SELF << 18), 2);
	assert_int_equal(ipi(A1, 0, 0x40 | SHORTHAND_ALL << 18), 7);
	assert_int_equal(ipi(A1, 0, 0x40 | SHORTHAND_OTHERS << 18), 5);
	assert_int_equal(ipi(A0, 0xff, 0x140), 1);                          /* lowest priority: one */
	assert_int_equal(ipi(A0, 0, 0x140 | SHORTHAND_OTHERS << 18), 2);
	assert_int_equal(ipi(A0, 0, 0x140 | SHORTHAND_ALL << 18), 0);       /* no such thing */
	assert_int_equal(ipi(A0, 1, 0x240) | ipi(A0, 1, 0x340) | ipi(A0, 1, 0x740), 0);
	apic_write(A0, APIC_SVR, 0xff);
	assert_int_equal(ipi(A1, 0xff, 0x140), 2); /* the first that accepts it */
	assert_int_equal(ipi(A1, 0xff, 0x40), 6);
	assert_int_equal(ipi(A1, 2, 0xc040), 4);   /* level or not: an edge */
	assert_int_equal(apic_read(A2, APIC_TMR + 2), 0);
	assert_int_equal(apic_read(A1, APIC_ICR), 0xc040); /* and sent: delivery status is 0 */
}

static void ipi_logical(void **state)
{
	(void)state;
	assert_int_equal(ipi(A0, 5, 0x840), 5);
	assert_int_equal(ipi(A0, 0xf8, 0x840), 0);
	assert_int_equal(ipi(A0, 0xff, 0x840), 7);
	assert_int_equal(ipi(A0, 6, 0x940), 2);
	for (unsigned i = 0; i < 3; i++) { /* clusters: 0 and 1 in the first, 2 in the second */
		apic_write(&A->vcpu[i], APIC_DFR, 0);
		apic_write(&A->vcpu[i], APIC_LDR, (i < 2 ? 0x00u | 1u << i : 0x11u) << 24);
	}
	assert_int_equal(ipi(A0, 0x03, 0x840), 3);
	assert_int_equal(ipi(A0, 0x11, 0x840), 4);
	assert_int_equal(ipi(A0, 0x21, 0x840), 0);
	assert_int_equal(ipi(A0, 0xf1, 0x840), 5);
	assert_int_equal(ipi(A0, 0xff, 0x840), 7);
	apic_write(A0, APIC_DFR, 0x50000000); /* neither model */
	assert_int_equal(ipi(A0, 0xff, 0x840), 6);
}

static unsigned x2_ipi(struct vcpu *from, uint32_t dest, uint32_t lo)
{
	assert_true(x2_write(from, APIC_ICR, (uint64_t)dest << 32 | lo));
	return who(lo & 0xff);
}

static void ipi_x2apic(void **state)
{
	uint64_t v;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		x2_enable(&A->vcpu[i]);
	}
	assert_int_equal(x2_ipi(A0, 2, 0x40), 4);
	assert_true(x2_read(A0, APIC_ICR, &v) && v == 0x200000040);
	assert_int_equal(x2_ipi(A0, 0xff, 0x40), 0);           /* 255 is a number, and nobody's */
	assert_int_equal(x2_ipi(A0, UINT32_MAX, 0x40), 7);
	assert_int_equal(x2_ipi(A0, 0x00000006, 0x840), 6);
	assert_int_equal(x2_ipi(A0, 0x00010006, 0x840), 0);    /* cluster 1 */
	assert_int_equal(x2_ipi(A0, UINT32_MAX, 0x840), 7);
	assert_int_equal(x2_ipi(A1, 0, 0x40 | SHORTHAND_OTHERS << 18), 5);
	assert_false(x2_write(A0, APIC_ICR, BIT64(12) | 0x40)); /* reserved here */
	assert_false(x2_write(A0, APIC_ICR, BIT64(13) | 0x40));
	assert_false(x2_write(A0, APIC_ICR, BIT64(20) | 0x40));
	assert_int_equal(who(0), 0);
}

static void ipi_nmi_and_init(void **state)
{
	(void)state;
	ipi(A0, 1, 0x400);
	assert_int_equal(A1->arch.apic.nmi_pending, 1);
	assert_int_equal(A0->arch.apic.nmi_pending | A2->arch.apic.nmi_pending, 0);
	ipi(A0, 0xff, 0x8500); /* INIT level deassert: nothing */
	assert_int_equal(A1->arch.apic.init_pending, 0);
	A2->state = VCPU_OFF;
	kicks[1] = kicks[2] = 0;
	ipi(A0, 0, 0xc500 | SHORTHAND_OTHERS << 18);
	assert_int_equal(A1->arch.apic.init_pending, 1);
	assert_int_equal(A2->arch.apic.init_pending, 0); /* it waits for SIPI already */
	assert_int_equal(A0->arch.apic.init_pending, 0);
	assert_int_equal(kicks[1], 1);
	assert_true(vlapic_wakes(A1));
}

static void sipi(void **state)
{
	(void)state;
	A1->state = VCPU_OFF;
	A1->arch.apic.init_pending = 1;
	ipi(A0, 0xff, 0x4608);
	assert_int_equal(A1->state, VCPU_STARTING);
	assert_int_equal(A1->start_pc, 0x8000);
	assert_int_equal(A1->arch.apic.init_pending, 0); /* what comes from here on counts */
	assert_int_equal(A2->state, VCPU_RUNNING);       /* does not wait for it */
	ipi(A0, 1, 0x4609);
	assert_int_equal(A1->start_pc, 0x8000);          /* nor does it any more */
	ipi(A0, 0, 0x4609);                              /* nor do we */
	assert_int_equal(A0->state, VCPU_RUNNING);
	/* At once after an INIT that is still being obeyed. */
	obeys_init = true;
	ipi(A0, 2, 0xc500);
	ipi(A0, 2, 0x46ff);
	assert_int_equal(A2->state, VCPU_STARTING);
	assert_int_equal(A2->start_pc, 0xff000);
	/* One that never obeys costs a bounded time [I6]. */
	obeys_init = false;
	ipi(A0, 2, 0xc500);
	A2->state = VCPU_RUNNING;
	ipi(A0, 2, 0x4610);
	assert_int_equal(A2->state, VCPU_RUNNING);
	assert_int_equal(A2->arch.apic.init_pending, 1);
	ipi(A0, 0, 0xc500); /* itself */
	ipi(A0, 0, 0x4610);
	assert_int_equal(A0->arch.apic.init_pending, 1);
}

/* --- messages --- */

static unsigned msi(uint64_t addr, uint32_t data)
{
	vapic_cpu = 3; /* any CPU: here another partition's */
	arch_vm_pend_msi(A, addr, data);
	return who(data & 0xff);
}

static void messages(void **state)
{
	(void)state;
	assert_int_equal(msi(0xfee01000, 0x41), 2);
	assert_int_equal(msi(0xfeeff000, 0x41), 7);
	assert_int_equal(msi(0xfee0500c, 0x141), 1);  /* logical, lowest priority */
	assert_int_equal(msi(0xfee06004, 0x41), 6);   /* logical without the hint */
	assert_int_equal(msi(0xfee03000, 0x41), 0);
	assert_int_equal(msi(0xfed01000, 0x41) | msi(0x1fee01000, 0x41) | msi(0xfef01000, 0x41) | msi(0, 0x41), 0);
	assert_int_equal(msi(0xfee01000, 0x241) | msi(0xfee01000, 0x341) | msi(0xfee01000, 0x741), 0);
	assert_int_equal(msi(0xfee01000, 0x8041), 0); /* deassert */
	A1->state = VCPU_OFF;
	assert_int_equal(msi(0xfee01000, 0x4608), 0);
	assert_int_equal(A1->state, VCPU_OFF);        /* SIPI is no message */
	assert_int_equal(msi(0xfee01000, 0x0f), 0);
	assert_int_equal(msi(0xfee02000, 0xc041), 4);
	x2_enable(A2);
	assert_int_equal(msi(0xfee04004, 0x41), 4);   /* the mask is that of cluster 0 */
	A->state = VM_STOPPED;
	assert_int_equal(msi(0xfee00000, 0x41), 0);
}

#define T(name) cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(registers_after_power_on), T(xapic_page_takes_aligned_words_only), T(xapic_reserved_bits_are_dropped),
		T(errors_are_collected_and_shown_by_a_write), T(base_transitions), T(x2apic_registers),
		T(any_value_in_any_register), T(nesting_and_end_of_interrupt), T(one_in_service_may_come_again),
		T(task_priority), T(software_disabled), T(waking), T(timer_one_shot), T(timer_divides),
		T(timer_extremes),
		T(timer_periodic), T(timer_cannot_be_a_storm), T(reset_stops_the_timer), T(ipi_physical_and_shorthands),
		T(ipi_logical), T(ipi_x2apic), T(ipi_nmi_and_init), T(sipi), T(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
