/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical CPUs: per-CPU data, starting and stopping them through the firmware's PSCI, time, caches.
 */
#include <arch/cpu.h>

#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/irq.h>
#include <arch/platform.h>
#include <arch/time.h>
#include <asm/gic.h>
#include <asm/psci.h>
#include <asm/sysreg.h>
#include <bulkhead/errno.h>
#include <hyp/config.h>

struct percpu percpu[CPU_MAX];
unsigned boot_el = 2; /* in .data: head.S stores it after it cleared .bss */
static bool psci_smc = true;
static volatile uint32_t cpu_up[CPU_MAX];

extern void cpu_entry(void);

static int64_t psci_call(uint64_t fn, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = fn;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	if (psci_smc) {
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7",
				 "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	} else {
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7",
				 "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	}
	return (int64_t)x0;
}

void arch_platform_use(const struct platform *p)
{
	/* Below EL2 the only hypervisor that could answer an SMC is the machine's own, by HVC. */
	psci_smc = p->valid ? p->psci.smc : boot_el == 2;
}

void arch_cpu_up(void)
{
	__atomic_store_n(&cpu_up[arch_cpu_this()], 1, __ATOMIC_RELEASE);
}

int arch_irq_init(const struct board *b)
{
	return gic_init_dist(b);
}

void arch_irq_init_cpu(void)
{
	gic_init_cpu();
}

void arch_cpu_idle(void)
{
	for (;;) {
		__asm__ volatile("dsb sy; wfi" ::: "memory"); /* masked interrupts still wake us */
		gic_irq_entry(NULL);
	}
}

int arch_cpu_start(unsigned cpu)
{
	uint64_t end = arch_time_us() + 1000000;

	if (psci_call(PSCI_CPU_ON64, hyp_config.board.cpu_id[cpu], (uintptr_t)cpu_entry, cpu) != 0) {
		return -BH_EIO;
	}
	while (!__atomic_load_n(&cpu_up[cpu], __ATOMIC_ACQUIRE)) {
		if (arch_time_us() > end) {
			return -BH_EIO;
		}
		arch_cpu_relax();
	}
	return 0;
}

void arch_cpu_park(void)
{
	for (;;) {
		__asm__ volatile("msr daifset, #0xf; wfi" ::: "memory");
	}
}

void arch_power_off(void)
{
	(void)psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	arch_cpu_park();
}

void arch_power_reset(void)
{
	(void)psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	arch_cpu_park();
}

uint64_t arch_time_us(void)
{
	uint64_t hz = sysreg_read(cntfrq_el0);
	uint64_t t = arch_time_ticks();

	return t / hz * 1000000 + t % hz * 1000000 / hz;
}

static uintptr_t cache_line(void)
{
	return (uintptr_t)4 << ((sysreg_read(ctr_el0) >> 16) & 0xf);
}

void arch_cache_clean(const void *p, size_t size)
{
	uintptr_t line = cache_line();

	for (uintptr_t a = (uintptr_t)p & ~(line - 1); a < (uintptr_t)p + size; a += line) {
		__asm__ volatile("dc cvac, %0" ::"r"(a) : "memory");
	}
	__asm__ volatile("dsb sy" ::: "memory");
}

void arch_cache_clean_inv(const void *p, size_t size)
{
	uintptr_t line = cache_line();

	for (uintptr_t a = (uintptr_t)p & ~(line - 1); a < (uintptr_t)p + size; a += line) {
		__asm__ volatile("dc civac, %0" ::"r"(a) : "memory");
	}
	__asm__ volatile("dsb sy" ::: "memory");
}

void arch_mem_zero(void *p, size_t size)
{
	size_t block = (size_t)4 << (sysreg_read(dczid_el0) & 0xf);
	uintptr_t a = (uintptr_t)p;

	/* Pages are a multiple of every possible block. */
	for (; a < (uintptr_t)p + size; a += block) {
		__asm__ volatile("dc zva, %0" ::"r"(a) : "memory");
	}
	arch_mb();
}
