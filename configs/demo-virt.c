/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demonstration on QEMU virt: `driver` owns the edu device and does DMA, `monitor` is told of every
 * refused access, `bystander` owns memory that nobody else may reach. Start QEMU with -device edu,addr=02.0
 */
#include <hyp/pool.h>

#include "board_virt.h"

extern const uint8_t image_driver_start[], image_driver_end[];
extern const uint8_t image_monitor_start[], image_monitor_end[];
extern const uint8_t image_bystander_start[], image_bystander_end[];

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

static const struct cfg_region driver_region[] = {
	{ .name = "ram", .ipa = 0x50000000, .pa = 0x50000000, .size = MIB(64), .prot = RWX },
};

static const struct cfg_image driver_image[] = {
	{ .name = "driver", .start = image_driver_start, .end = image_driver_end, .ipa = 0x50000000 },
};

static const struct cfg_region monitor_region[] = {
	{ .name = "ram", .ipa = 0x58000000, .pa = 0x58000000, .size = MIB(16), .prot = RWX },
};

static const struct cfg_image monitor_image[] = {
	{ .name = "monitor", .start = image_monitor_start, .end = image_monitor_end, .ipa = 0x58000000 },
};

static const struct cfg_region bystander_region[] = {
	{ .name = "ram", .ipa = 0x5c000000, .pa = 0x5c000000, .size = MIB(16), .prot = RWX },
};

static const struct cfg_image bystander_image[] = {
	{ .name = "bystander", .start = image_bystander_start, .end = image_bystander_end, .ipa = 0x5c000000 },
};

enum { DRIVER, MONITOR, BYSTANDER };

static const struct cfg_vm vm[] = {
	[DRIVER] = {
		.name = "driver",
		.cpu_count = 2,
		.cpu = { 0, 3 },
		.rights = CFG_VM_ATTACH,
		.fault_virq = 64,
		.pool_pages = 64,
		.entry = 0x50000000,
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
		.entry = 0x58000000,
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
		.entry = 0x5c000000,
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
	.name = "demo-virt",
	.board = BOARD_VIRT(4, GIB(1)),
	.hyp_ram = { .base = 0x40200000, .size = 0x600000 },
	.sync_timeout_ms = 100,
	.hyp_pool_pages = 16,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
	.device_count = ARRAY_COUNT(device),
	.device = device,
};
