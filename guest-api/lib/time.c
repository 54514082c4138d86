/* SPDX-License-Identifier: Apache-2.0 */
/* Time in microseconds, and sleeping, on top of timer.c. Owns nothing. */
#include <bulkhead/guest.h>

enum { US_PER_S = 1000000 };

uint64_t time_us(void)
{
	uint64_t hz = time_hz();
	uint64_t t = time_ticks();

	return t / hz * US_PER_S + t % hz * US_PER_S / hz; /* no overflow before the counter's own */
}

uint64_t time_us_to_ticks(uint64_t us)
{
	uint64_t hz = time_hz();

	return us / US_PER_S * hz + us % US_PER_S * hz / US_PER_S;
}

void delay_us(uint64_t us)
{
	uint64_t end = time_ticks() + time_us_to_ticks(us);

	while ((int64_t)(end - time_ticks()) > 0) {
	}
}

void timer_in_us(uint64_t us, irq_fn *fn)
{
	timer_at(time_ticks() + time_us_to_ticks(us), fn);
}

bool wait_flag(const volatile uint32_t *flag, uint64_t timeout_us)
{
	uint64_t end = time_ticks() + time_us_to_ticks(timeout_us);
	bool set;

	if (timeout_us != WAIT_FOREVER) {
		timer_at(end, NULL);
	}
	for (;;) {
		/* Masked: an interrupt between the check and the sleep stays pending and ends the sleep. */
		uint64_t masked = irq_save();

		set = *flag != 0;
		if (set || (timeout_us != WAIT_FOREVER && time_ticks() >= end)) {
			irq_restore(masked);
			break;
		}
		cpu_idle();
		irq_restore(masked); /* the handler runs here, or has run */
	}
	if (timeout_us != WAIT_FOREVER) {
		timer_stop();
	}
	return set;
}
