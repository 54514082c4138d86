/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical interrupts and time of the x86 port, against a model of the interrupt hardware that knows when an
 * EOI is lost or doubled, when a pin is unmasked too early, and whose message a unit lets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The real clock beside the fake one, which the other sources wait by. */
#define arch_time_us x86_time_us
#include "arch/x86/time.c"
#undef arch_time_us

#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/msi.h>
#include <asm/percpu.h>
#include <asm/platform.h>
#include <asm/trap.h>
#include <asm/vlapic.h>
#include <bulkhead/errno.h>
#include <hyp/entry.h>
#include <hyp/irq.h>

#include "fake/fake.h"
#include "model/apic_model.h"

enum {
	GSI_UART = 4,
	OURS = 36,    /* GSI 4, level, ours */
	THEIRS = 52,  /* GSI 20, level, a partition's */
	EDGE = 40,    /* GSI 8, edge, a partition's */
	NOBODY = 54,  /* GSI 22 */
	MESSAGE = 70, /* a partition's */
	NOBODYS_PIN = 49, UNIT_MESSAGE = IRQ_UNIT_FIRST,
	NIC = 0x0018,
};

struct hyp_config const hyp_config = {
	.board = { .cpu_count = 4, .cpu_id = { 4, 6, 8, 10 }, .lapic = { APIC_MODEL_LAPIC, 0x1000 },
		   .ioapic = { APIC_MODEL_IOAPIC, 0x1000 } },
};
struct acpi_info acpi_info;
struct iommu_unit iommu_units[UNIT_MAX] = { { .id = 0 }, { .id = 1 } };
unsigned iommu_unit_count;
struct percpu percpu[CPU_MAX];

static struct vm partition;
static unsigned ours_count, hwirq_count, ipi_count, expire_count;
static bool ours_silences, ipi_leaves, parking;
static jmp_buf left;

int arch_hyp_map(pa_t at, uint64_t size, unsigned prot)
{
	return prot == (PROT_READ | PROT_WRITE | PROT_DEVICE) ? 0 : -BH_EINVAL;
}

void arch_vm_irq_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge)
{
	if (irq < IRQ_MSI_FIRST) {
		assert_int_equal(ioapic_enable(irq, 1, edge), 0);
	}
}

/* As the contract wants it: the source of a level interrupt is masked until the guest's EOI. */
void arch_vm_pend_hwirq(struct vm *vm, uint32_t virq, uint32_t irq)
{
	assert_ptr_equal(vm, &partition);
	assert_int_equal(virq, irq + 1);
	hwirq_count++;
	if (irq == THEIRS) {
		ioapic_mask(irq);
	}
}

void hyp_ipi(void)
{
	ipi_count++;
	assert_int_equal(apic_model_in_service(fake_cpu), 0);
	if (ipi_leaves) {
		longjmp(left, 1);
	}
}

void vlapic_timer_expire(struct vcpu *v)
{
	assert_ptr_equal(v, percpu[fake_cpu].vcpu);
	expire_count++;
}

void trap_park_on_nmi(void)
{
	parking = true;
}

static void ours_handler(uint32_t irq)
{
	assert_int_equal(irq, OURS);
	ours_count++;
	if (ours_silences) {
		apic_model_line(GSI_UART, false);
	}
}

static int bare(void **state)
{
	fake_reset();
	apic_model_reset();
	acpi_info = (struct acpi_info){ .ioapic_sid = 0xf0f8, .ioapic_unit = 1, .intremap = true };
	for (unsigned n = 0; n < 16; n++) {
		acpi_info.isa_gsi[n] = n;
	}
	iommu_unit_count = 2;
	memset(percpu, 0, sizeof(percpu));
	ours_count = hwirq_count = ipi_count = expire_count = 0;
	ours_silences = true;
	ipi_leaves = parking = false;
	return 0;
}

