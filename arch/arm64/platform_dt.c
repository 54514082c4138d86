/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over the device tree, and what readers ask of the current node: properties, addresses translated
 * up to the root, interrupts. Owns nothing. Tags come from libfdt's fdt_next_tag(), which checks each against
 * the tree's size; of libfdt only fdt.o is linked. Every length and index is checked against the property
 * before a byte is read, every address against 48 bits; what cannot be read is "not there", never a guess [I6].
 */
#include "platform_dt.h"

void dt_note(struct platform *p, const char *text)
{
	for (unsigned i = 0; i < p->note_count; i++) {
		if (p->note[i] == text) {
			return;
		}
	}
	if (p->note_count < NOTE_MAX) {
		p->note[p->note_count++] = text;
	}
}

/* The property's name if it is all inside the strings block, else NULL. */
static const char *prop_name(const void *fdt, uint32_t off)
{
	const char *strings = (const char *)fdt + fdt_off_dt_strings(fdt);
	uint32_t size = fdt_size_dt_strings(fdt);

	if (off >= size || strnlen(strings + off, size - off) == size - off) {
		return NULL;
	}
	return strings + off;
}

/*
 * fdt_next_tag(), and what libfdt 1.6 does not see: a property length that wraps its offset, so that the walk
 * stands still, goes back, or believes in data beyond the tree. *next is negative at the end or on an error.
 */
static uint32_t next_tag(const void *fdt, int at, int *next)
{
	uint32_t tag = fdt_next_tag(fdt, at, next);

	if (*next >= 0 && tag == FDT_PROP) {
		const struct fdt_property *v = fdt_offset_ptr(fdt, at, sizeof(*v));
		uint32_t len = v == NULL ? UINT32_MAX : fdt32_to_cpu(v->len);

		if (len > (uint32_t)DT_SIZE_MAX || fdt_offset_ptr(fdt, at, (unsigned)sizeof(*v) + len) == NULL) {
			*next = -FDT_ERR_BADSTRUCTURE;
		}
	}
	if (*next <= at) {
		*next = -FDT_ERR_BADSTRUCTURE;
	}
	return tag;
}

/* A node's properties come before its children: the search ends at the first other tag. */
const void *dt_node_prop(const void *fdt, int node, const char *name, uint32_t *size)
{
	int next;

	*size = 0;
	(void)next_tag(fdt, node, &next);
	for (int at = next; at >= 0; at = next) {
		uint32_t tag = next_tag(fdt, at, &next);

		if (tag == FDT_NOP) {
			continue;
		}
		if (tag != FDT_PROP || next < 0) {
			break;
		}
		const struct fdt_property *v = fdt_offset_ptr(fdt, at, sizeof(*v));
		const char *n = v == NULL ? NULL : prop_name(fdt, fdt32_to_cpu(v->nameoff));

		if (n != NULL && strcmp(n, name) == 0) {
			*size = fdt32_to_cpu(v->len);
			return v->data;
		}
	}
	return NULL;
}

const void *dt_prop(const struct dt *dt, const char *name, uint32_t *size)
{
	return dt_node_prop(dt->fdt, dt_node(dt), name, size);
}

bool dt_prop_is(const struct dt *dt, const char *name, const char *value)
{
	uint32_t size;
	const void *v = dt_prop(dt, name, &size);

	return v != NULL && size == strlen(value) + 1 && memcmp(v, value, size) == 0;
}

/* compatible is a list of strings. */
bool dt_compatible(const struct dt *dt, const char *wanted)
{
	uint32_t size;
	const char *v = dt_prop(dt, "compatible", &size);
	uint32_t len = (uint32_t)strlen(wanted) + 1;

	for (uint32_t at = 0; v != NULL && at < size; at += (uint32_t)strnlen(v + at, size - at) + 1) {
		if (size - at >= len && memcmp(v + at, wanted, len) == 0) {
			return true;
		}
	}
	return false;
}

bool dt_path_is(const struct dt *dt, const char *path, uint32_t size)
{
	uint32_t at = 0;

	for (unsigned d = 1; d <= dt->depth; d++) {
		uint32_t len = (uint32_t)strlen(dt->level[d].name);

		if (at == size || path[at] != '/' || size - at - 1 < len ||
		    memcmp(path + at + 1, dt->level[d].name, len) != 0) {
			return false;
		}
		at += len + 1;
	}
	return dt->depth > 0 && at == size;
}

