/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arch_platform_read(): two checked-in device trees value by value, the trees of the QEMU that is installed
 * (each variant names its rule of config_check() and no other), and tens of thousands of damaged trees, ACPI
 * tables and fw_cfg answers: the sanitizers, the bounds checked here and the pages it maps are the judge.
 * Trees are compiled by dtc; QEMU's are skipped, and said to be, where there is no QEMU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arch/mmu.h>
#include <arch/platform.h>

#include "arch/arm64/platform_dt.h"
#include "arch/arm64/platform_iort.h"
#include "demo_images.h"
#include "dt/iort.h"

#define DIR "build/host/dt/"

unsigned boot_el = 2; /* head.S's */

enum { RULES = 16, FW_CFG = 0x09020000, VIRTIO = 0x0a000000 };

/* The image's linker symbols. */
__asm__(".pushsection .rodata\n.globl __image_start, __image_end\n__image_start: .zero 64\n__image_end: .byte 0\n"
	".popsection\n");

/* --- the machine's registers --- */

static struct {
	unsigned occupied;      /* virtio-mmio slot with a device, or 99 */
	bool silent;            /* fw_cfg does not answer */
	uint8_t tables[8192];   /* etc/acpi/tables */
	uint32_t tables_size;
	uint8_t dir[4 + 3 * 64];
	const uint8_t *file;    /* selected */
	uint32_t file_size;
	uint32_t at;
	bool noise;             /* every register answers anything */
	uint64_t seed;
	uint64_t mapped;        /* the one page that is mapped, or 0 */
	unsigned maps;
} machine;

static uint32_t rnd(void)
{
	machine.seed = machine.seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(machine.seed >> 33);
}

static void be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void dir_entry(unsigned n, const char *name, uint32_t size, uint32_t key)
{
	uint8_t *e = machine.dir + 4 + n * 64;

	be32(e, size);
	be32(e + 4, key << 16);
	(void)snprintf((char *)e + 8, 56, "%s", name);
}

static void machine_reset(const uint8_t *iort, uint32_t size)
{
	memset(&machine, 0, sizeof(machine));
	machine.occupied = 99;
	machine.seed = 1;
	/* A DSDT of 100 bytes in front, then IORT, then zeros. */
	memcpy(machine.tables, "DSDT\x64\0\0\0", 8);
	memcpy(machine.tables + 100, iort, size);
	machine.tables_size = 100 + size + 64;
	be32(machine.dir, 3);
	dir_entry(0, "bootorder", 0, 0x20);
	dir_entry(1, "etc/acpi/tables", machine.tables_size, 0x23);
	dir_entry(2, "etc/smbios/smbios-tables", 100, 0x24);
}

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	assert_int_equal(size, PAGE_SIZE);
	assert_int_equal(base.v & PAGE_MASK, 0);
	assert_int_equal(machine.mapped, 0);
	assert_true((prot & PROT_DEVICE) != 0);
	/* Only what the configuration knows as such a device, whatever the tree says [I3]. */
	assert_true(base.v == FW_CFG || (base.v >= VIRTIO && base.v < VIRTIO + 0x4000));
	machine.mapped = base.v;
	machine.maps++;
	return 0;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
	assert_int_equal(base.v, machine.mapped);
	assert_int_equal(size, PAGE_SIZE);
	machine.mapped = 0;
}

uint64_t fake_mmio_read(uintptr_t a, unsigned width);
void fake_mmio_write(uintptr_t a, unsigned width, uint64_t v);

uint64_t fake_mmio_read(uintptr_t a, unsigned width)
{
	assert_true(machine.mapped != 0 && (a & ~(uintptr_t)0xfff) == machine.mapped);
	assert_int_equal(a & (width - 1), 0);
	if (machine.noise && rnd() % 64 == 0) {
		return rnd();
	}
	if (machine.mapped == FW_CFG) {
		assert_true(machine.noise || a == FW_CFG);
		return machine.at < machine.file_size && !machine.silent ? machine.file[machine.at++] : 0;
	}
	if ((a & 0x1ff) == 0) {
		return 0x74726976;
	}
	return (a & 0x1ff) == 8 && (a - VIRTIO) / 0x200 == machine.occupied ? 2 : 0;
}

