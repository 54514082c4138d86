/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions that have nothing but a virtual GIC. */
#pragma once

#include <asm/vgic.h>

struct arch_vm {
	struct vgic vgic;
};

struct arch_vcpu {
	struct vgic_cpu vgic;
};
