/* SPDX-License-Identifier: Apache-2.0 */
/* What one CPU keeps for itself; GS.base points to it. The numbers are for the assembler. */
#pragma once

#define PERCPU_ID       8
#define PERCPU_STACK    16
#define PERCPU_SELF     24
#define PERCPU_SIZE     64

#define STACK_SIZE      0x4000
#define EMERG_SIZE      0x1000
#define NMI_STACK_SIZE  0x400

#ifndef __ASSEMBLER__
#include <hyp/types.h>

struct vcpu;

struct percpu {
	struct vcpu *vcpu;    /* the one that runs here, or NULL */
	uint64_t id;
	uint64_t stack_top;
	uint64_t self;
	uint64_t window;      /* address of this CPU's window page, arch/x86/mmu.c */
	uint64_t *window_pte;
	uint64_t pad[2];
};

_Static_assert(offsetof(struct percpu, id) == PERCPU_ID, "head.S");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK, "head.S");
_Static_assert(offsetof(struct percpu, self) == PERCPU_SELF, "head.S");
_Static_assert(sizeof(struct percpu) == PERCPU_SIZE, "head.S");

extern struct percpu percpu[];

static inline struct percpu *percpu_this(void)
{
	struct percpu *p;

	__asm__("mov %%gs:%c1, %0" : "=r"(p) : "i"(PERCPU_SELF));
	return p;
}
#endif
