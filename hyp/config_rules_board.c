/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: the shape of the configuration (counts, lists, names) and the board it expects. Owns nothing. Shape
 * rules come first: every other rule indexes by these counts and follows these pointers.
 */
#include <hyp/config_rules.h>

#include <arch/config.h>
#include <arch/irq.h>
#include <hyp/iommu.h>
#include <hyp/string.h>

enum { IRQ_PRIVATE = 16 }; /* first of a CPU that is no inter-processor interrupt */

static bool count_limits(struct check *c, const struct item *a, const struct item *b)
{
	const struct hyp_config *g = c->cfg;
	const struct {
		const char *name;
		unsigned count, min, max;
	} t[] = {
		{ "board.cpu_count", g->board.cpu_count, 1, CPU_MAX },
		{ "board.ram_count", g->board.ram_count, 1, RAM_MAX },
		{ "board.unit_count", g->board.unit_count, 0, UNIT_MAX },
		{ "board.bypass_count", g->board.bypass_count, 0, BOARD_BYPASS_MAX },
		{ "board.pci.window_count", g->board.pci.window_count, 0, PCI_WINDOW_MAX },
		{ "vm_count", g->vm_count, 1, VM_MAX },
		{ "device_count", g->device_count, 0, DEVICE_MAX },
		{ "allow_count", g->allow_count, 0, OBJECT_MAX }, /* objects of client 0 */
	};

	for (unsigned i = 0; i < ARRAY_COUNT(t); i++) {
		if (t[i].count < t[i].min || t[i].count > t[i].max) {
			config_say(c, true, "%s is %u, must be %u..%u", t[i].name, t[i].count, t[i].min, t[i].max);
		}
	}
	return false;
}

static bool top_lists(struct check *c, const struct item *a, const struct item *b)
{
	const struct hyp_config *g = c->cfg;

	return (g->vm_count != 0 && g->vm == NULL) || (g->device_count != 0 && g->device == NULL) ||
	       (g->allow_count != 0 && g->allow == NULL);
}

static const struct config_rule count_rules[] = {
	{ "count_limits", OVER_ONCE, 0, count_limits, NULL },
	{ "list_present", OVER_ONCE, 0, top_lists, "vm, device or allow: a count without its list" },
};
const struct config_rule_table config_rules_count = { count_rules, ARRAY_COUNT(count_rules) };

static bool vcpu_count(struct check *c, const struct item *a, const struct item *b)
{
	return a->v->cpu_count < 1 || a->v->cpu_count > CPU_MAX;
}

static bool vm_lists(struct check *c, const struct item *a, const struct item *b)
{
	return (a->v->region_count != 0 && a->v->region == NULL) ||
	       (a->v->image_count != 0 && a->v->image == NULL) || (a->v->irq_count != 0 && a->v->irq == NULL);
}

static bool device_list(struct check *c, const struct item *a, const struct item *b)
{
	return a->d->reserved_count != 0 && a->d->reserved == NULL;
}

static bool allow_list(struct check *c, const struct item *a, const struct item *b)
{
	return c->cfg->allow[a->n].region_count != 0 && c->cfg->allow[a->n].region == NULL;
}

static const struct config_rule list_rules[] = {
	{ "vcpu_count", OVER_VM, 0, vcpu_count, "set .cpu_count to 1..8" },
	{ "vm_lists", OVER_VM, 0, vm_lists, "region, image or irq: a count without its list" },
	{ "device_list", OVER_DEVICE, 0, device_list, "reserved_count without .reserved" },
	{ "allow_list", OVER_ALLOW, 0, allow_list, "region_count without .region" },
};
const struct config_rule_table config_rules_list = { list_rules, ARRAY_COUNT(list_rules) };

static const char name_text[] = "names have 1 to 23 printable characters without blanks";

static bool config_name(struct check *c, const struct item *a, const struct item *b)
{
	return !config_name_ok(c->cfg->name);
}