static int up(void **state)
{
	bare(state);
	for (uint32_t irq = IRQ_MSI_FIRST; irq < IRQ_MAX; irq++) { /* what the test before left */
		apic_model.remapping[0] = apic_model.remapping[1] = true;
		arch_irq_disable(irq);
	}
	assert_int_equal(arch_irq_init(&hyp_config.board), 0);
	for (fake_cpu = 0; fake_cpu < 3; fake_cpu++) { /* CPU 3 stays with the firmware */
		arch_irq_init_cpu();
	}
	fake_cpu = 0;
	tsc_khz = apic_model.tsc_khz;
	apic_khz = apic_model.apic_khz;
	irq_set_handler(OURS, ours_handler, 0, false);
	irq_set_owner(THEIRS, &partition, THEIRS + 1, false);
	irq_set_owner(EDGE, &partition, EDGE + 1, true);
	irq_set_owner(MESSAGE, &partition, MESSAGE + 1, true);
	return 0;
}

static void expect_words(const char *words)
{
	if (strstr(fake_log, words) == NULL) {
		fake_fail("not said: %s", words);
	}
}

/* Everything pending is taken on every CPU; returns how much. */
static unsigned run_all(void)
{
	unsigned n = 0;

	for (unsigned cpu = 0; cpu < 4; cpu++) {
		n += apic_model_run(cpu);
	}
	fake_cpu = 0;
	return n;
}

/* --- boot; the first in the list, because what was found once is kept --- */

static void boards_that_do_not_fit(void **state)
{
	struct board b = hyp_config.board;

	b.lapic.base = 0xfee10000;
	assert_int_equal(lapic_init(&b), -BH_ENODEV);
	expect_words("0xfee00000 and not at 0xfee10000");
	b = hyp_config.board;
	b.cpu_id[3] = 255;
	assert_int_equal(lapic_init(&b), -BH_ENODEV);
	expect_words("CPU 3 has APIC id 255");
	b = hyp_config.board;
	b.cpu_id[0] = 5;
	assert_int_equal(lapic_init(&b), -BH_ENODEV);
	expect_words("the boot CPU has APIC id 4");
	apic_model.absent = true;
	assert_int_equal(lapic_init(&hyp_config.board), -BH_ENODEV);
	expect_words("no local APIC answers");
	assert_int_equal(ioapic_init(&hyp_config.board), -BH_ENODEV);
	expect_words("no I/O APIC answers");
	assert_false(time_init(APIC_MODEL_PM));
}

static void x2apic_is_left_through_off(void **state)
{
	apic_model.cpu[0].base |= BIT64(10);
	apic_model.x2apic_locked = true;
	assert_int_equal(lapic_init(&hyp_config.board), -BH_ENODEV);
	expect_words("locked");
	apic_model.x2apic_locked = false;
	assert_int_equal(lapic_init(&hyp_config.board), 0);
	for (fake_cpu = 0; fake_cpu < 3; fake_cpu++) {
		apic_model.cpu[fake_cpu].base = fake_cpu == 2 ? 0 : apic_model.cpu[fake_cpu].base | BIT64(10);
		lapic_init_cpu();
		assert_int_equal(apic_model.cpu[fake_cpu].base, APIC_MODEL_LAPIC | (fake_cpu == 0 ? 0x900 : 0x800));
	}
}

