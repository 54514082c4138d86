/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: the shape of the configuration (counts, pointers, names) and the board it expects. Owns nothing.
 * Shape rules come first because every other rule indexes by these counts.
 */
#include "config_rules.h"

#include <hyp/string.h>

enum { NAME_MAX = 23, ALLOW_MAX = 16, SPI_FIRST = 32, PPI_FIRST = 16, IRQ_END = 1020 };

static void limit(struct check *c, const char *what, unsigned count, unsigned min, unsigned max)
{
	if (count < min || count > max) {
		broken(c, "%s is %u, must be %u..%u", what, count, min, max);
	}
}

static void find_count_limits(struct check *c)
{
	const struct hyp_config *g = c->cfg;

	limit(c, "board.cpu_count", g->board.cpu_count, 1, CPU_MAX);
	limit(c, "board.ram_count", g->board.ram_count, 1, RAM_MAX);
	limit(c, "board.unit_count", g->board.unit_count, 0, UNIT_MAX);
	limit(c, "board.bypass_count", g->board.bypass_count, 0, BOARD_BYPASS_MAX);
	limit(c, "board.pci.window_count", g->board.pci.window_count, 0, PCI_WINDOW_MAX);
	limit(c, "vm_count", g->vm_count, 1, VM_MAX);
	limit(c, "device_count", g->device_count, 0, DEVICE_MAX);
	limit(c, "allow_count", g->allow_count, 0, ALLOW_MAX); /* objects of client 0 */
}

static void find_vcpu_count(struct check *c)
{
	for (unsigned i = 0; c->cfg->vm != NULL && i < c->cfg->vm_count && i < VM_MAX; i++) {
		const struct cfg_vm *v = &c->cfg->vm[i];

		if (v->cpu_count < 1 || v->cpu_count > CPU_MAX) {
			broken(c, "partition %u has %u virtual CPUs: set .cpu_count to 1..%u", i, v->cpu_count,
			       CPU_MAX);
		}
	}
}

static void list(struct check *c, const char *what, unsigned index, unsigned count, const void *p)
{
	if (count != 0 && p == NULL) {
		broken(c, "%s %u: a count without its list", what, index);
	}
}

static void find_lists(struct check *c)
{
	const struct hyp_config *g = c->cfg;

	list(c, "vm", 0, g->vm_count, g->vm);
	list(c, "device", 0, g->device_count, g->device);
	list(c, "allow", 0, g->allow_count, g->allow);
	for (unsigned i = 0; g->vm != NULL && i < g->vm_count && i < VM_MAX; i++) {
		list(c, "region of partition", i, g->vm[i].region_count, g->vm[i].region);
		list(c, "image of partition", i, g->vm[i].image_count, g->vm[i].image);
		list(c, "irq of partition", i, g->vm[i].irq_count, g->vm[i].irq);
	}
	for (unsigned i = 0; g->device != NULL && i < g->device_count && i < DEVICE_MAX; i++) {
		list(c, "reserved of device", i, g->device[i].reserved_count, g->device[i].reserved);
	}
	for (unsigned i = 0; g->allow != NULL && i < g->allow_count; i++) {
		list(c, "region of allow set", i, g->allow[i].region_count, g->allow[i].region);
	}
}

static void name(struct check *c, const char *what, unsigned index, const char *s)
{
	size_t n = s == NULL ? 0 : strnlen(s, NAME_MAX + 1);
	bool ok = n >= 1 && n <= NAME_MAX;

	for (size_t i = 0; ok && i < n; i++) {
		ok = s[i] > ' ' && s[i] <= '~';
	}
	if (!ok) {
		broken(c, "%s %u: the name must have 1..%u printable characters without blanks", what, index,
		       NAME_MAX);
	}
}

static void vm_names(struct check *c, unsigned i, const struct cfg_vm *v)
{
	name(c, "partition", i, v->name);
	for (unsigned n = 0; v->region != NULL && n < v->region_count; n++) {
		name(c, "region", n, v->region[n].name);
	}
	for (unsigned n = 0; v->image != NULL && n < v->image_count; n++) {
		name(c, "image", n, v->image[n].name);
	}
}

static void find_name_valid(struct check *c)
{
	const struct hyp_config *g = c->cfg;

	name(c, "configuration", 0, g->name);
	for (unsigned i = 0; g->vm != NULL && i < g->vm_count && i < VM_MAX; i++) {
		vm_names(c, i, &g->vm[i]);
	}
	for (unsigned i = 0; g->device != NULL && i < g->device_count && i < DEVICE_MAX; i++) {
		name(c, "device", i, g->device[i].name);
	}
	for (unsigned i = 0; g->allow != NULL && i < g->allow_count; i++) {
		name(c, "allow set", i, g->allow[i].name);
	}
}

static const struct config_rule shape[] = {
	{ "count_limits", true, find_count_limits },
	{ "vcpu_count", true, find_vcpu_count },
	{ "lists_present", true, find_lists },
	{ "name_valid", true, find_name_valid },
};
const struct config_rule_table config_rules_shape = { shape, ARRAY_COUNT(shape) };

static bool page_range(uint64_t base, uint64_t size)
{
	return range_ok(base, size) && ((base | size) & PAGE_MASK) == 0 &&
	       base + (size - 1) < (uint64_t)1 << 48;
}

