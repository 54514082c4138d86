/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with rings of its own and a table of messages, an NVMe controller: its queues are mapped through the unit, a
 * command (identify) completes by MSI-X, masked vectors wait, and a queue that is not mapped stops the device and
 * nothing else. QEMU needs -device nvme,serial=bulkhead,addr=4.0 [NVM Express 1.4] [PCIe 7.7.2] [threat 39]
 */
#include <bulkhead/ext.h>

#include "tap.h"

enum { NVME_VENDOR = 0x1b36,
       NVME_DEVICE = 0x0010,
       PAGE_SIZE = 4096,
       DEPTH = 8 };

/* Registers [3.1] */
enum { CAP = 0x00,
       CC = 0x14,
       CSTS = 0x1c,
       AQA = 0x24,
       ASQ = 0x28,
       ACQ = 0x30,
       DOORBELL = 0x1000 };
#define CC_ENABLE (1u | 6u << 16 | 4u << 20) /* entries of 64 and 16 bytes */
enum { CSTS_READY = 1,
       CSTS_FATAL = 2,
       ADMIN_IDENTIFY = 6,
       IDENTIFY_CONTROLLER = 1,
       SERIAL_AT = 4 };

enum { MSIX_ID = 0x11,
       MSIX_CONTROL = 2,
       MSIX_TABLE = 4,
       MSIX_PBA = 8,
       MSIX_ENABLE = 0x8000,
       MSIX_MASK = 0x4000,
       ENTRY = 16,
       MESSAGE = 96,
       WAIT_US = 500000 };

static volatile uint32_t submissions[DEPTH][16] GUEST_PAGE;
static volatile uint32_t completions[DEPTH][4] GUEST_PAGE;
static uint8_t identity[PAGE_SIZE] GUEST_PAGE;
static uint8_t unmapped[PAGE_SIZE] GUEST_PAGE;

static volatile uint32_t came;
static uint32_t bdf;
static uintptr_t regs, table, pba;
static unsigned cap, tail, head, vectors;
static bool phase;

static void on_message(uint32_t irq)
{
	came++;
}

static void settle(void)
{
	static const volatile uint32_t never;

	wait_flag(&never, 3000);
}

/* --- the device --------------------------------------------------------------------------------------------------- */

static bool ready_is(uint32_t want)
{
	uint64_t end = time_us() + WAIT_US;

	while ((mmio_read32(regs + CSTS) & CSTS_READY) != want) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}

static bool nvme_start(void)
{
	mmio_write32(regs + CC, 0);
	if (!ready_is(0)) {
		return false;
	}
	memset((void *)(uintptr_t)completions, 0, sizeof(completions));
	tail = 0;
	head = 0;
	phase = true;
	mmio_write32(regs + AQA, (DEPTH - 1) << 16 | (DEPTH - 1));
	mmio_write32(regs + ASQ, (uint32_t)(uintptr_t)submissions);
	mmio_write32(regs + ASQ + 4, 0);
	mmio_write32(regs + ACQ, (uint32_t)(uintptr_t)completions);
	mmio_write32(regs + ACQ + 4, 0);
	mmio_write32(regs + CC, CC_ENABLE);
	return ready_is(CSTS_READY);
}

static void identify_start(const void *to)
{
	volatile uint32_t *s = submissions[tail];

	for (unsigned i = 0; i < 16; i++) {
		s[i] = 0;
	}
	s[0] = ADMIN_IDENTIFY | (tail + 1) << 16;
	s[6] = (uint32_t)(uintptr_t)to;
	s[10] = IDENTIFY_CONTROLLER;
	tail = (tail + 1) % DEPTH;
	cpu_sync();
	mmio_write32(regs + DOORBELL, tail);
}

/* The status of the next completion, or -1: none came. */
static int completion(void)
{
	uint64_t end = time_us() + WAIT_US;
	uint32_t last;

	do {
		last = completions[head][3];
		if (time_us() > end) {
			return -1;
		}
		settle();
	} while ((last >> 16 & 1) != (phase ? 1 : 0));
	cpu_sync();
	head = (head + 1) % DEPTH;
	phase = head == 0 ? !phase : phase;
	mmio_write32(regs + DOORBELL + 4, head);
	return (int)(last >> 17);
}

