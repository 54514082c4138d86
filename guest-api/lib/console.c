/* SPDX-License-Identifier: Apache-2.0 */
/* The console: a PL011 of which only DR and FR are used. Owns the lock that keeps lines of several vCPUs whole. */
#include <bulkhead/guest.h>

enum { UART_DR = 0x00, UART_FR = 0x18, UART_FR_TXFF = 1 << 5, LINE_MAX = 256 }; /* [PL011 TRM 3.3.1, 3.3.3] */

static uint32_t locked;

void console_write(const char *s, size_t n)
{
	while (n-- > 0) {
		while ((mmio_read32(VIRT_UART_BASE + UART_FR) & UART_FR_TXFF) != 0) {
		}
		mmio_write32(VIRT_UART_BASE + UART_DR, (uint8_t)*s++);
	}
}

int printf(const char *fmt, ...)
{
	char line[LINE_MAX];
	uint64_t daif;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	daif = irq_save(); /* a handler of this vCPU that prints must not wait for us */
	while (__atomic_exchange_n(&locked, 1, __ATOMIC_ACQUIRE) != 0) {
	}
	console_write(line, strlen(line));
	__atomic_store_n(&locked, 0, __ATOMIC_RELEASE);
	irq_restore(daif);
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
