/* SPDX-License-Identifier: Apache-2.0 */
/* Distributor and redistributor registers of the GICv3 model, as far as a driver may touch them. */
#include "gic_model.h"

#include <string.h>

#include <asm/gicv3_regs.h>

#include "fake/fake.h"

struct gic_model gic_model;

struct gic_model_irq *gic_model_irq_of(unsigned cpu, uint32_t intid)
{
	if (intid < 32) {
		return &gic_model.cpu[cpu].irq[intid];
	}
	if (intid >= GIC_MODEL_IRQS) {
		fake_fail("GIC model: there is no interrupt %u", intid);
	}
	return &gic_model.spi[intid];
}

bool gic_model_is_pending(const struct gic_model_irq *irq)
{
	return irq->latch || (irq->line && !irq->edge);
}

void gic_model_line(unsigned cpu, uint32_t intid, bool level)
{
	struct gic_model_irq *irq = gic_model_irq_of(cpu, intid);

	if (level && !irq->line && irq->edge) {
		irq->latch = true;
	}
	irq->line = level;
}

/* One-bit registers. Offsets of a redistributor come without its SGI_base. */
static uint32_t bits_read(unsigned cpu, uint32_t block, uint32_t first)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < 32; i++) {
		const struct gic_model_irq *irq = gic_model_irq_of(cpu, first + i);
		bool bit = block <= GICD_IGROUPR ? irq->group1 :
			   block <= GICD_ICENABLER ? irq->enabled :
			   block <= GICD_ICPENDR ? gic_model_is_pending(irq) : irq->active;

		v |= bit ? BIT32(i) : 0;
	}
	return v;
}

static void bit_write(struct gic_model_irq *irq, uint32_t block)
{
	switch (block) {
	case GICD_ISENABLER: irq->enabled = true; break;
	case GICD_ICENABLER: irq->enabled = false; break;
	case GICD_ISPENDR: irq->latch = true; break;
	case GICD_ICPENDR: irq->latch = false; break;
	case GICD_ISACTIVER: irq->active = true; break;
	case GICD_ICACTIVER: irq->active = false; break;
	default: fake_fail("GIC model: write to block 0x%x", block);
	}
}

static void bits_write(unsigned cpu, uint32_t block, uint32_t first, uint32_t v)
{
	for (uint32_t i = 0; i < 32; i++) {
		struct gic_model_irq *irq = gic_model_irq_of(cpu, first + i);

		if (block == GICD_IGROUPR) {
			irq->group1 = (v & BIT32(i)) != 0;
		} else if ((v & BIT32(i)) != 0) {
			bit_write(irq, block);
		}
	}
}

static void icfgr_write(unsigned cpu, uint32_t first, uint32_t v)
{
	for (uint32_t i = 0; i < 16; i++) {
		struct gic_model_irq *irq = gic_model_irq_of(cpu, first + i);
		bool edge = (v & BIT32(2 * i + 1)) != 0;

		if (edge != irq->edge && irq->enabled) {
			fake_fail("GIC model: trigger of interrupt %u changed while enabled", first + i);
		}
		irq->edge = edge;
	}
}

/* What both frames have. False: not such a register. */
static bool bank_write(unsigned cpu, uint32_t off, uint32_t v)
{
	if (off >= GICD_IGROUPR && off < GICD_IPRIORITYR) {
		bits_write(cpu, off & ~0x7fu, (off & 0x7f) * 8, v);
	} else if (off >= GICD_IPRIORITYR && off < GICD_ITARGETSR) {
		for (uint32_t i = 0; i < 4; i++) {
			gic_model_irq_of(cpu, off - GICD_IPRIORITYR + i)->priority = (uint8_t)(v >> (8 * i));
		}
	} else if (off >= GICD_ICFGR && off < GICD_IGRPMODR) {
		icfgr_write(cpu, (off - GICD_ICFGR) * 4, v);
	} else {
		return false;
	}
	return true;
}

