/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trapped system registers. Identification registers are filtered by an allow mask per register, so that a
 * feature this file has never heard of stays hidden; debug registers are read as zero and ignored, as an
 * operating system that resets them at boot expects; SGIs go to the virtual GIC; the rest is undefined.
 */
#include <asm/trap.h>

#include <asm/sysreg.h>
#include <asm/vgic.h>
#include <hyp/log.h>
#include <hyp/vm.h>

#define ISS_READ   1u
#define ISS_RT(i)  (((i) >> 5) & 31)
#define ISS_REG(i) ((i) & 0x3ffc1eu) /* Op0, Op2, Op1, CRn, CRm */
#define REG(op0, op1, crn, crm, op2)                                                                   \
	(((op0) << 20) | ((op2) << 17) | ((op1) << 14) | ((crn) << 10) | ((crm) << 1))

#define ICC_SGI1R  REG(3u, 0u, 12u, 11u, 5u)
#define ICC_ASGI1R REG(3u, 0u, 12u, 11u, 6u)
#define ICC_SGI0R  REG(3u, 0u, 12u, 11u, 7u)

#define ACTLR      REG(3u, 0u, 1u, 0u, 1u)

#define F(n)   (0xfull << (4 * (n))) /* one four-bit field */
#define F2(a, b) (F(a) | F(b))

/* EL0, EL1, FP, AdvSIMD, GIC, DIT, CSV2, CSV3; no EL2, EL3, RAS, SVE, SEL2, MPAM, AMU */
#define PFR0_ALLOW  (F2(0, 1) | F2(4, 5) | F(6) | F(12) | F2(14, 15))
#define PFR0_AA64   0x0000000000000011ull /* EL0 and EL1 are AArch64 only, for now */
/* BT, SSBS, CSV2_frac; no MTE, SME, NMI, GCS */
#define PFR1_ALLOW  (F2(0, 1) | F(8))
/* DebugVer, BRPs, WRPs, CTX_CMPs; no trace, PMU, SPE, TRBE */
#define DFR0_ALLOW  (F(0) | F(3) | F(5) | F(7))
/* no TME; LS64 hidden; RNDR stays */
#define ISAR0_ALLOW (~F(6))
#define ISAR1_ALLOW (~F(15))
/* WFxT, RPRES, GPA3, APA3, BC, PAC_frac, CSSC; no MOPS, no 128-bit registers */
#define ISAR2_ALLOW (F2(0, 1) | F2(2, 3) | F2(5, 6) | F(13))
/* no ECV, FGT, ExS */
#define MMFR0_ALLOW (~(F2(14, 15) | F(11)))
/* HAFDBS, VMIDBits, HPDS, PAN, SpecSEI, ETS, nTLBPA; no VH, LO, XNX, HCX, TWED, TIDCP1, CMOW */
#define MMFR1_ALLOW (F2(0, 1) | F(3) | F2(5, 6) | F(9) | F(12))
/* CnP, UAO, IESB, VARange, CCIDX, ST, TTL, BBM, E0PD, AT, IDS; no NV, EVT, FWB */
#define MMFR2_ALLOW (F2(0, 1) | F2(3, 4) | F2(5, 7) | F2(8, 9) | F(12) | F(13) | F(15))

static uint64_t id_register(uint32_t crm, uint32_t op2)
{
	switch (crm << 4 | op2) {
	case 0x40:
		return (sysreg_read(id_aa64pfr0_el1) & PFR0_ALLOW & ~0xffull) | PFR0_AA64;
	case 0x41:
		return sysreg_read(id_aa64pfr1_el1) & PFR1_ALLOW;
	case 0x50:
		return sysreg_read(id_aa64dfr0_el1) & DFR0_ALLOW;
	case 0x60:
		return sysreg_read(id_aa64isar0_el1) & ISAR0_ALLOW;
	case 0x61:
		return sysreg_read(id_aa64isar1_el1) & ISAR1_ALLOW;
	case 0x62:
		return sysreg_read(S3_0_C0_C6_2) & ISAR2_ALLOW; /* ID_AA64ISAR2_EL1 */
	case 0x70:
		return sysreg_read(id_aa64mmfr0_el1) & MMFR0_ALLOW;
	case 0x71:
		return sysreg_read(id_aa64mmfr1_el1) & MMFR1_ALLOW;
	case 0x72:
		return sysreg_read(S3_0_C0_C7_2) & MMFR2_ALLOW; /* ID_AA64MMFR2_EL1 */
	default:
		return 0; /* AArch32, SVE, SME and everything newer */
	}
}

/*
 * Read as zero, writes ignored: Op0 = 2 (breakpoints, watchpoints, OS lock: nobody lets a guest set them),
 * ACTLR_EL1, and cache maintenance by set and way (Op0 = 1, CRn = 7), which cannot mean anything in a guest.
 */
static bool is_ignored(uint32_t iss)
{
	uint32_t op0 = (iss >> 20) & 3;

	return op0 == 2 || ISS_REG(iss) == ACTLR || (op0 == 1 && ((iss >> 10) & 15) == 7);
}

static void set_register(struct vcpu *vcpu, uint32_t iss, uint64_t v)
{
	if (ISS_RT(iss) < 31) {
		vcpu->arch.regs->x[ISS_RT(iss)] = v;
	}
}

void trap_sysreg(struct vcpu *vcpu, uint32_t iss)
{
	uint32_t reg = ISS_REG(iss);
	bool read = (iss & ISS_READ) != 0;
	uint64_t value = ISS_RT(iss) < 31 ? vcpu->arch.regs->x[ISS_RT(iss)] : 0;

	if (!read && reg == ICC_SGI1R) {
		vgic_sgi1r(vcpu, value);
	} else if (!read && (reg == ICC_ASGI1R || reg == ICC_SGI0R)) {
		/* the other groups do not exist for a guest with one security state */
	} else if (read && (reg & ~REG(0u, 0u, 0u, 7u, 7u)) == REG(3u, 0u, 0u, 0u, 0u)) {
		set_register(vcpu, iss, id_register((iss >> 1) & 15, (iss >> 17) & 7));
	} else if (is_ignored(iss)) {
		if (read) {
			set_register(vcpu, iss, 0);
		}
	} else {
		log_debug("partition %s vcpu %u: undefined system register %u_%u_C%u_C%u_%u at pc 0x%lx",
			  vcpu->vm->cfg->name, vcpu->index, (iss >> 20) & 3, (iss >> 14) & 7, (iss >> 10) & 15,
			  (iss >> 1) & 15, (iss >> 17) & 7, sysreg_read(elr_el2));
		trap_inject_undefined();
		return;
	}
	sysreg_write(elr_el2, sysreg_read(elr_el2) + 4);
}
