/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O APIC. Every pin is masked until somebody is to get its interrupt, and what a pin then sends is a number of an
 * entry of its IOMMU unit's remapping table, never a vector and a CPU of its own choice [I3] [VT-d 5.1.5.1]; the number
 * is our interrupt number. The entry is in the table before the pin may use it, and blocked again when the interrupt is
 * disabled. low[] is what each pin's low word was last told. Locks: lock is a leaf, it holds the select and data window
 * together; the unit's lock (inside intremap_set()) is never taken under it.
 */
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <asm/irq.h>
#include <asm/platform.h>
#include <bulkhead/errno.h>
#include <drv/intremap.h>
#include <hyp/bits.h>
#include <hyp/check.h>
#include <hyp/config.h>
#include <hyp/log.h>
#include <hyp/mmio.h>
#include <hyp/spinlock.h>

/* 82093AA data sheet, 3.1 and 3.2 */
#define IOREGSEL            ((reg32_t){ 0x00 })
#define IOWIN               ((reg32_t){ 0x10 })
#define IOAPICVER           0x01u
#define   IOAPICVER_VERSION BITS32(7, 0)
#define   IOAPICVER_MAX     BITS32(23, 16)
#define IOREDTBL            0x10u /* two words a pin, low first */

/* [VT-d 5.1.5.1]; the reserved bits and the delivery mode are 0 */
#define RTE_VECTOR    BITS32(7, 0)
#define RTE_HANDLE_15 BIT32(11)
#define RTE_LOW       BIT32(13) /* active low */
#define RTE_LEVEL     BIT32(15)
#define RTE_MASK      BIT32(16)
#define RTE_FORMAT    BIT32(16) /* high word: bit 48 */
#define RTE_HANDLE    BITS32(31, 17) /* high word: bits 63:49 */

enum {
	ISA_COUNT = 16,
	PINS_MAX = 120, /* as many as IOREGSEL's eight bits can name */
};

static struct {
	uintptr_t base;
	uint32_t pins;               /* pins with a number of ours */
	uint32_t low[IRQ_GSI_COUNT]; /* by pin; 0: disabled */
	struct spinlock lock;
} ioapic;

/* --- registers; locked or at boot ------------------------------------------------------------------------------ */

static uint32_t window_read(uint32_t reg)
{
	reg_write32(ioapic.base, IOREGSEL, reg);
	return reg_read32(ioapic.base, IOWIN);
}

static void window_write(uint32_t reg, uint32_t v)
{
	reg_write32(ioapic.base, IOREGSEL, reg);
	reg_write32(ioapic.base, IOWIN, v);
}

/* Reading back makes sure that it has arrived before anybody goes on. */
static void low_write(uint32_t pin, uint32_t v)
{
	window_write(IOREDTBL + 2 * pin, v);
	(void)window_read(IOREDTBL + 2 * pin);
}

/* --- boot --------------------------------------------------------------------------------------------------- */

/*
 * Pins we have no number for, too. Remote IRR, which firmware may have left set and which would keep a level interrupt
 * away for ever, goes when a masked pin changes from level to edge.
 */
static void mask_all(uint32_t pins)
{
	for (uint32_t pin = 0; pin < pins; pin++) {
		low_write(pin, RTE_MASK | RTE_LEVEL);
		low_write(pin, RTE_MASK);
		window_write(IOREDTBL + 2 * pin + 1, 0);
	}
}

/* The unit that remaps what the pins send, or NULL. */
static struct iommu_unit *remapper(void)
{
	struct iommu_unit *u;

	if (acpi_info.ioapic_unit >= iommu_unit_count) {
		return NULL;
	}
	u = &iommu_units[acpi_info.ioapic_unit];
	return intremap_on(u) ? u : NULL;
}

int ioapic_init(const struct board *b)
{
	int err = arch_hyp_map(pa(b->ioapic.base), PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_DEVICE);
	uint32_t version, pins;

	if (err != 0) {
		return err;
	}
	ioapic.base = (uintptr_t)b->ioapic.base;
	version = window_read(IOAPICVER);
	pins = (uint32_t)FIELD_GET(IOAPICVER_MAX, version) + 1;
	if (version == UINT32_MAX || FIELD_GET(IOAPICVER_VERSION, version) == 0) {
		log_error("no I/O APIC answers at 0x%lx: correct the board's ioapic", b->ioapic.base);
		return -BH_ENODEV;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(ioapic.low); i++) {
		ioapic.low[i] = 0;
	}
	mask_all(pins < PINS_MAX ? pins : PINS_MAX);
	ioapic.pins = pins < IRQ_GSI_COUNT ? pins : IRQ_GSI_COUNT;
	if (remapper() == NULL) {
		log_error("interrupts of the I/O APIC are not remapped by any IOMMU unit: start QEMU with -device "
			  "intel-iommu,intremap=on and -M q35,kernel-irqchip=split, or switch it on in the firmware");
		return -BH_ENODEV;
	}
	return 0;
}

