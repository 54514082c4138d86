/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the UART. Lines are written whole under one lock, so no partition can forge or split another's line:
 * what a partition prints is always behind its own name, and control characters are shown as dots.
 */
#include <hyp/console.h>

#include <arch/mmu.h>
#include <drv/uart.h>
#include <hyp/irq.h>
#include <hyp/log.h>
#include <hyp/string.h>
#include <hyp/vm.h>

enum { LINE_MAX = 160, CTRL_T = 0x14, RX_BUDGET = 64 };

static uintptr_t uart;
static struct spinlock lock;
static char line[VM_MAX][LINE_MAX];
static uint8_t line_length[VM_MAX];
static unsigned focus;

static void put_string(const char *s)
{
	while (*s) {
		uart_putc(uart, *s++);
	}
}

void console_init(uint64_t base)
{
	/* If it cannot be mapped there is nobody to tell. */
	if (arch_hyp_map(pa(base), PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_DEVICE) == 0) {
		uart = (uintptr_t)arch_va(pa(base));
		uart_init(uart);
	}
}

void console_line(const char *text)
{
	if (!uart) {
		return;
	}
	spin_lock(&lock);
	put_string("hyp: ");
	put_string(text);
	put_string("\r\n");
	spin_unlock(&lock);
}

void console_break_lock(void)
{
	lock.serving = lock.next;
}

/* Locked. */
static void line_flush(const struct vm *vm)
{
	uint8_t *n = &line_length[vm->index];

	if (*n > 0 && uart) {
		put_string("[");
		put_string(vm->cfg->name);
		put_string("] ");
		for (unsigned i = 0; i < *n; i++) {
			uart_putc(uart, line[vm->index][i]);
		}
		put_string("\r\n");
	}
	*n = 0;
}

void console_vm_flush(struct vm *vm)
{
	spin_lock(&lock);
	line_flush(vm);
	spin_unlock(&lock);
}

/* Two vCPUs of the partition may print at the same time: a full line leaves before the lock is released. */
void console_vm_putc(struct vm *vm, char c)
{
	uint8_t *n = &line_length[vm->index];

	if (c == '\r') {
		return;
	}
	spin_lock(&lock);
	if (c != '\n' || *n == 0) { /* an empty line is still a line of this partition's */
		line[vm->index][*n] = (c >= ' ' && c <= '~') || c == '\t' ? c : (c == '\n' ? ' ' : '.');
		(*n)++;
	}
	if (c == '\n' || *n >= LINE_MAX) {
		line_flush(vm);
	}
	spin_unlock(&lock);
}

static void focus_next(void)
{
	for (unsigned i = 1; i <= vm_count; i++) {
		unsigned n = (focus + i) % vm_count;

		if (vms[n].state == VM_RUNNING) {
			focus = n;
			log_info("console input goes to partition %s", vms[n].cfg->name);
			return;
		}
	}
}

static void console_irq(uint32_t irq)
{
	uart_rx_irq_ack(uart);
	for (unsigned i = 0; i < RX_BUDGET; i++) {
		int c = uart_getc(uart);

		if (c < 0) {
			return;
		}
		if (c == CTRL_T) {
			focus_next();
		} else {
			(void)arch_vm_console_rx(&vms[focus], (uint8_t)c);
		}
	}
}

void console_start(void)
{
	if (uart) {
		irq_set_handler(hyp_config.board.uart_irq, console_irq, 0, false);
		uart_rx_irq_enable(uart);
	}
}