static void firmware_leaves_nothing(void **state)
{
	static const uint32_t lvt[] = { 0x330, 0x340, 0x350, 0x360, 0x370 };

	apic_model.pins = APIC_MODEL_PINS;
	apic_model.pins_said = 256; /* not to be believed */
	apic_model.cpu[0].isr[0x70] = apic_model.cpu[0].isr[0x31] = true;
	assert_int_equal(arch_irq_init(&hyp_config.board), 0);
	arch_irq_init_cpu();
	assert_int_equal(apic_model_in_service(0), 0);
	for (unsigned n = 0; n < ARRAY_COUNT(lvt); n++) {
		assert_int_equal(apic_model.cpu[0].reg[lvt[n] / 16] & BIT32(16), BIT32(16));
	}
	assert_int_equal(apic_model.cpu[0].reg[0x32], IRQ_VECTOR_TIMER);
	assert_int_equal(apic_model.cpu[0].reg[0x0f], 0x1ff);
	assert_int_equal(apic_model.cpu[0].reg[0x08], 0x10); /* no vector below 32 */
	assert_true(apic_model.pic[0] == 0xff && apic_model.pic[1] == 0xff);
	for (unsigned n = 0; n < APIC_MODEL_PINS; n++) {
		assert_int_equal(apic_model_rte(n), BIT32(16));
		apic_model_line(n, true);
	}
	assert_int_equal(run_all(), 0);
}

static void without_remapping_there_are_no_interrupts(void **state)
{
	apic_model.remapping[1] = false;
	assert_int_equal(arch_irq_init(&hyp_config.board), -BH_ENODEV);
	expect_words("intremap=on");
	assert_int_equal(ioapic_enable(THEIRS, 0, false), -BH_ENODEV);
	assert_false(arch_msi_remapped());
	apic_model.remapping[1] = true;
	assert_true(arch_msi_remapped());
	acpi_info.ioapic_unit = 0xff;
	assert_int_equal(ioapic_init(&hyp_config.board), -BH_ENODEV);
	iommu_unit_count = 0;
	assert_false(arch_msi_remapped());
}

static void id_of_this_cpu(void **state)
{
	fake_cpu = 2;
	assert_int_equal(lapic_id(), 8);
	apic_model.cpuid_max = 7;
	assert_int_equal(lapic_id(), 8);
}

/* --- pins --- */

static void entries_are_in_remappable_format(void **state)
{
	acpi_info.isa_low[9] = true;
	acpi_info.isa_gsi[0] = 2;
	arch_irq_enable(41, 0, false);
	arch_irq_enable(34, 0, true);
	assert_int_equal(apic_model_rte(4), (uint64_t)OURS << 49 | BIT64(48) | BIT32(15) | (OURS + 16));
	assert_int_equal(apic_model_rte(20),
			 (uint64_t)THEIRS << 49 | BIT64(48) | BIT32(15) | BIT32(13) | (THEIRS + 16));
	assert_int_equal(apic_model_rte(8), (uint64_t)EDGE << 49 | BIT64(48) | (EDGE + 16));
	assert_int_equal(apic_model_rte(9), 41ull << 49 | BIT64(48) | BIT32(15) | BIT32(13) | 57);
	assert_int_equal(apic_model_rte(2), 34ull << 49 | BIT64(48) | 50);
	assert_int_equal(apic_model.irte[1][THEIRS].apic_id, 6);
}

static void pins_that_do_not_exist(void **state)
{
	unsigned calls = apic_model.unit_calls;

	arch_irq_enable(32 + 24, 0, false);
	expect_words("interrupt 56 does not exist");
	arch_irq_enable(31, 0, false);
	arch_irq_enable(IRQ_MAX, 0, false);
	arch_irq_disable(0);
	arch_irq_disable(UINT32_MAX);
	ioapic_mask(UINT32_MAX);
	ioapic_unmask(63);
	acpi_info.ioapic_gsi_base = 8;
	arch_irq_enable(39, 0, false);
	expect_words("interrupt 39 does not exist");
	assert_int_equal(apic_model.unit_calls, calls);
	arch_irq_enable(40 + 8, 0, false); /* pin 8, which is GSI 16 now */
	assert_int_equal(apic_model_rte(8) & 0xff, 64);
}

