/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: DMA devices, what they reach by configuration (allow sets, reserved regions, dma_all), and whether
 * the pools can hold the tables for it. Owns nothing. A stream has one device, a device one owner; what it
 * reaches belongs to that owner [I2], never to us [I3]; with the pool rules kept, building static domains
 * cannot run out of pages.
 */
#include <hyp/config_rules.h>

#include <arch/config.h>
#include <hyp/pool.h>
#include <hyp/string.h>

enum {
	POOL_FIRST_MAP = 4,     /* one SMMU object with one mapping: root and three levels */
	POOL_PCI_BASE = 4,      /* windows below and above 4 GiB */
	POOL_PCI_FUNCTION = 2,
	POOL_RESERVED = 4,      /* one reserved region at two levels' boundaries */
};

static bool is_pci(const struct item *a)
{
	return a->d->kind == CFG_DEV_PCI;
}

static bool same_name(struct check *c, const struct item *a, const struct item *b)
{
	return strcmp(a->owner, b->owner) == 0;
}

static bool no_unit(struct check *c, const struct item *a, const struct item *b)
{
	return a->d->unit >= c->cfg->board.unit_count;
}

static bool sid_range(struct check *c, const struct item *a, const struct item *b)
{
	uint8_t bits = no_unit(c, a, b) ? 32 : c->cfg->board.unit[a->d->unit].sid_bits;

	c->value = a->d->sid;
	return bits < 32 && a->d->sid >> bits != 0;
}

static bool sid_twice(struct check *c, const struct item *a, const struct item *b)
{
	return a->d->unit == b->d->unit && a->d->sid == b->d->sid;
}

static bool bdf_twice(struct check *c, const struct item *a, const struct item *b)
{
	return is_pci(a) && is_pci(b) && a->d->bdf == b->d->bdf;
}

static bool mmio_window(struct check *c, const struct item *a, const struct item *b)
{
	return !is_pci(a) && (a->d->kind != CFG_DEV_MMIO || !range_ok(a->d->mmio, a->d->mmio_size));
}

static bool mmio_twice(struct check *c, const struct item *a, const struct item *b)
{
	return !is_pci(a) && !is_pci(b) && a->d->mmio == b->d->mmio && a->d->mmio_size == b->d->mmio_size;
}

/* The first partition other than vm that has something of [pa, pa+size), or NULL. */
static const char *foreign(const struct check *c, unsigned vm, uint64_t pa, uint64_t size)
{
	struct item r;

	for (unsigned n = 0; config_item_at(c, OVER_REGION, n, &r); n++) {
		if (r.vm != vm && overlaps(pa, size, r.base, r.size)) {
			return r.owner;
		}
	}
	return NULL;
}

/* Who programs a device decides where it aims: its registers are its owner's, or no partition's. */
static bool mmio_foreign(struct check *c, const struct item *a, const struct item *b)
{
	if (!is_pci(a) && a->vm != CFG_OWNER_NONE) {
		c->word = foreign(c, a->vm, a->d->mmio, a->d->mmio_size);
	}
	return c->word != NULL;
}

static bool no_owner(struct check *c, const struct item *a, const struct item *b)
{
	return a->vm != CFG_OWNER_NONE && a->vm >= c->cfg->vm_count;
}

static bool not_claimable(struct check *c, const struct item *a, const struct item *b)
{
	return a->vm < c->cfg->vm_count && a->d->allow == CFG_ALLOW_NONE && !a->d->dma_all &&
	       (c->cfg->vm[a->vm].rights & CFG_VM_ATTACH) == 0;
}

static bool no_allow(struct check *c, const struct item *a, const struct item *b)
{
	return a->d->allow != CFG_ALLOW_NONE && a->d->allow >= c->cfg->allow_count;
}

static bool allow_and_all(struct check *c, const struct item *a, const struct item *b)
{
	return a->d->dma_all && a->d->allow != CFG_ALLOW_NONE;
}

static bool all_of_nobody(struct check *c, const struct item *a, const struct item *b)
{
	return a->d->dma_all && a->vm == CFG_OWNER_NONE;
}

static bool no_bus(struct check *c, const struct item *a, const struct item *b)
{
	const struct board_pci *pci = &c->cfg->board.pci;

	return is_pci(a) && (!pci->present || a->d->bdf >> 8 < pci->bus_first || a->d->bdf >> 8 > pci->bus_last);
}

