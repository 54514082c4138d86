/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DMA remapping table [VT-d 4.1, 8]: which units there are, what each translates, which reserved regions
 * firmware wants, and who remaps the I/O APIC. Owns nothing. A unit whose registers are in doubt makes the board
 * check refuse the machine: nobody could block it [I1]. A scope that cannot be represented costs its device the
 * unit, which is to say all DMA. A table whose structure is broken is not believed at all.
 */
#include <asm/irq.h>

#include "platform_acpi.h"

enum {
	/* 8.1 */
	DMAR_WIDTH = 36, /* host address width - 1 */
	DMAR_FLAGS = 37,
	DMAR_STRUCTURES = 48,
	FLAG_INTR_REMAP = 1,
	FLAG_X2APIC_OPT_OUT = 2,
	STRUCTURE_MAX = 512,
	/* 8.2 */
	TYPE_DRHD = 0,
	TYPE_RMRR = 1,
	TYPE_LAST = 6, /* ATSR, RHSA, ANDD, SATC, SIDP: nothing in them concerns who may reach what */
	/* 8.3 */
	DRHD_FLAGS = 4,
	DRHD_SIZE = 5, /* [3:0] registers take 2^n pages */
	DRHD_SEGMENT = 6,
	DRHD_BASE = 8,
	DRHD_SCOPES = 16,
	DRHD_INCLUDE_PCI_ALL = 1,
	/* 8.3.1 */
	SCOPE_HEADER = 6,
	SCOPE_TYPE = 0,
	SCOPE_LENGTH = 1,
	SCOPE_ID = 4,
	SCOPE_BUS = 5,
	SCOPE_IS_ENDPOINT = 1,
	SCOPE_IS_BRIDGE = 2,
	SCOPE_IS_IOAPIC = 3,
	SCOPE_IS_HPET = 4,      /* its interrupts come through its routing, which we leave off */
	SCOPE_IS_NAMESPACE = 5, /* a device of ACPI alone: belongs to nobody, so it stays blocked */
	SCOPES_PER_STRUCTURE = 256,
	/* 8.4 */
	RMRR_SEGMENT = 6,
	RMRR_BASE = 8,
	RMRR_LIMIT = 16,
	RMRR_SCOPES = 24,
};

#define TOO_MANY_SCOPES "DMAR names more devices than the hypervisor can use (64): the DMA of the others stays blocked"
#define TOO_LONG_PATH "DMAR names a device behind more than 7 bridges: its DMA stays blocked"

struct dmar {
	struct platform *p;
	bool registered;              /* of the structure at hand: its scopes count */
	uint8_t unit;                 /* DRHD */
	struct cfg_range reserved;    /* RMRR */
};

/* The next place in a scope list; out is what can be represented of a PCI scope. */
static bool path_read(struct dmar *d, const uint8_t *s, struct pci_scope *out)
{
	unsigned count = (s[SCOPE_LENGTH] - (unsigned)SCOPE_HEADER) / 2;

	if (count > SCOPE_PATH_MAX) {
		fw_note(d->p, TOO_LONG_PATH);
		return false;
	}
	*out = (struct pci_scope){ .bus = s[SCOPE_BUS], .path_count = (uint8_t)count, .unit = d->unit };
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *step = s + SCOPE_HEADER + (size_t)i * 2;

		if (step[0] > 31 || step[1] > 7) {
			fw_note(d->p, "DMAR names a device or function number that cannot be: the scope is ignored");
			return false;
		}
		out->path[i] = (uint8_t)(step[0] << 3 | step[1]);
	}
	out->kind = s[SCOPE_TYPE] == SCOPE_IS_BRIDGE ? SCOPE_BRIDGE : SCOPE_ENDPOINT;
	return true;
}

static void unit_scope_add(struct dmar *d, const struct pci_scope *scope)
{
	struct platform *p = d->p;

	if (p->scope_count == SCOPE_MAX) {
		fw_note(p, TOO_MANY_SCOPES);
		return;
	}
	p->scope[p->scope_count++] = *scope;
}

