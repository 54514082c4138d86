/* SPDX-License-Identifier: Apache-2.0 */
/* What the runtime's files share; not for guests. */
#pragma once

#include <bulkhead/guest.h>

enum { STACK_SIZE = 16384 }; /* start.S knows it too */

void mmu_build(void);                     /* vCPU 0, MMU off */
void mmu_enable(void);                    /* every vCPU */
void guest_start(uint64_t arg);           /* from start.S */
void secondary_start(uint64_t index);     /* from start.S */
void secondary_entry(void);               /* start.S */
void irq_dispatch(uint64_t entry_ticks);  /* irq.c, from the vector */