static bool bypassed(struct check *c, const struct item *a, const struct item *b)
{
	return is_pci(a) && c->cfg->board.pci.present && !c->cfg->board.pci.iommu_mapped;
}

static bool pci_sid(struct check *c, const struct item *a, const struct item *b)
{
	const struct board_pci *pci = &c->cfg->board.pci;
	uint32_t off = a->d->bdf - pci->rid_base;

	if (!is_pci(a) || !pci->present || !pci->iommu_mapped) {
		return false;
	}
	return a->d->bdf < pci->rid_base || off >= pci->rid_count || a->d->sid != off + pci->sid_base ||
	       (a->d->unit != pci->unit && pci->unit != PCI_UNIT_SCOPES);
}

static bool split(struct check *c, const struct item *a, const struct item *b)
{
	return is_pci(a) && is_pci(b) && a->d->bdf >> 3 == b->d->bdf >> 3 && a->vm != b->vm;
}

static const struct config_rule device_rules[] = {
	{ "device_name_unique", OVER_DEVICE, RULE_PAIR, same_name, "two devices of one name" },
	{ "device_unit_exists", OVER_DEVICE, 0, no_unit, ".unit is not one of board.unit: nothing would stop its DMA" },
	{ "device_sid_in_range", OVER_DEVICE, 0, sid_range, ".sid does not fit in the unit's .sid_bits:" },
	{ "device_sid_unique", OVER_DEVICE, RULE_PAIR, sid_twice, "one " ARCH_SID ": name one device of them" },
	{ "device_bdf_unique", OVER_DEVICE, RULE_PAIR, bdf_twice, "the same .bdf" },
	{ "device_mmio_valid", OVER_DEVICE, 0, mmio_window, "neither PCI nor a register window: .mmio, .mmio_size" },
	{ "device_mmio_unique", OVER_DEVICE, RULE_PAIR, mmio_twice, "the same register window" },
	{ "device_mmio_owner", OVER_DEVICE, 0, mmio_foreign, "its registers are in a region of partition" },
	{ "device_owner_exists", OVER_DEVICE, 0, no_owner, ".owner is not a partition" },
	{ "device_claimable", OVER_DEVICE, RULE_WARN, not_claimable, "stays blocked: its owner has no CFG_VM_ATTACH" },
	{ "device_allow_exists", OVER_DEVICE, 0, no_allow, ".allow is not one of the allow sets" },
	{ "device_allow_and_dma_all", OVER_DEVICE, 0, allow_and_all, "has .allow and .dma_all: remove one" },
	{ "device_dma_all_owner", OVER_DEVICE, 0, all_of_nobody, ".dma_all needs an .owner" },
	{ "pci_bus_exists", OVER_DEVICE, 0, no_bus, ".bdf is on no bus of board.pci" },
	{ "pci_not_bypassed", OVER_DEVICE, 0, bypassed, "board.pci.iommu_mapped is false: nothing would stop its DMA" },
	{ "pci_sid_matches_iommu_map", OVER_DEVICE, 0, pci_sid, ".sid and .unit are not what board.pci makes of .bdf" },
	{ "pci_device_one_owner", OVER_DEVICE, RULE_PAIR | RULE_WARN, split,
	  "functions of one PCI device may reach each other without the IOMMU" },
};
const struct config_rule_table config_rules_device = { device_rules, ARRAY_COUNT(device_rules) };

static bool same_allow_name(struct check *c, const struct item *a, const struct item *b)
{
	return strcmp(a->name, b->name) == 0;
}

static bool allow_unused(struct check *c, const struct item *a, const struct item *b)
{
	for (unsigned d = 0; d < c->cfg->device_count; d++) {
		if (c->cfg->device[d].allow == a->n) {
			return c->cfg->allow[a->n].region_count == 0;
		}
	}
	return true;
}

static bool allow_aligned(struct check *c, const struct item *a, const struct item *b)
{
	return !page_range(a->base, a->size) || !page_range(a->at, a->size);
}

static bool allow_prot(struct check *c, const struct item *a, const struct item *b)
{
	return (a->prot & (PROT_READ | PROT_WRITE)) == 0 || a->prot >= PROT_COUNT;
}

