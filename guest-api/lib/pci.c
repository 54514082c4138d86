/* SPDX-License-Identifier: Apache-2.0 */
/* PCI configuration space through the ECAM window, and the few steps every driver begins with. Owns nothing. */
#include <bulkhead/guest.h>

enum { PCI_BUSES = 256, PCI_FUNCTIONS = 256, BAR_IO = 1, BAR_64 = 4, BAR_TYPE = 6, NO_IRQ = 0xff };

/* MSI capability [PCIe 7.7.1]; a list of capabilities has at most 48 entries. */
enum { STATUS_CAPABILITIES = 1 << 4, CAPABILITY_MAX = 48, MSI_CONTROL = 2, MSI_ADDRESS = 4, MSI_CONTROL_ENABLE = 1,
       MSI_CONTROL_64BIT = 1 << 7 };

static uintptr_t cfg(uint32_t bdf, unsigned off)
{
	return BOARD_ECAM_BASE + ((uintptr_t)bdf << 12) + off;
}

uint8_t pci_read8(uint32_t bdf, unsigned off)
{
	return mmio_read8(cfg(bdf, off));
}

uint16_t pci_read16(uint32_t bdf, unsigned off)
{
	return mmio_read16(cfg(bdf, off));
}

uint32_t pci_read32(uint32_t bdf, unsigned off)
{
	return mmio_read32(cfg(bdf, off));
}

void pci_write8(uint32_t bdf, unsigned off, uint8_t v)
{
	mmio_write8(cfg(bdf, off), v);
}

void pci_write16(uint32_t bdf, unsigned off, uint16_t v)
{
	mmio_write16(cfg(bdf, off), v);
}

void pci_write32(uint32_t bdf, unsigned off, uint32_t v)
{
	mmio_write32(cfg(bdf, off), v);
}

/*
 * Every function number is asked, not only those a multifunction bit announces: the one a partition owns may
 * be function 3 of a slot whose function 0 is somebody else's.
 */
uint32_t pci_find(uint16_t vendor, uint16_t device, unsigned index)
{
	uint32_t want = (uint32_t)device << 16 | vendor;
	uint32_t bdf;

	for (bdf = 0; bdf < (uint32_t)PCI_BUSES * PCI_FUNCTIONS; bdf++) {
		if (pci_read32(bdf, 0) == want && index-- == 0) {
			return bdf;
		}
	}
	return PCI_NONE;
}

uint64_t pci_bar(uint32_t bdf, unsigned n)
{
	uint32_t lo = pci_read32(bdf, PCI_BAR0 + 4 * n);

	if ((lo & BAR_IO) != 0) {
		return 0;
	}
	if ((lo & BAR_TYPE) == BAR_64) {
		return (lo & ~0xfu) | (uint64_t)pci_read32(bdf, PCI_BAR0 + 4 * n + 4) << 32;
	}
	return lo & ~0xfu;
}

uint64_t pci_bar_size(uint32_t bdf, unsigned n)
{
	unsigned off = PCI_BAR0 + 4 * n;
	uint32_t old = pci_read32(bdf, off);
	uint64_t mask;

	pci_write32(bdf, off, ~0u);
	mask = pci_read32(bdf, off) & ~0xfu;
	pci_write32(bdf, off, old);
	if ((old & BAR_TYPE) == BAR_64) {
		uint32_t high = pci_read32(bdf, off + 4);

		pci_write32(bdf, off + 4, ~0u);
		mask |= (uint64_t)pci_read32(bdf, off + 4) << 32;
		pci_write32(bdf, off + 4, high);
		return mask == 0 ? 0 : ~mask + 1;
	}
	return mask == 0 ? 0 : (uint32_t)(~mask + 1);
}

void pci_enable(uint32_t bdf)
{
	uint16_t command = pci_read16(bdf, PCI_COMMAND);

	pci_write16(bdf, PCI_COMMAND, (uint16_t)(command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
}

void pci_disable(uint32_t bdf)
{
	uint16_t command = pci_read16(bdf, PCI_COMMAND);

	pci_write16(bdf, PCI_COMMAND, (uint16_t)(command & ~(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)));
}

uint32_t pci_irq(uint32_t bdf)
{
	uint32_t pin = pci_read8(bdf, PCI_INTERRUPT_PIN); /* 1 to 4: INTA to INTD */
	uint32_t irq = pin == 0 || pin > 4 ? NO_IRQ : BOARD_PCI_IRQ(bdf, pin);

	return irq == NO_IRQ ? 0 : irq;
}

unsigned pci_capability(uint32_t bdf, uint8_t id)
{
	unsigned at, n;

	if ((pci_read16(bdf, PCI_STATUS) & STATUS_CAPABILITIES) == 0) {
		return 0;
	}
	at = pci_read8(bdf, PCI_CAPABILITIES) & 0xfcu;
	for (n = 0; n < CAPABILITY_MAX && at != 0 && pci_read8(bdf, at) != id; n++) {
		at = pci_read8(bdf, at + 1) & 0xfcu;
	}
	return n < CAPABILITY_MAX ? at : 0;
}

bool pci_msi_enable(uint32_t bdf, uint64_t addr, uint32_t data)
{
	unsigned at = pci_capability(bdf, PCI_CAP_MSI);
	uint16_t control;

	if (at == 0) {
		return false;
	}
	control = pci_read16(bdf, at + MSI_CONTROL);
	pci_write32(bdf, at + MSI_ADDRESS, (uint32_t)addr);
	if ((control & MSI_CONTROL_64BIT) != 0) {
		pci_write32(bdf, at + MSI_ADDRESS + 4, (uint32_t)(addr >> 32));
	}
	pci_write16(bdf, at + MSI_ADDRESS + ((control & MSI_CONTROL_64BIT) != 0 ? 8 : 4), (uint16_t)data);
	pci_write16(bdf, at + MSI_CONTROL, MSI_CONTROL_ENABLE); /* one message, of as many as it could */
	return true;
}

void pci_msi_disable(uint32_t bdf)
{
	unsigned at = pci_capability(bdf, PCI_CAP_MSI);

	if (at != 0) {
		pci_write16(bdf, at + MSI_CONTROL, 0);
	}
}
