/* SPDX-License-Identifier: Apache-2.0 */
/* Where the assembler finds the guest's registers: 8 * enum guest_gpr, checked in arch/x86/vcpu.c. */
#pragma once

#define REG_RAX 0
#define REG_RDI 8
#define REG_RSI 16
#define REG_RDX 24
#define REG_RCX 32
#define REG_R8  40
#define REG_R9  48
#define REG_R10 56
#define REG_RBX 64
#define REG_RBP 72
#define REG_R11 80
#define REG_R12 88
#define REG_R13 96
#define REG_R14 104
#define REG_R15 112
