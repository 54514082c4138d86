/* SPDX-License-Identifier: Apache-2.0 */
/* I/O ports of guests (port.c) and the 16550A behind eight of them (vuart.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/vcpu.h>
#include <asm/exit.h>
#include <asm/time.h>
#include <fake/fake.h>

#include "x86_emu.h"

static uint64_t *const rax = &emu_vm.vcpu[0].arch.regs.x[G_RAX];

static int setup(void **state)
{
	emu_setup(state);
	port_vm_reset(&emu_vm);
	vuart_init(&emu_vm);
	return 0;
}

static enum emu_outcome port(struct vcpu *v, uint16_t number, unsigned size, bool in)
{
	struct port_access a = { .port = number, .size = (uint8_t)size, .in = in, .next = 0xffff800000001234ull };
	enum emu_outcome how;

	EMU_RUN(how, exit_port(v, &a));
	if (how == EMU_ADVANCED) {
		assert_int_equal(emu.reg[v->index][VREG_RIP], a.next);
	}
	return how;
}

static void out_by(unsigned vcpu, uint16_t number, unsigned size, uint32_t value)
{
	emu_vm.vcpu[vcpu].arch.regs.x[G_RAX] = 0x5555555500000000ull | value;
	assert_int_equal(port(&emu_vm.vcpu[vcpu], number, size, false), EMU_ADVANCED);
	assert_int_equal(emu_vm.vcpu[vcpu].arch.regs.x[G_RAX], 0x5555555500000000ull | value);
}

static uint32_t in_by(unsigned vcpu, uint16_t number, unsigned size)
{
	uint64_t *a = &emu_vm.vcpu[vcpu].arch.regs.x[G_RAX];
	uint64_t mask = (1ull << 8 * size) - 1;

	*a = 0xa5a5a5a5a5a5a5a5ull;
	assert_int_equal(port(&emu_vm.vcpu[vcpu], number, size, true), EMU_ADVANCED);
	/* AL and AX leave the rest alone, EAX clears the upper half. */
	assert_int_equal(*a & ~mask, size == 4 ? 0 : 0xa5a5a5a5a5a5a5a5ull & ~mask);
	return (uint32_t)(*a & mask);
}

static void out(uint16_t number, unsigned size, uint32_t value)
{
	out_by(0, number, size, value);
}

static uint32_t in(uint16_t number, unsigned size)
{
	return in_by(0, number, size);
}

static void strings_are_refused(void **state)
{
	struct port_access a = { .port = 0x3f8, .size = 1, .string = true, .next = 2 };
	enum emu_outcome how;

	*rax = 'x';
	EMU_RUN(how, exit_port(emu_v, &a));
	emu_expect_gp(how);
	a.in = true;
	EMU_RUN(how, exit_port(emu_v, &a));
	emu_expect_gp(how);
	assert_int_equal(emu.out_count, 0);
}

/* Every port there is: reads give all ones or one of the values of a list, writes of anything but reset do nothing. */
static void no_port_is_the_machines(void **state)
{
	static const struct {
		uint16_t port;
		uint8_t size;
		uint32_t value;
	} known[] = {
		{ 0x20, 1, 0 }, { 0xa0, 1, 0 }, { 0x40, 1, 0 }, { 0x41, 1, 0 }, { 0x42, 1, 0 }, { 0x43, 1, 0 },
		{ 0x61, 1, 0x20 }, { 0x64, 1, 0 }, { 0x70, 1, 0 }, { 0x71, 1, 0 }, { 0xcf9, 1, 0 },
		{ 0x600, 2, 0 }, { 0x602, 2, 0 }, { 0x604, 2, 1 }, { 0x608, 4, 0 }, { 0xcf8, 4, 0 },
		{ 0x3f8, 1, 0 }, { 0x3f9, 1, 0 }, { 0x3fa, 1, 1 }, { 0x3fb, 1, 3 }, { 0x3fc, 1, 0 }, { 0x3fd, 1, 0x60 },
		{ 0x3fe, 1, 0xb0 }, { 0x3ff, 1, 0 },
	};

	for (unsigned size = 1; size <= 4; size *= 2) {
		for (unsigned p = 0; p <= 0xffff; p++) {
			uint32_t want = (uint32_t)((1ull << 8 * size) - 1), got = in((uint16_t)p, size);

			for (unsigned i = 0; i < ARRAY_COUNT(known); i++) {
				want = known[i].port == p && known[i].size == size ? known[i].value : want;
			}
			if (got != want) {
				fail_msg("port %x size %u reads %x, not %x", p, size, got, want);
			}
		}
	}
	assert_int_equal(emu.pci.count, 0);
	for (unsigned p = 0; p <= 0xffff; p++) { /* QEMU's fw_cfg, the DMA controllers, 0xe9 … */
		if (p < 0x3f8 || p > 0x3ff) {
			out((uint16_t)p, 4, 0);
		}
	}
	assert_int_equal(emu.pci.count + emu.out_count + emu.bus.count, 0);
}