static uint64_t dist_read(void *ctx, uint64_t off64, unsigned width)
{
	uint32_t off = (uint32_t)off64;

	if (width != 4) {
		fake_fail("GIC model: distributor read at 0x%x with %u bytes", off, width);
	}
	switch (off) {
	case GICD_CTLR:
		return gic_model.ctlr | GICD_CTLR_ARE | GICD_CTLR_DS | (gic_model.rwp_stuck ? GICD_CTLR_RWP : 0);
	case GICD_TYPER:
		return GIC_MODEL_IRQS / 32 - 1;
	case GICD_PIDR2:
		return gic_model.pidr2;
	default:
		if (off >= GICD_IGROUPR && off < GICD_IPRIORITYR) {
			return bits_read(0, off & ~0x7fu, (off & 0x7f) * 8);
		}
		fake_fail("GIC model: distributor read at 0x%x", off);
	}
}

static void dist_write(void *ctx, uint64_t off64, unsigned width, uint64_t v)
{
	uint32_t off = (uint32_t)off64;

	if (width == 8 && off >= GICD_IROUTER_SPI && off < GICD_IROUTER + 8 * GIC_MODEL_IRQS) {
		gic_model.spi[(off - GICD_IROUTER) / 8].route = v;
	} else if (width == 4 && off == GICD_CTLR) {
		gic_model.ctlr = (uint32_t)v & 3;
	} else if (width != 4 || !bank_write(0, off, (uint32_t)v)) {
		fake_fail("GIC model: distributor write at 0x%x with %u bytes", off, width);
	}
}

static uint64_t redist_read(void *ctx, uint64_t off64, unsigned width)
{
	unsigned cpu = (unsigned)(off64 / 0x20000);
	uint32_t off = (uint32_t)(off64 % 0x20000);

	if (width == 8 && off == GICR_TYPER) {
		return (uint64_t)cpu << 32 | (cpu + 1 == gic_model.frames ? GICR_TYPER_Last : 0);
	}
	switch (width == 4 ? off : ~0u) {
	case GICR_CTLR:
		return gic_model.rwp_stuck ? GICR_CTLR_RWP : 0;
	case GICR_WAKER:
		return gic_model.cpu[cpu].awake ? 0 : GICR_WAKER_ChildrenAsleep | GICR_WAKER_ProcessorSleep;
	case GICR_PIDR2:
		return 0x3b;
	case GICR_ISPENDR0:
		return bits_read(cpu, GICD_ISPENDR, 0);
	default:
		fake_fail("GIC model: redistributor read at 0x%x with %u bytes", off, width);
	}
}

static void redist_write(void *ctx, uint64_t off64, unsigned width, uint64_t v)
{
	unsigned cpu = (unsigned)(off64 / 0x20000);
	uint32_t off = (uint32_t)(off64 % 0x20000);

	if (width == 4 && off == GICR_WAKER) {
		gic_model.cpu[cpu].awake = (v & GICR_WAKER_ProcessorSleep) == 0 && !gic_model.never_awake;
	} else if (width != 4 || off < GICR_SGI_BASE || !bank_write(cpu, off - GICR_SGI_BASE, (uint32_t)v)) {
		fake_fail("GIC model: redistributor write at 0x%x with %u bytes", off, width);
	}
}

/* Firmware left everything on: the driver must not rely on a clean reset. */
void gic_model_reset(unsigned lr_count)
{
	memset(&gic_model, 0, sizeof(gic_model));
	gic_model.lr_count = lr_count;
	gic_model.pidr2 = 0x3b;
	gic_model.frames = GIC_MODEL_CPUS;
	for (uint32_t n = 32; n < GIC_MODEL_IRQS; n++) {
		gic_model.spi[n].enabled = true;
		gic_model.spi[n].latch = true;
		gic_model.spi[n].active = true;
		gic_model.spi[n].route = 3;
	}
	for (unsigned c = 0; c < GIC_MODEL_CPUS; c++) {
		gic_model.cpu[c].running = GIC_MODEL_NONE;
		for (uint32_t n = 0; n < 32; n++) {
			gic_model.cpu[c].irq[n].enabled = true;
			gic_model.cpu[c].irq[n].latch = true;
			gic_model.cpu[c].irq[n].active = true;
		}
	}
	fake_mmio_add(GIC_MODEL_GICD, 0x10000, dist_read, dist_write, NULL);
	fake_mmio_add(GIC_MODEL_GICR, GIC_MODEL_GICR_SIZE, redist_read, redist_write, NULL);
}
