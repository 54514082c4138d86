/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message-signalled interrupts of partitions' functions. Owns the messages: a partition writes what it likes into the
 * MSI capability and the MSI-X table, both emulated; what the device really sends is ours, remapped by the IOMMU unit
 * for this requester alone, and is turned into the partition's own message when it arrives. So nothing a guest writes
 * can raise an interrupt of anybody else [I3]. Each function has its vectors for ever; what it sends while its owner
 * has not enabled it is dropped, what arrives after its owner masked it is kept until it is unmasked. Under pci.lock,
 * like the rest of a function's runtime state. What is offered at all: pci_msi_offer.c.
 *
 * A function has at most PCI_MSIX_MAX vectors and one MSI message: what is not shown cannot be used. All of them come
 * to the CPU of the owner's first vCPU; which vCPU then gets one is what the partition's message says.
 */
#include <hyp/pci_priv.h>

#include <arch/irq.h>
#include <arch/mmio.h>
#include <hyp/irq.h>

enum {
	MSG_FIRST = IRQ_MSI_FIRST,
	MSG_COUNT = MSG_FIRST < IRQ_MAX ? IRQ_UNIT_FIRST - MSG_FIRST : 1, /* from there on: the units' own */
	MSIX_ADDR_LO = 0, MSIX_ADDR_HI = 4, MSIX_DATA = 8, MSIX_VECTOR_CONTROL = 12,
	MSIX_MASKED = 1,
	MSI_ADDR_RESERVED = 3, /* bits 1:0 of an address read 0 [PCIe 7.7.1.3] */
};

_Static_assert(PCI_MSIX_MAX <= 32, "a function's pending bits are one dword");

struct vector {
	struct pci_fn *fn;
	struct msi_msg hw;    /* what the device sends */
	struct msi_msg guest; /* what its driver wrote into the MSI-X table */
	bool masked;          /* by the guest; MSI-X only */
	bool pending;         /* arrived while masked: the device had sent it before it knew */
};

_Static_assert(!PCI_MSI || IRQ_MAX - IRQ_UNIT_FIRST >= UNIT_MAX, "a message for each unit");

static struct vector vectors[MSG_COUNT];

static struct vector *vector_of(const struct pci_fn *f, unsigned n)
{
	return &vectors[f->msi.first + n];
}

/* --- the hardware's side -------------------------------------------------------------------------------------- */

/* MSI-X wins: with both enabled the device may do anything [PCIe 6.1.4]. */
static bool msi_sends(const struct pci_msi *s)
{
	return s->on && !s->xon;
}

static void msi_off(const struct pci_fn *f)
{
	pci_write16(f->bdf, f->msi.cap + MSI_CONTROL, 0);
}

static void msi_on(const struct pci_fn *f)
{
	const struct pci_msi *s = &f->msi;
	const struct msi_msg *m = &vector_of(f, 0)->hw;
	unsigned data = s->cap + (s->wide ? MSI_DATA64 : MSI_DATA32);

	pci_write32(f->bdf, s->cap + MSI_ADDR, (uint32_t)m->addr);
	if (s->wide) {
		pci_write32(f->bdf, s->cap + MSI_ADDR_HI, (uint32_t)(m->addr >> 32));
	}
	pci_write16(f->bdf, data, (uint16_t)m->data);
	pci_write16(f->bdf, s->cap + MSI_CONTROL, MSI_CONTROL_ENABLE);
}

static void msix_control_write(const struct pci_fn *f)
{
	const struct pci_msi *s = &f->msi;
	uint32_t control = (s->xon ? MSIX_CONTROL_ENABLE : 0) | (s->xon && !s->xmask ? 0 : MSIX_CONTROL_MASK);

	pci_write16(f->bdf, s->xcap + MSIX_CONTROL, (uint16_t)control);
}

/*
 * The whole entry each time it is opened: a reset of the device's own may have wiped it. Masked meanwhile, because an
 * open entry must not change [PCIe 6.1.4.2].
 */
