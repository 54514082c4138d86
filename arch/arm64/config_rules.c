/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: what only arm64 boards have: the GIC, PSCI, the exception level, the interrupts of an SMMUv3, and what a
 * device tree tells about PCI. Owns nothing. The registers named here are never a partition's [I3].
 */
#include <arch/config.h>

#include <hyp/config_rules.h>

bool arch_board_window(const struct board *b, unsigned n, const char **name, struct cfg_range *r)
{
	static const char *const names[3] = { "the GIC distributor", "the GIC redistributors", "the ITS" };
	const struct cfg_range range[3] = { b->gicd, b->gicr, b->its };

	if (n < 3) {
		*name = names[n];
		*r = range[n];
	}
	return n < 3;
}

bool arch_board_irq(const struct board *b, unsigned n, const char **name, uint32_t *irq, bool *cpu_private)
{
	if (n < 2) {
		*name = n == 0 ? "vtimer_irq" : "maint_irq";
		*irq = n == 0 ? b->vtimer_irq : b->maint_irq;
		*cpu_private = true;
	}
	return n < 2;
}

/* --- the configuration alone --- */

static bool gic_version(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *m = &c->cfg->board;

	return m->gic_version != 3 || m->gicd.size == 0 || m->gicr.size == 0;
}

/* Without these two a refused access or a broken unit would go unnoticed. */
static bool unit_irqs_given(struct check *c, const struct item *a, const struct item *b)
{
	for (unsigned i = 0; i < c->cfg->board.unit_count; i++) {
		if (c->cfg->board.unit[i].evtq_irq == 0 || c->cfg->board.unit[i].gerr_irq == 0) {
			return true;
		}
	}
	return false;
}

static bool uart_port(struct check *c, const struct item *a, const struct item *b)
{
	return c->cfg->board.uart_port;
}

static const struct config_rule board_rules[] = {
	{ "board_gic_version", OVER_ONCE, 0, gic_version, "board.gic_version must be 3, gicd and gicr given" },
	{ "board_unit_irq", OVER_ONCE, 0, unit_irqs_given, "board.unit: evtq_irq and gerr_irq must be given" },
	{ "board_uart_memory", OVER_ONCE, 0, uart_port, "board.uart_port: there are no I/O ports here, remove it" },
};
const struct config_rule_table arch_config_board = { board_rules, ARRAY_COUNT(board_rules) };

/* --- the machine --- */

static bool at_el2(const struct check *c)
{
	return c->p->valid && !c->p->no_virt;
}

static bool same_gic(const struct check *c)
{
	return c->p->valid && c->p->board.gic_version == c->cfg->board.gic_version;
}

/* Started below EL2, or above it. */
static bool level(struct check *c, const struct item *a, const struct item *b)
{
	if (c->p->no_virt) {
		config_say(c, true, "%s", c->p->virt_why);
	}
	return false;
}

static bool no_psci(struct check *c, const struct item *a, const struct item *b)
{
	return at_el2(c) && !c->p->psci.there;
}

static bool psci_hvc(struct check *c, const struct item *a, const struct item *b)
{
	return at_el2(c) && c->p->psci.there && !c->p->psci.smc;
}

static bool ram_extra(struct check *c, const struct item *a, const struct item *b)
{
	return c->p->valid && config_ram_total(&c->p->board) > config_ram_total(&c->cfg->board);
}

static bool gic(struct check *c, const struct item *a, const struct item *b)
{
	c->value = c->p->board.gic_version;
	return c->p->valid && !same_gic(c);
}

static bool gic_address(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *w = &c->cfg->board;
	const struct board *m = &c->p->board;
	static const char todo[] = "not -M virt? change board";

	if (!same_gic(c)) {
		return false;
	}
	config_differ(c, "gicd.base", w->gicd.base, m->gicd.base, todo);
	config_differ(c, "gicd.size", w->gicd.size, m->gicd.size, todo);
	config_differ(c, "gicr.base", w->gicr.base, m->gicr.base, todo);
	config_differ(c, "gicr.size", w->gicr.size, m->gicr.size, todo);
	if (m->its.size != 0) {
		config_differ(c, "its.base", w->its.base, m->its.base, todo);
		config_differ(c, "its.size", w->its.size, m->its.size, todo);
	}
	return false;
}

static bool no_its(struct check *c, const struct item *a, const struct item *b)
{
	return same_gic(c) && c->cfg->board.its.size != 0 && c->p->board.its.size == 0;
}

