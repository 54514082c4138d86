/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message-signalled interrupts. A physical one has a number from IRQ_MSI_FIRST on; a message of a device reaches a CPU
 * only through the unit's interrupt remapping, which checks who sent it [I3]. An architecture without the hardware for
 * this says so, and no partition is shown the capability.
 */
#pragma once

#include <hyp/types.h>

struct vm;

struct msi_msg {
	uint64_t addr;
	uint32_t data;
};

/* True if messages of devices behind every unit are remapped. */
bool arch_msi_remapped(void);

/* What a unit itself must write to raise irq on that CPU: its own messages are not remapped. */
void arch_msi_make(uint32_t irq, unsigned cpu, struct msi_msg *out);

/*
 * irq (>= IRQ_MSI_FIRST) comes from requester sid behind unit: from return on, writing *out raises it on that CPU,
 * when that requester does it. -BH_EIO, -BH_ENODEV no remapping.
 */
int arch_msi_enable(uint32_t irq, unsigned cpu, unsigned unit, sid_t sid, struct msi_msg *out) __must_check;

/* From return on nothing raises it. */
void arch_msi_disable(uint32_t irq, unsigned unit);

/* Delivers, inside the partition, the message its driver told the device to write. Anything may be in it. */
void arch_vm_pend_msi(struct vm *vm, uint64_t addr, uint32_t data);