void fake_mmio_write(uintptr_t a, unsigned width, uint64_t v)
{
	/* Only the selector, never the DMA register beside it. */
	assert_int_equal(a & 0xfff, 8);
	assert_int_equal(width, 2);
	uint32_t key = (uint32_t)((v & 0xff) << 8 | v >> 8);

	machine.at = 0;
	machine.file = key == 0 ? (const uint8_t *)"QEMU" : key == 0x19 ? machine.dir : machine.tables;
	machine.file_size = key == 0 ? 4 : key == 0x19 ? sizeof(machine.dir) : key == 0x23 ? machine.tables_size : 0;
}

/* --- trees --- */

static uint8_t *tree;
static size_t tree_size;
static uint8_t *window; /* what main.c maps: 2 MiB, whatever the tree's size */

static void load(const char *path)
{
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	free(tree);
	tree = malloc(DT_SIZE_MAX);
	assert_non_null(tree);
	tree_size = fread(tree, 1, DT_SIZE_MAX, f);
	(void)fclose(f);
	assert_true(tree_size > 40);
}

static void compile(const char *name)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "mkdir -p " DIR " && dtc -q -I dts -O dtb -o " DIR "%s.dtb test/unit/dt/%s.dts", name, name);
	assert_int_equal(system(text), 0);
	(void)snprintf(text, sizeof(text), DIR "%s.dtb", name);
	load(text);
}

static void read_tree(struct platform *p)
{
	memset(p, 0xaa, sizeof(*p));
	arch_platform_read((uintptr_t)tree, p);
	assert_int_equal(p->no_virt, boot_el != 2);
	assert_int_equal(p->image.size, 64);
	p->image = hyp_config.hyp_ram; /* where the linker script puts it */
	assert_int_equal(machine.mapped, 0);
}

struct result {
	unsigned count;
	char rule[RULES][32];
	char text[DIFF_TEXT];
};

static void collect(void *ctx, const char *rule, bool fatal, const char *text)
{
	struct result *r = ctx;

	(void)fatal;
	assert_true(r->count < RULES);
	(void)snprintf(r->rule[r->count++], sizeof(r->rule[0]), "%s", rule);
	(void)snprintf(r->text, sizeof(r->text), "%s", text);
}

static void virt_is_the_configured_board(void **state)
{
	struct platform p;
	struct result r = { 0 };
	const struct board *w = &hyp_config.board;

	compile("virt");
	machine_reset(iort_smmu, sizeof(iort_smmu));
	read_tree(&p);
	assert_true(p.valid);
	assert_null(p.error);
	assert_int_equal(p.note_count, 0);
	assert_true(p.psci.there && p.psci.smc);
	assert_int_equal(p.board.cpu_count, 4);
	assert_memory_equal(p.board.cpu_id, w->cpu_id, 4 * sizeof(w->cpu_id[0]));
	assert_int_equal(p.board.unit_count, 1);
	assert_int_equal(p.board.unit[0].evtq_irq, 106);
	assert_int_equal(p.board.unit[0].sync_irq, 108);
	assert_int_equal(p.board.unit[0].gerr_irq, 109);
	assert_true(p.board.unit[0].coherent);
	assert_memory_equal(p.board.pci.window, w->pci.window, sizeof(w->pci.window));
	assert_memory_equal(p.board.pci.intx, w->pci.intx, sizeof(w->pci.intx));
	assert_true(p.board.pci.iommu_mapped);
	assert_int_equal(p.bypass_count, 5);
	for (unsigned i = 0; i < p.bypass_count; i++) {
		assert_int_equal(p.bypass[i].present, strcmp(p.bypass[i].what, "fw_cfg") == 0);
	}
	assert_int_equal(machine.maps, 5);
	assert_int_equal(config_check(&hyp_config, &p, collect, &r), 0);
	assert_int_equal(r.count, 0);
}

static void virtio_device_is_found(void **state)
{
	struct platform p;
	struct result r = { 0 };

	machine_reset(iort_smmu, sizeof(iort_smmu));
	machine.occupied = 31;
	read_tree(&p);
	assert_int_equal(config_check(&hyp_config, &p, collect, &r), 0);
	assert_int_equal(r.count, 1);
	assert_string_equal(r.rule[0], "machine_bypass_present");
	assert_non_null(strstr(r.text, "virtio-mmio 0xa003e00+0x200"));
}