static void pics_are_not_found(void **state)
{
	out(0x21, 1, 0xfb);
	out(0xa1, 1, 0x00);
	assert_int_equal(in(0x21, 1), 0xff);
	assert_int_equal(in(0xa1, 1), 0xff);
	out(0x70, 1, 0x8b);
	assert_int_equal(in(0x70, 1), 0x8b);
	assert_int_equal(in(0x71, 1), 0);
}

/* --- CF8, CFC; the window begins with bus 1 (x86_emu.c) --- */

static void configuration_space(void **state)
{
	emu.pci.reply = 0x11223344;
	out(0xcf8, 4, 0x8003f8fc); /* bus 3, device 31, function 0, register 0xfc */
	assert_int_equal(in(0xcf8, 4), 0x8003f8fc);
	assert_int_equal(in(0xcfc, 4), 0x11223344);
	assert_int_equal(emu.pci.where, (0x3f8ull - 0x100) << 12 | 0xfc);
	assert_int_equal(emu.pci.m.size, 4);
	emu.pci.reply = 0xffffffffffffff55ull; /* more than was asked for */
	assert_int_equal(in(0xcff, 1), 0x55);
	assert_int_equal(emu.pci.where & 0xfff, 0xff);
	out(0xcfe, 2, 0xdead1234);
	assert_int_equal(emu.pci.where & 0xfff, 0xfe);
	assert_int_equal(emu.pci.m.value, 0x1234);
	assert_true(emu.pci.m.write);
	assert_int_equal(emu.pci.count, 3);
}

static void configuration_space_refuses(void **state)
{
	out(0xcf8, 4, 0x0003f8fc); /* not enabled */
	assert_int_equal(in(0xcfc, 4), 0xffffffff);
	out(0xcfc, 4, 0);
	out(0xcf8, 4, 0x80000000); /* before the window's first bus */
	assert_int_equal(in(0xcfc, 2), 0xffff);
	out(0xcf8, 4, 0xff0100ff); /* reserved bits do not stay */
	assert_int_equal(in(0xcf8, 4), 0x800100fc);
	assert_int_equal(in(0xcfe, 4), 0xffffffff); /* past the register */
	out(0xcf8, 4, 0x80800000); /* behind the window's last bus */
	assert_int_equal(in(0xcfc, 4), 0xffffffff);
	out(0xcf8, 4, 0x80ffff00);
	out(0xcfc, 4, 0);
	out(0xcf8, 4, 0xff0100ff);
	assert_int_equal(emu.nowhere, 0);
	emu.no_pci = true; /* a partition without a function has no window */
	assert_int_equal(in(0xcfc, 4), 0xffffffff);
	emu.no_pci = false;
	assert_int_equal(emu.nowhere, 1);
	assert_int_equal(in(0xcff, 2), 0xffff);
	out(0xcf8, 2, 0x1234); /* dwords only */
	out(0xcf8, 1, 0x12);
	out(0xcfa, 1, 0x34);
	assert_int_equal(in(0xcf8, 4), 0x800100fc);
	assert_int_equal(emu.pci.count, 0);
	port_vm_reset(&emu_vm);
	assert_int_equal(in(0xcf8, 4), 0);
}

