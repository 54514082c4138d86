/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock: how fast the TSC and the LAPIC timer count, measured once at boot against the ACPI PM timer or, where
 * there is none, channel 2 of the PIT. Owns tsc_khz and apic_khz, constant afterwards. Of three short runs the middle
 * one counts: whatever held one of them up (SMM, the machine below a virtual one) spoils that one, not the result.
 * Loops are bounded by a number of reads, because there is no clock yet to have a deadline by [I6].
 */
#include <arch/time.h>

#include <arch/cpu.h>
#include <asm/io.h>
#include <asm/irq.h>
#include <hyp/bits.h>
#include <hyp/config.h>
#include <hyp/log.h>

enum {
	PM_HZ = 3579545,       /* [ACPI 4.8.2.1] */
	PM_MASK = 0xffffff,    /* it has 24 bits at least */
	PM_RUN = 7159,         /* 2 ms: one tick is 0.014 % of it */
	PIT_HZ = 1193182,
	PIT_RUN = 2386,
	PIT_CHANNEL_2 = 0x42,
	PIT_CONTROL = 0x43,
	PIT_MODE = 0xb0,       /* channel 2, low then high byte, mode 0: output rises at the end, binary */
	PIT_GATE = 0x61,
	GATE_ON = 1,
	GATE_SPEAKER = 2,
	GATE_OUTPUT = 0x20,    /* of channel 2 */
	READS_MAX = 4000000,   /* of a port: some 4 s on a board, 2 ms need less than a million under QEMU's -icount */
	RUNS = 3,
	TSC_KHZ_MIN = 100000,
	APIC_KHZ_MIN = 1000,
	KHZ_MAX = 20000000,    /* below 2^25: lapic.c */
	TSC_KHZ_GUESS = 1000000,
};

#define RUN_TICKS_MAX BIT64(40) /* times PM_HZ fits 64 bits */

uint64_t tsc_khz __sealed = TSC_KHZ_GUESS; /* not 0, so that waits before time_init() end */
uint64_t apic_khz __sealed = TSC_KHZ_GUESS;

/* How far each clock got in one run; first the values at its beginning. */
struct run {
	uint64_t tsc;
	uint32_t apic;
	uint32_t reference;
};

static void run_begin(struct run *r)
{
	r->tsc = arch_time_ticks();
	r->apic = lapic_timer_counted();
}

static void run_end(struct run *r)
{
	r->tsc = arch_time_ticks() - r->tsc;
	r->apic = lapic_timer_counted() - r->apic;
}

/* Until it is that far behind from; where it is then. False: it does not count. */
static bool pm_wait(uint16_t port, uint32_t from, uint32_t ticks, uint32_t *now)
{
	for (unsigned n = 0; n < READS_MAX; n++) {
		*now = io_read32(port) & PM_MASK;
		if (((*now - from) & PM_MASK) >= ticks) {
			return true;
		}
	}
	return false;
}

static bool run_pm(uint16_t port, struct run *r)
{
	uint32_t start, end;

	lapic_timer_run_free();
	if (!pm_wait(port, io_read32(port), 1, &start)) { /* just after it has changed */
		return false;
	}
	run_begin(r);
	if (!pm_wait(port, start, PM_RUN, &end)) {
		return false;
	}
	run_end(r);
	r->reference = (end - start) & PM_MASK;
	return true;
}

static bool run_pit(struct run *r)
{
	uint8_t gate = (uint8_t)(io_read8(PIT_GATE) & ~(GATE_ON | GATE_SPEAKER));
	bool done = false;

	lapic_timer_run_free();
	io_write8(PIT_GATE, gate | GATE_ON);
	io_write8(PIT_CONTROL, PIT_MODE);
	io_write8(PIT_CHANNEL_2, PIT_RUN & 0xff);
	io_write8(PIT_CHANNEL_2, PIT_RUN >> 8);
	run_begin(r);
	for (unsigned n = 0; n < READS_MAX && !done; n++) {
		done = (io_read8(PIT_GATE) & GATE_OUTPUT) != 0;
	}
	run_end(r);
	r->reference = PIT_RUN + 1; /* the first pulse only loads it */
	io_write8(PIT_GATE, gate);
	return done;
}

static uint64_t middle(const uint64_t v[RUNS])
{
	uint64_t low = v[0] < v[1] ? v[0] : v[1];
	uint64_t high = v[0] < v[1] ? v[1] : v[0];

	return v[2] < low ? low : v[2] > high ? high : v[2];
}

static uint64_t khz(uint64_t ticks, uint32_t hz, uint32_t reference)
{
	return (ticks < RUN_TICKS_MAX ? ticks : RUN_TICKS_MAX) * hz / reference / 1000;
}

/* False: one of the clocks stands still, or says what no machine has. pm_timer 0: against the PIT. */
static bool measure(uint16_t pm_timer)
{
	uint32_t hz = pm_timer != 0 ? PM_HZ : PIT_HZ;
	uint64_t tsc[RUNS], apic[RUNS];

	for (unsigned i = 0; i < RUNS; i++) {
		struct run r = { 0 };

		if (!(pm_timer != 0 ? run_pm(pm_timer, &r) : run_pit(&r))) {
			return false;
		}
		tsc[i] = khz(r.tsc, hz, r.reference);
		apic[i] = khz(r.apic, hz, r.reference);
	}
	if (middle(tsc) < TSC_KHZ_MIN || middle(tsc) > KHZ_MAX || middle(apic) < APIC_KHZ_MIN ||
	    middle(apic) > KHZ_MAX) {
		return false;
	}
	tsc_khz = middle(tsc);
	apic_khz = middle(apic);
	return true;
}

bool time_init(uint16_t pm_timer)
{
	bool ok = false;

	if (lapic_init(&hyp_config.board) != 0) {
		return false; /* it has said why */
	}
	if (pm_timer != 0) {
		ok = measure(pm_timer);
		if (!ok) {
			log_warn("the ACPI PM timer at port 0x%x cannot be used to measure the CPU's clock", pm_timer);
		}
	}
	ok = ok || measure(0);
	lapic_timer_off();
	return ok;
}

uint64_t arch_time_us(void)
{
	uint64_t t = arch_time_ticks();

	return t / tsc_khz * 1000 + t % tsc_khz * 1000 / tsc_khz;
}
