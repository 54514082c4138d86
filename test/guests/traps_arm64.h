/* SPDX-License-Identifier: Apache-2.0 */
/*
 * t_traps.c for arm64: EL2 registers are undefined, identification registers describe what is really offered, SMC is
 * the other conduit, aborts say what the architecture says.
 */
#pragma once

#include "arch.h"
#include "tap.h"

enum { EC_UNKNOWN = 0x00, EC_DATA_ABORT = 0x25, FSC_EXTERNAL = 0x10, FSC_ALIGNMENT = 0x21 };

static bool aborted(const struct trap *t, uint64_t addr)
{
	if (t->taken && trap_class(t) == EC_DATA_ABORT && (t->esr & 0x3f) == FSC_EXTERNAL && t->far == addr) {
		return true;
	}
	printf("#   taken %d ESR 0x%lx FAR 0x%lx\n", t->taken, t->esr, t->far);
	return false;
}

/* Of all that is not the guest's: refused is an external abort, at the address that was tried. */
static void test_aborts(void)
{
	unsigned i, reads = 0, writes = 0, count = 0;

	for (i = 0; i < FOREIGN_COUNT; i++) {
		uint64_t addr = foreign[i].addr;
		struct trap t;

		if ((foreign[i].flags & NO_CPU) != 0) {
			continue;
		}
		count++;
		trap_catch();
		(void)mmio_read32(addr);
		t = trap_caught();
		reads += aborted(&t, addr) ? 1 : 0;
		trap_catch();
		mmio_write32(addr, 0xdeadbeef);
		t = trap_caught();
		writes += aborted(&t, addr) ? 1 : 0;
	}
	tap_is(reads, count, "reads of foreign addresses: external aborts");
	tap_is(writes, count, "writes: the same");
}

/* Instructions whose abort carries no syndrome must be survived, too. */
static void test_shapes(void)
{
	uint64_t v = 0, w = 0, p = BOARD_HYP_BASE;
	struct trap t;

	trap_catch();
	__asm__ volatile("ldp %0, %1, [%2]" : "=&r"(v), "=&r"(w) : "r"(p) : "memory");
	t = trap_caught();
	tap_ok(t.taken, "load pair from the hypervisor: abort");
	trap_catch();
	__asm__ volatile("stp xzr, xzr, [%0], #16" : "+r"(p) : : "memory");
	t = trap_caught();
	tap_ok(t.taken, "store pair with write-back to the hypervisor: abort");
	p = VIRT_GICD_BASE;
	trap_catch();
	__asm__ volatile("ldp %w0, %w1, [%2]" : "=&r"(v), "=&r"(w) : "r"(p) : "memory");
	t = trap_caught();
	tap_ok(t.taken, "load pair from the emulated distributor: abort, no guess");
	trap_catch();
	__asm__ volatile("ldr %w0, [%1], #4" : "=&r"(v), "+r"(p) : : "memory");
	t = trap_caught();
	tap_ok(t.taken, "load with write-back from the emulated distributor: abort, no guess");
	p = BOARD_HYP_BASE;
	trap_catch();
	__asm__ volatile("ldxr %w0, [%1]" : "=&r"(v) : "r"(p) : "memory");
	t = trap_caught();
	tap_ok(t.taken, "exclusive load from the hypervisor: abort");
	trap_catch();
	__asm__ volatile("dc civac, %0" : : "r"(p) : "memory");
	t = trap_caught();
	tap_ok(true, "cache maintenance of the hypervisor's memory: survived (%s)", t.taken ? "abort" : "ignored");
	trap_catch();
	__asm__ volatile("at s1e1r, %0" : : "r"(p) : "memory");
	t = trap_caught();
	tap_ok(!t.taken, "address translation instruction of stage 1 works");
}

static void test_sizes(void)
{
	unsigned i, survived = 0;

	/* Every offset of the emulated devices in odd sizes: an abort or a value, never the end. */
	for (i = 0; i < 0x1000; i += 3) {
		trap_catch();
		(void)mmio_read8(VIRT_GICD_BASE + i);
		(void)mmio_read8(VIRT_UART_BASE + i);
		(void)mmio_read8(VIRT_GICR_BASE + i);
		(void)trap_caught();
		survived++;
	}
	for (i = 0; i < 0x10000; i += 8) {
		trap_catch();
		(void)mmio_read64(VIRT_GICD_BASE + i);
		(void)mmio_read64(VIRT_GICR_BASE + i);
		(void)mmio_read16(VIRT_GICD_BASE + i);
		(void)trap_caught();
		survived++;
	}
	tap_is(survived, 0x1000 / 3 + 1 + 0x2000, "odd reads all over the emulated devices: survived");
}

#define EXPECT_UNDEFINED(what, insn)                                                              \
	do {                                                                                      \
		struct trap undef_t;                                                              \
		uint64_t undef_v = 0;                                                             \
		trap_catch();                                                                     \
		__asm__ volatile(insn : "+r"(undef_v) : : "memory");                              \
		undef_t = trap_caught();                                                          \
		tap_ok(undef_t.taken && trap_class(&undef_t) == EC_UNKNOWN, "%s: undefined", what); \
	} while (0)

