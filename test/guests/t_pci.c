/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated PCI configuration space: only own functions, BARs sizable but not movable onto others, bus
 * mastering controlled, interrupts by MSI hidden or only the guest's own, nothing reserved writable.
 * [threats 31, 33, 39, 57, 59]
 */
#include "dma.h"

enum { PCI_CLASS = 0x08, PCI_CACHE_LINE = 0x0c, PCI_HEADER = 0x0e, PCI_ROM = 0x30, PCI_SUBSYSTEM = 0x2c,
       CAP_LIMIT = 48, PCI_STATUS_CAPS = 0x10, MSI_SIZE = 24 };

/* Beyond all pins, where an architecture has messages. */
enum { IRQ_MSI_A = 100, IRQ_MSI_B = 101 };

static void test_visible(void)
{
	uint32_t bdf, bridges = 0, edus = 0, others = 0;

	for (bdf = 0; bdf < 0x10000; bdf++) {
		uint32_t id = pci_read32(bdf, 0);

		if (id == ~0u) {
			continue;
		}
		if (id == ((uint32_t)EDU_DEVICE << 16 | EDU_VENDOR)) {
			edus++;
		} else if ((pci_read32(bdf, PCI_CLASS) >> 16) == 0x0600) {
			bridges++;
		} else {
			others++;
			printf("# sees %02x:%02x.%u: %08x\n", bdf >> 8, bdf >> 3 & 31, bdf & 7, id);
		}
	}
	tap_is(edus, 1, "sees its own edu, not the other one");
	tap_is(others, 0, "sees no function of anybody else");
	tap_ok(bridges <= 1, "at most one host bridge (%u)", bridges);
	tap_is(pci_read32(3 << 3, 0), ~0u, "00:03.0: all ones");
	tap_is(pci_read16(3 << 3, 2), 0xffff, "00:03.0: 16 bits, all ones");
	tap_is(pci_read8(3 << 3, 1), 0xff, "00:03.0: 8 bits, all ones");
	pci_write32(3 << 3, PCI_BAR0, 0);
	tap_is(pci_read32(3 << 3, PCI_BAR0), ~0u, "00:03.0: writes go nowhere");
	tap_is(pci_read32(1 << 3, 0), ~0u, "an empty slot: all ones");
}

static void test_bar(void)
{
	uint64_t base = pci_bar(edu.bdf, 0);
	uint32_t moved;

	tap_is((int64_t)pci_bar_size(edu.bdf, 0), MIB, "BAR 0 says 1 MiB when asked");
	tap_is((int64_t)pci_bar(edu.bdf, 0), (int64_t)base, "and has its address again afterwards");
	tap_is(mmio_read32(base) & 0xff, 0xed, "the registers are there");
	pci_write32(edu.bdf, PCI_BAR0, BOARD_IOMMU_BASE & ~0xfffffu);
	moved = (uint32_t)mmio_read32(base);
	tap_is(moved & 0xff, 0xed, "BAR pointed at the SMMU: the device stays where it is [threat 59]");
	pci_write32(edu.bdf, PCI_BAR0, (uint32_t)base);
	tap_is((int64_t)pci_bar(edu.bdf, 0), (int64_t)base, "BAR written back");
	tap_is(pci_read32(edu.bdf, PCI_BAR0 + 4), 0, "BAR 1 does not exist");
	pci_write32(edu.bdf, PCI_BAR0 + 4, ~0u);
	tap_is(pci_read32(edu.bdf, PCI_BAR0 + 4), 0, "and cannot be made");
	pci_write32(edu.bdf, PCI_ROM, ~0u);
	tap_is(pci_read32(edu.bdf, PCI_ROM) & ~0x7ffu, 0, "no expansion ROM");
}

