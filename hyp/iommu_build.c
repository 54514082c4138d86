/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From configuration to objects, before any partition runs: the endpoint table with its lookup, one client per
 * partition and client 0 for allow sets, static objects filled through the same object_map() the hypercall
 * uses. Which client an endpoint belongs to is decided here and constant afterwards [I2]; what is in no object
 * stays blocked [I1].
 */
#include <hyp/iommu_priv.h>

#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/vm.h>

enum { SID_BUCKETS = 64 };

const struct hyp_config *iommu_cfg;
struct iommu_client iommu_client0;

static struct endpoint endpoints[DEVICE_MAX];
static unsigned endpoints_used;
static uint16_t sid_bucket[SID_BUCKETS]; /* index + 1 */
static struct pool pool0;

/* --- Endpoints -------------------------------------------------------------------------------- */

static unsigned bucket_of(unsigned unit, sid_t sid)
{
	return (sid ^ (sid >> 6) ^ unit) % SID_BUCKETS;
}

struct endpoint *endpoint_find(unsigned unit, sid_t sid)
{
	for (unsigned i = sid_bucket[bucket_of(unit, sid)]; i != 0; i = endpoints[i - 1].next) {
		struct endpoint *ep = &endpoints[i - 1];

		if (ep->cfg->sid == sid && ep->cfg->unit == unit) {
			return ep;
		}
	}
	return NULL;
}

struct endpoint *endpoint_by_index(unsigned index)
{
	return index < endpoints_used ? &endpoints[index] : NULL;
}

unsigned endpoint_count(void)
{
	return endpoints_used;
}

static void endpoint_init(struct endpoint *ep, const struct cfg_device *d, unsigned index)
{
	uint16_t *bucket = &sid_bucket[bucket_of(d->unit, d->sid)];

	*ep = (struct endpoint){ .cfg = d, .index = index };
	if (d->owner < vm_count) {
		ep->vm = &vms[d->owner];
		ep->client = &ep->vm->client;
	}
	if (d->allow != CFG_ALLOW_NONE) {
		ep->client = &iommu_client0;
	}
	ep->next = *bucket;
	*bucket = (uint16_t)(index + 1);
}

/* --- Static objects --------------------------------------------------------------------------- */

/* A big region in parts that one call may map; where no block leaf fits, a part is 16 MiB. */
static int region_map(struct iommu_client *c, struct smmu_object *o, const struct cfg_region *r, struct vm *vm)
{
	bool blocks = ((r->ipa ^ r->pa) & (MIB(2) - 1)) == 0;
	uint64_t part = blocks ? GIB(1) : BH_LEAF_MAX * PAGE_SIZE;
	uint64_t done = 0;

	while (done < r->size) {
		uint64_t left = r->size - done;
		uint64_t to_edge = part - ((r->ipa + done) & (part - 1));
		struct smmu_region reg = { r->ipa + done, left < to_edge ? left : to_edge };
		struct map_request q = {
			.vm = vm, .r = &reg, .count = 1, .tag = MAPPING_GUEST,
			.prot = r->prot & (PROT_READ | PROT_WRITE | (vm ? 0u : (unsigned)PROT_DEVICE)),
			.delta = vm ? 0 : r->pa - r->ipa,
		};
		int err;

		if ((q.prot & PROT_WRITE) && iommu_common.read_implied) {
			q.prot |= PROT_READ;
		}
		err = object_map(c, o, &q);
		if (err) {
			return err;
		}
		done += reg.size;
	}
	return 0;
}

static struct smmu_object *static_object(struct iommu_client *c, const char *name)
{
	for (unsigned i = 0; i < OBJECT_MAX; i++) {
		struct smmu_object *o = &c->object[i];

		if (o->used) {
			continue;
		}
		if (object_init(c, o) != 0) {
			break;
		}
		o->is_static = true;
		o->name = name;
		return o;
	}
	log_error("no room for the DMA object %s: its devices stay blocked", name);
	return NULL;
}

/* An object that could not be filled entirely is not used at all: its devices stay blocked. */
static void static_failed(struct iommu_client *c, struct smmu_object *o, const char *region, int err)
{
	log_error("DMA object %s: region %s cannot be mapped (error %d): its devices stay blocked", o->name, region,
		  -err);
	(void)object_destroy(c, o);
}

static struct smmu_object *allow_object(const struct cfg_allow *a)
{
	struct smmu_object *o = static_object(&iommu_client0, a->name);

	for (unsigned i = 0; o && i < a->region_count; i++) {
		int err = region_map(&iommu_client0, o, &a->region[i], NULL);

		if (err) {
			static_failed(&iommu_client0, o, a->region[i].name, err);
			o = NULL;
		}
	}
	return o;
}