static void unit_that_refuses_leaves_the_pin_masked(void **state)
{
	apic_model.unit_fails = true;
	arch_irq_enable(NOBODY, 0, false);
	expect_words("stays off");
	arch_irq_enable(OURS, 0, false); /* was on */
	apic_model_line(22, true);
	apic_model_line(GSI_UART, true);
	ioapic_unmask(NOBODY);
	assert_int_equal(run_all(), 0);
	arch_irq_disable(NOBODY);
	expect_words("does not confirm");
}

static void our_level_interrupt(void **state)
{
	for (unsigned n = 1; n <= 3; n++) {
		apic_model_line(GSI_UART, true);
		assert_int_equal(apic_model_run(0), 1);
		assert_int_equal(ours_count, n);
		assert_int_equal(apic_model.cpu[0].eois, n);
	}
	ours_silences = false; /* still asserted: comes again, after the EOI and not instead of it */
	apic_model_line(GSI_UART, true);
	assert_int_equal(apic_model_run(0), 100);
	ours_silences = true;
	assert_int_equal(apic_model_run(0), 1);
}

static void level_interrupt_of_a_partition(void **state)
{
	apic_model_line(20, true);
	assert_int_equal(apic_model_run(0), 0); /* goes to CPU 1 */
	assert_int_equal(apic_model_run(1), 1); /* masked, ended once, and silent although still asserted */
	assert_int_equal(hwirq_count, 1);
	assert_int_equal(apic_model.cpu[1].eois, 1);
	ioapic_unmask(THEIRS); /* the guest's EOI; its driver has not looked at the device */
	assert_int_equal(apic_model_run(1), 1);
	apic_model_line(20, false);
	ioapic_unmask(THEIRS);
	assert_int_equal(run_all(), 0);
	apic_model_line(20, true);
	assert_int_equal(run_all(), 1);
	assert_int_equal(hwirq_count, 3);
}

static void edge_interrupt_of_a_partition(void **state)
{
	for (unsigned n = 1; n <= 3; n++) {
		apic_model_line(8, true);
		apic_model_line(8, false);
		assert_int_equal(apic_model_run(1), 1);
		assert_int_equal(hwirq_count, n);
	}
}

static void stranger_is_switched_off(void **state)
{
	arch_irq_enable(NOBODY, 2, false);
	apic_model_line(22, true);
	assert_int_equal(run_all(), 1);
	assert_int_equal(apic_model_rte(22), BIT32(16));
	assert_false(apic_model.irte_present[1][NOBODY]);
	assert_int_equal(apic_model.cpu[2].eois, 1);
	expect_words("54");
}

static void disabled_means_masked(void **state)
{
	irq_vm_stop(&partition); /* disables and ends, with nothing in service: no EOI may come of it */
	assert_false(apic_model.irte_present[1][THEIRS] || apic_model.irte_present[1][EDGE]);
	apic_model_line(20, true);
	ioapic_unmask(THEIRS); /* late */
	assert_int_equal(run_all(), 0);
	assert_int_equal(apic_model_rte(20), BIT32(16));
	irq_vm_start(&partition);
	assert_int_equal(run_all(), 1);
	assert_int_equal(hwirq_count, 1);
	assert_int_equal(apic_model_rte(4) & BIT32(16), 0); /* its neighbour was left alone */
}

static void disabled_while_it_is_on_its_way(void **state)
{
	apic_model_line(20, true);
	irq_vm_stop(&partition);
	assert_int_equal(run_all(), 1);
	irq_vm_start(&partition); /* remote IRR did not survive */
	assert_int_equal(run_all(), 1);
}

/* --- messages --- */

static void message_formats(void **state)
{
	struct msi_msg msg;

	arch_msi_make(UNIT_MESSAGE, 2, &msg);
	assert_true(msg.addr == (0xfee00000u | 8 << 12) && msg.data == UNIT_MESSAGE + 16);
	assert_int_equal(arch_msi_enable(MESSAGE, 1, 0, NIC, &msg), 0);
	assert_true(msg.addr == (0xfee00000u | MESSAGE << 5 | 1 << 4) && msg.data == 0);
}

