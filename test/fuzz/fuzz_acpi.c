/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer on the x86 firmware tables: the input is a list of changes to the memory of test/unit/acpi_world.h,
 * each a byte that says which table and whether its checksum is made right again, a 16-bit offset, a length, and
 * bytes. What comes out must keep the invariants that the rest of the hypervisor relies on. Built by hand, from
 * the top of the tree:
 *   clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -Itest/fake/acpi -Itest/fake/x86 -Itest/fake/x86emu
 *     -Itest/fake/include -Iarch/x86/include -Ihyp/include -Iguest-api/include -Itest -Itest/unit -I.
 *     arch/x86/platform*.c test/unit/acpi_world.c test/fuzz/fuzz_acpi.c -o fuzz_acpi && ./fuzz_acpi -max_len=4096
 */
#include <stdlib.h>
#include <string.h>

#include <arch/platform.h>

#include "acpi_world.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	world_reset();
	apply(data, size);
	world_read();
	judge();
	arch_platform_use(&platform);
	return 0;
}
