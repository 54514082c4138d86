/* SPDX-License-Identifier: Apache-2.0 */
/* The fullest machine: eight CPUs, a partition on each, none with a device. */
#include <hyp/pool.h>

#include "board.h"

enum { HYP_PAGES = 64, VM_PAGES = 8 };

HYP_POOL_ARENA(HYP_PAGES + 8 * VM_PAGES);

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

/* Partition n: 8 MiB at RAM(0x10000000 + n * 0x1000000), one virtual CPU on CPU n. */
#define SPINNER_BASE(n) RAM(0x10000000 + (n) * 0x1000000)
#define SPINNER(n)                                                                                         \
	extern const uint8_t image_p##n##_start[], image_p##n##_end[];                                     \
	static const struct cfg_region region_##n[] = {                                                    \
		{ .name = "ram", .ipa = SPINNER_BASE(n), .pa = SPINNER_BASE(n), .size = MIB(8), .prot = RWX }, \
	};                                                                                                 \
	static const struct cfg_image image_##n[] = {                                                      \
		{ .name = "p" #n, .start = image_p##n##_start, .end = image_p##n##_end, .ipa = SPINNER_BASE(n) }, \
	}
#define SPINNER_VM(n)                      \
	{                                  \
		.name = "p" #n,            \
		.cpu_count = 1,            \
		.cpu = { (n) },            \
		.pool_pages = VM_PAGES,    \
		.entry = SPINNER_BASE(n),  \
		.region_count = 1,         \
		.region = region_##n,      \
		.image_count = 1,          \
		.image = image_##n,        \
	}

SPINNER(0);
SPINNER(1);
SPINNER(2);
SPINNER(3);
SPINNER(4);
SPINNER(5);
SPINNER(6);
SPINNER(7);

static const struct cfg_vm vm[] = {
	SPINNER_VM(0), SPINNER_VM(1), SPINNER_VM(2), SPINNER_VM(3),
	SPINNER_VM(4), SPINNER_VM(5), SPINNER_VM(6), SPINNER_VM(7),
};

const struct hyp_config hyp_config = {
	.name = "eight",
	.board = BOARD(8),
	.hyp_ram = HYP_RAM,
	.sync_timeout_ms = 100,
	.hyp_pool_pages = HYP_PAGES,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
};
