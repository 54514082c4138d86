/* SPDX-License-Identifier: Apache-2.0 */
/*
 * t_traps.c for x86-64: CPUID and model-specific registers show what is offered and nothing of the host's, ports that
 * are nobody's read as all ones, the instructions of virtualization are undefined.
 */
#pragma once

#include "arch.h"
#include "tap.h"

enum { PORT_PIC1_MASK = 0x21, PORT_CMOS_INDEX = 0x70, PORT_CMOS_DATA = 0x71, PORT_DMA1_MASK = 0x0f, PORT_DEBUG = 0x402,
       PORT_APM = 0xb2, PORT_HOTPLUG = 0xae00, PORT_CPU_HOTPLUG = 0x0cd8 };

#define MSR_EFER   0xc0000080u
#define EFER_SVME  (1ull << 12)
#define CR0_WP     (1ull << 16)
#define CR0_CD     (1ull << 30)
#define CR4_PGE    (1ull << 7)
#define CR4_OSXSAVE (1ull << 18)

/* --- CPUID ----------------------------------------------------------------------------------------------------- */

static void test_cpuid(void)
{
	struct bh_cpuid r = bh_cpuid(BH_CPUID_VENDOR, 0);
	uint32_t max = bh_cpuid(0, 0).eax;
	unsigned i;

	tap_ok(bh_present(), "CPUID 0x40000000: Bulkhead (%x %x %x)", r.ebx, r.ecx, r.edx);
	tap_is(bh_cpuid(BH_CPUID_VERSION, 0).eax, BH_ABI_VERSION, "CPUID 0x40000001: the version of the ABI");
	r = bh_cpuid(BH_CPUID_CLOCKS, 0);
	tap_ok(r.eax >= 1000 && r.ebx >= 1000, "CPUID 0x40000010: TSC %u kHz, timer %u kHz", r.eax, r.ebx);
	r = bh_cpuid(1, 0);
	tap_is(r.ebx >> 24, guest_vcpu(), "CPUID 1: the APIC id is the vCPU's index");
	tap_ok((r.ecx & 1u << 31) != 0, "CPUID 1: under a hypervisor");
	tap_is(r.ecx & 1u << 5, 0, "CPUID 1: no VMX");
	tap_is(r.ecx & 1u << 3, 0, "CPUID 1: no MONITOR");
	tap_is(r.ecx & 1u << 24, 0, "CPUID 1: no TSC deadline");
	tap_is(bh_cpuid(0x80000001, 0).ecx & 1u << 2, 0, "CPUID 0x80000001: no SVM");
	tap_is(bh_cpuid(0x8000000a, 0).edx, 0, "CPUID 0x8000000a: no features of SVM");
	tap_is(bh_cpuid(0x0a, 0).eax, 0, "CPUID 0xa: no performance counters");
	tap_is(bh_cpuid(7, 0).ebx & 1u << 2, 0, "CPUID 7: no SGX");
	for (i = 0; i < 0x100; i++) { /* any value, never the end */
		(void)bh_cpuid(i, 0);
		(void)bh_cpuid(0x80000000 + i, 0);
		(void)bh_cpuid(0x40000000 + i, 0);
		(void)bh_cpuid(i << 24 | i, ~0u);
		(void)bh_cpuid(4, i);
		(void)bh_cpuid(0xd, i);
	}
	tap_is(bh_cpuid(0, 0).eax, max, "leaves that nobody knows: survived");
}

/* --- Model-specific registers ---------------------------------------------------------------------------------- */

static bool msr_faults(uint32_t msr)
{
	uint32_t lo = 0, hi = 0;
	struct trap t;

	__asm__ volatile(TRAP_TRY("rdmsr") : "+a"(lo), "+d"(hi) : "c"(msr) : TRAP_CLOBBER);
	t = trap_caught();
	return t.taken && t.vector == TRAP_GP && t.error == 0;
}

static bool msr_write_faults(uint32_t msr, uint64_t v)
{
	struct trap t;

	__asm__ volatile(TRAP_TRY("wrmsr")
			 :
			 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : TRAP_CLOBBER);
	t = trap_caught();
	return t.taken && t.vector == TRAP_GP && t.error == 0;
}

