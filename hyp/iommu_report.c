/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking inside: what the live entries and tables say, for people. Reads only; the numbers of a running
 * system may be one call apart from each other. Locks are taken one at a time and never held while printing.
 */
#include <hyp/iommu_priv.h>

#include <arch/config.h>
#include <bulkhead/errno.h>
#include <hyp/vm.h>

enum { TEXT_MAX = 160 };

static void report_units(void)
{
	for (unsigned i = 0; i < iommu_unit_count; i++) {
		const struct iommu_unit *u = &iommu_units[i];

		log_info("unit %u: %s, " ARCH_SID "s %u bits, addresses %u -> %u bits, walks %s, %s", i,
			 u->cap.fmt ? u->cap.fmt->name : "no format", u->cap.sid_bits, u->cap.in_bits,
			 u->cap.out_bits, u->cap.coherent ? "coherent" : "not coherent",
			 u->failed ? "FAILED, blocks everything" : "working");
	}
}

static void report_objects(const struct iommu_client *c, const char *who)
{
	for (unsigned i = 0; i < OBJECT_MAX; i++) {
		const struct smmu_object *o = &c->object[i];

		if (!o->used) {
			continue;
		}
		log_info("  %s object %u%s%s: domain %u, %lu maps, %lu unmaps, %lu invalidations, %lu faults",
			 who, i + 1, o->name ? " " : "", o->name ? o->name : "", o->domain.id,
			 (unsigned long)o->stats.maps,
			 (unsigned long)o->stats.unmaps, (unsigned long)o->stats.invalidations,
			 (unsigned long)o->stats.faults);
	}
}

static void report_vm(const struct vm *vm)
{
	const struct iommu_client *c = &vm->client;

	log_info("partition %s: %s, %u of %u pool pages free (least ever %u), %u fault records waiting", vm->cfg->name,
		 c->attached ? "attached" : "not attached", vm->pool.free_count, vm->pool.count, vm->pool.low,
		 c->ring_count);
	report_objects(c, vm->cfg->name);
}

static void report_endpoint(const struct endpoint *ep)
{
	const struct smmu_object *o = ep->object;
	char text[TEXT_MAX];
	uint64_t w[8];
	unsigned n;

	log_info("device %s: unit %u " ARCH_SID " 0x%x, owner %s, %s%s, %lu faults", ep->cfg->name, ep->cfg->unit,
		 ep->cfg->sid, ep->vm ? ep->vm->cfg->name : "none", o ? "attached" : "blocked",
		 ep->muted ? ", muted" : "", (unsigned long)ep->faults);
	if (o) {
		log_info("  in domain %u%s%s", o->domain.id, o->name ? ", " : "", o->name ? o->name : "");
	}
	if (ep->cfg->unit >= iommu_unit_count) {
		return;
	}
	text[0] = '\0';
	n = unit_entry_read(ep, w, text, sizeof(text));
	log_info("  live entry: %s", text);
	for (unsigned i = 0; i + 1 < n; i += 2) {
		log_info("    [%u] 0x%016lx 0x%016lx", i, (unsigned long)w[i], (unsigned long)w[i + 1]);
	}
}

void iommu_report(void)
{
	struct fault_totals t = iommu_fault_totals();

	report_units();
	report_objects(&iommu_client0, "hypervisor");
	for (unsigned i = 0; i < vm_count; i++) {
		report_vm(&vms[i]);
	}
	for (unsigned i = 0; i < endpoint_count(); i++) {
		report_endpoint(endpoint_by_index(i));
	}
	log_info("faults of unknown devices: %lu; times a unit dropped records: %lu", (unsigned long)t.unknown,
		 (unsigned long)t.lost);
}

/* --- For a monitor's questions ---------------------------------------------------------------- */

int endpoint_entry(const struct endpoint *ep, uint64_t words[8], char *text, size_t size)
{
	if (ep->cfg->unit >= iommu_unit_count) {
		return -BH_ENODEV;
	}
	text[0] = '\0';
	return (int)unit_entry_read(ep, words, text, size);
}

/* The rights of a leaf, found by comparing with what each right looks like. */
static unsigned leaf_rights(const struct pgtable_fmt *f, uint64_t leaf)
{
	uint64_t mask = ~(f->addr | f->block | f->page | f->soft);

	for (unsigned prot = 1; prot < PROT_COUNT; prot++) {
		if (f->attr[prot] != 0 && (leaf & mask) == (f->attr[prot] & mask)) {
			return prot;
		}
	}
	return PROT_NONE;
}

int endpoint_walk(struct endpoint *ep, uint64_t addr, struct walk_result *out)
{
	const struct pgtable *pt;
	unsigned height;
	uint64_t leaf;
	int err = -BH_ENOENT;

	*out = (struct walk_result){ 0 };
	if (!ep->client) {
		return -BH_ENOENT;
	}
	spin_lock(&ep->client->lock);
	if (ep->object) {
		pt = &ep->object->domain.pt;
		err = 0;
		out->levels = pgtable_trace(pt, addr, out->entry);
		leaf = pgtable_leaf(pt, addr, &height);
		if (leaf != 0) {
			out->pa = (leaf & pt->fmt->addr) | (addr & ((PAGE_SIZE << (9 * height)) - 1));
			out->prot = leaf_rights(pt->fmt, leaf);
		}
	}
	spin_unlock(&ep->client->lock);
	return err;
}