static bool is_identity(void)
{
	return memcmp(identity + SERIAL_AT, "bulkhead", 8) == 0;
}

static bool identified(void)
{
	memset(identity, 0, sizeof(identity));
	identify_start(identity);
	return completion() == 0 && is_identity();
}

/* --- MSI-X -------------------------------------------------------------------------------------------------------- */

static void control(uint16_t v)
{
	pci_write16(bdf, cap + MSIX_CONTROL, v);
}

static void entry_set(unsigned n, uint64_t addr, uint32_t data, bool masked)
{
	mmio_write32(table + n * ENTRY + 12, 1);
	mmio_write32(table + n * ENTRY, (uint32_t)addr);
	mmio_write32(table + n * ENTRY + 4, (uint32_t)(addr >> 32));
	mmio_write32(table + n * ENTRY + 8, data);
	mmio_write32(table + n * ENTRY + 12, masked ? 1 : 0);
}

/* BAR and offset in it. */
static uintptr_t place(unsigned reg)
{
	uint32_t v = pci_read32(bdf, cap + reg);

	return (uintptr_t)pci_bar(bdf, v & 7) + (v & ~7u);
}

static void test_table(void)
{
	unsigned good = 0;

	for (unsigned pos = pci_read8(bdf, PCI_CAPABILITIES), n = 0; pos != 0 && n < 48 && cap == 0; n++) {
		cap = pci_read8(bdf, pos) == MSIX_ID ? pos : 0;
		pos = pci_read8(bdf, pos + 1);
	}
	if (cap == 0) {
		tap_bail("the device shows no MSI-X capability");
	}
	vectors = (pci_read16(bdf, cap + MSIX_CONTROL) & 0x7ffu) + 1;
	table = place(MSIX_TABLE);
	pba = place(MSIX_PBA);
	tap_ok(vectors >= 1 && vectors <= 64, "MSI-X: %u vectors, table at 0x%lx", vectors, table);
	tap_is(pci_read16(bdf, cap + MSIX_CONTROL) & (MSIX_ENABLE | MSIX_MASK), 0, "off, and no function mask");
	for (unsigned n = 0; n < vectors; n++) {
		good += mmio_read32(table + n * ENTRY + 12) == 1 ? 1 : 0;
		entry_set(n, 0xfee00003 + n * 4096ul, 0x1000 + n, true);
	}
	tap_is(good, vectors, "every entry begins masked");
	good = 0;
	for (unsigned n = 0; n < vectors; n++) {
		good += mmio_read64(table + n * ENTRY) == 0xfee00000 + n * 4096ul &&
					mmio_read32(table + n * ENTRY + 8) == 0x1000 + n
				? 1
				: 0;
	}
	tap_is(good, vectors, "every entry keeps what was written, without the address's low bits");
	mmio_write32(table + vectors * ENTRY, 0xfee00000);
	tap_ok(mmio_read32(table + vectors * ENTRY) == 0, "behind the table: nothing");
	mmio_write32(pba, ~0u);
	tap_is(mmio_read32(pba), 0, "the pending bits cannot be written");
	pci_write32(bdf, cap + MSIX_TABLE, 0);
	tap_ok(pci_read32(bdf, cap + MSIX_TABLE) != 0 || pci_read32(bdf, cap + MSIX_PBA) != 0, "nor where they are");
}

static uint32_t came_by(bool want_identity)
{
	uint32_t before = came;

	if (identified() != want_identity) {
		printf("#   identify failed\n");
	}
	settle();
	return came - before;
}

