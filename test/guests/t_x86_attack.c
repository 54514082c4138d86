/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition that does what only a PC lets one do wrong: odd instructions on devices' addresses, games with the local
 * APIC, with INIT and SIPI, with page tables, ports and real mode. What counts is what the hypervisor and the partner
 * (t_spin in another partition) do meanwhile. arg 0: everything that can be survived, one after the other. Other values
 * of arg: only that way, and most of those end the partition or never end. [I3] [I6] [threats 19, 51, 56, 59, 60]
 */
#include <bulkhead/edu.h>

#include "arch.h"
#include "odd_x86.h"
#include "tap.h"

enum way {
	EVERYTHING = 0,
	TRIPLE_FAULT = 1, /* an exception without gates */
	TABLES_FOREIGN = 2, /* page tables in the hypervisor's memory … */
	TABLES_DEVICE = 3, /* … and in the local APIC's page */
	SIPI_NOWHERE = 4, /* the other vCPU starts where no memory is */
	INIT_FIRST = 5, /* vCPU 1 takes vCPU 0 away */
	TIMER_STORM = 6, /* a periodic timer with the shortest period */
	IPI_STORM = 7, /* both vCPUs, every vector, without end */
	INIT_STORM = 8, /* INIT and SIPI without end */
	HALT_MASKED = 9, /* both vCPUs sleep and nothing may wake them */
	NMI_STORM = 10, /* NMIs to both without end */
	DEBUG_STORM = 11, /* an exception whose delivery is the next one */
	REAL_MODE = 12, /* vCPU 1 does odd things in real mode, at last without gates */
	IMPOSSIBLE = 13, /* CR0.NW without CD, as CR4.VMXE: #GP, but QEMU lets them pass and refuses the next VMRUN */
};

enum { TRAP_NP = 11, TRAP_SS = 12 };
enum { STORM_US = 100000,
       ROUNDS = 5000,
       CALLS = 2000,
       PAGE_SIZE = 4096 };

static uint8_t own[2 * PAGE_SIZE] GUEST_PAGE;
static volatile uint32_t second_up, stop, beats;

static uint64_t at(const volatile void *p)
{
	return (uintptr_t)p;
}

static void fill_own(void)
{
	for (unsigned i = 0; i < sizeof(own); i++) {
		own[i] = (uint8_t)(i * 7 + 1);
	}
}

static bool own_intact(void)
{
	unsigned i;

	for (i = 0; i < sizeof(own) && own[i] == (uint8_t)(i * 7 + 1); i++) {
	}
	return i == sizeof(own);
}

static uint32_t random32(void)
{
	static uint64_t state = 0x2545f4914f6cdd1d;

	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 32);
}

static void second_start(void (*fn)(uint64_t arg), uint64_t arg)
{
	vcpu_reset(1);
	second_up = 0;
	stop = 0;
	if (vcpu_start(1, fn, arg) != 0) {
		tap_bail("vCPU 1 does not start");
	}
}

static bool second_answers(void)
{
	uint64_t end = time_us() + 1000000;

	while (second_up == 0 && time_us() < end) {
	}
	return second_up != 0;
}

static void second_only_says_so(uint64_t arg)
{
	second_up = 1;
}

/* After all that was done to it. */
static void second_is_well(const char *after)
{
	second_start(second_only_says_so, 0);
	tap_ok(second_answers() && vcpu_wait_off(1, 1000000), "%s: vCPU 1 still starts", after);
}

/* --- A window of our own making: any guest-physical page, for data and for code ----------------------------------- */

#define WINDOW 0x8000000000ul

static uint64_t pdpt[512] GUEST_PAGE, pd[512] GUEST_PAGE;
static volatile uint64_t pt[512] GUEST_PAGE;

enum { PTE_TABLE = 0x3,
       PTE_UNCACHED = 0x13 };

static void forget(uintptr_t linear)
{
	__asm__ volatile("invlpg (%0)"
			 :
			 : "r"(linear)
			 : "memory");
}

