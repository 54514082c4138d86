/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated PL011, one per partition [Arm DDI 0183 3.3]: output goes to the console line by line, input comes
 * from it. Transmission is instant, so the transmit FIFO is always empty.
 */
#include <asm/vuart.h>

#include <asm/vgic.h>
#include <hyp/console.h>
#include <hyp/vm.h>

#define UARTDR    0x000u
#define UARTFR    0x018u
#define UARTIBRD  0x024u
#define UARTFBRD  0x028u
#define UARTLCR_H 0x02cu
#define UARTCR    0x030u
#define UARTIFLS  0x034u
#define UARTIMSC  0x038u
#define UARTRIS   0x03cu
#define UARTMIS   0x040u
#define UARTICR   0x044u
#define ID_FIRST  0xfe0u

#define FR_RXFE 0x10u
#define FR_RXFF 0x40u
#define FR_TXFE 0x80u
#define INT_RX  0x10u
#define INT_TX  0x20u

void vuart_init(struct vm *vm)
{
	struct vuart *u = &vm->arch.uart;

	u->cr = 0x301; /* enabled, as the firmware of a board would leave it */
	u->lcr_h = 0x70;
	u->imsc = 0;
	u->tx_ris = false;
	u->rx_head = 0;
	u->rx_count = 0;
}

static uint16_t raw_status(const struct vuart *u)
{
	return (uint16_t)((u->rx_count > 0 ? INT_RX : 0) | (u->tx_ris ? INT_TX : 0));
}

static void update_irq(struct vm *vm)
{
	struct vuart *u = &vm->arch.uart;

	vgic_set_level(vm, hyp_config.board.uart_irq, (raw_status(u) & u->imsc) != 0);
}

static uint32_t read_data(struct vuart *u)
{
	uint8_t c;

	if (u->rx_count == 0) {
		return 0;
	}
	c = u->rx[u->rx_head];
	u->rx_head = (u->rx_head + 1) % VUART_RX;
	u->rx_count--;
	return c;
}

static uint32_t read_register(struct vuart *u, uint64_t off)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	switch (off) {
	case UARTDR:
		return read_data(u);
	case UARTFR:
		return FR_TXFE | (u->rx_count == 0 ? FR_RXFE : 0) | (u->rx_count == VUART_RX ? FR_RXFF : 0);
	case UARTIBRD:
		return u->ibrd;
	case UARTFBRD:
		return u->fbrd;
	case UARTLCR_H:
		return u->lcr_h;
	case UARTCR:
		return u->cr;
	case UARTIFLS:
		return u->ifls;
	case UARTIMSC:
		return u->imsc;
	case UARTRIS:
		return raw_status(u);
	case UARTMIS:
		return raw_status(u) & u->imsc;
	default:
		return off >= ID_FIRST && off < ID_FIRST + 4 * sizeof(id) ? id[(off - ID_FIRST) / 4] : 0;
	}
}

static void write_register(struct vuart *u, uint64_t off, uint16_t v)
{
	switch (off) {
	case UARTIBRD:
		u->ibrd = v;
		break;
	case UARTFBRD:
		u->fbrd = v & 0x3f;
		break;
	case UARTLCR_H:
		u->lcr_h = v & 0xff;
		break;
	case UARTCR:
		u->cr = v;
		break;
	case UARTIFLS:
		u->ifls = v & 0x3f;
		break;
	case UARTIMSC:
		u->imsc = v & 0x7ff;
		break;
	case UARTICR:
		u->tx_ris = u->tx_ris && !(v & INT_TX);
		break;
	default:
		break;
	}
}

void vuart_access(struct vm *vm, uint64_t off, struct mmio *m)
{
	struct vuart *u = &vm->arch.uart;

	off &= ~3ull;
	if (m->write && off == UARTDR) {
		console_vm_putc(vm, (char)m->value);
		if (!(u->imsc & INT_TX)) {
			return; /* the usual case: polled output, no interrupt can change */
		}
	}
	spin_lock(&u->lock);
	if (!m->write) {
		m->value = read_register(u, off);
	} else if (off == UARTDR) {
		u->tx_ris = true;
	} else {
		write_register(u, off, (uint16_t)m->value);
	}
	if (m->write || off == UARTDR) {
		update_irq(vm);
	}
	spin_unlock(&u->lock);
}

bool arch_vm_console_rx(struct vm *vm, uint8_t c)
{
	struct vuart *u = &vm->arch.uart;
	bool room;

	spin_lock(&u->lock);
	room = u->rx_count < VUART_RX;
	if (room) {
		u->rx[(u->rx_head + u->rx_count) % VUART_RX] = c;
		u->rx_count++;
	}
	update_irq(vm);
	spin_unlock(&u->lock);
	return room;
}
