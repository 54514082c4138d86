/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local APIC, in x2APIC mode where there is one, and I/O APIC as a guest sees them. Owns the handler table and the lock
 * of the I/O APIC's pair of registers. [SDM 3A chapter 11] [82093AA I/O APIC 3.1, 3.2]
 */
#include "runtime.h"

enum {
	MSR_APIC_BASE = 0x1b,
	MSR_X2APIC = 0x800,
	APIC_BASE_X2 = 1 << 10,     /* EXTD */
	APIC_BASE_ENABLE = 1 << 11, /* EN */
	CPUID1_ECX_X2APIC = 1 << 21,
	SVR_ENABLE = 1 << 8,
	DFR_FLAT = -1,
	ICR_PENDING = 1 << 12, /* xAPIC: delivery status */
	DIVIDE_BY_1 = 0xb,
	IOAPIC_SELECT = 0x00,
	IOAPIC_WINDOW = 0x10,
	PORT_PIC1_MASK = 0x21,
	PORT_PIC2_MASK = 0xa1,
};

static irq_fn *handlers[IRQ_MAX];
static irq_fn *on_nmi;
static uint64_t entry_ticks[GUEST_VCPU_MAX];
static bool x2apic[GUEST_VCPU_MAX];
static uint32_t ioapic_locked;

/* --- Local APIC ------------------------------------------------------------------------------------------------ */

bool lapic_x2apic(void)
{
	return x2apic[guest_vcpu()];
}

uint32_t lapic_read(unsigned offset)
{
	if (lapic_x2apic()) {
		return (uint32_t)msr_read(MSR_X2APIC + offset / 16);
	}
	return mmio_read32(BOARD_LOCAL_IRQCHIP_BASE + offset);
}

void lapic_write(unsigned offset, uint32_t v)
{
	if (lapic_x2apic()) {
		msr_write(MSR_X2APIC + offset / 16, v);
	} else {
		mmio_write32(BOARD_LOCAL_IRQCHIP_BASE + offset, v);
	}
}

void lapic_icr(uint32_t dest, uint32_t low)
{
	uint64_t flags;

	if (lapic_x2apic()) {
		cpu_sync(); /* what the other shall see is there before it is told: this write does not wait */
		msr_write(MSR_X2APIC + LAPIC_ICR / 16, (uint64_t)dest << 32 | low);
		return;
	}
	flags = irq_save();
	mmio_write32(BOARD_LOCAL_IRQCHIP_BASE + LAPIC_ICR_HIGH, dest << 24);
	mmio_write32(BOARD_LOCAL_IRQCHIP_BASE + LAPIC_ICR, low);
	while ((mmio_read32(BOARD_LOCAL_IRQCHIP_BASE + LAPIC_ICR) & ICR_PENDING) != 0) {
	}
	irq_restore(flags);
}

static void lapic_setup(void)
{
	lapic_write(LAPIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	if (!lapic_x2apic()) {
		lapic_write(LAPIC_DFR, (uint32_t)DFR_FLAT);
		lapic_write(LAPIC_LDR, 1u << (24 + guest_vcpu()));
	}
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_ERROR, LVT_MASKED);
	lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, irq_vector(IRQ_TIMER)); /* stands still until it has a count */
	lapic_write(LAPIC_TPR, 0);
}

