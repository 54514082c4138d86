/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU virt's host bridge, three partitions and what hyp/pci*.c calls in the rest of the core, for their tests. */
#pragma once

#include <hyp/config.h>
#include <hyp/vm.h>

enum { BOARD_VM_A, BOARD_VM_B, BOARD_VM_C, BOARD_VM_COUNT, BOARD_MAP_MAX = 64 };

#define EDU         0x11e81234u
#define EDU_CLASS   0x00ff0010u
#define DEVFN(d, f) ((unsigned)(d) << 3 | (unsigned)(f))

#define BOARD_ECAM   0x4010000000ull
#define BOARD_MEM32  0x10000000ull
#define BOARD_MEM32_END 0x3ef00000ull /* in whole MiB */
#define BOARD_MEM64  0x8000000000ull

extern struct board_pci board_host;
extern struct hyp_config board_cfg;

struct board_map {
	const struct vm *vm;
	uint64_t base;
	uint64_t size;
};

extern struct board_map board_maps[BOARD_MAP_MAX]; /* what was given to which partition */
extern unsigned board_map_count;
extern unsigned board_trap_count[BOARD_VM_COUNT];

/* A fresh machine: the model is empty, no device is configured. */
void board_reset(void);

/* Configures a device; owner: BOARD_VM_… or CFG_OWNER_NONE. */
void board_device(const char *name, uint16_t bdf, uint8_t owner);

void board_boot(void);          /* pci_init(), which must succeed */
unsigned board_assign(void);    /* pci_assign() */
uint16_t board_bdf(int fn);     /* where the model's function is now */
int board_edu(int parent, unsigned dev); /* a device with one BAR of 1 MiB; its index in the model */
void board_give(const char *name, int fn, uint8_t owner); /* configures the model's function where it is now */
bool board_vm_reaches(unsigned vm, uint64_t addr); /* through stage 2 */
const struct vm *board_irq_owner(uint32_t irq);
