/* SPDX-License-Identifier: Apache-2.0 */
/* PL011 [Arm DDI 0183 3.3]. Nothing here waits; the caller holds the console's lock. */
#include <drv/uart.h>

#include <hyp/bits.h>
#include <hyp/mmio.h>

#define UARTDR    ((reg32_t){ 0x000 })
#define UARTFR    ((reg32_t){ 0x018 })
#define   FR_RXFE BIT32(4)
#define   FR_TXFF BIT32(5)
#define UARTLCR_H ((reg32_t){ 0x02c })
#define   LCR_FEN BIT32(4)
#define   LCR_8   BITS32(6, 5)
#define UARTCR    ((reg32_t){ 0x030 })
#define   CR_EN   BIT32(0)
#define   CR_TXE  BIT32(8)
#define   CR_RXE  BIT32(9)
#define UARTIMSC  ((reg32_t){ 0x038 })
#define UARTICR   ((reg32_t){ 0x044 })
#define   INT_RX  BIT32(4)
#define   INT_TX  BIT32(5)
#define   INT_RT  BIT32(6)
#define   INT_ALL BITS32(10, 0)

void uart_init(uintptr_t base)
{
	reg_write32(base, UARTIMSC, 0);
	reg_write32(base, UARTICR, INT_ALL);
	reg_write32(base, UARTLCR_H, LCR_8 | LCR_FEN);
	reg_write32(base, UARTCR, CR_EN | CR_TXE | CR_RXE);
}

bool uart_try_putc(uintptr_t base, char c)
{
	if (reg_read32(base, UARTFR) & FR_TXFF) {
		return false;
	}
	reg_write32(base, UARTDR, (uint8_t)c);
	return true;
}

int uart_getc(uintptr_t base)
{
	if (reg_read32(base, UARTFR) & FR_RXFE) {
		return -1;
	}
	return (int)(reg_read32(base, UARTDR) & 0xff);
}

void uart_irqs(uintptr_t base, bool rx, bool tx)
{
	reg_write32(base, UARTIMSC, (rx ? INT_RX | INT_RT : 0) | (tx ? INT_TX : 0));
}

void uart_irq_ack(uintptr_t base)
{
	reg_write32(base, UARTICR, INT_RX | INT_RT | INT_TX);
}
