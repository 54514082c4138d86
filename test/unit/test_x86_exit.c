/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses outside memory and what has to be read for them: guest page tables (gwalk.c), the instruction, the operand
 * (npf.c). Everything is hostile: tables that point anywhere, code that changes, accesses that begin in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <asm/decode.h>
#include <asm/exit.h>
#include <asm/msr.h>
#include <fake/fake.h>

#include "x86_emu.h"

enum { CODE = 0x1000, PT4 = 0x4000, PT3 = 0x5000, PT2 = 0x6000, PT1 = 0x7000 };

static uint64_t *const reg = emu.reg[0];

static void put(uint64_t at, const void *bytes, size_t size)
{
	assert_true(at + size <= EMU_RAM);
	memcpy(emu.ram + at, bytes, size);
}

static void put64(uint64_t table, unsigned index, uint64_t v)
{
	put(table + 8ull * index, &v, 8);
}

static void put32(uint64_t table, unsigned index, uint32_t v)
{
	put(table + 4ull * index, &v, 4);
}

static void long_mode(void)
{
	reg[VREG_EFER] = EFER_LMA | EFER_LME | EFER_SVME;
	reg[VREG_CR0] = CR0_PG | CR0_PE;
	reg[VREG_CR4] = CR4_PAE;
	reg[VREG_CR3] = PT4 | 0x18; /* PWT, PCD */
}

static void expect_walk(uint64_t linear, uint64_t gpa)
{
	uint64_t got = 0;

	if (!guest_walk(emu_v, linear, &got)) {
		fail_msg("0x%lx is not mapped", (unsigned long)linear);
	}
	assert_int_equal(got, gpa);
}

static void expect_no_walk(uint64_t linear)
{
	uint64_t got;

	assert_false(guest_walk(emu_v, linear, &got));
}

/* --- gwalk.c --- */

static void read_takes_ram_and_nothing_else(void **state)
{
	uint8_t buf[PAGE_SIZE + 1] = { 0 };

	memset(emu.ram + EMU_RAM - 4, 0xa1, 4);
	memset(emu.ram2, 0xb2, sizeof(emu.ram2));
	assert_true(guest_read(emu_v, EMU_RAM - 4, buf, 8)); /* two regions, far apart in physical memory */
	assert_memory_equal(buf, "\xa1\xa1\xa1\xa1\xb2\xb2\xb2\xb2", 8);
	assert_true(guest_read(emu_v, 0x800, buf, PAGE_SIZE));
	assert_false(guest_read(emu_v, 0x800, buf, PAGE_SIZE + 1));
	assert_false(guest_read(emu_v, 0x800, buf, 0));
	assert_false(guest_read(emu_v, EMU_RAM2 + PAGE_SIZE - 4, buf, 8));
	assert_false(guest_read(emu_v, EMU_DEVICE, buf, 4));
	assert_false(guest_read(emu_v, EMU_WINDOW, buf, 4));
	assert_false(guest_read(emu_v, 0x40000000, buf, 4)); /* its own RAM by its physical address */
	assert_false(guest_read(emu_v, ~0ull - 3, buf, 4));
	assert_false(guest_read(emu_v, ~0ull - 3, buf, 8));
}

static void walk_without_paging_is_the_identity(void **state)
{
	expect_walk(0xfee00020, 0xfee00020);
	expect_walk(0x100001000, 0x1000); /* 32 bits */
}

static void walk_long_mode(void **state)
{
	uint64_t linear = 0xffff812345678abcull;
	unsigned i4 = (linear >> 39) & 0x1ff, i3 = (linear >> 30) & 0x1ff, i2 = (linear >> 21) & 0x1ff,
		 i1 = (linear >> 12) & 0x1ff;

	long_mode();
	put64(PT4, i4, PT3 | 0x67);
	put64(PT3, i3, PT2 | 0x67);
	put64(PT2, i2, PT1 | 0x67);
	put64(PT1, i1, 0x80000fedcba98163ull); /* NX, global */
	expect_walk(linear, 0xfedcba98abc);
	put64(PT4, i4, PT3 | 0xe7); /* there are no pages of 512 GiB */
	expect_walk(linear, 0xfedcba98abc);
	expect_no_walk(linear + PAGE_SIZE);
	expect_no_walk(linear & ~(1ull << 63)); /* not canonical */
	put64(PT2, i2, 0x123200000ull | 0xe3);
	expect_walk(linear, 0x123200000ull | (linear & 0x1fffff));
	put64(PT3, i3, 0x4c0000000ull | 0xe3);
	expect_walk(linear, 0x4c0000000ull | (linear & 0x3fffffff));
	put64(PT2, i2, PT1 | 0x66);
	put64(PT3, i3, PT2 | 0x67);
	expect_no_walk(linear);
	put64(PT3, i3, PT2 | 0x66);
	expect_no_walk(linear);
	put64(PT4, i4, PT3 | 0x66);
	expect_no_walk(linear);
}

