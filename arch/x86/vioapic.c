/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition's I/O APIC: pins, their redirection entries and the interrupts they send, which are delivered
 * within the partition only [I3]. A level pin sends once and then waits for the EOI of its vector (remote IRR). An
 * edge that no local APIC accepts, or that comes to a masked pin, is kept and sent later: real ones forget it, but
 * a notification that was asked for once must not vanish. A pin of a physical interrupt opens and closes the
 * physical pin with itself: level ones are masked there when they come and until the guest's EOI, so that a guest
 * which does not answer cannot be flooded, nor its CPU [I6]. Registers: 82093AA data sheet, 3; direct EOI as of
 * version 0x20. Locks: vioapic.lock, then (inside ioapic_mask/unmask) the physical one's. arch_irq_enable() takes
 * an IOMMU unit's lock and is called with none held.
 */
#include <asm/vlapic.h>

#include <arch/irq.h>
#include <hyp/bits.h>
#include <hyp/vm.h>

/* Offsets in the page, and registers behind the window. */
enum {
	IOREGSEL = 0x00, IOWIN = 0x10, IOEOI = 0x40,
	IOAPICID = 0x00, IOAPICVER = 0x01, IOAPICARB = 0x02, IOREDTBL = 0x10,
};

#define ID_ID       BITS32(27, 24)
#define VER_VALUE   (0x20u | (VIOAPIC_PINS - 1) << 16)

#define RTE_Vector    BITS64(7, 0)
#define RTE_Mode      BITS64(10, 8)
#define RTE_Logical   BIT64(11)
#define RTE_Polarity  BIT64(13) /* kept, without effect: lines are asserted or not */
#define RTE_RemoteIRR BIT64(14)
#define RTE_Level     BIT64(15)
#define RTE_Mask      BIT64(16)
#define RTE_Dest      BITS64(63, 56)
#define RTE_WRITABLE  (RTE_Vector | RTE_Mode | RTE_Logical | RTE_Polarity | RTE_Level | RTE_Mask | RTE_Dest)

static bool pin_find(uint32_t virq, unsigned *pin)
{
	*pin = virq - IRQ_SHARED;
	return virq >= IRQ_SHARED && *pin < VIOAPIC_PINS;
}

/* Only vectors have an EOI to wait for: NMI and INIT are sent once an edge, whatever the trigger mode. */
static bool is_level(uint64_t rte)
{
	return (rte & RTE_Level) != 0 && FIELD_GET(RTE_Mode, rte) <= VLAPIC_LOWEST;
}

/* --- sending; locked ------------------------------------------------------------------------------------------ */

/* SIPI is not among an I/O APIC's modes; vlapic_deliver() refuses it and the others. */
static bool pin_send(struct vm *vm, uint64_t rte)
{
	return vlapic_deliver(vm, (uint32_t)FIELD_GET(RTE_Dest, rte), (rte & RTE_Logical) != 0,
			      (unsigned)FIELD_GET(RTE_Mode, rte), (uint8_t)FIELD_GET(RTE_Vector, rte), is_level(rte));
}

/* Sends what the pin has to send. */
static void pin_update(struct vm *vm, unsigned pin)
{
	struct vioapic *io = &vm->arch.ioapic;
	uint64_t rte = io->rte[pin];
	uint64_t bit = BIT64(pin);
	uint64_t wants = io->held | (is_level(rte) ? io->line & ~io->remote : 0);

	if ((rte & RTE_Mask) != 0 || !(wants & bit) || (is_level(rte) && (io->remote & bit) != 0)) {
		return;
	}
	if (pin_send(vm, rte)) {
		io->held &= ~bit;
		io->remote |= is_level(rte) ? bit : 0;
	}
}

/* --- physical interrupts behind a pin ------------------------------------------------------------------------- */

/*
 * Locked. The physical pin is open while the guest's is, except between a level interrupt and its EOI. True: it was
 * never enabled since it was assigned, and the caller has to, without the lock.
 */
