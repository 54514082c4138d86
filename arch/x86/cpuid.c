/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor a guest sees: the host's, through masks of what is allowed, plus what we add. Not in a mask means not
 * offered [I3]: virtualization, monitoring, power management, performance counters, and every feature whose registers
 * msr.c refuses. The topology is flat: virtual CPU n has APIC id n and shares nothing. Leaves we do not know read zero.
 */
#include <asm/exit.h>

#include <asm/cpuvirt.h>
#include <asm/io.h>
#include <asm/msr.h>
#include <asm/time.h>
#include <bulkhead/abi.h>
#include <hyp/vm.h>

enum {
	LEAF_MAX = 0x16,
	LEAF_EXT_MAX = 0x8, /* + 0x80000000 */
	LEAF_HYP_MAX = 0x40000010,
	PHYS_BITS_MAX = 48,
	XSAVE_LEGACY = 576, /* FXSAVE area and header [APM 2, 11.5.10] */
	XCR0_COUNT = 8,     /* state components we know: bits of XCR0 */
};

/* Leaf 1 [APM 3, E.3.2; SDM 2A, CPUID]. Never: MONITOR, VMX, PDCM, TSC-deadline, MCE, MCA, MTRR, DS, ACPI, TM. */
#define F1_ECX_HOST                                                                                                \
	(BIT32(0) | BIT32(1) | BIT32(9) | BIT32(12) | BIT32(13) | BIT32(17) | /* SSE3 PCLMUL SSSE3 FMA CX16 PCID */ \
	 BITS32(20, 19) | BIT32(22) | BIT32(23) | BIT32(25) |                 /* SSE4.1/2 MOVBE POPCNT AES */        \
	 F1_ECX_XSAVE | F1_ECX_AVX | BIT32(29) | BIT32(30))                   /* F16C RDRAND */
#define F1_ECX_X2APIC  BIT32(21)
#define F1_ECX_XSAVE   BIT32(26)
#define F1_ECX_OSXSAVE BIT32(27)
#define F1_ECX_AVX     BIT32(28)
#define F1_ECX_HYP     BIT32(31)
#define F1_EDX_HOST                                                                               \
	(BITS32(6, 0) | BIT32(8) | BIT32(9) | BIT32(11) | /* FPU VME DE PSE TSC MSR PAE CX8 APIC SEP */ \
	 BIT32(13) | BITS32(17, 15) | BIT32(19) |         /* PGE CMOV PAT PSE36 CLFSH */               \
	 BITS32(26, 23))                                  /* MMX FXSR SSE SSE2 */
#define F1_EDX_HTT BIT32(28)

/* Leaf 6: the virtual timer never stops. */
#define F6_EAX_ARAT BIT32(2)

/* Leaf 7 sub-leaf 0. Never: TSC_ADJUST, SGX, HLE, RTM, PQM, MPX, PT, PKU, CET, LA57, UINTR, SPEC_CTRL and its kin. */
#define F7_EBX_HOST                                                                                          \
	(BIT32(0) | BIT32(3) | BITS32(10, 5) | BIT32(13) |      /* FSGSBASE BMI1 AVX2 SMEP BMI2 ERMS INVPCID */ \
	 BITS32(21, 16) | BIT32(23) | BIT32(24) | BITS32(31, 28)) /* AVX512* RDSEED ADX SMAP CLFLUSHOPT CLWB SHA */
#define F7_ECX_HOST                                                                                 \
	(BIT32(1) | BIT32(2) | BIT32(6) | BITS32(12, 8) | BIT32(14) | /* VBMI UMIP VBMI2 GFNI VAES … */ \
	 BIT32(22))                                                   /* RDPID */
#define F7_EDX_HOST  BIT32(4) /* FSRM */
#define F71_EAX_HOST (BIT32(4) | BIT32(5)) /* AVX-VNNI AVX512-BF16 */

/* Leaf 0xd sub-leaf 1: XSAVEOPT XSAVEC XGETBV(1); no XSAVES, whose IA32_XSS is refused. */
#define FD1_EAX_HOST BITS32(2, 0)

/* Leaf 0x80000001. Never: SVM, IBS, SKINIT, WDT, LWP, NODEID, TOPOEXT, performance counters, MWAITX, MCE, MCA, MTRR. */
#define E1_ECX_HOST                                                                                \
	(BIT32(0) | BITS32(8, 5) | BIT32(11) | BIT32(16) | BIT32(21)) /* LAHF ABM SSE4A … XOP FMA4 TBM */
#define E1_ECX_CMP BIT32(1)
#define E1_ECX_SVM BIT32(2)
#define E1_EDX_HOST                                                                                       \
	(BITS32(6, 0) | BIT32(8) | BIT32(9) | BIT32(11) | BIT32(13) | BITS32(17, 15) | BIT32(20) | /* … NX */ \
	 BITS32(27, 22) | BITS32(31, 29)) /* MMXEXT MMX FXSR FFXSR PDPE1GB RDTSCP LM 3DNOW */
