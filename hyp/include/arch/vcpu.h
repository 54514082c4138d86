/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU's side of partitions. struct arch_vm and struct arch_vcpu are the architecture's. */
#pragma once

#include <hyp/types.h>

struct vm;
struct vcpu;
struct mmio;

#include <asm/vcpu.h>

void arch_vm_init(struct vm *vm);      /* boot: virtual interrupt controller, traps, stage-2 register values */
void arch_vm_reset(struct vm *vm);     /* its devices as after arch_vm_init(); no vCPU runs */
/* Before each start, images copied and its first region mapped for us: what firmware would have left in its memory. */
void arch_vm_load(struct vm *vm);
void arch_vcpu_init(struct vcpu *vcpu);
__noreturn void arch_vcpu_run(struct vcpu *vcpu); /* waits until started, then runs the guest; on its own CPU */

/* On its own CPU, before it counts as off: interrupts it held go back. */
void arch_vcpu_off(struct vcpu *vcpu);

/* Input for the partition's console. False: its buffer is full. */
bool arch_vm_console_rx(struct vm *vm, uint8_t c);

static inline uint64_t arch_vcpu_hc_arg(const struct vcpu *vcpu, unsigned n); /* n: 0..6 = x1..x7 */
static inline void arch_vcpu_hc_ret(struct vcpu *vcpu, unsigned n, uint64_t v); /* n: 0..7 = x0..x7 */

/* Emulates one trapped access; kind is an enum vm_trap_kind the architecture owns. */
void arch_vm_mmio(struct vcpu *vcpu, unsigned kind, uint64_t off, struct mmio *m);

/* Makes virq pending at this vCPU (private) or partition (shared); any CPU may call it. */
void arch_vm_pend_virq(struct vm *vm, uint32_t virq);

/* A physical interrupt owned by the partition fired and was acknowledged: the guest's EOI will end it. */
void arch_vm_pend_hwirq(struct vm *vm, uint32_t virq, uint32_t irq);

/* Boot, after arch_vm_init(): virq of the partition is the physical irq; enabled when the guest enables it. */
void arch_vm_irq_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge);

#include <asm/vcpu_inline.h>
