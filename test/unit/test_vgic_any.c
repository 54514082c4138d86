/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any guest: random accesses, interrupts and ends of interrupt from two partitions at once. The model watches every
 * step; afterwards a guest that tidies up must get its timer, its SGIs and its physical interrupts as ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <asm/gicv3_regs.h>

#include "fake/fake.h"
#include "model/gic_model.h"
#include "unit/vgic_board.h"


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
		T(any_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
