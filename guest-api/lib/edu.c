/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The edu driver: registers in BAR 0, see QEMU's docs/specs/edu.rst. Owns no memory. Keeps every transfer inside
 * the device's 4 KiB: QEMU 10.0 overruns its own heap otherwise.
 */
#include <bulkhead/edu.h>

enum {
	EDU_ID = 0x00,          /* 0xRRrr00ed */
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_RAISE = 0x60,
	EDU_IRQ_ACK = 0x64,
	EDU_DMA_SRC = 0x80,
	EDU_DMA_DST = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_CMD = 0x98,
	EDU_MEMORY = 0x40000,   /* device memory as DMA addresses name it */
};

enum { CMD_START = 1, CMD_TO_RAM = 2, CMD_IRQ = 4, DMA_TIMEOUT_US = 5000000 };

bool edu_open(struct edu *e, unsigned index)
{
	e->bdf = pci_find(EDU_VENDOR, EDU_DEVICE, index);
	if (e->bdf == PCI_NONE) {
		return false;
	}
	e->regs = (uintptr_t)pci_bar(e->bdf, 0);
	e->irq = pci_irq(e->bdf);
	if (e->regs == 0) {
		return false;
	}
	pci_enable(e->bdf);
	return (mmio_read32(e->regs + EDU_ID) & 0xff) == 0xed;
}

void edu_close(struct edu *e)
{
	pci_disable(e->bdf);
}

bool edu_dma_start(struct edu *e, enum edu_dir dir, uint64_t addr, uint32_t offset, uint32_t count, bool irq)
{
	uint64_t device = EDU_MEMORY + offset;

	if (offset > EDU_MEMORY_SIZE || count > EDU_MEMORY_SIZE - offset) {
		return false;
	}
	cpu_sync(); /* what the device shall read is in memory */
	mmio_write64(e->regs + EDU_DMA_SRC, dir == EDU_FROM_RAM ? addr : device);
	mmio_write64(e->regs + EDU_DMA_DST, dir == EDU_FROM_RAM ? device : addr);
	mmio_write64(e->regs + EDU_DMA_COUNT, count);
	mmio_write64(e->regs + EDU_DMA_CMD, (uint64_t)CMD_START | (dir == EDU_TO_RAM ? (uint64_t)CMD_TO_RAM : 0) |
						    (irq ? (uint64_t)CMD_IRQ : 0));
	return true;
}

bool edu_busy(const struct edu *e)
{
	bool busy = (mmio_read64(e->regs + EDU_DMA_CMD) & CMD_START) != 0;

	cpu_sync(); /* data is looked at only after the device was seen to be done */
	return busy;
}

bool edu_dma(struct edu *e, enum edu_dir dir, uint64_t addr, uint32_t offset, uint32_t count)
{
	uint64_t end = time_us() + DMA_TIMEOUT_US;

	if (!edu_dma_start(e, dir, addr, offset, count, false)) {
		return false;
	}
	while (edu_busy(e)) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}

void edu_irq_raise(struct edu *e, uint32_t bits)
{
	mmio_write32(e->regs + EDU_IRQ_RAISE, bits);
}

uint32_t edu_irq_status(const struct edu *e)
{
	return mmio_read32(e->regs + EDU_IRQ_STATUS);
}

void edu_irq_ack(struct edu *e, uint32_t bits)
{
	mmio_write32(e->regs + EDU_IRQ_ACK, bits);
}
