/* SPDX-License-Identifier: Apache-2.0 */
/* The time-stamp counter; its frequency was measured at boot (arch/x86/time.c). */
#pragma once

#include <hyp/types.h>

static inline uint64_t arch_time_ticks(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

extern uint64_t tsc_khz;  /* constant after time_init() */
extern uint64_t apic_khz; /* LAPIC timer, undivided */

/* Boot CPU, before the first arch_time_us(). False: no clock to measure against. pm_timer: I/O port or 0. */
bool time_init(uint16_t pm_timer);
