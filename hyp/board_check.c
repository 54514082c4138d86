/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: the configuration against the machine it was started on. Owns nothing. Every difference is reported
 * with the QEMU option or the configuration line to change. What the machine says is never used instead of
 * the configuration: a difference that matters stops the boot, before anything is given to anybody [I1].
 * A difference that only follows from another one is not reported. What only one architecture has is in its
 * config_rules.c.
 */
#include <hyp/config_rules.h>

#include <arch/config.h>
#include <hyp/string.h>

static bool table(struct check *c, const struct item *a, const struct item *b)
{
	c->word = c->p->error;
	return !c->p->valid;
}

/* What is outside hyp_ram may be a partition's memory. */
static bool image(struct check *c, const struct item *a, const struct item *b)
{
	const struct cfg_range *h = &c->cfg->hyp_ram;
	const struct cfg_range *m = &c->p->image;

	if (c->p->valid && !inside(m->base, m->size, h->base, h->size)) {
		config_say(c, true, "the image is at 0x%lx+0x%lx, not inside hyp_ram 0x%lx+0x%lx: change hyp_ram",
			   m->base, m->size, h->base, h->size);
	}
	return false;
}

static bool cpu_used(const struct check *c, unsigned cpu)
{
	struct item i;

	for (unsigned n = 0; config_item_at(c, OVER_CPU, n, &i); n++) {
		if (i.number == cpu) {
			return true;
		}
	}
	return false;
}

static bool cpu_in(const struct check *c, enum over kind, uint64_t id)
{
	struct item i;

	for (unsigned n = 0; config_item_at(c, kind, n, &i); n++) {
		if (i.base == id) {
			return true;
		}
	}
	return false;
}

/* A CPU that nobody uses may be missing. */
static bool cpu_missing(struct check *c, const struct item *a, const struct item *b)
{
	if (c->p->valid && !cpu_in(c, OVER_MACHINE_CPU, a->base)) {
		bool used = cpu_used(c, a->number);

		config_say(c, used, "CPU %u (0x%lx) is missing, %s: start QEMU with -smp %u, or change board.cpu_count",
			   a->number, a->base, used ? "a partition runs on it" : "nobody uses it",
			   c->cfg->board.cpu_count);
	}
	return false;
}

static bool cpu_extra(struct check *c, const struct item *a, const struct item *b)
{
	return !cpu_in(c, OVER_BOARD_CPU, a->base);
}

uint64_t config_ram_total(const struct board *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < b->ram_count; i++) {
		n += b->ram[i].size;
	}
	return n;
}

/* Memory comes in powers of two, and a machine keeps some of it for itself. */
static uint64_t mib_to_ask(uint64_t bytes)
{
	uint64_t mib = 1;

	while (mib < bytes >> 20 && mib < (uint64_t)1 << 40) {
		mib <<= 1;
	}
	return mib;
}

static bool ram_missing(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *m = &c->p->board;
	uint64_t mib = mib_to_ask(config_ram_total(&c->cfg->board));
	struct cfg_range near = { 0, 0 };

	if (!c->p->valid || config_in_ram(m, a->base, a->size)) {
		return false;
	}
	for (unsigned i = 0; i < m->ram_count; i++) {
		if (overlaps(a->base, a->size, m->ram[i].base, m->ram[i].size)) {
			near = m->ram[i];
		}
	}
	config_say(c, true,
		   "ram: configuration needs 0x%lx+0x%lx, the machine has 0x%lx+0x%lx: start QEMU with -m %lu%s "
		   "or shrink board.ram in the configuration",
		   a->base, a->size, near.base, near.size, mib % 1024 == 0 ? mib / 1024 : mib,
		   mib % 1024 == 0 ? "G" : "M");
	return false;
}

void config_differ(struct check *c, const char *what, uint64_t want, uint64_t have, const char *todo)
{
	if (want != have) {
		config_say(c, true, "%s: configuration says 0x%lx, the machine 0x%lx%s: %s", what, want, have,
			   have == 0 ? " (none)" : "", todo);
	}
}

void config_irq_differs(struct check *c, const char *what, uint32_t want, uint32_t have)
{
	if (want != 0 && want != have) {
		config_say(c, true, "%s: configuration says interrupt %u, the machine %u%s: change it in board", what,
			   want, have, have == 0 ? " (none)" : "");
	}
}

static bool unit_unreached(struct check *c, const struct item *a, const struct item *b)
{
	return c->p->unit_unreached;
}

static uint8_t swapped(uint8_t unit, unsigned i, unsigned k)
{
	return unit == i || unit == k ? (uint8_t)(i + k - unit) : unit;
}

