/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: what memory and registers a partition is given. Owns nothing. Together they say that a page has one
 * owner [I2] and that nothing of the hypervisor's, the IOMMU's, the GIC's or of an uncontrolled DMA master
 * is ever a partition's [I3].
 */
#include "config_rules.h"

#define REGION_FMT    "partition %s region %s 0x%lx+0x%lx"
#define REGION_ARG(e) (e)->v->name, (e)->r->name, (e)->r->pa, (e)->r->size

enum { ADDR_BITS = 48 };

static bool is_device(const struct cfg_region *r)
{
	return (r->prot & PROT_DEVICE) != 0;
}

static void find_aligned(struct check *c)
{
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		const struct cfg_region *r = e.r;
		uint64_t top = (uint64_t)1 << ADDR_BITS;

		if (((r->pa | r->ipa | r->size) & PAGE_MASK) != 0 || !range_ok(r->pa, r->size) ||
		    !range_ok(r->ipa, r->size) || r->pa + (r->size - 1) >= top || r->ipa + (r->size - 1) >= top) {
			broken(c, REGION_FMT " at 0x%lx: pa, ipa and size must be whole pages below 2^48",
			       REGION_ARG(&e), r->ipa);
		}
	}
}

static void find_prot(struct check *c)
{
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		uint32_t p = e.r->prot;

		if (p >= PROT_COUNT || (p & PROT_READ) == 0 || (is_device(e.r) && (p & PROT_EXEC) != 0)) {
			broken(c, REGION_FMT ": prot 0x%x must have READ, no EXEC with DEVICE, nothing unknown",
			       REGION_ARG(&e), p);
		}
	}
}

static void find_in_ram(struct check *c)
{
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		if (!is_device(e.r) && !in_ram(&c->cfg->board, e.r->pa, e.r->size)) {
			broken(c, REGION_FMT " is not inside board.ram: move it, or add PROT_DEVICE if it is registers",
			       REGION_ARG(&e));
		}
	}
}

static void find_mmio_in_ram(struct check *c)
{
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		if (is_device(e.r) && touches_ram(&c->cfg->board, e.r->pa, e.r->size)) {
			broken(c, REGION_FMT " is PROT_DEVICE but lies in board.ram", REGION_ARG(&e));
		}
	}
}

/* Calls broken() for every two regions of one kind that share a physical page. */
static void pa_overlaps(struct check *c, bool device)
{
	struct region_ref e;
	struct region_ref f;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		for (unsigned m = 0; m < n && region_at(c->cfg, m, &f); m++) {
			if (is_device(e.r) == device && is_device(f.r) == device &&
			    overlaps(e.r->pa, e.r->size, f.r->pa, f.r->size)) {
				broken(c, REGION_FMT " overlaps region %s 0x%lx+0x%lx of partition %s: move one",
				       REGION_ARG(&e), f.r->name, f.r->pa, f.r->size, f.v->name);
			}
		}
	}
}

static void find_pa_overlap(struct check *c)
{
	pa_overlaps(c, false);
}

static void find_mmio_overlap(struct check *c)
{
	pa_overlaps(c, true);
}

static void find_ipa_overlap(struct check *c)
{
	struct region_ref e;
	struct region_ref f;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		for (unsigned m = 0; m < n && region_at(c->cfg, m, &f); m++) {
			if (e.vm == f.vm && overlaps(e.r->ipa, e.r->size, f.r->ipa, f.r->size)) {
				broken(c, REGION_FMT " at ipa 0x%lx overlaps region %s at ipa 0x%lx", REGION_ARG(&e),
				       e.r->ipa, f.r->name, f.r->ipa);
			}
		}
	}
}

static void find_hyp_overlap(struct check *c)
{
	const struct cfg_range *h = &c->cfg->hyp_ram;
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		if (overlaps(e.r->pa, e.r->size, h->base, h->size)) {
			broken(c, REGION_FMT " reaches into hyp_ram 0x%lx+0x%lx: move one", REGION_ARG(&e), h->base,
			       h->size);
		}
	}
}

static void mmio_hits(struct check *c, enum own_kind kind, const char *why)
{
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		const char *what = board_own_hit(&c->cfg->board, kind, e.r->pa, e.r->size);

		if (is_device(e.r) && what != NULL) {
			broken(c, REGION_FMT " touches %s: %s", REGION_ARG(&e), what, why);
		}
	}
}

static void find_mmio_iommu(struct check *c)
{
	mmio_hits(c, OWN_UNIT, "it is never a partition's, remove the region");
}

static void find_mmio_irqchip(struct check *c)
{
	mmio_hits(c, OWN_IRQCHIP, "a partition gets a virtual one, remove the region");
}

static void find_mmio_uart(struct check *c)
{
	mmio_hits(c, OWN_UART, "a partition gets a virtual one, remove the region");
}

static void find_mmio_pci(struct check *c)
{
	mmio_hits(c, OWN_PCI, "give the function in .device, its registers follow");
}

static void find_mmio_bypass(struct check *c)
{
	mmio_hits(c, OWN_BYPASS, "with it a partition reaches all memory, remove the region");
}

/* What a partition sees at the board's addresses is emulated there: nothing may be mapped over it. */
static void find_trap_overlap(struct check *c)
{
	const struct board *b = &c->cfg->board;
	struct region_ref e;

	for (unsigned n = 0; region_at(c->cfg, n, &e); n++) {
		unsigned mask = OWN_IRQCHIP | OWN_UART | (vm_has_pci(c->cfg, e.vm) ? OWN_PCI : 0u);
		const char *what = board_own_hit(b, mask, e.r->ipa, e.r->size);

		/* With ipa == pa the mmio_not_* rules have said it. */
		if (what != NULL && e.r->ipa != e.r->pa) {
			broken(c, REGION_FMT " at ipa 0x%lx hides the partition's virtual %s: choose another ipa",
			       REGION_ARG(&e), e.r->ipa, what);
		}
	}
}

static const struct config_rule rules[] = {
	{ "region_aligned", true, find_aligned },
	{ "region_prot", true, find_prot },
	{ "region_in_ram", true, find_in_ram },
	{ "region_no_overlap_pa", true, find_pa_overlap },
	{ "region_no_overlap_ipa", true, find_ipa_overlap },
	{ "region_not_hyp", true, find_hyp_overlap },
	{ "region_not_trapped", true, find_trap_overlap },
	{ "mmio_not_ram", true, find_mmio_in_ram },
	{ "mmio_one_owner", true, find_mmio_overlap },
	{ "mmio_not_iommu", true, find_mmio_iommu },
	{ "mmio_not_irqchip", true, find_mmio_irqchip },
	{ "mmio_not_uart", true, find_mmio_uart },
	{ "mmio_not_pci", true, find_mmio_pci },
	{ "mmio_not_bypass", true, find_mmio_bypass },
};
const struct config_rule_table config_rules_memory = { rules, ARRAY_COUNT(rules) };
