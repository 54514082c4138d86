/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arch_platform_read(): the device tree becomes struct platform. Owns the walk over the nodes, the CPUs, the
 * memory and PSCI; devices are in platform_dev.c and platform_pci.c. The tree is hostile input: checked as a
 * whole first, at most 2 MiB, 4096 nodes and 8 levels are looked at, and what it says is only ever compared
 * with the configuration, never used instead of it [I6].
 */
#include <arch/platform.h>

#include "platform_dt.h"

extern const uint8_t __image_start[], __image_end[]; /* linker/arm64.ld.S */

#define MPIDR_AFF 0xff00ffffffUL /* MPIDR_EL1 Aff3 [39:32], Aff2 [23:16], Aff1 [15:8], Aff0 [7:0] */

static void read_cpu(struct dt *dt)
{
	struct board *b = &dt->p->board;
	uint32_t ca = dt->level[dt->depth - 1].addr_cells;
	uint32_t size;
	const void *v = dt_prop(dt, "reg", &size);

	if (v == NULL || (ca != 1 && ca != 2) || size != ca * 4) {
		dt_note(dt->p, "a CPU without a usable reg property was left out");
		return;
	}
	uint64_t id = dt_cells(v, 0, ca) & MPIDR_AFF;

	for (unsigned i = 0; i < b->cpu_count; i++) {
		if (b->cpu_id[i] == id) {
			dt_note(dt->p, "two CPUs have the same number: one was left out");
			return;
		}
	}
	if (b->cpu_count == CPU_MAX) {
		dt_note(dt->p, "more CPUs than the hypervisor can use (8): the others stay off");
		return;
	}
	b->cpu_id[b->cpu_count++] = id;
}

/* Joins what touches or overlaps, so that a range over two memory nodes is found to be memory. */
static void ram_add(struct platform *p, struct cfg_range r)
{
	struct board *b = &p->board;
	unsigned i = 0;

	while (i < b->ram_count) {
		struct cfg_range *o = &b->ram[i];

		if (r.base > o->base + o->size || o->base > r.base + r.size) {
			i++;
			continue;
		}
		uint64_t end = r.base + r.size > o->base + o->size ? r.base + r.size : o->base + o->size;

		r.base = r.base < o->base ? r.base : o->base;
		r.size = end - r.base;
		*o = b->ram[--b->ram_count];
		i = 0;
	}
	if (b->ram_count == RAM_MAX) {
		dt_note(p, "more separate memory ranges than the hypervisor can use (8): the others are ignored");
		return;
	}
	b->ram[b->ram_count++] = r;
}

static void read_memory(struct dt *dt)
{
	struct cfg_range r;

	for (uint32_t n = 0; n < 64 && dt_reg(dt, n, &r); n++) {
		ram_add(dt->p, r);
	}
}

static void read_psci(struct dt *dt)
{
	dt->p->psci.there = dt_prop_is(dt, "method", "smc") || dt_prop_is(dt, "method", "hvc");
	dt->p->psci.smc = dt_prop_is(dt, "method", "smc");
}

static const struct {
	const char *compatible;
	void (*read)(struct dt *dt);
} reader[] = {
	{ "arm,psci-1.0", read_psci },
	{ "arm,psci-0.2", read_psci },
	{ "arm,gic-v3", dt_read_gicv3 },
	{ "arm,gic-v3-its", dt_read_its },
	{ "arm,cortex-a15-gic", dt_read_gicv2 },
	{ "arm,gic-400", dt_read_gicv2 },
	{ "arm,armv8-timer", dt_read_timer },
	{ "arm,pl011", dt_read_uart },
	{ "arm,smmu-v3", dt_read_smmu },
	{ "virtio,mmio", dt_read_virtio },
	{ "qemu,fw-cfg-mmio", dt_read_fw_cfg },
	{ "pci-host-ecam-generic", dt_read_pci },
};

static void read_node(struct dt *dt)
{
	uint32_t size;

	if (dt->depth == 0) {
		return;
	}
	if (dt->depth == 2 && dt_prop_is(dt, "device_type", "cpu")) {
		read_cpu(dt);
		return;
	}
	/* A node the normal world may not use says so (secure UART, secure memory). */
	if (dt_prop(dt, "status", &size) != NULL && !dt_prop_is(dt, "status", "okay") &&
	    !dt_prop_is(dt, "status", "ok")) {
		return;
	}
	if (dt_prop_is(dt, "device_type", "memory")) {
		read_memory(dt);
		return;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(reader); i++) {
		if (dt_compatible(dt, reader[i].compatible)) {
			reader[i].read(dt);
			return;
		}
	}
}

