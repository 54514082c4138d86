/* SPDX-License-Identifier: Apache-2.0 */
/* What arm64 keeps per partition and per virtual CPU. */
#pragma once

#include <asm/vgic.h>
#include <hyp/spinlock.h>
#include <hyp/trap.h>
#include <hyp/types.h>

/* Devices of a partition that the architecture emulates. */
enum { VM_TRAP_GICD = VM_TRAP_ARCH, VM_TRAP_GICR, VM_TRAP_UART };

/* General registers of the guest, at the top of its CPU's stack. PC and PSTATE stay in ELR_EL2, SPSR_EL2. */
struct guest_regs {
	uint64_t x[31];
	uint64_t pad;
};

enum { VUART_RX = 64 };

/* One emulated PL011 per partition. */
struct vuart {
	struct spinlock lock;
	uint16_t imsc;
	uint16_t cr;
	uint16_t lcr_h;
	uint16_t ifls;
	uint16_t ibrd;
	uint16_t fbrd;
	bool tx_ris;      /* transmit interrupt state: the FIFO drained */
	uint8_t rx[VUART_RX];
	unsigned rx_head;
	unsigned rx_count;
};

struct arch_vm {
	struct vgic vgic;
	struct vuart uart;
	uint64_t vttbr;
};

struct arch_vcpu {
	struct vgic_cpu vgic;     /* first: vectors.S looks at its dirty flag */
	struct guest_regs *regs;  /* valid while the vCPU is on its CPU */
};
