/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical GICv3 driver: what it leaves behind at boot whatever firmware left, boards that are broken or not
 * what the configuration says, and what becomes of interrupts to the hypervisor itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/cpu.h>
#include <arch/irq.h>
#include <asm/gic.h>
#include <asm/gicv3_regs.h>
#include <bulkhead/errno.h>
#include <hyp/config.h>
#include <hyp/irq.h>

#include "fake/fake.h"
#include "model/gic_model.h"
#include "unit/vgic_board.h"

static struct board board;

static int bare(void **state)
{
	board_registers();
	board = (struct board){
		.cpu_count = 4,
		.cpu_id = { 0, 1, 2, 3 },
		.gicd = { GIC_MODEL_GICD, 0x10000 },
		.gicr = { GIC_MODEL_GICR, GIC_MODEL_GICR_SIZE },
		.vtimer_irq = GIC_MODEL_VTIMER,
		.maint_irq = GIC_MODEL_MAINT,
	};
	return 0;
}

static void expect_words(const char *words)
{
	if (strstr(fake_log, words) == NULL && strstr(fake_panic_text, words) == NULL) {
		fake_fail("not said: %s", words);
	}
}

/* --- boot --- */

static void firmware_leaves_nothing(void **state)
{
	fake_cpu = 2;
	assert_int_equal(gic_init_dist(&board), 0);
	for (uint32_t n = 32; n < GIC_MODEL_IRQS; n++) {
		const struct gic_model_irq *irq = gic_model_irq_of(0, n);

		assert_false(irq->enabled || irq->active || irq->latch || irq->edge);
		assert_true(irq->group1);
		assert_int_equal(irq->route, 2); /* the CPU that boots */
	}
	assert_int_equal(gic_model.ctlr, GICD_CTLR_EnableGrp1);
}

static void each_cpu_enables_only_ours(void **state)
{
	assert_int_equal(gic_init_dist(&board), 0);
	for (fake_cpu = 0; fake_cpu < 4; fake_cpu++) {
		gic_init_cpu();
		for (uint32_t n = 0; n < 32; n++) {
			const struct gic_model_irq *irq = gic_model_irq_of(fake_cpu, n);

			assert_int_equal(irq->enabled, n <= GIC_SGI_VGIC || n == 25 || n == 27);
			assert_false(irq->active || irq->latch || !irq->group1);
		}
		assert_int_equal(gic_model_next(fake_cpu), GIC_MODEL_NONE);
		assert_int_equal(gic_model.cpu[fake_cpu].ctlr, ICC_CTLR_EOImode);
	}
}

static void no_gicv3_there(void **state)
{
	gic_model.pidr2 = 0x2b;
	assert_int_equal(gic_init_dist(&board), -BH_ENODEV);
	expect_words("gic-version=3");
}

static void distributor_hangs(void **state)
{
	gic_model.rwp_stuck = true;
	assert_int_equal(gic_init_dist(&board), -BH_EIO);
	expect_words("does not react");
}

static void cpu_without_redistributor(void **state)
{
	gic_model.frames = 2; /* Last comes early */
	assert_int_equal(gic_init_dist(&board), -BH_ENODEV);
	expect_words("CPU 2");
	bare(state);
	board.gicr.size = 0x20000; /* nothing beyond what firmware says is read */
	assert_int_equal(gic_init_dist(&board), -BH_ENODEV);
	expect_words("CPU 1");
	bare(state);
	board.gicr.size = 0x1ffff; /* not even one frame */
	assert_int_equal(gic_init_dist(&board), -BH_ENODEV);
	expect_words("CPU 0");
	bare(state);
	board.cpu_id[3] = 0x100000000;
	assert_int_equal(gic_init_dist(&board), -BH_ENODEV);
	expect_words("CPU 3 (affinity 0x100000000)");
}

static void private_numbers_must_be_private(void **state)
{
	board.vtimer_irq = 32;
	assert_int_equal(gic_init_dist(&board), -BH_EINVAL);
	board.vtimer_irq = 27;
	board.maint_irq = 9;
	assert_int_equal(gic_init_dist(&board), -BH_EINVAL);
}

static void cpu_interface_problems_stop_the_boot(void **state)
{
	assert_int_equal(gic_init_dist(&board), 0);
	gic_model.no_sre = true;
	EXPECT_PANIC(gic_init_cpu());
	expect_words("ICC_SRE_EL3");
	gic_model.no_sre = false;
	gic_model.never_awake = true;
	EXPECT_PANIC(gic_init_cpu());
	expect_words("does not wake up");
	gic_model.never_awake = false;
	gic_model.rwp_stuck = true;
	EXPECT_PANIC(gic_init_cpu());
	expect_words("does not finish its reset");
	gic_model.rwp_stuck = false;
	gic_model.lr_count = 2;
	EXPECT_PANIC(gic_init_cpu());
	expect_words("2 list registers");
}

