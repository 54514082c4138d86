/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partner of a partition that misbehaves: keeps a timer with a deadline every 2 ms, guards a pattern in its
 * memory, and reports the latest tick. arg: how many milliseconds (0: 4,000) in bits 31:0, the limit for one tick in
 * microseconds in bits 63:32 (0: as long as the test). The emulator shares a machine with others and is no
 * real-time system: without a limit the test only tells a partition that runs from one that starves, and
 * `make bench` measures latency.
 */
#include "tap.h"

enum { PERIOD_US = 2000, WORDS = 65536 / 8, DEFAULT_MS = 4000, TICKS_MIN = 100 };

static volatile uint64_t memory[WORDS] GUEST_PAGE;
static volatile uint32_t ticked;
static volatile uint64_t early, worst, ticks;
static uint64_t due;

static void tick(uint32_t irq)
{
	int64_t late = (int64_t)(irq_entry_ticks() - due);

	early += late < 0 ? 1 : 0;
	worst = late > (int64_t)worst ? (uint64_t)late : worst;
	ticks++;
	ticked = 1;
	due += time_us_to_ticks(PERIOD_US);
	if (due < time_ticks()) { /* lost some: they show in the worst case and in the count */
		due = time_ticks() + time_us_to_ticks(PERIOD_US);
	}
	timer_at(due, tick);
}

static unsigned changed(void)
{
	unsigned i, n = 0;

	for (i = 0; i < WORDS; i++) {
		n += memory[i] != (0x5a5a000000000000 | i) ? 1 : 0;
	}
	return n;
}

void guest_main(uint64_t arg)
{
	uint64_t ms = (uint32_t)arg != 0 ? (uint32_t)arg : DEFAULT_MS;
	uint64_t limit = arg >> 32 != 0 ? arg >> 32 : ms * 1000;
	uint64_t end = time_us() + ms * 1000;
	unsigned i, bad = 0;

	for (i = 0; i < WORDS; i++) {
		memory[i] = 0x5a5a000000000000 | i;
	}
	due = time_ticks() + time_us_to_ticks(PERIOD_US);
	timer_at(due, tick);
	while (time_us() < end && bad == 0) {
		wait_flag(&ticked, WAIT_FOREVER);
		ticked = 0;
		bad = changed();
	}
	timer_stop();
	tap_is(bad, 0, "own memory is as it was");
	tap_is((int64_t)early, 0, "no tick came before its time");
	tap_ok(worst / time_us_to_ticks(1) <= limit, "the latest of %lu ticks came %lu us after its time (limit %lu)",
	       ticks, worst / time_us_to_ticks(1), limit);
	tap_ok(ticks >= TICKS_MIN, "%lu of %lu ticks came", ticks, ms * 1000 / PERIOD_US);
	tap_done();
}
