/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver for QEMU's `edu` PCI device (1234:11e8): 4 KiB of device memory and one DMA channel that copies between
 * it and any address. QEMU must be told -device edu,dma_mask=0xffffffffffffffff (the default reaches 28 bits).
 */
#pragma once

#include <bulkhead/guest.h>

enum { EDU_VENDOR = 0x1234, EDU_DEVICE = 0x11e8, EDU_MEMORY_SIZE = 4096,
       EDU_TRANSFER_MAX = 4092 }; /* QEMU 7.2 stops on a transfer that ends with the buffer */

struct edu {
	uint32_t bdf;
	uint32_t irq; /* interrupt number of its INTx, 0: none */
	uintptr_t regs;
};

enum edu_dir { EDU_FROM_RAM, EDU_TO_RAM };

/* Finds the index-th edu this partition sees and turns it on. False: there is none. */
bool edu_open(struct edu *e, unsigned index);

/* Memory decoding and bus mastering off. */
void edu_close(struct edu *e);

/*
 * Copies count bytes between addr and device memory at offset, and waits (about 100 ms of virtual time). False:
 * offset + count exceed the device's memory (refused here: the device would overrun), or it never finished.
 * The device does not say whether its accesses were allowed: whoever wants to know compares the data.
 */
bool edu_dma(struct edu *e, enum edu_dir dir, uint64_t addr, uint32_t offset, uint32_t count);

/* Only starts it; edu_busy() tells when it is done. irq: raises the interrupt then. */
bool edu_dma_start(struct edu *e, enum edu_dir dir, uint64_t addr, uint32_t offset, uint32_t count, bool irq);
bool edu_busy(const struct edu *e);

/* Interrupt by software; status of interrupts raised; acknowledge. DMA done is EDU_IRQ_DMA. */
enum { EDU_IRQ_DMA = 0x100 };
void edu_irq_raise(struct edu *e, uint32_t bits);
uint32_t edu_irq_status(const struct edu *e);
void edu_irq_ack(struct edu *e, uint32_t bits);