/* Two pages, the second behind the first. */
static uintptr_t window(uint64_t gpa)
{
	uint64_t *root = (uint64_t *)(cr_read(3) & ~0xffful);

	root[WINDOW >> 39 & 511] = at(pdpt) | PTE_TABLE;
	pdpt[0] = at(pd) | PTE_TABLE;
	pd[0] = at(pt) | PTE_TABLE;
	pt[0] = (gpa & ~0xffful) | PTE_UNCACHED;
	pt[1] = ((gpa & ~0xffful) + PAGE_SIZE) | PTE_UNCACHED;
	forget(WINDOW);
	forget(WINDOW + PAGE_SIZE);
	return WINDOW + (gpa & 0xfff);
}

/* --- Odd instructions on addresses that are emulated or nobody's -------------------------------------------------- */

/* Registers that can take anything: what is written there by accident must not end the test. */
static const struct {
	uint64_t gpa;
	const char *what;
} places[] = {
	{ BOARD_IOMMU_BASE + 0x18, "the unit's command register" },
	{ BOARD_IOMMU_BASE + 0x20, "the unit's root table" },
	{ BOARD_LOCAL_IRQCHIP_BASE + 0x30, "the local APIC's version" },
	{ BOARD_LOCAL_IRQCHIP_BASE + 0x1000, "behind the local APIC" },
	{ BOARD_IRQCHIP_BASE + 0x20, "the I/O APIC" },
	{ Q35_HPET_BASE + 0x100, "the HPET" },
	{ Q35_TPM_BASE, "the TPM" },
	{ Q35_FLASH_BASE, "flash" },
	{ BOARD_ECAM_BASE + 0x20, "the host bridge's configuration" },
	{ BOARD_ECAM_BASE + (0xfaul << 12), "the bridge's configuration" },
	{ BOARD_HYP_BASE, "the hypervisor's image" },
	{ BOARD_RAM(0x18000000), "the other's memory" },
	{ 0xa0000, "the VGA's memory" },
};

static unsigned vectors_bad;

static void judge_trap(void)
{
	struct trap t = trap_caught();
	bool known = t.vector == TRAP_GP || t.vector == TRAP_UD || t.vector == TRAP_PF ||
		     t.vector == TRAP_NP || t.vector == TRAP_SS;

	if (t.taken && !known) {
		vectors_bad++;
		printf("#   exception %u at 0x%lx\n", t.vector, t.rip);
	}
}

static void odd_all(uint64_t gpa)
{
	for (unsigned i = 0; i < ODD_COUNT; i++) {
		odd[i](window(gpa));
		judge_trap();
		odd[i](window(gpa | 0xffd)); /* over the end of the page */
		judge_trap();
		odd[i](window((gpa & ~0xffful) - 3)); /* over its beginning */
		judge_trap();
	}
}

/* An access that begins in memory and ends in a device, and the other way round. */
static void odd_mixed(uint64_t gpa)
{
	for (unsigned i = 0; i < ODD_COUNT; i++) {
		(void)window(gpa);
		pt[0] = at(own) | PTE_UNCACHED;
		pt[1] = gpa | PTE_UNCACHED;
		forget(WINDOW);
		forget(WINDOW + PAGE_SIZE);
		fill_own();
		odd[i](WINDOW + 0xffd);
		judge_trap();
		pt[0] = gpa | PTE_UNCACHED;
		pt[1] = at(own) | PTE_UNCACHED;
		forget(WINDOW);
		forget(WINDOW + PAGE_SIZE);
		odd[i](WINDOW + 0xffd);
		judge_trap();
	}
}

static void test_odd(void)
{
	uint64_t cr4 = cr_read(4);

	cr_write(4, cr4 | 0x200); /* OSFXSR */
	trap_gate(TRAP_GP, NULL, 1); /* the stack may be one of those places */
	trap_gate(TRAP_UD, NULL, 1);
	trap_gate(TRAP_PF, NULL, 1);
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		vectors_bad = 0;
		odd_all(places[i].gpa);
		tap_is(vectors_bad, 0, places[i].what);
	}
	vectors_bad = 0;
	odd_mixed(BOARD_IOMMU_BASE);
	odd_mixed(BOARD_HYP_BASE);
	tap_is(vectors_bad, 0, "accesses that are half in memory, half not");
	trap_gate(TRAP_GP, NULL, 0);
	trap_gate(TRAP_UD, NULL, 0);
	trap_gate(TRAP_PF, NULL, 0);
	cr_write(4, cr4);
}

