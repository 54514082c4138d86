/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions that have nothing but virtual interrupt controllers. */
#pragma once

#include <asm/vlapic.h>

struct arch_vm {
	struct vioapic ioapic;
};

struct arch_vcpu {
	struct vlapic apic;
};
