/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor a guest sees (cpuid.c, msr.c) on three hosts: one that claims every feature there is, one with nothing,
 * and a plausible one. No bit may come through that is not in the list below, written here a second time by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <asm/exit.h>
#include <asm/msr.h>
#include <asm/time.h>
#include <bulkhead/abi.h>

#include "x86_emu.h"

static uint64_t *const reg = emu.reg[0];
static uint64_t *const x = emu_vm.vcpu[0].arch.regs.x;

static struct cpuid_regs query_of(struct vcpu *v, uint32_t leaf, uint32_t sub)
{
	uint64_t *g = v->arch.regs.x;
	enum emu_outcome how;

	g[G_RAX] = 0xdead000000000000ull | leaf;
	g[G_RCX] = 0xbeef000000000000ull | sub;
	g[G_RBX] = g[G_RDX] = ~0ull;
	emu.reg[v->index][VREG_RIP] = 0x1000;
	EMU_RUN(how, exit_cpuid(v));
	assert_int_equal(how, EMU_ADVANCED);
	assert_int_equal(emu.reg[v->index][VREG_RIP], 0x1002);
	assert_int_equal((g[G_RAX] | g[G_RBX] | g[G_RCX] | g[G_RDX]) >> 32, 0);
	return (struct cpuid_regs){ (uint32_t)g[G_RAX], (uint32_t)g[G_RBX], (uint32_t)g[G_RCX],
				    (uint32_t)g[G_RDX] };
}

static struct cpuid_regs query(uint32_t leaf, uint32_t sub)
{
	return query_of(emu_v, leaf, sub);
}

static void expect(uint32_t leaf, uint32_t sub, struct cpuid_regs want)
{
	struct cpuid_regs got = query(leaf, sub);

	if (memcmp(&got, &want, sizeof(got)) != 0) {
		fail_msg("leaf %x.%x: %08x %08x %08x %08x, not %08x %08x %08x %08x", leaf, sub, got.eax, got.ebx,
			 got.ecx, got.edx, want.eax, want.ebx, want.ecx, want.edx);
	}
}

/* --- hosts --- */

static struct cpuid_regs boast(uint32_t leaf, uint32_t sub)
{
	return (struct cpuid_regs){ ~0u, ~0u, ~0u, ~0u };
}

static uint32_t amd_svm = 4;

static struct cpuid_regs plausible(uint32_t leaf, uint32_t sub)
{
	switch (leaf) {
	case 0:
		return (struct cpuid_regs){ 0x20, 0x68747541, 0x444d4163, 0x69746e65 };
	case 1: /* APIC id 5, 8 CPUs, CLFLUSH 64; OSXSAVE, VMX, MONITOR, deadline; not HTT */
		return (struct cpuid_regs){ 0x00800f12, 0x05080800, 0x7efa3229 | 1u << 5, 0x078bfbff };
	case 4:
		return sub < 2 ? (struct cpuid_regs){ 0xfc01c121 + sub, 0x01c0003f, 0x3f, 0 } :
				 (struct cpuid_regs){ 0 };
	case 7:
		return (struct cpuid_regs){ .ebx = 0x219c97a9 };
	case 0xd: /* x87 SSE AVX, PKRU at 9 */
		if (sub == 0) {
			return (struct cpuid_regs){ 0x207, 0x340, 0x988, 0 };
		}
		return sub == 1 ? (struct cpuid_regs){ 0xf, 0x340, 0x1800, 0 } :
		       sub == 2 ? (struct cpuid_regs){ 0x100, 0x240, 0, 0 } : (struct cpuid_regs){ 0 };
	case 0x80000000:
		return (struct cpuid_regs){ 0x8000001f, 0x68747541, 0x444d4163, 0x69746e65 };
	case 0x80000001:
		return (struct cpuid_regs){ 0x00800f12, 0x20000000, 0x35c233fb | amd_svm, 0x2fd3fbff };
	case 0x80000007:
		return (struct cpuid_regs){ 0, 3, 0, 0x6799 };
	case 0x80000008:
		return (struct cpuid_regs){ 0x3034, 0x1007, 0x400f, 0 };
	default:
		return (struct cpuid_regs){ leaf, sub, 0x1234, 0x5678 };
	}
}

