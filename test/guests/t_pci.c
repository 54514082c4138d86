/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated PCI configuration space: only own functions, BARs sizable but not movable onto others, bus
 * mastering controlled, interrupts by MSI hidden, nothing reserved writable. [threats 31, 33, 39, 57, 59]
 */
#include "dma.h"

enum { PCI_CLASS = 0x08, PCI_CACHE_LINE = 0x0c, PCI_HEADER = 0x0e, PCI_ROM = 0x30, PCI_SUBSYSTEM = 0x2c,
       CAP_MSI = 0x05, CAP_MSIX = 0x11, CAP_LIMIT = 48, PCI_STATUS_CAPS = 0x10 };

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
	pci_write32(edu.bdf, PCI_BAR0, VIRT_SMMU_BASE & ~0xfffffu);
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

		msi += id == CAP_MSI || id == CAP_MSIX ? 1 : 0;
		next = pci_read8(edu.bdf, next + 1u) & 0xfc;
	}
	tap_ok(n < CAP_LIMIT, "the list of capabilities ends (%u)", n);
	tap_is(msi, 0, "no MSI or MSI-X: hidden [threat 39]");
	tap_ok(pci_read32(edu.bdf, 0x100) == ~0u || pci_read32(edu.bdf, 0x100) == 0, "no extended capabilities");
}

static void test_writes(void)
{
	static const uint16_t fixed[] = { 0x00, 0x08, 0x2c, PCI_CAPABILITIES };
	unsigned i, off, changed = 0;
	uint8_t line = pci_read8(edu.bdf, PCI_INTERRUPT_LINE);

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		uint32_t before = pci_read32(edu.bdf, fixed[i]);

		pci_write32(edu.bdf, fixed[i], ~before);
		tap_is(pci_read32(edu.bdf, fixed[i]), before, "a read-only register is");
	}
	for (off = 0x40; off < 0x1000; off += 4) {
		uint32_t before = pci_read32(edu.bdf, off);

		pci_write32(edu.bdf, off, 0xa5a5a5a5);
		changed += pci_read32(edu.bdf, off) != before ? 1 : 0;
	}
	tap_is(changed, 0, "nothing behind the header is writable");
	tap_ok(pci_irq(edu.bdf) >= IRQ_SPI_FIRST, "interrupt line: an SPI number (%u)", line);
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
	smmu_fini();
	tap_done();
}
