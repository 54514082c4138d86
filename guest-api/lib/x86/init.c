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
	__asm__ volatile("sti" : : : "memory");
}

void guest_start(uint64_t arg)
{
	cpu_tables_init(0);
	time_init();
	irq_init_cpu();
	irqs_on();
	guest_main(arg);
	power_off();
}

void secondary_start(uint64_t index)
{
	cpu_tables_init((unsigned)index);
	irq_init_cpu();
	vcpu_is_on((unsigned)index);
	irqs_on();
	job[index].fn(job[index].arg);
	vcpu_power_off((unsigned)index);
}

int vcpu_start(unsigned n, void (*fn)(uint64_t arg), uint64_t arg)
{
	if (n >= GUEST_VCPU_MAX || !vcpu_is_off(n)) {
		return -1;
	}
	job[n].fn = fn;
	job[n].arg = arg;
	return vcpu_power_on(n) ? 0 : -1;
}
