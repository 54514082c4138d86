/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD's CPU virtualization: control blocks, what is intercepted, what an exit means. Owns every VMCB. A CPU runs one
 * vCPU for ever, so there is no switch, one ASID, and nothing of another guest to hide. Needs neither next-RIP save
 * nor decode assists. Everything a guest can provoke ends in a result, an exception in the guest, or a stopped
 * partition [I3].
 */
#include "svm.h"

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <asm/exit.h>
#include <asm/io.h>
#include <asm/trap.h>
#include <bulkhead/abi.h>
#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/entry.h>
#include <hyp/log.h>
#include <hyp/string.h>

enum { IOPM_SIZE = 3 * 4096, MSRPM_SIZE = 2 * 4096, ASID = 1, VMMCALL_LENGTH = 3 };

#define INTERCEPT_1                                                                                              \
	(I1_INTR | I1_NMI | I1_SMI | I1_INIT | I1_RDPMC | I1_CPUID | I1_INVD | I1_HLT | I1_INVLPGA | I1_IOIO |   \
	 I1_MSR | I1_FERR | I1_SHUTDOWN)
#define INTERCEPT_2                                                                                              \
	(I2_VMRUN | I2_VMMCALL | I2_VMLOAD | I2_VMSAVE | I2_STGI | I2_CLGI | I2_SKINIT | I2_MONITOR | I2_MWAIT | \
	 I2_MWAIT_IF | I2_XSETBV | I2_RDPRU | I2_WBINVD)
#define INTERCEPT_3 (I3_INVLPGB | I3_INVLPGB_ILLEGAL | I3_MCOMMIT | I3_TLBSYNC)
/* #DB and #AC can repeat for ever inside one instruction if nobody takes them out; #MC is ours. */
#define INTERCEPT_EXC (BIT32(EXC_DB) | BIT32(EXC_AC) | BIT32(EXC_MC))

static uint8_t vmcb_pages[CPU_MAX][PAGE_SIZE] __page_aligned; /* by CPU: one vCPU each */
static uint8_t hsave[CPU_MAX][PAGE_SIZE] __page_aligned;      /* the processor's own */
static uint8_t host_state[CPU_MAX][PAGE_SIZE] __page_aligned; /* for VMLOAD after the guest */
static uint8_t iopm[IOPM_SIZE] __page_aligned __sealed;
static uint8_t msrpm[MSRPM_SIZE] __page_aligned __sealed;

__noreturn void svm_loop(struct vcpu *v, uint64_t vmcb_pa, uint64_t host_pa);
void svm_state_save(uint64_t pa);
void svm_exit(struct vcpu *v);

/*
 * Registers a guest has for itself: they are in the VMCB, or switched by VMLOAD and VMSAVE. Two bits per register,
 * 0 = not intercepted [APM 2 15.11]; the second 2 KiB are for those from 0xc0000000 on.
 */
static void msr_allow(uint32_t msr)
{
	unsigned bit = (msr >= 0xc0000000u ? 0x800u * 8 : 0) + (msr & 0x1fff) * 2;

	msrpm[bit / 8] &= (uint8_t)~(3u << (bit % 8));
}

static void bitmaps_fill(void)
{
	static const uint32_t own[] = {
		MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,
		MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SFMASK,
		MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
	};

	memset(iopm, 0xff, sizeof(iopm));
	memset(msrpm, 0xff, sizeof(msrpm));
	for (unsigned i = 0; i < ARRAY_COUNT(own); i++) {
		msr_allow(own[i]);
	}
}

static void svm_cpu_init(void)
{
	unsigned cpu = arch_cpu_this();

	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SVME);
	msr_write(MSR_VM_HSAVE_PA, arch_pa(hsave[cpu]).v);
	svm_state_save(arch_pa(host_state[cpu]).v);
}

