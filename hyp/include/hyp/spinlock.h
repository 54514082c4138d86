/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ticket lock: fair, so a busy CPU cannot starve another partition's call. The hypervisor runs with
 * interrupts masked, so there is no irq-saving variant. Lock order: see hyp/iommu.c.
 */
#pragma once

#include <arch/cpu.h>
#include <hyp/types.h>

struct spinlock {
	uint32_t next;
	uint32_t serving;
};

static inline void spin_lock(struct spinlock *l)
{
	uint32_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) != ticket) {
		arch_cpu_relax();
	}
}

static inline void spin_unlock(struct spinlock *l)
{
	__atomic_store_n(&l->serving, l->serving + 1, __ATOMIC_RELEASE);
}