/* --- afterwards --- */

static void our_interrupt_is_handled_and_ended(void **state)
{
	gic_model_line(0, OURS, true);
	run_all();
	assert_int_equal(ours_count, 1);
	assert_false(gic_model.spi[OURS].active);
	gic_model_line(0, OURS, true);
	run_all();
	assert_int_equal(ours_count, 2);
}

static void enable_sets_trigger_and_route(void **state)
{
	arch_irq_enable(100, 2, true);
	assert_true(gic_model.spi[100].enabled && gic_model.spi[100].edge);
	assert_int_equal(gic_model.spi[100].route, 2);
	arch_irq_enable(101, 1, true); /* its neighbour stays as it is */
	arch_irq_enable(100, 3, false);
	assert_true(gic_model.spi[100].enabled && !gic_model.spi[100].edge && gic_model.spi[101].edge);
	arch_irq_disable(100);
	assert_true(!gic_model.spi[100].enabled && gic_model.spi[101].enabled);
	assert_false(gic_irq_pending(100));
	gic_model_line(0, 100, true);
	assert_true(gic_irq_pending(100));
}

static void interrupts_that_do_not_exist(void **state)
{
	arch_irq_enable(GIC_MODEL_IRQS, 0, false);
	expect_words("does not exist");
	arch_irq_enable(5, 0, false);
	arch_irq_enable(0xffffffff, 0, false);
	arch_irq_disable(GIC_MODEL_IRQS);
	gic_irq_route(GIC_MODEL_IRQS, 0);
	assert_false(gic_irq_pending(GIC_MODEL_IRQS));
}

static void stranger_is_switched_off(void **state)
{
	arch_irq_enable(120, 0, false);
	gic_model_line(0, 120, true);
	run_all();
	assert_false(gic_model.spi[120].enabled || gic_model.spi[120].active);
	expect_words("120");
	assert_int_equal(fake_log_count[1], 1);
	gic_model.cpu[0].irq[30].enabled = true; /* a PPI of nobody */
	gic_model_line(0, 30, true);
	run_all();
	assert_false(gic_model.cpu[0].irq[30].enabled || gic_model.cpu[0].irq[30].active);
}

static void spurious_is_nothing(void **state)
{
	fake_cpu = 0;
	gic_irq_entry(&board_a()->vcpu[0]);
	gic_irq_entry(NULL);
	assert_int_equal(fake_log_count[0] + fake_log_count[1], 0);
}

static void cpu_without_partition(void **state)
{
	uint32_t virq;

	fake_cpu = 3;
	gic_model_line(3, 27, true);
	gic_irq_entry(NULL);
	assert_false(gic_model.cpu[3].irq[27].enabled || gic_model.cpu[3].irq[27].active);
	assert_ptr_equal(irq_owner(HW_LEVEL, &virq), board_a());
	assert_int_equal(virq, VIRQ_HW_LEVEL);
	assert_null(irq_owner(OURS, &virq));
	assert_null(irq_owner(0xffffffff, &virq));
}

static void kick_and_park(void **state)
{
	fake_cpu = 0;
	arch_ipi_send(3);
	run(3);
	assert_int_equal(kicks, 1);
	arch_ipi_park_others();
	for (unsigned cpu = 1; cpu < 4; cpu++) {
		fake_cpu = cpu;
		EXPECT_PANIC(gic_irq_entry(NULL));
	}
	assert_int_equal(parked, 3);
	assert_int_equal(gic_model_next(0), GIC_MODEL_NONE);
}

static void second_owner_is_our_bug(void **state)
{
	EXPECT_PANIC(irq_set_owner(HW_LEVEL, board_b(), VIRQ_HW_LEVEL, false));
	EXPECT_PANIC(irq_set_owner(OURS, board_b(), 60, false));
	irq_set_owner(HW_LEVEL, board_a(), VIRQ_HW_LEVEL, false); /* INTx of two functions of one partition */
}

#define BARE(name) cmocka_unit_test_setup(name, bare)
#define UP(name)   cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE(firmware_leaves_nothing), BARE(each_cpu_enables_only_ours), BARE(no_gicv3_there),
		BARE(distributor_hangs), BARE(cpu_without_redistributor), BARE(private_numbers_must_be_private),
		BARE(cpu_interface_problems_stop_the_boot),
		UP(our_interrupt_is_handled_and_ended), UP(enable_sets_trigger_and_route),
		UP(interrupts_that_do_not_exist), UP(stranger_is_switched_off), UP(spurious_is_nothing),
		UP(cpu_without_partition), UP(kick_and_park), UP(second_owner_is_our_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