/* AVX-512 as real processors lay it out. */
static struct cpuid_regs wide(uint32_t leaf, uint32_t sub)
{
	static const struct cpuid_regs area[8] = {
		[0] = { 0xe7, 0x240, 0xa80, 0 }, [1] = { 0xf, 0, 0, 0 },          [2] = { 0x100, 0x240, 0, 0 },
		[5] = { 0x40, 0x440, 2, 0 },     [6] = { 0x200, 0x480, 2, 0 },    [7] = { 0x400, 0x680, 3, 0 },
	};

	return leaf == 0xd ? area[sub & 7] : plausible(leaf, sub);
}

/* XSAVE is there, but we have not turned it on. */
static struct cpuid_regs no_osxsave(uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs r = wide(leaf, sub);

	r.ecx &= leaf == 1 ? ~(1u << 27) : ~0u;
	return r;
}

/* AVX-512 state of which a part is missing. */
static struct cpuid_regs torn(uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs r = wide(leaf, sub);

	r.eax &= leaf == 0xd && sub == 0 ? ~0x40u : ~0u;
	return r;
}

/* --- CPUID --- */

/* Every bit a guest may ever see that the host reports: a second list, by the manuals' bit numbers. */
static struct cpuid_regs allowed(uint32_t leaf, uint32_t sub)
{
	static const uint8_t c1[] = { 0, 1, 9, 12, 13, 17, 19, 20, 21, 22, 23, 25, 26, 28, 29, 30, 31 };
	static const uint8_t d1[] = { 0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 15, 16, 17, 19, 23, 24, 25, 26, 28 };
	static const uint8_t b7[] = { 0, 3, 5, 6, 7, 8, 9, 10, 13, 16, 17, 18, 19, 20, 21, 23, 24, 28, 29, 30, 31 };
	static const uint8_t c7[] = { 1, 2, 6, 8, 9, 10, 11, 12, 14, 22 };
	static const uint8_t ce[] = { 0, 1, 5, 6, 7, 8, 11, 16, 21 };
	static const uint8_t de[] = { 0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 15, 16, 17, 20, 22, 23, 24, 25,
				      26, 27, 29, 30, 31 };
	struct cpuid_regs r = { 0 };
#define BITS_OF(list, out)                                      \
	for (unsigned i_ = 0; i_ < sizeof(list); i_++) {        \
		(out) |= 1u << (list)[i_];                      \
	}

	if (leaf == 1) {
		r = (struct cpuid_regs){ .eax = ~0u, .ebx = ~0u };
		BITS_OF(c1, r.ecx);
		BITS_OF(d1, r.edx);
	} else if (leaf == 7 && sub == 0) {
		r.eax = 1;
		BITS_OF(b7, r.ebx);
		BITS_OF(c7, r.ecx);
		r.edx = 1u << 4;
	} else if (leaf == 7 && sub == 1) {
		r.eax = 1u << 4 | 1u << 5;
	} else if (leaf == 6) {
		r.eax = 1u << 2;
	} else if (leaf == 0xd && sub == 0) {
		r = (struct cpuid_regs){ .eax = 0xe7, .ebx = ~0u, .ecx = ~0u };
	} else if (leaf == 0xd && sub == 1) {
		r = (struct cpuid_regs){ .eax = 7, .ebx = ~0u };
	} else if (leaf == 0xd && (0xe4u >> (sub & 31) & 1) != 0 && sub < 8) {
		r = (struct cpuid_regs){ .eax = ~0u, .ebx = ~0u, .ecx = 2 };
	} else if (leaf == 0x80000001) {
		r.eax = ~0u;
		BITS_OF(ce, r.ecx);
		BITS_OF(de, r.edx);
	} else if (leaf == 0x80000007) {
		r.edx = 1u << 8;
	} else if (leaf == 0x80000008) {
		r = (struct cpuid_regs){ .eax = 0x3030, .ebx = 5, .ecx = 0xf00f };
	} else if (leaf == 0 || leaf == 2 || leaf == 4 || leaf == 0xb || leaf == 0x80000000 ||
		   (leaf >= 0x80000002 && leaf <= 0x80000006) || leaf == 0x40000000 || leaf == 0x40000001 ||
		   leaf == 0x40000010) {
		r = (struct cpuid_regs){ ~0u, ~0u, ~0u, ~0u }; /* no features; judged below */
	}
	return r;
}

