/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers the assembler shares with C; arch/arm64/vcpu.c asserts that they agree. */
#pragma once

#define VCPU_VGIC_DIRTY  0          /* struct vcpu.arch.vgic.dirty */
#define BH_HC_BASE_ASM   0xc6000000 /* BH_HC_BASE */
#define BH_HC_COUNT_ASM  18         /* BH_HC_COUNT */
