/* SPDX-License-Identifier: Apache-2.0 */
/* See vapic_board.h: the parts of the hypervisor around the virtual APICs, as small as they can be. */
#include "vapic_board.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/irq.h>
#include <arch/time.h>
#include <bulkhead/errno.h>

#include "fake/fake.h"

struct vm vms[VM_MAX];
unsigned kicks[CPUS], timer_sets;
uint64_t timer_at[CPUS];
struct phys phys[64];
bool obeys_init;

uint64_t vapic_tsc;
uint64_t tsc_khz;
_Thread_local unsigned vapic_cpu;

/* --- the hypervisor around it --- */

void vapic_relax(void)
{
	for (unsigned i = 0; obeys_init && i < A->vcpu_count; i++) {
		if (A->vcpu[i].arch.apic.init_pending) {
			A->vcpu[i].state = VCPU_OFF;
		}
	}
	(void)sched_yield();
}

void lapic_ipi(unsigned cpu, uint8_t vector)
{
	assert_true(cpu < CPUS && cpu != vapic_cpu);
	assert_int_equal(vector, IRQ_VECTOR_VAPIC);
	__atomic_fetch_add(&kicks[cpu], 1, __ATOMIC_SEQ_CST);
}

void lapic_timer_at(uint64_t tsc)
{
	timer_at[vapic_cpu] = tsc;
	timer_sets++;
}

void lapic_timer_off(void)
{
	timer_at[vapic_cpu] = 0;
}

int vcpu_start(struct vm *vm, unsigned index, uint64_t pc, uint64_t arg)
{
	struct vcpu *v = &vm->vcpu[index];

	assert_true(index < vm->vcpu_count);
	if (v->state != VCPU_OFF) {
		return -BH_EBUSY;
	}
	v->start_pc = pc;
	v->start_arg = arg;
	v->state = VCPU_STARTING;
	return 0;
}

/* --- the physical I/O APIC --- */

static void unlocked(const struct vm *vm)
{
	assert_int_equal(vm->arch.ioapic.lock.next, vm->arch.ioapic.lock.serving);
}

void arch_irq_enable(uint32_t irq, unsigned cpu, bool edge)
{
	unlocked(A);
	unlocked(B);
	phys[irq].enables++;
	phys[irq].enabled = true;
	phys[irq].masked = false;
	phys[irq].edge = edge;
	phys[irq].cpu = cpu;
}

void ioapic_mask(uint32_t irq)
{
	phys[irq].masked = true;
}

void ioapic_unmask(uint32_t irq)
{
	phys[irq].masked = !phys[irq].enabled;
}

static void phys_fire(struct vm *vm, uint32_t virq, uint32_t irq)
{
	phys[irq].fired++;
	vapic_cpu = phys[irq].cpu;
	vioapic_hwirq(vm, virq, irq);
}

void phys_run(struct vm *vm, uint32_t virq, uint32_t irq)
{
	const struct phys *p = &phys[irq];

	for (unsigned n = 0; p->enabled && !p->masked && !p->edge && p->line; n++) {
		if (n == 3) {
			fake_fail("physical interrupt %u storms", irq);
		}
		phys_fire(vm, virq, irq);
	}
}

void phys_line(struct vm *vm, uint32_t virq, uint32_t irq, bool high)
{
	bool rises = high && !phys[irq].line;

	phys[irq].line = high;
	if (phys[irq].edge && rises && phys[irq].enabled && !phys[irq].masked) {
		phys_fire(vm, virq, irq);
	}
	phys_run(vm, virq, irq);
}

/* --- set-up --- */

static void vm_setup(struct vm *vm, unsigned vcpus, unsigned first_cpu)
{
	memset(vm, 0, sizeof(*vm));
	vm->index = (unsigned)(vm - vms);
	vm->vcpu_count = vcpus;
	vioapic_reset(vm);
	for (unsigned i = 0; i < vcpus; i++) {
		vm->vcpu[i].vm = vm;
		vm->vcpu[i].index = i;
		vm->vcpu[i].cpu = first_cpu + i;
		vm->vcpu[i].arch.apic.id = i;
		vlapic_reset(&vm->vcpu[i]);
	}
}