static void test_messages(void)
{
	irq_handler(MESSAGE, on_message);
	entry_set(0, 0xfee00000, irq_vector(MESSAGE), false);
	control(MSIX_ENABLE);
	tap_ok(nvme_start(), "the controller starts");
	tap_is(came_by(true), 1, "identify: its data, and one message");
	entry_set(0, 0xfee00000, irq_vector(MESSAGE), true);
	tap_is(came_by(true), 0, "the entry masked: no message");
	tap_is(mmio_read32(pba) & 1, 1, "but it is pending");
	mmio_write32(table + 12, 0);
	settle();
	tap_is(came, 2, "unmasked: now it comes");
	control(MSIX_ENABLE | MSIX_MASK);
	tap_is(came_by(true), 0, "the function masked: no message");
	control(MSIX_ENABLE);
	settle();
	tap_is(came, 3, "unmasked: now it comes");
	control(0);
	tap_is(came_by(true), 0, "MSI-X off: no message");
	control(MSIX_ENABLE);
	settle();
	came = 0;
	entry_set(0, 0xfee00000 | 0x10 | 36 << 5, 0, false); /* a format of the machine's, the console's line */
	(void)came_by(true);
	entry_set(0, (uintptr_t)unmapped, 0x1234, false);
	(void)came_by(true);
	tap_ok(came == 0 && unmapped[0] == 0 && unmapped[1] == 0, "odd entries: nothing comes, nothing is written");
	entry_set(0, 0xfee00000, irq_vector(MESSAGE), false);
	tap_is(came_by(true), 1, "and messages still come");
}

/* --- DMA ---------------------------------------------------------------------------------------------------------- */

static int map(struct smmu_object *sop, unsigned flags, const volatile void *p)
{
	struct smmu_map_entry e = { .phys = (uintptr_t)p, .len = PAGE_SIZE };

	return smmu_mapping_add(sop, flags, 0, 1, &e, 0);
}

static bool fault_at(uintptr_t addr)
{
	struct bh_fault f;
	bool found = false;

	settle();
	while (bh_xfer_status(&f) == 0) {
		found |= f.devid.type == SDT_PCI && f.devid.pci.dev == bdf >> 3 && (f.addr & ~0xffful) == addr;
	}
	return found;
}

static void test_refused(struct smmu_object *sop)
{
	memset(unmapped, 0x5a, sizeof(unmapped));
	identify_start(unmapped);
	(void)completion();
	tap_ok(fault_at((uintptr_t)unmapped) && unmapped[SERIAL_AT] == 0x5a, "data to a page that is not mapped");
	identify_start((void *)BOARD_RAM(0x18000000));
	(void)completion();
	tap_ok(fault_at(BOARD_RAM(0x18000000)), "to another partition's memory: refused");
	identify_start((void *)BOARD_HYP_BASE);
	(void)completion();
	tap_ok(fault_at(BOARD_HYP_BASE), "to the hypervisor's: refused");
	tap_ok(identified(), "the device still works");
	tap_is(map(sop, SMF_NONE, submissions), 0, "the queue is taken away");
	identify_start(identity);
	settle();
	tap_ok(fault_at((uintptr_t)submissions), "the device cannot read its commands any more");
	tap_is(map(sop, SMF_READ, submissions), 0, "given back");
	tap_ok(nvme_start() && identified(), "after a reset of its own it works again");
}

void guest_main(uint64_t arg)
{
	union smmu_devid id = { .pci = { SDT_PCI, 0, 4, 0 } };
	struct smmu_object *sop;
	struct sigevent ev = { 0 };

	SIGEV_VIRQ_INIT(&ev);
	bdf = pci_find(NVME_VENDOR, NVME_DEVICE, 0);
	if (bdf == PCI_NONE || smmu_init(0) < 0 || smmu_xfer_notify(&ev) < 0) {
		tap_bail("no NVMe controller");
	}
	regs = (uintptr_t)pci_bar(bdf, 0);
	pci_enable(bdf);
	sop = smmu_obj_create(0);
	if (sop == NULL || smmu_device_add_generic(sop, &id) < 0 || map(sop, SMF_READ, submissions) < 0 ||
	    map(sop, SMF_WRITE, completions) < 0 || map(sop, SMF_WRITE, identity) < 0) {
		tap_bail("no object with the device and its queues");
	}
	test_table();
	test_messages();
	test_refused(sop);
	tap_done();
}
