/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device tree helpers for the current node: properties, addresses translated up to the root, interrupts.
 * Owns nothing. Every length and index is checked against the property before a byte is read, every address
 * against 48 bits; what cannot be read is "not there", never a guess [I6].
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

static const void *node_prop(const void *fdt, int node, const char *name, uint32_t *size)
{
	int len = 0;
	const void *v = fdt_getprop(fdt, node, name, &len);

	*size = v != NULL && len > 0 ? (uint32_t)len : 0;
	return v;
}

const void *dt_prop(const struct dt *dt, const char *name, uint32_t *size)
{
	return node_prop(dt->fdt, dt_node(dt), name, size);
}

static bool node_prop_is(const void *fdt, int node, const char *name, const char *value)
{
	uint32_t size;
	const void *v = node_prop(fdt, node, name, &size);

	return v != NULL && size == strlen(value) + 1 && memcmp(v, value, size) == 0;
}

bool dt_prop_is(const struct dt *dt, const char *name, const char *value)
{
	return node_prop_is(dt->fdt, dt_node(dt), name, value);
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
	const void *v = node_prop(fdt, node, name, &size);

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
	const void *v = node_prop(dt->fdt, dt->level[d].node, "ranges", &size);

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

		if (node_prop(dt->fdt, dt->level[d - 1].node, "interrupt-parent", &size) != NULL) {
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

		if (node_prop(dt->fdt, dt->level[d - 1].node, off, &size) != NULL) {
			return false;
		}
		if (node_prop(dt->fdt, dt->level[d - 1].node, on, &size) != NULL) {
			return true;
		}
	}
	return false;
}
