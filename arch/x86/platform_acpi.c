/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACPI from the RSDP down [ACPI 6.4, 5.2]: finding and copying tables, and the short ones: FADT, \_S5 of the DSDT,
 * MCFG. Owns the one buffer that a table is copied to before a byte of it is believed [I6]. There is no
 * interpreter of AML.
 */
#include "platform_acpi.h"

enum {
	/* 5.2.5.3 RSDP */
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_LENGTH = 20,
	RSDP_XSDT = 24,
	/* 5.2.9 FADT */
	FADT_DSDT = 40,
	FADT_PM1A_CNT = 64,
	FADT_PM_TMR = 76,
	FADT_FLAGS = 112,
	FADT_RESET_REG = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_DSDT = 140,
	FADT_X_PM1A_CNT = 172,
	FADT_X_PM_TMR = 208,
	FADT_RESET_SUP = 1 << 10,
	FADT_HW_REDUCED = 1 << 20,
	/* 5.2.3.2 generic address: space, width, offset, access size, address */
	GAS_SIZE = 12,
	GAS_IO = 1,
	/* PCI Firmware 3.3, 4.1.2 MCFG: header, 8 reserved, then base, segment, first and last bus, reserved */
	MCFG_ENTRIES = 44,
	MCFG_ENTRY = 16,
	/* 20.2 AML */
	AML_NAME = 0x08,
	AML_ROOT = 0x5c,
	AML_PACKAGE = 0x12,
	AML_BYTE = 0x0a,
	S5_LEAD = 2,    /* bytes looked at in front of "_S5_" … */
	S5_LEAST = 8,   /* … the least it takes with its package … */
	S5_WINDOW = 16, /* … and the most that is looked at */
};

static uint8_t table[ACPI_TABLE_MAX];

bool acpi_rsdp_use(struct firmware *fw, const uint8_t *bytes, uint32_t size)
{
	if (memcmp(bytes, "RSD PTR ", 8) != 0 || fw_sum(bytes, RSDP_V1_SIZE) != 0) {
		return false;
	}
	memset(fw->rsdp, 0, sizeof(fw->rsdp));
	memcpy(fw->rsdp, bytes, RSDP_V1_SIZE);
	fw->rsdp_found = true;
	if (bytes[RSDP_REVISION] < 2) {
		return true;
	}
	if (size >= RSDP_SIZE && le32(bytes + RSDP_LENGTH) == RSDP_SIZE && fw_sum(bytes, RSDP_SIZE) == 0) {
		memcpy(fw->rsdp, bytes, RSDP_SIZE);
	} else {
		fw_note(fw->p, "the second half of ACPI's RSDP is damaged: RSDT is used, not XSDT");
	}
	return true;
}

bool acpi_rsdp_at(struct firmware *fw, uint64_t address)
{
	uint8_t rsdp[RSDP_SIZE];

	return fw_copy(rsdp, address, sizeof(rsdp)) && acpi_rsdp_use(fw, rsdp, sizeof(rsdp));
}

/* 5.2.5.1: on 16-byte boundaries. */
static bool rsdp_search(struct firmware *fw, uint64_t base, uint32_t size)
{
	if (!fw_copy(table, base, size)) {
		return false;
	}
	for (uint32_t at = 0; at + 16 <= size; at += 16) {
		if (memcmp(table + at, "RSD PTR ", 8) == 0 && acpi_rsdp_at(fw, base + at)) {
			return true;
		}
	}
	return false;
}

/* The first KiB of the extended BIOS data area, then the BIOS itself. */
static void rsdp_find(struct firmware *fw)
{
	uint8_t ebda[2];

	if (fw_copy(ebda, 0x40e, sizeof(ebda)) && rsdp_search(fw, (uint64_t)le16(ebda) << 4, 1024)) {
		return;
	}
	for (uint64_t base = 0xe0000; base < 0x100000; base += ACPI_TABLE_MAX) {
		if (rsdp_search(fw, base, ACPI_TABLE_MAX)) {
			return;
		}
	}
}

/* Copies the table at that address; false: not this signature, or not a table that can be believed. */
static bool table_copy(uint64_t address, const char *signature, struct acpi_table *out)
{
	uint32_t size;

	if (!fw_copy(table, address, ACPI_HEADER)) {
		return false;
	}
	size = le32(table + ACPI_LENGTH);
	if (memcmp(table, signature, 4) != 0 || size < ACPI_HEADER || size > sizeof(table) ||
	    !fw_copy(table, address, size) || memcmp(table, signature, 4) != 0 ||
	    le32(table + ACPI_LENGTH) != size || fw_sum(table, size) != 0) {
		return false;
	}
	*out = (struct acpi_table){ table, size };
	return true;
}