static void test_msr_refused(void)
{
	static const struct {
		uint32_t msr;
		const char *what;
	} none[] = {
		{ 0xc0010114, "VM_CR" },	    { 0xc0010117, "VM_HSAVE_PA" },
		{ 0xc0010118, "SVM_KEY" },	    { 0x3a, "FEATURE_CONTROL" },
		{ 0x480, "VMX_BASIC" },		    { 0x48b, "VMX secondary controls" },
		{ 0xc1, "PMC0" },		    { 0x186, "PERFEVTSEL0" },
		{ 0x38f, "PERF_GLOBAL_CTRL" },	    { 0xc0010000, "AMD PERFEVTSEL0" },
		{ 0x1d9, "DEBUGCTL" },		    { 0x9e, "SMBASE" },
		{ 0xc0010111, "AMD SMBASE" },	    { 0xc0010112, "TSEG base" },
		{ 0x199, "PERF_CTL" },		    { 0x1a0 + 2, "TEMPERATURE_TARGET" },
		{ 0x6e0, "TSC_DEADLINE" },	    { 0xda0, "XSS" },
		{ 0x4b564d00, "KVM's clock" },	    { 0x40000000, "Hyper-V's OS id" },
		{ 0x600, "DS_AREA" },		    { 0xc0011030, "IBS" },
		{ 0x123456, "nonsense" },	    { 0xffffffff, "the last one" },
	};
	unsigned i, n = 0;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		tap_ok(msr_faults(none[i].msr) && msr_write_faults(none[i].msr, 0), "MSR 0x%x (%s): #GP", none[i].msr,
		       none[i].what);
	}
	for (i = 0; i < 0x2000; i++) { /* reads: any value or a fault */
		(void)msr_faults(i);
		(void)msr_faults(0xc0000000 + i);
		(void)msr_faults(0xc0010000 + i);
		n++;
	}
	tap_is(n, 0x2000, "all three ranges read: survived");
}

static void test_msr_values(void)
{
	uint64_t efer = msr_read(MSR_EFER);

	tap_is((int64_t)(efer & EFER_SVME), 0, "EFER: SVME is not seen");
	tap_ok(msr_write_faults(MSR_EFER, efer | EFER_SVME), "EFER.SVME: #GP");
	tap_ok(msr_write_faults(MSR_EFER, efer | 1ull << 63), "EFER, a reserved bit: #GP");
	tap_ok(msr_write_faults(MSR_EFER, efer & ~(1ull << 8)), "EFER.LME while paging is on: #GP");
	tap_ok(!msr_write_faults(MSR_EFER, efer), "EFER written back");
	tap_is((int64_t)msr_read(MSR_EFER), (int64_t)efer, "and read: the same");
	tap_ok(msr_write_faults(0x277, 0x0202020202020202), "PAT, a type that does not exist: #GP");
	tap_ok(!msr_write_faults(0x277, msr_read(0x277)), "PAT written back");
	tap_ok(msr_write_faults(0x1b, msr_read(0x1b) | 1), "APIC_BASE, a reserved bit: #GP");
	tap_ok(msr_write_faults(0x1b, (msr_read(0x1b) & 0xfff) | 0xd0000000), "APIC_BASE moved: #GP");
	tap_ok(!msr_write_faults(0xc0000082, 0x1234), "LSTAR: the guest's own");
	tap_is((int64_t)msr_read(0xc0000082), 0x1234, "and has what was written");
}

/* --- Ports ----------------------------------------------------------------------------------------------------- */

static void test_fwcfg(void)
{
	char sig[5] = "";
	unsigned i;

	port_write16(Q35_PORT_FWCFG, 0); /* the signature: "QEMU" */
	for (i = 0; i < 4; i++) {
		sig[i] = (char)port_read8(Q35_PORT_FWCFG + 1);
	}
	tap_ok(memcmp(sig, "QEMU", 4) != 0, "fw_cfg: not there [threat 56]");
	tap_is(port_read32(Q35_PORT_FWCFG + 4), ~0u, "fw_cfg: nor its DMA register");
	port_write32(Q35_PORT_FWCFG + 4, 0);
	port_write32(Q35_PORT_FWCFG + 8, 0xffffffff);
	tap_is(port_read32(Q35_PORT_FWCFG + 8), ~0u, "and it starts nothing");
}