static bool allow_overlap(struct check *c, const struct item *a, const struct item *b)
{
	return a->kind == b->kind && overlaps(a->at, a->size, b->at, b->size);
}

/* In RAM, or in registers that some partition has (a DMA engine feeding a FIFO). */
static bool allow_place(struct check *c, const struct item *a, const struct item *b)
{
	struct item r;

	for (unsigned n = 0; config_item_at(c, OVER_REGION, n, &r); n++) {
		if ((r.prot & PROT_DEVICE) != 0 && inside(a->base, a->size, r.base, r.size)) {
			return false;
		}
	}
	return !config_in_ram(&c->cfg->board, a->base, a->size);
}

static bool hits_hyp(struct check *c, const struct item *a, const struct item *b)
{
	return overlaps(a->base, a->size, c->cfg->hyp_ram.base, c->cfg->hyp_ram.size);
}

static bool hits_foreign(struct check *c, const struct item *a, const struct item *b)
{
	c->word = foreign(c, a->vm, a->base, a->size);
	return c->word != NULL;
}

static bool reserved_pages(struct check *c, const struct item *a, const struct item *b)
{
	return !page_range(a->base, a->size);
}

static bool reserved_ours(struct check *c, const struct item *a, const struct item *b)
{
	c->word = config_own_hit(c, OVER_OWN, OWN_ALL, a->base, a->size);
	if (hits_hyp(c, a, b)) {
		c->word = "hyp_ram";
	}
	return c->word != NULL;
}

static bool beyond(const struct check *c, const struct cfg_device *d, uint64_t base, uint64_t size)
{
	uint8_t bits = d->unit < c->cfg->board.unit_count ? c->cfg->board.unit[d->unit].out_bits : 64;

	return bits < 64 && (base + (size - 1)) >> bits != 0;
}

/* Every address that a device can be given has to fit through its unit. */
static bool out_bits(struct check *c, const struct item *a, const struct item *b)
{
	struct item r;

	for (unsigned n = 0; config_item_at(c, OVER_REGION, n, &r); n++) {
		if (r.vm == a->vm && beyond(c, a->d, r.base, r.size)) {
			c->word = r.name;
		}
	}
	return c->word != NULL;
}

static bool reach_bits(struct check *c, const struct item *a, const struct item *b)
{
	return beyond(c, a->d, a->base, a->size);
}

static uint64_t chunks(uint64_t ia, uint64_t size, unsigned shift)
{
	return ((ia + (size - 1)) >> shift) - (ia >> shift) + 1;
}

/* Tables one level below a chunk of 2^shift bytes: only for chunks that no block leaf can cover. */
static uint64_t tables_below(const struct item *r, unsigned shift)
{
	uint64_t mask = ((uint64_t)1 << shift) - 1;
	uint64_t n = chunks(r->at, r->size, shift);

	if (((r->at ^ r->base) & mask) != 0) {
		return n;
	}
	if (n == 1) {
		return r->size == mask + 1 ? 0 : 1;
	}
	return ((r->at & mask) != 0 ? 1u : 0u) + (((r->at + r->size) & mask) != 0 ? 1u : 0u);
}

/* The first chunk of b is the last one of a: neither covers it, so its table is there already. */
static uint64_t shared_chunk(const struct item *a, const struct item *b, unsigned shift)
{
	return a->size != 0 && (a->at + (a->size - 1)) >> shift == b->at >> shift ? 1 : 0;
}

/*
 * Upper bound of what mapping the items of that kind and owner takes: root and three levels, with 1 GiB and
 * 2 MiB blocks. Neighbours in a sorted list share tables.
 */
static uint64_t tables_of(const struct check *c, enum over kind, unsigned owner)
{
	struct item prev = { 0 };
	struct item r;
	uint64_t n = 1;

	for (unsigned i = 0; config_item_at(c, kind, i, &r); i++) {
		if ((kind == OVER_REGION ? r.vm : r.kind) != owner || !range_ok(r.at, r.size)) {
			continue;
		}
		n += chunks(r.at, r.size, 39) + tables_below(&r, 30) + tables_below(&r, 21);
		n -= shared_chunk(&prev, &r, 39) + shared_chunk(&prev, &r, 30) + shared_chunk(&prev, &r, 21);
		prev = r;
	}
	return n;
}

