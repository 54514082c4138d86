/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device registers. Width and access are in the type of the register's name, so a 32-bit access to a
 * 64-bit register does not compile. There is no read-modify-write helper: registers are shadowed or built.
 */
#pragma once

#include <arch/mmio.h>
#include <hyp/types.h>

typedef struct {
	uint32_t off;
} reg32_t;

typedef struct {
	uint32_t off;
} reg64_t;

typedef struct {
	uint32_t off;
} reg32_w1c_t; /* write one to clear: reg_ack32() only */

static inline uint32_t reg_read32(uintptr_t base, reg32_t r)
{
	return arch_mmio_read32(base + r.off);
}

static inline void reg_write32(uintptr_t base, reg32_t r, uint32_t v)
{
	arch_mmio_write32(base + r.off, v);
}

static inline uint64_t reg_read64(uintptr_t base, reg64_t r)
{
	return arch_mmio_read64(base + r.off);
}

static inline void reg_write64(uintptr_t base, reg64_t r, uint64_t v)
{
	arch_mmio_write64(base + r.off, v);
}

static inline uint32_t reg_peek32(uintptr_t base, reg32_w1c_t r)
{
	return arch_mmio_read32(base + r.off);
}

static inline void reg_ack32(uintptr_t base, reg32_w1c_t r, uint32_t bits)
{
	arch_mmio_write32(base + r.off, bits);
}
