/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv3 as a guest sees it: distributor, one redistributor per vCPU, CPU interface in system registers. Owns the
 * handler table. Group 1 only. [GICv3 specification IHI 0069, 12.9 distributor, 12.11 redistributor]
 */
#include "runtime.h"

enum {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_ISPENDR = 0x0200,
	GICD_ICPENDR = 0x0280,
	GICD_ISACTIVER = 0x0300,
	GICD_IPRIORITYR = 0x0400,
	GICD_ICFGR = 0x0c00,
	GICD_IROUTER = 0x6000,
	GICR_WAKER = 0x0014,
	GICR_SGI_FRAME = 0x10000, /* registers there have the distributor's offsets */
};

enum {
	CTLR_GROUP1_ARE = 0x12,       /* EnableGrp1NS [1], ARE_NS [4] */
	WAKER_SLEEP = 1 << 1,         /* ProcessorSleep */
	WAKER_CHILDREN_ASLEEP = 1 << 2,
	IAR_SPURIOUS = 1020,          /* and above: nothing to acknowledge */
	WAKE_TIMEOUT_US = 100000,
};

static irq_fn *handlers[IRQ_MAX];
static uint64_t entry_ticks[GUEST_VCPU_MAX];

/* Base of the frame that holds irq's registers. */
static uintptr_t frame(uint32_t irq)
{
	if (irq >= IRQ_SHARED_FIRST) {
		return VIRT_GICD_BASE;
	}
	return VIRT_GICR_BASE + guest_vcpu() * VIRT_GICR_STRIDE + GICR_SGI_FRAME;
}

static uintptr_t bit_reg(uint32_t irq, uintptr_t reg)
{
	return frame(irq) + reg + 4ul * (irq / 32);
}

static void bit_write(uint32_t irq, uintptr_t reg)
{
	mmio_write32(bit_reg(irq, reg), 1u << (irq % 32));
}

static bool bit_read(uint32_t irq, uintptr_t reg)
{
	return (mmio_read32(bit_reg(irq, reg)) >> (irq % 32) & 1) != 0;
}

void irq_handler(uint32_t irq, irq_fn *fn)
{
	if (irq < IRQ_MAX) {
		__atomic_store_n(&handlers[irq], fn, __ATOMIC_RELEASE);
	}
}

void irq_enable(uint32_t irq)
{
	irq_set_priority(irq, IRQ_PRIORITY);
	if (irq >= IRQ_SHARED_FIRST) {
		uintptr_t group = bit_reg(irq, GICD_IGROUPR);

		mmio_write32(group, mmio_read32(group) | 1u << (irq % 32));
	}
	bit_write(irq, GICD_ISENABLER);
}

void irq_disable(uint32_t irq)
{
	bit_write(irq, GICD_ICENABLER);
	cpu_sync();
	(void)irq_is_enabled(irq); /* the read completes after the write: no delivery after we return */
}

bool irq_is_enabled(uint32_t irq)
{
	return bit_read(irq, GICD_ISENABLER);
}

void irq_set_priority(uint32_t irq, uint8_t priority)
{
	mmio_write8(frame(irq) + GICD_IPRIORITYR + irq, priority);
}

uint8_t irq_priority(uint32_t irq)
{
	return mmio_read8(frame(irq) + GICD_IPRIORITYR + irq);
}

void irq_set_edge(uint32_t irq, bool edge)
{
	uintptr_t reg = frame(irq) + GICD_ICFGR + 4ul * (irq / 16);
	uint32_t bit = 2u << (2 * (irq % 16));
	uint32_t v = mmio_read32(reg);

	mmio_write32(reg, edge ? v | bit : v & ~bit);
}

bool irq_is_edge(uint32_t irq)
{
	return (mmio_read32(frame(irq) + GICD_ICFGR + 4ul * (irq / 16)) >> (2 * (irq % 16)) & 2) != 0;
}

void irq_set_pending(uint32_t irq, bool pending)
{
	bit_write(irq, pending ? GICD_ISPENDR : GICD_ICPENDR);
}

