/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demonstration: `driver` owns the edu device and does DMA, `monitor` is told of every refused access, `bystander`
 * owns memory that nobody else may reach. Start QEMU with -device edu,addr=02.0
 */
#pragma once

#include <hyp/pool.h>

#include "board.h"

extern const uint8_t image_driver_start[], image_driver_end[];
extern const uint8_t image_monitor_start[], image_monitor_end[];
extern const uint8_t image_bystander_start[], image_bystander_end[];

/* configs/demo.mk links the images at the same places. */
#define DRIVER_BASE    RAM(0x10000000)
#define MONITOR_BASE   RAM(0x18000000)
#define BYSTANDER_BASE RAM(0x1c000000)

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

enum { DRIVER, MONITOR, BYSTANDER };

static const struct cfg_region driver_region[] = {
	{ .name = "ram", .ipa = DRIVER_BASE, .pa = DRIVER_BASE, .size = MIB(64), .prot = RWX },
	LOW_REGION(DRIVER)
};

static const struct cfg_image driver_image[] = {
	{ .name = "driver", .start = image_driver_start, .end = image_driver_end, .ipa = DRIVER_BASE },
};

static const struct cfg_region monitor_region[] = {
	{ .name = "ram", .ipa = MONITOR_BASE, .pa = MONITOR_BASE, .size = MIB(16), .prot = RWX },
};

static const struct cfg_image monitor_image[] = {
	{ .name = "monitor", .start = image_monitor_start, .end = image_monitor_end, .ipa = MONITOR_BASE },
};

static const struct cfg_region bystander_region[] = {
	{ .name = "ram", .ipa = BYSTANDER_BASE, .pa = BYSTANDER_BASE, .size = MIB(16), .prot = RWX },
};

static const struct cfg_image bystander_image[] = {
	{ .name = "bystander", .start = image_bystander_start, .end = image_bystander_end, .ipa = BYSTANDER_BASE },
};

static const struct cfg_vm vm[] = {
	[DRIVER] = {
		.name = "driver",
		.cpu_count = 2,
		.cpu = { 0, 3 },
		.rights = CFG_VM_ATTACH,
		.fault_virq = 64,
		.pool_pages = 64,
		.entry = DRIVER_BASE,
		.region_count = ARRAY_COUNT(driver_region),
		.region = driver_region,
		.image_count = ARRAY_COUNT(driver_image),
		.image = driver_image,
	},
	[MONITOR] = {
		.name = "monitor",
		.cpu_count = 1,
		.cpu = { 1 },
		.rights = CFG_VM_ATTACH | CFG_VM_MONITOR,
		.fault_virq = 64,
		.pool_pages = 32,
		.entry = MONITOR_BASE,
		.region_count = ARRAY_COUNT(monitor_region),
		.region = monitor_region,
		.image_count = ARRAY_COUNT(monitor_image),
		.image = monitor_image,
	},
	[BYSTANDER] = {
		.name = "bystander",
		.cpu_count = 1,
		.cpu = { 2 },
		.pool_pages = 16,
		.entry = BYSTANDER_BASE,
		.region_count = ARRAY_COUNT(bystander_region),
		.region = bystander_region,
		.image_count = ARRAY_COUNT(bystander_image),
		.image = bystander_image,
	},
};

static const struct cfg_device device[] = {
	{
		.name = "edu0",
		.kind = CFG_DEV_PCI,
		.bdf = 2 << 3, /* 00:02.0 */
		.unit = 0,
		.sid = 0x10,
		.owner = DRIVER,
		.allow = CFG_ALLOW_NONE,
	},
};

/* Page-table pages: ours, driver, monitor, bystander. */
HYP_POOL_ARENA(16 + 64 + 32 + 16);

const struct hyp_config hyp_config = {
	.name = "demo-" MACHINE,
	.board = BOARD(4),
	.hyp_ram = HYP_RAM,
	.sync_timeout_ms = 100,
	.hyp_pool_pages = 16,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
	.device_count = ARRAY_COUNT(device),
	.device = device,
};
