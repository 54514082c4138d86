/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions that have nothing but a virtual GIC. */
#pragma once

#include <asm/vgic.h>
#include <hyp/trap.h>

/* Devices of a partition that the architecture emulates. */
enum { VM_TRAP_GICD = VM_TRAP_ARCH, VM_TRAP_GICR, VM_TRAP_UART };

struct arch_vm {
	struct vgic vgic;
};

struct arch_vcpu {
	struct vgic_cpu vgic;
};
