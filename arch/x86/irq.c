/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical interrupts for the core: pins of the I/O APIC and messages, one number, one vector and one remapping entry
 * each. An entry names the requester that may use it, so that no device raises another's interrupt [I3]. A message that
 * comes although nobody may send it (a machine without compatibility-format blocking lets DMA forge one) is ended,
 * reported once and otherwise ignored [I6].
 *
 * Ending: the LAPIC gets one EOI for each vector it delivered, here and nowhere else. Of a device's interrupt it comes
 * last: by then a level interrupt's source was silenced by our handler or its pin masked by arch_vm_pend_hwirq(), so
 * that it does not come again at once; a partition's then waits for ioapic_unmask(). arch_irq_eoi() is left with
 * nothing to do, which also makes it harmless outside of an interrupt (irq_vm_stop()). Of our own vectors the EOI is
 * first, because hyp_ipi() need not return.
 */
#include <arch/irq.h>

#include <arch/cpu.h>
#include <arch/msi.h>
#include <asm/io.h>
#include <asm/percpu.h>
#include <asm/trap.h>
#include <asm/vlapic.h>
#include <bulkhead/errno.h>
#include <drv/intremap.h>
#include <hyp/bits.h>
#include <hyp/check.h>
#include <hyp/entry.h>
#include <hyp/log.h>

enum { PIC_MASTER_DATA = 0x21, PIC_SLAVE_DATA = 0xa1, UNIT_NONE = 0xff };

/* Message address [SDM 3A 11.11.1] and its remappable format [VT-d 5.1.2.2] */
#define MSI_ADDR           0xfee00000u
#define MSI_ADDR_ID        BITS32(19, 12)
#define MSI_ADDR_HANDLE    BITS32(19, 5)
#define MSI_ADDR_REMAP     BIT32(4)
#define MSI_ADDR_HANDLE_15 BIT32(2)

_Static_assert(IRQ_MAX <= (unsigned)INTREMAP_ENTRIES, "an entry for every interrupt");
_Static_assert(IRQ_MAX + 16u == IRQ_VECTOR_TIMER, "devices' vectors end where ours begin");
_Static_assert(IRQ_SHARED + IRQ_GSI_COUNT <= IRQ_MSI_FIRST, "pins and messages are apart");

enum message_state { MESSAGE_CLOSED, MESSAGE_REPORTED, MESSAGE_OPEN };

static struct message {
	uint8_t state; /* atomic */
	uint8_t unit;  /* behind which its requester is, if open; UNIT_NONE: a unit's own */
} messages[IRQ_MAX - IRQ_MSI_FIRST];

static bool is_message(uint32_t irq)
{
	return irq >= IRQ_MSI_FIRST && irq < IRQ_MAX;
}

static struct message *message(uint32_t irq)
{
	CHECK(is_message(irq));
	return &messages[irq - IRQ_MSI_FIRST];
}

static void message_state_set(uint32_t irq, enum message_state state)
{
	__atomic_store_n(&message(irq)->state, (uint8_t)state, __ATOMIC_RELEASE);
}

/* --- pins and messages, for the core ------------------------------------------------------------------------ */

int arch_irq_init(const struct board *b)
{
	int err;

	io_write8(PIC_MASTER_DATA, 0xff);
	io_write8(PIC_SLAVE_DATA, 0xff);
	err = lapic_init(b);
	return err != 0 ? err : ioapic_init(b);
}

void arch_irq_init_cpu(void)
{
	lapic_init_cpu();
}

/* A message needs nothing here: its source was told what to write by arch_msi_make() or arch_msi_enable(). */
void arch_irq_enable(uint32_t irq, unsigned cpu, bool edge)
{
	int err;

	if (is_message(irq)) {
		message_state_set(irq, MESSAGE_OPEN);
		return;
	}
	err = ioapic_enable(irq, cpu, edge);
	if (err == -BH_ENODEV) {
		log_error("interrupt %u does not exist on this board: it can never come", irq);
	} else if (err != 0) {
		log_error("interrupt %u stays off: its IOMMU unit did not take the remapping entry", irq);
	}
}

/*
 * Blocks a message's entry, too, which takes the unit's lock: our callers hold none, being an interrupt's entry (the
 * hypervisor itself is never interrupted) or the last vCPU of a partition that goes down.
 */
void arch_irq_disable(uint32_t irq)
{
	if (!is_message(irq)) {
		ioapic_disable(irq);
	} else if (message(irq)->state == MESSAGE_OPEN && message(irq)->unit != UNIT_NONE) {
		arch_msi_disable(irq, message(irq)->unit);
	} else {
		message_state_set(irq, MESSAGE_CLOSED);
	}
}

