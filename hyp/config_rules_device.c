/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: DMA devices, allow sets and reserved regions. Owns nothing. A stream has one device, a device one
 * owner, and what a device can reach without a hypercall belongs to that owner [I2], never to us [I3].
 */
#include "config_rules.h"

#include <hyp/string.h>

#define BDF_FMT    "%x:%x.%u"
#define BDF_ARG(d) (unsigned)(d)->bdf >> 8, (unsigned)(d)->bdf >> 3 & 31, (unsigned)(d)->bdf & 7

static const struct cfg_device *device_at(const struct check *c, unsigned i)
{
	return &c->cfg->device[i];
}

static bool is_pci(const struct cfg_device *d)
{
	return d->kind == CFG_DEV_PCI;
}

static void find_name(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (strcmp(device_at(c, i)->name, device_at(c, j)->name) == 0) {
				broken(c, "devices %u and %u are both called %s", j, i, device_at(c, i)->name);
			}
		}
	}
}

static void find_unit(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->unit >= c->cfg->board.unit_count) {
			broken(c, "device %s: unit %u is not one of the board's %u: nothing would stop its DMA",
			       d->name, d->unit, c->cfg->board.unit_count);
		}
	}
}

static void find_sid_range(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->unit < c->cfg->board.unit_count) {
			uint8_t bits = c->cfg->board.unit[d->unit].sid_bits;

			if (bits < 32 && d->sid >> bits != 0) {
				broken(c, "device %s: StreamID 0x%x does not fit in the %u bits of unit %u", d->name,
				       d->sid, bits, d->unit);
			}
		}
	}
}

static void find_sid_twice(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			const struct cfg_device *d = device_at(c, i);
			const struct cfg_device *e = device_at(c, j);

			if (d->unit == e->unit && d->sid == e->sid) {
				broken(c, "devices %s and %s have the same StreamID 0x%x: name one of them", e->name,
				       d->name, d->sid);
			}
		}
	}
}

static void find_bdf_twice(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			const struct cfg_device *d = device_at(c, i);
			const struct cfg_device *e = device_at(c, j);

			if (is_pci(d) && is_pci(e) && d->bdf == e->bdf) {
				broken(c, "devices %s and %s are both PCI " BDF_FMT, e->name, d->name, BDF_ARG(d));
			}
		}
	}
}

static void find_mmio_window(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (is_pci(d)) {
			continue;
		}
		if (d->kind != CFG_DEV_MMIO || !range_ok(d->mmio, d->mmio_size)) {
			broken(c, "device %s: neither PCI nor a register window (0x%lx+0x%lx)", d->name, d->mmio,
			       d->mmio_size);
		}
		for (unsigned j = 0; j < i; j++) {
			const struct cfg_device *e = device_at(c, j);

			if (!is_pci(e) && d->mmio == e->mmio && d->mmio_size == e->mmio_size) {
				broken(c, "devices %s and %s are both registers 0x%lx+0x%lx", e->name, d->name,
				       d->mmio, d->mmio_size);
			}
		}
	}
}

/* Who programs a device decides where it aims: its registers are its owner's or nobody's. */
static void find_mmio_owner(struct check *c)
{
	struct region_ref e;

	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		for (unsigned n = 0; !is_pci(d) && d->owner != CFG_OWNER_NONE && region_at(c->cfg, n, &e); n++) {
			if (e.vm != d->owner && overlaps(d->mmio, d->mmio_size, e.r->pa, e.r->size)) {
				broken(c, "device %s: its registers 0x%lx are in region %s of partition %s, not its owner",
				       d->name, d->mmio, e.r->name, e.v->name);
			}
		}
	}
}

static void find_owner(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->owner != CFG_OWNER_NONE && d->owner >= c->cfg->vm_count) {
			broken(c, "device %s: owner %u is not one of the %u partitions", d->name, d->owner,
			       c->cfg->vm_count);
		}
	}
}

