/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what the boot loader and the firmware left in memory. Shared by platform*.c only. Everything in there
 * is hostile, and a device may still write to it while we read: it is copied once, and only the copy is looked
 * at.
 */
#pragma once

#include <asm/platform.h>
#include <hyp/bits.h>
#include <hyp/platform.h>
#include <hyp/string.h>

enum {
	FW_ADDR_BITS = 52,         /* no address in a table is higher [SDM 3A 4.1.4] */
	FW_MAP_MAX = 256,          /* entries of the boot loader's memory map */
	ACPI_HEADER = 36,          /* signature, length, revision, checksum, names [ACPI 6.4, 5.2.6] */
	ACPI_LENGTH = 4,
	ACPI_TABLE_MAX = 0x8000,   /* of a table that is copied: hundreds of CPUs or devices */
	ACPI_DSDT_MAX = 0x100000,
	ACPI_ROOT_MAX = 64,        /* tables the XSDT may list */
	RSDP_SIZE = 36,
	RSDP_V1_SIZE = 20,
};

/* A table that passed its checks: signature, length, checksum. */
struct acpi_table {
	const uint8_t *bytes;
	uint32_t size;
};

struct firmware {
	struct platform *p;
	uint8_t rsdp[RSDP_SIZE];
	bool rsdp_found;           /* checksum of the first part is right */
	unsigned root_count;
	uint64_t root[ACPI_ROOT_MAX];
};

/* Tables keep no alignment. */
static inline uint16_t le16(const uint8_t *b)
{
	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t le32(const uint8_t *b)
{
	return (uint32_t)le16(b) | (uint32_t)le16(b + 2) << 16;
}

static inline uint64_t le64(const uint8_t *b)
{
	return (uint64_t)le32(b) | (uint64_t)le32(b + 4) << 32;
}

/* platform.c */
void fw_note(struct platform *p, const char *text); /* each text once */
bool fw_copy(void *to, uint64_t from, uint64_t size) __must_check; /* from physical memory; nothing stays mapped */
uint8_t fw_sum(const uint8_t *bytes, uint64_t size);
bool fw_in_ram(const struct board *b, uint64_t base, uint64_t size);

/* These return NULL or why the machine cannot be believed at all, in words. */
const char *boot_read(struct firmware *fw);  /* platform_boot.c: RAM and, if the loader knows it, the RSDP */
const char *acpi_read(struct firmware *fw);  /* platform_acpi.c: all tables */
const char *madt_read(struct firmware *fw, const struct acpi_table *t); /* platform_madt.c */
const char *dmar_read(struct firmware *fw, const struct acpi_table *t); /* platform_dmar.c */

/* platform_acpi.c: takes over an RSDP found elsewhere if its checksum is right. */
bool acpi_rsdp_use(struct firmware *fw, const uint8_t *bytes, uint32_t size);
bool acpi_rsdp_at(struct firmware *fw, uint64_t address);
