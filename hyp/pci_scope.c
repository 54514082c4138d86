/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which unit translates which PCI function, as the firmware tells it [VT-d 8.3.1], against what the configuration says:
 * a device attached at the wrong unit would be open at the right one, or blocked for ever, so this is judged before
 * anything is attached [I1]. And what memory the firmware keeps for single functions [VT-d 8.4]: it is theirs, so
 * nobody else's [I2]. Owns nothing; boot only. Bus numbers behind bridges are ours: a scope is followed through the
 * functions pci_init() found. Scopes are the firmware's words: bounded, and never a reason for CHECK() [I6].
 */
#include <hyp/pci_priv.h>

#include <arch/config.h>
#include <hyp/log.h>
#include <hyp/platform.h>

/* One problem: what is wrong, then what to change. */
#define problem(rule, ...) log_error("board check: [" rule "] " __VA_ARGS__)

enum { COVERED_BY_NONE = UNIT_MAX, COVERED_BY_MANY };

/* The function a scope names, or NULL if there is none. */
static const struct pci_fn *scope_find(const struct pci_scope *s)
{
	const struct pci_fn *f = NULL;
	unsigned bus = s->bus;

	for (unsigned i = 0; i < s->path_count && i < SCOPE_PATH_MAX; i++) {
		if (f != NULL && (!f->bridge || f->secondary == 0)) {
			return NULL;
		}
		bus = f != NULL ? f->secondary : bus;
		f = pci_fn_find((uint16_t)(bus << 8 | s->path[i]));
		if (f == NULL) {
			return NULL;
		}
	}
	return f;
}

/* An endpoint's scope is that function, a bridge's is everything below, too. */
static bool scope_covers(const struct pci_scope *s, const struct pci_fn *f)
{
	const struct pci_fn *named = s->kind != SCOPE_ALL ? scope_find(s) : NULL;

	if (named == NULL || named == f || s->kind != SCOPE_BRIDGE) {
		return named != NULL && named == f;
	}
	for (const struct pci_fn *b = pci_fn_parent(f); b != NULL; b = pci_fn_parent(b)) {
		if (b == named) {
			return true;
		}
	}
	return false;
}

static unsigned both(unsigned found, unsigned unit)
{
	return found == COVERED_BY_NONE || found == unit ? unit : (unsigned)COVERED_BY_MANY;
}

/* Index of the unit, COVERED_BY_NONE or COVERED_BY_MANY. Who takes all takes only what no other unit names. */
static unsigned unit_of(const struct platform *p, const struct pci_fn *f)
{
	unsigned named = COVERED_BY_NONE;
	unsigned rest = COVERED_BY_NONE;

	for (unsigned i = 0; i < p->scope_count && i < SCOPE_MAX; i++) {
		const struct pci_scope *s = &p->scope[i];

		if (s->unit >= p->board.unit_count || s->unit >= UNIT_MAX) {
			continue;
		}
		if (s->kind == SCOPE_ALL) {
			rest = both(rest, s->unit);
		} else if (scope_covers(s, f)) {
			named = both(named, s->unit);
		}
	}
	return named != COVERED_BY_NONE ? named : rest;
}

static unsigned unit_check(const struct hyp_config *cfg, const struct platform *p, const struct cfg_device *d)
{
	const struct pci_fn *f = pci_fn_find(d->bdf);
	unsigned unit = f != NULL ? unit_of(p, f) : d->unit; /* not there: pci_assign() says it */

	if (unit == d->unit) {
		return 0;
	}
	if (unit == COVERED_BY_NONE) {
		problem("pci-unit-none", "device %s at " PCI_BDF_FMT ": the " ARCH_FIRMWARE " put it behind no "
			ARCH_IOMMU ", nothing would stop its DMA; remove bypass_iommu=on and "
			"default-bus-bypass-iommu=on from "
			"QEMU's command line, or take the device out of the configuration", d->name,
			PCI_BDF_ARGS(d->bdf));
	} else if (unit == COVERED_BY_MANY) {
		problem("pci-unit-one", "device %s at " PCI_BDF_FMT ": the " ARCH_FIRMWARE " put it behind more than "
			"one " ARCH_IOMMU "; take the device out of the configuration", d->name, PCI_BDF_ARGS(d->bdf));
	} else {
		problem("pci-unit", "device %s at " PCI_BDF_FMT " is behind the unit at 0x%lx (" ARCH_FIRMWARE "), the "
			"configuration says unit %u at 0x%lx; change its .unit", d->name, PCI_BDF_ARGS(d->bdf),
			p->board.unit[unit].base, d->unit, cfg->board.unit[d->unit].base);
	}
	return 1;
}