static void message_reaches_its_cpu_only_from_its_device(void **state)
{
	struct msi_msg msg;

	assert_int_equal(arch_msi_enable(MESSAGE, 1, 0, NIC, &msg), 0);
	apic_model_message(0, NIC, msg.addr, msg.data);
	assert_int_equal(apic_model_run(1), 1);
	assert_int_equal(hwirq_count, 1);
	assert_int_equal(apic_model.cpu[1].eois, 1);
	apic_model_message(0, NIC + 8, msg.addr, msg.data);
	apic_model_message(1, NIC, msg.addr, msg.data);
	assert_int_equal(apic_model.blocked, 2);
	assert_int_equal(run_all(), 0);
}

static void message_that_is_disabled(void **state)
{
	struct msi_msg msg;

	for (unsigned how = 0; how < 2; how++) {
		assert_int_equal(arch_msi_enable(MESSAGE, 1, 0, NIC, &msg), 0);
		apic_model_message(0, NIC, msg.addr, msg.data); /* on its way */
		if (how == 0) {
			arch_msi_disable(MESSAGE, 0);
		} else {
			irq_vm_stop(&partition);
		}
		assert_false(apic_model.irte_present[0][MESSAGE]);
		apic_model_message(0, NIC, msg.addr, msg.data);
		assert_int_equal(apic_model.blocked, how + 1);
		assert_int_equal(run_all(), 1);
		assert_int_equal(hwirq_count, 0);
	}
	assert_int_equal(arch_msi_enable(MESSAGE, 1, 0, NIC, &msg), 0);
	apic_model.unit_fails = true;
	arch_msi_disable(MESSAGE, 0);
	expect_words("does not confirm");
	apic_model_message(0, NIC, msg.addr, msg.data);
	assert_int_equal(run_all(), 1);
	assert_int_equal(hwirq_count, 0);
}

static void forged_message_is_reported_once(void **state)
{
	for (unsigned n = 0; n < 5; n++) {
		apic_model_message(0, NIC, 0xfee00000u | 6 << 12, 100 + 16);
		/* The partition's, which has not enabled it. */
		apic_model_message(0, NIC, 0xfee00000u | 6 << 12, MESSAGE + 16);
		assert_int_equal(run_all(), 2);
	}
	assert_int_equal(fake_log_count[1], 2);
	assert_int_equal(hwirq_count, 0);
	assert_int_equal(apic_model.cpu[1].eois, 10);
}

static void forged_line_is_reported_once(void **state)
{
	for (unsigned n = 0; n < 5; n++) {
		apic_model_message(0, NIC, 0xfee00000u | 6 << 12, NOBODYS_PIN + 16);
		assert_int_equal(run_all(), 1);
	}
	expect_words("belongs to nobody");
	assert_int_equal(fake_log_count[1], 1);
	assert_int_equal(apic_model.cpu[1].eois, 5);
}

static void message_of_nobody_is_blocked(void **state)
{
	struct msi_msg msg;

	assert_int_equal(arch_msi_enable(90, 0, 1, NIC, &msg), 0);
	apic_model_message(1, NIC, msg.addr, msg.data);
	assert_int_equal(run_all(), 1);
	assert_false(apic_model.irte_present[1][90]);
	apic_model_message(1, NIC, msg.addr, msg.data);
	assert_int_equal(run_all(), 0);
	arch_irq_disable(90); /* again: nothing is left to block */
}

