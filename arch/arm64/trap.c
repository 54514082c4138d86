/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest's exceptions mean: emulated accesses, system registers, PSCI and other calls. Everything a
 * guest can provoke ends in a result, an exception in the guest, or a stopped partition; never in a panic.
 */
#include <asm/trap.h>

#include <arch/cpu.h>
#include <asm/psci.h>
#include <asm/sysreg.h>
#include <hyp/console.h>
#include <hyp/entry.h>
#include <hyp/hypercall.h>
#include <hyp/log.h>

/* A translation fault at any level: the only kind an emulated range can give, and for which HPFAR_EL2 is valid. */
#define FSC_STAGE2(fsc) ((fsc) >= 0x04 && (fsc) <= 0x07)
#define ISS_CM          (1u << 8)

static void advance_pc(void)
{
	sysreg_write(elr_el2, sysreg_read(elr_el2) + 4);
}

/* Makes the guest take an exception to its EL1 [Arm ARM, AArch64.TakeException]. */
static void inject_sync(uint32_t esr, uint64_t far)
{
	uint64_t spsr = sysreg_read(spsr_el2);
	uint64_t vector = 0x400; /* from a lower EL, AArch64 */

	if (spsr & PSR_AARCH32) {
		vector = 0x600;
	} else if ((spsr & PSR_EL_MASK) == PSR_EL1) {
		vector = (spsr & PSR_SP) ? 0x200 : 0;
	}
	sysreg_write(esr_el1, esr);
	sysreg_write(far_el1, far);
	sysreg_write(elr_el1, sysreg_read(elr_el2));
	sysreg_write(spsr_el1, spsr);
	sysreg_write(elr_el2, sysreg_read(vbar_el1) + vector);
	sysreg_write(spsr_el2, PSR_MODE_EL1H | PSR_DAIF);
}

void trap_inject_undefined(void)
{
	inject_sync((EC_UNKNOWN << 26) | (uint32_t)ESR_IL, 0);
}

static bool guest_at_el1(void)
{
	return (sysreg_read(spsr_el2) & (PSR_EL_MASK | PSR_AARCH32)) == PSR_EL1;
}

/* A synchronous external abort, what a bus gives for an address nobody answers. */
static void inject_abort(bool fetch)
{
	uint32_t ec = fetch ? EC_IABT_LOWER : EC_DABT_LOWER;

	if (guest_at_el1()) {
		ec++; /* EC_*ABT_SAME */
	}
	inject_sync((ec << 26) | (uint32_t)ESR_IL | FSC_EXTERNAL, sysreg_read(far_el2));
}

/* Result of a load: sign or zero extension as the instruction asked for. */
static uint64_t extend(uint64_t v, uint32_t iss, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	v = (v << shift) >> shift;
	if (iss & ISS_SSE) {
		v = (uint64_t)((int64_t)(v << shift) >> shift);
	}
	return (iss & ISS_SF) ? v : (uint32_t)v;
}

static bool emulate_access(struct vcpu *vcpu, uint32_t iss, uint64_t addr)
{
	struct guest_regs *regs = vcpu->arch.regs;
	unsigned rt = ISS_SRT(iss);
	struct mmio m = {
		.size = (uint8_t)(1u << ISS_SAS(iss)),
		.write = (iss & ISS_WNR) != 0,
	};

	if (m.write && rt < 31) {
		unsigned shift = 64 - 8u * m.size;

		m.value = (regs->x[rt] << shift) >> shift;
	}
	if (!hyp_s2_fault(vcpu, ipa(addr), &m)) {
		return false;
	}
	if (!m.write && rt < 31) {
		regs->x[rt] = extend(m.value, iss, m.size);
	}
	advance_pc();
	return true;
}

static void data_abort(struct vcpu *vcpu, uint32_t iss)
{
	uint64_t addr = (sysreg_read(hpfar_el2) & 0xfffffffff0ull) << 8 | (sysreg_read(far_el2) & PAGE_MASK);

	if (FSC_STAGE2(ISS_FSC(iss))) {
		if (iss & ISS_CM) {
			advance_pc(); /* cache maintenance of an address that is not there: nothing to do */
			return;
		}
		if ((iss & ISS_ISV) && !(iss & ISS_S1PTW) && emulate_access(vcpu, iss, addr)) {
			return;
		}
	}
	log_debug("partition %s vcpu %u: %s of 0x%lx at pc 0x%lx: not in its memory", vcpu->vm->cfg->name,
		  vcpu->index, (iss & ISS_WNR) ? "write" : "read", addr, sysreg_read(elr_el2));
	inject_abort(false);
}

