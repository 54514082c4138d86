/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual CPU on its physical CPU: its start, its wait while it is off or halted, and what a partition's devices are
 * on x86. Which virtualization runs it was chosen at boot: SVM or VMX.
 */
#include <arch/vcpu.h>

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <asm/cpuvirt.h>
#include <asm/exit.h>
#include <asm/guest_offsets.h>
#include <asm/io.h>
#include <asm/irq.h>
#include <asm/msr.h>
#include <asm/percpu.h>
#include <asm/trap.h>
#include <hyp/check.h>
#include <hyp/vm.h>

#include "svm.h"

_Static_assert(offsetof(struct vcpu, arch.regs) == 0, "svm_entry.S");
_Static_assert(REG_RDI == 8 * G_RDI && REG_RSI == 8 * G_RSI && REG_RDX == 8 * G_RDX && REG_RCX == 8 * G_RCX,
	       "svm_entry.S");
_Static_assert(REG_R8 == 8 * G_R8 && REG_R9 == 8 * G_R9 && REG_R10 == 8 * G_R10 && REG_RBX == 8 * G_RBX, "svm_entry.S");
_Static_assert(REG_RBP == 8 * G_RBP && REG_R11 == 8 * G_R11 && REG_R12 == 8 * G_R12, "svm_entry.S");
_Static_assert(REG_R13 == 8 * G_R13 && REG_R14 == 8 * G_R14 && REG_R15 == 8 * G_R15, "svm_entry.S");

const struct cpuvirt *cpuvirt __sealed = &cpuvirt_svm;

__noreturn void stack_reset(struct vcpu *v, void (*fn)(struct vcpu *v));

/* AMD: CPUID Fn8000_0001_ECX[SVM], and not switched off by the firmware [APM 2 15.4]; nested paging; 1 GiB pages. */
static const char *svm_missing(void)
{
	if (cpuid_read(0x80000000, 0).eax < 0x8000000a || !(cpuid_read(0x80000001, 0).ecx & BIT32(2))) {
		return "no SVM: start QEMU with -accel tcg -cpu max,+svm, or enable it in the firmware";
	}
	if (msr_read(MSR_VM_CR) & VM_CR_SVMDIS) {
		return "SVM is switched off: enable virtualization (SVM, AMD-V) in the firmware's set-up";
	}
	if (!(cpuid_read(0x8000000a, 0).edx & BIT32(0))) {
		return "SVM without nested paging: start QEMU with -cpu max,+svm,+npt";
	}
	if (!(cpuid_read(0x80000001, 0).edx & BIT32(26))) {
		return "no 1 GiB pages: start QEMU with -cpu max";
	}
	return NULL;
}

bool cpuvirt_choose(const char **why)
{
	*why = svm_missing();
	if (*why != NULL && (cpuid_read(1, 0).ecx & BIT32(5))) {
		*why = "this CPU has VMX and no SVM, and VMX is not there yet: "
		       "use an AMD CPU or QEMU with -accel tcg -cpu max,+svm";
	}
	cpuvirt = &cpuvirt_svm;
	return *why == NULL;
}

static void devices_reset(struct vm *vm)
{
	vioapic_reset(vm);
	vuart_init(vm);
	port_vm_reset(vm);
}

void arch_vm_init(struct vm *vm)
{
	vm->arch.s2_root = arch_pa(vm->s2.root).v;
	devices_reset(vm);
	vm_trap_add(vm, VLAPIC_BASE, PAGE_SIZE, (enum vm_trap_kind)VM_TRAP_LAPIC);
	vm_trap_add(vm, VIOAPIC_BASE, PAGE_SIZE, (enum vm_trap_kind)VM_TRAP_IOAPIC);
}

void arch_vm_reset(struct vm *vm)
{
	devices_reset(vm);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		vlapic_reset(&vm->vcpu[i]);
	}
}

void arch_vm_load(struct vm *vm)
{
	vfw_load(vm);
}

