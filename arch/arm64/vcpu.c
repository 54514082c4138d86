/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual CPU on its physical CPU: the EL2 registers that confine it, its first entry, and the wait while
 * it is off. A CPU runs at most one vCPU for ever, so there is no switch and nothing of another guest to hide.
 */
#include <arch/vcpu.h>

#include <arch/barrier.h>
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <asm/gic.h>
#include <asm/offsets.h>
#include <asm/sysreg.h>
#include <asm/vgic.h>
#include <asm/vuart.h>
#include <bulkhead/abi.h>
#include <hyp/check.h>
#include <hyp/string.h>
#include <hyp/vm.h>

_Static_assert(offsetof(struct vcpu, arch.vgic.dirty) == VCPU_VGIC_DIRTY, "vectors.S");
_Static_assert(BH_HC_BASE == BH_HC_BASE_ASM, "vectors.S");
_Static_assert(BH_HC_COUNT == BH_HC_COUNT_ASM, "vectors.S");
_Static_assert(sizeof(struct guest_regs) == FRAME_SIZE, "vectors.S");

/* CPTR_EL2 with E2H = 0: RES1, TZ, TSM; TTA, TAM; TFP clear: guests own FP and SIMD. */
#define CPTR_VALUE (0x33ffull | (1ull << 20) | (1ull << 30))
/* MDCR_EL2: TPMCR, TPM, TDA, TDOSA, TDRA, HPMD, TTRF; E2PB and E2TB 0: buffers are ours, accesses trap. */
#define MDCR_VALUE ((1ull << 5) | (1ull << 6) | (1ull << 9) | (1ull << 10) | (1ull << 11) | (1ull << 17) | (1ull << 19))
#define HCR_VALUE                                                                                      \
	(HCR_VM | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW |  \
	 HCR_RW | HCR_TLOR | HCR_TERR | HCR_APK | HCR_API)
/* VTCR_EL2: RES1 31; inner shareable, write-back walks; 4 KiB; SL0 1 = start at level 1; T0SZ 25 = 39 bits. */
#define VTCR_VALUE ((1ull << 31) | (3ull << 12) | (1ull << 10) | (1ull << 8) | (1ull << 6) | 25ull)

__noreturn void vcpu_enter(void);
__noreturn void vcpu_reset_stack(struct vcpu *vcpu, void (*fn)(struct vcpu *vcpu));

void arch_vm_init(struct vm *vm)
{
	const struct board *b = &hyp_config.board;

	vm->arch.vttbr = arch_pa(vm->s2.root).v | ((uint64_t)(vm->index + 1) << 48);
	vgic_vm_init(vm);
	vuart_init(vm);
	vm_trap_add(vm, b->gicd.base, b->gicd.size, VM_TRAP_GICD);
	vm_trap_add(vm, b->gicr.base, 0x20000ull * vm->vcpu_count, VM_TRAP_GICR);
	vm_trap_add(vm, b->uart, PAGE_SIZE, VM_TRAP_UART);
}

void arch_vm_reset(struct vm *vm)
{
	vgic_vm_init(vm);
	vuart_init(vm);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		vgic_vcpu_init(&vm->vcpu[i]);
	}
}

/* A guest is given its description, if it wants one, as an image of the configuration. */
void arch_vm_load(struct vm *vm)
{
}

void arch_vcpu_init(struct vcpu *vcpu)
{
	vgic_vcpu_init(vcpu);
}

/* Fine-grained traps and other late additions: where they exist, no trap we do not know how to answer. */
static void reset_late_features(void)
{
	uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1);
	uint64_t mmfr1 = sysreg_read(id_aa64mmfr1_el1);

	if ((mmfr0 >> 56) & 0xf) { /* FEAT_FGT: HFGRTR, HFGWTR, HFGITR, HDFGRTR, HDFGWTR */
		sysreg_write(S3_4_C1_C1_4, 0);
		sysreg_write(S3_4_C1_C1_5, 0);
		sysreg_write(S3_4_C1_C1_6, 0);
		sysreg_write(S3_4_C3_C1_4, 0);
		sysreg_write(S3_4_C3_C1_5, 0);
	}
	if ((mmfr1 >> 40) & 0xf) { /* FEAT_HCX: HCRX_EL2: nothing enabled */
		sysreg_write(S3_4_C1_C2_2, 0);
	}
}

