/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that access memory in ways no driver uses on a device, for t_x86_attack.c: odd[] has them all, each
 * takes an address. An exception is caught; what comes of them otherwise is nobody's business.
 */
#pragma once

#include <bulkhead/guest.h>

static void odd_movs_to(uintptr_t p)
{
	static const uint8_t some[16] = { 1, 2, 3 };
	uintptr_t from = (uintptr_t)some;
	uint64_t n = 16;

	__asm__ volatile(TRAP_TRY("rep movsb")
			 : "+S"(from), "+D"(p), "+c"(n)
			 :
			 : TRAP_CLOBBER);
}

static void odd_movs_from(uintptr_t p)
{
	static uint8_t to[64];
	uintptr_t t = (uintptr_t)to;
	uint64_t n = 4;

	__asm__ volatile(TRAP_TRY("rep movsq")
			 : "+S"(p), "+D"(t), "+c"(n)
			 :
			 : TRAP_CLOBBER);
}

static void odd_stos(uintptr_t p)
{
	uint64_t n = 3;

	__asm__ volatile(TRAP_TRY("rep stosq")
			 : "+D"(p), "+c"(n)
			 : "a"(-1)
			 : TRAP_CLOBBER);
}

static void odd_ins(uintptr_t p)
{
	uint64_t n = 8;

	__asm__ volatile(TRAP_TRY("rep insb")
			 : "+D"(p), "+c"(n)
			 : "d"(0x3fd)
			 : TRAP_CLOBBER);
}

static void odd_outs(uintptr_t p)
{
	uint64_t n = 8;

	__asm__ volatile(TRAP_TRY("rep outsl")
			 : "+S"(p), "+c"(n)
			 : "d"(0xcfc)
			 : TRAP_CLOBBER);
}

/* rdi: the address; rax, rdx, rcx, rbx: operands. */
#define ODD(name, insn) \
	static void odd_##name(uintptr_t p) \
	{ \
		uint64_t a = 0x1111, d = 0x2222; \
		__asm__ volatile(TRAP_TRY(insn) \
				 : "+D"(p), "+a"(a), "+d"(d) \
				 : "b"(0), "c"(0) \
				 : TRAP_CLOBBER); \
	}

ODD(load, "movl (%%rdi), %%eax")
ODD(store, "movl %%eax, (%%rdi)")
ODD(load8, "movq (%%rdi), %%rax")
ODD(store8, "movq %%rax, (%%rdi)")
ODD(load_high, "movb (%%rdi), %%ah")
ODD(store_imm, "movq $-1, (%%rdi)")
ODD(store_fs, "movl %%eax, %%fs:(%%rdi)")
ODD(sign, "movsbq (%%rdi), %%rax")
ODD(prefixed, ".fill 10, 1, 0x66\n\tmovl %%eax, (%%rdi)")
ODD(too_long, ".fill 14, 1, 0x2e\n\tmovl %%eax, (%%rdi)")
ODD(addr32, "addr32 movl %%eax, (%%edi)")
ODD(xchg, "xchgl %%eax, (%%rdi)")
ODD(lock_inc, "lock incl (%%rdi)")
ODD(add, "addq %%rax, (%%rdi)")
ODD(bts, "btsq %%rax, (%%rdi)")
ODD(cmpxchg8b, "cmpxchg8b (%%rdi)")
ODD(cmpxchg16b, "cmpxchg16b (%%rdi)")
ODD(movnti, "movnti %%rax, (%%rdi)")
ODD(movups, "movups %%xmm0, (%%rdi)")
ODD(movups_load, "movups (%%rdi), %%xmm0")
ODD(fxsave, "fxsave (%%rdi)")
ODD(push, "pushq (%%rdi)")
ODD(pop, "pushq %%rax\n\tpopq (%%rdi)")
ODD(call, "callq *(%%rdi)")
ODD(sgdt, "sgdt (%%rdi)")
ODD(sidt, "sidt (%%rdi)")
ODD(stack, "xchgq %%rdi, %%rsp\n\tmovl %%eax, (%%rsp)\n\tpushq %%rax\n\tpopq %%rax\n\txchgq %%rdi, %%rsp")
ODD(clflush, "clflush (%%rdi)")
ODD(verr, "verr (%%rdi)")
ODD(ltr, "ltr (%%rdi)")
ODD(crc, "crc32q (%%rdi), %%rax")

static void (*const odd[])(uintptr_t p) = {
	odd_movs_to,
	odd_movs_from,
	odd_stos,
	odd_ins,
	odd_outs,
	odd_load,
	odd_store,
	odd_load8,
	odd_store8,
	odd_load_high,
	odd_store_imm,
	odd_store_fs,
	odd_sign,
	odd_prefixed,
	odd_too_long,
	odd_addr32,
	odd_xchg,
	odd_lock_inc,
	odd_add,
	odd_bts,
	odd_cmpxchg8b,
	odd_cmpxchg16b,
	odd_movnti,
	odd_movups,
	odd_movups_load,
	odd_fxsave,
	odd_push,
	odd_pop,
	odd_call,
	odd_sgdt,
	odd_sidt,
	odd_stack,
	odd_clflush,
	odd_verr,
	odd_ltr,
	odd_crc,
};

enum { ODD_COUNT = sizeof(odd) / sizeof(odd[0]) };
