/* SPDX-License-Identifier: Apache-2.0 */
/* Our own exceptions, and waiting with interrupts let in. */
#pragma once

#include <hyp/types.h>

struct host_frame {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

void trap_host(const struct host_frame *f); /* idt.S; returns from an NMI only */
void trap_park_on_nmi(void);                /* from now on an NMI parks the CPU that gets it */

/* The two places where interrupts come in: everything pending now; and after sleeping until there is one. */
static inline void cpu_take_interrupts(void)
{
	__asm__ volatile("sti; nop; cli" ::: "memory");
}

static inline void cpu_wait(void)
{
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}
