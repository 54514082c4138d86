/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting and stopping virtual CPUs as an operating system does: INIT and SIPI, and what must have no effect. Also
 * passes on the bare machine. [SDM 3A 8.4, 11.6.1]
 */
#include "tap.h"

enum { WAIT_US = 2000000, QUIET_US = 20000, SIPI_PAGE = Q35_LOW_PAGE >> 12, ROUNDS = 20, TRIES = 50 };

static volatile uint64_t got_arg, got_cr0, got_index;
static volatile uint32_t runs, leave, beats;

static void second(uint64_t arg)
{
	got_arg = arg;
	got_cr0 = cr_read(0);
	got_index = guest_vcpu();
	runs++;
	while (leave == 0) {
		beats++;
	}
}

static void on_nmi(uint32_t irq)
{
}

static bool wait_runs(uint32_t n)
{
	uint64_t end = time_us() + WAIT_US;

	while (runs != n) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}

/* Asleep: where all CPUs share one thread of the emulator, one that spins keeps the others from running. */
static bool beats_within(uint64_t us)
{
	static const volatile uint32_t never;
	uint32_t before = beats;

	wait_flag(&never, us);
	return beats != before;
}

/* As long as it takes, but not for ever. */
static bool beating(void)
{
	unsigned i;

	for (i = 0; i < TRIES && !beats_within(QUIET_US); i++) {
	}
	return i < TRIES;
}

static bool silent(void)
{
	unsigned i;

	for (i = 0; i < TRIES && beats_within(QUIET_US); i++) {
	}
	return i < TRIES;
}

static unsigned vcpu_count(void)
{
	unsigned n = bh_cpuid(1, 0).ebx >> 16 & 0xff;

	return n != 0 ? n : 1;
}

static void test_nobody(void)
{
	uint32_t self = guest_vcpu();

	tap_ok(vcpu_start(0, second, 0) < 0, "start of oneself: refused");
	tap_ok(vcpu_start(vcpu_count(), second, 0) < 0, "start of a vCPU that does not exist: refused");
	lapic_icr(200, ICR_INIT | ICR_ASSERT);
	lapic_icr(200, ICR_SIPI | ICR_ASSERT | SIPI_PAGE);
	lapic_icr(vcpu_count(), ICR_INIT | ICR_ASSERT);
	lapic_icr(vcpu_count(), ICR_SIPI | ICR_ASSERT | SIPI_PAGE);
	tap_ok(silent(), "INIT and SIPI to nobody: nothing happens");
	lapic_icr(self, ICR_SIPI | ICR_ASSERT | SIPI_PAGE);
	tap_ok(guest_vcpu() == self, "SIPI to oneself, who runs: nothing happens");
	lapic_icr(0, ICR_INIT | 0x8000 | ICR_ALL); /* level, de-assert */
	tap_ok(true, "INIT, de-assert, to all: nothing happens");
}

static void test_start(void)
{
	tap_is(vcpu_start(1, second, 0x1122334455667788), 0, "INIT, SIPI: vCPU 1 starts");
	tap_ok(wait_runs(1), "it runs");
	tap_is((int64_t)got_arg, 0x1122334455667788, "with what it was given");
	tap_is((int64_t)got_index, 1, "and is number 1");
	tap_is((int64_t)got_cr0, (int64_t)cr_read(0), "in the same mode as we");
	tap_ok(vcpu_start(1, second, 0) < 0, "started again: refused");
	lapic_icr(1, ICR_SIPI | ICR_ASSERT | SIPI_PAGE);
	delay_us(QUIET_US);
	tap_ok(runs == 1 && beating(), "a SIPI while it runs: nothing happens");
	leave = 1;
	tap_ok(vcpu_wait_off(1, WAIT_US), "it stops by itself");
}

static void test_again(void)
{
	unsigned i, good = 0;
	uint32_t before = runs;

	leave = 1;
	for (i = 0; i < ROUNDS; i++) {
		good += vcpu_start(1, second, i) == 0 && wait_runs(before + i + 1) && got_arg == i &&
				vcpu_wait_off(1, WAIT_US) ? 1 : 0;
	}
	tap_is(good, ROUNDS, "on and off 20 times");
}

static void test_reset(void)
{
	unsigned i, good = 0;

	leave = 0;
	for (i = 0; i < ROUNDS; i++) {
		uint32_t before = runs;

		if (vcpu_start(1, second, i) == 0 && wait_runs(before + 1) && beating()) {
			vcpu_reset(1);
			good += silent() ? 1 : 0;
		}
	}
	tap_is(good, ROUNDS, "stopped by INIT in the middle of its work, started again, 20 times");
	lapic_icr(1, ICR_FIXED | ICR_ASSERT | irq_vector(IRQ_IPI_FIRST));
	nmi_handler(on_nmi); /* one may be kept for later */
	lapic_icr(1, ICR_NMI | ICR_ASSERT);
	tap_ok(silent(), "interrupts do not wake one that waits for SIPI");
	tap_is(vcpu_start(1, second, 0), 0, "and it still starts");
	leave = 1;
	tap_ok(vcpu_wait_off(1, WAIT_US), "and stops");
}

void guest_main(uint64_t arg)
{
	test_nobody();
	if (vcpu_count() < 2) {
		tap_skip("second vCPU", "there is none");
		tap_done();
	}
	test_start();
	test_again();
	test_reset();
	tap_done();
}