static void vm_run(struct vm *vm)
{
	vm->state = VM_RUNNING;
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		vm->vcpu[i].state = VCPU_RUNNING;
		apic_write(&vm->vcpu[i], APIC_LDR, 1u << (24 + i));
		apic_write(&vm->vcpu[i], APIC_SVR, SVR_Enable | 0xff);
	}
}

void board_raw(void)
{
	fake_reset();
	memset(kicks, 0, sizeof(kicks));
	memset(timer_at, 0, sizeof(timer_at));
	memset(phys, 0, sizeof(phys));
	timer_sets = 0;
	obeys_init = false;
	vapic_tsc = 1000000;
	tsc_khz = 3000000;
	vapic_cpu = 0;
	vm_setup(A, 3, 0);
	vm_setup(B, 1, 3);
}

int board_setup(void **state)
{
	(void)state;
	board_raw();
	vm_run(A);
	vm_run(B);
	return 0;
}

/* --- what guests do --- */

static uint64_t page(struct vcpu *v, void (*fn)(struct vcpu *, uint64_t, struct mmio *), uint64_t off, struct mmio m)
{
	vapic_cpu = v->cpu;
	fn(v, off, &m);
	unlocked(v->vm);
	return m.value;
}

uint32_t apic_read(struct vcpu *v, unsigned reg)
{
	return (uint32_t)page(v, vlapic_mmio, reg * 16, (struct mmio){ .value = 0x5555555555555555, .size = 4 });
}

void apic_write(struct vcpu *v, unsigned reg, uint32_t value)
{
	page(v, vlapic_mmio, reg * 16, (struct mmio){ .value = value, .size = 4, .write = true });
}

bool x2_read(struct vcpu *v, unsigned reg, uint64_t *value)
{
	vapic_cpu = v->cpu;
	return vlapic_msr(v, MSR_X2APIC_BASE + reg, false, value);
}

bool x2_write(struct vcpu *v, unsigned reg, uint64_t value)
{
	vapic_cpu = v->cpu;
	return vlapic_msr(v, MSR_X2APIC_BASE + reg, true, &value);
}

bool base_set(struct vcpu *v, uint64_t bits)
{
	uint64_t value = VLAPIC_BASE | bits;

	vapic_cpu = v->cpu;
	return vlapic_msr(v, MSR_IA32_APIC_BASE, true, &value);
}

void x2_enable(struct vcpu *v)
{
	assert_true(base_set(v, APIC_BASE_EN | APIC_BASE_EXTD));
}

uint32_t io_read(struct vcpu *v, uint32_t reg)
{
	page(v, vioapic_mmio, 0, (struct mmio){ .value = reg, .size = 1, .write = true });
	return (uint32_t)page(v, vioapic_mmio, 0x10, (struct mmio){ .size = 4 });
}

void io_write(struct vcpu *v, uint32_t reg, uint32_t value)
{
	page(v, vioapic_mmio, 0, (struct mmio){ .value = reg, .size = 4, .write = true });
	page(v, vioapic_mmio, 0x10, (struct mmio){ .value = value, .size = 4, .write = true });
}

void rte_set(struct vcpu *v, unsigned pin, uint64_t rte)
{
	io_write(v, 0x11 + 2 * pin, (uint32_t)(rte >> 32));
	io_write(v, 0x10 + 2 * pin, (uint32_t)rte);
}

uint64_t rte_get(struct vcpu *v, unsigned pin)
{
	return io_read(v, 0x10 + 2 * pin) | (uint64_t)io_read(v, 0x11 + 2 * pin) << 32;
}

int take(struct vcpu *v)
{
	int vector = vlapic_pending(v);

	vapic_cpu = v->cpu;
	if (vector >= 0) {
		vlapic_accept(v, (uint8_t)vector);
	}
	return vector;
}

void eoi(struct vcpu *v)
{
	if (vlapic_state(&v->arch.apic) == APIC_X2APIC) {
		assert_true(x2_write(v, APIC_EOI, 0));
	} else {
		apic_write(v, APIC_EOI, 0);
	}
}

int serve(struct vcpu *v)
{
	int vector = take(v);

	if (vector >= 0) {
		eoi(v);
	}
	return vector;
}

bool is_idle(const struct vcpu *v)
{
	const struct vlapic *a = &v->arch.apic;

	return (a->irr[0] | a->irr[1] | a->irr[2] | a->irr[3] | a->isr[0] | a->isr[1] | a->isr[2] | a->isr[3]) == 0;
}