#define E7_EDX_HOST BIT32(8)               /* invariant TSC */
#define E8_EBX_HOST (BIT32(0) | BIT32(2))  /* CLZERO XSAVEERPTR */

/* Smallest n with 1 << n >= count. */
static uint32_t id_bits(unsigned count)
{
	uint32_t n = 0;

	while ((1u << n) < count) {
		n++;
	}
	return n;
}

/* XSAVE is there for guests only if we turned it on for ourselves: XSETBV needs our CR4.OSXSAVE. */
uint64_t cpuid_xcr0_mask(void)
{
	struct cpuid_regs r = cpuid_read(1, 0);
	uint64_t mask;

	if ((r.ecx & F1_ECX_XSAVE) == 0 || (r.ecx & F1_ECX_OSXSAVE) == 0) {
		return 0;
	}
	r = cpuid_read(0xd, 0);
	mask = (r.eax & (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512));
	if ((mask & XCR0_AVX) == 0 || (mask & XCR0_AVX512) != XCR0_AVX512) {
		mask &= ~XCR0_AVX512;
	}
	return mask;
}

/* Size of the XSAVE area for these components, in the standard or the compacted format [APM 2, 11.5.9, 11.5.10]. */
static uint32_t xsave_size(uint64_t components, bool compacted)
{
	uint32_t size = XSAVE_LEGACY;

	for (uint32_t i = 2; i < XCR0_COUNT; i++) {
		struct cpuid_regs r = cpuid_read(0xd, i);

		if ((components & BIT64(i)) == 0) {
			continue;
		}
		if (compacted) {
			size = ((r.ecx & 2) != 0 ? (size + 63) & ~63u : size) + r.eax;
		} else if (r.ebx + r.eax > size) {
			size = r.ebx + r.eax;
		}
	}
	return size;
}

static struct cpuid_regs leaf_features(const struct vcpu *v)
{
	struct cpuid_regs h = cpuid_read(1, 0);
	struct cpuid_regs r = { .eax = h.eax, .ecx = h.ecx & F1_ECX_HOST, .edx = h.edx & F1_EDX_HOST };

	r.ebx = (h.ebx & BITS32(15, 8)) | v->vm->vcpu_count << 16 | v->index << 24;
	if (cpuid_xcr0_mask() == 0) {
		r.ecx &= ~(F1_ECX_XSAVE | F1_ECX_AVX);
	} else if ((cpuvirt->get(v, VREG_CR4) & CR4_OSXSAVE) != 0) {
		r.ecx |= F1_ECX_OSXSAVE;
	}
	r.ecx |= F1_ECX_X2APIC | F1_ECX_HYP;
	r.edx |= v->vm->vcpu_count > 1 ? F1_EDX_HTT : 0;
	return r;
}

/* Deterministic cache parameters: the caches as they are, shared by nobody. */
static struct cpuid_regs leaf_caches(const struct vcpu *v, uint32_t sub)
{
	struct cpuid_regs r = cpuid_read(4, sub);

	if ((r.eax & BITS32(4, 0)) == 0) {
		return (struct cpuid_regs){ 0 };
	}
	r.eax = (r.eax & BITS32(13, 0)) | ((1u << id_bits(v->vm->vcpu_count)) - 1) << 26;
	return r;
}

static struct cpuid_regs leaf_features7(uint32_t sub)
{
	struct cpuid_regs h = cpuid_read(7, 0);

	if (sub == 0) {
		return (struct cpuid_regs){ h.eax < 1 ? h.eax : 1, h.ebx & F7_EBX_HOST, h.ecx & F7_ECX_HOST,
					    h.edx & F7_EDX_HOST };
	}
	if (sub == 1 && h.eax >= 1) {
		return (struct cpuid_regs){ .eax = cpuid_read(7, 1).eax & F71_EAX_HOST };
	}
	return (struct cpuid_regs){ 0 };
}

/* One thread per core, all cores in one package [SDM 2A, leaf 0BH]. */
static struct cpuid_regs leaf_topology(const struct vcpu *v, uint32_t sub)
{
	struct cpuid_regs r = { .ecx = sub & 0xff, .edx = v->index };

	if (sub == 0) {
		r.ebx = 1;
		r.ecx |= 1 << 8;
	} else if (sub == 1) {
		r.eax = id_bits(v->vm->vcpu_count);
		r.ebx = v->vm->vcpu_count;
		r.ecx |= 2 << 8;
	}
	return r;
}

static struct cpuid_regs leaf_xsave(const struct vcpu *v, uint32_t sub)
{
	uint64_t mask = cpuid_xcr0_mask();
	struct cpuid_regs r = { 0 };

