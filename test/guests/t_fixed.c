/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices whose reach is fixed by the configuration. arg 0: `dma all`, the device reaches all memory of its partition
 * and nothing else; arg 1: an allow set of two pages, one of them read-only, at other device addresses than physical
 * ones. Nothing the partition asks for changes that. [I1] [I2]
 */
#include "dma.h"

/* The allow set of configs/t-allow.c. */
#define SET_WINDOW BOARD_RAM(0x12010000)
#define SET_READ   BOARD_RAM(0x12020000)
#define DEV_WINDOW 0x20000000ul
#define DEV_READ   0x20001000ul
#define RAM_END    BOARD_RAM(0x14000000)

static uint8_t page[4096] GUEST_PAGE;

/* Through the set's window, which is the device's only way to memory. */
static bool set_reads(uint64_t addr, volatile void *p)
{
	volatile uint8_t *win = (volatile uint8_t *)SET_WINDOW;

	fill(p, 64);
	transfer(EDU_FROM_RAM, addr, 0, 64);
	set_bytes(win, 0, 64);
	transfer(EDU_TO_RAM, DEV_WINDOW, 0, 64);
	return same(win, p, 64);
}

static void connect(void)
{
	dma_begin();
	drain_faults(NULL);
}

/* What belongs to the configuration is not the partition's to change. */
static void test_requests(void)
{
	struct smmu_object *sop = smmu_obj_create(SOCF_NONE);

	tap_ok(sop != NULL && edu_into(sop) == -1 && errno == EBUSY, "the device into an object of ours: EBUSY");
	tap_ok(edu_into(NULL) == -1, "taking it out of its object: refused");
	tap_is(map(sop, SMF_READ | SMF_WRITE, at(page), PAGE), 0, "an object of ours without it");
}

static void test_outside(void)
{
	tap_ok(refused(EDU_TO_RAM, BOARD_RAM(0x18000000), BH_FAULT_UNMAPPED), "another partition's memory: refused");
	tap_ok(refused(EDU_FROM_RAM, BOARD_HYP_BASE, BH_FAULT_UNMAPPED), "the hypervisor's memory: refused");
	tap_ok(refused(EDU_TO_RAM, BOARD_IOMMU_BASE, BH_FAULT_UNMAPPED), "the unit's registers: refused");
	tap_ok(refused(EDU_TO_RAM, edu.regs, BH_FAULT_UNMAPPED), "registers of a device of ours: refused");
}

static void test_dma_all(void)
{
	volatile uint8_t *last = (volatile uint8_t *)(RAM_END - PAGE);

	if (!edu_open(&edu, 0)) {
		tap_bail("this partition sees no edu device");
	}
	tap_ok(device_writes(page, 64) && device_reads(page, 64), "dma all: without any call");
	tap_ok(device_writes(last, EDU_TRANSFER_MAX), "dma all: the last page of memory");
	tap_ok(device_reads((volatile void *)BOARD_RAM(0x12000000), 64), "dma all: memory that nobody uses");
	connect();
	tap_ok(device_writes(page, 64), "dma all: after smmu_init() as before");
	test_outside();
	tap_ok(refused(EDU_TO_RAM, RAM_END, BH_FAULT_UNMAPPED), "the bytes behind our memory: refused");
	test_requests();
	smmu_fini();
	tap_ok(device_writes(page, 64), "dma all: after smmu_fini() as before");
}

static void test_allow(void)
{
	volatile uint8_t *ro = (volatile uint8_t *)SET_READ;

	connect();
	set_bytes(ro, 0x33, 64);
	tap_ok(refused(EDU_TO_RAM, DEV_READ, BH_FAULT_PERMISSION) && is_filled(ro, 0x33, 64),
	       "allow set: a write to what is read-only: refused, memory unchanged");
	tap_ok(set_reads(DEV_READ, ro), "allow set: the device reads it");
	test_outside();
	test_requests();
	set_bytes(page, 0x44, 64);
	tap_ok(refused(EDU_TO_RAM, at(page), BH_FAULT_UNMAPPED) && is_filled(page, 0x44, 64),
	       "our own memory outside the set, mapped in our object: refused");
	tap_ok(refused(EDU_TO_RAM, SET_WINDOW, BH_FAULT_UNMAPPED), "the set's memory by its physical address: refused");
	tap_ok(refused(EDU_TO_RAM, DEV_READ + PAGE, BH_FAULT_UNMAPPED), "the bytes behind the set: refused");
	smmu_fini();
	tap_ok(set_reads(DEV_READ, ro), "allow set: after smmu_fini() as before");
}

void guest_main(uint64_t arg)
{
	if (arg == 0) {
		test_dma_all();
	} else {
		test_allow();
	}
	tap_done();
}
