/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What survives a restart of the partition: nothing. Each stage of the test ends with a restart; the only
 * thing that remembers is a scratch register of the edu device. arg: end of the partition's memory, which begins
 * with this image. A transfer of the device takes 100 ms, so one that was just started is still to come after the
 * restart. [I1] [threats 54, 55]
 */
#include "dma.h"

enum { SCRATCH = 0x04, MAGIC = 0x5c, BUSY = 1, DMA_CMD = 0x98, LATE_DMA_US = 200000 };
enum stage { FIRST, SCRUBBED, ARMED_QUIET, ARMED_ENABLED };

extern uint8_t __bss_end[];

static volatile uint32_t loaded = 0x600d1e55; /* comes from the image */
static uintptr_t ram_end;
static volatile uint32_t scribbling;

/* Writes what it reads inverted; registers of the device answer only with memory decoding on. */
static void remember(enum stage next)
{
	mmio_write32(edu.regs + SCRATCH, ~((uint32_t)MAGIC << 24 | tap_count << 8 | next));
}

static enum stage recall(void)
{
	uint32_t v = mmio_read32(edu.regs + SCRATCH);

	if (v >> 24 != MAGIC) {
		return FIRST;
	}
	tap_count = v >> 8 & 0xffff;
	return (enum stage)(v & 0xff);
}

static volatile uint64_t *free_memory(void)
{
	return (volatile uint64_t *)(((uintptr_t)__bss_end + PAGE - 1) & ~(PAGE - 1));
}

/* What the hypervisor itself writes at the end describes the machine to the guest, each time anew. */
static uintptr_t free_end(void)
{
	return ram_end - BOARD_FIRMWARE_SIZE;
}

/* The last page. Not behind a variable: it must be the same in every stage. */
static volatile uint8_t *target(void)
{
	return (volatile uint8_t *)(free_end() - PAGE);
}

/* Never stops by itself: the restart has to. */
static void scribble(uint64_t arg)
{
	volatile uint64_t *p = free_memory();

	for (;;) {
		*p = 0x5c71bb1e;
		scribbling = 1;
	}
}

static struct smmu_object *attach_target(void)
{
	struct smmu_object *sop;

	dma_begin();
	sop = dma_object();
	if (map(sop, SMF_READ | SMF_WRITE, at(target()), PAGE) < 0 || !device_writes(target(), 64)) {
		tap_bail("the device cannot write the target, although it is mapped");
	}
	return sop;
}

/* The device's memory holds something, the target nothing, and a transfer is under way. */
static void arm_and_reset(enum stage next)
{
	attach_target();
	set_bytes(window, 0xab, 64);
	transfer(EDU_FROM_RAM, at(window), 0, 64);
	set_bytes(target(), 0, PAGE);
	remember(next);
	printf("# a transfer to 0x%lx is under way, restarting\n", at(target()));
	edu_dma_start(&edu, EDU_TO_RAM, at(target()), 0, 64, false);
	power_reset();
}

static void first(void)
{
	volatile uint64_t *p;

	attach_target();
	loaded = 0xbad;
	for (p = free_memory(); (uintptr_t)p < free_end(); p++) {
		*p = 0x5ec4e7 + (uintptr_t)p;
	}
	if (vcpu_start(1, scribble, 0) != 0) {
		tap_bail("no second vCPU");
	}
	while (scribbling == 0) {
	}
	remember(SCRUBBED);
	printf("# memory is full of secrets, restarting\n");
	power_reset();
}

static void scrubbed(void)
{
	volatile uint64_t *p;
	unsigned found = 0;

	for (p = free_memory(); (uintptr_t)p < free_end(); p++) {
		if (*p != 0 && found++ < 4) {
			printf("#   0x%lx at 0x%lx\n", *p, (uintptr_t)p);
		}
	}
	tap_is(found, 0, "after a restart: all memory outside the image is zero [threat 54]");
	tap_is(loaded, 0x600d1e55, "and the image is as it was loaded");
	delay_us(10000);
	tap_ok(vcpu_is_off(1) && *free_memory() == 0, "vCPU 1, which was writing, is off");
	arm_and_reset(ARMED_QUIET);
}

static bool busy(void)
{
	return (mmio_read64(edu.regs + DMA_CMD) & BUSY) != 0;
}

static void late_transfer(const char *how)
{
	uint64_t end = time_us() + LATE_DMA_US;
	bool zero = true;

	tap_ok(busy(), "%s: the transfer is still to come", how);
	while (time_us() < end) {
		zero = zero && is_filled(target(), 0, PAGE);
	}
	tap_ok(!busy(), "%s: now it is over", how);
	tap_ok(zero && is_filled(target(), 0, PAGE), "%s: memory of the new run is unharmed [threat 55]", how);
}

/* What the new run finds, before it changes anything, at the device. */
static uint16_t open_quietly(void)
{
	uint16_t command;

	edu.bdf = pci_find(EDU_VENDOR, EDU_DEVICE, 0);
	if (edu.bdf == PCI_NONE) {
		tap_bail("this partition sees no edu device");
	}
	command = pci_read16(edu.bdf, PCI_COMMAND);
	edu.regs = (uintptr_t)pci_bar(edu.bdf, 0);
	pci_write16(edu.bdf, PCI_COMMAND, PCI_COMMAND_MEMORY);
	return command;
}

static void enabled(void)
{
	struct smmu_object *sop;

	pci_enable(edu.bdf);
	late_transfer("bus mastering on again");
	dma_begin();
	tap_ok(refused(EDU_TO_RAM, at(target()), BH_FAULT_BLOCKED) && is_filled(target(), 0, PAGE),
	       "the device is in no object any more");
	sop = dma_object();
	tap_ok(refused(EDU_TO_RAM, at(target()), BH_FAULT_UNMAPPED) && is_filled(target(), 0, PAGE),
	       "a new object: nothing of the old one's mappings");
	tap_is(map(sop, SMF_READ | SMF_WRITE, at(target()), PAGE), 0, "mapped anew");
	tap_ok(device_writes(target(), 64), "and the device writes it");
	tap_done();
}

void guest_main(uint64_t arg)
{
	uint16_t command = open_quietly();
	enum stage stage = recall();

	ram_end = arg;
	printf("# stage %u, command register 0x%x\n", stage, command);
	if (stage != FIRST) {
		tap_is(command & PCI_COMMAND_MASTER, 0, "bus mastering is off");
	}
	switch (stage) {
	case FIRST:
		first();
		break;
	case SCRUBBED:
		scrubbed();
		break;
	case ARMED_QUIET:
		late_transfer("bus mastering off");
		arm_and_reset(ARMED_ENABLED);
		break;
	case ARMED_ENABLED:
		enabled();
		break;
	}
}
