/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

uint64_t fake_mmio_read(uintptr_t a, unsigned width);
void fake_mmio_write(uintptr_t a, unsigned width, uint64_t v);

static inline uint8_t arch_mmio_read8(uintptr_t a)
{
	return (uint8_t)fake_mmio_read(a, 1);
}

static inline uint16_t arch_mmio_read16(uintptr_t a)
{
	return (uint16_t)fake_mmio_read(a, 2);
}

static inline uint32_t arch_mmio_read32(uintptr_t a)
{
	return (uint32_t)fake_mmio_read(a, 4);
}

static inline uint64_t arch_mmio_read64(uintptr_t a)
{
	return fake_mmio_read(a, 8);
}

static inline void arch_mmio_write8(uintptr_t a, uint8_t v)
{
	fake_mmio_write(a, 1, v);
}

static inline void arch_mmio_write16(uintptr_t a, uint16_t v)
{
	fake_mmio_write(a, 2, v);
}

static inline void arch_mmio_write32(uintptr_t a, uint32_t v)
{
	fake_mmio_write(a, 4, v);
}

static inline void arch_mmio_write64(uintptr_t a, uint64_t v)
{
	fake_mmio_write(a, 8, v);
}
