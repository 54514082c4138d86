/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way to touch memory that hardware walks (page tables, stream tables, queues): one 64-bit access,
 * never torn, merged, repeated or dropped by the compiler [I7].
 */
#pragma once

#include <hyp/types.h>

static inline void arch_hwmem_store(uint64_t *p, uint64_t v);
static inline uint64_t arch_hwmem_load(const uint64_t *p);

#include <asm/hwmem.h>
