/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of the architecture contract: what partitions and the core call, counted and otherwise harmless. */
#include "fake.h"

#include <bulkhead/errno.h>

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <hyp/vm.h>

#include "fake_arch.h"

unsigned fake_irq_enabled[1024];
unsigned fake_irq_eois[1024];
unsigned fake_ipis;
bool fake_sealed;

/* Deliberately like nothing real: tests must not rely on Arm's bits. */
const struct pgtable_fmt arch_s2_fmt = {
	.name = "fake stage 2",
	.addr = 0x0000fffffffff000ull,
	.present = 1ull << 63,
	.table = (1ull << 63) | (1ull << 62),
	.type_mask = 1ull << 62,
	.table_type = 1ull << 62,
	.page = 1ull << 63,
	.block = 1ull << 63,
	.soft = 1ull << 56,
	.attr = {
		[PROT_READ] = 1, [PROT_WRITE] = 2, [PROT_READ | PROT_WRITE] = 3,
		[PROT_EXEC] = 4, [PROT_READ | PROT_EXEC] = 5, [PROT_WRITE | PROT_EXEC] = 6,
		[PROT_READ | PROT_WRITE | PROT_EXEC] = 7,
		[PROT_DEVICE | PROT_READ] = 9, [PROT_DEVICE | PROT_WRITE] = 10,
		[PROT_DEVICE | PROT_READ | PROT_WRITE] = 11,
	},
	.block_levels = 0x6,
};

int arch_cpu_start(unsigned cpu)
{
	return cpu < CPU_MAX ? 0 : -BH_EIO;
}

void arch_ipi_send(unsigned cpu)
{
	(void)cpu;
	fake_ipis++;
}

void arch_ipi_park_others(void)
{
}

void arch_cpu_park(void)
{
	fake_fail("CPU parked");
}

void arch_power_off(void)
{
	fake_fail("power off");
}

void arch_power_reset(void)
{
	fake_fail("power reset");
}

void arch_cpu_idle(void)
{
	fake_fail("CPU idle");
}

void arch_cpu_up(void)
{
}

int arch_irq_init(const struct board *b)
{
	(void)b;
	return 0;
}

void arch_irq_init_cpu(void)
{
}

void arch_seal(void)
{
	fake_sealed = true;
}

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	(void)base;
	(void)size;
	(void)prot;
	return 0;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

void arch_irq_enable(uint32_t irq, unsigned cpu, bool edge)
{
	(void)cpu;
	(void)edge;
	fake_irq_enabled[irq % 1024] = 1;
}

void arch_irq_disable(uint32_t irq)
{
	fake_irq_enabled[irq % 1024] = 0;
}

void arch_irq_eoi(uint32_t irq)
{
	fake_irq_eois[irq % 1024]++;
}

void arch_vm_load(struct vm *vm)
{
}

void arch_vm_init(struct vm *vm)
{
	vm->arch = (struct arch_vm){ 0 };
}

void arch_vcpu_init(struct vcpu *vcpu)
{
	vcpu->arch = (struct arch_vcpu){ 0 };
}

void arch_vcpu_run(struct vcpu *vcpu)
{
	(void)vcpu;
	fake_fail("a partition was started");
}

void arch_vcpu_off(struct vcpu *vcpu)
{
	(void)vcpu;
}

void arch_vm_reset(struct vm *vm)
{
	vm->arch = (struct arch_vm){ 0 };
}

bool arch_vm_console_rx(struct vm *vm, uint8_t c)
{
	(void)vm;
	(void)c;
	return true;
}

void arch_vm_irq_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge)
{
	(void)vm;
	(void)virq;
	(void)irq;
	(void)edge;
}

void arch_vm_mmio(struct vcpu *vcpu, unsigned kind, uint64_t off, struct mmio *m)
{
	(void)vcpu;
	(void)kind;
	(void)off;
	m->value = 0;
}

void arch_vm_pend_virq(struct vm *vm, uint32_t virq)
{
	vm->arch.pending[(virq / 64) % 16] |= 1ull << (virq % 64);
	vm->arch.pend_count++;
}

void arch_vm_pend_hwirq(struct vm *vm, uint32_t virq, uint32_t irq)
{
	(void)irq;
	vm->arch.hwirq_count++;
	arch_vm_pend_virq(vm, virq);
}
