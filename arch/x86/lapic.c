/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC of each CPU, in xAPIC mode: every CPU we run on has an identity below 255, and one register window
 * serves as many CPUs. Owns the registers, the timer's deadline and the sending of interrupts between CPUs. Nothing is
 * unmasked but the timer [I3]: what firmware left in the local vectors would otherwise arrive as a device's interrupt.
 * Waits have deadlines and the drain of old interrupts is bounded [I6]. No lock: a CPU touches only its own.
 * Section numbers: Intel SDM 3A, chapter 11.
 */
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <arch/time.h>
#include <asm/io.h>
#include <asm/irq.h>
#include <asm/msr.h>
#include <bulkhead/errno.h>
#include <hyp/bits.h>
#include <hyp/config.h>
#include <hyp/log.h>
#include <hyp/mmio.h>

#define LAPIC_VERSION      ((reg32_t){ 0x030 }) /* 11.4.8 */
#define   VERSION_NUMBER   BITS32(7, 0)
#define   VERSION_MAX_LVT  BITS32(23, 16)
#define LAPIC_TPR          ((reg32_t){ 0x080 }) /* 11.8.3 */
#define   TPR_NO_EXCEPTION 0x10u /* 16 to 31 are kept away: only a forged message has one; an exception to us */
#define LAPIC_EOI          ((reg32_t){ 0x0b0 })
#define LAPIC_SVR          ((reg32_t){ 0x0f0 }) /* 11.9 */
#define   SVR_ENABLE       BIT32(8)
#define LAPIC_ISR          ((reg32_t){ 0x100 }) /* eight words, 0x10 apart */
#define LAPIC_ICR_LO       ((reg32_t){ 0x300 }) /* 11.6.1 */
#define   ICR_FIXED        0x000u
#define   ICR_NMI          0x400u
#define   ICR_INIT         0x500u
#define   ICR_SIPI         0x600u
#define   ICR_PENDING      BIT32(12)
#define   ICR_ASSERT       BIT32(14)
#define LAPIC_ICR_HI       ((reg32_t){ 0x310 })
#define LAPIC_LVT_TIMER    ((reg32_t){ 0x320 }) /* 11.5.1; 18:17 = 0: one-shot */
#define   LVT_MASKED       BIT32(16)
#define LAPIC_TIMER_INIT   ((reg32_t){ 0x380 })
#define LAPIC_TIMER_COUNT  ((reg32_t){ 0x390 })
#define LAPIC_TIMER_DIVIDE ((reg32_t){ 0x3e0 }) /* 11.5.4 */
#define   DIVIDE_BY_1      0xbu

#define APIC_BASE_BSP  BIT64(8) /* 11.4.4 */
#define APIC_BASE_EXTD BIT64(10)
#define APIC_BASE_EN   BIT64(11)
#define APIC_BASE_ADDR BITS64(51, 12)

/* A processor may refuse to leave x2APIC mode [SDM 4, IA32_XAPIC_DISABLE_STATUS]. */
#define MSR_ARCH_CAPABILITIES  0x0000010au /* there if CPUID 7.0 EDX[29] */
#define   ARCH_CAP_XAPIC_DISABLE BIT64(21)
#define MSR_XAPIC_DISABLE      0x000000bdu
#define   XAPIC_DISABLED         BIT64(0)

enum {
	APIC_ID_MAX = 254,        /* 255 is everybody */
	ICR_DEADLINE_US = 100000,
	INIT_WAIT_US = 10000,     /* 9.4.4.1 */
	SIPI_WAIT_US = 200,
	IN_SERVICE_MAX = 256,     /* vectors */
};

/* More ticks than this are counted in several turns: times apic_khz, which is below 2^25, they fit 64 bits. */
#define TICKS_MAX BIT64(38)

static uintptr_t base __sealed; /* 0 before lapic_init() */
static bool cpu_ready[CPU_MAX];
static uint64_t deadline[CPU_MAX]; /* TSC, 0: the timer is off; each CPU its own */

/* --- boot --------------------------------------------------------------------------------------------------- */

uint32_t lapic_id(void)
{
	if (cpuid_read(0, 0).eax >= 0xb) {
		struct cpuid_regs topology = cpuid_read(0xb, 0);

		if (topology.ebx != 0) {
			return topology.edx;
		}
	}
	return cpuid_read(1, 0).ebx >> 24;
}

/* From x2APIC the way leads through off only [11.12.5]. */
static void xapic_enable(uint64_t addr)
{
	uint64_t v = msr_read(MSR_APIC_BASE);
	uint64_t want = (v & APIC_BASE_BSP) | addr | APIC_BASE_EN;

	if ((v & APIC_BASE_EXTD) != 0) {
		msr_write(MSR_APIC_BASE, v & ~(APIC_BASE_EN | APIC_BASE_EXTD));
	}
	if (v != want) {
		msr_write(MSR_APIC_BASE, want);
	}
}