static void test_command(struct smmu_object *sop)
{
	uint16_t command = pci_read16(edu.bdf, PCI_COMMAND);

	tap_is(command & 6, 6, "memory decoding and bus mastering are on, as asked");
	pci_write16(edu.bdf, PCI_COMMAND, PCI_COMMAND_MEMORY);
	tap_is(pci_read16(edu.bdf, PCI_COMMAND) & 6, PCI_COMMAND_MEMORY, "bus mastering off");
	tap_ok(!device_writes(window + 128, 16), "bus mastering off: no DMA");
	pci_write16(edu.bdf, PCI_COMMAND, 0xffff);
	tap_is(pci_read16(edu.bdf, PCI_COMMAND) & 7, 6, "all ones: no I/O decoding");
	tap_ok(device_writes(window + 128, 16), "bus mastering on again: DMA works");
	pci_write16(edu.bdf, PCI_COMMAND, command); /* all ones had disabled INTx, too */
	drain_faults(NULL);
}

static void test_capabilities(void)
{
	uint8_t next = pci_read8(edu.bdf, PCI_CAPABILITIES) & 0xfc;
	unsigned n, msi = 0;

	if ((pci_read16(edu.bdf, PCI_STATUS) & PCI_STATUS_CAPS) == 0) {
		next = 0;
	}
	for (n = 0; n < CAP_LIMIT && next != 0; n++) {
		uint8_t id = pci_read8(edu.bdf, next);

		msi += id == PCI_CAP_MSI || id == PCI_CAP_MSIX ? 1 : 0;
		next = pci_read8(edu.bdf, next + 1u) & 0xfc;
	}
	tap_ok(n < CAP_LIMIT, "the list of capabilities ends (%u)", n);
	tap_is(msi, BOARD_MSI ? 1 : 0, BOARD_MSI ? "one MSI capability" : "no MSI or MSI-X: hidden [threat 39]");
	tap_ok(pci_read32(edu.bdf, 0x100) == ~0u || pci_read32(edu.bdf, 0x100) == 0, "no extended capabilities");
}

static void test_writes(void)
{
	static const uint16_t fixed[] = { 0x00, 0x08, 0x2c, PCI_CAPABILITIES };
	unsigned i, off, changed = 0, msi = pci_capability(edu.bdf, PCI_CAP_MSI);
	uint8_t line = pci_read8(edu.bdf, PCI_INTERRUPT_LINE);

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		uint32_t before = pci_read32(edu.bdf, fixed[i]);

		pci_write32(edu.bdf, fixed[i], ~before);
		tap_is(pci_read32(edu.bdf, fixed[i]), before, "a read-only register is");
	}
	for (off = 0x40; off < 0x1000; off += 4) {
		uint32_t before = pci_read32(edu.bdf, off);

		if (msi != 0 && off >= msi && off < msi + MSI_SIZE) {
			continue;
		}
		pci_write32(edu.bdf, off, 0xa5a5a5a5);
		changed += pci_read32(edu.bdf, off) != before ? 1 : 0;
	}
	tap_is(changed, 0, "nothing behind the header is writable, but for MSI");
	tap_ok(pci_irq(edu.bdf) >= IRQ_SHARED_FIRST, "interrupt line: a shared interrupt (%u)", line);
	tap_is((int64_t)pci_read8(edu.bdf, 1) << 8 | pci_read8(edu.bdf, 0), EDU_VENDOR, "byte accesses");
	tap_is(pci_read16(edu.bdf, 2), EDU_DEVICE, "16-bit accesses");
}

static volatile uint32_t intx;

static void on_intx(uint32_t irq)
{
	intx++;
	edu_irq_ack(&edu, edu_irq_status(&edu));
}

static void test_intx(void)
{
	uint32_t irq = pci_irq(edu.bdf);

	irq_handler(irq, on_intx);
	irq_set_edge(irq, false);
	irq_enable(irq);
	edu_irq_raise(&edu, 1);
	tap_ok(wait_flag(&intx, 1000000), "INTx arrives");
	delay_us(10000);
	tap_is(intx, 1, "once: acknowledged at the device");
	intx = 0;
	edu_dma_start(&edu, EDU_TO_RAM, at(window), 0, 16, true);
	tap_ok(wait_flag(&intx, 2000000), "INTx at the end of a transfer");
	irq_disable(irq);
	intx = 0;
	edu_irq_raise(&edu, 1);
	delay_us(10000);
	tap_is(intx, 0, "disabled: does not arrive");
	irq_enable(irq);
	tap_ok(wait_flag(&intx, 1000000), "enabled: does");
	delay_us(10000);
	tap_is(intx, 1, "once");
}