/* Configuration mechanism 1: own functions and nothing else, in odd sizes, too. */
static void test_pci_ports(void)
{
	unsigned dev, seen = 0;

	for (dev = 0; dev < 32; dev++) {
		uint32_t id;

		port_write32(Q35_PORT_PCI_ADDRESS, 1u << 31 | dev << 11);
		id = port_read32(Q35_PORT_PCI_DATA);
		seen += id == pci_read32(dev << 3, 0) ? 1 : 0;
		if (id != ~0u) {
			tap_is(port_read16(Q35_PORT_PCI_DATA + 2), id >> 16, "CFC: the upper half by itself");
			tap_is(port_read8(Q35_PORT_PCI_DATA + 1), id >> 8 & 0xff, "CFC: one byte by itself");
		}
	}
	tap_is(seen, 32, "CF8/CFC sees what ECAM sees");
	port_write32(Q35_PORT_PCI_ADDRESS, 1u << 31 | 31u << 11 | 0xa0); /* PMBASE's neighbour: the LPC bridge */
	port_write32(Q35_PORT_PCI_DATA, 0);
	tap_is(port_read32(Q35_PORT_PCI_DATA), ~0u, "CF8/CFC: the LPC bridge is not there");
	port_write32(Q35_PORT_PCI_ADDRESS, 0x800);
	tap_is(port_read32(Q35_PORT_PCI_DATA), ~0u, "CFC without the enable bit: all ones");
}

static void test_ports(void)
{
	static const uint16_t nobody[] = { PORT_DMA1_MASK, 0x80, 0x92, PORT_APM, 0x1f0, 0x170, 0x278, 0x2f8, 0x3b4,
					   0x3d4, 0x3f2, PORT_DEBUG, PORT_HOTPLUG, PORT_CPU_HOTPLUG, 0x620, 0x700,
					   0x5658, 0xc000, 0xfffc };
	unsigned i, other = 0;

	for (i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		port_write8(nobody[i], 0x5a);
		if (port_read8(nobody[i]) != 0xff) {
			printf("#   port 0x%x\n", nobody[i]);
			other++;
		}
	}
	tap_is(other, 0, "ports that are nobody's: all ones, writes do nothing");
	port_write8(PORT_PIC1_MASK, 0);
	tap_is(port_read8(PORT_PIC1_MASK), 0xff, "PIC: masked whatever is written");
	port_write8(PORT_CMOS_INDEX, 0x0f);
	port_write8(PORT_CMOS_DATA, 0x0a);
	(void)port_read8(PORT_CMOS_DATA);
	tap_ok(true, "CMOS: survived");
	port_write16(Q35_PORT_PM1_CONTROL, 1u << 13 | 5u << 10); /* not the type of S5 */
	tap_ok(true, "PM1 control, another sleep type: survived");
	port_write8(Q35_PORT_RESET, 2);
	tap_ok(true, "reset port, armed and not fired: survived");
	tap_ok(port_read32(Q35_PORT_PM_TIMER) <= 0xffffff, "ACPI timer: 24 bits");
	for (i = 0; i < 0x10000; i++) {
		(void)port_read8((uint16_t)i);
		(void)port_read16((uint16_t)i);
		(void)port_read32((uint16_t)i);
	}
	tap_ok(true, "all 65,536 ports read in three sizes: survived");
}

static void test_string_ports(void)
{
	static uint8_t buffer[16];
	uint64_t count = sizeof(buffer);
	void *to = buffer;
	struct trap t;

	__asm__ volatile(TRAP_TRY("cld\n\trep insb") : "+c"(count), "+D"(to) : "d"(Q35_PORT_FWCFG + 1) : TRAP_CLOBBER);
	t = trap_caught();
	tap_ok(!t.taken || t.vector == TRAP_GP, "REP INSB: all ones or #GP, no data of the host's");
	tap_ok(memcmp(buffer, "QEMU", 4) != 0, "and nothing was read");
}

/* --- Instructions ---------------------------------------------------------------------------------------------- */

/* #UD, or #GP where the processor knows the instruction and refuses its use. */
#define EXPECT_REFUSED(what, insn)                                                                  \
	do {                                                                                        \
		struct trap refused_t;                                                              \
		uint64_t refused_a = 0x1000;                                                        \
		__asm__ volatile(TRAP_TRY(insn) : "+a"(refused_a) : "c"(0), "d"(0) : TRAP_CLOBBER); \
		refused_t = trap_caught();                                                          \
		if (!tap_ok(refused_t.taken && (refused_t.vector == TRAP_UD || refused_t.vector == TRAP_GP), \
			    "%s: refused", what)) {                                                 \
			printf("#   taken %d vector %u\n", refused_t.taken, refused_t.vector);      \
		}                                                                                   \
	} while (0)

