/* SPDX-License-Identifier: Apache-2.0 */
/* Ports, MSRs and CPUID belong to a model, as registers do: link one (test/model/apic_model.c). */
#pragma once

#include <hyp/types.h>

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

uint32_t fake_port_read(uint16_t port, unsigned width);
void fake_port_write(uint16_t port, unsigned width, uint32_t v);
uint64_t msr_read(uint32_t msr);
void msr_write(uint32_t msr, uint64_t v);
struct cpuid_regs cpuid_read(uint32_t leaf, uint32_t sub);

static inline uint8_t io_read8(uint16_t port)
{
	return (uint8_t)fake_port_read(port, 1);
}

static inline uint16_t io_read16(uint16_t port)
{
	return (uint16_t)fake_port_read(port, 2);
}

static inline uint32_t io_read32(uint16_t port)
{
	return fake_port_read(port, 4);
}

static inline void io_write8(uint16_t port, uint8_t v)
{
	fake_port_write(port, 1, v);
}

static inline void io_write16(uint16_t port, uint16_t v)
{
	fake_port_write(port, 2, v);
}

static inline void io_write32(uint16_t port, uint32_t v)
{
	fake_port_write(port, 4, v);
}
