/* SPDX-License-Identifier: Apache-2.0 */
/* One load or store instruction each, in program order with each other. */
#pragma once

#include <hyp/types.h>

static inline uint8_t arch_mmio_read8(uintptr_t a);
static inline uint16_t arch_mmio_read16(uintptr_t a);
static inline uint32_t arch_mmio_read32(uintptr_t a);
static inline uint64_t arch_mmio_read64(uintptr_t a);
static inline void arch_mmio_write8(uintptr_t a, uint8_t v);
static inline void arch_mmio_write16(uintptr_t a, uint16_t v);
static inline void arch_mmio_write32(uintptr_t a, uint32_t v);
static inline void arch_mmio_write64(uintptr_t a, uint64_t v);

#include <asm/mmio.h>
