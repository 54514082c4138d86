/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/config.h>
#include <hyp/types.h>

#include <asm/irq.h> /* IRQ_SHARED (first not private to a CPU), IRQ_MAX, IRQ_MSI_FIRST, IRQ_UNIT_FIRST, VIRQ_MAX */

int arch_irq_init(const struct board *b) __must_check; /* boot CPU: everything off, nothing pending */
void arch_irq_init_cpu(void);                          /* each CPU */

void arch_irq_enable(uint32_t irq, unsigned cpu, bool edge); /* shared interrupt, delivered to that CPU */
void arch_irq_disable(uint32_t irq);
void arch_irq_eoi(uint32_t irq);                             /* ends (deactivates) one that hyp_irq() got */
