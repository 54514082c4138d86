/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_check(): judges a configuration, at build time alone and at boot together with the machine. Owns
 * the list of rule tables, the report and the helpers; the rules are in config_rules_*.c and board_check.c.
 * All broken rules are reported, not the first. It is what vm_build_all(), iommu_build() and pci_assign()
 * rely on when they CHECK() instead of handling errors: [I1], [I2] and [I3] of everything static start here.
 */
#include "config_rules.h"

#include <hyp/log.h>
#include <hyp/string.h>

static const struct config_rule_table *const tables[] = {
	&config_rules_board,  &config_rules_memory, &config_rules_vm,
	&config_rules_device, &config_rules_pool,
};

static const struct config_rule_table *const machine_tables[] = {
	&config_rules_machine,
	&config_rules_machine_pci,
};

static void report(struct check *c, bool fatal, const char *fmt, va_list ap)
{
	char text[DIFF_TEXT];

	(void)hyp_vsnprintf(text, sizeof(text), fmt, ap);
	c->fatal_count += fatal ? 1 : 0;
	c->report(c->ctx, c->rule->name, fatal, text);
}

void broken(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(c, c->rule->fatal, fmt, ap);
	va_end(ap);
}

void broken_note(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(c, false, fmt, ap);
	va_end(ap);
}

static void run(struct check *c, const struct config_rule_table *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		c->rule = &t->rule[i];
		c->rule->find(c);
	}
}

unsigned config_check(const struct hyp_config *cfg, const struct platform *p, config_report_fn *report_fn,
		      void *ctx)
{
	struct check c = { .cfg = cfg, .p = p, .report = report_fn, .ctx = ctx };

	run(&c, &config_rules_shape);
	if (c.fatal_count != 0) {
		return c.fatal_count;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(tables); i++) {
		run(&c, tables[i]);
	}
	for (unsigned i = 0; p != NULL && i < ARRAY_COUNT(machine_tables); i++) {
		run(&c, machine_tables[i]);
	}
	return c.fatal_count;
}

bool overlaps(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return range_ok(a, asize) && range_ok(b, bsize) && range_overlaps(a, asize, b, bsize);
}

bool inside(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return range_ok(a, asize) && range_ok(b, bsize) && range_inside(a, asize, b, bsize);
}

bool in_ram(const struct board *b, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < b->ram_count; i++) {
		if (inside(base, size, b->ram[i].base, b->ram[i].size)) {
			return true;
		}
	}
	return false;
}

bool touches_ram(const struct board *b, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < b->ram_count; i++) {
		if (overlaps(base, size, b->ram[i].base, b->ram[i].size)) {
			return true;
		}
	}
	return false;
}

unsigned board_own(const struct board *b, struct own_range out[OWN_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->unit_count; i++) {
		out[n++] = (struct own_range){ OWN_UNIT, "the IOMMU", b->unit[i].base, b->unit[i].size };
	}
	out[n++] = (struct own_range){ OWN_IRQCHIP, "the GIC distributor", b->gicd.base, b->gicd.size };
	out[n++] = (struct own_range){ OWN_IRQCHIP, "the GIC redistributors", b->gicr.base, b->gicr.size };
	out[n++] = (struct own_range){ OWN_IRQCHIP, "the ITS", b->its.base, b->its.size };
	out[n++] = (struct own_range){ OWN_UART, "the UART", b->uart, b->uart != 0 ? UART_SIZE : 0 };
	if (b->pci.present) {
		out[n++] = (struct own_range){ OWN_PCI, "PCI configuration space", b->pci.ecam,
					       b->pci.ecam_size };
	}
	for (unsigned i = 0; b->pci.present && i < b->pci.window_count; i++) {
		out[n++] = (struct own_range){ OWN_PCI, "a PCI window", b->pci.window[i].cpu,
					       b->pci.window[i].size };
	}
	for (unsigned i = 0; i < b->bypass_count; i++) {
		out[n++] = (struct own_range){ OWN_BYPASS, "a DMA master without IOMMU", b->bypass[i].base,
					       b->bypass[i].size };
	}
	return n;
}

const char *board_own_hit(const struct board *b, unsigned mask, uint64_t base, uint64_t size)
{
	struct own_range own[OWN_MAX];
	unsigned n = board_own(b, own);

	for (unsigned i = 0; i < n; i++) {
		if ((own[i].kind & mask) != 0 && overlaps(base, size, own[i].base, own[i].size)) {
			return own[i].what;
		}
	}
	return NULL;
}

bool region_at(const struct hyp_config *cfg, unsigned n, struct region_ref *out)
{
	for (unsigned i = 0; i < cfg->vm_count; i++) {
		if (n < cfg->vm[i].region_count) {
			*out = (struct region_ref){ i, &cfg->vm[i], &cfg->vm[i].region[n] };
			return true;
		}
		n -= cfg->vm[i].region_count;
	}
	return false;
}

bool vm_has_pci(const struct hyp_config *cfg, unsigned vm)
{
	for (unsigned i = 0; i < cfg->device_count; i++) {
		if (cfg->device[i].kind == CFG_DEV_PCI && cfg->device[i].owner == vm) {
			return true;
		}
	}
	return false;
}

bool has_pci_device(const struct hyp_config *cfg)
{
	for (unsigned i = 0; i < cfg->device_count; i++) {
		if (cfg->device[i].kind == CFG_DEV_PCI) {
			return true;
		}
	}
	return false;
}
