/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the UART. Lines are queued whole under one lock, so no partition can forge or split another's line: what a
 * partition prints is always behind its own name, and control characters are shown as dots. Nobody waits for the
 * UART while partitions run: what it does not take at once is sent from its interrupt, and lines that find no room
 * are dropped and counted [I6]. Before that, and after a panic, output waits with a bound.
 */
#include <hyp/console.h>

#include <arch/mmu.h>
#include <drv/uart.h>
#include <hyp/irq.h>
#include <hyp/log.h>
#include <hyp/string.h>
#include <hyp/vm.h>

enum { LINE_MAX = 160, OUT_MAX = 8192, CTRL_T = 0x14, RX_BUDGET = 64, TX_SPINS = 1000000 };

static uintptr_t uart;
static struct spinlock lock;
static bool waiting = true; /* nobody serves the interrupt: wait for the UART */
static bool tx_irq;
static char out[OUT_MAX];
static unsigned out_head;
static unsigned out_count;
static unsigned lost;       /* lines */
static char line[VM_MAX][LINE_MAX];
static uint8_t line_length[VM_MAX];
static unsigned focus;

void console_init(const struct board *b)
{
	/* If it cannot be mapped there is nobody to tell. */
	if (b->uart_port || arch_hyp_map(pa(b->uart), PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_DEVICE) == 0) {
		uart = b->uart_port ? (uintptr_t)b->uart : (uintptr_t)arch_va(pa(b->uart));
		uart_init(uart);
	}
}

/* --- Output; all locked ------------------------------------------------------------------------------------------ */

static bool send_one(void)
{
	for (unsigned spins = 0; !uart_try_putc(uart, out[out_head]); spins++) {
		if (!waiting) {
			return false;
		}
		if (spins == TX_SPINS) {
			break; /* a UART that never drains loses text, not the machine */
		}
	}
	out_head = (out_head + 1) % OUT_MAX;
	out_count--;
	return true;
}

/* As much as the UART takes; its interrupt goes on from there. */
static void pump(void)
{
	while (out_count > 0 && send_one()) {
	}
	if (!waiting && tx_irq != (out_count > 0)) {
		tx_irq = out_count > 0;
		uart_irqs(uart, true, tx_irq);
	}
}

static void queue(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[(out_head + out_count) % OUT_MAX] = s[i];
		out_count++;
	}
}

/* One whole line or nothing of it. */
static void line_out(const char *before, const char *name, const char *after, const char *text, size_t length)
{
	size_t n = strlen(before) + strlen(name) + strlen(after) + length + 2;

	if (!uart) {
		return;
	}
	pump();
	if (n > OUT_MAX - out_count) {
		lost++;
		return;
	}
	queue(before, strlen(before));
	queue(name, strlen(name));
	queue(after, strlen(after));
	queue(text, length);
	queue("\r\n", 2);
	pump();
}

/* Says what was dropped as soon as there is room to say it. */
static void lost_out(void)
{
	char text[48];
	unsigned n = lost;

	if (n > 0 && OUT_MAX - out_count > 2 * LINE_MAX) {
		lost = 0;
		(void)hyp_snprintf(text, sizeof(text), "console: %u lines lost", n);
		line_out("hyp", "", ": ", text, strlen(text));
	}
}

void console_line(const char *text)
{
	spin_lock(&lock);
	lost_out();
	line_out("hyp", "", ": ", text, strlen(text));
	spin_unlock(&lock);
}

void console_flush(void)
{
	spin_lock(&lock);
	waiting = true;
	if (uart) {
		pump();
	}
	spin_unlock(&lock);
}

void console_panic(void)
{
	lock.serving = lock.next;
	waiting = true;
}

/* --- Partitions ------------------------------------------------------------------ */

/* Locked. */
static void line_flush(const struct vm *vm)
{
	uint8_t *n = &line_length[vm->index];

	if (*n > 0) {
		lost_out();
		line_out("[", vm->cfg->name, "] ", line[vm->index], *n);
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
	uart_irq_ack(uart);
	spin_lock(&lock);
	pump();
	spin_unlock(&lock);
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
		uart_irqs(uart, true, false);
		waiting = false;
	}
}
