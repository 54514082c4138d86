/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message interrupts, both sides: a driver as operating systems write them, devices that send what they were programmed
 * with, and between them a remapping unit that fails the test when a message arrives that we did not make for this very
 * requester. After every access of a guest nothing else may be armed.
 */
#pragma once

#include <arch/msi.h>
#include <hyp/irq.h>
#include <hyp/pci_priv.h>

#include "model/pci_board.h"
#include "model/pci_model.h"
#include "model/pci_msi_model.h"

#define ROOT PCI_MODEL_ROOT
#define A    BOARD_VM_A
#define B    BOARD_VM_B

enum {
	VENDOR_POS = 0x40, MSI_POS = 0x50, PCIE_POS = 0x70, MSIX_POS = 0xb0,
	ENTRIES = 48, SHOWN = 32, TABLE = 0x1000, PBA = 0x3000, CPU_OF_A = 5, UNIT_OF_ALL = 2,
	FIRST = IRQ_MSI_FIRST, ALL = IRQ_UNIT_FIRST - FIRST, DELIVERY_MAX = 64,
};

/* What a guest tells its device: an xAPIC message. */
#define GUEST_ADDR 0xfee01004u
#define ON         0x8000u /* of MSI-X */
#define MASKALL    0x4000u

/* What was asked of the remapping unit. */
struct route {
	bool enabled;
	unsigned unit;
	unsigned cpu;
	sid_t sid;
	struct msi_msg msg;
	irq_fn *fn;
};
extern struct route routes[IRQ_MAX];

/* What partitions got. */
struct delivery {
	const struct vm *vm;
	uint64_t addr;
	uint32_t data;
};
extern struct delivery got[DELIVERY_MAX];
extern unsigned got_count;
void got_is(unsigned vm, uint64_t addr, uint32_t data); /* this one, no other; forgotten then */

extern unsigned route_room; /* then the unit refuses */
extern bool remapped;
extern uint32_t addr_high;  /* of our messages */
extern bool late;           /* interrupts wait in late_irq for whoever takes them */
extern uint32_t late_irq;

/* The functions that are looked after; negative: none. */
extern int fn_a, fn_b, fn_c;

void msi_world_reset(void);  /* an empty machine */
void msi_world_assign(void); /* boot, after board_boot() and board_give() */

/* a: everything, alice. b: only MSI with 32 bits, no PCI Express, bob. c: a small table in one page, alice. */
int msi_world_setup(void **state);

/* A guest: configuration space. Without a partition the owner's. */
unsigned vm_of(int fn);
uint64_t cfg_rd(unsigned vm, int fn, unsigned reg, unsigned size);
void cfg_wr(unsigned vm, int fn, unsigned reg, unsigned size, uint64_t v);
uint32_t rd(int fn, unsigned reg);
uint32_t rd16(int fn, unsigned reg);
void wr(int fn, unsigned reg, uint32_t v);
void wr16(int fn, unsigned reg, uint32_t v);
unsigned cap_find(int fn, unsigned id); /* 0: not in the list */

/* Device memory, as stage 2 has it. False: nothing traps there. */
bool mem(unsigned vm, uint64_t addr, struct mmio *m);
uint64_t mem_rd(int fn, unsigned bar, uint64_t off, unsigned size);
void mem_wr(int fn, unsigned bar, uint64_t off, unsigned size, uint64_t v);

/* The tables of a (in BAR 2) and c (at the start of its BAR 1). */
unsigned table_bar(int fn);
unsigned msix_pos(int fn);
uint64_t entry_at(int fn, unsigned n);
void entry_wr(int fn, unsigned n, unsigned word, uint32_t v);

/* A driver starts: count vectors with data 0x30 …; or one message with data 0x41. */
void msix_up(int fn, unsigned count);
void msi_up(int fn, unsigned pos, bool wide);
