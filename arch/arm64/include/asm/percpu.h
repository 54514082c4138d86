/* SPDX-License-Identifier: Apache-2.0 */
/* What one CPU keeps for itself; TPIDR_EL2 points to it. Offsets are checked where the assembler uses them. */
#pragma once

#define PERCPU_VCPU     0
#define PERCPU_ID       8
#define PERCPU_STACK    16
#define PERCPU_EMERG    24
#define PERCPU_SIZE     64

#define STACK_SIZE      0x4000
#define EMERG_SIZE      0x1000

/* Guest registers at the top of the CPU's stack. */
#define FRAME_SIZE      0x100

#ifndef __ASSEMBLER__
#include <hyp/types.h>

struct vcpu;

struct percpu {
	struct vcpu *vcpu;    /* the one that runs here, or NULL */
	uint64_t id;
	uint64_t stack_top;
	uint64_t emerg_top;   /* stack of the register dump, for when the stack itself is the problem */
	uint64_t pad[4];
};

_Static_assert(offsetof(struct percpu, id) == PERCPU_ID, "vectors.S");
_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK, "vectors.S");
_Static_assert(offsetof(struct percpu, emerg_top) == PERCPU_EMERG, "vectors.S");
_Static_assert(sizeof(struct percpu) == PERCPU_SIZE, "head.S");

extern struct percpu percpu[];

static inline struct percpu *percpu_this(void)
{
	struct percpu *p;

	__asm__ volatile("mrs %0, tpidr_el2" : "=r"(p));
	return p;
}
#endif