/* Out of x2APIC there is only the way through being disabled; INIT leaves the mode as it is [SDM 3A figure 11-27]. */
void lapic_mode(bool want_x2)
{
	uint64_t is = msr_read(MSR_APIC_BASE);
	uint64_t base = is & ~(uint64_t)(APIC_BASE_X2 | APIC_BASE_ENABLE);

	if (!want_x2 && (is & APIC_BASE_X2) != 0) {
		msr_write(MSR_APIC_BASE, base);
	}
	if (!want_x2 || (is & APIC_BASE_ENABLE) == 0) {
		msr_write(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	}
	if (want_x2) {
		msr_write(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_X2);
	}
	x2apic[guest_vcpu()] = want_x2;
	lapic_setup();
}

/* One of the three arrays of 256 bits. */
static bool vector_bit(unsigned array, uint32_t irq)
{
	uint8_t vector = irq_vector(irq);

	return (lapic_read(array + vector / 32u * 16) >> (vector % 32) & 1) != 0;
}

/* --- I/O APIC -------------------------------------------------------------------------------------------------- */

static uint64_t ioapic_lock(void)
{
	uint64_t flags = irq_save();

	while (__atomic_exchange_n(&ioapic_locked, 1, __ATOMIC_ACQUIRE) != 0) {
	}
	return flags;
}

static void ioapic_unlock(uint64_t flags)
{
	__atomic_store_n(&ioapic_locked, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
}

uint32_t ioapic_read(unsigned reg)
{
	uint64_t flags = ioapic_lock();
	uint32_t v;

	mmio_write32(BOARD_IRQCHIP_BASE + IOAPIC_SELECT, reg);
	v = mmio_read32(BOARD_IRQCHIP_BASE + IOAPIC_WINDOW);
	ioapic_unlock(flags);
	return v;
}

void ioapic_write(unsigned reg, uint32_t v)
{
	uint64_t flags = ioapic_lock();

	mmio_write32(BOARD_IRQCHIP_BASE + IOAPIC_SELECT, reg);
	mmio_write32(BOARD_IRQCHIP_BASE + IOAPIC_WINDOW, v);
	ioapic_unlock(flags);
}

/* The lower half of the entry of a shared interrupt. */
static unsigned rte(uint32_t irq)
{
	return IOAPIC_RTE + 2 * (irq - IRQ_SHARED_FIRST);
}

static void rte_change(uint32_t irq, uint32_t clear, uint32_t set)
{
	ioapic_write(rte(irq), (ioapic_read(rte(irq)) & ~clear) | set);
}

static void ioapic_setup(void)
{
	uint32_t pins = (ioapic_read(IOAPIC_VERSION) >> 16 & 0xff) + 1;
	uint32_t i;

	for (i = 0; i < pins; i++) {
		ioapic_write(rte(IRQ_SHARED_FIRST + i), RTE_MASKED | irq_vector(IRQ_SHARED_FIRST + i));
		ioapic_write(rte(IRQ_SHARED_FIRST + i) + 1, 0);
	}
}

/* --- Interrupts ------------------------------------------------------------------------------------------------ */

void irq_handler(uint32_t irq, irq_fn *fn)
{
	if (irq < IRQ_MAX) {
		__atomic_store_n(&handlers[irq], fn, __ATOMIC_RELEASE);
	}
}

void nmi_handler(irq_fn *fn)
{
	__atomic_store_n(&on_nmi, fn, __ATOMIC_RELEASE);
}

void irq_enable(uint32_t irq)
{
	if (irq >= IRQ_SHARED_FIRST) {
		rte_change(irq, RTE_MASKED, 0);
	} else if (irq == IRQ_TIMER) {
		lapic_write(LAPIC_LVT_TIMER, irq_vector(irq));
	}
}

void irq_disable(uint32_t irq)
{
	if (irq >= IRQ_SHARED_FIRST) {
		rte_change(irq, 0, RTE_MASKED);
	} else if (irq == IRQ_TIMER) {
		lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | irq_vector(irq));
	}
}

bool irq_is_enabled(uint32_t irq)
{
	if (irq >= IRQ_SHARED_FIRST) {
		return (ioapic_read(rte(irq)) & RTE_MASKED) == 0;
	}
	return irq != IRQ_TIMER || (lapic_read(LAPIC_LVT_TIMER) & LVT_MASKED) == 0;
}

void irq_set_edge(uint32_t irq, bool edge)
{
	if (irq >= IRQ_SHARED_FIRST) {
		rte_change(irq, RTE_LEVEL, edge ? 0 : RTE_LEVEL);
	}
}

bool irq_is_edge(uint32_t irq)
{
	return irq < IRQ_SHARED_FIRST || (ioapic_read(rte(irq)) & RTE_LEVEL) == 0;
}

bool irq_is_pending(uint32_t irq)
{
	return vector_bit(LAPIC_IRR, irq);
}

bool irq_is_active(uint32_t irq)
{
	return vector_bit(LAPIC_ISR, irq);
}

void irq_route(uint32_t irq, unsigned vcpu)
{
	ioapic_write(rte(irq) + 1, vcpu << 24);
}

void ipi_send(unsigned vcpu, uint32_t irq)
{
	lapic_icr(vcpu, ICR_FIXED | ICR_ASSERT | irq_vector(irq));
}

void irq_dispatch(uint8_t vector, uint64_t ticks)
{
	uint32_t irq = irq_of_vector(vector);
	irq_fn *fn;

	if (vector == VECTOR_SPURIOUS) {
		return; /* was never in service: not ended */
	}
	entry_ticks[guest_vcpu()] = ticks;
	fn = __atomic_load_n(&handlers[irq], __ATOMIC_ACQUIRE);
	if (fn != NULL) {
		fn(irq);
	}
	lapic_write(LAPIC_EOI, 0);
}

void nmi_dispatch(void)
{
	irq_fn *fn = __atomic_load_n(&on_nmi, __ATOMIC_ACQUIRE);

	if (fn == NULL) {
		guest_die("guest: NMI on vCPU %u", guest_vcpu());
	}
	fn(TRAP_NMI);
}

uint64_t irq_entry_ticks(void)
{
	return entry_ticks[guest_vcpu()];
}

void irq_init_cpu(void)
{
	lapic_mode((bh_cpuid(1, 0).ecx & CPUID1_ECX_X2APIC) != 0);
	if (guest_vcpu() == 0) {
		port_write8(PORT_PIC1_MASK, 0xff);
		port_write8(PORT_PIC2_MASK, 0xff);
		ioapic_setup();
	}
}
