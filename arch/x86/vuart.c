/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated 16550A, one per partition [National Semiconductor PC16550D, 8]: output goes to the console line by line,
 * input comes from it. Transmission is instant, so the transmitter is always empty. The FIFO is ours, bounded [I6].
 */
#include <asm/exit.h>

#include <arch/vcpu.h>
#include <hyp/console.h>
#include <hyp/vm.h>

enum {
	UART_DATA = 0, /* RBR, THR; DLL */
	UART_IER = 1,  /* DLM */
	UART_IIR = 2,  /* FCR */
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_MSR = 6,
	UART_SCR = 7,
	UART_VIRQ = 32 + 4, /* ISA interrupt 4 */
};

#define IER_RX       0x01u
#define IER_TX       0x02u
#define IER_MASK     0x0fu
#define IIR_NONE     0x01u
#define IIR_TX       0x02u
#define IIR_RX       0x04u
#define IIR_FIFO     0xc0u
#define FCR_ENABLE   0x01u
#define FCR_CLEAR_RX 0x02u
#define LCR_DLAB     0x80u
#define MCR_MASK     0x1fu
#define MCR_LOOP     0x10u
#define LSR_DR       0x01u
#define LSR_THRE     0x20u
#define LSR_TEMT     0x40u
#define MSR_PRESENT  0xb0u /* carrier, data set ready, clear to send */

void vuart_init(struct vm *vm)
{
	struct vuart *u = &vm->arch.uart;

	spin_lock(&u->lock); /* input may come while the partition restarts */
	u->ier = 0;
	u->lcr = 3; /* eight bits, as a firmware leaves it */
	u->mcr = 0;
	u->scr = 0;
	u->dll = 1;
	u->dlm = 0;
	u->fcr = 0;
	u->thre = false;
	u->rx_head = 0;
	u->rx_count = 0;
	spin_unlock(&u->lock);
}

/* The most urgent cause; IIR_NONE: none. */
static uint8_t cause(const struct vuart *u)
{
	if ((u->ier & IER_RX) != 0 && u->rx_count > 0) {
		return IIR_RX;
	}
	return (u->ier & IER_TX) != 0 && u->thre ? IIR_TX : IIR_NONE;
}

static void update_irq(struct vm *vm)
{
	vioapic_set_line(vm, UART_VIRQ, cause(&vm->arch.uart) != IIR_NONE);
}

static bool rx_push(struct vuart *u, uint8_t c)
{
	if (u->rx_count == VUART_RX) {
		return false;
	}
	u->rx[(u->rx_head + u->rx_count) % VUART_RX] = c;
	u->rx_count++;
	return true;
}

static uint8_t rx_pop(struct vuart *u)
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

/* Reading it ends the transmit interrupt, if that is what it reports. */
static uint8_t iir_read(struct vuart *u)
{
	uint8_t c = cause(u);

	if (c == IIR_TX) {
		u->thre = false;
	}
	return (uint8_t)(c | ((u->fcr & FCR_ENABLE) != 0 ? IIR_FIFO : 0));
}

/* In loop-back mode the four outputs are the four inputs: RTS CTS, DTR DSR, OUT1 RI, OUT2 DCD. */
static uint8_t msr_value(const struct vuart *u)
{
	if ((u->mcr & MCR_LOOP) == 0) {
		return MSR_PRESENT;
	}
	return (uint8_t)((u->mcr & 0x02) << 3 | (u->mcr & 0x01) << 5 | (u->mcr & 0x0c) << 4);
}

static uint8_t register_read(struct vuart *u, unsigned reg)
{
	bool dlab = (u->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case UART_DATA:
		return dlab ? u->dll : rx_pop(u);
	case UART_IER:
		return dlab ? u->dlm : u->ier;
	case UART_IIR:
		return iir_read(u);
	case UART_LCR:
		return u->lcr;
	case UART_MCR:
		return u->mcr;
	case UART_MSR:
		return msr_value(u);
	default:
		return u->scr;
	}
}

uint8_t vuart_read(struct vm *vm, unsigned reg)
{
	struct vuart *u = &vm->arch.uart;
	uint8_t v;

	if (reg == UART_LSR) { /* what polled output reads before every character */
		return LSR_THRE | LSR_TEMT | (__atomic_load_n(&u->rx_count, __ATOMIC_RELAXED) > 0 ? LSR_DR : 0);
	}
	spin_lock(&u->lock);
	v = register_read(u, reg);
	update_irq(vm);
	spin_unlock(&u->lock);
	return v;
}

static void data_write(struct vuart *u, uint8_t v)
{
	if ((u->lcr & LCR_DLAB) != 0) {
		u->dll = v;
		return;
	}
	if ((u->mcr & MCR_LOOP) != 0) {
		(void)rx_push(u, v);
	}
	u->thre = true;
}

static void ier_write(struct vuart *u, uint8_t v)
{
	if ((u->lcr & LCR_DLAB) != 0) {
		u->dlm = v;
		return;
	}
	/* Enabled while the transmitter is empty: due at once. */
	u->thre = u->thre || ((v & IER_TX) != 0 && (u->ier & IER_TX) == 0);
	u->ier = v & IER_MASK;
}

static void fcr_write(struct vuart *u, uint8_t v)
{
	if ((v & FCR_CLEAR_RX) != 0 || ((v ^ u->fcr) & FCR_ENABLE) != 0) {
		u->rx_count = 0;
	}
	u->fcr = v & FCR_ENABLE;
}

static void register_write(struct vuart *u, unsigned reg, uint8_t v)
{
	switch (reg) {
	case UART_DATA:
		data_write(u, v);
		break;
	case UART_IER:
		ier_write(u, v);
		break;
	case UART_IIR:
		fcr_write(u, v);
		break;
	case UART_LCR:
		u->lcr = v;
		break;
	case UART_MCR:
		u->mcr = v & MCR_MASK;
		break;
	case UART_SCR:
		u->scr = v;
		break;
	default: /* LSR and MSR are read-only */
		break;
	}
}

void vuart_write(struct vm *vm, unsigned reg, uint8_t v)
{
	struct vuart *u = &vm->arch.uart;
	bool out = reg == UART_DATA && (u->lcr & LCR_DLAB) == 0 && (u->mcr & MCR_LOOP) == 0;

	if (out) {
		console_vm_putc(vm, (char)v);
		if ((u->ier & IER_TX) == 0) {
			return; /* the usual case: polled output, no interrupt can change */
		}
	}
	spin_lock(&u->lock);
	if (out) { /* a full transmitter for an instant: ISA interrupts are edges, and this one makes the next */
		u->thre = false;
		update_irq(vm);
	}
	register_write(u, reg, v);
	update_irq(vm);
	spin_unlock(&u->lock);
}

bool arch_vm_console_rx(struct vm *vm, uint8_t c)
{
	struct vuart *u = &vm->arch.uart;
	bool room;

	spin_lock(&u->lock);
	room = rx_push(u, c);
	update_irq(vm);
	spin_unlock(&u->lock);
	return room;
}