static void walk_pae(void **state)
{
	uint32_t linear = 0xc0345678;

	reg[VREG_CR0] = CR0_PG | CR0_PE;
	reg[VREG_CR4] = CR4_PAE;
	reg[VREG_CR3] = 0x3fe0; /* the four entries need not begin a page */
	put64(0x3fe0, 3, PT2 | 1);
	put64(PT2, (linear >> 21) & 0x1ff, PT1 | 0x67);
	put64(PT1, (linear >> 12) & 0x1ff, 0xabcdef000ull | 0x63);
	expect_walk(0x700000000ull + linear, 0xabcdef678);
	put64(PT2, (linear >> 21) & 0x1ff, 0x5fe00000ull | 0xe3);
	expect_walk(linear, 0x5ff45678);
	expect_no_walk(0x80000000);
}

static void walk_two_levels(void **state)
{
	uint32_t linear = 0xc0c45678;

	reg[VREG_CR0] = CR0_PG | CR0_PE;
	reg[VREG_CR3] = PT2 | 0x18;
	put32(PT2, linear >> 22, PT1 | 0x67);
	put32(PT1, (linear >> 12) & 0x3ff, 0xfee00063);
	expect_walk(linear, 0xfee00678);
	expect_no_walk(linear + PAGE_SIZE);
	/* PS means something only with CR4.PSE; address bits 39:32 are in 20:13. */
	put32(PT2, linear >> 22, 0xfec00000 | 0xab << 13 | 0xe3);
	expect_no_walk(linear);
	reg[VREG_CR4] = CR4_PSE;
	expect_walk(linear, 0xabfec45678ull);
}

static void tables_anywhere_else_end_the_walk(void **state)
{
	static const uint64_t bad[] = { EMU_DEVICE, EMU_WINDOW, 0x40000000, 0xfed90000, 0x000ffffffffff000ull };

	long_mode();
	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		put64(PT4, 0, PT3 | 7);
		put64(PT3, 0, bad[i] | 7);
		expect_no_walk(0);
		put64(PT4, 0, bad[i] | 7);
		expect_no_walk(0);
		reg[VREG_CR3] = bad[i];
		expect_no_walk(0);
		reg[VREG_CR3] = PT4;
	}
	put64(PT4, 0, PT4 | 7); /* a table that is its own every level: ends after four */
	expect_walk(0x123, PT4 | 0x123);
}

/* --- npf.c --- */

static void code(const char *bytes, size_t size)
{
	put(reg[VREG_RIP] + reg[VREG_CS_BASE], bytes, size);
	memset(&emu.bus, 0, sizeof(emu.bus));
	emu.bus.reply = 0x8877665544332211ull;
}
#define CODE_SET(s) code(s, sizeof(s) - 1)

static enum emu_outcome fault(uint64_t gpa, bool write)
{
	enum emu_outcome how;

	EMU_RUN(how, exit_npf(emu_v, gpa, write, false));
	return how;
}

static void flat64(void)
{
	long_mode();
	put64(PT4, 0, PT3 | 7);
	put64(PT3, 0, 0x83 | 0); /* 1 GiB, identity */
}

static void loads_write_what_the_instruction_says(void **state)
{
	static const struct {
		const char *bytes;
		unsigned length, size;
		enum guest_gpr reg;
		uint64_t before, after;
	} load[] = {
		{ "\x8b\x07", 2, 4, G_RAX, ~0ull, 0x44332211 },                              /* mov (%rdi),%eax */
		{ "\x48\x8b\x1f", 3, 8, G_RBX, 0, 0x8877665544332211ull },                   /* mov (%rdi),%rbx */
		{ "\x66\x8b\x0f", 3, 2, G_RCX, ~0ull, 0xffffffffffff2211ull },               /* mov (%rdi),%cx */
		{ "\x8a\x17", 2, 1, G_RDX, ~0ull, 0xffffffffffffff11ull },                   /* mov (%rdi),%dl */
		{ "\x8a\x37", 2, 1, G_RDX, 0x1234567887654321ull, 0x1234567887651121ull },   /* mov (%rdi),%dh */
		{ "\x0f\xb6\x37", 3, 1, G_RSI, ~0ull, 0x11 },                                /* movzbl (%rdi),%esi */
		{ "\x44\x0f\xb7\x07", 4, 2, G_R8, ~0ull, 0x2211 },                           /* movzwl (%rdi),%r8d */
		{ "\x4c\x63\x3f", 3, 4, G_R15, 0, 0x44332211 },                              /* movslq (%rdi),%r15 */
	};

	flat64();
	for (unsigned i = 0; i < ARRAY_COUNT(load); i++) {
		reg[VREG_RIP] = CODE;
		code(load[i].bytes, load[i].length);
		emu_v->arch.regs.x[G_RDI] = EMU_WINDOW + 0x20;
		emu_v->arch.regs.x[load[i].reg] = load[i].before;
		emu_expect_next(fault(EMU_WINDOW + 0x20, false), CODE + load[i].length);
		assert_int_equal(emu.bus.count, 1);
		assert_int_equal(emu.bus.m.size, load[i].size);
		assert_int_equal(emu_v->arch.regs.x[load[i].reg], load[i].after);
	}
}

