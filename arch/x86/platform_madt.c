/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The multiple APIC description table [ACPI 6.4, 5.2.12]: CPUs, local APICs, the I/O APIC, where ISA interrupts arrive.
 * Owns nothing. Kinds of entries it does not know are passed over, as the specification wants.
 */
#include <asm/irq.h>

#include "platform_acpi.h"

enum {
	MADT_LAPIC_ADDRESS = 36,
	MADT_ENTRIES = 44,
	ENTRY_MAX = 2048,
	KIND_LAPIC = 0,
	KIND_IOAPIC = 1,
	KIND_OVERRIDE = 2,
	KIND_ADDRESS = 5,
	KIND_X2APIC = 9,
	CPU_ENABLED = 1,    /* flags bit 0; bit 1, online capable, is a CPU that may be plugged in: not there */
	APIC_ID_MAX = 0xfe, /* we run the local APICs in xAPIC mode */
	APIC_SIZE = 0x1000,
};

struct madt {
	struct platform *p;
	uint32_t boot_cpu;
	bool boot_cpu_seen;
};

static void cpu_add(struct madt *m, uint32_t id, uint32_t flags)
{
	struct board *b = &m->p->board;

	if (!(flags & CPU_ENABLED)) {
		return;
	}
	if (id > APIC_ID_MAX) {
		fw_note(m->p, "a CPU with an APIC id above 254 was left out: it needs x2APIC mode");
		return;
	}
	if (id == m->boot_cpu && !m->boot_cpu_seen) {
		m->boot_cpu_seen = true; /* has its place already: the first */
		return;
	}
	for (unsigned i = 0; i < b->cpu_count; i++) {
		if (b->cpu_id[i] == id) {
			fw_note(m->p, "two CPUs have the same APIC id: one was left out");
			return;
		}
	}
	if (b->cpu_count == CPU_MAX) {
		fw_note(m->p, "more CPUs than the hypervisor can use (8): the others stay off");
		return;
	}
	b->cpu_id[b->cpu_count++] = id;
}

static void lapic_set(struct madt *m, uint64_t base)
{
	m->p->board.lapic = (struct cfg_range){ .base = base, .size = APIC_SIZE };
}

static void ioapic_add(struct madt *m, const uint8_t *e)
{
	struct cfg_range r = { .base = le32(e + 4), .size = APIC_SIZE };

	if (m->p->board.ioapic.size != 0) {
		fw_note(m->p, "more than one I/O APIC: only the first is used");
		return;
	}
	if (r.base == 0 || (r.base & PAGE_MASK) != 0 || fw_in_ram(&m->p->board, r.base, r.size)) {
		fw_note(m->p, "MADT has the I/O APIC where none can be: it is left out");
		return;
	}
	m->p->board.ioapic = r;
	acpi_info.ioapic_id = e[2];
	acpi_info.ioapic_gsi_base = le32(e + 8);
}

/* Bus 0 is ISA. Flags: polarity [1:0] 3 is active low, trigger mode [3:2] 3 is level; else as ISA has it. */
static void override_add(struct madt *m, const uint8_t *e)
{
	uint8_t source = e[3];
	uint32_t gsi = le32(e + 4);
	uint16_t flags = le16(e + 8);

	if (e[2] != 0 || source >= ARRAY_COUNT(acpi_info.isa_gsi) || gsi >= IRQ_GSI_COUNT) {
		fw_note(m->p, "MADT has an interrupt override of no ISA interrupt, or to a pin above 31: ignored");
		return;
	}
	acpi_info.isa_gsi[source] = gsi;
	acpi_info.isa_low[source] = (flags & 3) == 3;
	acpi_info.isa_level[source] = (flags >> 2 & 3) == 3;
}

/* Bytes an entry of that kind has at least. */
static uint32_t kind_size(uint8_t kind)
{
	switch (kind) {
	case KIND_LAPIC:
		return 8;
	case KIND_IOAPIC:
	case KIND_ADDRESS:
		return 12;
	case KIND_OVERRIDE:
		return 10;
	case KIND_X2APIC:
		return 16;
	default:
		return 2;
	}
}

static void entry_use(struct madt *m, const uint8_t *e)
{
	switch (e[0]) {
	case KIND_LAPIC:
		cpu_add(m, e[3], le32(e + 4));
		break;
	case KIND_IOAPIC:
		ioapic_add(m, e);
		break;
	case KIND_OVERRIDE:
		override_add(m, e);
		break;
	case KIND_ADDRESS:
		lapic_set(m, le64(e + 4));
		break;
	case KIND_X2APIC:
		cpu_add(m, le32(e + 4), le32(e + 8));
		break;
	default:
		break;
	}
}

static const char *entries_read(struct madt *m, const struct acpi_table *t)
{
	uint32_t at = MADT_ENTRIES;

	for (unsigned n = 0; n < ENTRY_MAX && at < t->size; n++) {
		const uint8_t *e = t->bytes + at;
		uint32_t left = t->size - at;

		if (left < 2 || e[1] < 2 || e[1] > left) {
			return "an entry of ACPI's MADT is shorter than its header or longer than the table";
		}
		if (e[1] < kind_size(e[0])) {
			return "an entry of ACPI's MADT is shorter than its kind has to be";
		}
		entry_use(m, e);
		at += e[1];
	}
	return at < t->size ? "ACPI's MADT has more entries than the hypervisor reads (2048)" : NULL;
}

const char *madt_read(struct firmware *fw, const struct acpi_table *t)
{
	struct madt m = { .p = fw->p, .boot_cpu = lapic_id() };
	struct board *b = &fw->p->board;

	if (t->size < MADT_ENTRIES) {
		return "ACPI's MADT is shorter than its header";
	}
	b->cpu_id[0] = m.boot_cpu;
	b->cpu_count = 1;
	lapic_set(&m, le32(t->bytes + MADT_LAPIC_ADDRESS));

	const char *error = entries_read(&m, t);

	if (error != NULL) {
		return error;
	}
	if (!m.boot_cpu_seen) {
		return "the CPU we run on is not in ACPI's MADT";
	}
	if (b->ioapic.size == 0) {
		return "ACPI's MADT has no I/O APIC";
	}
	if (b->lapic.base == 0 || (b->lapic.base & PAGE_MASK) != 0 || b->lapic.base >= BIT64(FW_ADDR_BITS) ||
	    fw_in_ram(b, b->lapic.base, b->lapic.size)) {
		return "ACPI's MADT has the local APICs where they cannot be";
	}
	return NULL;
}