/* The partition's memory, not its device registers: `dma all` is for buffers anywhere. */
static struct smmu_object *dma_all_object(struct vm *vm)
{
	struct smmu_object *o = static_object(&vm->client, "dma all");

	for (unsigned i = 0; o && i < vm->cfg->region_count; i++) {
		const struct cfg_region *r = &vm->cfg->region[i];
		int err;

		if ((r->prot & PROT_DEVICE) || !(r->prot & (PROT_READ | PROT_WRITE))) {
			continue;
		}
		err = region_map(&vm->client, o, r, vm);
		if (err) {
			static_failed(&vm->client, o, r->name, err);
			o = NULL;
		}
	}
	return o;
}

/* Remembered here, attached by iommu_enable(). Reserved regions first: a device needs them from the start. */
static void static_member(struct endpoint *ep, struct smmu_object *o)
{
	if (!o) {
		return;
	}
	for (unsigned i = 0; i < ep->cfg->reserved_count; i++) {
		struct smmu_region r = { ep->cfg->reserved[i].base, ep->cfg->reserved[i].size };
		struct map_request q = {
			.r = &r, .count = 1, .prot = PROT_READ | PROT_WRITE, .tag = (uint16_t)(ep->index + 1),
		};
		int err = object_map(ep->client, o, &q);

		if (err) {
			log_error("device %s: reserved region 0x%lx cannot be mapped (error %d): it stays blocked",
				  ep->cfg->name, (unsigned long)r.addr, -err);
			return;
		}
	}
	ep->object = o;
}

static void build_allow_sets(const struct hyp_config *cfg)
{
	for (unsigned a = 0; a < cfg->allow_count; a++) {
		struct smmu_object *o = allow_object(&cfg->allow[a]);

		for (unsigned i = 0; i < endpoints_used; i++) {
			if (endpoints[i].cfg->allow == a) {
				static_member(&endpoints[i], o);
			}
		}
	}
}

/* One object for all such devices of the partition. */
static void build_dma_all(struct vm *vm)
{
	struct smmu_object *o = NULL;
	bool made = false;

	for (unsigned i = 0; i < endpoints_used; i++) {
		struct endpoint *ep = &endpoints[i];

		if (ep->client != &vm->client || !ep->cfg->dma_all) {
			continue;
		}
		if (!made) {
			o = dma_all_object(vm);
			made = true;
		}
		static_member(ep, o);
	}
}

/* Where a map must be invalidated, too, the short path has nothing to offer. */
static void client_ram_find(struct iommu_client *c, const struct cfg_vm *cfg)
{
	const struct cfg_region *r = cfg->region;

	if (cfg->region_count > 0 && !(r->prot & PROT_DEVICE) && !iommu_common.map_inv &&
	    !range_overlaps(r->pa, r->size, iommu_cfg->hyp_ram.base, iommu_cfg->hyp_ram.size) &&
	    (r->pa + (r->size - 1)) >> iommu_common.out_bits == 0 &&
	    (r->ipa + (r->size - 1)) >> iommu_common.in_bits == 0) {
		c->ram = (struct client_ram){ r->ipa, r->size, r->pa, r->prot };
	}
}

static void build_clients(const struct hyp_config *cfg)
{
	iommu_client0.index = 0;
	iommu_client0.pool = &pool0;
	if (pool_init(&pool0, cfg->hyp_pool_pages) != 0) {
		log_error("hyp_pool_pages %u: the arena has no such room; allow sets stay empty", cfg->hyp_pool_pages);
	}
	for (unsigned i = 0; i < vm_count; i++) {
		struct iommu_client *c = &vms[i].client;

		c->vm = &vms[i];
		client_ram_find(c, vms[i].cfg);
		c->index = (uint8_t)(i + 1);
		c->pool = &vms[i].pool;
	}
}

void iommu_build(const struct hyp_config *cfg)
{
	_Static_assert((unsigned)DEVICE_MAX < (unsigned)FAULT_ENDPOINT_NONE,
		       "an index is never the mark of an unknown device");
	iommu_cfg = cfg;
	caps_merge();
	build_clients(cfg);
	for (unsigned i = 0; i < cfg->device_count && i < DEVICE_MAX; i++) {
		endpoint_init(&endpoints[i], &cfg->device[i], i);
		endpoints_used = i + 1;
	}
	build_allow_sets(cfg);
	for (unsigned i = 0; i < vm_count; i++) {
		build_dma_all(&vms[i]);
	}
}

void iommu_vm_start(struct vm *vm)
{
	struct iommu_client *c = &vm->client;

	spin_lock(&c->lock);
	build_dma_all(vm);
	(void)endpoints_attach(c);
	spin_unlock(&c->lock);
}
