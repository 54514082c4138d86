/* SPDX-License-Identifier: Apache-2.0 */
/* What the runtime's files share, C and assembler; not for guests. */
#pragma once

#define STACK_SHIFT 14
#define STACK_SIZE  (1 << STACK_SHIFT)
#define EMERGENCY_SIZE 4096 /* for double faults, and for whatever comes at CPL 3 */

/* Selectors: start.S has the table. User segments with their RPL. */
#define SEL_CODE32    0x08
#define SEL_CODE      0x10
#define SEL_DATA      0x18
#define SEL_USER_DATA 0x23
#define SEL_USER_CODE 0x2b
#define SEL_TSS       0x30 /* of vCPU 0; two entries each */

#define VECTOR_STUB_SIZE 32 /* vectors.S */

#ifndef __ASSEMBLER__

#include <bulkhead/guest.h>

void guest_start(uint64_t arg);           /* from start.S */
void secondary_start(uint64_t index);     /* from start.S */
void cpu_tables_init(unsigned me);        /* exception.c, every vCPU: IDT, TSS, GS.base */
void time_init(void);                     /* timer.c, vCPU 0 */
bool vcpu_power_on(unsigned n);           /* power.c: INIT and SIPI; it goes to secondary_start() */
void vcpu_is_on(unsigned n);              /* that vCPU says so itself */
GUEST_NORETURN void vcpu_power_off(unsigned n);
void irq_dispatch(uint8_t vector, uint64_t entry_ticks); /* irq.c, from the vector */
void nmi_dispatch(void);

/* Assembler: what a vCPU runs in the low page; gates; the way to CPL 3 and back. */
extern const uint8_t trampoline_start[], trampoline_end[];
extern const uint8_t guest_vectors[];
extern uint64_t guest_gdt[];
void guest_cpl3_enter(void (*fn)(void), uint64_t stack);
void guest_cpl3_done(void);

#endif
