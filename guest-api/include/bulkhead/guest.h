/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small runtime for bare guests: start-up, console, interrupts, timer, second vCPUs, PCI. It is enough for a
 * driver test and no operating system: one address space (identity), no allocation, no threads. A guest
 * defines guest_main(); vCPU 0 enters it at EL1 with the MMU and caches on and interrupts enabled.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bulkhead/board_virt.h>
#include <bulkhead/hc.h>

#define GUEST_VCPU_MAX 8u
#define GUEST_NORETURN __attribute__((noreturn))
#define GUEST_PAGE __attribute__((aligned(4096)))

/* Yours. arg: what the configuration says (x0 at entry). When it returns the partition powers off. */
void guest_main(uint64_t arg);

/* --- console.c, printf.c, string.c ---------------------------------------------------------------------------- */

/* %s %c %d %i %u %x %p %% with 0, -, width and l, ll, z. One call's output is never mixed with another vCPU's. */
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
int snprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void console_write(const char *s, size_t n); /* takes no lock */

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

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

static inline void cpu_dsb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

/* --- gic.c: interrupts by their GIC number (INTID). Numbers below 32 are the calling vCPU's own. ----------------- */

enum { IRQ_SGI_FIRST = 0, IRQ_PPI_FIRST = 16, IRQ_SPI_FIRST = 32, IRQ_MAX = 1020, IRQ_PRIORITY = 0xa0 };

typedef void irq_fn(uint32_t irq);

/* Handlers run with interrupts masked; the runtime acknowledges before and ends after. NULL: nobody. */
void irq_handler(uint32_t irq, irq_fn *fn);
void irq_enable(uint32_t irq);
void irq_disable(uint32_t irq);
bool irq_is_enabled(uint32_t irq);
void irq_set_priority(uint32_t irq, uint8_t priority); /* lower is more urgent */
uint8_t irq_priority(uint32_t irq);
void irq_set_edge(uint32_t irq, bool edge);
bool irq_is_edge(uint32_t irq);
void irq_set_pending(uint32_t irq, bool pending);
bool irq_is_pending(uint32_t irq);
bool irq_is_active(uint32_t irq);
void irq_route(uint32_t spi, unsigned vcpu);
void irq_mask_below(uint8_t priority); /* only priorities more urgent than this are taken; 0xff: all */
void sgi_send(unsigned vcpu, uint32_t sgi);
uint32_t irq_spi_count(void); /* from GICD_TYPER */
void gic_init_cpu(void);      /* the runtime calls it on every vCPU */

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

/* --- timer.c -------------------------------------------------------------------------------------------------- */

enum { WAIT_FOREVER = 0 };

static inline uint64_t time_ticks(void)
{
	cpu_isb(); /* the counter must not be read ahead */
	return sysreg_read(cntvct_el0);
}

uint64_t time_us(void);
uint64_t time_us_to_ticks(uint64_t us);
void delay_us(uint64_t us);

/* The virtual timer of this vCPU, one shot. fn NULL: it only ends a WFI. */
void timer_at(uint64_t ticks, irq_fn *fn);
void timer_in_us(uint64_t us, irq_fn *fn);
void timer_stop(void);

/*
 * The counter as the vector's third instruction read it, for the interrupt that is being handled on this vCPU; for
 * one that was taken right behind another, without leaving the vector, when it was acknowledged.
 */
uint64_t irq_entry_ticks(void);

/*
 * Sleeps (WFI) until an interrupt handler, or another vCPU followed by an interrupt, made *flag non-zero. False:
 * timeout_us passed before; this uses the virtual timer, so with a timer of your own pass WAIT_FOREVER.
 */
bool wait_flag(const volatile uint32_t *flag, uint64_t timeout_us);

/* --- psci.c --------------------------------------------------------------------------------------------------- */

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
GUEST_NORETURN void power_off(void);
GUEST_NORETURN void power_reset(void);

/* Starts vCPU n in fn(arg) as guest_main() was started; it powers itself off when fn returns. PSCI result. */
int vcpu_start(unsigned n, void (*fn)(uint64_t arg), uint64_t arg);

/* Waits until vCPU n is off, at most timeout_us. */
bool vcpu_wait_off(unsigned n, uint64_t timeout_us);

/* --- exception.c ---------------------------------------------------------------------------------------------- */

struct trap {
	bool taken;
	uint64_t esr;
	uint64_t far;
	uint64_t elr;
};

/*
 * Between the two, synchronous exceptions of this vCPU are noted and the instruction is skipped. Outside, any
 * exception prints the registers and powers the partition off.
 */
void trap_catch(void);
struct trap trap_caught(void);

static inline unsigned trap_class(const struct trap *t)
{
	return (unsigned)(t->esr >> 26) & 0x3f; /* ESR_EL1.EC [31:26] */
}

/* Prints the message and powers off. */
GUEST_NORETURN void guest_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- pci.c: functions by bdf = bus << 8 | device << 3 | function -------------------------------------------------- */

enum { PCI_NONE = 0x10000, PCI_COMMAND = 0x04, PCI_STATUS = 0x06, PCI_BAR0 = 0x10, PCI_CAPABILITIES = 0x34,
       PCI_INTERRUPT_LINE = 0x3c, PCI_COMMAND_MEMORY = 2, PCI_COMMAND_MASTER = 4 };

uint8_t pci_read8(uint32_t bdf, unsigned off);
uint16_t pci_read16(uint32_t bdf, unsigned off);
uint32_t pci_read32(uint32_t bdf, unsigned off);
void pci_write8(uint32_t bdf, unsigned off, uint8_t v);
void pci_write16(uint32_t bdf, unsigned off, uint16_t v);
void pci_write32(uint32_t bdf, unsigned off, uint32_t v);

/* The index-th function with these ids on any bus this partition sees, or PCI_NONE. */
uint32_t pci_find(uint16_t vendor, uint16_t device, unsigned index);
uint64_t pci_bar(uint32_t bdf, unsigned n);      /* base address of memory BAR n, 0: none */
uint64_t pci_bar_size(uint32_t bdf, unsigned n); /* asks as drivers do: write ones, read, restore */
void pci_enable(uint32_t bdf);                   /* memory decoding and bus mastering */
void pci_disable(uint32_t bdf);
uint32_t pci_irq(uint32_t bdf);                  /* GIC interrupt number of INTx, 0: none */