static void message_errors(void **state)
{
	struct msi_msg msg;

	assert_int_equal(arch_msi_enable(MESSAGE, 0, 2, NIC, &msg), -BH_ENODEV);
	apic_model.remapping[0] = false;
	assert_int_equal(arch_msi_enable(MESSAGE, 0, 0, NIC, &msg), -BH_ENODEV);
	apic_model.remapping[0] = true;
	apic_model.unit_fails = true;
	assert_int_equal(arch_msi_enable(MESSAGE, 0, 0, NIC, &msg), -BH_EIO);
	apic_model.unit_fails = false;
	EXPECT_PANIC(assert_int_equal(arch_msi_enable(OURS, 0, 0, NIC, &msg), 0));
	EXPECT_PANIC(assert_int_equal(arch_msi_enable(IRQ_MAX, 0, 0, NIC, &msg), 0));
	EXPECT_PANIC(assert_int_equal(arch_msi_enable(MESSAGE, 4, 0, NIC, &msg), 0));
	EXPECT_PANIC(arch_msi_make(OURS, 0, &msg));
}

/* --- our own vectors --- */

static void every_vector_is_ended_once(void **state)
{
	for (unsigned v = 32; v < 256; v++) {
		if (v != IRQ_VECTOR_SPURIOUS) {
			apic_model_raise(0, v, false);
			assert_int_equal(apic_model_run(0), 1);
		}
	}
	assert_int_equal(apic_model.cpu[0].eois, 223);
	irq_entry(IRQ_VECTOR_SPURIOUS); /* the model has nothing in service */
	assert_int_equal(apic_model.cpu[0].eois, 223);
	apic_model_raise(0, IRQ_VECTOR_SPURIOUS, false); /* forged: it is, and would keep all others away */
	assert_int_equal(apic_model_run(0), 1);
	assert_int_equal(apic_model_in_service(0), 0);
	assert_int_equal(ipi_count, 1);
	assert_int_equal(expire_count, 0);
}

static void kick_need_not_return(void **state)
{
	ipi_leaves = true;
	arch_ipi_send(2);
	assert_int_equal(apic_model.sent[0].id, 8);
	assert_int_equal(apic_model.sent[0].low, BIT32(14) | IRQ_VECTOR_KICK);
	if (setjmp(left) == 0) {
		(void)apic_model_run(2);
		fake_fail("hyp_ipi() did not run");
	}
	assert_int_equal(apic_model_in_service(2), 0);
}

static void undelivered_ipi_does_not_hang(void **state)
{
	uint64_t start = fake_time_us;

	apic_model.icr_stuck = true;
	arch_ipi_send(1);
	expect_words("never delivered");
	assert_in_range(fake_time_us - start, 100000, 110000);
	assert_int_equal(apic_model.sent_count, 1);
}

static void park_reaches_those_that_run(void **state)
{
	fake_cpu = 1;
	arch_ipi_park_others();
	assert_true(parking && apic_model.cpu[0].nmi && apic_model.cpu[2].nmi);
	assert_false(apic_model.cpu[1].nmi || apic_model.cpu[3].nmi);
}

static void cpu_is_started_as_the_manual_says(void **state)
{
	lapic_start_cpu(3, 8);
	assert_int_equal(apic_model.sent_count, 3);
	assert_true(apic_model.sent[0].id == 10 && apic_model.sent[0].low == 0x4500);
	assert_true(apic_model.sent[1].id == 10 && apic_model.sent[1].low == 0x4608);
	assert_int_equal(apic_model.sent[2].low, 0x4608);
	assert_true(apic_model.sent[1].us - apic_model.sent[0].us > 10000);
	assert_true(apic_model.sent[2].us - apic_model.sent[1].us > 200);
}

/* --- the timer --- */

static struct vcpu *vcpu_here(void)
{
	percpu[fake_cpu].vcpu = &partition.vcpu[fake_cpu];
	return percpu[fake_cpu].vcpu;
}