/* What a function's owner check sees is one whole address that one of the two vCPUs wrote, never a mixture. */
static void two_vcpus_at_cf8_hurt_only_themselves(void **state)
{
	static const uint32_t mine[2] = { 0x80010010, 0x8069a9f0 };

	for (unsigned n = 0; n < 64; n++) {
		unsigned writer = n & 1, reader = (n >> 1) & 1;

		out_by(writer, 0xcf8, 4, mine[writer]);
		if (n & 4) {
			out_by(!writer, 0xcf8, 2, 0xffff); /* half an address */
		}
		(void)in_by(reader, 0xcfc, 4);
		assert_int_equal(emu.pci.where >> 12, (mine[writer] >> 8 & 0xffff) - 0x100);
		assert_int_equal(emu.pci.where & 0xfff, mine[writer] & 0xfc);
	}
}

/* --- power --- */

static void s5_stops_and_reset_restarts(void **state)
{
	*rax = 0x2000;
	assert_int_equal(port(emu_v, 0x604, 2, false), EMU_STOPPED);
	*rax = 0xffffe3ff;
	assert_int_equal(port(emu_v, 0x604, 4, false), EMU_STOPPED);
	*rax = 0x06;
	assert_int_equal(port(emu_v, 0xcf9, 1, false), EMU_RESTARTED);
	*rax = 0xabcdfe;
	assert_int_equal(port(emu_v, 0x64, 1, false), EMU_RESTARTED);
}

static void other_sleeps_and_half_resets_do_nothing(void **state)
{
	out(0x604, 2, 0x2400); /* another SLP_TYP */
	out(0x604, 2, 0x1c00); /* no SLP_EN */
	assert_int_equal(in(0x604, 2), 0x1c01);
	out(0x604, 1, 0x20);
	out(0x605, 1, 0x20);
	out(0xcf9, 1, 0x02);
	out(0xcf9, 2, 0x06);
	out(0x64, 1, 0xff);
	out(0x602, 2, 0x0121);
	assert_int_equal(in(0x602, 2), 0x0121);
	assert_int_equal(in(0x600, 2), 0);
}

static void pm_timer_runs_at_its_rate(void **state)
{
	tsc_khz = 2500000;
	fake_tsc = 2500000000ull;
	assert_int_equal(in(0x608, 4), 3579545);
	fake_tsc = 2500000000ull * 86400 * 365 * 20; /* twenty years */
	assert_int_equal(in(0x608, 4), (3579545ull * 86400 * 365 * 20) & 0xffffff);
	fake_tsc = ~0ull;
	assert_in_range(in(0x608, 4), 0, 0xffffff);
	tsc_khz = 0;
	assert_int_equal(in(0x608, 4), 0);
}

/* --- 16550A --- */

static void serial_output(void **state)
{
	for (const char *s = "hello\n"; *s; s++) {
		assert_int_equal(in(0x3fd, 1) & 0x20, 0x20);
		out(0x3f8, 1, (uint8_t)*s);
	}
	out(0x3f8, 2, 0x4142); /* eight-bit device */
	assert_string_equal(emu.out, "hello\n");
	assert_int_equal(emu.edges, 0);
}

static void serial_divisor_is_not_output(void **state)
{
	out(0x3fb, 1, 0x83);
	out(0x3f8, 1, 0x0c);
	out(0x3f9, 1, 0x01);
	assert_int_equal(in(0x3f8, 1), 0x0c);
	assert_int_equal(in(0x3f9, 1), 0x01);
	out(0x3fb, 1, 0x03);
	assert_int_equal(in(0x3f9, 1), 0);
	assert_int_equal(emu.out_count, 0);
}