/* What the nodes are read in terms of: the interrupt controller, and the path of the console. */
static void find_first(struct dt *dt)
{
	uint32_t size;

	if (dt->gic < 0 && (dt_compatible(dt, "arm,gic-v3") || dt_compatible(dt, "arm,cortex-a15-gic") ||
			    dt_compatible(dt, "arm,gic-400"))) {
		uint32_t cells = dt_u32(dt->fdt, dt_node(dt), "#interrupt-cells", 0);

		dt->gic = dt_node(dt);
		dt->gic_phandle = dt_u32(dt->fdt, dt->gic, "phandle", 0);
		dt->gic_addr_cells = dt_u32(dt->fdt, dt->gic, "#address-cells", 0);
		dt->gic_cells = cells == 3 || cells == 4 ? cells : 0;
	}
	if (dt_path_is(dt, "/chosen", 7)) {
		dt->console = dt_prop(dt, "stdout-path", &size);
		dt->console_size = 0;
		while (dt->console_size < size && dt->console[dt->console_size] != '\0' &&
		       dt->console[dt->console_size] != ':') {
			dt->console_size++;
		}
	}
}

/* The console may be named by an alias: a property of /aliases whose value is the path. */
static void find_alias(struct dt *dt)
{
	char name[32];
	uint32_t size;

	if (dt->console == NULL || dt->console_size == 0 || dt->console_size >= sizeof(name) ||
	    dt->console[0] == '/' || !dt_path_is(dt, "/aliases", 8)) {
		return;
	}
	memcpy(name, dt->console, dt->console_size);
	name[dt->console_size] = '\0';
	dt->console = dt_prop(dt, name, &size);
	dt->console_size = dt->console == NULL ? 0 : (uint32_t)strnlen(dt->console, size);
}

static void find_pci_unit(struct dt *dt)
{
	struct board_pci *pci = &dt->p->board.pci;

	for (uint8_t i = 0; i < dt->p->board.unit_count && dt->pci_unit_phandle != 0; i++) {
		if (dt->unit_phandle[i] == dt->pci_unit_phandle) {
			pci->unit = i;
			pci->iommu_mapped = true;
			return;
		}
	}
}

static const char *read_tree(const void *fdt, struct platform *p)
{
	struct dt dt = { .fdt = fdt, .p = p, .gic = -1 };

	if (fdt == NULL || ((uintptr_t)fdt & 7) != 0) {
		return "x0 does not point to one";
	}
	if (fdt_magic(fdt) != FDT_MAGIC) {
		return "no device tree where x0 points";
	}
	/* Its nodes are on four bytes [DT 5.4]: we read their headers as words. */
	if (fdt_check_header(fdt) != 0 || fdt_version(fdt) < 17 || (fdt_off_dt_struct(fdt) & 3) != 0) {
		return "its header is malformed, or older than version 17";
	}
	if (fdt_totalsize(fdt) > DT_SIZE_MAX) {
		return "it is larger than 2 MiB";
	}
	const char *error = dt_walk(&dt, find_first);

	if (error == NULL) {
		error = dt_walk(&dt, find_alias);
	}
	if (error == NULL) {
		error = dt_walk(&dt, read_node);
	}
	find_pci_unit(&dt);
	return error;
}

void arch_platform_read(uintptr_t boot_arg, struct platform *p)
{
	*p = (struct platform){ .no_virt = boot_el != 2 };
	p->virt_why = boot_el < 2 ? "started at EL1, must be EL2: add virtualization=on to -M virt"
				  : "started at EL3, must be EL2: remove secure=on from -M virt";
	p->image.base = (uintptr_t)__image_start;
	p->image.size = (uintptr_t)__image_end - (uintptr_t)__image_start;
	p->error = read_tree((const void *)boot_arg, p);
	p->valid = p->error == NULL;
	if (!p->valid) {
		p->board = (struct board){ 0 }; /* half a tree is not believed */
		p->bypass_count = 0;
		return;
	}
	platform_probe(p);
}
