/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rule files of config_check() share. A rule is a name, what it is asked about (one item of a kind,
 * or every pair of them), a predicate that is true when the rule is broken, and what to do about it. The
 * tables (and those of the architecture, arch/config.h) are all rules there are; the unit tests break every one.
 */
#pragma once

#include <hyp/platform.h>

/* What a rule is asked about, in the order of configuration and machine. */
enum over {
	OVER_ONCE,
	OVER_BOARD_CPU,
	OVER_RAM,
	OVER_OWN,       /* the hypervisor's windows of the board: units, interrupt controller, UART, PCI, bypass */
	OVER_BOARD_IRQ,
	OVER_VM,
	OVER_CPU,       /* one CPU of a partition */
	OVER_REGION,
	OVER_IMAGE,
	OVER_IRQ,
	OVER_DEVICE,
	OVER_RESERVED,
	OVER_ALLOW,
	OVER_ALLOW_REGION,
	OVER_REACH,     /* one region of a device's allow set */
	OVER_MACHINE_CPU,
	OVER_MACHINE_OWN,
	OVER_BYPASS,    /* a DMA master of the machine without a unit */
	OVER_NOTE,
	OVER_COUNT
};

enum own_kind { OWN_UNIT = 1, OWN_IRQCHIP = 2, OWN_UART = 4, OWN_PCI = 8, OWN_BYPASS = 16, OWN_ALL = 31 };

/* Only what the kind has is filled; the rest is 0. */
struct item {
	unsigned n;         /* counts the items of its kind */
	unsigned vm;        /* the partition it belongs to, or CFG_OWNER_NONE */
	const char *owner;  /* first name in the report */
	const char *name;   /* second */
	uint64_t base;      /* physical, or an image's place */
	uint64_t size;
	uint64_t at;        /* as the partition or the device sees it */
	uint32_t number;    /* CPU or interrupt */
	uint32_t kind;      /* enum own_kind, or 1 if a board interrupt is a private one */
	uint32_t prot;
	const struct cfg_vm *v;
	const struct cfg_image *image;
	const struct cfg_irq *irq;
	const struct cfg_device *d;
};

struct check {
	const struct hyp_config *cfg;
	const struct platform *p; /* NULL: no machine, only the configuration is judged */
	const struct config_rule *rule;
	config_report_fn *report;
	void *ctx;
	unsigned fatal_count;
	const char *word;   /* a predicate may name what it met ... */
	uint64_t value;     /* ... or a number; either ends the report */
};

/* a: the item; b: the other one of a pair, else NULL. */
typedef bool config_broken_fn(struct check *c, const struct item *a, const struct item *b);

enum config_rule_flag {
	RULE_PAIR = 1,
	RULE_WARN = 2, /* somebody should look; without it the boot must not go on */
};

struct config_rule {
	const char *name;
	enum over over;
	unsigned flags;
	config_broken_fn *broken;
	const char *text; /* NULL: the predicate reports with config_say() and returns false */
};

struct config_rule_table {
	const struct config_rule *rule;
	unsigned count;
};

/* In this order; the first three stop at a broken one: everything after indexes by counts, follows pointers. */
extern const struct config_rule_table config_rules_count;
extern const struct config_rule_table config_rules_list;
extern const struct config_rule_table config_rules_name;
extern const struct config_rule_table config_rules_board;
extern const struct config_rule_table config_rules_vm;
extern const struct config_rule_table config_rules_region;
extern const struct config_rule_table config_rules_device;
extern const struct config_rule_table config_rules_reach;
extern const struct config_rule_table config_rules_machine;

void config_say(struct check *c, bool fatal, const char *fmt, ...) __printf(3, 4);
bool config_item_at(const struct check *c, enum over kind, unsigned n, struct item *out);
bool config_name_ok(const char *s);

bool config_in_ram(const struct board *b, uint64_t base, uint64_t size);
/* The first window of these kinds (OVER_OWN or OVER_MACHINE_OWN) that the range touches: its name, or NULL. */
const char *config_own_hit(const struct check *c, enum over own, unsigned mask, uint64_t base, uint64_t size);
bool vm_has_pci(const struct hyp_config *cfg, unsigned vm);
uint64_t config_ram_total(const struct board *b);

/* The two reports of a difference: an address or size, with what to do; an interrupt, unless none was configured. */
void config_differ(struct check *c, const char *what, uint64_t want, uint64_t have, const char *todo);
void config_irq_differs(struct check *c, const char *what, uint32_t want, uint32_t have);

/* False for an empty or wrapping range. */
static inline bool overlaps(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return range_ok(a, asize) && range_ok(b, bsize) && range_overlaps(a, asize, b, bsize);
}

static inline bool inside(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return range_ok(a, asize) && range_ok(b, bsize) && range_inside(a, asize, b, bsize);
}

static inline bool page_range(uint64_t base, uint64_t size)
{
	return range_ok(base, size) && ((base | size) & PAGE_MASK) == 0 && (base + (size - 1)) >> 48 == 0;
}

/* Configuration and machine both have a PCI host to compare. */
static inline bool same_host(const struct check *c)
{
	return c->p->valid && c->p->board.pci.present && c->cfg->board.pci.present;
}

/* The machine's unit at that address, or NULL. */
static inline const struct board_unit *unit_at(const struct board *b, uint64_t base)
{
	for (unsigned i = 0; i < b->unit_count && i < UNIT_MAX; i++) {
		if (b->unit[i].base == base) {
			return &b->unit[i];
		}
	}
	return NULL;
}