static void test_instructions(void)
{
	EXPECT_REFUSED("VMRUN", "vmrun");
	EXPECT_REFUSED("VMLOAD", "vmload");
	EXPECT_REFUSED("VMSAVE", "vmsave");
	EXPECT_REFUSED("STGI", "stgi");
	EXPECT_REFUSED("CLGI", "clgi");
	EXPECT_REFUSED("SKINIT", "skinit");
	EXPECT_REFUSED("INVLPGA", "invlpga");
	EXPECT_REFUSED("VMCALL, which is not this hypervisor's", "vmcall");
	EXPECT_REFUSED("VMLAUNCH", "vmlaunch");
	EXPECT_REFUSED("MONITOR", "monitor");
	EXPECT_REFUSED("MWAIT", "mwait");
	EXPECT_REFUSED("RDPMC", "rdpmc");
	EXPECT_REFUSED("RSM", "rsm");
	EXPECT_REFUSED("GETSEC", "getsec");
	EXPECT_REFUSED("UD2", "ud2");
}

static void call_below(void)
{
	__asm__ volatile("vmmcall" : : "a"(BH_HC(BH_HC_VERSION)) : "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r10");
}

static void undefined_below(void)
{
	__asm__ volatile("ud2");
}

static void halt_below(void)
{
	__asm__ volatile("hlt");
}

static void port_below(void)
{
	(void)port_read8(Q35_PORT_UART + 5);
}

static void nothing_below(void)
{
}

static void test_cpl3(void)
{
	tap_is(trap_at_cpl3(nothing_below).vector, TRAP_BP, "CPL 3: there and back");
	tap_is(trap_at_cpl3(undefined_below).vector, TRAP_UD, "CPL 3: UD2");
	tap_is(trap_at_cpl3(call_below).vector, TRAP_UD, "CPL 3: a hypercall is undefined");
	tap_is(trap_at_cpl3(halt_below).vector, TRAP_GP, "CPL 3: HLT");
	tap_is(trap_at_cpl3(port_below).vector, TRAP_GP, "CPL 3: a port of ours");
}

static bool xsetbv_faults(uint32_t index, uint64_t v)
{
	struct trap t;

	__asm__ volatile(TRAP_TRY("xsetbv")
			 :
			 : "c"(index), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : TRAP_CLOBBER);
	t = trap_caught();
	return t.taken && t.vector == TRAP_GP;
}

static void test_xsetbv(void)
{
	uint64_t cr4 = cr_read(4);
	uint32_t mask = bh_cpuid(0xd, 0).eax;

	if ((bh_cpuid(1, 0).ecx & 1u << 26) == 0) {
		tap_skip("XSETBV", "no XSAVE");
		return;
	}
	cr_write(4, cr4 | CR4_OSXSAVE);
	tap_ok((bh_cpuid(1, 0).ecx & 1u << 27) != 0, "CPUID 1: OSXSAVE follows CR4");
	tap_ok(xsetbv_faults(0, 0), "XSETBV 0: #GP");
	tap_ok(xsetbv_faults(0, 2), "XSETBV without x87: #GP");
	tap_ok(xsetbv_faults(0, 5), "XSETBV, AVX without SSE: #GP");
	tap_ok(xsetbv_faults(0, ~0ull), "XSETBV, all ones: #GP");
	tap_ok(xsetbv_faults(0, 1ull << 62 | 1), "XSETBV, LWP: #GP");
	tap_ok(xsetbv_faults(1, 1), "XSETBV of XCR1: #GP");
	tap_ok(!xsetbv_faults(0, mask & 7), "XSETBV of what CPUID says");
	tap_ok(!xsetbv_faults(0, 1), "and back");
	cr_write(4, cr4);
}

/*
 * Illegal values are not tried: QEMU 10.0 lets through what no processor runs (CR0.PE or CR4.PAE off, reserved bits,
 * CR4.VMXE), and the partition that does it stops.
 */
static void test_control_registers(void)
{
	uint64_t cr0 = cr_read(0), cr4 = cr_read(4);

	cr_write(0, cr0 | CR0_CD); /* the guest's memory is cached all the same */
	cr_write(0, cr0 ^ CR0_WP);
	cr_write(0, cr0);
	cr_write(4, cr4 | CR4_PGE);
	cr_write(4, cr4);
	__asm__ volatile("wbinvd" : : : "memory");
	__asm__ volatile("invd" : : : "memory"); /* as WBINVD: what was written stays */
	tap_is((int64_t)cr_read(0), (int64_t)cr0, "CR0 is as it was");
	tap_is((int64_t)cr_read(4), (int64_t)cr4, "CR4 is as it was");
}

