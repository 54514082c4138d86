/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer on the arm64 device tree: the input is the tree, as it lies in memory. What comes out must keep the bounds
 * that config_check() and the rest of the hypervisor rely on, and only pages that the configuration knows may be mapped
 * [I3]. The last byte also decides what the machine's registers answer: nothing (0), or anything.
 */
#include <stdlib.h>
#include <string.h>

#include <arch/mmu.h>
#include <arch/platform.h>
#include <hyp/string.h>

#include "arch/arm64/platform_dt.h"
#include "demo_images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
uint64_t fake_mmio_read(uintptr_t a, unsigned width);
void fake_mmio_write(uintptr_t a, unsigned width, uint64_t v);

enum { FW_CFG = 0x09020000, VIRTIO = 0x0a000000, TOTALSIZE_AT = 4, HEADER = 40 };

unsigned boot_el = 2; /* head.S's */

/* The image's linker symbols. */
__asm__(".pushsection .rodata\n.globl __image_start, __image_end\n__image_start: .zero 64\n__image_end: .byte 0\n"
	".popsection\n");

static uint64_t mapped; /* the one page that is, or 0 */
static uint64_t answer; /* of registers */

static void require(bool ok)
{
	if (!ok) {
		abort();
	}
}

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	require(mapped == 0 && size == PAGE_SIZE && (base.v & PAGE_MASK) == 0 && (prot & PROT_DEVICE) != 0);
	require(base.v == FW_CFG || (base.v >= VIRTIO && base.v < VIRTIO + 0x4000));
	mapped = base.v;
	return 0;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
	require(base.v == mapped && size == PAGE_SIZE);
	mapped = 0;
}

uint64_t fake_mmio_read(uintptr_t a, unsigned width)
{
	require(mapped != 0 && (a & ~(uintptr_t)PAGE_MASK) == mapped && (a & (width - 1)) == 0);
	if (answer != 0) {
		answer = answer * 6364136223846793005u + 1442695040888963407u;
	}
	return answer >> 33;
}

void fake_mmio_write(uintptr_t a, unsigned width, uint64_t v)
{
	require(mapped != 0 && (a & PAGE_MASK) == 8 && width == 2); /* the selector, never the DMA register beside it */
}

static void require_range(uint64_t base, uint64_t size)
{
	require(size == 0 || (range_ok(base, size) && base + (size - 1) < (uint64_t)1 << DT_ADDR_BITS));
}

static void judge(const struct platform *p)
{
	const struct board *b = &p->board;

	require(p->valid == (p->error == NULL));
	require(p->valid || b->cpu_count + b->ram_count + b->unit_count + p->bypass_count == 0);
	require(b->cpu_count <= CPU_MAX && b->ram_count <= RAM_MAX && b->unit_count <= UNIT_MAX);
	require(b->pci.window_count <= PCI_WINDOW_MAX && b->pci.unit < UNIT_MAX && b->pci.bus_first <= b->pci.bus_last);
	require(p->bypass_count <= BYPASS_MAX && p->note_count <= NOTE_MAX);
	for (unsigned i = 0; i < b->ram_count; i++) {
		require_range(b->ram[i].base, b->ram[i].size);
	}
	for (unsigned i = 0; i < b->unit_count; i++) {
		require_range(b->unit[i].base, b->unit[i].size);
		require(b->unit[i].evtq_irq < 1020 && b->unit[i].gerr_irq < 1020 && b->unit[i].sync_irq < 1020);
	}
	for (unsigned i = 0; i < b->pci.window_count; i++) {
		require_range(b->pci.window[i].cpu, b->pci.window[i].size);
	}
	for (unsigned i = 0; i < p->bypass_count; i++) {
		require_range(p->bypass[i].base, p->bypass[i].size);
	}
	require_range(b->pci.ecam, b->pci.ecam_size);
	require_range(b->gicd.base, b->gicd.size);
	require_range(b->gicr.base, b->gicr.size);
}

static void ignore(void *ctx, const char *rule, bool fatal, const char *text)
{
	require(strlen(text) < DIFF_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct platform p;
	size_t says, bytes;
	uint8_t *tree;

	if (size < HEADER) {
		return 0;
	}
	/* Exactly what the tree says it has, so that one byte too far is seen; up to what main.c maps. */
	says = dt_be32(data + TOTALSIZE_AT, 0);
	bytes = says < HEADER || says > DT_SIZE_MAX ? HEADER : says;
	tree = calloc(1, bytes);
	require(tree != NULL);
	memcpy(tree, data, size < bytes ? size : bytes);
	answer = data[size - 1];
	memset(&p, 0xaa, sizeof(p));
	arch_platform_read((uintptr_t)tree, &p);
	require(mapped == 0);
	judge(&p);
	(void)config_check(&hyp_config, &p, ignore, NULL);
	free(tree);
	return 0;
}
