/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the boot loader left: PVH start info [Xen public/arch-x86/hvm/start_info.h] or Multiboot2 information
 * [Multiboot2 3.6], reduced to RAM ranges and the RSDP. Owns nothing. A memory map may be unsorted and may overlap
 * itself: what any entry does not call usable RAM is not RAM, so that a doubtful page is one nobody gets [I3].
 */
#include "platform_acpi.h"

enum {
	MULTIBOOT2_MAGIC = 0x36d76289,
	PVH_MAGIC = 0x336ec578,
	/* struct hvm_start_info */
	PVH_VERSION = 4,
	PVH_RSDP = 32,
	PVH_MAP = 40,
	PVH_MAP_COUNT = 48,
	PVH_SIZE = 56,
	PVH_ENTRY = 24, /* base, size, type, reserved: what Multiboot2 has, too */
	/* Multiboot2 information: total size, reserved; then tags of type, size */
	MB2_HEADER = 8,
	MB2_TAG = 8,
	MB2_SIZE_MAX = 0x100000,
	MB2_TAG_MAX = 256,
	MB2_END = 0,
	MB2_MAP = 6,
	MB2_MAP_HEADER = 16, /* tag, entry size, entry version */
	MB2_ACPI_OLD = 14,
	MB2_ACPI_NEW = 15,
	ENTRY_RAM = 1,
};

/* Half-open; not empty. */
struct map_entry {
	uint64_t base;
	uint64_t end;
	bool ram;
};

struct map {
	unsigned count;
	struct map_entry e[FW_MAP_MAX];
};

static void map_add(struct map *m, const uint8_t entry[PVH_ENTRY])
{
	uint64_t base = le64(entry);
	uint64_t size = le64(entry + 8);
	uint64_t top = BIT64(FW_ADDR_BITS);

	if (size == 0 || base >= top) {
		return;
	}
	m->e[m->count++] = (struct map_entry){
		.base = base,
		.end = size < top - base ? base + size : top,
		.ram = le32(entry + 16) == ENTRY_RAM,
	};
}

/* True if some entry says that the byte is RAM and none says that it is something else. */
static bool map_is_ram(const struct map *m, uint64_t at)
{
	bool ram = false;

	for (unsigned i = 0; i < m->count; i++) {
		if (at >= m->e[i].base && at < m->e[i].end) {
			if (!m->e[i].ram) {
				return false;
			}
			ram = true;
		}
	}
	return ram;
}

/* The next address above where an entry begins or ends, or UINT64_MAX. */
static uint64_t map_edge(const struct map *m, uint64_t at)
{
	uint64_t edge = UINT64_MAX;

	for (unsigned i = 0; i < m->count; i++) {
		if (m->e[i].base > at && m->e[i].base < edge) {
			edge = m->e[i].base;
		}
		if (m->e[i].end > at && m->e[i].end < edge) {
			edge = m->e[i].end;
		}
	}
	return edge;
}

/* Ranges come in ascending order and stay in it. */
static void ram_add(struct platform *p, uint64_t base, uint64_t end)
{
	struct board *b = &p->board;
	unsigned least = 0;

	base = align_up(base, PAGE_SIZE);
	end = align_down(end, PAGE_SIZE);
	if (base >= end) {
		return;
	}
	if (b->ram_count == RAM_MAX) {
		fw_note(p, "more separate memory ranges than the hypervisor can use (8): the smallest are ignored");
		for (unsigned i = 1; i < RAM_MAX; i++) {
			if (b->ram[i].size < b->ram[least].size) {
				least = i;
			}
		}
		if (b->ram[least].size >= end - base) {
			return;
		}
		for (unsigned i = least; i + 1 < RAM_MAX; i++) {
			b->ram[i] = b->ram[i + 1];
		}
		b->ram_count--;
	}
	b->ram[b->ram_count++] = (struct cfg_range){ .base = base, .size = end - base };
}

/* From edge to edge, joining what touches; at most two edges an entry. */
static const char *map_use(struct platform *p, const struct map *m)
{
	uint64_t start = 0;
	bool inside = false;

	for (uint64_t at = 0; at != UINT64_MAX; at = map_edge(m, at)) {
		bool ram = map_is_ram(m, at);

		if (ram && !inside) {
			start = at;
		} else if (!ram && inside) {
			ram_add(p, start, at);
		}
		inside = ram;
	}
	return p->board.ram_count > 0 ? NULL : "the boot loader's memory map names no usable RAM";
}

static struct map map;