static void loads_extend_the_sign(void **state)
{
	flat64();
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW;
	CODE_SET("\x0f\xbe\x07"); /* movsbl (%rdi),%eax */
	emu.bus.reply = 0xffffff80;
	emu_expect_next(fault(EMU_WINDOW, false), CODE + 3);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0xffffff80);
	reg[VREG_RIP] = CODE;
	CODE_SET("\x48\x0f\xbf\x07"); /* movswq (%rdi),%rax */
	emu.bus.reply = 0x8000;
	emu_expect_next(fault(EMU_WINDOW, false), CODE + 4);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0xffffffffffff8000ull);
	reg[VREG_RIP] = CODE;
	CODE_SET("\x66\x0f\xbe\x07"); /* movsbw (%rdi),%ax */
	emu.bus.reply = 0x80;
	emu_v->arch.regs.x[G_RAX] = 0x1111111111111111ull;
	emu_expect_next(fault(EMU_WINDOW, false), CODE + 4);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0x111111111111ff80ull);
}

static void stores_carry_the_operand_and_no_more(void **state)
{
	flat64();
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW - 8;
	emu_v->arch.regs.x[G_RAX] = 0xfedcba9876543210ull;
	CODE_SET("\x89\x47\x08"); /* mov %eax,8(%rdi) */
	emu_expect_next(fault(EMU_WINDOW, true), CODE + 3);
	assert_true(emu.bus.m.write);
	assert_int_equal(emu.bus.m.value, 0x76543210);
	reg[VREG_RIP] = CODE;
	CODE_SET("\x88\x67\x08"); /* mov %ah,8(%rdi) */
	emu_expect_next(fault(EMU_WINDOW, true), CODE + 3);
	assert_int_equal(emu.bus.m.value, 0x32);
	assert_int_equal(emu.bus.m.size, 1);
	reg[VREG_RIP] = CODE;
	CODE_SET("\x48\xc7\x47\x08\xf0\xff\xff\xff"); /* movq $-16,8(%rdi) */
	emu_expect_next(fault(EMU_WINDOW, true), CODE + 8);
	assert_int_equal(emu.bus.m.value, 0xfffffffffffffff0ull);
	reg[VREG_RIP] = CODE;
	reg[VREG_RSP] = EMU_WINDOW + 0x30;
	CODE_SET("\x48\x89\x24\x24"); /* mov %rsp,(%rsp): through cpuvirt */
	emu_expect_next(fault(EMU_WINDOW + 0x30, true), CODE + 4);
	assert_int_equal(emu.bus.m.value, EMU_WINDOW + 0x30);
}

static void rsp_can_be_loaded(void **state)
{
	flat64();
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW;
	CODE_SET("\x8b\x27"); /* mov (%rdi),%esp */
	emu_expect_next(fault(EMU_WINDOW, false), CODE + 2);
	assert_int_equal(reg[VREG_RSP], 0x44332211);
}

static void operands_relative_to_rip_and_segments(void **state)
{
	flat64();
	CODE_SET("\x8b\x05\x00\x00\x2f\x00"); /* mov 0x2f0000(%rip),%eax */
	emu_expect_next(fault(EMU_WINDOW - 0xf000 + 6, false), CODE + 6);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0xffffffff); /* outside the window: nobody's */
	reg[VREG_RIP] = CODE;
	reg[VREG_GS_BASE] = EMU_WINDOW;
	reg[VREG_DS_BASE] = 0x777; /* means nothing in 64-bit code */
	CODE_SET("\x65\x8b\x04\x25\x10\x00\x00\x00"); /* mov %gs:0x10,%eax */
	emu_expect_next(fault(EMU_WINDOW + 0x10, false), CODE + 8);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0x44332211);
	reg[VREG_RIP] = CODE;
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW;
	CODE_SET("\x8b\x07");
	emu_expect_next(fault(EMU_WINDOW, false), CODE + 2);
	reg[VREG_RIP] = CODE;
	emu_v->arch.regs.x[G_R9] = 0x21;
	CODE_SET("\x42\x8b\x44\xcf\xf8"); /* mov -8(%rdi,%r9,8),%eax */
	emu_expect_next(fault(EMU_WINDOW + 0x100, false), CODE + 5);
}

