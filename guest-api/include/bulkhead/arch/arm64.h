/* SPDX-License-Identifier: Apache-2.0 */
/* <bulkhead/guest.h> for arm64: EL1, GICv3, PSCI. Nothing in here for other compilers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#if defined(__aarch64__)

/* --- registers ------------------------------------------------------------------------------------------------ */

/*
 * In assembler, so that each is exactly one plain load or store: a form with write-back, or a pair, carries no
 * syndrome, and no hypervisor can emulate it.
 */
static inline uint8_t mmio_read8(uintptr_t a)
{
	uint8_t v;

	__asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline uint16_t mmio_read16(uintptr_t a)
{
	uint16_t v;

	__asm__ volatile("ldrh %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline uint32_t mmio_read32(uintptr_t a)
{
	uint32_t v;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline uint64_t mmio_read64(uintptr_t a)
{
	uint64_t v;

	__asm__ volatile("ldr %x0, [%1]" : "=r"(v) : "r"(a) : "memory");
	return v;
}

static inline void mmio_write8(uintptr_t a, uint8_t v)
{
	__asm__ volatile("strb %w0, [%1]" : : "r"(v), "r"(a) : "memory");
}

static inline void mmio_write16(uintptr_t a, uint16_t v)
{
	__asm__ volatile("strh %w0, [%1]" : : "r"(v), "r"(a) : "memory");
}

static inline void mmio_write32(uintptr_t a, uint32_t v)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(a) : "memory");
}

static inline void mmio_write64(uintptr_t a, uint64_t v)
{
	__asm__ volatile("str %x0, [%1]" : : "r"(v), "r"(a) : "memory");
}

/* System registers by name: sysreg_read(CNTFRQ_EL0). */
#define sysreg_read(name)                                             \
	({                                                            \
		uint64_t sysreg_v;                                    \
		__asm__ volatile("mrs %0, " #name : "=r"(sysreg_v));  \
		sysreg_v;                                             \
	})
#define sysreg_write(name, v) __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(v)) : "memory")

static inline void cpu_isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

/* What was stored is there, what was read has come, for devices and for other vCPUs. */
static inline void cpu_sync(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

/* With interrupts masked: sleeps until one is there; it is handled when they are let through again. */
static inline void cpu_idle(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

static inline unsigned guest_vcpu(void)
{
	return (unsigned)sysreg_read(mpidr_el1) & 0xff;
}

/* --- irq.c: interrupt numbers are the GIC's (INTID) ------------------------------------------------------------ */

enum { IRQ_MAX = 1020, IRQ_TIMER = 27, IRQ_PRIORITY = 0xa0 };

void irq_set_priority(uint32_t irq, uint8_t priority); /* lower is more urgent */
uint8_t irq_priority(uint32_t irq);
void irq_mask_below(uint8_t priority); /* only priorities more urgent than this are taken; 0xff: all */
void irq_set_pending(uint32_t irq, bool pending);
uint32_t irq_spi_count(void); /* from GICD_TYPER */

static inline uint64_t irq_save(void)
{
	uint64_t daif = sysreg_read(daif);

	__asm__ volatile("msr daifset, #2" : : : "memory");
	return daif;
}

static inline void irq_restore(uint64_t daif)
{
	sysreg_write(daif, daif);
}

/* --- timer.c: the virtual timer and its counter ---------------------------------------------------------------- */

static inline uint64_t time_ticks(void)
{
	cpu_isb(); /* the counter must not be read ahead */
	return sysreg_read(cntvct_el0);
}

/* --- power.c -------------------------------------------------------------------------------------------------- */

enum psci_result {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_DENIED = -3,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INVALID_ADDRESS = -9
};

#define PSCI_VERSION          0x84000000u
#define PSCI_CPU_SUSPEND      0xc4000001u
#define PSCI_CPU_OFF          0x84000002u
#define PSCI_CPU_ON           0xc4000003u
#define PSCI_AFFINITY_INFO    0xc4000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF       0x84000008u
#define PSCI_SYSTEM_RESET     0x84000009u
#define PSCI_FEATURES         0x8400000au
#define SMCCC_VERSION         0x80000000u
#define SMCCC_ARCH_FEATURES   0x80000001u

int64_t psci_call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3);

/* --- exception.c ---------------------------------------------------------------------------------------------- */

struct trap {
	bool taken;
	uint64_t esr;
	uint64_t far;
	uint64_t elr;
};

/*
 * Between the two, synchronous exceptions of this vCPU are noted and the instruction is skipped (a fetch: the call
 * returns). Outside, any exception prints the registers and powers the partition off.
 */
void trap_catch(void);
struct trap trap_caught(void);

static inline unsigned trap_class(const struct trap *t)
{
	return (unsigned)(t->esr >> 26) & 0x3f; /* ESR_EL1.EC [31:26] */
}

#endif
