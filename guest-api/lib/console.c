/* SPDX-License-Identifier: Apache-2.0 */
/* The console, on the UART of uart.c. Owns the lock that keeps lines of several vCPUs whole. */
#include <bulkhead/guest.h>

enum { LINE_MAX = 256 };

static uint32_t locked;

void console_write(const char *s, size_t n)
{
	while (n-- > 0) {
		uart_put((uint8_t)*s++);
	}
}

int printf(const char *fmt, ...)
{
	char line[LINE_MAX];
	uint64_t masked;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	masked = irq_save(); /* a handler of this vCPU that prints must not wait for us */
	while (__atomic_exchange_n(&locked, 1, __ATOMIC_ACQUIRE) != 0) {
	}
	console_write(line, strlen(line));
	__atomic_store_n(&locked, 0, __ATOMIC_RELEASE);
	irq_restore(masked);
	return n;
}

void guest_die(const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_write(line, strlen(line)); /* whoever holds the lock may be the one that died */
	console_write("\n", 1);
	power_off();
}
