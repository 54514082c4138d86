/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device tree reader of the generic PCI host bridge (pci-host-ecam-generic): ECAM, windows, INTx lines, and
 * through which SMMU its requester ids go. Owns nothing. A map that cannot be read completely means "not
 * behind an SMMU", which the board check refuses [I1].
 */
#include "platform_dt.h"

enum {
	PCI_ADDR_CELLS = 3,
	RANGE_IO = 1, /* phys.hi [25:24], PCI bus binding (IEEE 1275) 2.2.1.1 */
	RANGE_MEM32 = 2,
	RANGE_MEM64 = 3,
};

static void read_windows(const struct dt *dt, struct board_pci *pci)
{
	uint32_t up = dt->level[dt->depth - 1].addr_cells;
	uint32_t size;
	const void *v = dt_prop(dt, "ranges", &size);

	if (v == NULL || (up != 1 && up != 2) || dt->level[dt->depth].addr_cells != PCI_ADDR_CELLS ||
	    dt->level[dt->depth].size_cells != 2) {
		dt_note(dt->p, "the PCI host's ranges cannot be read");
		return;
	}
	uint32_t entry = PCI_ADDR_CELLS + up + 2;

	for (uint32_t i = 0; i < 16 * entry && i + entry <= size / 4; i += entry) {
		uint32_t space = dt_be32(v, i) >> 24 & 3;
		struct cfg_range r = {
			.base = dt_cells(v, i + PCI_ADDR_CELLS, up),
			.size = dt_cells(v, i + PCI_ADDR_CELLS + up, 2),
		};

		if (space < RANGE_IO || !dt_translate(dt, dt->depth - 1, &r)) {
			continue;
		}
		if (pci->window_count == PCI_WINDOW_MAX) {
			dt_note(dt->p, "the PCI host has more windows than the hypervisor can use (3)");
			return;
		}
		pci->window[pci->window_count++] = (struct board_pci_window){
			.kind = space == RANGE_IO    ? PCI_WINDOW_IO
				: space == RANGE_MEM32 ? PCI_WINDOW_MEM32
						       : PCI_WINDOW_MEM64,
			.pci = dt_cells(v, i + 1, 2),
			.cpu = r.base,
			.size = r.size,
		};
	}
}

/* iommu-map: rid base, phandle of the unit, StreamID base, count. */
static void read_iommu_map(struct dt *dt, struct board_pci *pci)
{
	uint32_t size;
	const void *v = dt_prop(dt, "iommu-map", &size);

	if (v == NULL) {
		return;
	}
	if (size != 16 || (dt_u32(dt->fdt, dt_node(dt), "iommu-map-mask", 0xffff) & 0xffff) != 0xffff) {
		dt_note(dt->p, "the PCI host's iommu-map is not one plain range: taken as not behind an SMMU");
		return;
	}
	pci->rid_base = dt_be32(v, 0);
	pci->sid_base = dt_be32(v, 2);
	pci->rid_count = dt_be32(v, 3);
	dt->pci_unit_phandle = dt_be32(v, 1);
}

/* One entry of interrupt-map: PCI address, pin, phandle of the GIC, unit address there, interrupt. */
struct intx_entry {
	uint32_t slot;
	uint32_t pin;
	uint32_t irq;
};

static bool intx_entry_at(const struct dt *dt, const void *v, uint32_t i, struct intx_entry *out)
{
	uint32_t at = i + PCI_ADDR_CELLS + 2 + dt->gic_addr_cells;

	out->slot = dt_be32(v, i) >> 11 & 31;
	out->pin = dt_be32(v, i + PCI_ADDR_CELLS);
	out->irq = dt_irq_make((const uint8_t *)v + (size_t)at * 4);
	return out->pin >= 1 && out->pin <= 4 && out->slot < 4 &&
	       dt_be32(v, i + PCI_ADDR_CELLS + 1) == dt->gic_phandle;
}

/*
 * intx[] is what slot 0 uses. True if slots 1 to 3 use the same four interrupts rotated by one each, which is
 * what hyp/pci.c computes with; the mask (slot bits [12:11]) makes every other slot repeat them.
 */
static bool intx_rotated(const struct dt *dt, const void *v, uint32_t size, uint32_t intx[4])
{
	uint32_t entry = PCI_ADDR_CELLS + 2 + dt->gic_addr_cells + dt->gic_cells;
	uint32_t seen = 0;

	for (unsigned pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < 128 * entry && i + entry <= size / 4; i += entry) {
			struct intx_entry e;

			if (!intx_entry_at(dt, v, i, &e)) {
				return false;
			}
			if (pass == 0 && e.slot == 0) {
				intx[e.pin - 1] = e.irq;
			} else if (pass == 1 && intx[(e.slot + e.pin - 1) % 4] != e.irq) {
				return false;
			}
			seen |= (uint32_t)1 << (e.slot * 4 + e.pin - 1);
		}
	}
	return seen == 0xffff;
}

static void read_intx(const struct dt *dt, struct board_pci *pci)
{
	uint32_t size;
	uint32_t mask_size;
	const void *v = dt_prop(dt, "interrupt-map", &size);
	const void *mask = dt_prop(dt, "interrupt-map-mask", &mask_size);

	if (v == NULL || dt->gic_cells == 0 || dt->gic_addr_cells > 2) {
		return;
	}
	if (mask == NULL || mask_size != 16 || dt_be32(mask, 0) != 0x1800 ||
	    !intx_rotated(dt, v, size, pci->intx)) {
		memset(pci->intx, 0, sizeof(pci->intx));
		dt_note(dt->p, "the PCI host's interrupt-map does not rotate INTA..INTD by slot: taken as none");
	}
}

void dt_read_pci(struct dt *dt)
{
	struct board_pci *pci = &dt->p->board.pci;
	struct cfg_range r;
	uint32_t size;
	const void *v = dt_prop(dt, "bus-range", &size);

	if (pci->present) {
		dt_note(dt->p, "more than one PCI host: only the first is used");
		return;
	}
	if (!dt_reg(dt, 0, &r)) {
		dt_note(dt->p, "the PCI host's configuration window cannot be read");
		return;
	}
	pci->present = true;
	pci->ecam = r.base;
	pci->ecam_size = r.size;
	pci->bus_last = 255;
	if (v != NULL && size == 8 && dt_be32(v, 0) <= dt_be32(v, 1) && dt_be32(v, 1) <= 255) {
		pci->bus_first = (uint8_t)dt_be32(v, 0);
		pci->bus_last = (uint8_t)dt_be32(v, 1);
	}
	read_windows(dt, pci);
	read_iommu_map(dt, pci);
	read_intx(dt, pci);
}