static bool owner_name(struct check *c, const struct item *a, const struct item *b)
{
	return !config_name_ok(a->owner);
}

static bool own_name(struct check *c, const struct item *a, const struct item *b)
{
	return !config_name_ok(a->name);
}

static const struct config_rule name_rules[] = {
	{ "config_name", OVER_ONCE, 0, config_name, name_text },
	{ "vm_name", OVER_VM, 0, owner_name, name_text },
	{ "region_name", OVER_REGION, 0, own_name, name_text },
	{ "image_name", OVER_IMAGE, 0, own_name, name_text },
	{ "device_name", OVER_DEVICE, 0, owner_name, name_text },
	{ "allow_name", OVER_ALLOW, 0, own_name, name_text },
};
const struct config_rule_table config_rules_name = { name_rules, ARRAY_COUNT(name_rules) };

static bool not_pages(struct check *c, const struct item *a, const struct item *b)
{
	return !page_range(a->base, a->size);
}

static bool window_not_pages(struct check *c, const struct item *a, const struct item *b)
{
	return a->size != 0 && !page_range(a->base, a->size);
}

static bool both_overlap(struct check *c, const struct item *a, const struct item *b)
{
	return overlaps(a->base, a->size, b->base, b->size);
}

/* RAM and windows apart: RAM against every window. */
static bool window_in_ram(struct check *c, const struct item *a, const struct item *b)
{
	c->word = config_own_hit(c, OVER_OWN, OWN_ALL, a->base, a->size);
	return c->word != NULL;
}

static bool cpu_twice(struct check *c, const struct item *a, const struct item *b)
{
	return a->base == b->base;
}

static bool irq_range(struct check *c, const struct item *a, const struct item *b)
{
	if (a->kind == 1) {
		return a->number < IRQ_PRIVATE || a->number >= IRQ_SHARED;
	}
	return a->number != 0 && (a->number < IRQ_SHARED || a->number >= IRQ_MAX);
}

static bool irq_twice(struct check *c, const struct item *a, const struct item *b)
{
	return a->number != 0 && a->number == b->number;
}

static bool hyp_ram(struct check *c, const struct item *a, const struct item *b)
{
	const struct cfg_range *h = &c->cfg->hyp_ram;

	return !page_range(h->base, h->size) || !config_in_ram(&c->cfg->board, h->base, h->size);
}

static bool timeout(struct check *c, const struct item *a, const struct item *b)
{
	uint32_t t = c->cfg->sync_timeout_ms;

	c->value = t;
	return t != 0 && (t < 5 || t > 10000);
}

static const struct config_rule board_rules[] = {
	{ "board_ram_pages", OVER_RAM, 0, not_pages, "must be whole pages below 2^48, not empty" },
	{ "board_ram_overlap", OVER_RAM, RULE_PAIR, both_overlap, "they overlap" },
	{ "board_window_pages", OVER_OWN, 0, window_not_pages, "must be whole pages below 2^48" },
	{ "board_window_overlap", OVER_OWN, RULE_PAIR, both_overlap, "they overlap" },
	{ "board_window_in_ram", OVER_RAM, 0, window_in_ram, "must not hold" },
	{ "board_cpu_id_unique", OVER_BOARD_CPU, RULE_PAIR, cpu_twice, "they have the same number in board.cpu_id" },
	{ "board_irq_range", OVER_BOARD_IRQ, 0, irq_range,
	  "must be 16..31 if private, " ARCH_BOARD_IRQ_RANGE " if shared" },
	{ "board_irq_unique", OVER_BOARD_IRQ, RULE_PAIR, irq_twice, "one interrupt for two purposes" },
	{ "hyp_ram_in_ram", OVER_ONCE, 0, hyp_ram, "hyp_ram must be whole pages inside one board.ram range" },
	{ "timeout_range", OVER_ONCE, 0, timeout, "sync_timeout_ms must be 0 (no limit) or 5..10000, not" },
};
const struct config_rule_table config_rules_board = { board_rules, ARRAY_COUNT(board_rules) };
