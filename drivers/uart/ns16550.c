/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 16550A at an I/O port [TI PC16550D]. Nothing here waits; the caller holds the console's lock around output. Owns how
 * much room the transmit FIFO has left: the chip only says when it is empty.
 */
#include <drv/uart.h>

#include <arch/portio.h>

enum {
	RBR = 0,              /* read */
	THR = 0,              /* write */
	DLL = 0,              /* with LCR_DLAB … */
	DLM = 1,
	IER = 1,
	IER_RX = 0x01,
	IER_TX = 0x02,
	IIR = 2,              /* read */
	IIR_FIFO = 0xc0,
	FCR = 2,              /* write */
	FCR_ON = 0x01,        /* receive trigger 7:6 = 0: one byte */
	FCR_CLEAR_RX = 0x02,
	LCR = 3,
	LCR_8N1 = 0x03,
	LCR_DLAB = 0x80,
	MCR = 4,
	MCR_DTR_RTS = 0x03,
	MCR_OUT2 = 0x08,      /* on a PC: the interrupt reaches its line */
	LSR = 5,
	LSR_RX = 0x01,
	LSR_THRE = 0x20,      /* transmit FIFO empty */
	LSR_NOBODY = 0xff,    /* no chip there */
	FIFO_SIZE = 16,
	DIVISOR = 1,          /* 115200 */
};

static uint8_t fifo_size;
static uint8_t room;

static uint8_t uart_read(uintptr_t base, unsigned reg)
{
	return io_read8((uint16_t)(base + reg));
}

static void uart_write(uintptr_t base, unsigned reg, unsigned v)
{
	io_write8((uint16_t)(base + reg), (uint8_t)v);
}

void uart_init(uintptr_t base)
{
	uart_write(base, IER, 0);
	uart_write(base, MCR, MCR_DTR_RTS);
	uart_write(base, LCR, LCR_8N1 | LCR_DLAB);
	uart_write(base, DLL, DIVISOR & 0xff);
	uart_write(base, DLM, DIVISOR >> 8);
	uart_write(base, LCR, LCR_8N1);
	uart_write(base, FCR, FCR_ON | FCR_CLEAR_RX);
	fifo_size = (uart_read(base, IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
	room = 0;
}

bool uart_try_putc(uintptr_t base, char c)
{
	if (room == 0 && (uart_read(base, LSR) & LSR_THRE) != 0) {
		room = fifo_size;
	}
	if (room == 0) {
		return false;
	}
	room--;
	uart_write(base, THR, (uint8_t)c);
	return true;
}

int uart_getc(uintptr_t base)
{
	uint8_t lsr = uart_read(base, LSR);

	return lsr != LSR_NOBODY && (lsr & LSR_RX) != 0 ? uart_read(base, RBR) : -1;
}

/* Switching IER_TX on while there is room raises the interrupt at once. */
void uart_irqs(uintptr_t base, bool rx, bool tx)
{
	uart_write(base, MCR, MCR_DTR_RTS | (rx || tx ? MCR_OUT2 : 0u));
	uart_write(base, IER, (rx ? IER_RX : 0u) | (tx ? IER_TX : 0u));
}

/* The transmit interrupt ends by being read; the receive interrupt when the data is. */
void uart_irq_ack(uintptr_t base)
{
	(void)uart_read(base, IIR);
}