static void test_fetch(void)
{
	bool any = false;

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		any |= probe_call((void (*)(void))window(places[i].gpa & ~0xffful));
	}
	pt[0] = at(own) | PTE_UNCACHED; /* an instruction that begins in memory: the second half of a jump */
	pt[1] = BOARD_HYP_BASE | PTE_UNCACHED;
	forget(WINDOW);
	forget(WINDOW + PAGE_SIZE);
	own[0xfff] = 0xe9;
	any |= probe_call((void (*)(void))(WINDOW + 0xfff));
	tap_ok(!any, "code from all of them: refused");
}

/* --- Control registers, caches ------------------------------------------------------------------------------------ */

/* Without PAE, SMEP and SMAP (our pages are the user's), and what processors do not have: IMPOSSIBLE. */
#define CR4_TRIED 0x00471fdfu

static void test_control(void)
{
	uint64_t cr0 = cr_read(0), cr4 = cr_read(4), efer = msr_read(0xc0000080);
	unsigned bit, taken = 0;

	for (bit = 0; bit < 64; bit++) {
		if (bit < 32 && (CR4_TRIED & 1u << bit) != 0) {
			__asm__ volatile(TRAP_TRY("movq %0, %%cr4")
					 :
					 : "r"(cr4 ^ 1ull << bit)
					 : TRAP_CLOBBER);
			taken += trap_caught().taken ? 0 : 1;
			cr_write(4, cr4);
		}
		if (bit < 32 && bit != 29 && bit != 31) { /* IMPOSSIBLE; PG */
			__asm__ volatile(TRAP_TRY("movq %0, %%cr0")
					 :
					 : "r"(cr0 ^ 1ull << bit)
					 : TRAP_CLOBBER);
			taken += trap_caught().taken ? 0 : 1;
			cr_write(0, cr0);
		}
		if (bit != 11) { /* NXE, which our tables use */
			uint64_t v = efer ^ 1ull << bit;

			__asm__ volatile(TRAP_TRY("wrmsr")
					 :
					 : "c"(0xc0000080), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
					 : TRAP_CLOBBER);
			taken += trap_caught().taken ? 0 : 1;
			msr_write(0xc0000080, efer);
		}
	}
	tap_ok(cr_read(4) == cr4 && msr_read(0xc0000080) == efer, "bits of CR0, CR4, EFER one by one: %u taken", taken);
	fill_own();
	__asm__ volatile("invd"
			 :
			 :
			 : "memory");
	tap_ok(own_intact(), "INVD: what was written is still there");
	__asm__ volatile("wbinvd"
			 :
			 :
			 : "memory");
	tap_ok(own_intact(), "WBINVD: so it is");
}

/* --- Ports: CF8 and CFC by two vCPUs, fw_cfg's DMA ---------------------------------------------------------------- */

static void config_game(void)
{
	static const uint32_t bdfs[] = { 0x10, 0x10, 0x18, 0x00, 0xf8, 0xfa, 0xfb, 0xffff };
	uint32_t bdf = bdfs[random32() % 8];
	uint16_t data = (uint16_t)(Q35_PORT_PCI_DATA + random32() % 4);

	port_write32(Q35_PORT_PCI_ADDRESS, 0x80000000u | bdf << 8 | (random32() & 0xfc));
	switch (random32() % 6) {
	case 0:
		port_write32(data, random32());
		break;
	case 1:
		port_write16(data, (uint16_t)random32());
		break;
	case 2:
		port_write8(data, (uint8_t)random32());
		break;
	case 3:
		(void)port_read32(data);
		break;
	case 4:
		pci_write32(0x10, PCI_BAR0, random32() & ~0xfu); /* and by the other way */
		break;
	default:
		port_write8((random32() & 1) != 0 ? Q35_PORT_PCI_ADDRESS + 2 : Q35_PORT_PCI_ADDRESS, 0x40);
		break;
	}
}

static void second_config(uint64_t arg)
{
	second_up = 1;
	while (stop == 0) {
		config_game();
	}
}

