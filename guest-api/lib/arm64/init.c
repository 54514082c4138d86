/* SPDX-License-Identifier: Apache-2.0 */
/* From start.S to guest_main(), and the same for a second vCPU. Owns the stacks and what each vCPU shall run. */
#include "runtime.h"

/* Named by start.S. */
uint8_t guest_stacks[GUEST_VCPU_MAX][STACK_SIZE] __attribute__((aligned(16)));

static struct {
	void (*fn)(uint64_t arg);
	uint64_t arg;
} job[GUEST_VCPU_MAX];

static void irqs_on(void)
{
	__asm__ volatile("msr daifclr, #0xf" : : : "memory");
}

void guest_start(uint64_t arg)
{
	irq_init_cpu();
	irqs_on();
	guest_main(arg);
	power_off();
}

void secondary_start(uint64_t index)
{
	irq_init_cpu();
	irqs_on();
	job[index].fn(job[index].arg);
	psci_call(PSCI_CPU_OFF, 0, 0, 0);
	guest_die("vCPU %lu: CPU_OFF came back", index);
}

int vcpu_start(unsigned n, void (*fn)(uint64_t arg), uint64_t arg)
{
	if (n >= GUEST_VCPU_MAX) {
		return PSCI_INVALID_PARAMETERS;
	}
	job[n].fn = fn;
	job[n].arg = arg;
	__asm__ volatile("dc cvac, %0" : : "r"(&job[n]) : "memory");
	cpu_sync();
	return (int)psci_call(PSCI_CPU_ON, n, (uintptr_t)secondary_entry, n);
}