static void msix_entry_write(const struct pci_fn *f, unsigned n)
{
	uintptr_t entry = f->msi.table + (uintptr_t)n * MSIX_ENTRY_SIZE;

	arch_mmio_write32(entry + MSIX_VECTOR_CONTROL, MSIX_MASKED);
	if (n < f->msi.count && !vector_of(f, n)->masked) {
		const struct msi_msg *m = &vector_of(f, n)->hw;

		arch_mmio_write32(entry + MSIX_ADDR_LO, (uint32_t)m->addr);
		arch_mmio_write32(entry + MSIX_ADDR_HI, (uint32_t)(m->addr >> 32));
		arch_mmio_write32(entry + MSIX_DATA, m->data);
		arch_mmio_write32(entry + MSIX_VECTOR_CONTROL, 0);
	}
}

void pci_msi_stop(struct pci_fn *f)
{
	struct pci_msi *s = &f->msi;

	if (!PCI_MSI || s->count == 0) {
		return;
	}
	s->on = false;
	s->xon = false;
	s->xmask = false;
	if (s->cap != 0) {
		msi_off(f);
	}
	if (s->xcap != 0) {
		msix_control_write(f);
	}
}

/*
 * Masked and off, as after a reset; the device may have been through one. It is off already: pci_cap_quiet() or
 * pci_msi_stop(). Its command register is ours until it is live.
 */
void pci_msi_start(struct pci_fn *f)
{
	struct pci_msi *s = &f->msi;

	if (!PCI_MSI || s->count == 0) {
		return;
	}
	s->guest = (struct msi_msg){ 0 };
	for (unsigned n = 0; n < s->count; n++) {
		struct vector *v = vector_of(f, n);

		v->guest = (struct msi_msg){ 0 };
		v->masked = true;
		v->pending = false;
	}
	if (s->mask != 0) {
		pci_write32(f->bdf, s->mask, 0);
	}
	if (s->xcap != 0) {
		uint32_t command = f->command;

		pci_fn_command(f, (command & ~PCI_CMD_MASTER) | PCI_CMD_MEM);
		for (unsigned n = 0; n < s->entries; n++) {
			msix_entry_write(f, n);
		}
		pci_fn_command(f, command);
	}
}

/* --- an interrupt comes ---------------------------------------------------------------------------------------- */

/*
 * The lock is held meanwhile, so that nothing of a partition's last run arrives in its next one: between the two, both
 * kinds are off.
 */
static void vector_deliver(struct vector *v)
{
	const struct pci_fn *f = v->fn;
	const struct pci_msi *s = &f->msi;

	v->pending = s->xon && (v->masked || s->xmask);
	if (v->pending) {
		return;
	}
	if (s->xon) {
		arch_vm_pend_msi(f->vm, v->guest.addr, v->guest.data);
	} else if (s->on && v == vector_of(f, 0)) {
		arch_vm_pend_msi(f->vm, s->guest.addr, s->guest.data);
	}
}

static void message_irq(uint32_t irq)
{
	struct vector *v = &vectors[irq - MSG_FIRST];

	spin_lock(&pci.lock);
	vector_deliver(v);
	spin_unlock(&pci.lock);
}

/* After the Message Control register changed: delivered, dropped if it is off now, or kept. */
static void pending_deliver(const struct pci_fn *f)
{
	for (unsigned n = 0; n < f->msi.count; n++) {
		if (vector_of(f, n)->pending) {
			vector_deliver(vector_of(f, n));
		}
	}
}

/* --- boot -------------------------------------------------------------------------------------------------------- */

unsigned pci_msi_vectors(struct pci_fn *f, unsigned want)
{
	unsigned cpu = f->vm->vcpu[0].cpu;
	unsigned count = 0;

	if (!PCI_MSI) {
		return 0;
	}
	f->msi.first = (uint16_t)pci.vector_count;
	for (; count < want && pci.vector_count < MSG_COUNT; count++) {
		struct vector *v = &vectors[pci.vector_count];
		uint32_t irq = MSG_FIRST + pci.vector_count;

		v->fn = f;
		if (arch_msi_enable(irq, cpu, f->cfg->unit, f->bdf, &v->hw) != 0) {
			break;
		}
		irq_set_handler(irq, message_irq, cpu, true);
		pci.vector_count++;
	}
	f->msi.count = (uint16_t)count;
	return count;
}