static bool root_read(struct firmware *fw, uint64_t address, const char *signature, uint32_t width)
{
	struct acpi_table t;

	if (address == 0 || !table_copy(address, signature, &t)) {
		return false;
	}
	uint32_t count = (t.size - ACPI_HEADER) / width;

	if (count > ACPI_ROOT_MAX) {
		fw_note(fw->p, "ACPI has more tables than the hypervisor reads (64): the others are ignored");
		count = ACPI_ROOT_MAX;
	}
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *e = t.bytes + ACPI_HEADER + (size_t)i * width;

		fw->root[i] = width == 8 ? le64(e) : le32(e);
	}
	fw->root_count = count;
	return true;
}

static const char *root_find(struct firmware *fw)
{
	if (!fw->rsdp_found) {
		rsdp_find(fw);
	}
	if (!fw->rsdp_found) {
		return "no ACPI: there is no RSDP, neither from the boot loader nor in the BIOS area";
	}
	uint64_t xsdt = le64(fw->rsdp + RSDP_XSDT);

	if (root_read(fw, xsdt, "XSDT", 8)) {
		return NULL;
	}
	if (root_read(fw, le32(fw->rsdp + RSDP_RSDT), "RSDT", 4)) {
		if (xsdt != 0) {
			fw_note(fw->p, "ACPI's XSDT is damaged: RSDT is used");
		}
		return NULL;
	}
	return "ACPI's RSDP leads to no XSDT or RSDT: bad address, length or checksum";
}

/* How many tables of that signature there are; the address of the first. */
static unsigned table_find(const struct firmware *fw, const char *signature, uint64_t *address)
{
	uint8_t name[4];
	unsigned count = 0;

	for (unsigned i = 0; i < fw->root_count; i++) {
		if (fw_copy(name, fw->root[i], sizeof(name)) && memcmp(name, signature, 4) == 0 && count++ == 0) {
			*address = fw->root[i];
		}
	}
	return count;
}

/* The port of a register block: the extended form if the table has it, in I/O space, else the old one; 0: none. */
static uint16_t fadt_port(const struct acpi_table *t, uint32_t old, uint32_t extended)
{
	uint64_t port = le32(t->bytes + old);

	if (t->size >= extended + GAS_SIZE && t->bytes[extended] == GAS_IO && le64(t->bytes + extended + 4) != 0) {
		port = le64(t->bytes + extended + 4);
	}
	return port <= 0xffff ? (uint16_t)port : 0;
}

/*
 * 7.4.2: NameOp, "_S5_", PackageOp, PkgLength (1 to 4 bytes), number of elements, SLP_TYPa, a number of 3 bits. name is
 * followed by S5_WINDOW - 4 bytes.
 */
static bool s5_parse(const uint8_t *name, uint16_t *type)
{
	uint32_t at = 6 + (name[5] >> 6);

	if (name[-1] != AML_NAME && !(name[-2] == AML_NAME && name[-1] == AML_ROOT)) {
		return false;
	}
	if (name[4] != AML_PACKAGE || name[at] == 0) {
		return false;
	}
	at++;
	*type = name[at] == AML_BYTE ? name[at + 1] : name[at];
	return *type <= (name[at] == AML_BYTE ? 7 : 1); /* ZeroOp and OneOp are 0 and 1 */
}

/* In n bytes of the buffer, which has S5_WINDOW more; last: nothing follows them. */
static bool s5_search(uint32_t n, bool last, uint16_t *type)
{
	memset(table + n, 0, S5_WINDOW);
	for (uint32_t at = S5_LEAD; at + (last ? S5_LEAST : S5_WINDOW) <= n; at++) {
		if (memcmp(table + at, "_S5_", 4) == 0 && s5_parse(table + at, type)) {
			return true;
		}
	}
	return false;
}

/*
 * The DSDT is too long to be copied as a whole: it goes through the buffer in pieces that overlap by what one look at
 * \_S5 takes, and its checksum decides in the end.
 */
static bool s5_find(uint64_t dsdt, uint16_t *type)
{
	enum { PIECE = ACPI_TABLE_MAX - S5_WINDOW, STEP = PIECE - S5_LEAD - S5_WINDOW };
	uint8_t sum = 0;
	bool found = false;
	uint32_t size;

	if (!fw_copy(table, dsdt, ACPI_HEADER)) {
		return false;
	}
	size = le32(table + ACPI_LENGTH);
	if (memcmp(table, "DSDT", 4) != 0 || size < ACPI_HEADER || size > ACPI_DSDT_MAX) {
		return false;
	}
	for (uint32_t from = 0; from < size; from += STEP) {
		uint32_t n = size - from < PIECE ? size - from : PIECE;

		if (!fw_copy(table, dsdt + from, n)) {
			return false;
		}
		sum = (uint8_t)(sum + fw_sum(table, n < STEP ? n : STEP));
		found = found || s5_search(n, from + n == size, type);
	}
	return found && sum == 0;
}

