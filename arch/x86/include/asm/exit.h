/* SPDX-License-Identifier: Apache-2.0 */
/* What guests do that is emulated. Each advances RIP itself where it completes, or gives the guest an exception. */
#pragma once

#include <hyp/types.h>

struct vcpu;
struct vm;

enum { EXC_DB = 1, EXC_UD = 6, EXC_GP = 13, EXC_PF = 14, EXC_AC = 17, EXC_MC = 18 };

void exit_advance(struct vcpu *v, unsigned bytes); /* RIP, truncated as the mode says; clears the interrupt shadow */

/* cpuid.c */
void exit_cpuid(struct vcpu *v);
uint64_t cpuid_xcr0_mask(void); /* what a guest may enable in XCR0; 0: no XSAVE here */

/* msr.c: RDMSR, WRMSR of registers that are not the guest's own */
void exit_msr(struct vcpu *v, bool write);
void exit_xsetbv(struct vcpu *v);

/* cr8.c: MOV to CR8, the task priority */
void exit_cr8(struct vcpu *v);

/* port.c: IN, OUT, INS, OUTS. next: RIP behind the instruction. */
struct port_access {
	uint16_t port;
	uint8_t size;   /* 1, 2, 4 */
	bool in;
	bool string;    /* INS, OUTS, with or without REP: not emulated, #GP */
	uint64_t next;
};
void exit_port(struct vcpu *v, const struct port_access *a);
void port_vm_reset(struct vm *vm);

/* npf.c: a guest-physical address outside its memory, or an emulated device. */
void exit_npf(struct vcpu *v, uint64_t gpa, bool write, bool fetch);

/* vuart.c */
void vuart_init(struct vm *vm);
uint8_t vuart_read(struct vm *vm, unsigned reg);
void vuart_write(struct vm *vm, unsigned reg, uint8_t value);

/* vfw.c: writes start info, memory map and ACPI tables into the partition's memory, after its images were loaded. */
void vfw_load(struct vm *vm);

/* How much memory vfw_load() uses, at the top of the partition's first region. */
enum { VFW_SIZE = 0x4000 };