static void test_registers(void)
{
	EXPECT_UNDEFINED("HCR_EL2", "mrs %0, hcr_el2");
	EXPECT_UNDEFINED("VTTBR_EL2 write", "msr vttbr_el2, %0");
	EXPECT_UNDEFINED("SCTLR_EL2", "mrs %0, sctlr_el2");
	EXPECT_UNDEFINED("VBAR_EL2 write", "msr vbar_el2, %0");
	EXPECT_UNDEFINED("ICH_HCR_EL2", "mrs %0, S3_4_C12_C11_0");
	EXPECT_UNDEFINED("ICH_LR0_EL2 write", "msr S3_4_C12_C12_0, %0");
	EXPECT_UNDEFINED("CNTHCTL_EL2", "mrs %0, cnthctl_el2");
	EXPECT_UNDEFINED("CNTVOFF_EL2 write", "msr cntvoff_el2, %0");
	EXPECT_UNDEFINED("SCR_EL3", "mrs %0, scr_el3");
	EXPECT_UNDEFINED("TLBI ALLE2", "tlbi alle2");
	EXPECT_UNDEFINED("TLBI VMALLS12E1", "tlbi vmalls12e1");
	EXPECT_UNDEFINED("PMCR_EL0", "mrs %0, pmcr_el0");
	EXPECT_UNDEFINED("PMCCNTR_EL0 write", "msr pmccntr_el0, %0");
	EXPECT_UNDEFINED("PMSCR_EL1 (profiling)", "mrs %0, S3_0_C9_C9_0");
	EXPECT_UNDEFINED("TRBLIMITR_EL1 (trace)", "mrs %0, S3_0_C9_C11_0");
	EXPECT_UNDEFINED("a UDF", "udf #0");
}

static void test_quiet(void)
{
	struct trap t;

	/* What an operating system writes once at boot and never looks at again. */
	trap_catch();
	__asm__ volatile("msr oslar_el1, xzr\n\tmsr mdscr_el1, xzr\n\tmsr osdlr_el1, xzr");
	sysreg_write(dbgbvr0_el1, BOARD_HYP_BASE);
	sysreg_write(dbgbcr0_el1, 0x1e7);
	sysreg_write(dbgwcr0_el1, 0);
	t = trap_caught();
	tap_ok(!t.taken, "debug registers: accepted");
	tap_is((int64_t)(sysreg_read(dbgbcr0_el1) & 1), 0, "but no breakpoint is enabled");
	trap_catch();
	__asm__ volatile("dc cisw, xzr" : : : "memory");
	t = trap_caught();
	tap_ok(!t.taken, "cache maintenance by set and way: accepted");
	trap_catch();
	(void)sysreg_read(actlr_el1);
	(void)sysreg_read(midr_el1);
	(void)sysreg_read(revidr_el1);
	(void)sysreg_read(S3_0_C0_C3_7);
	(void)sysreg_read(cntpct_el0);
	t = trap_caught();
	tap_ok(!t.taken, "ACTLR, MIDR, REVIDR, an unallocated ID register, CNTPCT: readable");
}

static void test_identity(void)
{
	uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);
	uint64_t dfr0 = sysreg_read(id_aa64dfr0_el1);

	tap_is((int64_t)(sysreg_read(currentel) >> 2), 1, "we are at EL1");
	tap_is((int64_t)(sysreg_read(mpidr_el1) & 0xff00ffffff), 0, "MPIDR: vCPU 0");
	tap_is((int64_t)(pfr0 >> 8 & 0xf), 0, "ID_AA64PFR0: no EL2");
	tap_is((int64_t)(pfr0 >> 12 & 0xf), 0, "ID_AA64PFR0: no EL3");
	tap_is((int64_t)(pfr0 >> 24 & 0xf), 1, "ID_AA64PFR0: GIC system registers");
	tap_is((int64_t)(pfr0 >> 32 & 0xf), 0, "ID_AA64PFR0: no SVE");
	tap_is((int64_t)(dfr0 >> 8 & 0xf), 0, "ID_AA64DFR0: no PMU");
	tap_is((int64_t)(dfr0 >> 32 & 0xf), 0, "ID_AA64DFR0: no statistical profiling");
	tap_is((int64_t)(sysreg_read(id_aa64mmfr1_el1) >> 8 & 0xf), 0, "ID_AA64MMFR1: no virtualization host");
	tap_ok(sysreg_read(cntfrq_el0) >= 1000000, "CNTFRQ: %lu Hz", sysreg_read(cntfrq_el0));
}

static uint64_t smc(uint64_t fn)
{
	register uint64_t x0 __asm__("x0") = fn;

	__asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
	return x0;
}

static uint64_t hvc_1(uint64_t fn)
{
	register uint64_t x0 __asm__("x0") = fn;

	__asm__ volatile("hvc #1" : "+r"(x0) : : "x1", "x2", "x3", "memory");
	return x0;
}

static void test_conduits(void)
{
	struct trap t;
	uint64_t r;

	trap_catch();
	r = smc(PSCI_VERSION);
	t = trap_caught();
	tap_ok(!t.taken && r >= 0x10000 && r < 0x80000000, "SMC: PSCI answers there, too");
	trap_catch();
	r = hvc_1(PSCI_VERSION);
	t = trap_caught();
	tap_ok(t.taken || (int64_t)r == -1, "HVC #1: not ours");
}

static void test_alignment(void)
{
	struct trap t;

	trap_catch();
	(void)mmio_read32(VIRT_GICD_BASE + 2);
	t = trap_caught();
	tap_ok(t.taken && (t.esr & 0x3f) == FSC_ALIGNMENT, "unaligned read of Device memory: the guest's own fault");
}

static void arch_traps(void)
{
	test_identity();
	test_registers();
	test_quiet();
	test_conduits();
	test_aborts();
	test_shapes();
	test_sizes();
	test_alignment();
}