static void find_board_ram(struct check *c)
{
	const struct board *b = &c->cfg->board;

	for (unsigned i = 0; i < b->ram_count; i++) {
		const struct cfg_range *r = &b->ram[i];

		if (!page_range(r->base, r->size)) {
			broken(c, "board.ram[%u] 0x%lx+0x%lx is empty, wraps or is not made of pages", i, r->base,
			       r->size);
		}
		for (unsigned j = 0; j < i; j++) {
			if (overlaps(r->base, r->size, b->ram[j].base, b->ram[j].size)) {
				broken(c, "board.ram[%u] and [%u] overlap at 0x%lx", j, i, r->base);
			}
		}
	}
}

static void find_board_windows(struct check *c)
{
	struct own_range own[OWN_MAX];
	unsigned n = board_own(&c->cfg->board, own);

	for (unsigned i = 0; i < n; i++) {
		if (own[i].size != 0 && !page_range(own[i].base, own[i].size)) {
			broken(c, "board: %s 0x%lx+0x%lx wraps or is not made of pages", own[i].what, own[i].base,
			       own[i].size);
		}
		if (touches_ram(&c->cfg->board, own[i].base, own[i].size)) {
			broken(c, "board: %s 0x%lx+0x%lx lies in RAM", own[i].what, own[i].base, own[i].size);
		}
		for (unsigned j = 0; j < i; j++) {
			if (overlaps(own[i].base, own[i].size, own[j].base, own[j].size)) {
				broken(c, "board: %s and %s overlap at 0x%lx", own[j].what, own[i].what,
				       own[i].base);
			}
		}
	}
}

static void find_cpu_id(struct check *c)
{
	const struct board *b = &c->cfg->board;

	for (unsigned i = 0; i < b->cpu_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (b->cpu_id[i] == b->cpu_id[j]) {
				broken(c, "board.cpu_id[%u] and [%u] are both 0x%lx", j, i, b->cpu_id[i]);
			}
		}
	}
}

static void find_gic_version(struct check *c)
{
	const struct board *b = &c->cfg->board;

	if (b->gic_version != 3 || b->gicd.size == 0 || b->gicr.size == 0) {
		broken(c, "board: GIC version %u: only 3 is supported, with gicd and gicr given", b->gic_version);
	}
}

struct board_irq {
	const char *what;
	uint32_t irq;
	uint32_t first; /* PPI_FIRST or SPI_FIRST */
	bool required;
};

enum { BOARD_IRQ_MAX = 3 + 3 * UNIT_MAX + 4 };

static unsigned board_irqs(const struct board *b, struct board_irq out[BOARD_IRQ_MAX])
{
	unsigned n = 0;

	out[n++] = (struct board_irq){ "vtimer_irq", b->vtimer_irq, PPI_FIRST, true };
	out[n++] = (struct board_irq){ "maint_irq", b->maint_irq, PPI_FIRST, true };
	out[n++] = (struct board_irq){ "uart_irq", b->uart_irq, SPI_FIRST, false };
	for (unsigned i = 0; i < b->unit_count; i++) {
		out[n++] = (struct board_irq){ "unit evtq_irq", b->unit[i].evtq_irq, SPI_FIRST, true };
		out[n++] = (struct board_irq){ "unit gerr_irq", b->unit[i].gerr_irq, SPI_FIRST, true };
		out[n++] = (struct board_irq){ "unit sync_irq", b->unit[i].sync_irq, SPI_FIRST, false };
	}
	for (unsigned i = 0; b->pci.present && i < 4; i++) {
		out[n++] = (struct board_irq){ "pci.intx", b->pci.intx[i], SPI_FIRST, false };
	}
	return n;
}

static void find_board_irq(struct check *c)
{
	struct board_irq irq[BOARD_IRQ_MAX];
	unsigned n = board_irqs(&c->cfg->board, irq);

	for (unsigned i = 0; i < n; i++) {
		uint32_t end = irq[i].first == PPI_FIRST ? SPI_FIRST : IRQ_END;

		if (irq[i].irq == 0 && !irq[i].required) {
			continue;
		}
		if (irq[i].irq < irq[i].first || irq[i].irq >= end) {
			broken(c, "board.%s %u: must be %u..%u", irq[i].what, irq[i].irq, irq[i].first, end - 1);
		}
		for (unsigned j = 0; j < i; j++) {
			if (irq[i].irq == irq[j].irq) {
				broken(c, "board.%s and %s are both %u", irq[j].what, irq[i].what, irq[i].irq);
			}
		}
	}
}

static void find_hyp_ram(struct check *c)
{
	const struct cfg_range *h = &c->cfg->hyp_ram;

	if (!page_range(h->base, h->size) || !in_ram(&c->cfg->board, h->base, h->size)) {
		broken(c, "hyp_ram 0x%lx+0x%lx is not inside board.ram, or not made of pages", h->base, h->size);
	}
}

static void find_timeout(struct check *c)
{
	uint32_t t = c->cfg->sync_timeout_ms;

	if (t != 0 && (t < 5 || t > 10000)) {
		broken(c, "sync_timeout_ms %u: must be 0 (no limit) or 5..10000", t);
	}
}

static const struct config_rule board[] = {
	{ "board_ram", true, find_board_ram },
	{ "board_window_overlap", true, find_board_windows },
	{ "board_cpu_id_unique", true, find_cpu_id },
	{ "board_gic_version", true, find_gic_version },
	{ "board_irq", true, find_board_irq },
	{ "hyp_ram_in_ram", true, find_hyp_ram },
	{ "timeout_range", true, find_timeout },
};
const struct config_rule_table config_rules_board = { board, ARRAY_COUNT(board) };