/* --- Memory ---------------------------------------------------------------------------------------------------- */

#define EXPECT_ONES(what, insn, constraint)                                                              \
	do {                                                                                             \
		uint64_t ones_v = 0;                                                                     \
		struct trap ones_t;                                                                      \
		__asm__ volatile(TRAP_TRY(insn) : constraint(ones_v) : "r"(BOARD_HYP_BASE) : TRAP_CLOBBER); \
		ones_t = trap_caught();                                                                  \
		tap_ok(ones_t.taken ? ones_t.vector == TRAP_GP : ones_v + 1 <= 1 || ones_v == 0xff,      \
		       "%s: no data (%s)", what, ones_t.taken ? "#GP" : "a value");                      \
	} while (0)

/* Instructions that no hypervisor decodes must be survived, too: #GP, and no guess. */
static void test_shapes(void)
{
	EXPECT_ONES("XCHG with the hypervisor's memory", "xchgq %0, (%1)", "+r");
	EXPECT_ONES("LOCK XADD", "lock xaddq %0, (%1)", "+r");
	EXPECT_ONES("ADD to memory", "addq $1, (%1)\n\tmovl $0, %k0", "=&r");
	EXPECT_ONES("MOVZX from it", "movzbl (%1), %k0", "=r");
	EXPECT_ONES("MOVSXD from it", "movslq (%1), %0", "=r");
	EXPECT_ONES("PUSH of it", "pushq (%1)\n\tpopq %0", "=r");
	EXPECT_ONES("CLFLUSH of it", "clflush (%1)\n\tmovl $0, %k0", "=&r");
	EXPECT_ONES("an access across its first page's end", "movq 0xffc(%1), %0", "=r");
}

static void test_strings(void)
{
	static uint64_t buffer[8];
	const void *from = (const void *)BOARD_HYP_BASE;
	void *to = buffer;
	uint64_t count = 8;
	unsigned i, data = 0;

	__asm__ volatile(TRAP_TRY("cld\n\trep movsq") : "+S"(from), "+D"(to), "+c"(count) : : TRAP_CLOBBER);
	(void)trap_caught();
	for (i = 0; i < 8; i++) {
		data += buffer[i] != 0 && buffer[i] != ~0ull ? 1 : 0;
	}
	tap_is(data, 0, "REP MOVSQ from the hypervisor: no data");
	from = buffer;
	to = (void *)BOARD_HYP_BASE;
	count = 8;
	__asm__ volatile(TRAP_TRY("cld\n\trep movsq") : "+S"(from), "+D"(to), "+c"(count) : : TRAP_CLOBBER);
	(void)trap_caught();
	tap_ok(true, "REP MOVSQ to it: survived");
}

/* Every offset of the emulated devices in odd sizes: a value or a fault, never the end. */
static void test_sizes(void)
{
	static const uint64_t base[] = { BOARD_LOCAL_IRQCHIP_BASE, BOARD_IRQCHIP_BASE, BOARD_ECAM_BASE };
	unsigned i, k, survived = 0;

	for (k = 0; k < 3; k++) {
		for (i = 0; i < 0x1000; i++) {
			uint64_t v;

			__asm__ volatile(TRAP_TRY("movb (%1), %b0") : "=q"(v) : "r"(base[k] + i) : TRAP_CLOBBER);
			__asm__ volatile(TRAP_TRY("movw (%1), %w0") : "=r"(v) : "r"(base[k] + i) : TRAP_CLOBBER);
			__asm__ volatile(TRAP_TRY("movq (%1), %0") : "=r"(v) : "r"(base[k] + i) : TRAP_CLOBBER);
			survived++;
		}
	}
	(void)trap_caught();
	tap_is(survived, 3 * 0x1000, "odd reads all over the emulated devices: survived");
}

static void arch_traps(void)
{
	test_cpuid();
	test_msr_refused();
	test_msr_values();
	test_fwcfg();
	test_pci_ports();
	test_ports();
	test_string_ports();
	test_instructions();
	test_cpl3();
	test_xsetbv();
	test_control_registers();
	test_shapes();
	test_strings();
	test_sizes();
}