static const char *map_copy(uint64_t from, uint64_t count, uint64_t step)
{
	uint8_t entry[PVH_ENTRY];

	map.count = 0;
	if (count > FW_MAP_MAX) {
		return "the boot loader's memory map has more entries than the hypervisor reads (256)";
	}
	for (uint64_t i = 0; i < count; i++) {
		if (!fw_copy(entry, from + i * step, sizeof(entry))) {
			return "the boot loader's memory map is where no memory can be read";
		}
		map_add(&map, entry);
	}
	return NULL;
}

static const char *read_pvh(struct firmware *fw)
{
	uint8_t info[PVH_SIZE];

	if (!fw_copy(info, boot_info, sizeof(info)) || le32(info) != PVH_MAGIC) {
		return "EBX does not point to PVH start information: start the image with QEMU -kernel, or from GRUB "
		       "with multiboot2";
	}
	if (le32(info + PVH_VERSION) == 0) {
		return "the PVH start information is version 0, which has no memory map: use a newer QEMU";
	}
	const char *error = map_copy(le64(info + PVH_MAP), le32(info + PVH_MAP_COUNT), PVH_ENTRY);

	if (error == NULL && le64(info + PVH_RSDP) != 0 && !acpi_rsdp_at(fw, le64(info + PVH_RSDP))) {
		fw_note(fw->p, "the RSDP is not where the PVH start information has it: the BIOS area is searched");
	}
	return error != NULL ? error : map_use(fw->p, &map);
}

static const char *read_mb2_map(struct firmware *fw, uint64_t tag, uint32_t size)
{
	uint8_t header[MB2_MAP_HEADER];

	if (size < sizeof(header) || !fw_copy(header, tag, sizeof(header))) {
		return "the Multiboot2 memory map is shorter than its header";
	}
	uint32_t step = le32(header + 8);

	if (step < PVH_ENTRY || step % 8 != 0) {
		return "the Multiboot2 memory map has entries of a size that cannot be";
	}
	const char *error = map_copy(tag + sizeof(header), (size - sizeof(header)) / step, step);

	return error != NULL ? error : map_use(fw->p, &map);
}

static void read_mb2_rsdp(struct firmware *fw, uint64_t tag, uint32_t size)
{
	uint8_t rsdp[RSDP_SIZE] = { 0 };
	uint32_t n = size - MB2_TAG < RSDP_SIZE ? size - MB2_TAG : RSDP_SIZE;

	if (n < RSDP_V1_SIZE || !fw_copy(rsdp, tag + MB2_TAG, n) || !acpi_rsdp_use(fw, rsdp, n)) {
		fw_note(fw->p, "the RSDP that came with the Multiboot2 information is not one");
	}
}

/* Tags are aligned to 8 bytes; each is copied as far as it is used. */
static const char *read_mb2_tags(struct firmware *fw, uint32_t total)
{
	const char *error = "the Multiboot2 information has no memory map";
	uint32_t at = MB2_HEADER;
	uint8_t tag[MB2_TAG];

	for (unsigned n = 0; n < MB2_TAG_MAX; n++) {
		if (total - at < MB2_TAG || !fw_copy(tag, (uint64_t)boot_info + at, sizeof(tag))) {
			return "the Multiboot2 information ends without its last tag";
		}
		uint32_t type = le32(tag);
		uint32_t size = le32(tag + 4);

		if (type == MB2_END) {
			return error;
		}
		if (size < MB2_TAG || size > total - at) {
			return "a tag of the Multiboot2 information is longer than that, or shorter than a tag";
		}
		if (type == MB2_MAP) {
			fw->p->board.ram_count = 0;
			error = read_mb2_map(fw, (uint64_t)boot_info + at, size);
		} else if (type == MB2_ACPI_NEW || (type == MB2_ACPI_OLD && !fw->rsdp_found)) {
			read_mb2_rsdp(fw, (uint64_t)boot_info + at, size);
		}
		at = size < total - at && align_up(size, 8) <= total - at ? at + (uint32_t)align_up(size, 8) : total;
	}
	return "the Multiboot2 information has more tags than the hypervisor reads (256)";
}

static const char *read_mb2(struct firmware *fw)
{
	uint8_t header[MB2_HEADER];

	if (!fw_copy(header, boot_info, sizeof(header))) {
		return "EBX does not point to Multiboot2 information";
	}
	uint32_t total = le32(header);

	if (total < MB2_HEADER || total > MB2_SIZE_MAX) {
		return "the Multiboot2 information is shorter than its header or longer than 1 MiB";
	}
	return read_mb2_tags(fw, total);
}

const char *boot_read(struct firmware *fw)
{
	return boot_magic == MULTIBOOT2_MAGIC ? read_mb2(fw) : read_pvh(fw);
}
