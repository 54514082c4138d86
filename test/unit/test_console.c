/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared UART: lines stay whole and behind their owner's name, nobody waits for a slow UART while partitions run,
 * and what was dropped is said. The UART is this file: it takes as many characters as the test gives it room for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/mmu.h>
#include <drv/uart.h>
#include <fake/fake.h>
#include <hyp/console.h>
#include <hyp/irq.h>
#include <hyp/vm.h>

static char sent[65536];
static unsigned sent_count, room;
static bool irq_rx, irq_tx;
static irq_fn *handler;
static const char *input = "";
static char got[VM_MAX][16];

const struct hyp_config hyp_config = { .board = { .uart = 0x9000000, .uart_irq = 33 } };
struct vm vms[VM_MAX];
unsigned vm_count = 2;
static const struct cfg_vm cfg[2] = { { .name = "a" }, { .name = "b" } };

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	return 0;
}

void uart_init(uintptr_t base)
{
}

bool uart_try_putc(uintptr_t base, char c)
{
	if (room == 0) {
		return false;
	}
	room--;
	assert_true(sent_count < sizeof(sent) - 1);
	sent[sent_count++] = c;
	return true;
}

int uart_getc(uintptr_t base)
{
	return *input ? *input++ : -1;
}

void uart_irqs(uintptr_t base, bool rx, bool tx)
{
	irq_rx = rx;
	irq_tx = tx;
}

void uart_irq_ack(uintptr_t base)
{
}

void irq_set_handler(uint32_t irq, irq_fn *fn, unsigned cpu, bool edge)
{
	assert_int_equal(irq, 33);
	handler = fn;
}

bool arch_vm_console_rx(struct vm *vm, uint8_t c)
{
	(void)strncat(got[vm->index], (const char[]){ (char)c, 0 }, 1);
	return true;
}

static void print(unsigned vm, const char *s)
{
	while (*s) {
		console_vm_putc(&vms[vm], *s++);
	}
}

/* Everything out, as the interrupt would do it. */
static void drain(void)
{
	room = sizeof(sent);
	handler(33);
	assert_false(irq_tx);
}

static int setup(void **state)
{
	fake_reset();
	for (unsigned i = 0; i < 2; i++) {
		vms[i] = (struct vm){ .index = i, .cfg = &cfg[i], .state = VM_RUNNING };
	}
	room = sizeof(sent);
	console_init(&hyp_config.board);
	console_start();
	drain();
	memset(sent, 0, sizeof(sent));
	memset(got, 0, sizeof(got));
	sent_count = 0;
	return 0;
}

static void lines_are_whole_and_behind_their_owners_name(void **state)
{
	print(0, "hel");
	print(1, "x\n");
	print(0, "lo\r\n");
	console_line("ours");
	assert_string_equal(sent, "[b] x\r\n[a] hello\r\nhyp: ours\r\n");
}

static void nobody_can_print_as_somebody_else(void **state)
{
	print(0, "\x1b[2K\r[b] forged\x08\n\n");
	assert_string_equal(sent, "[a] .[2K[b] forged.\r\n[a]  \r\n");
}

static void a_long_line_is_cut_at_its_end_and_not_beyond(void **state)
{
	for (unsigned i = 0; i < 161; i++) {
		console_vm_putc(&vms[0], 'x');
	}
	print(1, "y\n");
	print(0, "\n");
	assert_int_equal(strlen(sent), 4 + 160 + 2 + 4 + 1 + 2 + 4 + 1 + 2);
	assert_non_null(strstr(sent, "x\r\n[b] y\r\n[a] x\r\n"));
}

static void a_slow_uart_is_not_waited_for(void **state)
{
	room = 5;
	console_line("something");
	assert_string_equal(sent, "hyp: ");
	assert_true(irq_rx && irq_tx);
	room = 4;
	handler(33);
	assert_string_equal(sent, "hyp: some");
	assert_true(irq_tx);
	drain();
	assert_string_equal(sent, "hyp: something\r\n");
}

static void what_finds_no_room_is_dropped_whole_and_counted(void **state)
{
	room = 0;
	for (unsigned i = 0; i < 1000; i++) {
		console_line("0123456789"); /* 17 characters: 481 fit */
	}
	drain();
	assert_int_equal(sent_count % 17, 0);
	assert_true(sent_count > 8000 && sent_count <= 8192);
	memset(sent, 0, sizeof(sent));
	sent_count = 0;
	print(0, "again\n");
	assert_string_equal(sent, "hyp: console: 519 lines lost\r\n[a] again\r\n");
}

static void after_a_panic_output_waits_and_ends(void **state)
{
	room = 3;
	console_panic();
	console_line("why"); /* the UART takes three characters and then none: each is waited for with a bound */
	assert_string_equal(sent, "hyp");
}

static void input_goes_to_one_partition_at_a_time(void **state)
{
	input = "1";
	handler(33);
	input = "2\x14" "3";
	handler(33);
	assert_string_equal(got[0], "12");
	assert_string_equal(got[1], "3");
	vms[0].state = VM_STOPPED; /* nobody types to one that has stopped */
	input = "\x14" "4";
	handler(33);
	assert_string_equal(got[1], "34");
	vms[0].state = VM_RUNNING;
	input = "\x14";
	handler(33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_are_whole_and_behind_their_owners_name, setup),
		cmocka_unit_test_setup(nobody_can_print_as_somebody_else, setup),
		cmocka_unit_test_setup(a_long_line_is_cut_at_its_end_and_not_beyond, setup),
		cmocka_unit_test_setup(a_slow_uart_is_not_waited_for, setup),
		cmocka_unit_test_setup(what_finds_no_room_is_dropped_whole_and_counted, setup),
		cmocka_unit_test_setup(input_goes_to_one_partition_at_a_time, setup),
		cmocka_unit_test_setup(after_a_panic_output_waits_and_ends, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