/* QEMU's tree is the same with and without the bypass; only IORT tells. */
static void bypassed_bus_is_found(void **state)
{
	struct platform p;
	struct result r = { 0 };

	machine_reset(iort_bypass, sizeof(iort_bypass));
	read_tree(&p);
	assert_false(p.board.pci.iommu_mapped);
	assert_int_equal(config_check(&hyp_config, &p, collect, &r), 1);
	assert_int_equal(r.count, 2);
	assert_string_equal(r.rule[0], "machine_note");
	assert_string_equal(r.rule[1], "machine_pci_bypass");
}

static void expect_note(const char *part, bool mapped)
{
	struct platform p;

	read_tree(&p);
	assert_true(p.valid);
	assert_int_equal(p.board.pci.iommu_mapped, mapped);
	assert_int_equal(p.note_count, 1);
	assert_non_null(strstr(p.note[0], part));
}

/* Not knowing is not believing [I1]. */
static void unknown_bypass_is_bypass(void **state)
{
	machine_reset(iort_smmu, sizeof(iort_smmu));
	machine.silent = true;
	expect_note("fw_cfg does not answer", false);

	machine_reset(iort_smmu, sizeof(iort_smmu));
	machine.tables[100] = 'X';
	expect_note("no ACPI IORT", false);

	machine_reset(iort_smmu, sizeof(iort_smmu));
	dir_entry(2, "etc/extra-pci-roots", 8, 0x24);
	expect_note("pxb", true);
}

static void board_with_buses(void **state)
{
	struct platform p;
	const struct board *b = &p.board;

	compile("board");
	machine_reset(iort_smmu, sizeof(iort_smmu));
	read_tree(&p);
	assert_true(p.valid);
	assert_int_equal(b->cpu_count, 2);
	assert_int_equal(b->cpu_id[0], 0x100000100);
	assert_int_equal(b->cpu_id[1], 0x200);
	assert_int_equal(b->ram_count, 2);
	assert_true((b->ram[0].base == 0x40000000 && b->ram[0].size == 0x40000000) ||
		    (b->ram[1].base == 0x40000000 && b->ram[1].size == 0x40000000));
	assert_int_equal(b->gic_version, 3);
	assert_int_equal(b->gicr.base, 0x10080000);
	assert_int_equal(b->maint_irq, 25);
	assert_int_equal(b->vtimer_irq, 27);
	assert_int_equal(b->uart, 0x81002000);
	assert_int_equal(b->uart_irq, 34);
	assert_int_equal(b->unit_count, 2);
	assert_int_equal(b->unit[0].base, 0x83000000);
	assert_int_equal(b->unit[0].evtq_irq, 42);
	assert_int_equal(b->unit[0].gerr_irq, 43);
	assert_int_equal(b->unit[0].sync_irq, 0);
	assert_false(b->unit[0].coherent);
	assert_int_equal(b->unit[1].sync_irq, 54);
	assert_true(b->unit[1].coherent);
	assert_true(b->pci.present && b->pci.iommu_mapped);
	assert_int_equal(b->pci.ecam, 0x84000000);
	assert_int_equal(b->pci.bus_first, 0x10);
	assert_int_equal(b->pci.bus_last, 0x1f);
	assert_int_equal(b->pci.unit, 1);
	assert_int_equal(b->pci.rid_base, 0x1000);
	assert_int_equal(b->pci.sid_base, 0x200);
	assert_int_equal(b->pci.rid_count, 0x1000);
	assert_int_equal(b->pci.window_count, 1);
	assert_int_equal(b->pci.window[0].cpu, 0x88000000);
	assert_int_equal(b->pci.window[0].pci, 0x40000000);
	assert_int_equal(b->pci.intx[0], 0); /* its interrupt-map does not rotate */
	assert_int_equal(p.note_count, 3);   /* that, the second CPU 0x200, GICR regions */
	assert_true(p.unit_unreached);       /* an SMMU without registers: more than a note, the boot is refused [I1] */
}

/* --- the QEMU that is here --- */