static void sixteen_and_thirty_two_bit_code(void **state)
{
	reg[VREG_CS_ATTR] = CS_ATTR_D;
	reg[VREG_CS_BASE] = 0x2000;
	reg[VREG_DS_BASE] = EMU_WINDOW;
	CODE_SET("\xa1\x40\x00\x00\x00"); /* mov 0x40,%eax */
	emu_expect_next(fault(EMU_WINDOW + 0x40, false), CODE + 5);
	reg[VREG_CS_ATTR] = 0;
	reg[VREG_RIP] = 0xfffe;
	emu_v->arch.regs.x[G_RBX] = 0xffff0030;
	emu_v->arch.regs.x[G_RSI] = 0x10;
	CODE_SET("\x8b\x00"); /* mov (%bx,%si),%ax: IP goes round at 64 KiB */
	emu_expect_next(fault(EMU_WINDOW + 0x40, false), 0);
	assert_int_equal(emu.bus.m.size, 2);
	/* L without EFER.LMA is not 64-bit code. */
	reg[VREG_CS_ATTR] = CS_ATTR_L | CS_ATTR_D;
	assert_int_equal(insn_bits(emu_v), 32);
	reg[VREG_RIP] = 0xfffffffe;
	exit_advance(emu_v, 3);
	assert_int_equal(reg[VREG_RIP], 1);
}

static void code_across_pages(void **state)
{
	flat64();
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW;
	reg[VREG_RIP] = EMU_RAM - 1;
	emu.ram[EMU_RAM - 1] = 0x8b;
	emu.ram2[0] = 0x07;
	emu.bus.reply = 5;
	emu_expect_next(fault(EMU_WINDOW, false), EMU_RAM + 1);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 5);
	/* Nothing behind: what fits before the end is enough. */
	reg[VREG_RIP] = EMU_RAM2 + PAGE_SIZE - 2;
	memcpy(emu.ram2 + PAGE_SIZE - 2, "\x8b\x07", 2);
	emu_expect_next(fault(EMU_WINDOW, false), EMU_RAM2 + PAGE_SIZE);
	reg[VREG_RIP] = EMU_RAM2 + PAGE_SIZE - 1;
	emu.ram2[PAGE_SIZE - 1] = 0x8b;
	emu_expect_gp(fault(EMU_WINDOW, false));
	reg[VREG_RIP] = EMU_DEVICE;
	emu_expect_gp(fault(EMU_WINDOW, false));
	reg[VREG_RIP] = 1ull << 40; /* not mapped */
	emu_expect_gp(fault(EMU_WINDOW, false));
}

static void what_is_nobodys_reads_all_ones(void **state)
{
	flat64();
	emu_v->arch.regs.x[G_RDI] = 0x310000;
	CODE_SET("\x0f\xb6\x07");
	emu_expect_next(fault(0x310000, false), CODE + 3);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0xff);
	reg[VREG_RIP] = CODE;
	CODE_SET("\x48\x8b\x07");
	emu_expect_next(fault(0x310000, false), CODE + 3);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], ~0ull);
	reg[VREG_RIP] = CODE;
	CODE_SET("\x48\x89\x07");
	emu_expect_next(fault(0x310000, true), CODE + 3);
	assert_int_equal(emu.bus.count, 0);
	assert_int_equal(fake_log_count[0] + fake_log_count[1] + fake_log_count[2], 0); /* debug at most */
}

static void accesses_that_do_not_fit_change_nothing(void **state)
{
	flat64();
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW + 0x10;
	emu_v->arch.regs.x[G_RAX] = 0x55;
	CODE_SET("\x8b\x07");
	emu_expect_gp(fault(EMU_WINDOW + 0x10, true));      /* the CPU saw a store, the code says load */
	emu_expect_gp(fault(EMU_WINDOW + 0x18, false));     /* another place: a table walk, or code just replaced */
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW - 2;
	emu_expect_gp(fault(EMU_WINDOW, false));            /* began in the page before */
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW + PAGE_SIZE - 2;
	emu_expect_gp(fault(EMU_WINDOW + PAGE_SIZE - 2, false)); /* ends in the page behind */
	emu_v->arch.regs.x[G_RDI] = EMU_WINDOW + 0x10;
	CODE_SET("\xff\x07"); /* incl (%rdi) */
	emu_expect_gp(fault(EMU_WINDOW + 0x10, true));
	assert_int_equal(emu.bus.count, 0);
	assert_int_equal(emu_v->arch.regs.x[G_RAX], 0x55);
	assert_int_equal(reg[VREG_RIP], CODE);
}