void arch_irq_eoi(uint32_t irq)
{
}

/* --- messages ----------------------------------------------------------------------------------------------- */

bool arch_msi_remapped(void)
{
	for (unsigned i = 0; i < iommu_unit_count; i++) {
		if (!intremap_on(&iommu_units[i])) {
			return false;
		}
	}
	return iommu_unit_count > 0;
}

void arch_msi_make(uint32_t irq, unsigned cpu, struct msi_msg *out)
{
	CHECK(cpu < hyp_config.board.cpu_count);
	out->addr = MSI_ADDR | FIELD32(MSI_ADDR_ID, hyp_config.board.cpu_id[cpu]);
	out->data = irq_vector(irq); /* fixed, edge */
	message(irq)->unit = UNIT_NONE;
	message_state_set(irq, MESSAGE_OPEN);
}

int arch_msi_enable(uint32_t irq, unsigned cpu, unsigned unit, sid_t sid, struct msi_msg *out)
{
	struct intremap_entry e = { .vector = irq_vector(irq), .sid = (uint16_t)sid };
	int err;

	CHECK(is_message(irq) && cpu < hyp_config.board.cpu_count && sid <= UINT16_MAX);
	if (unit >= iommu_unit_count || !intremap_on(&iommu_units[unit])) {
		return -BH_ENODEV;
	}
	e.apic_id = (uint32_t)hyp_config.board.cpu_id[cpu];
	message(irq)->unit = (uint8_t)unit;
	message_state_set(irq, MESSAGE_OPEN); /* first: one that comes at once is not a stranger's */
	err = intremap_set(&iommu_units[unit], irq, &e);
	if (err != 0) {
		message_state_set(irq, MESSAGE_CLOSED);
		return err;
	}
	out->addr = MSI_ADDR | MSI_ADDR_REMAP | FIELD32(MSI_ADDR_HANDLE, irq & BITS32(14, 0)) |
		    (irq >> 15 != 0 ? MSI_ADDR_HANDLE_15 : 0);
	out->data = 0; /* no subhandle; vector and mode are the entry's */
	return 0;
}

void arch_msi_disable(uint32_t irq, unsigned unit)
{
	if (unit < iommu_unit_count && intremap_set(&iommu_units[unit], irq, NULL) != 0) {
		log_error("IOMMU unit %u does not confirm that message interrupt %u is off: it is ignored from now on",
			  unit, irq);
	}
	message_state_set(irq, MESSAGE_CLOSED);
}

/* --- between CPUs ------------------------------------------------------------------------------------------- */

void arch_ipi_send(unsigned cpu)
{
	lapic_ipi(cpu, IRQ_VECTOR_KICK);
}

void arch_ipi_park_others(void)
{
	trap_park_on_nmi();
	lapic_nmi_others();
}

/* --- entry -------------------------------------------------------------------------------------------------- */

static void device_irq(uint32_t irq)
{
	uint8_t *state = is_message(irq) ? &message(irq)->state : NULL;
	uint8_t closed = MESSAGE_CLOSED;

	if (state == NULL || __atomic_load_n(state, __ATOMIC_ACQUIRE) == MESSAGE_OPEN) {
		hyp_irq(irq);
	} else if (__atomic_compare_exchange_n(state, &closed, MESSAGE_REPORTED, false, __ATOMIC_RELAXED,
					       __ATOMIC_RELAXED)) {
		log_warn("message interrupt %u came but is switched off: ignored, and not reported again", irq);
	}
	lapic_eoi();
}

void irq_entry(unsigned vector)
{
	struct vcpu *vcpu = percpu_this()->vcpu;

	if (vector == IRQ_VECTOR_TIMER) {
		lapic_eoi();
		if (lapic_timer_expired() && vcpu != NULL) {
			vlapic_timer_expire(vcpu);
		}
	} else if (vector == IRQ_VECTOR_KICK) {
		lapic_eoi();
		hyp_ipi();
	} else if (vector >= IRQ_VECTOR_FIRST && vector < IRQ_VECTOR_TIMER) {
		device_irq(vector - 16);
	} else if (vector != IRQ_VECTOR_SPURIOUS || lapic_in_service(IRQ_VECTOR_SPURIOUS)) {
		lapic_eoi(); /* a spurious one is not in service [SDM 3A 11.9]; a forged one would block all others */
	}
}