	if (mask == 0) {
		return r;
	}
	if (sub == 0) {
		r.eax = (uint32_t)mask;
		r.ebx = xsave_size(v->arch.xcr0 & mask, false);
		r.ecx = xsave_size(mask, false);
	} else if (sub == 1) {
		r.eax = cpuid_read(0xd, 1).eax & FD1_EAX_HOST;
		r.ebx = xsave_size(v->arch.xcr0 & mask, true);
	} else if (sub < XCR0_COUNT && (mask & BIT64(sub)) != 0) {
		struct cpuid_regs h = cpuid_read(0xd, sub);

		r = (struct cpuid_regs){ .eax = h.eax, .ebx = h.ebx, .ecx = h.ecx & 2 };
	}
	return r;
}

static struct cpuid_regs leaf_vendor(uint32_t base, uint32_t max)
{
	struct cpuid_regs r = cpuid_read(base, 0);

	r.eax = r.eax < max ? r.eax : max;
	return r;
}

static struct cpuid_regs leaf_basic(const struct vcpu *v, uint32_t leaf, uint32_t sub)
{
	switch (leaf) {
	case 0:
		return leaf_vendor(0, LEAF_MAX);
	case 1:
		return leaf_features(v);
	case 2:
		return cpuid_read(2, 0);
	case 4:
		return leaf_caches(v, sub);
	case 6:
		return (struct cpuid_regs){ .eax = F6_EAX_ARAT };
	case 7:
		return leaf_features7(sub);
	case 0xb:
		return leaf_topology(v, sub);
	case 0xd:
		return leaf_xsave(v, sub);
	default:
		return (struct cpuid_regs){ 0 };
	}
}

static struct cpuid_regs leaf_hypervisor(uint32_t leaf)
{
	switch (leaf) {
	case 0x40000000: /* "BulkheadHyp " */
		return (struct cpuid_regs){ LEAF_HYP_MAX, 0x6b6c7542, 0x64616568, 0x20707948 };
	case 0x40000001:
		return (struct cpuid_regs){ .eax = BH_ABI_VERSION };
	case LEAF_HYP_MAX:
		return (struct cpuid_regs){ .eax = (uint32_t)tsc_khz, .ebx = VLAPIC_TIMER_KHZ };
	default:
		return (struct cpuid_regs){ 0 };
	}
}

/* AMD's way to say that logical CPUs are cores: HTT with CMP_LEGACY, counted in leaf 0x80000008. */
static bool amd_cores(const struct vcpu *v)
{
	return v->vm->vcpu_count > 1 && (cpuid_read(0x80000001, 0).ecx & E1_ECX_SVM) != 0;
}

static struct cpuid_regs leaf_address(const struct vcpu *v)
{
	struct cpuid_regs h = cpuid_read(0x80000008, 0);
	uint32_t phys = h.eax & 0xff;
	struct cpuid_regs r = { .eax = 48u << 8 | (phys < PHYS_BITS_MAX ? phys : PHYS_BITS_MAX),
				.ebx = h.ebx & E8_EBX_HOST };

	if (amd_cores(v)) {
		r.ecx = id_bits(v->vm->vcpu_count) << 12 | (v->vm->vcpu_count - 1);
	}
	return r;
}

static struct cpuid_regs leaf_extended(const struct vcpu *v, uint32_t leaf)
{
	struct cpuid_regs h = cpuid_read(leaf, 0);

	switch (leaf & 0xf) {
	case 0:
		return leaf_vendor(0x80000000, 0x80000000u + LEAF_EXT_MAX);
	case 1:
		h.ebx = 0;
		h.ecx = (h.ecx & E1_ECX_HOST) | (amd_cores(v) ? E1_ECX_CMP : 0);
		h.edx &= E1_EDX_HOST;
		return h;
	case 7:
		return (struct cpuid_regs){ .edx = h.edx & E7_EDX_HOST };
	case 8:
		return leaf_address(v);
	default: /* the name; caches and TLBs */
		return h;
	}
}

void exit_cpuid(struct vcpu *v)
{
	uint64_t *x = v->arch.regs.x;
	uint32_t leaf = (uint32_t)x[G_RAX];
	uint32_t sub = (uint32_t)x[G_RCX];
	struct cpuid_regs r = { 0 };

	if (leaf <= LEAF_MAX) {
		if (leaf <= leaf_vendor(0, LEAF_MAX).eax) {
			r = leaf_basic(v, leaf, sub);
		}
	} else if (leaf >= 0x80000000 && leaf <= leaf_vendor(0x80000000, 0x80000000u + LEAF_EXT_MAX).eax) {
		r = leaf_extended(v, leaf);
	} else {
		r = leaf_hypervisor(leaf);
	}
	x[G_RAX] = r.eax;
	x[G_RBX] = r.ebx;
	x[G_RCX] = r.ecx;
	x[G_RDX] = r.edx;
	exit_advance(v, 2);
}