static void test_config(void)
{
	struct edu e;
	uint64_t bar;

	if (!edu_open(&e, 0)) {
		tap_bail("no device");
	}
	bar = pci_bar(e.bdf, 0);
	second_start(second_config, 0);
	for (unsigned i = 0; i < CALLS; i++) {
		config_game();
	}
	stop = 1;
	tap_ok(vcpu_wait_off(1, 1000000), "CF8 and CFC by two vCPUs at once: survived");
	tap_ok(edu_open(&e, 0) && pci_bar(e.bdf, 0) == bar, "the device is where it was, and answers");
}

static void test_fwcfg_dma(void)
{
	static volatile struct {
		uint32_t control, length;
		uint64_t address;
	} dma __attribute__((aligned(16)));

	fill_own();
	dma.control = 0x0a000000; /* big endian: select the signature and read */
	dma.length = 0x04000000;
	dma.address = __builtin_bswap64(at(own));
	port_write32(Q35_PORT_FWCFG + 4, __builtin_bswap32((uint32_t)(at(&dma) >> 32)));
	port_write32(Q35_PORT_FWCFG + 8, __builtin_bswap32((uint32_t)at(&dma)));
	tap_ok(own_intact() && dma.control == 0x0a000000, "fw_cfg's DMA: nobody is there [threat 56]");
}

/* --- One vCPU changes what the other uses ------------------------------------------------------------------------- */

static void second_flips_tables(uint64_t arg)
{
	second_up = 1;
	for (unsigned i = 0; stop == 0; i++) {
		static const uint64_t to[] = { BOARD_IRQCHIP_BASE, BOARD_IOMMU_BASE, BOARD_HYP_BASE, 0xfffffffff000 };

		pt[0] = (i % 2 == 0 ? at(own) : to[i / 2 % 4]) | PTE_UNCACHED;
	}
}

static void test_flipped_tables(void)
{
	uintptr_t p = window(at(own));

	second_start(second_flips_tables, 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		forget(WINDOW);
		odd_store(p + 0x20);
		judge_trap();
		forget(WINDOW);
		odd_load8(p + 0x40);
		judge_trap();
	}
	stop = 1;
	tap_ok(vcpu_wait_off(1, 1000000) && vectors_bad == 0, "page tables that change under an access: survived");
}

static volatile uint32_t code __attribute__((aligned(64)));

/* mov to memory, mov from memory, xchg, push; each with a return behind it. */
static void second_flips_code(uint64_t arg)
{
	static const uint32_t insn[] = { 0x90c30789, 0x90c3078b, 0x90c30787, 0xc35837ff };

	second_up = 1;
	for (unsigned i = 0; stop == 0; i++) {
		code = insn[i % 4];
	}
}

static void test_flipped_code(void)
{
	uintptr_t p = window(BOARD_IOMMU_BASE + 0x18);

	code = 0x90c30789;
	second_start(second_flips_code, 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t a = 1;

		__asm__ volatile(TRAP_TRY("call *%2")
				 : "+a"(a)
				 : "D"(p), "r"(&code)
				 : TRAP_CLOBBER);
		judge_trap();
	}
	stop = 1;
	tap_ok(vcpu_wait_off(1, 1000000) && vectors_bad == 0, "instructions that change under emulation: survived");
}

/* --- Interrupts --------------------------------------------------------------------------------------------------- */

static uint64_t storm_end;
static volatile uint32_t storms;

static bool goes_on(void)
{
	return storm_end == 0 || time_us() < storm_end;
}

static void storm_begin(bool for_ever)
{
	storm_end = for_ever ? 0 : time_us() + STORM_US;
	storms = 0;
}

static void on_storm(uint32_t irq)
{
	storms++;
	if (!goes_on()) {
		lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | irq_vector(IRQ_TIMER));
		lapic_write(LAPIC_TIMER_INITIAL, 0);
		stop = 1;
	}
}

static void timer_storm(bool for_ever)
{
	storm_begin(for_ever);
	stop = 0;
	irq_handler(IRQ_TIMER, on_storm);
	lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | irq_vector(IRQ_TIMER));
	lapic_write(LAPIC_TIMER_INITIAL, 1);
	while (stop == 0) {
	}
}

static void on_nmi(uint32_t irq)
{
	storms++;
}

