/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer on the x86 firmware tables: the input is a list of changes to the memory of test/unit/acpi_world.h,
 * each a byte that says which table and whether its checksum is made right again, a 16-bit offset, a length, and
 * bytes. What comes out must keep the invariants that the rest of the hypervisor relies on. SEEDS=dir writes inputs to
 * begin with and ends: each table put where it is, and a larger DMAR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arch/platform.h>

#include "acpi_world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	uint64_t at;
	bool table;
} place[] = {
	{ AT_DMAR, true },     { AT_MADT, true },     { AT_FADT, true },     { AT_MCFG, true },
	{ AT_RSDT, true },     { AT_DSDT, true },     { AT_RSDP, false },    { AT_PVH_INFO, false },
	{ AT_PVH_MAP, false }, { AT_FREE, true },     { AT_FREE, false },    { AT_FREE + 0x1000, false },
};

enum { CHANGE_HEADER = 4, SEAL = 0x80, MULTIBOOT2 = 0x40, SEAL_MAX = 0x10000 };

static void require(bool ok)
{
	if (!ok) {
		abort();
	}
}

static void require_pages(const struct cfg_range *r)
{
	require(range_ok(r->base, r->size) && ((r->base | r->size) & PAGE_MASK) == 0);
}

static void apply(const uint8_t *data, size_t size)
{
	for (size_t at = 0; size - at >= CHANGE_HEADER;) {
		const uint8_t *c = data + at;
		unsigned n = (c[0] & 0x3fu) % ARRAY_COUNT(place);
		size_t bytes = c[3] < size - at - CHANGE_HEADER ? c[3] : size - at - CHANGE_HEADER;

		mem_put(place[n].at + (c[1] | (c[2] & 0x0fu) << 8), c + CHANGE_HEADER, bytes);
		if ((c[0] & SEAL) && place[n].table && mem_get32(place[n].at + 4) <= SEAL_MAX) {
			table_seal(place[n].at);
		}
		if (c[0] & MULTIBOOT2) {
			boot_magic = 0x36d76289;
			boot_info = AT_FREE + 0x1000;
		}
		at += CHANGE_HEADER + bytes;
	}
}

static void judge(void)
{
	const struct board *b = &platform.board;

	require(b->ram_count <= RAM_MAX && b->cpu_count <= CPU_MAX && b->unit_count <= UNIT_MAX);
	require(platform.scope_count <= SCOPE_MAX && platform.reserved_count <= RMRR_MAX);
	require(platform.note_count <= NOTE_MAX);
	require(!platform.valid || (b->ram_count > 0 && b->cpu_count > 0 && b->ioapic.size != 0));
	require(acpi_info.sleep_s5 <= 7);
	for (unsigned i = 0; i < b->ram_count; i++) {
		require_pages(&b->ram[i]);
		require(i == 0 || b->ram[i].base >= b->ram[i - 1].base + b->ram[i - 1].size);
	}
	for (unsigned i = 0; i < b->unit_count; i++) {
		require(b->unit[i].base != 0);
		require_pages(&(struct cfg_range){ b->unit[i].base, b->unit[i].size });
		for (unsigned n = 0; n < b->ram_count; n++) {
			require(!range_overlaps(b->unit[i].base, b->unit[i].size, b->ram[n].base, b->ram[n].size));
		}
	}
	for (unsigned i = 0; i < platform.scope_count; i++) {
		require(platform.scope[i].unit < b->unit_count && platform.scope[i].path_count <= SCOPE_PATH_MAX);
		require(platform.scope[i].kind == SCOPE_ALL || platform.scope[i].path_count > 0);
	}
	for (unsigned i = 0; i < platform.reserved_count; i++) {
		const struct pci_reserved *r = &platform.reserved[i];

		require_pages(&r->range);
		require(r->scope.path_count > 0 && r->scope.path_count <= SCOPE_PATH_MAX);
	}
	require(!platform.valid || acpi_info.ioapic_unit == 0xff || acpi_info.ioapic_unit < b->unit_count);
}

static void seed_write(const char *dir, unsigned n, const char *kind)
{
	char name[256];
	uint8_t c[CHANGE_HEADER + 255] = { (uint8_t)(n | SEAL), 0, 0, 255 };
	FILE *f;

	mem_get(place[n].at, c + CHANGE_HEADER, 255);
	(void)snprintf(name, sizeof(name), "%s/%s-%u", dir, kind, n);
	f = fopen(name, "w");
	require(f != NULL && fwrite(c, 1, sizeof(c), f) == sizeof(c) && fclose(f) == 0);
}

/* type, size of what is before the scopes, base, then an endpoint behind steps bridges and the I/O APIC. */
static void structure_put(struct build *b, unsigned type, unsigned header, uint64_t base, unsigned steps)
{
	build_put(b, type, 2);
	build_put(b, header + 8 + 6 + 2 * steps, 2);
	build_put(b, 0, 4);
	build_put(b, base, 8);
	if (header > 16) {
		build_put(b, base + PAGE_MASK, 8);
	}
	build_put(b, 0x0803, 8);
	b->bytes[b->size - 2] = 2;
	build_put(b, 1 | (6 + 2 * steps) << 8, 6);
	for (unsigned i = 0; i < steps; i++) {
		build_put(b, 1 + i, 2);
	}
}

/* More of a DMAR than QEMU has: two units, long paths, one too long, a reserved region. */
static void seed_dmar(const char *dir)
{
	static struct build b;

	build_begin(&b, AT_DMAR, "DMAR", 48);
	b.bytes[36] = 38;
	b.bytes[37] = 1;
	structure_put(&b, 0, 16, 0xfed90000, SCOPE_PATH_MAX);
	structure_put(&b, 0, 16, 0xfed91000, SCOPE_PATH_MAX + 2);
	structure_put(&b, 1, 24, AT_FREE, 1);
	build_end(&b);
	seed_write(dir, 0, "dmar");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (getenv("SEEDS") != NULL) {
		world_reset();
		for (unsigned n = 0; n < ARRAY_COUNT(place); n++) {
			seed_write(getenv("SEEDS"), n, "table");
		}
		seed_dmar(getenv("SEEDS"));
		exit(0);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	world_reset();
	apply(data, size);
	world_read();
	judge();
	arch_platform_use(&platform);
	return 0;
}