/* The I/O APIC is no PCI device: bus, device, function are just the requester id of its messages [VT-d 8.3.1.1]. */
static void ioapic_scope(struct dmar *d, const uint8_t *s)
{
	struct pci_scope scope;

	if (s[SCOPE_ID] != acpi_info.ioapic_id) {
		return;
	}
	if (acpi_info.ioapic_unit != 0xff) {
		fw_note(d->p, "DMAR has the I/O APIC under two units: only the first counts");
		return;
	}
	if (!path_read(d, s, &scope) || scope.path_count != 1) {
		fw_note(d->p, "DMAR has the I/O APIC behind a bridge: its requester id is not known");
		return;
	}
	acpi_info.ioapic_unit = d->unit;
	acpi_info.ioapic_sid = (uint16_t)(scope.bus << 8 | scope.path[0]);
}

static void unit_scope(struct dmar *d, const uint8_t *s)
{
	struct pci_scope scope;

	switch (s[SCOPE_TYPE]) {
	case SCOPE_IS_ENDPOINT:
	case SCOPE_IS_BRIDGE:
		if (path_read(d, s, &scope)) {
			unit_scope_add(d, &scope);
		}
		break;
	case SCOPE_IS_IOAPIC:
		ioapic_scope(d, s);
		break;
	case SCOPE_IS_HPET:
	case SCOPE_IS_NAMESPACE:
		break;
	default:
		fw_note(d->p, "DMAR has a device scope of a kind that is not known: ignored");
		break;
	}
}

static void reserved_scope(struct dmar *d, const uint8_t *s)
{
	struct platform *p = d->p;
	struct pci_scope scope;

	if (s[SCOPE_TYPE] != SCOPE_IS_ENDPOINT && s[SCOPE_TYPE] != SCOPE_IS_BRIDGE) {
		fw_note(p, "a reserved region of DMAR (RMRR) is for something that is no PCI device: ignored");
		return;
	}
	if (!path_read(d, s, &scope)) {
		return;
	}
	if (p->reserved_count == RMRR_MAX) {
		fw_note(p, "DMAR has more reserved regions (RMRR) than the hypervisor can use (16): ignored");
		return;
	}
	p->reserved[p->reserved_count++] = (struct pci_reserved){ .range = d->reserved, .scope = scope };
}

/* Every scope is checked, used or not. */
static const char *scopes_read(struct dmar *d, const uint8_t *s, uint32_t left,
			       void (*use)(struct dmar *d, const uint8_t *s))
{
	for (unsigned n = 0; n < SCOPES_PER_STRUCTURE && left > 0; n++) {
		if (left < SCOPE_HEADER || s[SCOPE_LENGTH] > left) {
			return "a device scope of ACPI's DMAR is longer than the structure it is in";
		}
		if (s[SCOPE_LENGTH] < SCOPE_HEADER + 2 || s[SCOPE_LENGTH] % 2 != 0) {
			return "a device scope of ACPI's DMAR has no path, or half a step in it";
		}
		if (d->registered) {
			use(d, s);
		}
		left -= s[SCOPE_LENGTH];
		s += s[SCOPE_LENGTH];
	}
	return left > 0 ? "a structure of ACPI's DMAR has more device scopes than the hypervisor reads (256)" : NULL;
}

/* A unit nobody can block. */
static void unit_lost(struct platform *p, const char *why)
{
	p->unit_unreached = true;
	fw_note(p, why);
}

static bool unit_add(struct dmar *d, uint64_t base, uint64_t size)
{
	struct board *b = &d->p->board;

	if (base == 0 || (base & PAGE_MASK) != 0 || base >= BIT64(FW_ADDR_BITS) - size) {
		unit_lost(d->p, "DMAR has a unit at address 0 or at one that is not of a page: it cannot be blocked");
		return false;
	}
	if (fw_in_ram(b, base, size)) {
		unit_lost(d->p, "DMAR has a unit's registers in RAM: the unit cannot be blocked");
		return false;
	}
	for (unsigned i = 0; i < b->unit_count; i++) {
		if (range_overlaps(base, size, b->unit[i].base, b->unit[i].size)) {
			unit_lost(d->p, "DMAR has two units at one address: one of them cannot be blocked");
			return false;
		}
	}
	if (b->unit_count == UNIT_MAX) {
		unit_lost(d->p, "more IOMMU units than the hypervisor was built for (4): the others cannot be blocked");
		return false;
	}
	d->unit = b->unit_count++;
	b->unit[d->unit] = (struct board_unit){
		.base = base,
		.size = size,
		.evtq_irq = IRQ_UNIT_FIRST + (uint32_t)d->unit,
		.coherent = true,
	};
	return true;
}

