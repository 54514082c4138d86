/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/types.h>

/* Writes the lines of [p, p+size) back to memory, for a walker that does not see our caches. */
void arch_cache_clean(const void *p, size_t size);

/* As above and drops them: for memory written by something that did not see our caches. */
void arch_cache_clean_inv(const void *p, size_t size);

/* Clears normal memory, also for somebody whose caches are off. */
void arch_mem_zero(void *p, size_t size);