static void svm_vcpu_init(struct vcpu *v)
{
	uint8_t *c = vmcb_pages[v->cpu];

	if (iopm[0] == 0) {
		bitmaps_fill();
	}
	v->arch.vmcb = c;
	v->arch.vmcb_pa = arch_pa(c).v;
	w32(c, VMCB_INTERCEPT_CR, INTERCEPT_CR8_WRITE);
	w32(c, VMCB_INTERCEPT_EXC, INTERCEPT_EXC);
	w32(c, VMCB_INTERCEPT_1, INTERCEPT_1);
	w32(c, VMCB_INTERCEPT_2, INTERCEPT_2);
	w32(c, VMCB_INTERCEPT_3, INTERCEPT_3);
	w64(c, VMCB_IOPM, arch_pa(iopm).v);
	w64(c, VMCB_MSRPM, arch_pa(msrpm).v);
	w32(c, VMCB_ASID, ASID);
	w64(c, VMCB_NP_ENABLE, 1);
	w64(c, VMCB_NCR3, v->vm->arch.s2_root);
}

static void segment_set(uint8_t *c, unsigned off, uint16_t sel, uint16_t attr, uint32_t limit)
{
	w64(c, off, (uint64_t)limit << 32 | (uint64_t)attr << 16 | sel);
	w64(c, off + 8, 0);
}

/* As after INIT [APM 2 table 14-1]: real mode, interrupts off. */
static void state_init(uint8_t *c)
{
	memset(c + VMCB_ES, 0, PAGE_SIZE - VMCB_ES);
	for (unsigned off = VMCB_ES; off <= VMCB_GS; off += 16) {
		segment_set(c, off, 0, 0x093, 0xffff);
	}
	segment_set(c, VMCB_CS, 0, 0x09b, 0xffff);
	segment_set(c, VMCB_GDTR, 0, 0, 0xffff);
	segment_set(c, VMCB_IDTR, 0, 0, 0xffff);
	segment_set(c, VMCB_LDTR, 0, 0x082, 0xffff);
	segment_set(c, VMCB_TR, 0, 0x08b, 0xffff);
	w64(c, VMCB_EFER, EFER_SVME);
	w64(c, VMCB_CR0, CR0_ET);
	w64(c, VMCB_DR6, 0xffff0ff0);
	w64(c, VMCB_DR7, 0x400);
	w64(c, VMCB_RFLAGS, 2);
	w64(c, VMCB_PAT, 0x0007040600070406);
}

static void svm_vcpu_reset(struct vcpu *v, enum vcpu_entry how, uint64_t pc, uint64_t arg)
{
	uint8_t *c = v->arch.vmcb;
	uint64_t *x = v->arch.regs.x;

	state_init(c);
	memset(x, 0, sizeof(v->arch.regs));
	w32(c, VMCB_INT_CONTROL, V_INTR_MASKING | V_IGN_TPR);
	w32(c, VMCB_INTERCEPT_1, INTERCEPT_1);
	w64(c, VMCB_INT_SHADOW, 0);
	w64(c, VMCB_EVENTINJ, 0);
	w8(c, VMCB_TLB_CONTROL, 1); /* whatever ran here before */
	if (how == VCPU_ENTRY_SIPI) {
		segment_set(c, VMCB_CS, (uint16_t)(pc >> 4), 0x09b, 0xffff);
		w64(c, VMCB_CS + 8, pc);
		return;
	}
	/* The PVH entry: protected mode, flat, paging off, EBX the start info; the argument is an addition of ours. */
	for (unsigned off = VMCB_ES; off <= VMCB_GS; off += 16) {
		segment_set(c, off, 0x10, 0xc93, 0xffffffff);
	}
	segment_set(c, VMCB_CS, 0x08, 0xc9b, 0xffffffff);
	segment_set(c, VMCB_TR, 0, 0x08b, 0x67);
	w64(c, VMCB_CR0, CR0_PE | CR0_ET);
	w64(c, VMCB_RIP, pc);
	x[G_RBX] = v->vm->arch.boot_info;
	x[G_RSI] = (uint32_t)arg;
	x[G_RDI] = arg >> 32;
}

static __noreturn void svm_vcpu_run(struct vcpu *v)
{
	svm_loop(v, v->arch.vmcb_pa, arch_pa(host_state[v->cpu]).v);
}

