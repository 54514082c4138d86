/* SPDX-License-Identifier: Apache-2.0 */
/* Plain moves: whoever emulates the machine below us can decode them. */
#pragma once

#include <hyp/types.h>

#define MMIO_ACCESSORS(bits, r)                                                                  \
	static inline uint##bits##_t arch_mmio_read##bits(uintptr_t a)                           \
	{                                                                                        \
		uint##bits##_t v;                                                                \
		__asm__ volatile("mov (%1), %0" : "=" r(v) : "r"(a) : "memory");                 \
		return v;                                                                        \
	}                                                                                        \
	static inline void arch_mmio_write##bits(uintptr_t a, uint##bits##_t v)                  \
	{                                                                                        \
		__asm__ volatile("mov %0, (%1)" ::r(v), "r"(a) : "memory");                      \
	}

MMIO_ACCESSORS(8, "q")
MMIO_ACCESSORS(16, "r")
MMIO_ACCESSORS(32, "r")
MMIO_ACCESSORS(64, "r")
