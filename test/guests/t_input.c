/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console input: what is typed reaches the partition that has the focus, by interrupt and in order, and no other.
 * arg 0: the partition that has the focus first; arg 1: the one that gets it by Ctrl-T. The runner types (cases.ini).
 */
#include "tap.h"

enum { TEXT_MAX = 64, PATIENCE_US = 10000000, QUIET_US = 300000 };

static char text[TEXT_MAX + 1];
static volatile unsigned length, interrupts;
static volatile uint32_t line;

static void on_uart(uint32_t irq)
{
	int c;

	interrupts++;
	while ((c = uart_get()) >= 0) {
		line |= c == '\n' || c == '\r' ? 1 : 0;
		if (length < TEXT_MAX) {
			text[length++] = (char)c;
		}
	}
}

static void input_on(void)
{
	irq_handler(BOARD_UART_IRQ, on_uart);
	irq_set_edge(BOARD_UART_IRQ, BOARD_UART_EDGE);
	irq_enable(BOARD_UART_IRQ);
	uart_irq_enable();
}

static bool typed(const char *want)
{
	uint64_t end = time_us() + PATIENCE_US;

	while (line == 0 && time_us() < end) {
		wait_flag(&line, QUIET_US);
	}
	text[length] = '\0';
	if (strcmp(text, want) != 0) {
		printf("#   %u characters: %s\n", length, text);
	}
	return strcmp(text, want) == 0;
}

static void first(void)
{
	static volatile uint32_t never;

	printf("# type to the first\n");
	tap_ok(typed("abc-123\n"), "the line that was typed, nothing else");
	tap_ok(interrupts > 0, "by interrupt");
	length = 0;
	line = 0;
	printf("# the other's turn\n");
	wait_flag(&never, 2000000);
	tap_is(length, 0, "what is typed to the other does not come here");
	printf("# back\n");
	tap_ok(typed("xyz\n"), "after Ctrl-T twice the focus is here again");
}

static void second(void)
{
	tap_ok(typed("to the second\n"), "its line, nothing of the first's");
	tap_ok(interrupts > 0, "by interrupt");
	printf("# got it\n");
}

void guest_main(uint64_t arg)
{
	input_on();
	if (arg == 0) {
		first();
	} else {
		static volatile uint32_t never;

		second();
		wait_flag(&never, 5000000);
		tap_is(length, sizeof("to the second\n") - 1, "and nothing after it");
	}
	tap_done();
}
