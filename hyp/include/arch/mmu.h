/* SPDX-License-Identifier: Apache-2.0 */
/* Our own map (identity, W^X) and the CPU's stage 2. */
#pragma once

#include <hyp/pgtable.h>
#include <hyp/types.h>

extern const struct pgtable_fmt arch_s2_fmt;
/* <asm/mmu.h>: ARCH_S2_LEVELS, how many levels a partition's stage 2 has */

/*
 * Maps [base, base+size) for us: prot READ/WRITE, with DEVICE for registers. Boot; later argument pages, and a
 * partition's memory while it is filled [I3].
 */
int arch_hyp_map(pa_t base, uint64_t size, unsigned prot) __must_check;
void arch_hyp_unmap(pa_t base, uint64_t size);

static inline void *arch_va(pa_t a);
static inline pa_t arch_pa(const void *p);

#include <asm/mmu.h>
