/* SPDX-License-Identifier: Apache-2.0 */
/* A processor made of tables, in test/unit/x86_emu.c. There are no I/O ports: whoever touches one does not link. */
#pragma once

#include <hyp/types.h>

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

struct cpuid_regs cpuid_read(uint32_t leaf, uint32_t sub);
uint64_t msr_read(uint32_t msr);
void msr_write(uint32_t msr, uint64_t v);
void xsetbv(uint32_t xcr, uint64_t v);
