/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical CPUs: per-CPU data and tables, starting and stopping them, power. Owns the trampoline page below 1 MiB,
 * which no partition has.
 */
#include <arch/cpu.h>

#include <arch/mmu.h>
#include <arch/time.h>
#include <asm/cpuvirt.h>
#include <asm/io.h>
#include <asm/irq.h>
#include <asm/mmu_boot.h>
#include <asm/platform.h>
#include <asm/segments.h>
#include <asm/trap.h>
#include <bulkhead/errno.h>
#include <hyp/config.h>
#include <hyp/string.h>

enum { TSS_SIZE = 104, TSS_IST1 = 36, TSS_IST2 = 44, TSS_IOMAP = 102, VECTOR_NMI = 2 };
enum { START_US = 1000000, RESET_US = 100000 };

struct percpu percpu[CPU_MAX];
static volatile uint32_t cpu_up[CPU_MAX];
static uint8_t tss[CPU_MAX][128] __attribute__((aligned(128)));

struct gate {
	uint64_t lo, hi;
};

static struct gate idt[256] __sealed;

extern uint64_t gdt[];
extern const uint8_t idt_stubs[];
extern uint8_t cpu_emerg_stacks[], cpu_nmi_stacks[];
extern const uint8_t trampoline_start[], trampoline_end[], tramp_cr3[], tramp_cpu[];

void cpu_tables(unsigned cpu);

/* Interrupt gate, present, our code segment [APM 2 4.8.4]; exceptions on the emergency stack, NMI on its own. */
static struct gate gate_make(unsigned vector)
{
	uint64_t entry = (uintptr_t)idt_stubs + 16ul * vector;
	uint64_t ist = vector == VECTOR_NMI ? IST_NMI : vector < 32 ? IST_EMERG : 0;

	return (struct gate){
		.lo = (entry & 0xffff) | (uint64_t)SEL_CODE64 << 16 | ist << 32 | 0x8eull << 40 |
		      (entry >> 16 & 0xffff) << 48,
		.hi = entry >> 32,
	};
}

static void tss_set(unsigned cpu)
{
	uint64_t base = (uintptr_t)tss[cpu];
	uint64_t stack = (uintptr_t)cpu_emerg_stacks + (cpu + 1ul) * EMERG_SIZE;
	uint64_t nmi_stack = (uintptr_t)cpu_nmi_stacks + (cpu + 1ul) * NMI_STACK_SIZE;
	uint16_t iomap = TSS_SIZE;

	memcpy(&tss[cpu][TSS_IST1], &stack, sizeof(stack));
	memcpy(&tss[cpu][TSS_IST2], &nmi_stack, sizeof(nmi_stack));
	memcpy(&tss[cpu][TSS_IOMAP], &iomap, sizeof(iomap));
	/* Available 64-bit TSS [APM 2 4.8.3]; the busy bit of a start before goes with it. */
	gdt[SEL_TSS / 8 + 2 * cpu] =
		(TSS_SIZE - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 2 * cpu + 1] = base >> 32;
}

/* The GDT is loaded; each CPU calls this on its own stack. */
void cpu_tables(unsigned cpu)
{
	struct {
		uint16_t pad[3];
		uint16_t limit;
		uint64_t base;
	} idtr = { .limit = sizeof(idt) - 1, .base = (uintptr_t)idt };

	if (cpu == 0) {
		for (unsigned i = 0; i < ARRAY_COUNT(idt); i++) {
			idt[i] = gate_make(i);
		}
	}
	tss_set(cpu);
	__asm__ volatile("lidt %0" ::"m"(idtr.limit) : "memory");
	__asm__ volatile("ltr %w0" ::"r"(SEL_TSS + 16 * cpu) : "memory");
}

void arch_cpu_up(void)
{
	__atomic_store_n(&cpu_up[arch_cpu_this()], 1, __ATOMIC_RELEASE);
}

static void trampoline_fill(unsigned cpu)
{
	uint8_t *page = arch_va(pa(TRAMPOLINE));
	uint64_t root = mmu_root();
	uint64_t number = cpu;

	memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	memcpy(page + (tramp_cr3 - trampoline_start), &root, sizeof(root));
	memcpy(page + (tramp_cpu - trampoline_start), &number, sizeof(number));
}

/* The page is executable for as long as it takes, and then no longer writable: W^X holds. It is nobody else's. */
int arch_cpu_start(unsigned cpu)
{
	uint64_t end;
	int r = arch_hyp_map(pa(TRAMPOLINE), PAGE_SIZE, PROT_READ | PROT_WRITE);

	if (r != 0) {
		return -BH_EIO;
	}
	trampoline_fill(cpu);
	arch_hyp_unmap(pa(TRAMPOLINE), PAGE_SIZE);
	if (arch_hyp_map(pa(TRAMPOLINE), PAGE_SIZE, PROT_READ | PROT_EXEC) != 0) {
		return -BH_EIO;
	}
	lapic_start_cpu(cpu, TRAMPOLINE >> 12);
	end = arch_time_us() + START_US;
	while (!__atomic_load_n(&cpu_up[cpu], __ATOMIC_ACQUIRE) && arch_time_us() <= end) {
		arch_cpu_relax();
	}
	arch_hyp_unmap(pa(TRAMPOLINE), PAGE_SIZE);
	return cpu_up[cpu] ? 0 : -BH_EIO;
}

void arch_cpu_idle(void)
{
	for (;;) {
		cpu_wait();
	}
}

void arch_cpu_park(void)
{
	for (;;) {
		__asm__ volatile("cli; hlt" ::: "memory");
	}
}

void arch_power_off(void)
{
	const uint16_t slp_en = 1u << 13; /* PM1 control [ACPI 4.8.3.2.1]: SLP_TYPx 12:10, SLP_EN 13 */

	if (acpi_info.pm1a_control != 0) {
		io_write16(acpi_info.pm1a_control, (uint16_t)(acpi_info.sleep_s5 << 10) | slp_en);
	}
	arch_cpu_park();
}

/* As ACPI says, then as every PC since 1984 and a triple fault at last. */
void arch_power_reset(void)
{
	static const struct {
		uint16_t limit;
		uint16_t base[4];
	} none = { 0 };

	if (acpi_info.reset_port != 0) {
		io_write8(acpi_info.reset_port, acpi_info.reset_value);
	}
	io_write8(0xcf9, 6);
	for (uint64_t end = arch_time_us() + RESET_US; arch_time_us() <= end;) {
		arch_cpu_relax();
	}
	__asm__ volatile("lidt %0; ud2" ::"m"(none.limit) : "memory");
	arch_cpu_park();
}
