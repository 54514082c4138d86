/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_check(): judges a configuration, at build time alone and at boot together with the machine. Owns
 * the order of the rule tables and the report; the rules are in config_rules*.c, board_check.c, and config_rules.c
 * of the architecture. All broken rules are reported, not the first. vm_build_all(), iommu_build() and pci_assign()
 * rely on it where they CHECK() instead of handling errors: [I1], [I2] and [I3] of everything static start here.
 */
#include <hyp/config_rules.h>

#include <arch/config.h>
#include <hyp/log.h>
#include <hyp/string.h>

/* The words before an item's two names. */
static const struct {
	const char *owner;
	const char *name;
} word[OVER_COUNT] = {
	[OVER_BOARD_CPU] = { "board CPU", NULL },
	[OVER_RAM] = { "board.ram", NULL },
	[OVER_OWN] = { "board:", NULL },
	[OVER_BOARD_IRQ] = { "board", NULL },
	[OVER_VM] = { "partition", NULL },
	[OVER_CPU] = { "partition", "CPU" },
	[OVER_REGION] = { "partition", "region" },
	[OVER_IMAGE] = { "partition", "image" },
	[OVER_IRQ] = { "partition", "irq" },
	[OVER_DEVICE] = { "device", NULL },
	[OVER_RESERVED] = { "device", "reserved" },
	[OVER_ALLOW] = { "allow set", NULL },
	[OVER_ALLOW_REGION] = { "allow set", NULL },
	[OVER_REACH] = { "device", "allow set" },
	[OVER_MACHINE_CPU] = { "machine's CPU", NULL },
	[OVER_MACHINE_OWN] = { "machine:", NULL },
	[OVER_BYPASS] = { "machine:", NULL },
	[OVER_NOTE] = { "machine:", NULL },
};

struct text {
	char s[DIFF_TEXT];
	size_t used;
};

static void append(struct text *t, const char *fmt, ...) __printf(2, 3);

static void append(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	t->used += hyp_vsnprintf(t->s + t->used, sizeof(t->s) - t->used, fmt, ap);
	va_end(ap);
	if (t->used >= sizeof(t->s)) {
		t->used = sizeof(t->s) - 1;
	}
}

/* A name that is not one is what a rule may be about: it is not printed. */
static const char *printable(const char *s)
{
	return config_name_ok(s) ? s : "(unnamed)";
}

static void append_item(struct text *t, enum over kind, const struct item *a)
{
	append(t, "%s", word[kind].owner);
	if (a->owner != NULL) {
		append(t, " %s", a->vm != CFG_OWNER_NONE || a->d != NULL ? printable(a->owner) : a->owner);
	}
	if (word[kind].name != NULL) {
		append(t, " %s", word[kind].name);
	}
	if (a->name != NULL) {
		append(t, " %s", printable(a->name));
	}
	if (a->number != 0 || kind == OVER_CPU || kind == OVER_BOARD_CPU) {
		append(t, " %u", a->number);
	}
	if (a->size != 0) {
		append(t, " 0x%lx+0x%lx", a->base, a->size);
	}
	if (a->at != a->base && a->at != 0) {
		append(t, " at 0x%lx", a->at);
	}
}

static void send(struct check *c, bool fatal, const struct text *t)
{
	c->fatal_count += fatal ? 1 : 0;
	c->report(c->ctx, c->rule->name, fatal, t->s);
}

void config_say(struct check *c, bool fatal, const char *fmt, ...)
{
	struct text t;
	va_list ap;

	va_start(ap, fmt);
	(void)hyp_vsnprintf(t.s, sizeof(t.s), fmt, ap);
	va_end(ap);
	send(c, fatal, &t);
}

static void ask(struct check *c, const struct item *a, const struct item *b)
{
	const struct config_rule *r = c->rule;
	struct text t = { .used = 0 };

	c->word = NULL;
	c->value = 0;
	if (!r->broken(c, a, b)) {
		return;
	}
	if (r->over != OVER_ONCE) {
		append_item(&t, r->over, a);
	}
	if (b != NULL) {
		append(&t, " and ");
		append_item(&t, r->over, b);
	}
	append(&t, "%s%s", r->over != OVER_ONCE ? ": " : "", r->text);
	if (c->word != NULL) {
		append(&t, " %s", c->word);
	}
	if (c->value != 0) {
		append(&t, " %lu", c->value);
	}
	send(c, (r->flags & RULE_WARN) == 0, &t);
}

static void run_rule(struct check *c, const struct config_rule *r)
{
	struct item a = { 0 };
	struct item b;

	c->rule = r;
	if (r->over == OVER_ONCE) {
		ask(c, &a, NULL);
		return;
	}
	for (unsigned n = 0; config_item_at(c, r->over, n, &a); n++) {
		if ((r->flags & RULE_PAIR) == 0) {
			ask(c, &a, NULL);
			continue;
		}
		for (unsigned m = 0; m < n && config_item_at(c, r->over, m, &b); m++) {
			ask(c, &a, &b);
		}
	}
}

static unsigned run(struct check *c, const struct config_rule_table *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		run_rule(c, &t->rule[i]);
	}
	return c->fatal_count;
}

unsigned config_check(const struct hyp_config *cfg, const struct platform *p, config_report_fn *report, void *ctx)
{
	struct check c = { .cfg = cfg, .p = p, .report = report, .ctx = ctx };

	if (run(&c, &config_rules_count) != 0 || run(&c, &config_rules_list) != 0 ||
	    run(&c, &config_rules_name) != 0) {
		return c.fatal_count;
	}
	(void)run(&c, &config_rules_board);
	(void)run(&c, &arch_config_board);
	(void)run(&c, &config_rules_vm);
	(void)run(&c, &config_rules_region);
	(void)run(&c, &config_rules_device);
	(void)run(&c, &config_rules_reach);
	if (p != NULL) {
		(void)run(&c, &arch_config_machine);
		(void)run(&c, &config_rules_machine);
	}
	return c.fatal_count;
}