static bool x2apic_locked(void)
{
	return (msr_read(MSR_APIC_BASE) & APIC_BASE_EXTD) != 0 && cpuid_read(0, 0).eax >= 7 &&
	       (cpuid_read(7, 0).edx & BIT32(29)) != 0 &&
	       (msr_read(MSR_ARCH_CAPABILITIES) & ARCH_CAP_XAPIC_DISABLE) != 0 &&
	       (msr_read(MSR_XAPIC_DISABLE) & XAPIC_DISABLED) != 0;
}

static bool board_fits(const struct board *b)
{
	uint64_t addr = msr_read(MSR_APIC_BASE) & APIC_BASE_ADDR;

	if (addr != b->lapic.base) {
		log_error("the local APIC is at 0x%lx and not at 0x%lx: correct the board's lapic", addr,
			  b->lapic.base);
		return false;
	}
	for (unsigned cpu = 0; cpu < b->cpu_count && cpu < CPU_MAX; cpu++) {
		if (b->cpu_id[cpu] > APIC_ID_MAX) {
			log_error("CPU %u has APIC id %lu: ids above 254 are not supported", cpu, b->cpu_id[cpu]);
			return false;
		}
	}
	if (lapic_id() != b->cpu_id[0]) {
		log_error("the boot CPU has APIC id %u: it must be the first of the board's cpus, which has %lu",
			  lapic_id(), b->cpu_id[0]);
		return false;
	}
	if (x2apic_locked()) {
		log_error("firmware has locked the local APIC in x2APIC mode: switch that off in its setup");
		return false;
	}
	return true;
}

/* The second caller finds it done: time_init() needs the timer long before arch_irq_init(). */
int lapic_init(const struct board *b)
{
	uint64_t version;
	int err;

	if (base != 0) {
		return 0;
	}
	if (!board_fits(b)) {
		return -BH_ENODEV;
	}
	err = arch_hyp_map(pa(b->lapic.base), PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_DEVICE);
	if (err != 0) {
		return err;
	}
	xapic_enable(b->lapic.base);
	version = FIELD_GET(VERSION_NUMBER, reg_read32((uintptr_t)b->lapic.base, LAPIC_VERSION));
	if (version < 0x10 || version > 0x1f) {
		log_error("no local APIC answers at 0x%lx: its version reads 0x%lx", b->lapic.base, version);
		return -BH_ENODEV;
	}
	base = (uintptr_t)b->lapic.base;
	return 0;
}

/* As many of the local vectors as this one has [11.4.8]: timer, LINT0, LINT1, error, counters, thermal, CMCI. */
static void lvt_mask_all(void)
{
	static const uint32_t lvt[] = { 0x320, 0x350, 0x360, 0x370, 0x340, 0x330, 0x2f0 };
	uint64_t max = FIELD_GET(VERSION_MAX_LVT, reg_read32(base, LAPIC_VERSION));

	for (unsigned n = 0; n < ARRAY_COUNT(lvt) && n <= max; n++) {
		reg_write32(base, (reg32_t){ lvt[n] }, LVT_MASKED);
	}
}

/* What firmware took and never ended would keep everything less urgent away for ever. */
static void in_service_end_all(void)
{
	for (unsigned n = 0; n < IN_SERVICE_MAX; n++) {
		uint32_t any = 0;

		for (uint32_t word = 0; word < 8; word++) {
			any |= reg_read32(base, (reg32_t){ LAPIC_ISR.off + 0x10 * word });
		}
		if (any == 0) {
			return;
		}
		lapic_eoi();
	}
}