void arch_vcpu_init(struct vcpu *v)
{
	v->arch.apic.id = v->index;
	vlapic_reset(v);
	cpuvirt->vcpu_init(v);
}

/* Extended state and what else is the CPU's own as after a reset: nothing of the run before is left in it. */
static void fpu_reset(struct vcpu *v)
{
	static const uint8_t zero[1024] __attribute__((aligned(64))); /* legacy area and header: all initial */
	static const uint32_t mxcsr = 0x1f80;

	if (cr4_read() & CR4_OSXSAVE) {
		struct cpuid_regs all = cpuid_read(0xd, 0);

		xsetbv(0, (uint64_t)all.edx << 32 | all.eax);
		__asm__ volatile("xrstor64 %0" ::"m"(zero), "a"(UINT32_MAX), "d"(UINT32_MAX) : "memory");
		xsetbv(0, 1);
	} else {
		__asm__ volatile("fxrstor64 %0" ::"m"(zero) : "memory");
	}
	__asm__ volatile("fninit; ldmxcsr %0" ::"m"(mxcsr) : "memory");
	__asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2; mov %0, %%dr3" ::"r"(0ul));
	if (cpuid_read(0x80000001, 0).edx & BIT32(27)) {
		msr_write(MSR_TSC_AUX, 0); /* guests with RDTSCP have the register itself */
	}
	v->arch.xcr0 = 1;
}

static void wait_and_enter(struct vcpu *v)
{
	bool first;

	while (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) != VCPU_STARTING) {
		cpu_wait();
	}
	first = v->index == 0 && v->start_pc == v->vm->cfg->entry;
	vlapic_reset(v);
	fpu_reset(v);
	cpuvirt->vcpu_reset(v, first ? VCPU_ENTRY_PVH : VCPU_ENTRY_SIPI, v->start_pc, v->start_arg);
	__atomic_store_n(&v->state, VCPU_RUNNING, __ATOMIC_RELEASE);
	if (__atomic_load_n(&v->arch.apic.init_pending, __ATOMIC_ACQUIRE)) {
		vcpu_off(v); /* INIT right after SIPI: what announced it was taken while we slept */
	}
	cpuvirt->vcpu_run(v);
}

/* From here on its local APIC takes nothing but SIPI. */
void arch_vcpu_off(struct vcpu *v)
{
	lapic_timer_off();
	vlapic_reset(v);
}

void arch_vcpu_run(struct vcpu *v)
{
	CHECK(v->cpu == arch_cpu_this());
	if (percpu_this()->vcpu == NULL) {
		cpuvirt->cpu_init();
		percpu_this()->vcpu = v;
	}
	/* Whatever this CPU was doing when it was told to stop: its stack is not needed any more. */
	stack_reset(v, wait_and_enter);
}

/* HLT: until something may be delivered. An interrupt handler of ours may take the vCPU away for ever [vcpu_off()]. */
void vcpu_halt(struct vcpu *v)
{
	const struct vlapic *a = &v->arch.apic;
	bool enabled = (cpuvirt->get(v, VREG_RFLAGS) & RFLAGS_IF) != 0;

	while (!(enabled ? vlapic_wakes(v) : __atomic_load_n(&a->nmi_pending, __ATOMIC_ACQUIRE) ||
						     __atomic_load_n(&a->init_pending, __ATOMIC_ACQUIRE))) {
		cpu_wait();
	}
}

void arch_vm_mmio(struct vcpu *v, unsigned kind, uint64_t off, struct mmio *m)
{
	if (kind == VM_TRAP_LAPIC) {
		vlapic_mmio(v, off, m);
	} else {
		vioapic_mmio(v, off, m);
	}
}

void arch_vm_pend_virq(struct vm *vm, uint32_t virq)
{
	vioapic_pulse(vm, virq);
}

void arch_vm_pend_hwirq(struct vm *vm, uint32_t virq, uint32_t irq)
{
	vioapic_hwirq(vm, virq, irq);
}

void arch_vm_irq_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge)
{
	vioapic_assign(vm, virq, irq, edge);
}