/* Properties are 4-byte aligned in a well-formed tree; a hostile one may say otherwise. */
uint32_t dt_be32(const void *prop, uint32_t index)
{
	const uint8_t *b = (const uint8_t *)prop + (size_t)index * 4;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* One or two cells. */
uint64_t dt_cells(const void *prop, uint32_t index, uint32_t cells)
{
	if (cells == 1) {
		return dt_be32(prop, index);
	}
	return (uint64_t)dt_be32(prop, index) << 32 | dt_be32(prop, index + 1);
}

uint32_t dt_u32(const void *fdt, int node, const char *name, uint32_t otherwise)
{
	uint32_t size;
	const void *v = dt_node_prop(fdt, node, name, &size);

	return v != NULL && size == 4 ? dt_be32(v, 0) : otherwise;
}

static bool cells_ok(uint32_t cells)
{
	return cells == 1 || cells == 2;
}

static bool addr_ok(const struct cfg_range *r)
{
	return range_ok(r->base, r->size) && r->base + (r->size - 1) < (uint64_t)1 << DT_ADDR_BITS;
}

/* One bus up: from the addresses of level[d]'s children to those of level[d] itself. */
static bool translate_one(const struct dt *dt, unsigned d, struct cfg_range *r)
{
	uint32_t ca = dt->level[d].addr_cells;
	uint32_t cs = dt->level[d].size_cells;
	uint32_t pa_cells = dt->level[d - 1].addr_cells;
	uint32_t size;
	const void *v = dt_node_prop(dt->fdt, dt->level[d].node, "ranges", &size);

	if (v == NULL) {
		return false;
	}
	if (size == 0) {
		return true; /* one to one */
	}
	if (!cells_ok(ca) || !cells_ok(cs) || !cells_ok(pa_cells)) {
		return false;
	}
	for (uint32_t i = 0; i + ca + pa_cells + cs <= size / 4; i += ca + pa_cells + cs) {
		uint64_t child = dt_cells(v, i, ca);
		uint64_t parent = dt_cells(v, i + ca, pa_cells);
		uint64_t window = dt_cells(v, i + ca + pa_cells, cs);

		if (range_ok(child, window) && range_inside(r->base, r->size, child, window)) {
			r->base = r->base - child + parent;
			return addr_ok(r);
		}
	}
	return false;
}

/* r is in the address space of level[depth]'s children: to the root's, which is the CPU's. */
bool dt_translate(const struct dt *dt, unsigned depth, struct cfg_range *r)
{
	if (!addr_ok(r)) {
		return false;
	}
	for (unsigned d = depth; d > 0; d--) {
		if (!translate_one(dt, d, r)) {
			return false;
		}
	}
	return true;
}

/* The n-th range of the current node's reg property, as the CPU sees it. */
bool dt_reg(const struct dt *dt, uint32_t n, struct cfg_range *out)
{
	uint32_t size;
	const void *v = dt_prop(dt, "reg", &size);

	if (v == NULL || dt->depth == 0) {
		return false;
	}
	uint32_t ca = dt->level[dt->depth - 1].addr_cells;
	uint32_t cs = dt->level[dt->depth - 1].size_cells;

	if (!cells_ok(ca) || !cells_ok(cs) || n >= size / 4 / (ca + cs)) {
		return false;
	}
	out->base = dt_cells(v, n * (ca + cs), ca);
	out->size = dt_cells(v, n * (ca + cs) + ca, cs);
	return dt_translate(dt, dt->depth - 1, out);
}

/* A GIC interrupt: type, number, flags (devicetree binding arm,gic-v3) to an INTID; 0: not one. */
uint32_t dt_irq_make(const void *cells)
{
	uint32_t type = dt_be32(cells, 0);
	uint32_t n = dt_be32(cells, 1);

	if (type == 0 && n < 1020 - 32) {
		return 32 + n;
	}
	if (type == 1 && n < 16) {
		return 16 + n;
	}
	return 0;
}

/* interrupt-parent is inherited; interrupts that do not go to the GIC are not for us. */
static bool irq_to_gic(const struct dt *dt)
{
	for (unsigned d = dt->depth + 1; d > 0; d--) {
		uint32_t size;

		if (dt_node_prop(dt->fdt, dt->level[d - 1].node, "interrupt-parent", &size) != NULL) {
			return dt->gic_phandle != 0 &&
			       dt_u32(dt->fdt, dt->level[d - 1].node, "interrupt-parent", 0) == dt->gic_phandle;
		}
	}
	return false;
}

uint32_t dt_irq(const struct dt *dt, uint32_t n)
{
	uint32_t size;
	const void *v = dt_prop(dt, "interrupts", &size);

	if (v == NULL || dt->gic_cells == 0 || n >= size / 4 / dt->gic_cells || !irq_to_gic(dt)) {
		return 0;
	}
	return dt_irq_make((const uint8_t *)v + (size_t)n * dt->gic_cells * 4);
}

/* An empty property that a bus hands down to its devices, unless one of them says the opposite. */
bool dt_flag_inherited(const struct dt *dt, const char *on, const char *off)
{
	for (unsigned d = dt->depth + 1; d > 0; d--) {
		uint32_t size;

		if (dt_node_prop(dt->fdt, dt->level[d - 1].node, off, &size) != NULL) {
			return false;
		}
		if (dt_node_prop(dt->fdt, dt->level[d - 1].node, on, &size) != NULL) {
			return true;
		}
	}
	return false;
}

static void enter_node(struct dt *dt, unsigned depth, int node)
{
	struct dt_level *l = &dt->level[depth];

	dt->depth = depth;
	l->node = node;
	l->name = fdt_offset_ptr(dt->fdt, node + (int)FDT_TAGSIZE, 1); /* terminated: fdt_next_tag() saw it */
	/* Devicetree specification 2.3.5: the defaults are 2 and 1. */
	l->addr_cells = dt_u32(dt->fdt, node, "#address-cells", 2);
	l->size_cells = dt_u32(dt->fdt, node, "#size-cells", 1);
}

const char *dt_walk(struct dt *dt, dt_visit_fn *visit)
{
	unsigned nodes = 0;
	unsigned depth = 0; /* of the next node to begin */
	int next = 0;

	for (int at = 0;; at = next) {
		uint32_t tag = next_tag(dt->fdt, at, &next);

		if (next < 0 || (tag == FDT_END && (depth != 0 || nodes == 0))) {
			return "it is damaged";
		}
		if (tag == FDT_END) {
			return NULL;
		}
		if (tag == FDT_END_NODE && depth-- == 0) {
			return "it is damaged";
		}
		if (tag != FDT_BEGIN_NODE) {
			continue;
		}
		if (++nodes > DT_NODE_MAX) {
			return "it has more than 4096 nodes";
		}
		if (depth < DT_DEPTH_MAX) {
			enter_node(dt, depth, at);
			visit(dt);
		}
		depth++;
	}
}
