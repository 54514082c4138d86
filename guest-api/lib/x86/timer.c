/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter's frequency and the local APIC's timer. Owns each vCPU's one shot. The timer counts in a coarser clock
 * than the TSC and 32 bits, so it may come before the time that was asked for: then it is set again. [SDM 3A 11.5.4]
 */
#include "runtime.h"

enum { BARE_KHZ = 1000000 }; /* of both clocks on the bare machine: QEMU's with -icount shift=0 */

static uint64_t tsc_khz, apic_khz;

static struct {
	bool armed;
	uint64_t deadline;
	irq_fn *fn;
} shot[GUEST_VCPU_MAX];

void time_init(void)
{
	struct bh_cpuid r = { BARE_KHZ, BARE_KHZ, 0, 0 };

	if (bh_present()) {
		r = bh_cpuid(BH_CPUID_CLOCKS, 0);
	}
	if (r.eax == 0 || r.ebx == 0) {
		guest_die("guest: CPUID 0x%x tells no frequencies", BH_CPUID_CLOCKS);
	}
	tsc_khz = r.eax;
	apic_khz = r.ebx;
}

uint64_t time_hz(void)
{
	return tsc_khz * 1000;
}

static void count_down(uint64_t ticks)
{
	uint64_t now = time_ticks();
	uint64_t left = (int64_t)(ticks - now) > 0 ? ticks - now : 0;
	uint64_t count = left < 1ull << 40 ? (left * apic_khz + tsc_khz - 1) / tsc_khz : ~0u;

	count = count > ~0u ? ~0u : count;
	lapic_write(LAPIC_TIMER_INITIAL, (uint32_t)(count != 0 ? count : 1)); /* 0 would stop it */
}

void timer_stop(void)
{
	shot[guest_vcpu()].armed = false;
	lapic_write(LAPIC_TIMER_INITIAL, 0);
}

static void timer_irq(uint32_t irq)
{
	unsigned me = guest_vcpu();

	if (!shot[me].armed) {
		return; /* it was on its way when it was stopped */
	}
	if ((int64_t)(shot[me].deadline - irq_entry_ticks()) > 0) {
		count_down(shot[me].deadline);
		return;
	}
	shot[me].armed = false;
	if (shot[me].fn != NULL) {
		shot[me].fn(irq);
	}
}

void timer_at(uint64_t ticks, irq_fn *fn)
{
	unsigned me = guest_vcpu();
	uint64_t flags = irq_save();

	irq_handler(IRQ_TIMER, timer_irq);
	shot[me].fn = fn;
	shot[me].deadline = ticks;
	shot[me].armed = true;
	count_down(ticks);
	irq_restore(flags);
}

uint64_t timer_deadline(void)
{
	return shot[guest_vcpu()].deadline;
}
