/* SPDX-License-Identifier: Apache-2.0 */
/* Plain base-register forms only: the syndrome of a trapped access then says everything. */
#pragma once

#include <hyp/types.h>

#define MMIO_ACCESSORS(bits, w, s)                                                           \
	static inline uint##bits##_t arch_mmio_read##bits(uintptr_t a)                       \
	{                                                                                    \
		uint##bits##_t v;                                                            \
		__asm__ volatile("ldr" s " %" w "0, [%1]" : "=r"(v) : "r"(a) : "memory");    \
		return v;                                                                    \
	}                                                                                    \
	static inline void arch_mmio_write##bits(uintptr_t a, uint##bits##_t v)              \
	{                                                                                    \
		__asm__ volatile("str" s " %" w "0, [%1]" ::"r"(v), "r"(a) : "memory");      \
	}

MMIO_ACCESSORS(8, "w", "b")
MMIO_ACCESSORS(16, "w", "h")
MMIO_ACCESSORS(32, "w", "")
MMIO_ACCESSORS(64, "x", "")