static bool hw_follow(struct vioapic *io, unsigned pin)
{
	uint64_t bit = BIT64(pin);
	bool open = (io->rte[pin] & RTE_Mask) == 0 && (io->hw_edge[pin] || !(io->remote & bit));

	if (!(io->hw & bit)) {
		return false;
	}
	if (!(io->hw_on & bit)) {
		io->hw_on |= open ? bit : 0;
		return open;
	}
	if (open) {
		ioapic_unmask(io->hw_irq[pin]);
	} else {
		ioapic_mask(io->hw_irq[pin]);
	}
	return false;
}

/* Not locked. What the guest did meanwhile is looked at again: enabling leaves the physical pin open. */
static void hw_enable(struct vm *vm, unsigned pin)
{
	struct vioapic *io = &vm->arch.ioapic;

	arch_irq_enable(io->hw_irq[pin], vm->vcpu[0].cpu, io->hw_edge[pin]);
	spin_lock(&io->lock);
	(void)hw_follow(io, pin);
	spin_unlock(&io->lock);
}

void vioapic_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge)
{
	struct vioapic *io = &vm->arch.ioapic;
	unsigned pin;

	if (!pin_find(virq, &pin) || irq < IRQ_SHARED || irq >= IRQ_MSI_FIRST) {
		return; /* a message is delivered as one, by arch_vm_pend_msi() */
	}
	spin_lock(&io->lock);
	io->hw |= BIT64(pin);
	io->hw_on &= ~BIT64(pin);
	io->hw_irq[pin] = irq;
	io->hw_edge[pin] = edge;
	spin_unlock(&io->lock);
}

/*
 * A level interrupt that cannot be sent is not remembered: it is still there when its physical pin opens again, and
 * if not, the device has changed its mind. A guest that treats a level interrupt as an edge gets one, until it
 * writes the entry.
 */
void vioapic_hwirq(struct vm *vm, uint32_t virq, uint32_t irq)
{
	struct vioapic *io = &vm->arch.ioapic;
	unsigned pin;

	if (!pin_find(virq, &pin) || !(io->hw & BIT64(pin)) || io->hw_irq[pin] != irq) {
		return;
	}
	if (io->hw_edge[pin]) {
		vioapic_pulse(vm, virq);
		return;
	}
	spin_lock(&io->lock);
	ioapic_mask(irq);
	if (!(io->remote & BIT64(pin))) {
		io->held |= BIT64(pin);
		pin_update(vm, pin);
		io->held &= ~BIT64(pin);
	}
	spin_unlock(&io->lock);
}

/* --- lines ---------------------------------------------------------------------------------------------------- */

void vioapic_set_line(struct vm *vm, uint32_t virq, bool level)
{
	struct vioapic *io = &vm->arch.ioapic;
	unsigned pin;
	uint64_t bit;

	if (!pin_find(virq, &pin)) {
		return;
	}
	bit = BIT64(pin);
	spin_lock(&io->lock);
	if (!level) {
		io->line &= ~bit;
	} else if (!(io->line & bit)) {
		io->line |= bit;
		if (!is_level(io->rte[pin]) && !(io->rte[pin] & RTE_Mask)) {
			io->held |= bit;
		}
		pin_update(vm, pin);
	}
	spin_unlock(&io->lock);
}

void vioapic_pulse(struct vm *vm, uint32_t virq)
{
	struct vioapic *io = &vm->arch.ioapic;
	unsigned pin;

	if (!pin_find(virq, &pin)) {
		return;
	}
	spin_lock(&io->lock);
	io->held |= BIT64(pin);
	pin_update(vm, pin);
	spin_unlock(&io->lock);
}

void vioapic_eoi(struct vm *vm, uint8_t vector)
{
	struct vioapic *io = &vm->arch.ioapic;

	spin_lock(&io->lock);
	for (uint64_t waiting = io->remote; waiting != 0; waiting &= waiting - 1) {
		unsigned pin = (unsigned)__builtin_ctzll(waiting);

		if (FIELD_GET(RTE_Vector, io->rte[pin]) == vector) {
			io->remote &= ~BIT64(pin);
			pin_update(vm, pin);
			(void)hw_follow(io, pin); /* it was enabled when it came */
		}
	}
	spin_unlock(&io->lock);
}