static void expect_allowed(uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs got = query(leaf, sub), may = allowed(leaf, sub);

	if ((got.eax & ~may.eax) | (got.ebx & ~may.ebx) | (got.ecx & ~may.ecx) | (got.edx & ~may.edx)) {
		fail_msg("leaf %x.%x shows %08x %08x %08x %08x", leaf, sub, got.eax, got.ebx, got.ecx, got.edx);
	}
}

static void no_bit_passes_that_is_not_allowed(void **state)
{
	static const uint32_t first[] = { 0, 0x40000000, 0x80000000, 0x80000100, 0x8fffff00, 0xc0000000, 0x3fffff00,
					  0x7fffff80, 0xffffff80 };
	static emu_cpuid_fn *const host[] = { boast, plausible, wide, no_osxsave, torn };

	for (unsigned h = 0; h < ARRAY_COUNT(host); h++) {
		emu_cpuid = host[h];
		for (unsigned i = 0; i < ARRAY_COUNT(first); i++) {
			for (uint32_t n = 0; n < 0x80 * 70; n++) {
				expect_allowed(first[i] + n / 70, n % 70);
			}
			expect_allowed(first[i], ~0u);
		}
	}
}

static void virtualization_is_never_shown(void **state)
{
	emu_cpuid = boast;
	assert_int_equal(query(1, 0).ecx & 1u << 5, 0);           /* VMX */
	assert_int_equal(query(0x80000001, 0).ecx & 1u << 2, 0);  /* SVM */
	expect(0x8000000a, 0, (struct cpuid_regs){ 0 });
	assert_int_equal(query(0, 0).eax, 0x16);
	assert_int_equal(query(0x80000000, 0).eax, 0x80000008);
}

static void a_poor_host_is_not_made_richer(void **state)
{
	struct cpuid_regs r;

	expect(1, 0, (struct cpuid_regs){ 0 }); /* highest leaf 0 */
	expect(0xd, 0, (struct cpuid_regs){ 0 });
	expect(0x80000001, 0, (struct cpuid_regs){ 0 });
	r = query(0x40000000, 0);
	assert_memory_equal(&r.ebx, "BulkheadHyp ", 12);
	assert_int_equal(r.eax, 0x40000010);
	assert_int_equal(cpuid_xcr0_mask(), 0);
}

static void feature_leaf_is_of_this_vcpu(void **state)
{
	struct cpuid_regs r;

	emu_cpuid = plausible;
	r = query_of(&emu_vm.vcpu[1], 1, 0);
	assert_int_equal(r.eax, 0x00800f12);
	assert_int_equal(r.ebx, 1u << 24 | 2u << 16 | 8u << 8);
	assert_true(r.ecx & 1u << 21 && r.ecx & 1u << 31 && r.edx & 1u << 28);
	assert_false(r.ecx & 1u << 27); /* OSXSAVE as its own CR4 says, not ours */
	emu.reg[1][VREG_CR4] = CR4_OSXSAVE;
	assert_true(query_of(&emu_vm.vcpu[1], 1, 0).ecx & 1u << 27);
	emu_vm.vcpu_count = 1;
	assert_false(query(1, 0).edx & 1u << 28);
}

static void topology_is_flat(void **state)
{
	emu_cpuid = plausible;
	emu_vm.vcpu_count = 6;
	expect(0xb, 0, (struct cpuid_regs){ 0, 1, 0x100, 0 });
	expect(0xb, 1, (struct cpuid_regs){ 3, 6, 0x201, 0 });
	expect(0xb, 2, (struct cpuid_regs){ 0, 0, 2, 0 });
	assert_int_equal(query_of(&emu_vm.vcpu[1], 0xb, 1).edx, 1);
	expect(4, 0, (struct cpuid_regs){ 0x1c000121, 0x01c0003f, 0x3f, 0 });
	expect(4, 2, (struct cpuid_regs){ 0 });
	assert_int_equal(query(0x80000008, 0).ecx, 0x3005);
	assert_true(query(0x80000001, 0).ecx & 2);
	amd_svm = 0; /* an Intel host has no such bits */
	assert_int_equal(query(0x80000008, 0).ecx, 0);
	assert_false(query(0x80000001, 0).ecx & 2);
	amd_svm = 4;
}

