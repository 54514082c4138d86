/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See acpi_world.h. Pages are separate allocations, so that a sanitizer sees every byte read beside a mapped one;
 * what no page is for reads as ones, as on a bus. Mapping two pages at once, or leaving one mapped, ends the test.
 */
#include "acpi_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arch/mmu.h>
#include <arch/platform.h>
#include <arch/time.h>
#include <asm/cpuvirt.h>
#include <asm/irq.h>
#include <bulkhead/errno.h>
#include <hyp/log.h>

enum { PAGES = 256, FILE_MAX = 0x10000 };

struct platform platform;
struct world world;
uint32_t boot_magic;
uint32_t boot_info;

static const struct cfg_device device[] = { { .name = "edu0", .kind = CFG_DEV_PCI, .bdf = 2 << 3, .owner = 0 } };

const struct hyp_config hyp_config = {
	.board = {
		.unit_count = 2,
		.unit = { { .base = 0xfed91000 }, { .base = 0xfed90000 } },
		.pci = {
			.present = true,
			.ecam = 0xb0000000,
			.ecam_size = 0x10000000,
			.bus_last = 255,
			.window_count = 3,
			.window = {
				{ PCI_WINDOW_IO, 0xc000, 0xc000, 0x4000 },
				{ PCI_WINDOW_MEM32, 0xc0000000, 0xc0000000, 0x20000000 },
				{ PCI_WINDOW_MEM64, 0x800000000, 0x800000000, 0x800000000 },
			},
			.intx = { 52, 53, 54, 55 },
		},
	},
	.device_count = ARRAY_COUNT(device),
	.device = device,
};

/* The image's linker symbols. */
__asm__(".pushsection .rodata\n.globl __image_start, __image_end\n__image_start: .zero 64\n__image_end: .byte 0\n"
	".popsection\n");

static struct {
	uint64_t pa;
	uint8_t *bytes;
} page[PAGES];
static unsigned page_count;
static uint64_t mapped_pa = UINT64_MAX;
static uint8_t nothing[PAGE_SIZE]; /* ones */

static __attribute__((noreturn)) void world_fail(const char *why)
{
	(void)fprintf(stderr, "world: %s\n", why);
	abort();
}

static uint8_t *page_find(uint64_t pa)
{
	for (unsigned i = 0; i < page_count; i++) {
		if (page[i].pa == pa) {
			return page[i].bytes;
		}
	}
	return NULL;
}

static uint8_t *page_make(uint64_t pa)
{
	uint8_t *p = page_find(pa);

	if (p == NULL) {
		p = malloc(PAGE_SIZE);
		if (p == NULL || page_count == PAGES) {
			world_fail("too many pages");
		}
		memset(p, 0xff, PAGE_SIZE);
		page[page_count].pa = pa;
		page[page_count++].bytes = p;
	}
	return p;
}

/* --- what the code under test calls --- */

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	if ((base.v & PAGE_MASK) != 0 || size != PAGE_SIZE || prot != PROT_READ || world.mapped != 0) {
		world_fail("mapped otherwise than a page at a time, to be read");
	}
	if (base.v >> 47 || base.v == world.refused) {
		return -BH_ERANGE;
	}
	mapped_pa = base.v;
	world.mapped++;
	world.maps++;
	return 0;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
	if (world.mapped != 1 || base.v != mapped_pa || size != PAGE_SIZE) {
		world_fail("unmapped what is not mapped");
	}
	world.mapped = 0;
	mapped_pa = UINT64_MAX;
}

void *world_va(pa_t a)
{
	if (world.flat != NULL && a.v == world.flat_pa) {
		return world.flat;
	}
	if (a.v != mapped_pa) {
		world_fail("address of a page that is not mapped");
	}
	return page_find(a.v) != NULL ? page_find(a.v) : nothing;
}

uint32_t lapic_id(void)
{
	return world.boot_cpu;
}

bool cpuvirt_choose(const char **why)
{
	*why = world.no_virt ? "no SVM" : NULL;
	return !world.no_virt;
}

bool time_init(uint16_t pm_timer)
{
	return true;
}

void log_line(enum log_level level, const char *fmt, ...)
{
}

/* --- what tests call --- */

