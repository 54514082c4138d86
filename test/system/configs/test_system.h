/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system most test guests run in: partition `test` with two virtual CPUs and every right owns the edu device
 * edu0; edu1 is nobody's and must stay blocked. QEMU needs -device edu,addr=2.0 and -device edu,addr=3.0
 */
#pragma once

#include <hyp/pool.h>

#include "board.h"

/* Page-table pages: the hypervisor's own, those of `test`, those of a second partition. */
#define HYP_POOL   64
#define TEST_POOL  256
#define OTHER_POOL 32

HYP_POOL_ARENA(HYP_POOL + TEST_POOL + OTHER_POOL);

#define TEST_BASE RAM(0x10000000)
#define ALL_RIGHTS (CFG_VM_ATTACH | CFG_VM_TARGET | CFG_VM_MONITOR)
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

extern const uint8_t image_test_start[], image_test_end[];

__attribute__((unused)) static const struct cfg_region test_region[] = {
	{ .name = "ram", .ipa = TEST_BASE, .pa = TEST_BASE, .size = MIB(64), .prot = RWX },
	LOW_REGION(0)
};

static const struct cfg_image test_image[] = {
	{ .name = "test", .start = image_test_start, .end = image_test_end, .ipa = TEST_BASE },
};

#define TEST_VM_ARG(vcpus, right, argument)                                \
	{                                                                  \
		.name = "test",                                            \
		.cpu_count = (vcpus),                                      \
		.cpu = { 0, 1 },                                           \
		.rights = (right),                                         \
		.fault_virq = 64,                                          \
		.pool_pages = TEST_POOL,                                   \
		.entry = TEST_BASE,                                        \
		.arg = (argument),                                         \
		.region_count = ARRAY_COUNT(test_region),                  \
		.region = test_region,                                     \
		.image_count = ARRAY_COUNT(test_image),                    \
		.image = test_image,                                       \
	}

#define TEST_VM(vcpus, right) TEST_VM_ARG(vcpus, right, 0)

__attribute__((unused)) static const struct cfg_device test_device[] = {
	{
		.name = "edu0",
		.kind = CFG_DEV_PCI,
		.bdf = 2 << 3,
		.unit = 0,
		.sid = 0x10,
		.owner = 0,
		.allow = CFG_ALLOW_NONE,
	},
	{
		.name = "edu1",
		.kind = CFG_DEV_PCI,
		.bdf = 3 << 3,
		.unit = 0,
		.sid = 0x18,
		.owner = CFG_OWNER_NONE,
		.allow = CFG_ALLOW_NONE,
	},
};

#define TEST_SYSTEM(system, cpus, vms)                             \
	{                                                          \
		.name = (system),                                  \
		.board = BOARD((cpus)),               \
		.hyp_ram = HYP_RAM, \
		.sync_timeout_ms = 100,                            \
		.hyp_pool_pages = HYP_POOL,                        \
		.vm_count = ARRAY_COUNT(vms),                      \
		.vm = (vms),                                       \
		.device_count = ARRAY_COUNT(test_device),          \
		.device = test_device,                             \
	}