static void address_sizes(void **state)
{
	emu_cpuid = plausible;
	assert_int_equal(query(0x80000008, 0).eax, 0x3030); /* 52 physical bits are more than we map */
	assert_int_equal(query(0x80000008, 0).ebx, 5);
	assert_int_equal(query(0x80000007, 0).edx, 0x100);
	expect(0x80000002, 0, plausible(0x80000002, 0));
}

static void hypervisor_leaves(void **state)
{
	emu_cpuid = plausible;
	tsc_khz = 2500000;
	expect(0x40000001, 0, (struct cpuid_regs){ .eax = BH_ABI_VERSION });
	expect(0x40000010, 0, (struct cpuid_regs){ .eax = 2500000, .ebx = VLAPIC_TIMER_KHZ });
	expect(0x40000002, 0, (struct cpuid_regs){ 0 });
}

static void xsave_sizes_follow_xcr0(void **state)
{
	emu_cpuid = plausible;
	emu_v->arch.xcr0 = 1;
	expect(0xd, 0, (struct cpuid_regs){ 7, 576, 832, 0 });
	expect(0xd, 1, (struct cpuid_regs){ 7, 576, 0, 0 });
	expect(0xd, 2, (struct cpuid_regs){ 0x100, 0x240, 0, 0 });
	expect(0xd, 9, (struct cpuid_regs){ 0 });
	emu_v->arch.xcr0 = 7;
	expect(0xd, 0, (struct cpuid_regs){ 7, 832, 832, 0 });
	emu_cpuid = wide;
	emu_v->arch.xcr0 = 0xe7;
	expect(0xd, 0, (struct cpuid_regs){ 0xe7, 0xa80, 0xa80, 0 });
	expect(0xd, 1, (struct cpuid_regs){ 7, 0x340 + 0x40 + 0x200 + 0x400, 0, 0 });
	expect(0xd, 7, (struct cpuid_regs){ 0x400, 0x680, 2, 0 });
	emu_cpuid = torn;
	assert_int_equal(query(0xd, 0).eax, 7);
	emu_cpuid = no_osxsave;
	expect(0xd, 0, (struct cpuid_regs){ 0 });
	reg[VREG_CR4] = CR4_OSXSAVE;
	assert_int_equal(query(1, 0).ecx & 7u << 26, 0);
}

/* --- MSRs --- */

static enum emu_outcome rdmsr(uint32_t msr)
{
	enum emu_outcome how;

	x[G_RCX] = 0xabcd00000000ull << 16 | msr;
	x[G_RAX] = x[G_RDX] = ~0ull;
	reg[VREG_RIP] = 0x1000;
	EMU_RUN(how, exit_msr(emu_v, false));
	return how;
}

static enum emu_outcome wrmsr(uint32_t msr, uint64_t value)
{
	enum emu_outcome how;

	x[G_RCX] = 0xabcd00000000ull << 16 | msr;
	x[G_RAX] = 0x1111111100000000ull | (uint32_t)value;
	x[G_RDX] = 0x2222222200000000ull | value >> 32;
	reg[VREG_RIP] = 0x1000;
	EMU_RUN(how, exit_msr(emu_v, true));
	return how;
}

static void expect_msr(uint32_t msr, uint64_t value)
{
	emu_expect_next(rdmsr(msr), 0x1002);
	assert_int_equal(x[G_RAX], (uint32_t)value); /* the upper halves are clear */
	assert_int_equal(x[G_RDX], value >> 32);
}

