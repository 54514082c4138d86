/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instruction behind a trapped access, read from the guest's memory through its own page tables: everything in it
 * is hostile. Decodes the moves compilers and kernels use for registers: MOV r/m,r · r,r/m · r/m,imm · moffs, MOVZX,
 * MOVSX, MOVSXD, in 16-, 32- and 64-bit code. arch/x86/decode.c knows bytes only; gwalk.c knows page tables.
 */
#pragma once

#include <hyp/types.h>

struct vcpu;

enum { INSN_MAX = 15 };

enum insn_seg { SEG_DS, SEG_ES, SEG_CS, SEG_SS, SEG_FS, SEG_GS };

enum { INSN_NO_REG = 0xff, INSN_RIP = 0x10 }; /* no base, no index; a base that is the next instruction's address */

struct insn {
	uint8_t length;
	uint8_t size;       /* bytes of memory touched: 1, 2, 4, 8 */
	uint8_t reg_size;   /* bytes of the register written by a load: 1, 2, 4 (clears the upper half), 8 */
	bool write;
	bool sign;          /* a load extends the sign */
	bool imm;           /* a store of value */
	bool high;          /* AH, CH, DH, BH */
	uint8_t reg;        /* 0..15 as encoded: RAX RCX RDX RBX RSP RBP RSI RDI R8.. */
	uint64_t value;
	/* The address: segment base + ((base + (index << scale) + disp) cut to addr_size bytes) */
	uint8_t addr_size;  /* 2, 4, 8 */
	uint8_t seg;        /* enum insn_seg */
	uint8_t base;       /* 0..15, INSN_RIP, INSN_NO_REG */
	uint8_t index;      /* 0..15, INSN_NO_REG */
	uint8_t scale;      /* 0..3 */
	uint64_t disp;      /* sign-extended */
};

/* bits: 16, 32 or 64, the mode of the code segment. False: not one of ours, or longer than count bytes. */
bool insn_decode(const uint8_t *bytes, unsigned count, unsigned bits, struct insn *out);

/* 16, 32 or 64: how the code at CS:RIP is read. */
unsigned insn_bits(const struct vcpu *v);

/* Register number as encoded in instructions → value, store; RSP through cpuvirt. */
uint64_t gpr_get(const struct vcpu *v, unsigned reg);
void gpr_set(struct vcpu *v, unsigned reg, uint64_t value);

/*
 * Guest-linear to guest-physical, as a supervisor fetch or read would be translated: 4-level, 3-level PAE, 2-level
 * tables or none. Bounded; tables outside the partition's memory end it. False: not mapped.
 */
bool guest_walk(struct vcpu *v, uint64_t linear, uint64_t *gpa);

/* Copies from the partition's memory; false if any of it is not its RAM. */
bool guest_read(struct vcpu *v, uint64_t gpa, void *to, size_t size);

/* npf.c: the bytes at RIP, in code of so many bits; how many of INSN_MAX there are. */
unsigned guest_code(struct vcpu *v, unsigned bits, uint8_t bytes[INSN_MAX]);

/* arch/x86/mmu.c: this CPU's window on one physical page of partition memory, read-only; valid until the next call. */
const void *window_map(pa_t page);
