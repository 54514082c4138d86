/* SPDX-License-Identifier: Apache-2.0 */
/* <bulkhead/guest.h> for x86-64: CPL 0, local APIC and I/O APIC, ports. Nothing in here for other compilers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)

/* --- registers ------------------------------------------------------------------------------------------------ */

/* In assembler, so that each is exactly one plain MOV: a hypervisor has to decode it, and knows no others. */
static inline uint8_t mmio_read8(uintptr_t a)
{
	uint8_t v;

	__asm__ volatile("movb (%1), %0" : "=q"(v) : "r"(a) : "memory");
	return v;
}

static inline uint16_t mmio_read16(uintptr_t a)
{
	uint16_t v;

	__asm__ volatile("movw (%1), %0" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline uint32_t mmio_read32(uintptr_t a)
{
	uint32_t v;

	__asm__ volatile("movl (%1), %0" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline uint64_t mmio_read64(uintptr_t a)
{
	uint64_t v;

	__asm__ volatile("movq (%1), %0" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline void mmio_write8(uintptr_t a, uint8_t v)
{
	__asm__ volatile("movb %0, (%1)" : : "q"(v), "r"(a) : "memory");
}

static inline void mmio_write16(uintptr_t a, uint16_t v)
{
	__asm__ volatile("movw %0, (%1)" : : "r"(v), "r"(a) : "memory");
}

static inline void mmio_write32(uintptr_t a, uint32_t v)
{
	__asm__ volatile("movl %0, (%1)" : : "r"(v), "r"(a) : "memory");
}

static inline void mmio_write64(uintptr_t a, uint64_t v)
{
	__asm__ volatile("movq %0, (%1)" : : "r"(v), "r"(a) : "memory");
}

static inline uint8_t port_read8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline uint16_t port_read16(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline uint32_t port_read32(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline void port_write8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline void port_write16(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline void port_write32(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline void msr_write(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

/* Control registers by number: cr_read(4). */
#define cr_read(n)                                                    \
	({                                                            \
		uint64_t cr_v;                                        \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(cr_v));  \
		cr_v;                                                 \
	})
#define cr_write(n, v) __asm__ volatile("mov %0, %%cr" #n : : "r"((uint64_t)(v)) : "memory")

/* What was stored is there, what was read has come, for devices and for other vCPUs. */
static inline void cpu_sync(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

/* With interrupts masked: sleeps until one is there, which is handled; they are masked again then. */
static inline void cpu_idle(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

/* What each vCPU keeps for itself, at GS.base; exception.c. The first three by their offsets, in assembler. */
struct guest_cpu {
	uint64_t index;
	uint64_t resume_ip; /* not 0: where to go on when an exception comes */
	uint64_t resume_sp;
	uint64_t trap_vector; /* the last that came: struct trap */
	uint64_t trap_error;
	uint64_t trap_rip;
	uint64_t trap_cr2;
};

static inline unsigned guest_vcpu(void)
{
	uint32_t v;

	__asm__ volatile("movl %%gs:0, %0" : "=r"(v));
	return v;
}

/* --- irq.c: shared interrupt 32 + n is pin n of the I/O APIC --------------------------------------------------- */

enum { IRQ_MAX = 208, IRQ_TIMER = 27 };

/* Of an interrupt number, and back. Pins have 0x30 and up, messages 0x70 and up. 0xff is the spurious one. */
enum { VECTOR_PRIVATE = 0xe0, VECTOR_SPURIOUS = 0xff, VECTOR_SHARED_OFFSET = 16 };

static inline uint8_t irq_vector(uint32_t irq)
{
	return (uint8_t)(irq < 32 ? VECTOR_PRIVATE + irq : VECTOR_SHARED_OFFSET + irq);
}

static inline uint32_t irq_of_vector(uint8_t vector)
{
	return vector >= VECTOR_PRIVATE ? vector - (uint32_t)VECTOR_PRIVATE : vector - (uint32_t)VECTOR_SHARED_OFFSET;
}

/* Offsets in the local APIC's page; x2APIC has them as MSR 0x800 + offset / 16. [SDM 3A 11.4.1, 11.12.1.2] */
enum { LAPIC_ID = 0x20, LAPIC_VERSION = 0x30, LAPIC_TPR = 0x80, LAPIC_PPR = 0xa0, LAPIC_EOI = 0xb0, LAPIC_LDR = 0xd0,
       LAPIC_DFR = 0xe0, LAPIC_SVR = 0xf0, LAPIC_ISR = 0x100, LAPIC_TMR = 0x180, LAPIC_IRR = 0x200, LAPIC_ESR = 0x280,
       LAPIC_ICR = 0x300, LAPIC_ICR_HIGH = 0x310, LAPIC_LVT_TIMER = 0x320, LAPIC_LVT_LINT0 = 0x350,
       LAPIC_LVT_ERROR = 0x370, LAPIC_TIMER_INITIAL = 0x380, LAPIC_TIMER_CURRENT = 0x390, LAPIC_TIMER_DIVIDE = 0x3e0,
       LAPIC_SELF_IPI = 0x3f0 };

/* ICR [SDM 3A 11.6.1]: vector or-ed with a delivery mode, and one of the destinations. */
#define ICR_FIXED   0x000u
#define ICR_NMI     0x400u
#define ICR_INIT    0x500u
#define ICR_SIPI    0x600u
#define ICR_LOGICAL 0x800u
#define ICR_ASSERT  0x4000u
#define ICR_SELF    0x40000u
#define ICR_ALL     0x80000u
#define ICR_OTHERS  0xc0000u

#define LVT_MASKED   0x10000u
#define LVT_PERIODIC 0x20000u

uint32_t lapic_read(unsigned offset);
void lapic_write(unsigned offset, uint32_t v);
void lapic_icr(uint32_t dest, uint32_t low); /* waits until an xAPIC took it */
bool lapic_x2apic(void);
void lapic_mode(bool x2apic); /* this vCPU's, set up anew; false: xAPIC */

uint32_t ioapic_read(unsigned reg);
void ioapic_write(unsigned reg, uint32_t v);

/* Redirection entry of a pin: two registers [IOAPIC 3.2.4] */
enum { IOAPIC_ID = 0, IOAPIC_VERSION = 1, IOAPIC_RTE = 0x10 };
#define RTE_LEVEL      (1u << 15)
#define RTE_MASKED     (1u << 16)
#define RTE_REMOTE_IRR (1u << 14)

void nmi_handler(void (*fn)(uint32_t irq)); /* called with 2; NULL: an NMI is fatal */

static inline uint64_t irq_save(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	__asm__ volatile("pushq %0\n\tpopfq" : : "r"(flags) : "memory", "cc");
}

/* --- timer.c: the local APIC's timer; the counter is the TSC --------------------------------------------------- */

static inline uint64_t time_ticks(void)
{
	uint32_t lo, hi;

	/* It must not be read ahead. */
	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* --- power.c -------------------------------------------------------------------------------------------------- */

void vcpu_reset(unsigned n); /* INIT, whatever it is doing: it is off then */

/* --- exception.c ---------------------------------------------------------------------------------------------- */

enum { TRAP_DE = 0, TRAP_DB = 1, TRAP_NMI = 2, TRAP_BP = 3, TRAP_UD = 6, TRAP_DF = 8, TRAP_GP = 13, TRAP_PF = 14,
       TRAP_AC = 17 };

struct trap {
	bool taken;
	unsigned vector;
	uint64_t error;
	uint64_t rip;
	uint64_t cr2;
};

/*
 * Text of an instruction, for __asm__: if it takes an exception, execution goes on behind it, with its outputs as they
 * were, and trap_caught() tells. Without it any exception prints the registers and powers the partition off. The
 * operands may not use R11, RSP or flags: say so with TRAP_CLOBBER.
 */
#define TRAP_TRY(insn)                                                                     \
	"leaq 77f(%%rip), %%r11\n\tmovq %%r11, %%gs:8\n\tmovq %%rsp, %%gs:16\n\t" insn "\n77:\n\tmovq $0, %%gs:8"
#define TRAP_CLOBBER "r11", "cc", "memory"

struct trap trap_caught(void); /* the last; and forgets it */

/* Runs fn at CPL 3 until it takes an exception; TRAP_BP: it came to its INT3. It has 1 KiB of stack. */
struct trap trap_at_cpl3(void (*fn)(void));

/* Gates: the runtime's own again with fn NULL. ist: 0 this stack, 1 the emergency stack. */
void trap_gate(unsigned vector, void (*fn)(void), unsigned ist);

#endif