/* A vendor-specific call whose number is not in our table [SMCCC 6]. */
static void vendor_call(uint64_t *x, uint32_t fn)
{
	if (fn == BH_SMCCC_CALL_UID) {
		x[0] = BH_UID0;
		x[1] = BH_UID1;
		x[2] = BH_UID2;
		x[3] = BH_UID3;
	} else if (fn == BH_SMCCC_REVISION) {
		x[0] = BH_ABI_VERSION >> 16;
		x[1] = BH_ABI_VERSION & 0xffff;
	} else {
		x[0] = (uint64_t)(fn >> 16 == BH_HC_BASE >> 16 ? -BH_ENOSYS : PSCI_NOT_SUPPORTED);
	}
}

/* The service is in bits 29:24, bit 30 says 64-bit arguments, bit 31 fast call [SMCCC 2.5]. */
void trap_hvc(struct vcpu *vcpu)
{
	uint64_t *x = vcpu->arch.regs->x;
	uint32_t fn = (uint32_t)x[0];
	uint32_t service = (fn >> 24) & 0xbf;

	if (service == (PSCI_VERSION >> 24) || service == (SMCCC_VERSION >> 24)) {
		vpsci_call(vcpu, fn);
	} else if (service == (BH_SMCCC_CALL_UID >> 24)) {
		vendor_call(x, fn);
	} else {
		x[0] = (uint64_t)PSCI_NOT_SUPPORTED;
	}
}

void trap_sync(struct vcpu *vcpu)
{
	uint64_t esr = sysreg_read(esr_el2);
	uint32_t iss = (uint32_t)esr & 0x1ffffff;

	switch (ESR_EC(esr)) {
	case EC_DABT_LOWER:
		data_abort(vcpu, iss);
		break;
	case EC_SYSREG:
		trap_sysreg(vcpu, iss);
		break;
	case EC_SMC64:
		/* Firmware is ours; a guest's SMC is the other PSCI conduit and takes the same way. */
		advance_pc();
		trap_hvc(vcpu);
		break;
	case EC_HVC64:
		vcpu->arch.regs->x[0] = (uint64_t)PSCI_NOT_SUPPORTED; /* HVC with another immediate */
		break;
	case EC_IABT_LOWER:
		log_debug("partition %s vcpu %u: fetch from 0x%lx: not in its memory", vcpu->vm->cfg->name,
			  vcpu->index, sysreg_read(elr_el2));
		inject_abort(true);
		break;
	default:
		trap_inject_undefined();
	}
}

void trap_serror(struct vcpu *vcpu)
{
	log_error("partition %s vcpu %u: SError, syndrome 0x%lx: stopping the partition", vcpu->vm->cfg->name,
		  vcpu->index, sysreg_read(esr_el2));
	vm_stop(vcpu, "SError");
}

static void dump_registers(const uint64_t *x)
{
	for (unsigned i = 0; i < 30; i += 3) {
		log_error(" x%-2u %016lx  x%-2u %016lx  x%-2u %016lx", i, x[i], i + 1, x[i + 1], i + 2, x[i + 2]);
	}
	log_error(" x30 %016lx  sp  %016lx", x[30], x[31]);
}

void trap_el2_fault(unsigned vector, const uint64_t *x)
{
	static const char *const kind[] = { "synchronous", "irq", "fiq", "SError" };

	console_panic();
	log_error("cpu %u: unexpected %s exception in the hypervisor", arch_cpu_this(), kind[vector & 3]);
	log_error(" esr %08lx  far %016lx  elr %016lx  spsr %08lx", sysreg_read(esr_el2),
		  sysreg_read(far_el2), sysreg_read(elr_el2), sysreg_read(spsr_el2));
	dump_registers(x);
	hyp_panic("panic: exception class 0x%lx at 0x%lx", ESR_EC(sysreg_read(esr_el2)), sysreg_read(elr_el2));
}