bool pci_msi_fits(const struct pci_fn *f)
{
	const struct msi_msg *m = &vector_of(f, 0)->hw;

	return m->data >> 16 == 0 && (f->msi.wide || m->addr >> 32 == 0);
}

/* --- what the partition sees and writes: the capabilities --------------------------------------------------------- */

/* Dword off of the capability; the header's low half comes from the list. */
uint32_t pci_msi_read(const struct pci_fn *f, unsigned id, unsigned off)
{
	const struct pci_msi *s = &f->msi;

	if (id == PCI_CAP_MSIX && off == 0) {
		uint32_t bits = (s->xmask ? MSIX_CONTROL_MASK : 0) | (s->xon ? MSIX_CONTROL_ENABLE : 0);

		return (bits | (s->count - 1u)) << 16;
	}
	if (id == PCI_CAP_MSIX) {
		return off == MSIX_TABLE ? s->table_at : s->pba_at;
	}
	switch (off) {
	case 0:
		return ((s->wide ? MSI_CONTROL_64 : 0) | (s->on ? MSI_CONTROL_ENABLE : 0)) << 16;
	case MSI_ADDR:
		return (uint32_t)s->guest.addr;
	case MSI_ADDR_HI: /* or data */
		return s->wide ? (uint32_t)(s->guest.addr >> 32) : s->guest.data;
	default:
		return s->guest.data;
	}
}

/* Bits [shift + 31:shift] of old with those that lanes covers replaced. */
static uint64_t merge(uint64_t old, uint32_t v, uint32_t lanes, unsigned shift)
{
	return (old & ~((uint64_t)lanes << shift)) | ((uint64_t)(v & lanes) << shift);
}

static bool merge_bit(bool old, uint32_t v, uint32_t lanes, uint32_t bit)
{
	return (lanes & bit) != 0 ? (v & bit) != 0 : old;
}

/*
 * What is on stays on, untouched, unless this write is what turns it off: a driver writes the register again with every
 * new message, and an interrupt may be on its way.
 */
static void control_write(struct pci_fn *f, unsigned id, uint32_t v, uint32_t lanes)
{
	struct pci_msi *s = &f->msi;
	bool was = msi_sends(s);

	if (id == PCI_CAP_MSI) {
		s->on = merge_bit(s->on, v, lanes, MSI_CONTROL_ENABLE);
	} else {
		s->xon = merge_bit(s->xon, v, lanes, MSIX_CONTROL_ENABLE);
		s->xmask = merge_bit(s->xmask, v, lanes, MSIX_CONTROL_MASK);
	}
	if (was && !msi_sends(s)) {
		msi_off(f);
	}
	if (s->xcap != 0) {
		msix_control_write(f);
	}
	if (!was && msi_sends(s)) {
		msi_on(f);
	}
	pending_deliver(f);
}

void pci_msi_write(struct pci_fn *f, unsigned id, unsigned off, uint32_t v, uint32_t lanes)
{
	struct msi_msg *m = &f->msi.guest;

	if (!PCI_MSI) {
		return;
	}
	if (off == 0) {
		control_write(f, id, v >> 16, lanes >> 16);
	} else if (id == PCI_CAP_MSIX) {
		return; /* where the table is cannot be changed */
	} else if (off == MSI_ADDR) {
		m->addr = merge(m->addr, v, lanes & ~(uint32_t)MSI_ADDR_RESERVED, 0);
	} else if (f->msi.wide && off == MSI_ADDR_HI) {
		m->addr = merge(m->addr, v, lanes, 32);
	} else {
		m->data = (uint32_t)merge(m->data, v, lanes & 0xffff, 0);
	}
}