static const uint16_t vreg_offset[VREG_COUNT] = {
	[VREG_RIP] = VMCB_RIP,
	[VREG_RSP] = VMCB_RSP,
	[VREG_RFLAGS] = VMCB_RFLAGS,
	[VREG_CR0] = VMCB_CR0,
	[VREG_CR2] = VMCB_CR2,
	[VREG_CR3] = VMCB_CR3,
	[VREG_CR4] = VMCB_CR4,
	[VREG_EFER] = VMCB_EFER,
	[VREG_PAT] = VMCB_PAT,
	[VREG_CS_BASE] = VMCB_CS + 8,
	[VREG_SS_BASE] = VMCB_SS + 8,
	[VREG_DS_BASE] = VMCB_DS + 8,
	[VREG_ES_BASE] = VMCB_ES + 8,
	[VREG_FS_BASE] = VMCB_FS + 8,
	[VREG_GS_BASE] = VMCB_GS + 8,
};

static uint64_t svm_get(const struct vcpu *v, enum vreg r)
{
	const uint8_t *c = v->arch.vmcb;

	switch (r) {
	case VREG_CPL:
		return r8(c, VMCB_CPL);
	case VREG_CS_ATTR:
		return r64(c, VMCB_CS) >> 16 & 0xfff;
	case VREG_EFER:
		return r64(c, VMCB_EFER) & ~EFER_SVME;
	default:
		CHECK(r < VREG_COUNT && vreg_offset[r] != 0);
		return r64(c, vreg_offset[r]);
	}
}

static void svm_set(struct vcpu *v, enum vreg r, uint64_t value)
{
	CHECK(r < VREG_COUNT && vreg_offset[r] != 0);
	w64(v->arch.vmcb, vreg_offset[r], r == VREG_EFER ? value | EFER_SVME : value);
	if (r == VREG_RIP) {
		w64(v->arch.vmcb, VMCB_INT_SHADOW, 0); /* the instruction is done */
	}
}

/* Contributory exceptions and page faults [APM 2 table 8-6]. */
static bool contributes(unsigned vector)
{
	return vector == 0 || (vector >= 10 && vector <= EXC_PF);
}

/* A second one before the first was delivered: a double fault if both contribute, else it comes before the first. */
static bool double_fault(uint64_t pending, unsigned vector)
{
	unsigned first = (unsigned)FIELD_GET(EVENT_VECTOR, pending);

	return (pending & EVENT_VALID) && FIELD_GET(EVENT_TYPE, pending) == EVENT_EXC && contributes(first) &&
	       contributes(vector) && (vector != EXC_PF || first == EXC_PF);
}

static void svm_inject(struct vcpu *v, unsigned vector, bool has_error, uint32_t error)
{
	uint8_t *c = v->arch.vmcb;
	uint64_t event = EVENT_VALID | FIELD(EVENT_TYPE, EVENT_EXC) | vector;

	if (double_fault(r64(c, VMCB_EVENTINJ), vector)) {
		event = EVENT_VALID | FIELD(EVENT_TYPE, EVENT_EXC) | EVENT_EV | 8;
		error = 0;
	} else if (has_error) {
		event |= EVENT_EV;
	}
	w64(c, VMCB_EVENTINJ, event | (uint64_t)error << 32);
}

static void inject_ud(struct vcpu *v)
{
	svm_inject(v, EXC_UD, false, 0);
}

/*
 * What the local APIC wants delivered goes to the processor, which takes it when the guest lets it: interrupts
 * enabled, no shadow. Priorities are compared here; CR8 is written under our eyes (cr8.c).
 */
static void offer_interrupt(struct vcpu *v, uint8_t *c)
{
	uint32_t control = r32(c, VMCB_INT_CONTROL) & ~V_IRQ;
	int vector = vlapic_pending(v);

	if (vector >= 0) {
		control |= V_IRQ;
		w8(c, VMCB_INT_VECTOR, (uint8_t)vector);
	}
	v->arch.apic.offered = vector;
	w32(c, VMCB_INT_CONTROL, control);
}

