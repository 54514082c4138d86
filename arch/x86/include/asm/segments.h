/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors of our GDT, for C and assembler. */
#pragma once

#define SEL_CODE64 0x08
#define SEL_DATA   0x10
#define SEL_CODE32 0x18
#define SEL_TSS    0x20 /* + 16 * CPU */

/* Interrupt stacks: of every exception, the CPU's emergency stack; of NMI, which may come while that one is in use. */
#define IST_EMERG  1
#define IST_NMI    2

/* Where the other CPUs start: RAM on every PC; no partition's and no device's (config_rules.c). */
#define TRAMPOLINE 0x8000
