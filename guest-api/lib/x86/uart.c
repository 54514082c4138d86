/* SPDX-License-Identifier: Apache-2.0 */
/* The console's device: a 16550 at the first serial port's place, polled for output. Owns nothing. [PC16550D, 8] */
#include "runtime.h"

enum {
	UART_DATA = 0,
	UART_IER = 1,
	UART_FCR = 2,
	UART_MCR = 4,
	UART_LSR = 5,
	IER_RECEIVED = 1 << 0,
	FCR_ENABLE = 1 << 0,
	MCR_OUT2 = 1 << 3, /* lets the interrupt out of the chip on a PC */
	LSR_RECEIVED = 1 << 0,
	LSR_EMPTY = 1 << 5,
};

static uint16_t port(unsigned reg)
{
	return (uint16_t)(Q35_PORT_UART + reg);
}

void uart_put(uint8_t c)
{
	while ((port_read8(port(UART_LSR)) & LSR_EMPTY) == 0) {
	}
	port_write8(port(UART_DATA), c);
}

int uart_get(void)
{
	if ((port_read8(port(UART_LSR)) & LSR_RECEIVED) == 0) {
		return -1;
	}
	return port_read8(port(UART_DATA));
}

void uart_irq_enable(void)
{
	port_write8(port(UART_FCR), FCR_ENABLE);
	port_write8(port(UART_MCR), MCR_OUT2);
	port_write8(port(UART_IER), IER_RECEIVED);
}