/* The processor took what it was offered; before anything looks at the local APIC. */
static void accept_interrupt(struct vcpu *v, const uint8_t *c)
{
	struct vlapic *a = &v->arch.apic;

	if (a->offered >= 0 && !(r32(c, VMCB_INT_CONTROL) & V_IRQ)) {
		vlapic_accept(v, (uint8_t)a->offered);
		a->offered = -1;
	}
}

/* One at a time: the next is let in after the handler's IRET. */
static void offer_nmi(struct vcpu *v, uint8_t *c)
{
	if (r32(c, VMCB_INTERCEPT_1) & I1_IRET || r64(c, VMCB_EVENTINJ) & EVENT_VALID) {
		return;
	}
	__atomic_store_n(&v->arch.apic.nmi_pending, 0, __ATOMIC_SEQ_CST);
	w32(c, VMCB_INTERCEPT_1, INTERCEPT_1 | I1_IRET);
	w64(c, VMCB_EVENTINJ, EVENT_VALID | FIELD(EVENT_TYPE, EVENT_NMI) | 2);
}

static bool apic_quiet(const struct vlapic *a)
{
	return (__atomic_load_n(&a->irr[0], __ATOMIC_RELAXED) | __atomic_load_n(&a->irr[1], __ATOMIC_RELAXED) |
		__atomic_load_n(&a->irr[2], __ATOMIC_RELAXED) | __atomic_load_n(&a->irr[3], __ATOMIC_RELAXED)) == 0 &&
	       a->offered < 0 && (a->nmi_pending | a->init_pending) == 0;
}

static void deliver(struct vcpu *v, uint8_t *c)
{
	struct vlapic *a = &v->arch.apic;

	if (__atomic_load_n(&a->init_pending, __ATOMIC_ACQUIRE)) {
		vcpu_off(v);
	}
	if (__atomic_load_n(&a->nmi_pending, __ATOMIC_ACQUIRE)) {
		offer_nmi(v, c);
	}
	offer_interrupt(v, c);
}

static void exit_vmmcall(struct vcpu *v, uint8_t *c)
{
	uint64_t *x = v->arch.regs.x;
	uint32_t n = (uint32_t)x[0] - BH_HC_BASE;

	if (r8(c, VMCB_CPL) != 0) {
		inject_ud(v);
		return;
	}
	if (n < BH_HC_COUNT) {
		hypercall_table[n](v);
	} else {
		x[0] = (uint64_t)-BH_ENOSYS;
	}
	w64(c, VMCB_RIP, r64(c, VMCB_RIP) + VMMCALL_LENGTH);
	w64(c, VMCB_INT_SHADOW, 0); /* the instruction is done: a row of calls must not keep interrupts away */
}

static void exit_ioio(struct vcpu *v, const uint8_t *c)
{
	uint64_t info = r64(c, VMCB_EXITINFO1);
	struct port_access a = {
		.port = (uint16_t)FIELD_GET(IOIO_PORT, info),
		.size = (uint8_t)FIELD_GET(IOIO_SZ, info),
		.in = (info & IOIO_IN) != 0,
		.string = (info & (IOIO_STR | IOIO_REP)) != 0,
		.next = r64(c, VMCB_EXITINFO2),
	};

	exit_port(v, &a);
}

/* While an event is being delivered the guest's tables are at fault, and there is no instruction to emulate. */
static void exit_nested_fault(struct vcpu *v, const uint8_t *c)
{
	uint64_t info = r64(c, VMCB_EXITINFO1);
	uint64_t gpa = r64(c, VMCB_EXITINFO2);

	if (r64(c, VMCB_EXITINTINFO) & EVENT_VALID) {
		log_debug("partition %s vcpu %u: event delivery touches 0x%lx: not in its memory", v->vm->cfg->name,
			  v->index, gpa);
		vm_stop(v, "its interrupt or stack tables are outside its memory");
	}
	if (info & NPF_TABLE) {
		log_debug("partition %s vcpu %u: its page tables are at 0x%lx: not in its memory", v->vm->cfg->name,
			  v->index, gpa);
		svm_inject(v, EXC_GP, true, 0);
		return;
	}
	exit_npf(v, gpa, (info & NPF_WRITE) != 0, (info & NPF_FETCH) != 0);
}