static void timer_fires_at_its_time_and_not_before(void **state)
{
	uint64_t at;

	(void)vcpu_here();
	for (unsigned shift = 0; shift < 30; shift++) {
		expire_count = 0;
		at = fake_tsc() + BIT64(shift);
		lapic_timer_at(at);
		for (unsigned n = 0; expire_count == 0; n++) {
			uint64_t before = fake_tsc();
			unsigned taken;

			assert_true(n < 1000);
			apic_model_pass_us(BIT64(shift) / 2400 / 100 + 1);
			taken = apic_model_run(0);
			assert_int_equal(taken, expire_count); /* one interrupt is enough */
			assert_true(expire_count == 0 || fake_tsc() >= at);
			assert_true(expire_count != 0 || before < at + 24000);
		}
	}
}

static void timer_in_the_past_fires_at_once(void **state)
{
	(void)vcpu_here();
	for (uint64_t past = 0; past < 2; past++) {
		lapic_timer_at(past == 0 ? 0 : fake_tsc());
		apic_model_pass_us(1);
		assert_int_equal(apic_model_run(0), 1);
		assert_int_equal(expire_count, past + 1);
	}
}

static void counts_are_rounded_up(void **state)
{
	for (uint64_t ticks = 1; ticks < 100; ticks++) { /* 24 a count; reading the TSC takes 240 */
		lapic_timer_at(fake_tsc() + 240 + ticks);
		assert_int_equal(apic_model.cpu[0].reg[0x38], (ticks + 23) / 24);
	}
}

static void far_deadline_is_counted_in_turns(void **state)
{
	uint64_t at = fake_tsc() + BIT64(41);

	(void)vcpu_here();
	lapic_timer_at(at);
	assert_int_equal(apic_model.cpu[0].reg[0x38], UINT32_MAX);
	for (unsigned n = 0; expire_count == 0; n++) {
		assert_true(n < 60);
		apic_model_pass_us(43000000);
		(void)apic_model_run(0);
	}
	assert_true(fake_tsc() >= at && fake_tsc() < at + 90000000ull * 2400);
	lapic_timer_at(UINT64_MAX);
	assert_int_equal(apic_model.cpu[0].reg[0x38], UINT32_MAX);
	lapic_timer_at(fake_tsc() + BIT64(59) + 1000); /* 2^59 * 100000 is 0 in 64 bits */
	assert_int_equal(apic_model.cpu[0].reg[0x38], UINT32_MAX);
	apic_khz = 20000000; /* the largest and the smallest that are believed */
	tsc_khz = 100000;
	lapic_timer_at(UINT64_MAX);
	assert_int_equal(apic_model.cpu[0].reg[0x38], UINT32_MAX);
	apic_khz = 1000;
	tsc_khz = 20000000;
	lapic_timer_at(UINT64_MAX);
	assert_in_range(apic_model.cpu[0].reg[0x38], 1, UINT32_MAX);
}

static void timer_that_was_stopped_says_nothing(void **state)
{
	(void)vcpu_here();
	lapic_timer_at(fake_tsc() + 2400);
	apic_model_pass_us(10);
	assert_true(apic_model_pending(0, IRQ_VECTOR_TIMER));
	lapic_timer_off(); /* too late for the interrupt, in time for the guest */
	assert_int_equal(apic_model_run(0), 1);
	assert_int_equal(expire_count, 0);
	lapic_timer_at(fake_tsc() + 2400);
	lapic_timer_off();
	apic_model_pass_us(10);
	assert_int_equal(apic_model_run(0), 0);
	lapic_timer_at(fake_tsc() + 2400);
	percpu[0].vcpu = NULL;
	apic_model_pass_us(10);
	assert_int_equal(apic_model_run(0), 1);
	assert_int_equal(expire_count, 0);
}

/* --- time --- */

static void expect_measured(uint16_t port)
{
	assert_true(time_init(port));
	assert_in_range(tsc_khz, apic_model.tsc_khz * 999 / 1000, apic_model.tsc_khz * 1001 / 1000);
	assert_in_range(apic_khz, apic_model.apic_khz * 999 / 1000, apic_model.apic_khz * 1001 / 1000);
	assert_int_equal(apic_model.cpu[0].timer_start, 0);
}

