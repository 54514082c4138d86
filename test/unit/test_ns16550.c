/* SPDX-License-Identifier: Apache-2.0 */
/* The UART of a PC, at base 0x3f8, against a chip that fails the test when it gets more than it has room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <asm/io.h>
#include <drv/uart.h>

#include "fake/fake.h"

static struct {
	uint8_t ier, lcr, mcr, fcr, dll, dlm;
	unsigned in_fifo;  /* to send */
	unsigned fifo;     /* how many it takes */
	unsigned sent;
	unsigned received; /* waiting */
	bool there, thri;
} chip;

uint32_t fake_port_read(uint16_t port, unsigned width)
{
	assert_int_equal(width, 1);
	assert_in_range(port, 0x3f8, 0x3ff);
	if (!chip.there) {
		return 0xff;
	}
	switch (port - 0x3f8) {
	case 0:
		assert_true(chip.received > 0);
		return (uint32_t)('a' + chip.received--);
	case 2: {
		bool thri = chip.thri;

		chip.thri = false;
		return (uint32_t)((chip.fifo > 1 && (chip.fcr & 1) != 0 ? 0xc0 : 0) | (thri ? 2 : 1));
	}
	case 5:
		return (uint32_t)((chip.in_fifo == 0 ? 0x60 : 0) | (chip.received > 0));
	default:
		fake_fail("read of UART register %u", port - 0x3f8);
	}
}

void fake_port_write(uint16_t port, unsigned width, uint32_t value)
{
	bool dlab = (chip.lcr & 0x80) != 0;
	uint8_t v = (uint8_t)value;

	assert_int_equal(width, 1);
	assert_in_range(port, 0x3f8, 0x3ff);
	switch (port - 0x3f8) {
	case 0:
		if (dlab) {
			chip.dll = v;
		} else {
			assert_true(chip.in_fifo < chip.fifo || !chip.there);
			chip.in_fifo++;
			chip.sent++;
		}
		break;
	case 1:
		*(dlab ? &chip.dlm : &chip.ier) = v;
		chip.thri = chip.thri || (!dlab && (v & 2) != 0 && chip.in_fifo == 0);
		break;
	case 2:
		chip.fcr = v;
		break;
	case 3:
		chip.lcr = v;
		break;
	case 4:
		chip.mcr = v;
		break;
	default:
		fake_fail("write of UART register %u", port - 0x3f8);
	}
}

static int chip_reset(void **state)
{
	fake_reset();
	memset(&chip, 0, sizeof(chip));
	chip.there = true;
	chip.fifo = 16;
	chip.ier = 0xf;
	chip.mcr = 0x1b;
	return 0;
}

static void it_is_set_up(void **state)
{
	uart_init(0x3f8);
	assert_true(chip.lcr == 3 && chip.dll == 1 && chip.dlm == 0 && (chip.fcr & 1) != 0);
	assert_true(chip.ier == 0 && (chip.mcr & 0x18) == 0);
	uart_irqs(0x3f8, true, false);
	assert_true(chip.ier == 1 && (chip.mcr & 0x18) == 8);
	uart_irqs(0x3f8, true, true);
	assert_true(chip.ier == 3 && chip.thri);
	uart_irq_ack(0x3f8);
	assert_false(chip.thri);
	uart_irqs(0x3f8, false, false);
	assert_true(chip.ier == 0 && (chip.mcr & 8) == 0);
}

static void it_never_gets_more_than_it_has_room_for(void **state)
{
	for (chip.fifo = 1; chip.fifo <= 16; chip.fifo += 15) {
		uart_init(0x3f8);
		chip.sent = chip.in_fifo = 0;
		for (unsigned n = 0; n < 100; n++) {
			while (uart_try_putc(0x3f8, 'x')) {
			}
			assert_int_equal(chip.sent, (n + 1) * chip.fifo);
			chip.in_fifo = 0; /* all sent */
		}
	}
	chip.in_fifo = 1;
	uart_init(0x3f8); /* firmware's last words are still going out */
	assert_false(uart_try_putc(0x3f8, 'x'));
}

static void it_receives(void **state)
{
	uart_init(0x3f8);
	assert_int_equal(uart_getc(0x3f8), -1);
	chip.received = 2;
	assert_int_equal(uart_getc(0x3f8), 'c');
	assert_int_equal(uart_getc(0x3f8), 'b');
	assert_int_equal(uart_getc(0x3f8), -1);
	chip.there = false; /* no chip at all */
	assert_int_equal(uart_getc(0x3f8), -1);
	assert_true(uart_try_putc(0x3f8, 'x'));
}

#define CHIP(name) cmocka_unit_test_setup(name, chip_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHIP(it_is_set_up), CHIP(it_never_gets_more_than_it_has_room_for), CHIP(it_receives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