static void fadt_use(struct firmware *fw, const struct acpi_table *t)
{
	uint32_t flags = le32(t->bytes + FADT_FLAGS);
	uint64_t dsdt = le32(t->bytes + FADT_DSDT);
	const uint8_t *reset = t->bytes + FADT_RESET_REG;

	if (t->size >= FADT_X_DSDT + 8 && le64(t->bytes + FADT_X_DSDT) != 0) {
		dsdt = le64(t->bytes + FADT_X_DSDT);
	}
	if ((flags & FADT_RESET_SUP) && t->size > FADT_RESET_VALUE && reset[0] == GAS_IO &&
	    le64(reset + 4) <= 0xffff) {
		acpi_info.reset_port = (uint16_t)le64(reset + 4);
		acpi_info.reset_value = t->bytes[FADT_RESET_VALUE];
	}
	if (flags & FADT_HW_REDUCED) {
		fw_note(fw->p, "ACPI is of the hardware-reduced kind: no PM timer, no power off");
		return;
	}
	acpi_info.pm_timer = fadt_port(t, FADT_PM_TMR, FADT_X_PM_TMR);
	acpi_info.pm1a_control = fadt_port(t, FADT_PM1A_CNT, FADT_X_PM1A_CNT);
	if (!s5_find(dsdt, &acpi_info.sleep_s5)) {
		acpi_info.pm1a_control = 0; /* a made-up value could mean any other state */
		fw_note(fw->p, "ACPI's DSDT has no \\_S5 that can be read: the machine cannot be powered off");
	}
}

static void fadt_read(struct firmware *fw)
{
	struct acpi_table t;
	uint64_t address;

	/* The table of ACPI 1.0 ends with the flags. */
	if (table_find(fw, "FACP", &address) == 0 || !table_copy(address, "FACP", &t) || t.size < FADT_FLAGS + 4) {
		fw_note(fw->p, "no usable FADT: no PM timer, no power off");
		return;
	}
	fadt_use(fw, &t);
}

static void mcfg_use(struct firmware *fw, const uint8_t *e)
{
	struct board_pci *pci = &fw->p->board.pci;
	uint64_t base = le64(e);
	uint8_t first = e[10];
	uint8_t last = e[11];

	if (le16(e + 8) != 0) {
		fw_note(fw->p, "PCI segments other than 0 are not used: their devices are nobody's");
		return;
	}
	if (pci->present) {
		fw_note(fw->p, "ACPI's MCFG has segment 0 twice: only the first is used");
		return;
	}
	/* The base is that of bus 0, also where the first bus is another. */
	uint64_t ecam = base + ((uint64_t)first << 20);
	uint64_t size = ((uint64_t)last - first + 1) << 20;

	if (base == 0 || (base & (MIB(1) - 1)) != 0 || base >= BIT64(FW_ADDR_BITS) - MIB(256) || first > last ||
	    fw_in_ram(&fw->p->board, ecam, size)) {
		fw_note(fw->p, "ACPI's MCFG has configuration space where it cannot be, or no buses: ignored");
		return;
	}
	pci->present = true;
	pci->ecam = ecam;
	pci->ecam_size = size;
	pci->bus_first = first;
	pci->bus_last = last;
}

static void mcfg_read(struct firmware *fw)
{
	struct acpi_table t;
	uint64_t address;

	if (table_find(fw, "MCFG", &address) == 0) {
		return; /* the board rule says what that means */
	}
	if (!table_copy(address, "MCFG", &t)) {
		fw_note(fw->p, "ACPI's MCFG is damaged: no PCI");
		return;
	}
	for (uint32_t at = MCFG_ENTRIES; at <= t.size && t.size - at >= MCFG_ENTRY; at += MCFG_ENTRY) {
		mcfg_use(fw, t.bytes + at);
	}
}

/* Through which unit a function goes is what the scopes say, function by function. */
static void pci_behind_units(struct board *b)
{
	b->pci.iommu_mapped = b->pci.present && b->unit_count > 0;
	b->pci.rid_count = b->pci.iommu_mapped ? 0x10000 : 0;
}

static const char *dmar_find(struct firmware *fw)
{
	struct platform *p = fw->p;
	struct acpi_table t;
	uint64_t address;
	unsigned count = table_find(fw, "DMAR", &address);

	if (count == 0) {
		p->no_intremap = true; /* and no unit: the board rule names the option */
		return NULL;
	}
	if (count > 1) {
		p->unit_unreached = true;
		fw_note(p, "there are several DMAR tables: the units of all but the first cannot be blocked");
	}
	if (!table_copy(address, "DMAR", &t)) {
		return "ACPI's DMAR is damaged: bad length or checksum";
	}
	return dmar_read(fw, &t);
}

const char *acpi_read(struct firmware *fw)
{
	struct acpi_table t;
	uint64_t address;
	const char *error = root_find(fw);

	if (error != NULL) {
		return error;
	}
	fadt_read(fw); /* first: who refuses to boot wants to power off */
	if (table_find(fw, "APIC", &address) == 0 || !table_copy(address, "APIC", &t)) {
		return "ACPI has no MADT, or its length or checksum is wrong";
	}
	error = madt_read(fw, &t);
	if (error != NULL) {
		return error;
	}
	mcfg_read(fw);
	error = dmar_find(fw);
	pci_behind_units(&fw->p->board);
	return error;
}