static void ipis(uint32_t kind)
{
	while (goes_on() && stop == 0) {
		for (uint32_t v = 0; v < 256; v += v == 15 ? 17 : 1) { /* 16 to 31 would arrive, as exceptions */
			lapic_icr(0, kind | ICR_ASSERT | v);
			lapic_icr(1, kind | ICR_ASSERT | v);
			lapic_icr(0xff, kind | ICR_ASSERT | v | (v & 1 ? ICR_LOGICAL : 0));
			lapic_icr(0, kind | ICR_ASSERT | (v & 1 ? ICR_ALL : ICR_OTHERS) | v);
		}
	}
}

static void second_ipis(uint64_t kind)
{
	second_up = 1;
	ipis((uint32_t)kind);
}

static void ipi_storm(uint32_t kind, bool for_ever)
{
	nmi_handler(on_nmi);
	storm_begin(for_ever);
	second_start(second_ipis, kind);
	ipis(kind);
}

static void second_spins(uint64_t arg)
{
	second_up = 1;
	for (;;) {
		beats++;
	}
}

static void second_halts(uint64_t arg)
{
	second_up = 1;
	for (;;) {
		__asm__ volatile("cli\n\thlt");
	}
}

static void init_storm(bool for_ever)
{
	storm_begin(for_ever);
	second_start(second_spins, 0);
	while (goes_on()) {
		lapic_icr(1, ICR_INIT | ICR_ASSERT);
		lapic_icr(1, ICR_SIPI | ICR_ASSERT | Q35_LOW_PAGE >> 12);
		lapic_icr(1, ICR_SIPI | ICR_ASSERT | Q35_LOW_PAGE >> 12);
		lapic_icr(0, ICR_INIT | ICR_ASSERT | ICR_OTHERS);
		lapic_icr(0, ICR_SIPI | ICR_ASSERT | Q35_LOW_PAGE >> 12); /* ourselves, who run */
	}
}

static void test_interrupts(void)
{
	timer_storm(false);
	tap_ok(storms > 10, "a periodic timer with count 1: %u ticks in %u ms", storms, STORM_US / 1000);
	ipi_storm(ICR_FIXED, false);
	tap_ok(vcpu_wait_off(1, 5000000), "IPIs with every vector, both to both: survived");
	ipi_storm(ICR_NMI, false);
	tap_ok(vcpu_wait_off(1, 5000000), "NMIs, both to both: survived (%u came)", storms);
	init_storm(false);
	second_is_well("INIT and SIPI without a break");
	second_start(second_halts, 0);
	tap_ok(second_answers(), "vCPU 1 sleeps for ever");
	second_is_well("asleep with interrupts off");
}

/* --- Ways that end it --------------------------------------------------------------------------------------------- */

static void triple_fault(void)
{
	struct {
		uint16_t pad[3];
		uint16_t limit;
		uint64_t base;
	} idtr = { .limit = 0 };

	__asm__ volatile("lidt %0\n\tud2"
			 :
			 : "m"(idtr.limit), "m"(idtr)
			 : "memory");
}

/* A data breakpoint where the exception's own frame goes: delivering it is the next one [APM 2 15.12.2]. */
static void debug_loop(uint64_t arg)
{
	static uint64_t stack[2][64] __attribute__((aligned(64)));
	uint64_t *top = &stack[guest_vcpu()][48];

	second_up = guest_vcpu() == 1 ? 1 : second_up;
	__asm__ volatile("movq %0, %%dr0\n\tmovq %1, %%dr7\n\tmovq %2, %%rsp\n\t.byte 0xf1\n"
			 "1:\tmovq %2, %%rsp\n\tpushq $0\n\tpushq $0\n\tjmp 1b"
			 :
			 : "r"(at(top) - 8), "r"(0x90001ull | 0x400), "r"(top)
			 : "memory");
}

__attribute__((naked)) static void on_debug(void)
{
	__asm__ volatile("iretq");
}

/* Where the second one is taken for a fault in the delivery of the first: it goes on here. */
__attribute__((naked)) static void on_double_fault(void)
{
	__asm__ volatile("1:\t.byte 0xf1\n\tjmp 1b");
}