void vioapic_retry(struct vm *vm)
{
	struct vioapic *io = &vm->arch.ioapic;

	spin_lock(&io->lock);
	for (uint64_t pins = io->held | (io->line & ~io->remote) | io->hw_on; pins != 0; pins &= pins - 1) {
		unsigned pin = (unsigned)__builtin_ctzll(pins);

		pin_update(vm, pin);
		if (io->hw_on & BIT64(pin)) {
			(void)hw_follow(io, pin);
		}
	}
	spin_unlock(&io->lock);
}

void vioapic_reset(struct vm *vm)
{
	struct vioapic *io = &vm->arch.ioapic;

	spin_lock(&io->lock);
	for (unsigned pin = 0; pin < VIOAPIC_PINS; pin++) {
		io->rte[pin] = RTE_Mask;
	}
	io->select = 0;
	io->id = 0;
	io->line = 0;
	io->held = 0;
	io->remote = 0;
	io->hw_on = 0; /* hyp/irq.c has disabled them */
	spin_unlock(&io->lock);
}

/* --- registers ------------------------------------------------------------------------------------------------ */

static bool rte_find(uint32_t select, unsigned *pin, unsigned *shift)
{
	*pin = (select - IOREDTBL) / 2;
	*shift = select % 2 * 32;
	return select >= IOREDTBL && *pin < VIOAPIC_PINS;
}

static uint32_t window_read(const struct vioapic *io)
{
	unsigned pin, shift;

	if (rte_find(io->select, &pin, &shift)) {
		uint64_t remote = (io->remote & BIT64(pin)) != 0 ? RTE_RemoteIRR : 0;

		return (uint32_t)((io->rte[pin] | remote) >> shift);
	}
	switch (io->select) {
	case IOAPICID:
	case IOAPICARB:
		return io->id;
	case IOAPICVER:
		return VER_VALUE;
	default:
		return 0;
	}
}

/*
 * A line that is high when an edge pin opens counts as an edge. An edge pin has no remote IRR. True: see
 * hw_follow().
 */
static bool rte_write(struct vm *vm, unsigned pin, uint64_t rte)
{
	struct vioapic *io = &vm->arch.ioapic;
	bool opens = (io->rte[pin] & ~rte & RTE_Mask) != 0;

	io->rte[pin] = rte & RTE_WRITABLE;
	if (!is_level(rte)) {
		io->remote &= ~BIT64(pin);
		io->held |= opens ? io->line & BIT64(pin) : 0;
	}
	pin_update(vm, pin);
	return hw_follow(io, pin);
}

static void window_write(struct vm *vm, uint32_t value)
{
	struct vioapic *io = &vm->arch.ioapic;
	unsigned pin, shift;
	bool enable = false;

	spin_lock(&io->lock);
	if (rte_find(io->select, &pin, &shift)) {
		uint64_t rest = io->rte[pin] & ~((uint64_t)UINT32_MAX << shift);

		enable = rte_write(vm, pin, rest | (uint64_t)value << shift);
	} else if (io->select == IOAPICID) {
		io->id = value & ID_ID;
	}
	spin_unlock(&io->lock);
	if (enable) {
		hw_enable(vm, pin);
	}
}

static void page_write(struct vm *vm, uint64_t off, const struct mmio *m)
{
	struct vioapic *io = &vm->arch.ioapic;

	if (off == IOREGSEL) {
		spin_lock(&io->lock);
		io->select = m->value & 0xff;
		spin_unlock(&io->lock);
	} else if (off == IOEOI) {
		vioapic_eoi(vm, (uint8_t)m->value);
	} else if (off == IOWIN && m->size == 4) {
		window_write(vm, (uint32_t)m->value);
	}
}

/* Bytes and words read the low end of a register; the window takes whole registers only. */
void vioapic_mmio(struct vcpu *v, uint64_t off, struct mmio *m)
{
	struct vioapic *io = &v->vm->arch.ioapic;

	if (m->write) {
		page_write(v->vm, off, m);
		return;
	}
	spin_lock(&io->lock);
	m->value = off == IOREGSEL ? io->select : off == IOWIN ? window_read(io) : 0;
	spin_unlock(&io->lock);
	m->value &= m->size >= 4 ? UINT32_MAX : BITS64(8u * m->size - 1, 0);
}