static void fetch_from_nowhere_is_undefined(void **state)
{
	enum emu_outcome how;

	flat64();
	EMU_RUN(how, exit_npf(emu_v, EMU_WINDOW, false, true));
	assert_int_equal(how, EMU_EXCEPTION);
	assert_int_equal(emu.vector, EXC_UD);
	assert_false(emu.has_error);
	assert_int_equal(emu.bus.count, 0);
}

/* --- cr8.c --- */

static enum emu_outcome cr8(void)
{
	enum emu_outcome how;

	EMU_RUN(how, exit_cr8(emu_v));
	return how;
}

static void task_priority_is_what_the_register_holds(void **state)
{
	static const struct {
		const char *bytes;
		unsigned length;
		enum guest_gpr reg;
	} move[] = {
		{ "\x44\x0f\x22\xc0", 4, G_RAX },         /* mov %rax,%cr8 */
		{ "\x45\x0f\x22\xc7", 4, G_R15 },         /* mov %r15,%cr8 */
		{ "\x66\x44\x0f\x22\xc3", 5, G_RBX },     /* with an operand size, which says nothing */
		{ "\xf0\x0f\x22\xc1", 4, G_RCX },         /* lock mov %rcx,%cr0 */
	};

	flat64();
	for (unsigned i = 0; i < ARRAY_COUNT(move); i++) {
		reg[VREG_RIP] = CODE;
		code(move[i].bytes, move[i].length);
		emu_v->arch.apic.tpr = 0;
		emu_v->arch.regs.x[move[i].reg] = 9;
		emu_expect_next(cr8(), CODE + move[i].length);
		assert_int_equal(emu_v->arch.apic.tpr, 0x90);
	}
}

static void task_priority_has_four_bits(void **state)
{
	flat64();
	reg[VREG_RIP] = CODE;
	CODE_SET("\x44\x0f\x22\xc0");
	emu_v->arch.apic.tpr = 0x30;
	emu_v->arch.regs.x[G_RAX] = 16;
	emu_expect_gp(cr8());
	emu_v->arch.regs.x[G_RAX] = 1ull << 63;
	emu_expect_gp(cr8());
	emu_v->arch.regs.x[G_RAX] = 1;
	CODE_SET("\x0f\x22\xc0"); /* CR0: code that another vCPU has changed meanwhile */
	emu_expect_gp(cr8());
	CODE_SET("\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0"); /* never ends */
	emu_expect_gp(cr8());
	assert_int_equal(emu_v->arch.apic.tpr, 0x30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(task_priority_is_what_the_register_holds, emu_setup),
		cmocka_unit_test_setup(task_priority_has_four_bits, emu_setup),
		cmocka_unit_test_setup(read_takes_ram_and_nothing_else, emu_setup),
		cmocka_unit_test_setup(walk_without_paging_is_the_identity, emu_setup),
		cmocka_unit_test_setup(walk_long_mode, emu_setup),
		cmocka_unit_test_setup(walk_pae, emu_setup),
		cmocka_unit_test_setup(walk_two_levels, emu_setup),
		cmocka_unit_test_setup(tables_anywhere_else_end_the_walk, emu_setup),
		cmocka_unit_test_setup(loads_write_what_the_instruction_says, emu_setup),
		cmocka_unit_test_setup(loads_extend_the_sign, emu_setup),
		cmocka_unit_test_setup(stores_carry_the_operand_and_no_more, emu_setup),
		cmocka_unit_test_setup(rsp_can_be_loaded, emu_setup),
		cmocka_unit_test_setup(operands_relative_to_rip_and_segments, emu_setup),
		cmocka_unit_test_setup(sixteen_and_thirty_two_bit_code, emu_setup),
		cmocka_unit_test_setup(code_across_pages, emu_setup),
		cmocka_unit_test_setup(what_is_nobodys_reads_all_ones, emu_setup),
		cmocka_unit_test_setup(accesses_that_do_not_fit_change_nothing, emu_setup),
		cmocka_unit_test_setup(fetch_from_nowhere_is_undefined, emu_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