static volatile uint32_t messages[2], strays;

static void on_message(uint32_t irq)
{
	messages[irq - IRQ_MSI_A]++;
	edu_irq_ack(&edu, edu_irq_status(&edu));
}

static void on_stray(uint32_t irq)
{
	strays++;
}

/* One message of the device, wherever its driver says that it goes. */
static void send(uint64_t addr, uint32_t data)
{
	messages[0] = messages[1] = intx = strays = 0;
	pci_msi_enable(edu.bdf, addr, data);
	edu_irq_raise(&edu, 1);
	delay_us(20000);
	edu_irq_ack(&edu, edu_irq_status(&edu));
	delay_us(20000); /* INTx, if it is on, would be down by now */
}

static bool nothing_came(void)
{
	return messages[0] == 0 && messages[1] == 0 && intx == 0 && strays == 0;
}

/* The guest writes what it likes; what the device sends goes to the guest's own vCPUs or nowhere. */
static void test_msi(void)
{
	uint64_t good = BOARD_MSI_ADDRESS(0ul);
	uint32_t data = BOARD_MSI_DATA(IRQ_MSI_A), irq;

	if (!BOARD_MSI) {
		return;
	}
	for (irq = 0; irq < IRQ_MAX; irq++) {
		if (irq != pci_irq(edu.bdf) && irq != IRQ_TIMER) {
			irq_handler(irq, irq == IRQ_MSI_A || irq == IRQ_MSI_B ? on_message : on_stray);
		}
	}
	send(good, data);
	tap_ok(messages[0] == 1 && messages[1] == 0 && intx == 0, "MSI: arrives, once, and no INTx with it");
	send(good, BOARD_MSI_DATA(IRQ_MSI_B));
	tap_ok(messages[0] == 0 && messages[1] == 1, "MSI: another vector");
	send(BOARD_MSI_ADDRESS(200ul), data);
	tap_ok(nothing_came(), "MSI to a CPU that the partition has not: nothing comes [threat 39]");
	send(good, 5);
	tap_ok(nothing_came(), "MSI with the vector of an exception: nothing comes");
	set_bytes(window, 0x66, 64);
	send(at(window), data);
	tap_ok(nothing_came() && is_filled(window, 0x66, 64), "MSI to memory: nothing comes, nothing is written");
	send(BOARD_HYP_BASE, data);
	tap_ok(nothing_came(), "MSI to the hypervisor's memory: nothing comes");
	send(good | 1ul << 63, data);
	tap_ok(nothing_came(), "MSI far above 4 GiB: nothing comes");
	send(good | 1ul << 4, data); /* remappable format: an index into the unit's table */
	tap_ok(strays == 0, "MSI in the format of remapped ones: nothing else comes");
	for (irq = 0; irq < 256; irq++) {
		pci_msi_enable(edu.bdf, good, irq << 8 | irq); /* every vector and kind: only told, not sent */
	}
	send(good, data);
	tap_is(messages[0], 1, "MSI as it should be: arrives");
	pci_msi_disable(edu.bdf);
	intx = 0;
	edu_irq_raise(&edu, 1);
	tap_ok(wait_flag(&intx, 1000000), "MSI off: INTx arrives");
	drain_faults(NULL);
}

void guest_main(uint64_t arg)
{
	struct smmu_object *sop;

	dma_begin();
	sop = dma_object();
	test_visible();
	test_bar();
	test_command(sop);
	test_capabilities();
	test_writes();
	test_intx();
	test_msi();
	smmu_fini();
	tap_done();
}
