/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's timer: one-shot and periodic, counting VLAPIC_TIMER_KHZ. There is no counter; what the guest
 * reads is computed from the deadline, which is kept in ticks of the TSC. The physical timer of the vCPU's CPU is
 * set to the deadline; it may come early, because its counter is short, and is then set again. Runs on that CPU
 * only. A guest cannot make a storm of it [I6]: a period is stretched to TIMER_MIN_US, and of several periods that
 * were missed one interrupt is made. A one-shot count may be as short as it likes: each costs the guest an exit to
 * write.
 */
#include "vlapic_regs.h"

#include <arch/cpu.h>
#include <arch/time.h>
#include <asm/irq.h>

enum { TIMER_MIN_US = 20 };

/* Figure 10-10: bits 3, 1 and 0 as a number; 111 is 1, 000 is 2, 110 is 128. Returned as a shift. */
static unsigned divide_shift(uint32_t div)
{
	return (((div & BITS32(1, 0)) | (div & BIT32(3)) >> 1) + 1) & 7;
}

/* At most 2^39 counts of the undivided clock: neither product overflows for a TSC below 2^41 kHz. */
static uint64_t ticks_of(uint32_t count, unsigned shift)
{
	uint64_t clocks = (uint64_t)count << shift;

	return clocks / VLAPIC_TIMER_KHZ * tsc_khz + clocks % VLAPIC_TIMER_KHZ * tsc_khz / VLAPIC_TIMER_KHZ;
}

/* Rounded up: the count is 0 only when the deadline is reached. */
static uint64_t counts_of(uint64_t ticks, unsigned shift)
{
	uint64_t part = ticks % tsc_khz * VLAPIC_TIMER_KHZ;
	uint64_t clocks = ticks / tsc_khz * VLAPIC_TIMER_KHZ + part / tsc_khz + (part % tsc_khz != 0);

	return (clocks + BIT64(shift) - 1) >> shift;
}

static bool is_periodic(const struct vlapic *a)
{
	return (a->lvt[LVT_TIMER] & LVT_Periodic) != 0;
}

static uint64_t period_ticks(const struct vlapic *a)
{
	uint64_t least = tsc_khz * TIMER_MIN_US / 1000 + 1;
	uint64_t ticks = ticks_of(a->timer_init, divide_shift(a->timer_div));

	return ticks > least ? ticks : least;
}

/* A deadline that the TSC cannot reach is as good as the last it can; 0 means that the timer does not run. */
static uint64_t deadline_make(uint64_t from, uint64_t ticks)
{
	return ticks < UINT64_MAX - from ? from + ticks : UINT64_MAX;
}

static void start(struct vlapic *a, uint64_t from, uint64_t ticks)
{
	a->timer_deadline = deadline_make(from, ticks);
	if (a->timer_deadline == 0) {
		a->timer_deadline = 1;
	}
	lapic_timer_at(a->timer_deadline);
}

void vlapic_timer_stop(struct vcpu *v)
{
	struct vlapic *a = &v->arch.apic;

	if (a->timer_deadline == 0) {
		return;
	}
	a->timer_deadline = 0;
	if (v->cpu == arch_cpu_this()) { /* else the vCPU does not run, and its CPU's timer is off */
		lapic_timer_off();
	}
}

void vlapic_timer_set(struct vcpu *v, uint32_t count)
{
	struct vlapic *a = &v->arch.apic;

	a->timer_init = count;
	if (count == 0) {
		vlapic_timer_stop(v);
	} else {
		start(a, arch_time_ticks(),
		      is_periodic(a) ? period_ticks(a) : ticks_of(count, divide_shift(a->timer_div)));
	}
}

uint32_t vlapic_timer_count(const struct vlapic *a)
{
	uint64_t now = arch_time_ticks();
	uint64_t left = a->timer_deadline - now;
	uint64_t count;

	if (a->timer_deadline == 0) {
		return 0;
	}
	if (now >= a->timer_deadline) { /* the interrupt is on its way */
		if (!is_periodic(a)) {
			return 0;
		}
		left = period_ticks(a) - (now - a->timer_deadline) % period_ticks(a);
	}
	count = counts_of(left, divide_shift(a->timer_div));
	return count < a->timer_init ? (uint32_t)count : a->timer_init;
}

/* The count stays, its speed changes. */
void vlapic_timer_divide(struct vcpu *v, uint32_t div)
{
	struct vlapic *a = &v->arch.apic;
	uint32_t left = vlapic_timer_count(a);

	a->timer_div = div;
	if (left != 0) {
		start(a, arch_time_ticks(), ticks_of(left, divide_shift(div)));
	}
}

void vlapic_timer_expire(struct vcpu *v)
{
	struct vlapic *a = &v->arch.apic;
	uint64_t now = arch_time_ticks();
	uint64_t last = a->timer_deadline;
	uint32_t lvt = a->lvt[LVT_TIMER];

	if (last == 0) { /* stopped while it was on its way */
		return;
	}
	if (now < last) {
		lapic_timer_at(last);
		return;
	}
	if (lvt & LVT_Periodic) {
		uint64_t ticks = period_ticks(a);

		/* Without drift; from now on, if more than one period was missed. */
		start(a, now - last < ticks ? last : now, ticks);
	} else {
		a->timer_deadline = 0;
	}
	if (!(lvt & LVT_Mask)) {
		(void)vlapic_raise(v, (uint8_t)FIELD_GET(LVT_Vector, lvt), false);
	}
}
