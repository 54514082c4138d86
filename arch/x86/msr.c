/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RDMSR, WRMSR and XSETBV of guests. An allow-list: what is not named here takes #GP, as on a processor without that
 * register, and no register of the host is ever written with a guest's value except XCR0 and TSC_AUX, which are the
 * guest's alone while its vCPU owns the CPU, and only after the value was checked [I3].
 */
#include <asm/exit.h>

#include <asm/cpuvirt.h>
#include <asm/io.h>
#include <asm/msr.h>
#include <asm/time.h>
#include <hyp/vm.h>

#define EFER_GUEST (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)

/* Read these constants, drop writes: what operating systems touch without expecting a fault. */
static const struct {
	uint32_t msr;
	uint64_t value;
} constant[] = {
	{ MSR_PLATFORM_ID, 0 },
	{ MSR_UCODE_REV, 0 },     /* written with 0 to have CPUID load the revision */
	{ MSR_PLATFORM_INFO, 0 },
	{ MSR_MTRRCAP, 0 },       /* no MTRRs: CPUID says so, too */
	{ MSR_MCG_CAP, 0 },       /* no machine check banks */
	{ MSR_MCG_STATUS, 0 },
	{ MSR_MISC_ENABLE, MISC_ENABLE_FAST_STRING | MISC_ENABLE_NO_BTS | MISC_ENABLE_NO_PEBS },
	{ MSR_SYSCFG, 0 },
	{ MSR_HWCR, 0 },
	{ MSR_NB_CFG, 0 },
	{ MSR_MMIO_CFG_BASE, 0 }, /* ECAM is described by MCFG */
	{ MSR_DE_CFG, 0 },
};

static bool constant_access(uint32_t msr, bool write, uint64_t *value)
{
	for (unsigned i = 0; i < ARRAY_COUNT(constant); i++) {
		if (constant[i].msr == msr) {
			*value = write ? *value : constant[i].value;
			return true;
		}
	}
	return false;
}

/* NX and SYSCALL come with long mode on every processor this runs on; FFXSR does not. */
static uint64_t efer_allowed(void)
{
	bool ffxsr = (cpuid_read(0x80000001, 0).edx & BIT32(25)) != 0;

	return EFER_GUEST | (ffxsr ? EFER_FFXSR : 0);
}

/* SVME is not the guest's to see or set; LMA follows LME and CR0.PG; LME is fixed while paging is on [APM 2, 3.1.7]. */
static bool efer_access(struct vcpu *v, bool write, uint64_t *value)
{
	uint64_t old = cpuvirt->get(v, VREG_EFER) & ~EFER_SVME;

	if (!write) {
		*value = old;
		return true;
	}
	if ((*value & ~efer_allowed()) != 0) {
		return false;
	}
	if (((*value ^ old) & EFER_LME) != 0 && (cpuvirt->get(v, VREG_CR0) & CR0_PG) != 0) {
		return false;
	}
	cpuvirt->set(v, VREG_EFER, (*value & ~EFER_LMA) | (old & EFER_LMA));
	return true;
}

/* Eight types: UC WC WT WP WB UC- [APM 2, 7.8.1] */
static bool pat_valid(uint64_t pat)
{
	for (unsigned i = 0; i < 8; i++) {
		uint64_t type = (pat >> (8 * i)) & 0xff;

		if (type > 7 || type == 2 || type == 3) {
			return false;
		}
	}
	return true;
}

static bool pat_access(struct vcpu *v, bool write, uint64_t *value)
{
	if (!write) {
		*value = cpuvirt->get(v, VREG_PAT);
	} else if (pat_valid(*value)) {
		cpuvirt->set(v, VREG_PAT, *value);
	} else {
		return false;
	}
	return true;
}

/* What RDTSCP and RDPID return: a register of the CPU the vCPU has for itself. */
static bool tsc_aux_access(bool write, uint64_t *value)
{
	bool rdtscp = (cpuid_read(0x80000001, 0).edx & BIT32(27)) != 0;

	if (!rdtscp || (write && *value >> 32 != 0)) {
		return false;
	}
	if (write) {
		msr_write(MSR_TSC_AUX, *value);
	} else {
		*value = msr_read(MSR_TSC_AUX);
	}
	return true;
}

static bool access(struct vcpu *v, uint32_t msr, bool write, uint64_t *value)
{
	if (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST) {
		return vlapic_msr(v, msr, write, value);
	}
	switch (msr) {
	case MSR_APIC_BASE:
		return vlapic_msr(v, msr, write, value);
	case MSR_TSC: /* the host's: it cannot be set, and a fault here would stop guests that try */
		*value = write ? *value : arch_time_ticks();
		return true;
	case MSR_EFER:
		return efer_access(v, write, value);
	case MSR_PAT:
		return pat_access(v, write, value);
	case MSR_TSC_AUX:
		return tsc_aux_access(write, value);
	default:
		return constant_access(msr, write, value);
	}
}

void exit_msr(struct vcpu *v, bool write)
{
	uint64_t *x = v->arch.regs.x;
	uint64_t value = write ? x[G_RDX] << 32 | (uint32_t)x[G_RAX] : 0;

	if (!access(v, (uint32_t)x[G_RCX], write, &value)) {
		cpuvirt->inject(v, EXC_GP, true, 0);
		return;
	}
	if (!write) {
		x[G_RAX] = (uint32_t)value;
		x[G_RDX] = value >> 32;
	}
	exit_advance(v, 2);
}

/* [APM 2, 11.5.2; SDM 1, 13.3] */
static bool xcr0_valid(uint64_t value)
{
	uint64_t avx512 = value & XCR0_AVX512;

	if ((value & ~cpuid_xcr0_mask()) != 0 || (value & XCR0_X87) == 0) {
		return false;
	}
	if ((value & XCR0_AVX) != 0 && (value & XCR0_SSE) == 0) {
		return false;
	}
	return avx512 == 0 || (avx512 == XCR0_AVX512 && (value & XCR0_AVX) != 0);
}

void exit_xsetbv(struct vcpu *v)
{
	const uint64_t *x = v->arch.regs.x;
	uint64_t value = x[G_RDX] << 32 | (uint32_t)x[G_RAX];

	if (cpuvirt->get(v, VREG_CPL) != 0 || (uint32_t)x[G_RCX] != 0 || !xcr0_valid(value)) {
		cpuvirt->inject(v, EXC_GP, true, 0);
		return;
	}
	xsetbv(0, value);
	v->arch.xcr0 = value;
	exit_advance(v, 3);
}