/* A unit of another segment blocks as all do; its scopes name devices that our PCI code does not see. */
static const char *drhd_read(struct dmar *d, const uint8_t *s, uint32_t size)
{
	if (size < DRHD_SCOPES) {
		return "a DRHD structure of ACPI's DMAR is shorter than it has to be";
	}
	d->registered = unit_add(d, le64(s + DRHD_BASE), PAGE_SIZE << (s[DRHD_SIZE] & 15));
	if (le16(s + DRHD_SEGMENT) != 0) {
		fw_note(d->p, "an IOMMU unit is for a PCI segment other than 0: it blocks everything");
		d->registered = false;
	}
	if (d->registered && (s[DRHD_FLAGS] & DRHD_INCLUDE_PCI_ALL)) {
		unit_scope_add(d, &(struct pci_scope){ .kind = SCOPE_ALL, .unit = d->unit });
	}
	return scopes_read(d, s + DRHD_SCOPES, size - DRHD_SCOPES, unit_scope);
}

static const char *rmrr_read(struct dmar *d, const uint8_t *s, uint32_t size)
{
	if (size < RMRR_SCOPES) {
		return "an RMRR structure of ACPI's DMAR is shorter than it has to be";
	}
	uint64_t base = le64(s + RMRR_BASE);
	uint64_t limit = le64(s + RMRR_LIMIT); /* the last byte */

	d->registered = true;
	d->unit = 0;
	if (base > limit || limit >= BIT64(FW_ADDR_BITS) || (base & PAGE_MASK) != 0 || (~limit & PAGE_MASK) != 0) {
		fw_note(d->p, "a reserved region of DMAR (RMRR) is empty or not of whole pages: ignored");
		d->registered = false;
	} else if (le16(s + RMRR_SEGMENT) != 0) {
		fw_note(d->p, "a reserved region of DMAR (RMRR) is for a PCI segment other than 0: ignored");
		d->registered = false;
	}
	d->reserved = (struct cfg_range){ .base = base, .size = d->registered ? limit - base + 1 : 0 };
	return scopes_read(d, s + RMRR_SCOPES, size - RMRR_SCOPES, reserved_scope);
}

static const char *structure_read(struct dmar *d, const uint8_t *s, uint32_t size)
{
	switch (le16(s)) {
	case TYPE_DRHD:
		return drhd_read(d, s, size);
	case TYPE_RMRR:
		return rmrr_read(d, s, size);
	default:
		if (le16(s) > TYPE_LAST) {
			fw_note(d->p, "DMAR has a structure of a kind that is not known: ignored");
		}
		return NULL;
	}
}

static const char *structures_read(struct dmar *d, const struct acpi_table *t)
{
	uint32_t at = DMAR_STRUCTURES;

	for (unsigned n = 0; n < STRUCTURE_MAX && at < t->size; n++) {
		const uint8_t *s = t->bytes + at;
		uint32_t left = t->size - at;
		uint32_t size = left < 4 ? 0 : le16(s + 2);

		if (size < 4 || size > left) {
			return "a structure of ACPI's DMAR is shorter than its header or longer than the table";
		}
		const char *error = structure_read(d, s, size);

		if (error != NULL) {
			return error;
		}
		at += size;
	}
	return at < t->size ? "ACPI's DMAR has more structures than the hypervisor reads (512)" : NULL;
}

const char *dmar_read(struct firmware *fw, const struct acpi_table *t)
{
	struct platform *p = fw->p;
	struct dmar d = { .p = p };

	if (t->size < DMAR_STRUCTURES) {
		return "ACPI's DMAR is shorter than its header";
	}
	const char *error = structures_read(&d, t);

	if (error != NULL) {
		return error;
	}
	p->scopes = true;
	acpi_info.intremap = (t->bytes[DMAR_FLAGS] & FLAG_INTR_REMAP) != 0;
	acpi_info.x2apic_opt_out = (t->bytes[DMAR_FLAGS] & FLAG_X2APIC_OPT_OUT) != 0;
	p->no_intremap = !acpi_info.intremap;
	if (acpi_info.intremap && acpi_info.ioapic_unit == 0xff) {
		fw_note(p, "DMAR does not say which unit remaps the interrupts of the I/O APIC");
		p->no_intremap = true;
	}
	return NULL;
}