static void constants_read_and_swallow(void **state)
{
	static const uint32_t zero[] = { 0x17, 0x8b, 0xce, 0xfe, 0x179, 0x17a, 0xc0010010, 0xc0010015, 0xc001001f,
					 0xc0010058, 0xc0011029 };

	for (unsigned i = 0; i < ARRAY_COUNT(zero); i++) {
		emu_expect_next(wrmsr(zero[i], ~0ull), 0x1002);
		expect_msr(zero[i], 0);
	}
	expect_msr(MSR_MISC_ENABLE, 0x1801);
	fake_tsc = 0x123456789abc;
	emu_expect_next(wrmsr(MSR_TSC, 7), 0x1002);
	expect_msr(MSR_TSC, 0x123456789abc);
	assert_int_equal(emu.msr_writes, 0);
}

static void everything_else_is_not_there(void **state)
{
	static const uint32_t name[] = { 0x3a, 0x3b, 0x48, 0x49, 0x10a, 0x10b, 0x122, 0x186, 0x1d9, 0x200, 0x2ff, 0x309,
					 0x38f, 0x480, 0x570, 0x6e0, 0x7ff, 0x900, 0xda0, 0x40000000, 0x4b564d00,
					 0xc0000104, 0xc0010000, 0xc0010004, 0xc0010111, 0xc0010114, 0xc0010117,
					 0xc0010131, 0xc001011e, 0xc0011030, 0xffffffff };

	emu_cpuid = boast;
	for (unsigned i = 0; i < ARRAY_COUNT(name); i++) {
		emu_expect_gp(rdmsr(name[i]));
		assert_int_equal(x[G_RAX], ~0ull);
		emu_expect_gp(wrmsr(name[i], 0));
		assert_int_equal(reg[VREG_RIP], 0x1000);
	}
	for (uint32_t m = 0; m < 0x800; m++) { /* few that are, in the range that is densest */
		unsigned known = m == 0x10 || m == 0x17 || m == 0x1b || m == 0x8b || m == 0xce || m == 0xfe ||
				 m == 0x179 || m == 0x17a || m == 0x1a0 || m == 0x277;

		assert_int_equal(rdmsr(m) == EMU_ADVANCED, known);
	}
}

static void efer_hides_svme_and_keeps_lma(void **state)
{
	reg[VREG_EFER] = EFER_SVME;
	expect_msr(MSR_EFER, 0);
	emu_expect_next(wrmsr(MSR_EFER, EFER_LME | EFER_LMA | EFER_SCE | EFER_NXE), 0x1002);
	assert_int_equal(reg[VREG_EFER] & ~EFER_SVME, EFER_LME | EFER_SCE | EFER_NXE);
	emu_expect_gp(wrmsr(MSR_EFER, EFER_SVME | EFER_LME));
	emu_expect_gp(wrmsr(MSR_EFER, BIT64(1)));
	emu_expect_gp(wrmsr(MSR_EFER, BIT64(13)));
	emu_expect_gp(wrmsr(MSR_EFER, BIT64(32)));
	emu_expect_gp(wrmsr(MSR_EFER, EFER_FFXSR));
	reg[VREG_CR0] = CR0_PG | CR0_PE;
	reg[VREG_EFER] = EFER_SVME | EFER_LME | EFER_LMA;
	emu_expect_gp(wrmsr(MSR_EFER, EFER_SCE)); /* LME while paging */
	emu_expect_next(wrmsr(MSR_EFER, EFER_LME | EFER_SCE), 0x1002);
	assert_int_equal(reg[VREG_EFER] & ~EFER_SVME, EFER_LME | EFER_LMA | EFER_SCE);
	emu_cpuid = boast;
	emu_expect_next(wrmsr(MSR_EFER, EFER_LME | EFER_LMA | EFER_FFXSR), 0x1002);
}

static void pat_takes_valid_types(void **state)
{
	emu_expect_next(wrmsr(MSR_PAT, 0x0007040600070401ull), 0x1002);
	expect_msr(MSR_PAT, 0x0007040600070401ull);
	for (unsigned i = 0; i < 8; i++) {
		emu_expect_gp(wrmsr(MSR_PAT, 2ull << 8 * i));
		emu_expect_gp(wrmsr(MSR_PAT, 3ull << 8 * i));
		emu_expect_gp(wrmsr(MSR_PAT, 8ull << 8 * i));
	}
	assert_int_equal(reg[VREG_PAT], 0x0007040600070401ull);
}