/* Stage 2, the windows of its PCI functions, one object for dma_all, and a first mapping of its own. */
static bool vm_pool(struct check *c, const struct item *a, const struct item *b)
{
	uint64_t tables = tables_of(c, OVER_REGION, a->vm);
	uint64_t need = tables + (vm_has_pci(c->cfg, a->vm) ? POOL_PCI_BASE : 0);
	bool all = false;
	bool claims = false;

	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		const struct cfg_device *d = &c->cfg->device[i];

		if (d->owner == a->vm) {
			need += d->kind == CFG_DEV_PCI ? POOL_PCI_FUNCTION : 0;
			need += d->dma_all ? d->reserved_count * (uint64_t)POOL_RESERVED : 0;
			all = all || d->dma_all;
			claims = claims || (!d->dma_all && d->allow == CFG_ALLOW_NONE);
		}
	}
	c->value = need + (all ? tables : 0) + (claims ? POOL_FIRST_MAP : 0);
	return a->v->pool_pages < c->value;
}

static bool hyp_pool(struct check *c, const struct item *a, const struct item *b)
{
	c->value = 1;
	for (unsigned i = 0; i < c->cfg->allow_count; i++) {
		c->value += tables_of(c, OVER_ALLOW_REGION, i);
	}
	for (unsigned i = 0; i < c->cfg->device_count; i++) {
		if (c->cfg->device[i].allow < c->cfg->allow_count) {
			c->value += c->cfg->device[i].reserved_count * (uint64_t)POOL_RESERVED;
		}
	}
	return c->cfg->hyp_pool_pages < c->value;
}

/* vm_build_all() cuts the pools out of the arena and CHECKs that there was room. */
static bool pool_arena(struct check *c, const struct item *a, const struct item *b)
{
	c->value = c->cfg->hyp_pool_pages;
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		c->value += c->cfg->vm[i].pool_pages;
	}
	return c->value + HYP_MAP_PAGES > hyp_pool_arena_pages;
}

static const char foreign_text[] = "must not reach what its .owner has not: partition";

static const struct config_rule reach_rules[] = {
	{ "allow_name_unique", OVER_ALLOW, RULE_PAIR, same_allow_name, "two allow sets of one name" },
	{ "allow_used", OVER_ALLOW, RULE_WARN, allow_unused, "has no device or no region" },
	{ "allow_aligned", OVER_ALLOW_REGION, 0, allow_aligned, "pa, ipa and size must be whole pages below 2^48" },
	{ "allow_prot", OVER_ALLOW_REGION, 0, allow_prot, ".prot must have READ or WRITE, nothing unknown" },
	{ "allow_no_overlap", OVER_ALLOW_REGION, RULE_PAIR, allow_overlap, "they overlap at the device: change .ipa" },
	{ "allow_in_ram", OVER_ALLOW_REGION, 0, allow_place, "neither in board.ram nor in registers of a partition" },
	{ "allow_not_hyp", OVER_ALLOW_REGION, 0, hits_hyp, "reaches into hyp_ram: move it" },
	{ "allow_owner", OVER_REACH, 0, hits_foreign, foreign_text },
	{ "reserved_aligned", OVER_RESERVED, 0, reserved_pages, "must be whole pages below 2^48" },
	{ "reserved_owner", OVER_RESERVED, 0, hits_foreign, foreign_text },
	{ "reserved_not_ours", OVER_RESERVED, 0, reserved_ours, "move it, it touches" },
	{ "unit_out_bits", OVER_DEVICE, 0, out_bits, "its unit's .out_bits are too few for its owner's region" },
	{ "unit_out_bits_allow", OVER_REACH, 0, reach_bits, "beyond the unit's .out_bits" },
	{ "pool_large_enough", OVER_VM, 0, vm_pool, ".pool_pages must be at least" },
	{ "hyp_pool_large_enough", OVER_ONCE, 0, hyp_pool, "hyp_pool_pages must be at least" },
	{ "pool_fits_arena", OVER_ONCE, 0, pool_arena, "HYP_POOL_ARENA() must have the pages of all pools:" },
};
const struct config_rule_table config_rules_reach = { reach_rules, ARRAY_COUNT(reach_rules) };