/* --- pins --------------------------------------------------------------------------------------------------- */

static bool pin_find(uint32_t irq, uint32_t *pin)
{
	uint32_t gsi = irq - IRQ_SHARED;

	if (irq < IRQ_SHARED || gsi >= IRQ_GSI_COUNT || gsi < acpi_info.ioapic_gsi_base ||
	    gsi - acpi_info.ioapic_gsi_base >= ioapic.pins) {
		return false;
	}
	*pin = gsi - acpi_info.ioapic_gsi_base;
	return true;
}

/*
 * ISA interrupts have the polarity that firmware says, active high if it says nothing. The others are PCI's INTx, which
 * is low when it is asserted [PCI 3.0, 2.2.6]; what a machine says about them is in its AML, which we do not read.
 * QEMU's (q35: active high) makes no difference, its I/O APIC does not look at the bit; on a board that does, a line
 * taken for high would interrupt for ever while it is idle.
 */
static bool active_low(uint32_t gsi)
{
	for (unsigned n = 0; n < ISA_COUNT; n++) {
		if (acpi_info.isa_gsi[n] == gsi) {
			return acpi_info.isa_low[n];
		}
	}
	return gsi >= ISA_COUNT;
}

/* The vector is only there for the EOI of a level interrupt, which finds its pin by it [VT-d 5.1.5.1]. */
static uint32_t rte_low_make(uint32_t irq, bool edge)
{
	return FIELD32(RTE_VECTOR, irq_vector(irq)) | (irq >> 15 != 0 ? RTE_HANDLE_15 : 0) |
	       (active_low(irq - IRQ_SHARED) ? RTE_LOW : 0) | (edge ? 0 : RTE_LEVEL);
}

int ioapic_enable(uint32_t irq, unsigned cpu, bool edge)
{
	struct iommu_unit *u = remapper();
	struct intremap_entry e = { .vector = irq_vector(irq), .sid = acpi_info.ioapic_sid, .level = !edge };
	uint32_t pin;
	int err;

	CHECK(cpu < hyp_config.board.cpu_count);
	if (u == NULL || !pin_find(irq, &pin)) {
		return -BH_ENODEV;
	}
	ioapic_mask(irq);
	e.apic_id = (uint32_t)hyp_config.board.cpu_id[cpu];
	err = intremap_set(u, irq, &e);
	if (err != 0) {
		return err;
	}
	spin_lock(&ioapic.lock);
	ioapic.low[pin] = rte_low_make(irq, edge);
	low_write(pin, ioapic.low[pin] | RTE_MASK);
	window_write(IOREDTBL + 2 * pin + 1, FIELD32(RTE_HANDLE, irq & BITS32(14, 0)) | RTE_FORMAT);
	low_write(pin, ioapic.low[pin]);
	spin_unlock(&ioapic.lock);
	return 0;
}

/* One that is disabled stays so: no late end of interrupt brings it back. */
static void mask_set(uint32_t irq, bool masked)
{
	uint32_t pin;

	if (!pin_find(irq, &pin)) {
		return;
	}
	spin_lock(&ioapic.lock);
	if (ioapic.low[pin] != 0) {
		ioapic.low[pin] = masked ? ioapic.low[pin] | RTE_MASK : ioapic.low[pin] & ~RTE_MASK;
		low_write(pin, ioapic.low[pin]);
	}
	spin_unlock(&ioapic.lock);
}

void ioapic_mask(uint32_t irq)
{
	mask_set(irq, true);
}

void ioapic_unmask(uint32_t irq)
{
	mask_set(irq, false);
}

void ioapic_disable(uint32_t irq)
{
	struct iommu_unit *u = remapper();
	uint32_t pin;

	if (!pin_find(irq, &pin)) {
		return;
	}
	spin_lock(&ioapic.lock);
	ioapic.low[pin] = 0;
	low_write(pin, RTE_MASK);
	window_write(IOREDTBL + 2 * pin + 1, 0);
	spin_unlock(&ioapic.lock);
	if (u != NULL && intremap_set(u, irq, NULL) != 0) {
		log_error("IOMMU unit %u does not confirm that interrupt %u is off; its I/O APIC pin is masked",
			  u->id, irq);
	}
}