static void confine(const struct vcpu *vcpu)
{
	uint64_t parange = sysreg_read(id_aa64mmfr0_el1) & 0xf;
	uint64_t dfr0 = sysreg_read(id_aa64dfr0_el1);
	uint64_t counters = 0;

	if (((dfr0 >> 8) & 0xf) != 0 && ((dfr0 >> 8) & 0xf) != 0xf) {
		counters = (sysreg_read(pmcr_el0) >> 11) & 0x1f; /* HPMN must not be 0 */
	}
	reset_late_features();
	sysreg_write(hcr_el2, HCR_VALUE);
	sysreg_write(cptr_el2, CPTR_VALUE);
	sysreg_write(mdcr_el2, MDCR_VALUE | counters);
	sysreg_write(hstr_el2, 0);
	sysreg_write(cnthctl_el2, 1); /* the guest reads the counter; the physical timer stays ours */
	sysreg_write(cntvoff_el2, 0);
	sysreg_write(vtcr_el2, VTCR_VALUE | ((parange > 5 ? 5 : parange) << 16));
	sysreg_write(vttbr_el2, vcpu->vm->arch.vttbr);
	sysreg_write(vpidr_el2, sysreg_read(midr_el1));
	sysreg_write(vmpidr_el2, (1ull << 31) | vcpu->index);
	isb();
}

/* EL1 as after a reset [PSCI 6.4]: MMU off, caches off, interrupts masked, timer off. */
static void reset_el1(struct vcpu *vcpu)
{
	struct guest_regs *regs = vcpu->arch.regs;

	memset(regs, 0, sizeof(*regs));
	regs->x[0] = vcpu->start_arg;
	sysreg_write(sctlr_el1, 0x30d00800);
	sysreg_write(cpacr_el1, 0);
	sysreg_write(tcr_el1, 0);
	sysreg_write(ttbr0_el1, 0);
	sysreg_write(ttbr1_el1, 0);
	sysreg_write(mair_el1, 0);
	sysreg_write(vbar_el1, 0);
	sysreg_write(contextidr_el1, 0);
	sysreg_write(tpidr_el0, 0);
	sysreg_write(tpidrro_el0, 0);
	sysreg_write(tpidr_el1, 0);
	sysreg_write(sp_el0, 0);
	sysreg_write(sp_el1, 0);
	sysreg_write(elr_el1, 0);
	sysreg_write(spsr_el1, 0);
	sysreg_write(esr_el1, 0);
	sysreg_write(far_el1, 0);
	sysreg_write(cntkctl_el1, 0);
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(elr_el2, vcpu->start_pc);
	sysreg_write(spsr_el2, PSR_MODE_EL1H | PSR_DAIF);
}

static void wait_and_enter(struct vcpu *vcpu)
{
	struct percpu *cpu = percpu_this();

	while (__atomic_load_n(&vcpu->state, __ATOMIC_ACQUIRE) != VCPU_STARTING) {
		__asm__ volatile("dsb sy; wfi" ::: "memory"); /* masked interrupts still wake it */
		gic_irq_entry(vcpu);
	}
	vcpu->arch.regs = (struct guest_regs *)(uintptr_t)(cpu->stack_top - FRAME_SIZE);
	confine(vcpu);
	reset_el1(vcpu);
	vgic_vcpu_reset(vcpu);
	/* A start address or image that was written a moment ago by another CPU. */
	__asm__ volatile("tlbi vmalls12e1; dsb ish; ic iallu; dsb ish; isb" ::: "memory");
	__atomic_store_n(&vcpu->state, VCPU_RUNNING, __ATOMIC_RELEASE);
	if (vgic_dirty(&vcpu->arch.vgic)) {
		vgic_flush(vcpu);
	}
	vcpu_enter();
}

void arch_vcpu_off(struct vcpu *vcpu)
{
	sysreg_write(cntv_ctl_el0, 0);
	vgic_vcpu_off(vcpu);
}

void arch_vcpu_run(struct vcpu *vcpu)
{
	CHECK(vcpu->cpu == arch_cpu_this());
	percpu_this()->vcpu = vcpu;
	/* Whatever this CPU was doing when it was told to stop: its stack is not needed any more. */
	vcpu_reset_stack(vcpu, wait_and_enter);
}

void arch_vm_mmio(struct vcpu *vcpu, unsigned kind, uint64_t off, struct mmio *m)
{
	if (kind == VM_TRAP_UART) {
		vuart_access(vcpu->vm, off, m);
	} else {
		vgic_mmio(vcpu, kind, off, m);
	}
}