/* --- … and the MSI-X table ---------------------------------------------------------------------------------------- */

static uint32_t table_read(const struct pci_fn *f, uint64_t off)
{
	const struct vector *v = vector_of(f, (unsigned)(off / MSIX_ENTRY_SIZE));

	switch (off % MSIX_ENTRY_SIZE) {
	case MSIX_ADDR_LO:
		return (uint32_t)v->guest.addr;
	case MSIX_ADDR_HI:
		return (uint32_t)(v->guest.addr >> 32);
	case MSIX_DATA:
		return v->guest.data;
	default:
		return v->masked ? MSIX_MASKED : 0;
	}
}

static void table_write(struct pci_fn *f, uint64_t off, uint32_t value)
{
	unsigned n = (unsigned)(off / MSIX_ENTRY_SIZE);
	struct vector *v = vector_of(f, n);

	switch (off % MSIX_ENTRY_SIZE) {
	case MSIX_ADDR_LO:
		v->guest.addr = merge(v->guest.addr, value & ~(uint32_t)MSI_ADDR_RESERVED, ~0u, 0);
		break;
	case MSIX_ADDR_HI:
		v->guest.addr = merge(v->guest.addr, value, ~0u, 32);
		break;
	case MSIX_DATA:
		v->guest.data = value;
		break;
	default:
		v->masked = (value & MSIX_MASKED) != 0;
		msix_entry_write(f, n);
		if (v->pending) {
			vector_deliver(v);
		}
	}
}

/* Of the vectors that are shown: what the device keeps, and what we keep because it had left the device. */
static uint32_t pba_read(const struct pci_fn *f)
{
	uint32_t bits = arch_mmio_read32(f->msi.pba) & BITS32(f->msi.count - 1u, 0);

	for (unsigned n = 0; n < f->msi.count; n++) {
		bits |= vector_of(f, n)->pending ? BIT32(n) : 0;
	}
	return bits;
}

/*
 * Dwords and quadwords of the table, reads of the pending bits [PCIe 7.7.2]. What else a device has in these pages is
 * out of reach, and reads 0: a table beside registers its driver needs makes the device unusable.
 */
static void table_access(struct pci_fn *f, uint64_t addr, struct mmio *m)
{
	uint64_t off = addr - f->msi.table;

	if (!m->write) {
		m->value = 0;
	}
	if ((m->size != 4 && m->size != 8) || (addr & (m->size - 1u)) != 0) {
		return;
	}
	if (off < (uint64_t)f->msi.count * MSIX_ENTRY_SIZE) {
		for (unsigned i = 0; i < m->size; i += 4) {
			if (m->write) {
				table_write(f, off + i, (uint32_t)(m->value >> (8 * i)));
			} else {
				m->value |= (uint64_t)table_read(f, off + i) << (8 * i);
			}
		}
	} else if (!m->write && addr == f->msi.pba) {
		m->value = pba_read(f);
	}
}

/* With decoding off, as it is in a partition that has stopped, nobody is at that address. */
static bool in_hole(const struct pci_fn *f, uint64_t addr)
{
	for (unsigned i = 0; i < f->hole_count && (f->command & PCI_CMD_MEM) != 0; i++) {
		const struct pci_hole *h = &f->hole[i];

		if (addr - (f->bar[h->bar].cpu + h->start) < h->end - h->start) {
			return true;
		}
	}
	return false;
}

void pci_msix_access(struct vm *vm, uint64_t addr, struct mmio *m)
{
	if (!PCI_MSI) {
		return;
	}
	if (!m->write) {
		m->value = ~(uint64_t)0;
	}
	spin_lock(&pci.lock);
	for (unsigned i = 0; i < pci.fn_count; i++) {
		struct pci_fn *f = &pci.fn[i];

		if (f->vm == vm && f->msi.xcap != 0 && in_hole(f, addr)) {
			table_access(f, addr, m);
			break;
		}
	}
	spin_unlock(&pci.lock);
}