/* Memory that is a device's is neither ours nor a partition's. */
static unsigned range_check(const struct hyp_config *cfg, const struct cfg_range *r)
{
	unsigned problems = 0;

	if (range_overlaps(r->base, r->size, cfg->hyp_ram.base, cfg->hyp_ram.size)) {
		problem("pci-reserved-hyp", "the firmware keeps 0x%lx+0x%lx for a device, that is in hyp_ram; move it",
			r->base, r->size);
		problems++;
	}
	for (unsigned v = 0; v < cfg->vm_count; v++) {
		for (unsigned i = 0; i < cfg->vm[v].region_count; i++) {
			const struct cfg_region *m = &cfg->vm[v].region[i];

			if (range_overlaps(r->base, r->size, m->pa, m->size)) {
				problem("pci-reserved-memory", "the firmware keeps 0x%lx+0x%lx for a device, that is "
					"in region %s of partition %s; move the region", r->base, r->size, m->name,
					cfg->vm[v].name);
				problems++;
			}
		}
	}
	return problems;
}

static bool device_has(const struct cfg_device *d, const struct cfg_range *r)
{
	for (unsigned i = 0; i < d->reserved_count; i++) {
		if (range_inside(r->base, r->size, d->reserved[i].base, d->reserved[i].size)) {
			return true;
		}
	}
	return false;
}

/* Every device that somebody may use has its reserved memory in the configuration. */
static unsigned reserved_check(const struct hyp_config *cfg, const struct pci_reserved *r)
{
	unsigned problems = 0;
	bool used = false;

	for (unsigned i = 0; i < cfg->device_count; i++) {
		const struct cfg_device *d = &cfg->device[i];
		const struct pci_fn *f = d->kind == CFG_DEV_PCI ? pci_fn_find(d->bdf) : NULL;

		if (f == NULL || !scope_covers(&r->scope, f) ||
		    (d->owner == CFG_OWNER_NONE && d->allow == CFG_ALLOW_NONE)) {
			continue;
		}
		used = true;
		if (!device_has(d, &r->range)) {
			problem("pci-reserved", "device %s at " PCI_BDF_FMT ": the firmware keeps memory for it; add "
				"to its .reserved: { 0x%lx, 0x%lx }", d->name, PCI_BDF_ARGS(d->bdf), r->range.base,
				r->range.size);
			problems++;
		}
	}
	if (!used) {
		log_warn("board note: [pci-reserved-unused] the firmware keeps 0x%lx+0x%lx for a device of bus %u that "
			 "nobody uses: its accesses there are blocked", r->range.base, r->range.size, r->scope.bus);
	}
	return problems;
}

unsigned pci_scope_check(const struct hyp_config *cfg, const struct platform *p)
{
	unsigned problems = 0;

	if (!p->scopes || pci.host == NULL) {
		return 0;
	}
	for (unsigned i = 0; i < cfg->device_count; i++) {
		if (cfg->device[i].kind == CFG_DEV_PCI) {
			problems += unit_check(cfg, p, &cfg->device[i]);
		}
	}
	for (unsigned i = 0; i < p->reserved_count && i < RMRR_MAX; i++) {
		const struct pci_reserved *r = &p->reserved[i];

		if (!range_ok(r->range.base, r->range.size)) {
			problem("pci-reserved-range", "the firmware keeps 0x%lx+0x%lx for a device: that is no range; "
				"correct the firmware", r->range.base, r->range.size);
			problems++;
			continue;
		}
		problems += range_check(cfg, &r->range) + reserved_check(cfg, r);
	}
	return problems;
}
