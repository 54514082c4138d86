/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition of two vCPUs around the emulation of arch/x86: its registers are arrays, its memory is here, the devices
 * behind it are recorders. Every exit must end in an advanced RIP, an exception, or a stopped partition: emu_outcome().
 */
#pragma once

#include <setjmp.h>

#include <asm/cpuvirt.h>
#include <asm/io.h>
#include <hyp/vm.h>

enum {
	EMU_RAM = 0x20000,      /* IPA 0, 32 pages; the next page is another region, at another place */
	EMU_RAM2 = 0x20000,     /* one page */
	EMU_DEVICE = 0x200000,  /* one page of a device of the partition's own */
	EMU_WINDOW = 0x300000,  /* one page that is emulated */
	EMU_ECAM = 0x30000000,  /* from bus 1 to 127 */
};

enum emu_outcome { EMU_ADVANCED, EMU_EXCEPTION, EMU_STOPPED, EMU_RESTARTED };

struct emu_access {
	unsigned count;
	uint64_t where;    /* IPA, MSR, or offset in the ECAM window */
	struct mmio m;
	uint64_t reply;    /* what a read returns */
	bool refuse;       /* MSRs: #GP */
};

struct emu {
	uint64_t reg[2][VREG_COUNT];
	unsigned vector, error; /* of the last exception */
	bool has_error;
	unsigned injected, rip_set;
	unsigned nowhere;       /* accesses behind neither device */
	struct emu_access bus, pci, apic;
	uint64_t xcr0, tsc_aux;
	unsigned xsetbvs, msr_writes;
	bool no_pci;
	bool line;
	unsigned edges;         /* times the serial line went up */
	char out[64];
	unsigned out_count;
	uint8_t ram[EMU_RAM];
	uint8_t ram2[PAGE_SIZE];
};

extern struct emu emu;
extern struct vm emu_vm;
extern struct vcpu *const emu_v;    /* vCPU 0 */

/* What the processor's CPUID says; the tests choose one. */
typedef struct cpuid_regs emu_cpuid_fn(uint32_t leaf, uint32_t sub);
extern emu_cpuid_fn *emu_cpuid;

int emu_setup(void **state); /* all back: 64-bit code, paging off, RIP 0x1000, an Intel-like nothing of a processor */

/* Runs stmt; what became of the guest. Both an advance and an exception, or neither, fails. */
enum emu_outcome emu_end(unsigned injected, unsigned rip_set);
extern jmp_buf emu_jmp;
#define EMU_RUN(result, stmt)                                                 \
	do {                                                                  \
		unsigned i_ = emu.injected, r_ = emu.rip_set;                 \
		int j_ = setjmp(emu_jmp);                                     \
		if (j_ == 0) {                                                \
			stmt;                                                 \
		}                                                             \
		(result) = j_ != 0 ? (enum emu_outcome)j_ : emu_end(i_, r_);  \
	} while (0)

void emu_expect_gp(enum emu_outcome how);
void emu_expect_next(enum emu_outcome how, uint64_t rip);