static const struct {
	const char *machine;
	const char *more;
	unsigned el;
	bool bypass;
	const char *rule; /* NULL: nothing to report */
} variant[] = {
	{ "virtualization=on,gic-version=3,iommu=smmuv3", "-smp 4 -m 1G", 2, false, NULL },
	{ "virtualization=on,gic-version=2,iommu=smmuv3", "-smp 4 -m 1G", 2, false, "machine_gic" },
	{ "virtualization=on,gic-version=3", "-smp 4 -m 1G", 2, false, "machine_unit" },
	{ "gic-version=3,iommu=smmuv3", "-smp 4 -m 1G", 1, false, "machine_level" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3,default-bus-bypass-iommu=on", "-smp 4 -m 1G", 2, true,
	  "machine_pci_bypass" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3,highmem-ecam=off", "-smp 4 -m 1G", 2, false,
	  "machine_pci_ecam" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3", "-smp 4 -m 512M", 2, false, "machine_ram" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3", "-smp 2 -m 1G", 2, false, "machine_cpu" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3", "-smp 8 -m 1G", 2, false, "machine_cpu_extra" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3", "-smp 4 -m 2G", 2, false, "machine_ram_extra" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3,its=off", "-smp 4 -m 1G", 2, false, "machine_its" },
	{ "virtualization=on,gic-version=3,iommu=smmuv3,secure=on", "-smp 4 -m 1G", 2, false, "machine_psci" },
};

static void qemu_variants(void **state)
{
	if (system("command -v qemu-system-aarch64 >/dev/null 2>&1") != 0) {
		print_message("SKIP: no qemu-system-aarch64\n");
		skip();
	}
	for (unsigned i = 0; i < ARRAY_COUNT(variant); i++) {
		char text[512];
		struct platform p;
		struct result r = { 0 };

		(void)snprintf(text, sizeof(text),
			       "mkdir -p " DIR " && rm -f " DIR "qemu.dtb && "
			       "qemu-system-aarch64 -M virt,%s,dumpdtb=" DIR "qemu.dtb -cpu max %s "
			       "-nodefaults -display none >" DIR "qemu.log 2>&1",
			       variant[i].machine, variant[i].more);
		if (system(text) != 0) {
			fail_msg("%s", text);
		}
		load(DIR "qemu.dtb");
		machine_reset(variant[i].bypass ? iort_bypass : iort_smmu,
			      variant[i].bypass ? sizeof(iort_bypass) : sizeof(iort_smmu));
		boot_el = variant[i].el;
		read_tree(&p);
		boot_el = 2;
		(void)config_check(&hyp_config, &p, collect, &r);
		if (variant[i].rule == NULL) {
			assert_int_equal(r.count, 0);
		}
		for (unsigned n = 0; n < r.count; n++) {
			/* The bypass comes with the reader's reason. */
			if (variant[i].bypass && strcmp(r.rule[n], "machine_note") == 0) {
				continue;
			}
			if (variant[i].rule == NULL || strcmp(r.rule[n], variant[i].rule) != 0) {
				fail_msg("%s %s: also %s (%s)", variant[i].machine, variant[i].more, r.rule[n], r.text);
			}
		}
		assert_true(r.count > (variant[i].bypass ? 1u : 0u) || variant[i].rule == NULL);
	}
}

/* --- hostile input --- */

static void range_is_sane(uint64_t base, uint64_t size)
{
	if (size != 0) {
		assert_true(range_ok(base, size));
		assert_true(base + (size - 1) < (uint64_t)1 << 48);
	}
}

static void platform_is_sane(const struct platform *p)
{
	const struct board *b = &p->board;

	assert_true(p->valid == (p->error == NULL));
	assert_true(b->cpu_count <= CPU_MAX && b->ram_count <= RAM_MAX && b->unit_count <= UNIT_MAX);
	assert_true(b->pci.window_count <= PCI_WINDOW_MAX);
	assert_true(p->bypass_count <= BYPASS_MAX && p->note_count <= NOTE_MAX);
	assert_true(b->pci.unit < UNIT_MAX && b->pci.bus_first <= b->pci.bus_last);
	for (unsigned i = 0; i < b->ram_count; i++) {
		range_is_sane(b->ram[i].base, b->ram[i].size);
		for (unsigned j = 0; j < i; j++) {
			assert_false(range_overlaps(b->ram[i].base, b->ram[i].size, b->ram[j].base, b->ram[j].size));
		}
	}
	for (unsigned i = 0; i < b->unit_count; i++) {
		range_is_sane(b->unit[i].base, b->unit[i].size);
		assert_true(b->unit[i].evtq_irq < 1020 && b->unit[i].gerr_irq < 1020 && b->unit[i].sync_irq < 1020);
	}
	for (unsigned i = 0; i < b->pci.window_count; i++) {
		range_is_sane(b->pci.window[i].cpu, b->pci.window[i].size);
	}
	range_is_sane(b->pci.ecam, b->pci.ecam_size);
	range_is_sane(b->gicd.base, b->gicd.size);
	range_is_sane(b->gicr.base, b->gicr.size);
	range_is_sane(b->its.base, b->its.size);
	for (unsigned i = 0; i < p->bypass_count; i++) {
		range_is_sane(p->bypass[i].base, p->bypass[i].size);
	}
	if (!p->valid) {
		assert_int_equal(b->cpu_count + b->ram_count + b->unit_count, 0);
	}
}

static void ignore(void *ctx, const char *rule, bool fatal, const char *text)
{
	assert_true(strlen(text) < DIFF_TEXT);
}

/* 1 to 4 changes: a byte, a word that means something, a word copied from elsewhere, a smaller tree. */
static void damage(uint8_t *p, size_t size)
{
	static const uint32_t word[] = { 0, 1, 2, 3, 4, 9, 16, 0x1000, 0x7fffffff, 0x80000000, 0xfffffff4, UINT32_MAX };

	for (unsigned n = 1 + rnd() % 4; n > 0; n--) {
		size_t at = rnd() % size;
		size_t from = rnd() % (size / 4) * 4;

		switch (rnd() % 6) {
		case 0:
			p[at] ^= (uint8_t)(1u << rnd() % 8);
			break;
		case 1:
			p[at] = (uint8_t)rnd();
			break;
		case 2:
			be32(p + at % (size - 4) / 4 * 4, word[rnd() % ARRAY_COUNT(word)]);
			break;
		case 3:
			memcpy(p + at % (size - 4) / 4 * 4, p + (from < size - 4 ? from : 0), 4);
			break;
		case 4:
			be32(p + rnd() % 10 * 4, rnd() % 2 ? rnd() % (uint32_t)(2 * size) : rnd());
			break;
		default:
			memset(p + at, rnd() % 2 ? 0 : 0xff, size - at < 16 ? size - at : 16);
			break;
		}
	}
}

static void damaged_trees(const char *name, unsigned count)
{
	uint8_t *good;
	size_t size;
	unsigned valid = 0;

	compile(name);
	good = tree;
	size = tree_size;
	machine_reset(iort_smmu, sizeof(iort_smmu));
	machine.noise = true;
	for (unsigned i = 0; i < count; i++) {
		struct platform p;
		/* Exactly the tree: one byte too far is seen. Or all that is mapped, if it says it is larger. */
		uint8_t *exact = malloc(size);
		uint32_t says;

		assert_non_null(exact);
		memcpy(exact, good, size);
		damage(exact, size);
		says = dt_be32(exact, 1);
		if (says > size) {
			memcpy(window, exact, size);
		}
		arch_platform_read((uintptr_t)(says > size ? window : exact), &p);
		platform_is_sane(&p);
		(void)config_check(&hyp_config, &p, ignore, NULL);
		valid += p.valid ? 1 : 0;
		free(exact);
	}
	print_message("%s: %u of %u damaged trees are still trees\n", name, valid, count);
	assert_true(valid > count / 20 && valid < count);
}

static void damaged_virt(void **state)
{
	damaged_trees("virt", 16000);
}

static void damaged_board(void **state)
{
	damaged_trees("board", 16000);
}

/* Cut anywhere: never valid, and nothing behind the cut is read. */
static void cut_trees(void **state)
{
	compile("virt");
	machine_reset(iort_smmu, sizeof(iort_smmu));
	for (size_t size = 40; size < tree_size; size += 7) {
		struct platform p;
		uint8_t *cut = malloc(size);

		assert_non_null(cut);
		memcpy(cut, tree, size);
		be32(cut + 4, (uint32_t)size);
		arch_platform_read((uintptr_t)cut, &p);
		assert_false(p.valid);
		platform_is_sane(&p);
		free(cut);
	}
}

static void not_a_tree(void **state)
{
	struct platform p;

	machine_reset(iort_smmu, sizeof(iort_smmu));
	boot_el = 1;
	arch_platform_read(0, &p);
	boot_el = 2;
	assert_false(p.valid);
	assert_true(p.no_virt);
	assert_non_null(strstr(p.virt_why, "started at EL1"));
	arch_platform_read((uintptr_t)window + 4, &p);
	assert_false(p.valid);
	memset(window, 0, 64);
	arch_platform_read((uintptr_t)window, &p);
	assert_string_equal(p.error, "no device tree where x0 points");
	be32(window, 0xd00dfeed);
	arch_platform_read((uintptr_t)window, &p);
	assert_false(p.valid);
	/* A proper tree that says it is larger than what is mapped. */
	compile("virt");
	memcpy(window, tree, tree_size);
	be32(window + 4, DT_SIZE_MAX + 8);
	arch_platform_read((uintptr_t)window, &p);
	assert_string_equal(p.error, "it is larger than 2 MiB");
	/* One whose nodes are not on words. */
	memcpy(window, tree, tree_size);
	memmove(window + tree[11] + 256u * tree[10] + 2, tree + tree[11] + 256u * tree[10], 512);
	window[11] = (uint8_t)(window[11] + 2);
	arch_platform_read((uintptr_t)window, &p);
	assert_string_equal(p.error, "its header is malformed, or older than version 17");
}

/* An alias that is its own target, and one that names another alias: not followed. */
static void alias_loops(void **state)
{
	struct platform p;
	char *path;

	compile("board");
	machine_reset(iort_smmu, sizeof(iort_smmu));
	path = NULL;
	for (size_t i = 0; i + 40 < tree_size && path == NULL; i++) {
		path = memcmp(tree + i, "/soc@80000000/bus", 17) == 0 ? (char *)tree + i : NULL;
	}
	assert_non_null(path);
	memcpy(path, "console\0", 8);
	arch_platform_read((uintptr_t)tree, &p);
	assert_true(p.valid);
	assert_int_equal(p.board.uart, 0);
}

static void damaged_iort(void **state)
{
	unsigned yes = 0;

	machine.seed = 7;
	assert_true(iort_maps(iort_smmu, sizeof(iort_smmu), 0, 0x09050000));
	assert_true(iort_maps(iort_smmu, sizeof(iort_smmu), 0xff, 0x09050000));
	assert_false(iort_maps(iort_smmu, sizeof(iort_smmu), 0x100, 0x09050000));
	assert_false(iort_maps(iort_smmu, sizeof(iort_smmu), 0, 0x09060000));
	assert_false(iort_maps(iort_bypass, sizeof(iort_bypass), 0, 0x09050000));
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t size = i % 2 ? (uint32_t)sizeof(iort_smmu) : 8 + rnd() % (uint32_t)sizeof(iort_smmu);
		uint8_t *t = malloc(size);

		assert_non_null(t);
		memcpy(t, iort_smmu, size < sizeof(iort_smmu) ? size : sizeof(iort_smmu));
		for (unsigned n = rnd() % 3; n > 0; n--) {
			t[rnd() % size] = (uint8_t)(rnd() % 2 ? rnd() : 0xff);
		}
		yes += iort_maps(t, size, 0, 0x09050000) ? 1 : 0;
		free(t);
	}
	assert_true(yes > 1000 && yes < 20000);
}

static int group_setup(void **state)
{
	window = malloc(DT_SIZE_MAX);
	if (window != NULL) {
		memset(window, 0xff, DT_SIZE_MAX);
	}
	return window == NULL;
}

static int group_teardown(void **state)
{
	free(window);
	free(tree);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(virt_is_the_configured_board),
		cmocka_unit_test(virtio_device_is_found),
		cmocka_unit_test(bypassed_bus_is_found),
		cmocka_unit_test(unknown_bypass_is_bypass),
		cmocka_unit_test(board_with_buses),
		cmocka_unit_test(qemu_variants),
		cmocka_unit_test(not_a_tree),
		cmocka_unit_test(alias_loops),
		cmocka_unit_test(cut_trees),
		cmocka_unit_test(damaged_virt),
		cmocka_unit_test(damaged_board),
		cmocka_unit_test(damaged_iort),
	};

	return cmocka_run_group_tests_name("platform", tests, group_setup, group_teardown);
}