static void apic_registers_go_to_the_apic(void **state)
{
	emu.apic.reply = 0xfee00d00;
	expect_msr(MSR_APIC_BASE, 0xfee00d00);
	emu_expect_next(wrmsr(0x830, 0x300004500ull), 0x1002);
	assert_int_equal(emu.apic.where, 0x830);
	assert_int_equal(emu.apic.m.value, 0x300004500ull);
	emu_expect_next(rdmsr(0x8ff), 0x1002);
	emu.apic.refuse = true;
	emu_expect_gp(rdmsr(0x802));
	emu_expect_gp(wrmsr(MSR_APIC_BASE, 0));
}

static void tsc_aux_is_the_guests(void **state)
{
	emu_expect_gp(rdmsr(MSR_TSC_AUX)); /* no RDTSCP */
	emu_cpuid = plausible;
	emu_expect_next(wrmsr(MSR_TSC_AUX, 0xfedcba98), 0x1002);
	expect_msr(MSR_TSC_AUX, 0xfedcba98);
	emu_expect_gp(wrmsr(MSR_TSC_AUX, 1ull << 32));
	assert_int_equal(emu.msr_writes, 1);
}

static enum emu_outcome set_xcr(uint64_t index, uint64_t value)
{
	enum emu_outcome how;

	x[G_RCX] = index;
	x[G_RAX] = 0x7777777700000000ull | (uint32_t)value;
	x[G_RDX] = 0x7777777700000000ull | value >> 32;
	reg[VREG_RIP] = 0x1000;
	EMU_RUN(how, exit_xsetbv(emu_v));
	return how;
}

static void xsetbv_takes_what_is_possible(void **state)
{
	static const uint64_t good[] = { 1, 3, 7, 0xe7 };
	static const uint64_t bad[] = { 0, 2, 4, 5, 6, 0x27, 0x67, 0xa7, 0xe3, 0x0f, 0x207, 1ull << 63 | 7,
					1ull << 32 | 1 };

	emu_cpuid = wide;
	for (unsigned i = 0; i < ARRAY_COUNT(good); i++) {
		emu_expect_next(set_xcr(0xffffffff00000000ull, good[i]), 0x1003);
		assert_int_equal(emu.xcr0, good[i]);
		assert_int_equal(emu_v->arch.xcr0, good[i]);
	}
	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		emu_expect_gp(set_xcr(0, bad[i]));
	}
	emu_expect_gp(set_xcr(1, 1));
	reg[VREG_CPL] = 3;
	emu_expect_gp(set_xcr(0, 1));
	reg[VREG_CPL] = 0;
	emu_cpuid = plausible; /* no AVX-512 */
	emu_expect_gp(set_xcr(0, 0xe7));
	emu_cpuid = boast;
	emu_expect_gp(set_xcr(0, ~0ull));
	assert_int_equal(emu.xsetbvs, ARRAY_COUNT(good));
	assert_int_equal(emu_v->arch.xcr0, 0xe7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_bit_passes_that_is_not_allowed, emu_setup),
		cmocka_unit_test_setup(virtualization_is_never_shown, emu_setup),
		cmocka_unit_test_setup(a_poor_host_is_not_made_richer, emu_setup),
		cmocka_unit_test_setup(feature_leaf_is_of_this_vcpu, emu_setup),
		cmocka_unit_test_setup(topology_is_flat, emu_setup),
		cmocka_unit_test_setup(address_sizes, emu_setup),
		cmocka_unit_test_setup(hypervisor_leaves, emu_setup),
		cmocka_unit_test_setup(xsave_sizes_follow_xcr0, emu_setup),
		cmocka_unit_test_setup(constants_read_and_swallow, emu_setup),
		cmocka_unit_test_setup(everything_else_is_not_there, emu_setup),
		cmocka_unit_test_setup(efer_hides_svme_and_keeps_lma, emu_setup),
		cmocka_unit_test_setup(pat_takes_valid_types, emu_setup),
		cmocka_unit_test_setup(apic_registers_go_to_the_apic, emu_setup),
		cmocka_unit_test_setup(tsc_aux_is_the_guests, emu_setup),
		cmocka_unit_test_setup(xsetbv_takes_what_is_possible, emu_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
