/* SPDX-License-Identifier: Apache-2.0 */
/* The console's device: a PL011 at the machine's own place, polled for output. Owns nothing. [PL011 TRM 3.3] */
#include "runtime.h"

enum {
	UART_DR = 0x00,
	UART_FR = 0x18,
	UART_IMSC = 0x38,
	FR_RXFE = 1 << 4,
	FR_TXFF = 1 << 5,
	INT_RX = 1 << 4,
};

void uart_put(uint8_t c)
{
	while ((mmio_read32(VIRT_UART_BASE + UART_FR) & FR_TXFF) != 0) {
	}
	mmio_write32(VIRT_UART_BASE + UART_DR, c);
}

int uart_get(void)
{
	if ((mmio_read32(VIRT_UART_BASE + UART_FR) & FR_RXFE) != 0) {
		return -1;
	}
	return (int)(mmio_read32(VIRT_UART_BASE + UART_DR) & 0xff);
}

void uart_irq_enable(void)
{
	mmio_write32(VIRT_UART_BASE + UART_IMSC, INT_RX);
}
