/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PC's memory as its firmware left it, for whoever reads it: acpi/q35.bin is what SeaBIOS and the PVH loader of QEMU
 * 10.0.2 leave with `-M q35 -smp 4 -m 1G -device intel-iommu,intremap=on -device edu -device pcie-root-port -device
 * edu,bus=rp0`, as records of address, size, bytes. Tests change it. Also used by the fuzzer: no CMocka here.
 */
#pragma once

#include <asm/platform.h>
#include <hyp/platform.h>

enum {
	AT_PVH_INFO = 0x21e0,
	AT_PVH_MAP = 0x5a8,
	AT_RSDP = 0xf5240,
	AT_RSDT = 0x3ffe257f,
	AT_FADT = 0x3ffe22e7,
	AT_DSDT = 0x3ffe0040,
	AT_MADT = 0x3ffe23db,
	AT_MCFG = 0x3ffe24a3,
	AT_DMAR = 0x3ffe24df,
	AT_FREE = 0x20000000, /* for a test's own tables: RAM, so that nothing else is there */
};

extern struct platform platform; /* what world_read() makes of it */
extern struct world {
	uint32_t boot_cpu;  /* APIC id */
	bool no_virt;
	uint64_t refused;   /* this page cannot be mapped */
	unsigned mapped;    /* pages that are, now */
	unsigned maps;      /* how often one was */
	uint8_t *flat;      /* memory that is mapped all the time, and where it is; or NULL */
	uint64_t flat_pa;
} world;

void world_reset(void);       /* as recorded */
void world_read(void);        /* arch_platform_read(); nothing may stay mapped */

void mem_put(uint64_t at, const void *bytes, uint64_t size);
void mem_get(uint64_t at, void *bytes, uint64_t size);
void mem_put8(uint64_t at, uint8_t v);
void mem_put16(uint64_t at, uint16_t v);
void mem_put32(uint64_t at, uint32_t v);
void mem_put64(uint64_t at, uint64_t v);
uint32_t mem_get32(uint64_t at);

void table_seal(uint64_t at);                       /* makes the checksum right for the length it has */
void table_hide(uint64_t at);                       /* nobody finds it by its signature any more */
void table_use(uint64_t instead, uint64_t at);      /* RSDT lists at where it listed instead */

/* A table under construction. */
struct build {
	uint64_t at;
	uint32_t size;
	uint8_t bytes[0x20000];
};

void build_begin(struct build *b, uint64_t at, const char *signature, uint32_t header); /* zeros up to header bytes */
void build_put(struct build *b, uint64_t v, unsigned bytes);
void build_end(struct build *b);

bool noted(const char *text);  /* some note has that in it */
bool error_is(const char *text);
