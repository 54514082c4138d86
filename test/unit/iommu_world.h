/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small machine for the tests of hyp/iommu*.c: four partitions, two IOMMU models, the real driver between them.
 * Which kind of IOMMU is linked: struct world_hw. The question is always what a device can reach. Every test runs in a
 * process of its own, so it starts from boot.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/errno.h>
#include <hyp/iommu_priv.h>
#include <hyp/irq.h>
#include <hyp/vm.h>

#include "fake/fake.h"
#include "fake/fake_arch.h"

enum { DRIVER, MONITOR, BYSTANDER, QUIET, WORLD_VMS };
enum { EDU0, EDU1, DMA0, NIC, DISK, DISK2, NOBODY, ALL, ANYLEN, RSV, OWN_ALL, WORLD_DEVICES };

enum { RD = PROT_READ, WR = PROT_WRITE, RW = PROT_READ | PROT_WRITE, EX = PROT_EXEC };

#define VM(n)  (&vms[n])
#define RAM    0x50000000ull  /* driver: identity, 64 MiB, rwx */
#define LOW    0x10000000ull  /* driver: 16 MiB at LOW_PA */
#define LOW_PA 0x70000000ull
#define ADJ    0x11000000ull  /* driver: right behind LOW, 1 MiB at ADJ_PA, read only */
#define ADJ_PA 0x78000000ull
#define REGS   0x0a000000ull  /* driver: registers, identity, two pages, right before REGS + 0x2000: nothing */
#define HUGE   0x100000000ull /* driver: 4 GiB, identity, rw */
#define ODD    0x30000000ull  /* driver: 64 MiB at ODD + 0x40001000: no block leaf ever fits */
#define ODD_PA 0x180001000ull
#define SHARED 0x68000000ull  /* driver and bystander: 1 MiB */
#define BY_RAM 0x5c000000ull
#define QU_RAM 0x5e000000ull
#define RSV_PA 0x60000000ull  /* reserved region of DMA0 and RSV: two pages */
#define ALLOW  0x40000000ull  /* allow set: device address, 2 pages at ALLOW_PA, read; next page write */
#define ALLOW_PA 0x6a000000ull

/* --- The hardware: world_smmuv3.c or world_vtd.c ---------------------------------------------- */

enum world_result {
	DMA_OK,
	DMA_BYPASS, /* not translated */
	DMA_BLOCKED,
};

/* What a test wants a unit to be; a kind of unit that cannot be it ignores it. */
struct world_opts {
	bool not_coherent;
	bool bbm;          /* blocks are split with break-before-make */
	bool no_ranges;    /* invalidation by range is missing */
	bool other_format; /* tables of another format than the other unit's */
	bool unusable;     /* lacks what the driver cannot do without */
	bool cautious;     /* wants to be told of new mappings, too (VT-d: caching mode) */
};

struct world_hw {
	uint64_t regs_size;
	bool read_implied;          /* other_format: the right to write includes reading */
	unsigned record_max;        /* fault records unit 0 holds before it drops some */
	const char *unmapped_name;  /* what it calls a write without mapping */
	void (*create)(unsigned n, uintptr_t base, const struct world_opts *o);
	enum world_result (*dma)(unsigned n, sid_t sid, uint64_t addr, bool write);
	enum world_result (*peek)(unsigned n, sid_t sid, uint64_t addr, bool write);
	bool (*certain)(unsigned n, sid_t sid, uint64_t addr, bool write, uint64_t pa);
	bool (*stray)(unsigned n, sid_t sid); /* records an access of a stream that the model does not follow */
	unsigned (*irqs)(unsigned n, unsigned which);
	unsigned (*commands)(unsigned n); /* all so far */
	unsigned (*syncs)(unsigned n);    /* those that wait for completion */
	void (*run)(unsigned n);
	void (*stall)(unsigned n);        /* completes nothing any more */
	void (*die)(unsigned n);          /* reports an error that only the last resort helps against */
};

extern const struct world_hw world_hw;

extern struct hyp_config world_cfg;
extern struct cfg_device world_device[WORLD_DEVICES];
extern struct cfg_vm world_vm[WORLD_VMS];
extern struct world_opts world_opts[2];

int world_try_boot(void);            /* what iommu_enable() says */
void world_boot(void);               /* everything, from world_cfg and world_opts */
int64_t world_object(unsigned vm);   /* smmu_init() and a new object: its handle */
struct smmu_devid world_id(unsigned dev);
int64_t world_add(unsigned vm, int64_t handle, unsigned dev);
extern bool world_short;             /* as the hypercall does: the short way first */
int64_t world_map(unsigned vm, int64_t handle, unsigned prot, uint64_t addr, uint64_t size);
int64_t world_unmap(unsigned vm, int64_t handle, uint64_t addr, uint64_t size);
enum world_result world_dma(unsigned dev, uint64_t addr, bool write); /* recorded, interrupt delivered */
void world_irq(void);                /* what the units signalled reaches iommu_irq() */
unsigned world_virqs(unsigned vm);   /* fault interrupts since the last call */

#define assert_reads(dev, addr, pa) \
	assert_true(world_hw.certain(world_device[dev].unit, world_device[dev].sid, (addr), false, (pa)))
#define assert_writes(dev, addr, pa) \
	assert_true(world_hw.certain(world_device[dev].unit, world_device[dev].sid, (addr), true, (pa)))
#define assert_no_read(dev, addr) \
	assert_int_equal(world_hw.peek(world_device[dev].unit, world_device[dev].sid, (addr), false), DMA_BLOCKED)
#define assert_no_write(dev, addr) \
	assert_int_equal(world_hw.peek(world_device[dev].unit, world_device[dev].sid, (addr), true), DMA_BLOCKED)
#define assert_nothing(dev, addr)           \
	do {                                \
		assert_no_read(dev, addr);  \
		assert_no_write(dev, addr); \
	} while (0)

/* A test in its own process. */
void world_run(const char *name, void (*fn)(void **state));
#define WORLD_TEST(name)                           \
	static void name##_body(void **state);     \
	static void name(void **state)             \
	{                                          \
		(void)state;                       \
		world_run(#name, name##_body);     \
	}                                          \
	static void name##_body(void **state __attribute__((unused)))
#define T(name) cmocka_unit_test(name)