void platform_order_units(struct platform *p, const struct hyp_config *cfg)
{
	struct board *m = &p->board;

	for (unsigned i = 0; i < cfg->board.unit_count && i < m->unit_count; i++) {
		struct board_unit *at = board_unit_find(m, cfg->board.unit[i].base);
		unsigned k = at ? (unsigned)(at - m->unit) : i;
		struct board_unit u = m->unit[k];

		m->unit[k] = m->unit[i];
		m->unit[i] = u;
		m->pci.unit = swapped(m->pci.unit, i, k);
		for (unsigned n = 0; n < p->scope_count && n < SCOPE_MAX; n++) {
			p->scope[n].unit = swapped(p->scope[n].unit, i, k);
		}
	}
}

static void unit_missing(struct check *c, const struct board_unit *u)
{
	if (c->p->board.unit_count == 0) {
		config_say(c, true, "no " ARCH_IOMMU " at 0x%lx, none at all: " ARCH_IOMMU_ADD, u->base);
	} else {
		config_say(c, true, "no " ARCH_IOMMU " at 0x%lx, the machine has one at 0x%lx: change board.unit.base",
			   u->base, c->p->board.unit[0].base);
	}
}

/* sid_bits and out_bits of the machine are the driver's findings. 0: not probed yet; a size the firmware tells not. */
static void unit_narrow(struct check *c, const struct board_unit *u, const struct board_unit *m)
{
	if (m->size != 0 && m->size < u->size) {
		config_differ(c, "unit.size", u->size, m->size, "change board.unit.size");
	}
	if (m->sid_bits != 0 && m->sid_bits < u->sid_bits) {
		config_say(c, true, "unit 0x%lx: %u bits of " ARCH_SID " needed, it has %u: lower board.unit.sid_bits",
			   u->base, u->sid_bits, m->sid_bits);
	}
	if (m->out_bits != 0 && m->out_bits < u->out_bits) {
		config_say(c, true, "unit 0x%lx: %u address bits needed, it has %u: lower board.unit.out_bits", u->base,
			   u->out_bits, m->out_bits);
	}
	if (u->coherent && !m->coherent) {
		config_say(c, true, "unit 0x%lx does not see the caches: set board.unit.coherent = false", u->base);
	}
}

static bool units(struct check *c, const struct item *a, const struct item *b)
{
	for (unsigned i = 0; c->p->valid && i < c->cfg->board.unit_count; i++) {
		const struct board_unit *u = &c->cfg->board.unit[i];
		const struct board_unit *m = unit_at(&c->p->board, u->base);

		if (m == NULL) {
			unit_missing(c, u);
		} else {
			unit_narrow(c, u, m);
		}
	}
	return false;
}

static bool unit_extra(struct check *c, const struct item *a, const struct item *b)
{
	return a->kind == OWN_UNIT && unit_at(&c->cfg->board, a->base) == NULL;
}

/* The machine may have something of ours where the configuration knows of nothing. */
static bool region_hit(struct check *c, const struct item *a, const struct item *b)
{
	if (config_own_hit(c, OVER_OWN, OWN_ALL, a->base, a->size) == NULL) {
		c->word = config_own_hit(c, OVER_MACHINE_OWN, OWN_ALL, a->base, a->size);
	}
	return c->word != NULL;
}

/* In pages: a partition that gets one slot of a page gets them all. */
static bool bypass_given(struct check *c, const struct item *a, const struct item *b)
{
	uint64_t base = align_down(a->base, PAGE_SIZE);
	struct item r;

	for (unsigned n = 0; config_item_at(c, OVER_REGION, n, &r); n++) {
		if (overlaps(base, a->size + (a->base - base), r.base, r.size) &&
		    config_own_hit(c, OVER_OWN, OWN_BYPASS, r.base, r.size) == NULL) {
			c->word = r.owner;
		}
	}
	return c->word != NULL;
}

static bool bypass_present(struct check *c, const struct item *a, const struct item *b)
{
	return a->kind != 0 && strcmp(a->owner, "virtio-mmio") == 0;
}

static bool note(struct check *c, const struct item *a, const struct item *b)
{
	config_say(c, false, "%s", a->owner);
	return false;
}

static bool no_host(struct check *c, const struct item *a, const struct item *b)
{
	return c->p->valid && c->cfg->board.pci.present && !c->p->board.pci.present;
}

static bool extra_host(struct check *c, const struct item *a, const struct item *b)
{
	return c->p->valid && !c->cfg->board.pci.present && c->p->board.pci.present;
}

