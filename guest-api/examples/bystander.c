/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Demonstration, the partition that has nothing to do with it: fills four pages with a pattern and looks at every
 * word of them 20 times a second while another partition's device is told to write there.
 */
#include <bulkhead/guest.h>

#include "demo.h"

enum { WORDS = DEMO_VICTIM_SIZE / sizeof(uint64_t) };

static volatile uint64_t *const victim = (volatile uint64_t *)DEMO_VICTIM_BASE;
static volatile uint32_t ticked;

static uint64_t pattern(unsigned i)
{
	return DEMO_VICTIM_PATTERN ^ (DEMO_VICTIM_BASE + i * sizeof(uint64_t));
}

/* Index of the first word that is not as it was written, or WORDS. */
static unsigned first_change(void)
{
	unsigned i;

	for (i = 0; i < WORDS && victim[i] == pattern(i); i++) {
	}
	return i;
}

static void tick(uint32_t irq)
{
	ticked = 1;
	timer_in_us(DEMO_TICK_US, tick);
}

void guest_main(uint64_t arg)
{
	uint64_t end = time_us() + DEMO_WATCH_US;
	unsigned looks, i;

	for (i = 0; i < WORDS; i++) {
		victim[i] = pattern(i);
	}
	printf("%u KiB at 0x%lx filled with a pattern, watching for %u s\n",
	       (unsigned)(DEMO_VICTIM_SIZE / 1024), DEMO_VICTIM_BASE, DEMO_WATCH_US / 1000000);
	timer_in_us(DEMO_TICK_US, tick);
	for (looks = 0; time_us() < end; looks++) {
		wait_flag(&ticked, WAIT_FOREVER);
		ticked = 0;
		i = first_change();
		if (i != WORDS) {
			printf("demo: FAIL: the word at 0x%lx became 0x%016lx\n",
			       DEMO_VICTIM_BASE + i * sizeof(uint64_t), victim[i]);
			return;
		}
	}
	printf("demo: PASS: looked %u times, not one bit of %u KiB changed\n", looks,
	       (unsigned)(DEMO_VICTIM_SIZE / 1024));
}