bool irq_is_pending(uint32_t irq)
{
	return bit_read(irq, GICD_ISPENDR);
}

bool irq_is_active(uint32_t irq)
{
	return bit_read(irq, GICD_ISACTIVER);
}

void irq_route(uint32_t irq, unsigned vcpu)
{
	mmio_write64(VIRT_GICD_BASE + GICD_IROUTER + 8ul * irq, vcpu);
}

void irq_mask_below(uint8_t priority)
{
	sysreg_write(S3_0_C4_C6_0, priority); /* ICC_PMR_EL1 */
	cpu_isb();
}

void ipi_send(unsigned vcpu, uint32_t irq)
{
	__asm__ volatile("dsb ishst" : : : "memory"); /* what the other shall see is there before it is told */
	sysreg_write(S3_0_C12_C11_5, (uint64_t)irq << 24 | 1ull << vcpu); /* ICC_SGI1R_EL1 */
	cpu_isb();
}

uint32_t irq_spi_count(void)
{
	uint32_t lines = mmio_read32(VIRT_GICD_BASE + GICD_TYPER) & 0x1f; /* ITLinesNumber [4:0] */

	return 32 * (lines + 1) - IRQ_SHARED_FIRST;
}

void irq_dispatch(uint64_t ticks)
{
	unsigned me = guest_vcpu();

	entry_ticks[me] = ticks;
	for (;; entry_ticks[me] = 0) {
		uint32_t irq = (uint32_t)sysreg_read(S3_0_C12_C12_0) & 0xffffff; /* ICC_IAR1_EL1 */
		irq_fn *fn;

		if (irq >= IAR_SPURIOUS) {
			return;
		}
		if (entry_ticks[me] == 0) { /* right behind another one */
			entry_ticks[me] = time_ticks();
		}
		cpu_sync();
		fn = __atomic_load_n(&handlers[irq], __ATOMIC_ACQUIRE);
		if (fn != NULL) {
			fn(irq);
		}
		sysreg_write(S3_0_C12_C12_1, irq); /* ICC_EOIR1_EL1 */
		cpu_isb();
	}
}

uint64_t irq_entry_ticks(void)
{
	return entry_ticks[guest_vcpu()];
}

static void redistributor_wake(uintptr_t base)
{
	uint64_t end = time_ticks() + time_us_to_ticks(WAKE_TIMEOUT_US);

	mmio_write32(base + GICR_WAKER, mmio_read32(base + GICR_WAKER) & ~(uint32_t)WAKER_SLEEP);
	while ((mmio_read32(base + GICR_WAKER) & WAKER_CHILDREN_ASLEEP) != 0) {
		if (time_ticks() > end) {
			guest_die("the redistributor of vCPU %u does not wake", guest_vcpu());
		}
	}
}

void irq_init_cpu(void)
{
	unsigned me = guest_vcpu();
	uintptr_t base = VIRT_GICR_BASE + me * VIRT_GICR_STRIDE;
	uint32_t irq;

	if (me == 0) {
		mmio_write32(VIRT_GICD_BASE + GICD_CTLR, CTLR_GROUP1_ARE);
	}
	redistributor_wake(base);
	mmio_write32(base + GICR_SGI_FRAME + GICD_IGROUPR, ~0u);
	mmio_write32(base + GICR_SGI_FRAME + GICD_ICENABLER, ~0u);
	sysreg_write(S3_0_C12_C12_5, 7); /* ICC_SRE_EL1: SRE, DFB, DIB */
	cpu_isb();
	sysreg_write(S3_0_C4_C6_0, 0xff); /* ICC_PMR_EL1: everything */
	sysreg_write(S3_0_C12_C12_3, 0);  /* ICC_BPR1_EL1 */
	sysreg_write(S3_0_C12_C12_4, 0);  /* ICC_CTLR_EL1: EOI ends at once */
	sysreg_write(S3_0_C12_C12_7, 1);  /* ICC_IGRPEN1_EL1 */
	cpu_isb();
	for (irq = IRQ_IPI_FIRST; irq < IRQ_PRIVATE_FIRST; irq++) {
		irq_enable(irq);
	}
}