static void frequencies_are_measured(void **state)
{
	static const uint64_t tsc[] = { 1000000, 2400000, 133000, 6000000, 19900000 };
	static const uint64_t apic[] = { 1000000, 25000, 100000, 24000, 1500 };

	for (unsigned n = 0; n < 10; n++) {
		bare(state);
		apic_model.tsc_khz = tsc[n / 2];
		apic_model.apic_khz = apic[n / 2];
		apic_model.ps += n * 777777777ull;
		expect_measured(n % 2 != 0 ? APIC_MODEL_PM : 0);
		assert_int_equal(apic_model.gate & 1, 0);
	}
}

static void one_disturbed_run_does_not_count(void **state)
{
	for (unsigned after = 40000; after <= 290000; after += 50000) { /* some in each of the three runs */
		bare(state);
		apic_model.stall_ps = 8000000000ull; /* past the end of the run */
		apic_model.stall_after = after;
		expect_measured(0);
	}
}

static void clocks_that_stand_still(void **state)
{
	apic_model.pm_stuck = true;
	expect_measured(APIC_MODEL_PM);
	expect_words("port 0x608 cannot be used");
	bare(state);
	tsc_khz = 1;
	apic_model.pm_stuck = apic_model.pit_stuck = true;
	assert_false(time_init(APIC_MODEL_PM));
	bare(state);
	apic_model.apic_khz = 0;
	assert_false(time_init(APIC_MODEL_PM));
	bare(state);
	apic_model.tsc_khz = 50000000;
	assert_false(time_init(APIC_MODEL_PM));
	assert_int_equal(tsc_khz, 1); /* what is not believed is not kept */
}

static void microseconds_do_not_overflow(void **state)
{
	static const uint64_t khz_of[] = { 100000, 1000000, 2399999, 20000000 };

	for (unsigned n = 0; n < 4 * 64; n++) {
		uint64_t us;

		tsc_khz = khz_of[n / 64];
		apic_model.tsc_khz = 1000000000; /* TSC = ps */
		apic_model.access_ps = 0;
		apic_model.ps = UINT64_MAX >> n % 64;
		us = x86_time_us();
		assert_int_equal(us, (uint64_t)((unsigned __int128)apic_model.ps * 1000 / tsc_khz));
	}
}

#define BARE(name) cmocka_unit_test_setup(name, bare)
#define UP(name)   cmocka_unit_test_setup(name, up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE(boards_that_do_not_fit), BARE(x2apic_is_left_through_off), BARE(firmware_leaves_nothing),
		BARE(without_remapping_there_are_no_interrupts), BARE(id_of_this_cpu),
		UP(entries_are_in_remappable_format), UP(pins_that_do_not_exist),
		UP(unit_that_refuses_leaves_the_pin_masked), UP(our_level_interrupt),
		UP(level_interrupt_of_a_partition), UP(edge_interrupt_of_a_partition), UP(stranger_is_switched_off),
		UP(disabled_means_masked), UP(disabled_while_it_is_on_its_way),
		UP(message_formats), UP(message_reaches_its_cpu_only_from_its_device), UP(message_that_is_disabled),
		UP(forged_message_is_reported_once), UP(forged_line_is_reported_once),
		UP(message_of_nobody_is_blocked), UP(message_errors),
		UP(every_vector_is_ended_once), UP(kick_need_not_return), UP(undelivered_ipi_does_not_hang),
		UP(park_reaches_those_that_run), UP(cpu_is_started_as_the_manual_says),
		UP(timer_fires_at_its_time_and_not_before), UP(timer_in_the_past_fires_at_once),
		UP(counts_are_rounded_up), UP(far_deadline_is_counted_in_turns),
		UP(timer_that_was_stopped_says_nothing),
		BARE(frequencies_are_measured), BARE(one_disturbed_run_does_not_count), BARE(clocks_that_stand_still),
		BARE(microseconds_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
