/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device tree cannot tell: whether a virtio-mmio slot has a device behind it, and whether QEMU's PCI
 * bus really goes through the SMMU. QEMU writes the same iommu-map with and without
 * default-bus-bypass-iommu=on; only the ACPI table IORT, readable through fw_cfg, says which it is [I1].
 * Registers are mapped one page at a time, only where the configuration expects such a device, and unmapped
 * again; every loop over device data is bounded [I6].
 */
#include <arch/mmu.h>
#include <hyp/mmio.h>

#include "platform_iort.h"

/* Virtio specification 1.2, 4.2.2 */
#define VIRTIO_MAGIC     ((reg32_t){ 0x000 })
#define VIRTIO_DEVICE_ID ((reg32_t){ 0x008 })
#define VIRTIO_MAGIC_VALUE 0x74726976u /* "virt" */

/* QEMU docs/specs/fw_cfg: data at 0, selector (big endian) at 8; DMA at 16 is never used. */
enum {
	FW_CFG_DATA = 0,
	FW_CFG_SELECTOR = 8,
	FW_CFG_SIGNATURE_KEY = 0x00,
	FW_CFG_DIR_KEY = 0x19,
	FW_CFG_NAME_SIZE = 56,
	FW_CFG_FILE_MAX = 256,
	ACPI_WALK_MAX = 0x40000, /* bytes of tables looked through */
	ACPI_HEADER = 36,
};

/*
 * Maps the page of a device's registers for us; false: it is not looked at. The tree's word alone is not
 * enough to touch an address: the configuration has to name it as such a device too (board.bypass).
 */
static bool probe_begin(const struct bypass_device *d, uintptr_t *va)
{
	uint64_t page = align_down(d->base, PAGE_SIZE);
	const struct board *b = &hyp_config.board;
	bool known = false;

	for (unsigned i = 0; i < b->bypass_count && i < BOARD_BYPASS_MAX; i++) {
		known = known || (range_ok(b->bypass[i].base, b->bypass[i].size) &&
				  range_inside(page, PAGE_SIZE, b->bypass[i].base, b->bypass[i].size));
	}
	if (!known || (d->base & 0xf) != 0 || d->size < 0x10) {
		return false;
	}
	if (arch_hyp_map(pa(page), PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_DEVICE) < 0) {
		return false;
	}
	*va = (uintptr_t)arch_va(pa(d->base));
	return true;
}

static void probe_end(const struct bypass_device *d)
{
	arch_hyp_unmap(pa(align_down(d->base, PAGE_SIZE)), PAGE_SIZE);
}

/* A slot that cannot be looked at counts as occupied. */
static void probe_virtio(struct bypass_device *d)
{
	uintptr_t va;

	if (probe_begin(d, &va)) {
		d->present = reg_read32(va, VIRTIO_MAGIC) != VIRTIO_MAGIC_VALUE ||
			     reg_read32(va, VIRTIO_DEVICE_ID) != 0;
		probe_end(d);
	}
}

static void fw_cfg_select(uintptr_t va, uint16_t key)
{
	arch_mmio_write16(va + FW_CFG_SELECTOR, __builtin_bswap16(key));
}

static void fw_cfg_read(uintptr_t va, uint8_t *to, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		to[i] = arch_mmio_read8(va + FW_CFG_DATA);
	}
}

static void fw_cfg_skip(uintptr_t va, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		(void)arch_mmio_read8(va + FW_CFG_DATA);
	}
}

static bool file_is(const uint8_t *name, const char *wanted)
{
	return memcmp(name, wanted, strlen(wanted) + 1) == 0;
}

/* Looks through the whole directory; selects etc/acpi/tables and returns its size, or 0. */
static uint32_t fw_cfg_find_tables(uintptr_t va, struct platform *p)
{
	uint8_t entry[8 + FW_CFG_NAME_SIZE];
	uint32_t size = 0;
	uint16_t key = 0;

	fw_cfg_select(va, FW_CFG_DIR_KEY);
	fw_cfg_read(va, entry, 4);
	uint32_t count = dt_be32(entry, 0);

	for (uint32_t i = 0; i < count && i < FW_CFG_FILE_MAX; i++) {
		fw_cfg_read(va, entry, sizeof(entry));
		if (file_is(entry + 8, "etc/extra-pci-roots")) {
			dt_note(p, "extra PCI root buses (pxb) may bypass the SMMU: none of them is used");
		}
		if (file_is(entry + 8, "etc/acpi/tables")) {
			size = dt_be32(entry, 0);
			key = (uint16_t)(dt_be32(entry, 1) >> 16);
		}
	}
	if (size != 0) {
		fw_cfg_select(va, key);
	}
	return size < ACPI_WALK_MAX ? size : ACPI_WALK_MAX;
}

/* The tables follow one another; returns the size of IORT copied to iort[], or 0. */
static uint32_t acpi_find_iort(uintptr_t va, uint32_t left, uint8_t iort[IORT_MAX])
{
	while (left >= ACPI_HEADER) {
		fw_cfg_read(va, iort, ACPI_HEADER);
		left -= ACPI_HEADER;

		uint32_t size = iort_u32(iort, 4);

		if (size < ACPI_HEADER || size - ACPI_HEADER > left) {
			return 0;
		}
		if (memcmp(iort, "IORT", 4) == 0) {
			if (size > IORT_MAX) {
				return 0;
			}
			fw_cfg_read(va, iort + ACPI_HEADER, size - ACPI_HEADER);
			return size;
		}
		fw_cfg_skip(va, size - ACPI_HEADER);
		left -= size - ACPI_HEADER;
	}
	return 0;
}

/* NULL: IORT confirms what the tree says. Otherwise why the bus is taken as one that bypasses. */
static const char *bypass_reason(struct platform *p, uintptr_t va)
{
	static uint8_t iort[IORT_MAX];
	uint8_t signature[4];
	const struct board_pci *pci = &p->board.pci;

	fw_cfg_select(va, FW_CFG_SIGNATURE_KEY);
	fw_cfg_read(va, signature, sizeof(signature));
	if (memcmp(signature, "QEMU", 4) != 0) {
		return "fw_cfg does not answer: nothing confirms that PCI goes through the SMMU";
	}
	uint32_t size = acpi_find_iort(va, fw_cfg_find_tables(va, p), iort);

	if (size == 0) {
		return "no ACPI IORT (acpi=off?): nothing confirms that PCI goes through the SMMU";
	}
	if (!iort_maps(iort, size, (uint32_t)pci->bus_first << 8, p->board.unit[pci->unit].base)) {
		return "ACPI IORT says that the first PCI bus does not go through the SMMU";
	}
	return NULL;
}

/* Where there is a fw_cfg it is QEMU, and the tree's word alone is not believed. */
static void check_bypass(struct platform *p, const struct bypass_device *d)
{
	const char *reason = "fw_cfg is not where board.bypass has it: nothing confirms that PCI goes through the SMMU";
	uintptr_t va;

	if ((d->base & PAGE_MASK) == 0 && probe_begin(d, &va)) {
		reason = bypass_reason(p, va);
		probe_end(d);
	}
	if (reason != NULL) {
		p->board.pci.iommu_mapped = false;
		dt_note(p, reason);
	}
}

void platform_probe(struct platform *p)
{
	for (unsigned i = 0; i < p->bypass_count; i++) {
		struct bypass_device *d = &p->bypass[i];

		if (strcmp(d->what, "virtio-mmio") == 0) {
			probe_virtio(d);
		} else if (p->board.pci.iommu_mapped) {
			check_bypass(p, d);
		}
	}
}