/* QEMU cannot do this while its clock counts instructions. */
static void debug_storm(void)
{
	trap_gate(TRAP_DB, on_debug, 0);
	trap_gate(TRAP_DF, on_double_fault, 1);
	second_start(debug_loop, 0);
	tap_ok(second_answers(), "vCPU 1 is lost in debug exceptions");
	second_is_well("lost in debug exceptions");
	second_start(debug_loop, 0);
	debug_loop(0);
}

static void second_takes_first(uint64_t arg)
{
	static const volatile uint32_t never;
	uint32_t before;

	while (beats == 0) {
	}
	lapic_icr(0, ICR_INIT | ICR_ASSERT);
	wait_flag(&never, STORM_US);
	before = beats;
	wait_flag(&never, STORM_US);
	tap_ok(beats == before, "vCPU 0 is stopped by vCPU 1");
	tap_done();
}

static void init_first(void)
{
	second_start(second_takes_first, 0);
	for (;;) {
		beats++;
	}
}

/*
 * 16-bit code at 0x8000: accesses behind 1 MiB and to the VGA's memory, at last one that is refused with an exception,
 * whose vector is not there.
 */
static void real_mode(void)
{
	static const uint8_t bytes[] = {
		0xfa, /* cli */
		0xb8, 0xff, 0xff, 0x8e, 0xd8, /* mov ax, 0xffff; mov ds, ax */
		0xa1, 0x10, 0x00, /* mov ax, [0x10]: 0x100000 */
		0xa3, 0x10, 0x00, /* mov [0x10], ax */
		0xb8, 0x00, 0xa0, 0x8e, 0xd8, /* mov ax, 0xa000; mov ds, ax */
		0xa3, 0x00, 0x00, /* mov [0], ax */
		0x8e, 0xc0, 0x31, 0xff, /* mov es, ax; xor di, di */
		0xb9, 0x10, 0x00, /* mov cx, 16 */
		0xf3, 0xab, /* rep stosw: refused with #GP, whose gate is not there */
		0xf4, /* hlt */
	};

	second_up = 0;
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		mmio_write8(Q35_LOW_PAGE + i, bytes[i]);
	}
	lapic_icr(1, ICR_INIT | ICR_ASSERT);
	delay_us(10000);
	lapic_icr(1, ICR_SIPI | ICR_ASSERT | Q35_LOW_PAGE >> 12);
	delay_us(STORM_US * 10);
}

static void everything(void)
{
	vectors_bad = 0;
	fill_own();
	test_odd();
	test_fetch();
	test_control();
	test_config();
	test_fwcfg_dma();
	vectors_bad = 0;
	test_flipped_tables();
	test_flipped_code();
	test_interrupts();
	tap_done();
}

static void go_wrong(enum way way)
{
	switch (way) {
	case EVERYTHING:
		everything();
		break;
	case TRIPLE_FAULT:
		triple_fault();
		break;
	case TABLES_FOREIGN:
		cr_write(3, BOARD_HYP_BASE);
		break;
	case TABLES_DEVICE:
		cr_write(3, BOARD_LOCAL_IRQCHIP_BASE);
		break;
	case SIPI_NOWHERE:
		lapic_icr(1, ICR_INIT | ICR_ASSERT);
		delay_us(10000);
		lapic_icr(1, ICR_SIPI | ICR_ASSERT | 0x9f);
		delay_us(STORM_US * 10);
		break;
	case INIT_FIRST:
		init_first();
		break;
	case TIMER_STORM:
		timer_storm(true);
		break;
	case IPI_STORM:
		ipi_storm(ICR_FIXED, true);
		break;
	case INIT_STORM:
		init_storm(true);
		break;
	case HALT_MASKED:
		second_start(second_halts, 0);
		second_halts(0);
		break;
	case NMI_STORM:
		ipi_storm(ICR_NMI, true);
		break;
	case DEBUG_STORM:
		debug_storm();
		break;
	case REAL_MODE:
		real_mode();
		break;
	case IMPOSSIBLE:
		cr_write(0, cr_read(0) | 1ull << 29);
		(void)bh_cpuid(0, 0);
		break;
	}
}

void guest_main(uint64_t arg)
{
	printf("# going wrong, way %lu\n", arg & 0xff);
	go_wrong((enum way)(arg & 0xff));
	tap_plan(1);
	tap_ok(false, "it was survived as if nothing had happened");
	tap_done();
}
