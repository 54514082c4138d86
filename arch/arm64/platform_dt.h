/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one device tree node by node: where we are, and what the nodes above say about addresses and
 * interrupts. Shared by platform*.c only. Everything a tree says is hostile: lengths are checked here.
 */
#pragma once

#include <libfdt.h>

#include <hyp/platform.h>
#include <hyp/string.h>

enum {
	DT_SIZE_MAX = 0x200000, /* what is mapped of the tree */
	DT_NODE_MAX = 4096,
	DT_DEPTH_MAX = 8,       /* deeper nodes are not looked at */
	DT_ADDR_BITS = 48,
	DT_CELLS_BAD = 0xff,
};

struct dt_level {
	int node;            /* offset of its FDT_BEGIN_NODE */
	const char *name;
	uint32_t addr_cells; /* of its children */
	uint32_t size_cells;
};

struct dt {
	const void *fdt;
	struct platform *p;
	unsigned depth;                  /* of the current node, level[depth]; 0 is the root */
	struct dt_level level[DT_DEPTH_MAX];
	int gic;                         /* node, or negative */
	uint32_t gic_phandle;
	uint32_t gic_cells;              /* of an interrupt: 3 or 4 */
	uint32_t gic_addr_cells;         /* of an address in an interrupt-map entry */
	const char *console;             /* /chosen stdout-path without its options, not terminated; or NULL */
	uint32_t console_size;
	uint32_t unit_phandle[UNIT_MAX];
	uint32_t pci_unit_phandle;       /* from iommu-map; 0: none */
};

static inline int dt_node(const struct dt *dt)
{
	return dt->level[dt->depth].node;
}

typedef void dt_visit_fn(struct dt *dt);

extern unsigned boot_el; /* exception level the image was entered at, head.S */

/* platform_dt.c */
const char *dt_walk(struct dt *dt, dt_visit_fn *visit); /* every node in order; NULL, or what is wrong */
const void *dt_node_prop(const void *fdt, int node, const char *name, uint32_t *size);
bool dt_compatible(const struct dt *dt, const char *wanted);
bool dt_path_is(const struct dt *dt, const char *path, uint32_t size); /* of the current node */
void dt_note(struct platform *p, const char *text);
const void *dt_prop(const struct dt *dt, const char *name, uint32_t *size); /* of the current node */
bool dt_prop_is(const struct dt *dt, const char *name, const char *value);
uint32_t dt_be32(const void *prop, uint32_t index);
uint64_t dt_cells(const void *prop, uint32_t index, uint32_t cells);
uint32_t dt_u32(const void *fdt, int node, const char *name, uint32_t otherwise);
bool dt_reg(const struct dt *dt, uint32_t n, struct cfg_range *out);
bool dt_translate(const struct dt *dt, unsigned depth, struct cfg_range *r);
uint32_t dt_irq_make(const void *cells);
uint32_t dt_irq(const struct dt *dt, uint32_t n);
bool dt_flag_inherited(const struct dt *dt, const char *on, const char *off);

/* platform_dev.c, platform_pci.c: readers of the current node */
void dt_read_gicv3(struct dt *dt);
void dt_read_gicv2(struct dt *dt);
void dt_read_its(struct dt *dt);
void dt_read_timer(struct dt *dt);
void dt_read_uart(struct dt *dt);
void dt_read_smmu(struct dt *dt);
void dt_read_virtio(struct dt *dt);
void dt_read_fw_cfg(struct dt *dt);
void dt_read_pci(struct dt *dt);

/* platform_probe.c: what only a look at the hardware can tell, after the whole tree was read */
void platform_probe(struct platform *p);
