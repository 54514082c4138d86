/* SPDX-License-Identifier: Apache-2.0 */
/* Access to a VMCB, which only this CPU and its own guest switch touch. */
#pragma once

#include "svm_regs.h"

#include <asm/cpuvirt.h>
#include <hyp/types.h>
#include <hyp/vm.h>

void vcpu_halt(struct vcpu *v); /* vcpu.c */

static inline uint64_t r64(const uint8_t *vmcb, unsigned off)
{
	return *(const volatile uint64_t *)(const void *)(vmcb + off);
}

static inline uint32_t r32(const uint8_t *vmcb, unsigned off)
{
	return *(const volatile uint32_t *)(const void *)(vmcb + off);
}

static inline uint8_t r8(const uint8_t *vmcb, unsigned off)
{
	return *(const volatile uint8_t *)(vmcb + off);
}

static inline void w64(uint8_t *vmcb, unsigned off, uint64_t v)
{
	*(volatile uint64_t *)(void *)(vmcb + off) = v;
}

static inline void w32(uint8_t *vmcb, unsigned off, uint32_t v)
{
	*(volatile uint32_t *)(void *)(vmcb + off) = v;
}

static inline void w8(uint8_t *vmcb, unsigned off, uint8_t v)
{
	*(volatile uint8_t *)(vmcb + off) = v;
}