void lapic_init_cpu(void)
{
	unsigned cpu = arch_cpu_this();

	CHECK(base != 0);
	xapic_enable(base);
	lvt_mask_all();
	reg_write32(base, LAPIC_TPR, TPR_NO_EXCEPTION);
	reg_write32(base, LAPIC_SVR, SVR_ENABLE | IRQ_VECTOR_SPURIOUS);
	in_service_end_all();
	reg_write32(base, LAPIC_TIMER_INIT, 0);
	reg_write32(base, LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	reg_write32(base, LAPIC_LVT_TIMER, IRQ_VECTOR_TIMER);
	deadline[cpu] = 0;
	__atomic_store_n(&cpu_ready[cpu], true, __ATOMIC_SEQ_CST);
}

void lapic_eoi(void)
{
	reg_write32(base, LAPIC_EOI, 0);
}

bool lapic_in_service(uint8_t vector)
{
	return (reg_read32(base, (reg32_t){ LAPIC_ISR.off + 0x10 * (vector / 32u) }) & BIT32(vector % 32)) != 0;
}

/* --- between CPUs ------------------------------------------------------------------------------------------- */

static void wait_us(uint64_t us)
{
	uint64_t start = arch_time_us();

	while (arch_time_us() - start <= us) {
		arch_cpu_relax();
	}
}

/* False: the one sent before is still on its way after all that time, and is given up. */
static bool icr_wait(void)
{
	uint64_t start;

	if ((reg_read32(base, LAPIC_ICR_LO) & ICR_PENDING) == 0) {
		return true;
	}
	start = arch_time_us();
	while ((reg_read32(base, LAPIC_ICR_LO) & ICR_PENDING) != 0) {
		if (arch_time_us() - start > ICR_DEADLINE_US) {
			return false;
		}
		arch_cpu_relax();
	}
	return true;
}

/*
 * The write of the low word sends. No barrier: the registers are uncached, and such a store comes after all earlier
 * ones [SDM 3A 9.2.2], so the other CPU finds what it shall see.
 */
static bool icr_send(unsigned cpu, uint32_t what)
{
	bool idle = icr_wait();

	reg_write32(base, LAPIC_ICR_HI, (uint32_t)hyp_config.board.cpu_id[cpu] << 24);
	reg_write32(base, LAPIC_ICR_LO, what | ICR_ASSERT);
	return idle;
}

void lapic_ipi(unsigned cpu, uint8_t vector)
{
	CHECK(cpu < hyp_config.board.cpu_count);
	if (base != 0 && !icr_send(cpu, ICR_FIXED | vector)) {
		log_error("the interrupt before the one to CPU %u was never delivered", cpu);
	}
}

/*
 * Those that have come up, one by one and not by shorthand: a CPU that still waits in firmware's hands would run
 * firmware's handler. May come at any time, also before there is anything to send with.
 */
void lapic_nmi_others(void)
{
	unsigned self = arch_cpu_this();

	if (base == 0) {
		return;
	}
	for (unsigned cpu = 0; cpu < hyp_config.board.cpu_count && cpu < CPU_MAX; cpu++) {
		if (cpu != self && __atomic_load_n(&cpu_ready[cpu], __ATOMIC_SEQ_CST)) {
			(void)icr_send(cpu, ICR_NMI);
		}
	}
}

void lapic_start_cpu(unsigned cpu, uint8_t page)
{
	CHECK(base != 0 && cpu < hyp_config.board.cpu_count);
	(void)icr_send(cpu, ICR_INIT);
	wait_us(INIT_WAIT_US);
	for (unsigned n = 0; n < 2; n++) { /* a CPU that is already on its way does not see the second */
		(void)icr_send(cpu, ICR_SIPI | page);
		wait_us(SIPI_WAIT_US);
	}
}

/* --- timer -------------------------------------------------------------------------------------------------- */

/* Rounded up, so that the TSC has got there. At most what the counter holds: lapic_timer_expired() goes on then. */
static uint32_t timer_count(uint64_t ticks)
{
	uint64_t n = ((ticks < TICKS_MAX ? ticks : TICKS_MAX) * apic_khz + tsc_khz - 1) / tsc_khz;

	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static void timer_start(uint64_t tsc)
{
	uint64_t now = arch_time_ticks();
	uint32_t count = tsc > now ? timer_count(tsc - now) : 0;

	reg_write32(base, LAPIC_TIMER_INIT, count > 0 ? count : 1); /* 0 would stop it */
}

void lapic_timer_at(uint64_t tsc)
{
	deadline[arch_cpu_this()] = tsc > 0 ? tsc : 1;
	timer_start(tsc);
}

void lapic_timer_off(void)
{
	deadline[arch_cpu_this()] = 0;
	reg_write32(base, LAPIC_TIMER_INIT, 0);
}

bool lapic_timer_expired(void)
{
	uint64_t *at = &deadline[arch_cpu_this()];

	if (*at == 0) {
		return false;
	}
	if (arch_time_ticks() < *at) {
		timer_start(*at);
		return false;
	}
	*at = 0;
	return true;
}

void lapic_timer_run_free(void)
{
	reg_write32(base, LAPIC_LVT_TIMER, LVT_MASKED | IRQ_VECTOR_TIMER);
	reg_write32(base, LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	reg_write32(base, LAPIC_TIMER_INIT, UINT32_MAX);
}

uint32_t lapic_timer_counted(void)
{
	return UINT32_MAX - reg_read32(base, LAPIC_TIMER_COUNT);
}