/* At EL1 there is no maintenance interrupt, and machine_level was reported. */
static bool cpu_irqs(struct check *c, const struct item *a, const struct item *b)
{
	if (at_el2(c) && same_gic(c)) {
		config_irq_differs(c, "vtimer_irq", c->cfg->board.vtimer_irq, c->p->board.vtimer_irq);
		config_irq_differs(c, "maint_irq", c->cfg->board.maint_irq, c->p->board.maint_irq);
	}
	return false;
}

static bool uart(struct check *c, const struct item *a, const struct item *b)
{
	if (c->p->valid && c->cfg->board.uart != c->p->board.uart) {
		config_differ(c, "uart", c->cfg->board.uart, c->p->board.uart, "not -M virt? change board.uart");
	} else if (c->p->valid) {
		config_irq_differs(c, "uart_irq", c->cfg->board.uart_irq, c->p->board.uart_irq);
	}
	return false;
}

static bool unit_irqs(struct check *c, const struct item *a, const struct item *b)
{
	for (unsigned i = 0; c->p->valid && i < c->cfg->board.unit_count; i++) {
		const struct board_unit *u = &c->cfg->board.unit[i];
		const struct board_unit *m = unit_at(&c->p->board, u->base);

		if (m != NULL) {
			config_irq_differs(c, "unit evtq_irq", u->evtq_irq, m->evtq_irq);
			config_irq_differs(c, "unit gerr_irq", u->gerr_irq, m->gerr_irq);
			config_irq_differs(c, "unit sync_irq", u->sync_irq, m->sync_irq);
		}
	}
	return false;
}

static bool has_window(const struct board_pci *m, const struct board_pci_window *w)
{
	for (unsigned i = 0; i < m->window_count; i++) {
		const struct board_pci_window *n = &m->window[i];

		if (n->kind == w->kind && n->pci == w->pci && n->cpu == w->cpu && n->size >= w->size) {
			return true;
		}
	}
	return false;
}

static bool windows(struct check *c, const struct item *a, const struct item *b)
{
	const struct board_pci *w = &c->cfg->board.pci;

	for (unsigned i = 0; same_host(c) && i < w->window_count; i++) {
		if (!has_window(&c->p->board.pci, &w->window[i])) {
			c->value = i;
			c->word = "[n], n =";
			return true;
		}
	}
	return false;
}

static bool intx(struct check *c, const struct item *a, const struct item *b)
{
	static const char *const name[4] = { "pci.intx[0]", "pci.intx[1]", "pci.intx[2]", "pci.intx[3]" };

	for (unsigned i = 0; i < 4 && same_host(c) && same_gic(c); i++) {
		config_irq_differs(c, name[i], c->cfg->board.pci.intx[i], c->p->board.pci.intx[i]);
	}
	return false;
}

static const struct config_rule machine_rules[] = {
	{ "machine_level", OVER_ONCE, 0, level, NULL },
	{ "machine_psci", OVER_ONCE, 0, no_psci, "no PSCI: remove secure=on from -M virt" },
	{ "machine_psci_conduit", OVER_ONCE, 0, psci_hvc,
	  "PSCI by hvc, EL2 needs smc: add virtualization=on to -M virt" },
	{ "machine_ram_extra", OVER_ONCE, RULE_WARN, ram_extra,
	  "more RAM than board.ram names: it stays unused" },
	{ "machine_gic", OVER_ONCE, 0, gic,
	  "GICv3 is needed: add gic-version=3 to -M virt; the machine has version" },
	{ "machine_gic_address", OVER_ONCE, 0, gic_address, NULL },
	{ "machine_its", OVER_ONCE, RULE_WARN, no_its, "board.its is not there: remove its=off from -M virt" },
	{ "machine_cpu_irq", OVER_ONCE, 0, cpu_irqs, NULL },
	{ "machine_uart", OVER_ONCE, 0, uart, NULL },
	{ "machine_unit_irq", OVER_ONCE, 0, unit_irqs, NULL },
	{ "machine_pci_window", OVER_ONCE, 0, windows,
	  "remove highmem options from -M virt, or change board.pci.window" },
	{ "machine_pci_intx", OVER_ONCE, 0, intx, NULL },
};
const struct config_rule_table arch_config_machine = { machine_rules, ARRAY_COUNT(machine_rules) };
