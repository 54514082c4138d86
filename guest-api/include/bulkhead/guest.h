/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small runtime for bare guests: start-up, console, interrupts, timer, second vCPUs, PCI. It is enough for a
 * driver test and no operating system: one address space (identity), no allocation, no threads. A guest
 * defines guest_main(); vCPU 0 enters it at EL1 or CPL 0 with MMU and caches on and interrupts enabled.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bulkhead/arch.h>
#include <bulkhead/board.h>
#include <bulkhead/hc.h>

#define GUEST_VCPU_MAX 8u
#define GUEST_NORETURN __attribute__((noreturn))
#define GUEST_PAGE __attribute__((aligned(4096)))

/* Yours. arg: what the configuration says (README.md 7). When it returns the partition powers off. */
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

/* --- registers, <bulkhead/arch/…>: mmio_read32() and its kin, cpu_sync(), cpu_idle(), guest_vcpu() ------------- */

/* --- uart.c: the console's device ------------------------------------------------------------------------------ */

void uart_put(uint8_t c);
int uart_get(void);         /* a character, or -1: none there */
void uart_irq_enable(void); /* BOARD_UART_IRQ when one comes; BOARD_UART_EDGE says of which kind */

/* --- irq.c: interrupts by number, the same on every architecture. Below 32 they are the calling vCPU's own. ---- */

enum { IRQ_IPI_FIRST = 0, IRQ_PRIVATE_FIRST = 16, IRQ_SHARED_FIRST = 32 };

typedef void irq_fn(uint32_t irq);

/* Handlers run with interrupts masked; the runtime acknowledges before and ends after. NULL: nobody. */
void irq_handler(uint32_t irq, irq_fn *fn);
void irq_enable(uint32_t irq);
void irq_disable(uint32_t irq);
bool irq_is_enabled(uint32_t irq);
void irq_set_edge(uint32_t irq, bool edge);
bool irq_is_edge(uint32_t irq);
bool irq_is_pending(uint32_t irq);
bool irq_is_active(uint32_t irq);
void irq_route(uint32_t irq, unsigned vcpu); /* a shared one */
void ipi_send(unsigned vcpu, uint32_t irq);  /* one of the first 16 */
void irq_init_cpu(void);                     /* the runtime calls it on every vCPU */

/* <bulkhead/arch/…>: uint64_t irq_save(void), void irq_restore(uint64_t), IRQ_MAX, IRQ_TIMER */

/* --- timer.c -------------------------------------------------------------------------------------------------- */

enum { WAIT_FOREVER = 0 };

/* <bulkhead/arch/…>: uint64_t time_ticks(void), the counter all partitions and vCPUs read alike */

uint64_t time_hz(void);
uint64_t time_us(void);
uint64_t time_us_to_ticks(uint64_t us);
void delay_us(uint64_t us);

/* The timer of this vCPU, one shot. fn NULL: it only ends a sleep. */
void timer_at(uint64_t ticks, irq_fn *fn);
void timer_in_us(uint64_t us, irq_fn *fn);
void timer_stop(void);
uint64_t timer_deadline(void); /* what timer_at() was given last */

/*
 * The counter as one of the vector's first instructions read it, for the interrupt that is being handled on this vCPU;
 * for one that was taken right behind another, without leaving the vector, when it was acknowledged.
 */
uint64_t irq_entry_ticks(void);

/*
 * Sleeps until an interrupt handler, or another vCPU followed by an interrupt, made *flag non-zero. False:
 * timeout_us passed before; this uses the timer, so with a timer of your own pass WAIT_FOREVER.
 */
bool wait_flag(const volatile uint32_t *flag, uint64_t timeout_us);

/* --- power.c -------------------------------------------------------------------------------------------------- */

GUEST_NORETURN void power_off(void);
GUEST_NORETURN void power_reset(void);

/* Starts vCPU n in fn(arg) as guest_main() was started; it goes off when fn returns. 0, or negative: it cannot. */
int vcpu_start(unsigned n, void (*fn)(uint64_t arg), uint64_t arg);

/* As far as one can know: on x86 what this run of the partition did with it. */
bool vcpu_is_off(unsigned n);

/* Waits until vCPU n is off, at most timeout_us. */
bool vcpu_wait_off(unsigned n, uint64_t timeout_us);

/* --- exception.c ---------------------------------------------------------------------------------------------- */

/*
 * Accesses to addresses that may not be ours. False: refused, which a machine may say by an exception, or as a PC's bus
 * does: loads give all ones and stores are dropped. A write is refused if the value is not there afterwards.
 */
bool probe_read32(uintptr_t a, uint32_t *v);
bool probe_write32(uintptr_t a, uint32_t v); /* v: not all ones */
bool probe_call(void (*fn)(void));           /* false: fetching there is refused */

/* <bulkhead/arch/…>: struct trap, for tests of one architecture's exceptions */

/* Prints the message and powers off. */
GUEST_NORETURN void guest_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- pci.c: functions by bdf = bus << 8 | device << 3 | function ----------------------------------------------- */

enum { PCI_NONE = 0x10000, PCI_COMMAND = 0x04, PCI_STATUS = 0x06, PCI_BAR0 = 0x10, PCI_CAPABILITIES = 0x34,
       PCI_INTERRUPT_LINE = 0x3c, PCI_INTERRUPT_PIN = 0x3d, PCI_COMMAND_MEMORY = 2, PCI_COMMAND_MASTER = 4,
       PCI_CAP_MSI = 0x05, PCI_CAP_MSIX = 0x11 };

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
uint32_t pci_irq(uint32_t bdf);                  /* interrupt number of INTx, 0: none */
unsigned pci_capability(uint32_t bdf, uint8_t id); /* its place, 0: none */

/* INTx and messages exclude each other. False: it has no MSI capability. */
bool pci_msi_enable(uint32_t bdf, uint64_t addr, uint32_t data);
void pci_msi_disable(uint32_t bdf);