static void find_owner_right(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->owner < c->cfg->vm_count && d->allow == CFG_ALLOW_NONE && !d->dma_all &&
		    (c->cfg->vm[d->owner].rights & CFG_VM_ATTACH) == 0) {
			broken(c, "device %s: partition %s cannot claim it without CFG_VM_ATTACH: it stays blocked",
			       d->name, c->cfg->vm[d->owner].name);
		}
	}
}

static void find_allow(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->allow != CFG_ALLOW_NONE && d->allow >= c->cfg->allow_count) {
			broken(c, "device %s: allow set %u is not one of the %u there are", d->name, d->allow,
			       c->cfg->allow_count);
		}
	}
}

static void find_allow_and_all(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->dma_all && d->allow != CFG_ALLOW_NONE) {
			broken(c, "device %s has an allow set and dma_all: remove one", d->name);
		}
	}
}

static void find_all_owner(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (d->dma_all && d->owner == CFG_OWNER_NONE) {
			broken(c, "device %s: dma_all maps the owner's memory, set .owner", d->name);
		}
	}
}

static void find_pci_host(struct check *c)
{
	const struct board_pci *pci = &c->cfg->board.pci;

	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (is_pci(d) && (!pci->present || d->bdf >> 8 < pci->bus_first || d->bdf >> 8 > pci->bus_last)) {
			broken(c, "device %s: board.pci has no bus for PCI " BDF_FMT, d->name, BDF_ARG(d));
		}
	}
}

static void find_pci_bypass(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (is_pci(d) && c->cfg->board.pci.present && !c->cfg->board.pci.iommu_mapped) {
			broken(c, "device %s: board.pci.iommu_mapped is false, its DMA would pass no unit", d->name);
		}
	}
}

static void find_pci_sid(struct check *c)
{
	const struct board_pci *pci = &c->cfg->board.pci;

	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = device_at(c, i);

		if (!is_pci(d) || !pci->present || !pci->iommu_mapped) {
			continue;
		}
		uint32_t off = d->bdf - pci->rid_base;
		uint32_t sid = off + pci->sid_base;

		if (d->bdf < pci->rid_base || off >= pci->rid_count) {
			broken(c, "device %s: PCI " BDF_FMT " is outside board.pci's map to the unit", d->name,
			       BDF_ARG(d));
		} else if (d->sid != sid || d->unit != pci->unit) {
			broken(c, "device %s: PCI " BDF_FMT " is StreamID 0x%x of unit %u, not 0x%x of unit %u",
			       d->name, BDF_ARG(d), sid, pci->unit, d->sid, d->unit);
		}
	}
}

static void find_pci_split(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			const struct cfg_device *d = device_at(c, i);
			const struct cfg_device *e = device_at(c, j);

			if (is_pci(d) && is_pci(e) && d->bdf >> 3 == e->bdf >> 3 && d->owner != e->owner) {
				broken(c, "%s and %s are functions of one PCI device with different owners: they may "
					  "reach each other without the IOMMU",
				       e->name, d->name);
			}
		}
	}
}

static const struct config_rule rules[] = {
	{ "device_name_unique", true, find_name },
	{ "device_unit_exists", true, find_unit },
	{ "device_sid_in_range", true, find_sid_range },
	{ "device_sid_unique", true, find_sid_twice },
	{ "device_bdf_unique", true, find_bdf_twice },
	{ "device_mmio_window", true, find_mmio_window },
	{ "device_mmio_owner", true, find_mmio_owner },
	{ "device_owner_exists", true, find_owner },
	{ "device_claimable", false, find_owner_right },
	{ "device_allow_exists", true, find_allow },
	{ "device_allow_and_dma_all", true, find_allow_and_all },
	{ "device_dma_all_owner", true, find_all_owner },
	{ "pci_bus_exists", true, find_pci_host },
	{ "pci_not_bypassed", true, find_pci_bypass },
	{ "pci_sid_matches_iommu_map", true, find_pci_sid },
	{ "pci_device_one_owner", false, find_pci_split },
};
const struct config_rule_table config_rules_device = { rules, ARRAY_COUNT(rules) };