static bool ecam(struct check *c, const struct item *a, const struct item *b)
{
	const struct board_pci *w = &c->cfg->board.pci;
	const struct board_pci *m = &c->p->board.pci;

	if (!same_host(c)) {
		return false;
	}
	if (w->ecam != m->ecam) {
		/* NOLINTNEXTLINE(bugprone-branch-clone): the same on an architecture with one place for it */
		const char *change = m->ecam < GIB(4) ? ARCH_ECAM_LOW : "change board.pci.ecam";

		config_differ(c, "pci.ecam", w->ecam, m->ecam, change);
	} else {
		config_differ(c, "pci.ecam_size", w->ecam_size, m->ecam_size, "change board.pci.ecam_size");
		config_differ(c, "pci.bus_first", w->bus_first, m->bus_first, "change board.pci.bus_first");
		config_differ(c, "pci.bus_last", w->bus_last, m->bus_last, "change board.pci.bus_last");
	}
	return false;
}

/* Without any unit machine_unit says it; with scopes, every device is judged by itself (hyp/pci_scope.c). */
static bool bypassed(struct check *c, const struct item *a, const struct item *b)
{
	return same_host(c) && !c->p->scopes && c->p->board.unit_count != 0 && c->cfg->board.pci.iommu_mapped &&
	       !c->p->board.pci.iommu_mapped;
}

static bool iommu_map(struct check *c, const struct item *a, const struct item *b)
{
	const struct board_pci *w = &c->cfg->board.pci;
	const struct board_pci *m = &c->p->board.pci;

	if (!same_host(c) || c->p->scopes || !w->iommu_mapped || !m->iommu_mapped) {
		return false;
	}
	if (w->unit >= c->cfg->board.unit_count) {
		return w->unit == PCI_UNIT_SCOPES;
	}
	return m->unit >= c->p->board.unit_count ||
	       c->cfg->board.unit[w->unit].base != c->p->board.unit[m->unit].base || w->rid_base != m->rid_base ||
	       w->sid_base != m->sid_base || w->rid_count > m->rid_count;
}

static const struct config_rule rules[] = {
	{ "machine_table", OVER_ONCE, 0, table, "no usable " ARCH_FIRMWARE " (" ARCH_FIRMWARE_HINT "):" },
	{ "machine_image", OVER_ONCE, 0, image, NULL },
	{ "machine_cpu", OVER_BOARD_CPU, 0, cpu_missing, NULL },
	{ "machine_cpu_extra", OVER_MACHINE_CPU, RULE_WARN, cpu_extra, "not in board.cpu_id, it stays off" },
	{ "machine_ram", OVER_RAM, 0, ram_missing, NULL },
	{ "machine_unit", OVER_ONCE, 0, units, NULL },
	{ "machine_unit_unreached", OVER_ONCE, 0, unit_unreached,
	  ARCH_AN_IOMMU " that nobody would block: more than UNIT_MAX units, or one without registers in the "
	  ARCH_FIRMWARE },
	{ "machine_unit_extra", OVER_MACHINE_OWN, RULE_WARN, unit_extra,
	  "not in board.unit, not controlled: add it" },
	{ "machine_region", OVER_REGION, 0, region_hit, "remove it: this machine has there" },
	{ "machine_bypass_given", OVER_BYPASS, 0, bypass_given,
	  "no " ARCH_IOMMU " controls its DMA: remove the region of partition" },
	{ "machine_bypass_present", OVER_BYPASS, RULE_WARN, bypass_present,
	  "bypasses the " ARCH_IOMMU ", nobody gets it: use "
	  "-device virtio-...-pci,iommu_platform=on,disable-legacy=on" },
	{ "machine_note", OVER_NOTE, RULE_WARN, note, NULL },
	{ "machine_pci", OVER_ONCE, 0, no_host, "no PCI host: not " ARCH_MACHINE "? set board.pci.present = false" },
	{ "machine_pci_extra", OVER_ONCE, RULE_WARN, extra_host,
	  "a PCI host that board.pci does not name: unused" },
	{ "machine_pci_ecam", OVER_ONCE, 0, ecam, NULL },
	{ "machine_pci_bypass", OVER_ONCE, 0, bypassed,
	  "PCI bypasses the " ARCH_IOMMU ": remove default-bus-bypass-iommu=on (or acpi=off) from " ARCH_MACHINE },
	{ "machine_pci_map", OVER_ONCE, 0, iommu_map,
	  "other " ARCH_SID "s or unit than board.pci: change rid_base, sid_base, unit" },
};
const struct config_rule_table config_rules_machine = { rules, ARRAY_COUNT(rules) };