void mem_put(uint64_t at, const void *bytes, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++) {
		page_make(align_down(at + i, PAGE_SIZE))[(at + i) & PAGE_MASK] = ((const uint8_t *)bytes)[i];
	}
}

void mem_get(uint64_t at, void *bytes, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++) {
		const uint8_t *p = page_find(align_down(at + i, PAGE_SIZE));

		((uint8_t *)bytes)[i] = p == NULL ? 0xff : p[(at + i) & PAGE_MASK];
	}
}

static void put(uint64_t at, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		mem_put(at + i, &(uint8_t){ (uint8_t)(v >> (8 * i)) }, 1);
	}
}

void mem_put8(uint64_t at, uint8_t v)
{
	put(at, v, 1);
}

void mem_put16(uint64_t at, uint16_t v)
{
	put(at, v, 2);
}

void mem_put32(uint64_t at, uint32_t v)
{
	put(at, v, 4);
}

void mem_put64(uint64_t at, uint64_t v)
{
	put(at, v, 8);
}

uint32_t mem_get32(uint64_t at)
{
	uint8_t b[4];

	mem_get(at, b, 4);
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void table_seal(uint64_t at)
{
	uint32_t size = mem_get32(at + 4);
	uint8_t sum = 0;
	uint8_t b;

	mem_put8(at + 9, 0);
	for (uint32_t i = 0; i < size && i < 0x200000; i++) {
		mem_get(at + i, &b, 1);
		sum = (uint8_t)(sum + b);
	}
	mem_put8(at + 9, (uint8_t)(0 - sum));
}

void table_hide(uint64_t at)
{
	mem_put(at, "GONE", 4);
}

void table_use(uint64_t instead, uint64_t at)
{
	uint32_t size = mem_get32(AT_RSDT + 4);

	for (uint32_t i = 36; i < size; i += 4) {
		if (mem_get32(AT_RSDT + i) == (uint32_t)instead) {
			mem_put32(AT_RSDT + i, (uint32_t)at);
		}
	}
	table_seal(AT_RSDT);
}

void build_begin(struct build *b, uint64_t at, const char *signature, uint32_t header)
{
	memset(b, 0, sizeof(*b));
	b->at = at;
	b->size = header;
	memcpy(b->bytes, signature, 4);
}

void build_put(struct build *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes && b->size < sizeof(b->bytes); i++) {
		b->bytes[b->size++] = (uint8_t)(i < 8 ? v >> (8 * i) : 0);
	}
}

void build_end(struct build *b)
{
	memcpy(b->bytes + 4, &(uint32_t){ b->size }, 4);
	mem_put(b->at, b->bytes, b->size);
	table_seal(b->at);
}

void world_reset(void)
{
	static uint8_t file[FILE_MAX];
	static size_t size;

	if (size == 0) {
		FILE *f = fopen("test/unit/acpi/q35.bin", "rb");

		if (f == NULL || (size = fread(file, 1, sizeof(file), f)) < 8 || fclose(f) != 0) {
			world_fail("test/unit/acpi/q35.bin cannot be read (run from the top of the tree)");
		}
	}
	while (page_count > 0) {
		free(page[--page_count].bytes);
	}
	memset(nothing, 0xff, sizeof(nothing));
	mapped_pa = UINT64_MAX;
	world = (struct world){ .refused = UINT64_MAX };
	boot_magic = 0;
	boot_info = AT_PVH_INFO;
	for (size_t at = 0; at + 8 <= size;) {
		uint32_t record[2];

		memcpy(record, file + at, 8);
		mem_put(record[0], file + at + 8, record[1]);
		at += 8 + record[1];
	}
}

void world_read(void)
{
	memset(&platform, 0xa5, sizeof(platform));
	arch_platform_read(boot_info, &platform);
	if (world.mapped != 0) {
		world_fail("a page stays mapped");
	}
	if (platform.valid != (platform.error == NULL)) {
		world_fail("neither valid nor an error");
	}
}

bool noted(const char *text)
{
	for (unsigned i = 0; i < platform.note_count; i++) {
		if (strstr(platform.note[i], text) != NULL) {
			return true;
		}
	}
	return false;
}

bool error_is(const char *text)
{
	return platform.error != NULL && strstr(platform.error, text) != NULL && platform.board.cpu_count == 0 &&
	       platform.board.unit_count == 0;
}