/* As Linux's 8250 driver finds out what it has. */
static void serial_probes_as_16550a(void **state)
{
	out(0x3f9, 1, 0);
	assert_int_equal(in(0x3f9, 1) & 0x0f, 0);
	out(0x3f9, 1, 0x4f);
	assert_int_equal(in(0x3f9, 1), 0x0f); /* no UUE bit: not an XScale */
	out(0x3f9, 1, 0);
	out(0x3fc, 1, 0x1a);
	assert_int_equal(in(0x3fe, 1), 0x90);
	out(0x3fc, 1, 0xff);
	assert_int_equal(in(0x3fc, 1), 0x1f);
	assert_int_equal(in(0x3fe, 1), 0xf0);
	out(0x3f8, 1, 'L');                   /* loops back, is not printed */
	assert_int_equal(in(0x3f8, 1), 'L');
	out(0x3fc, 1, 0x08);
	out(0x3fa, 1, 0);
	assert_int_equal(in(0x3fa, 1), 0x01);
	out(0x3fa, 1, 0xe1);
	assert_int_equal(in(0x3fa, 1), 0xc1); /* FIFOs, not 64 bytes */
	out(0x3ff, 1, 0x5a);
	assert_int_equal(in(0x3ff, 1), 0x5a);
	assert_int_equal(emu.out_count, 0);
}

static void serial_input_raises_the_line(void **state)
{
	assert_true(arch_vm_console_rx(&emu_vm, 'a'));
	assert_false(emu.line);
	out(0x3f9, 1, 1);
	assert_true(emu.line);
	assert_int_equal(in(0x3fa, 1), 0x04);
	assert_int_equal(in(0x3fd, 1), 0x61);
	assert_true(arch_vm_console_rx(&emu_vm, 'b'));
	assert_int_equal(in(0x3f8, 1), 'a');
	assert_true(emu.line);
	assert_int_equal(in(0x3f8, 1), 'b');
	assert_false(emu.line);
	assert_int_equal(in(0x3f8, 1), 0);
	assert_int_equal(in(0x3fa, 1), 0x01);
}

static void serial_input_is_bounded(void **state)
{
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < VUART_RX; i++) {
			assert_true(arch_vm_console_rx(&emu_vm, (uint8_t)i));
		}
		assert_false(arch_vm_console_rx(&emu_vm, 'x'));
		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(in(0x3f8, 1), i);
		}
		out(0x3fa, 1, 0x07); /* cleared */
		assert_int_equal(in(0x3fd, 1), 0x60);
	}
}

static void serial_transmit_interrupt(void **state)
{
	out(0x3f9, 1, 2);
	assert_true(emu.line); /* empty when enabled: due at once */
	assert_int_equal(in(0x3fa, 1), 0x02);
	assert_false(emu.line); /* reading IIR ended it */
	assert_int_equal(in(0x3fa, 1), 0x01);
	out(0x3f8, 1, 'x');
	assert_true(emu.line);
	out(0x3f8, 1, 'y'); /* without reading IIR: still one edge each */
	assert_int_equal(emu.edges, 3);
	arch_vm_console_rx(&emu_vm, 'r');
	out(0x3f9, 1, 3);
	assert_int_equal(in(0x3fa, 1), 0x04); /* input is more urgent; output stays due */
	assert_int_equal(in(0x3f8, 1), 'r');
	assert_int_equal(in(0x3fa, 1), 0x02);
	assert_false(emu.line);
	out(0x3f9, 1, 0);
	out(0x3f8, 1, 'z');
	assert_int_equal(emu.edges, 3);
	assert_string_equal(emu.out, "xyz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(strings_are_refused, setup),
		cmocka_unit_test_setup(no_port_is_the_machines, setup),
		cmocka_unit_test_setup(pics_are_not_found, setup),
		cmocka_unit_test_setup(configuration_space, setup),
		cmocka_unit_test_setup(configuration_space_refuses, setup),
		cmocka_unit_test_setup(two_vcpus_at_cf8_hurt_only_themselves, setup),
		cmocka_unit_test_setup(s5_stops_and_reset_restarts, setup),
		cmocka_unit_test_setup(other_sleeps_and_half_resets_do_nothing, setup),
		cmocka_unit_test_setup(pm_timer_runs_at_its_rate, setup),
		cmocka_unit_test_setup(serial_output, setup),
		cmocka_unit_test_setup(serial_divisor_is_not_output, setup),
		cmocka_unit_test_setup(serial_probes_as_16550a, setup),
		cmocka_unit_test_setup(serial_input_raises_the_line, setup),
		cmocka_unit_test_setup(serial_input_is_bounded, setup),
		cmocka_unit_test_setup(serial_transmit_interrupt, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