static void exit_exception(struct vcpu *v, unsigned vector)
{
	if (vector == EXC_MC) {
		hyp_panic("panic: machine check on cpu %u", arch_cpu_this());
	}
	/* Not ours: the guest has it as if we had not looked. */
	svm_inject(v, vector, vector == EXC_AC, 0);
}

/* INVD would drop what others wrote, WBINVD empty the caches they share. DMA snoops; where not, CLFLUSH does. */
static void exit_invd(struct vcpu *v)
{
	exit_advance(v, 2);
}

static void exit_other(struct vcpu *v, uint8_t *c, uint32_t code)
{
	switch (code) {
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
		exit_invd(v);
		break;
	case SVM_EXIT_RDPMC:
		svm_inject(v, EXC_GP, true, 0);
		break;
	case SVM_EXIT_IRET:
		w32(c, VMCB_INTERCEPT_1, INTERCEPT_1);
		break;
	case SVM_EXIT_SMI:
	case SVM_EXIT_INIT:
	case SVM_EXIT_FERR:
		break; /* for the machine, not for the guest */
	case SVM_EXIT_SHUTDOWN:
		vm_stop(v, "triple fault");
	case UINT32_MAX: /* VMEXIT_INVALID */
		vm_stop(v, "a state the processor cannot run");
	default:
		if (code - SVM_EXIT_EXC < 32) {
			exit_exception(v, code - SVM_EXIT_EXC);
			break;
		}
		inject_ud(v); /* VMRUN and its relatives, MONITOR, and what later processors add */
	}
}

static void exit_slow(struct vcpu *v, uint8_t *c, uint32_t code)
{
	uint64_t event = r64(c, VMCB_EXITINTINFO);

	w8(c, VMCB_TLB_CONTROL, 0);
	/* What was being delivered when the exit came is still to be delivered; software interrupts happen again. */
	w64(c, VMCB_EVENTINJ, (event & EVENT_VALID) && FIELD_GET(EVENT_TYPE, event) <= EVENT_EXC ? event : 0);
	switch (code) {
	case SVM_EXIT_INTR:
		cpu_take_interrupts();
		break;
	case SVM_EXIT_NMI:
		break; /* taken at STGI */
	case SVM_EXIT_CPUID:
		exit_cpuid(v);
		break;
	case SVM_EXIT_WRITE_CR8:
		exit_cr8(v);
		break;
	case SVM_EXIT_HLT:
		exit_advance(v, 1);
		vcpu_halt(v);
		break;
	case SVM_EXIT_IOIO:
		exit_ioio(v, c);
		break;
	case SVM_EXIT_MSR:
		exit_msr(v, r64(c, VMCB_EXITINFO1) != 0);
		break;
	case SVM_EXIT_NPF:
		exit_nested_fault(v, c);
		break;
	case SVM_EXIT_XSETBV:
		exit_xsetbv(v);
		break;
	default:
		exit_other(v, c, code);
	}
	w32(c, VMCB_INT_CONTROL, (r32(c, VMCB_INT_CONTROL) & ~V_TPR) | v->arch.apic.tpr >> 4);
}

void svm_exit(struct vcpu *v)
{
	uint8_t *c = v->arch.vmcb;
	uint32_t code = r32(c, VMCB_EXITCODE);

	v->arch.regs.x[G_RAX] = r64(c, VMCB_RAX);
	accept_interrupt(v, c);
	if (__builtin_expect(code == SVM_EXIT_VMMCALL, 1)) {
		exit_vmmcall(v, c);
	} else {
		exit_slow(v, c, code);
	}
	w64(c, VMCB_RAX, v->arch.regs.x[G_RAX]);
	if (!apic_quiet(&v->arch.apic)) {
		deliver(v, c);
	}
}

const struct cpuvirt cpuvirt_svm = {
	.name = "SVM",
	.cpu_init = svm_cpu_init,
	.vcpu_init = svm_vcpu_init,
	.vcpu_reset = svm_vcpu_reset,
	.vcpu_run = svm_vcpu_run,
	.get = svm_get,
	.set = svm_set,
	.inject = svm_inject,
};
