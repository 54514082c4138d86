/* SPDX-License-Identifier: Apache-2.0 */
/* The upcalls: everything an architecture may call in the core (besides log, pool, pgtable and string). */
#pragma once

#include <hyp/check.h>
#include <hyp/vm.h>

__noreturn void hyp_main(uintptr_t boot_arg);       /* on the boot CPU, our own map already on */
__noreturn void hyp_cpu_main(unsigned cpu);         /* on every other CPU */
typedef void hypercall_fn(struct vcpu *vcpu);
extern hypercall_fn *const hypercall_table[]; /* BH_HC_COUNT handlers; hyp/hypercall.c */
bool hyp_s2_fault(struct vcpu *vcpu, ipa_t addr, struct mmio *m); /* false: nobody emulates it */
void hyp_irq(uint32_t irq);                         /* acknowledged, not yet ended; none that is private to a CPU */
__noreturn void hyp_power_off(const char *why);     /* the board goes off; not a failure */
void hyp_ipi(void);                                 /* another CPU wants this one to look */
