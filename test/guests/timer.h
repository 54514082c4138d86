/* SPDX-License-Identifier: Apache-2.0 */
/* The timer as an operating system uses it: part of t_vgic.c and t_vapic.c. */
#pragma once

#include "tap.h"

enum { TIMER_SETTLE_US = 2000 };

static volatile uint32_t timer_fired;

static inline void on_timer(uint32_t irq)
{
	timer_fired++;
}

static inline void test_timer(void)
{
	static volatile uint32_t never;
	uint64_t start, took;
	unsigned i, early = 0;

	timer_fired = 0;
	start = time_us();
	timer_in_us(5000, on_timer);
	delay_us(2000);
	/* The emulator may stand still for longer than that: then the timer is right to have timer_fired. */
	tap_ok(timer_fired == 0 || time_us() - start >= 5000, "timer: not before its time");
	delay_us(10000);
	tap_is(timer_fired, 1, "timer: once, after its time");
	timer_in_us(5000, on_timer);
	timer_stop();
	delay_us(10000);
	tap_is(timer_fired, 1, "timer stopped: never");
	timer_at(time_ticks() - 1, on_timer);
	delay_us(TIMER_SETTLE_US);
	tap_is(timer_fired, 2, "timer in the past: at once");
	for (i = 0; i < 20; i++) {
		start = time_us();
		wait_flag(&never, 3000);
		early += time_us() - start < 3000 ? 1 : 0;
	}
	tap_is(early, 0, "20 sleeps of 3 ms asleep: none ended early");
	start = time_us();
	timer_fired = 0;
	timer_in_us(20000, on_timer);
	wait_flag(&timer_fired, WAIT_FOREVER);
	took = time_us() - start;
	tap_ok(took >= 20000 && took < 500000, "a sleep ends with the timer (%lu us for 20000)", took);
}
