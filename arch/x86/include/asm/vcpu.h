/* SPDX-License-Identifier: Apache-2.0 */
/* What x86 keeps per partition and per virtual CPU. */
#pragma once

#include <asm/vlapic.h>
#include <hyp/spinlock.h>
#include <hyp/trap.h>
#include <hyp/types.h>

/* Ranges of guest-physical addresses this architecture emulates. */
enum { VM_TRAP_LAPIC = VM_TRAP_ARCH, VM_TRAP_IOAPIC };

/*
 * General registers of the guest. The first eight are, in this order, x0..x7 of a hypercall (bulkhead/abi.h). RSP, RIP
 * and RFLAGS are in the VMCB or VMCS, and so is RAX on the way in and out with SVM.
 */
enum guest_gpr { G_RAX, G_RDI, G_RSI, G_RDX, G_RCX, G_R8, G_R9, G_R10, G_RBX, G_RBP, G_R11, G_R12, G_R13, G_R14, G_R15,
		 G_COUNT };

struct guest_regs {
	uint64_t x[G_COUNT];
	uint64_t pad;
};

enum { VUART_RX = 64 };

/* One emulated 16550 per partition, at the first serial port's place. */
struct vuart {
	struct spinlock lock;
	uint8_t ier, lcr, mcr, scr, dll, dlm, fcr;
	bool thre;        /* the transmit-empty interrupt is due */
	uint8_t rx[VUART_RX];
	unsigned rx_head;
	unsigned rx_count;
};

/* How a vCPU starts: the first one as the PVH ABI says, the others as SIPI says. */
enum vcpu_entry { VCPU_ENTRY_PVH, VCPU_ENTRY_SIPI };

struct arch_vm {
	struct vioapic ioapic;
	struct vuart uart;
	uint64_t s2_root;        /* physical address of stage 2 */
	struct spinlock port_lock;
	uint32_t pci_address;    /* CF8 */
	uint8_t cmos_index;
	uint16_t pm1_enable, pm1_control;
	uint64_t boot_info;      /* guest-physical address of the start info */
};

struct arch_vcpu {
	struct guest_regs regs;   /* first: svm_entry.S */
	struct vlapic apic;
	void *vmcb;               /* or VMCS */
	uint64_t vmcb_pa;
	uint64_t xcr0;
};
