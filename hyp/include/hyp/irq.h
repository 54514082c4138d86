/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets a physical interrupt: a function of ours, or one partition. Filled at boot, constant afterwards. */
#pragma once

#include <arch/irq.h> /* IRQ_SHARED, IRQ_MAX, VIRQ_MAX */
#include <hyp/types.h>

struct vm;

typedef void irq_fn(uint32_t irq);

void irq_set_handler(uint32_t irq, irq_fn *fn, unsigned cpu, bool edge);      /* ours; enables it */
void irq_set_owner(uint32_t irq, struct vm *vm, uint32_t virq, bool edge);   /* a partition's */
struct vm *irq_owner(uint32_t irq, uint32_t *virq);                          /* NULL: none */

void irq_vm_stop(struct vm *vm);  /* its physical interrupts are disabled and no longer active */
void irq_vm_start(struct vm *vm); /* its virtual interrupt controller is new: tied to it again */
