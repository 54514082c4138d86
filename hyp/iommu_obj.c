/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients and their objects: made, looked up, taken down. A handle is only ever looked up in its own client's array, so
 * a foreign handle cannot be expressed. Domain ids are fixed per (client, slot), so that a client can use up only its
 * own. Destroying blocks first, then forgets: streams, cached translations, tables, records [I1][I4].
 */
#include <hyp/iommu_priv.h>

#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/vm.h>

_Static_assert((VM_MAX + 1) * OBJECT_MAX == DOMAIN_MAX, "a domain id for every object there can be");

struct iommu_client *client_of(struct vm *vm)
{
	return &vm->client;
}

struct smmu_object *object_get(struct iommu_client *c, uint64_t handle)
{
	struct smmu_object *o;

	if (handle == 0 || handle > OBJECT_MAX) {
		return NULL;
	}
	o = &c->object[handle - 1];
	return o->used && !o->is_static ? o : NULL;
}

int client_reclaim(struct iommu_client *c)
{
	unsigned found = 0;

	for (unsigned i = 0; i < OBJECT_MAX; i++) {
		struct smmu_object *o = &c->object[i];
		unsigned n = o->used ? pgtable_reclaim(&o->domain.pt) : 0;

		/* A unit may have cached the link to a table that was empty all the time. */
		if (n > 0 && domain_flush(o) != 0) {
			return -BH_EIO;
		}
		found += n;
	}
	return found ? 0 : -BH_ENOMEM;
}

/* o: a free slot of c. */
int object_init(struct iommu_client *c, struct smmu_object *o)
{
	struct iommu_domain *d = &o->domain;
	unsigned index = (unsigned)(o - c->object);
	unsigned id = c->index * OBJECT_MAX + index + 1u;
	unsigned levels = iommu_common.levels_min;
	int err;

	if (!iommu_common.fmt) {
		return -BH_ENODEV;
	}
	if (id > iommu_common.domain_max) {
		return -BH_ENOMEM;
	}
	err = pgtable_init(&d->pt, iommu_common.fmt, levels, iommu_common.coherent, c->pool);
	if (err == -BH_ENOMEM) {
		err = client_reclaim(c);
		err = err ? err : pgtable_init(&d->pt, iommu_common.fmt, levels, iommu_common.coherent, c->pool);
	}
	if (err) {
		return err;
	}
	d->id = (uint16_t)id;
	d->used = true;
	d->units = 0;
	o->index = (uint8_t)index;
	o->used = true;
	o->manual = false;
	o->is_static = false;
	o->name = NULL;
	o->stats = (struct object_stats){ 0 };
	return 0;
}

int object_destroy(struct iommu_client *c, struct smmu_object *o)
{
	int result = 0;

	for (unsigned i = 0; i < endpoint_count(); i++) {
		struct endpoint *ep = endpoint_by_index(i);

		if (ep->object == o) {
			/* A unit that does not answer has been failed: its streams are blocked all the same. */
			int err = endpoint_detach(ep);

			result = err ? err : result;
		}
	}
	CHECK(o->domain.units == 0);
	record_drop_object(c, o->index);
	pgtable_free(&o->domain.pt);
	o->domain.used = false;
	o->used = false;
	return result;
}

/* --- Calls ------------------------------------------------------------------------------------ */

int64_t smmu_init(struct vm *vm, uint64_t flags)
{
	struct iommu_client *c = client_of(vm);
	int err = 0;

	if (flags != 0) {
		return -BH_EINVAL;
	}
	if ((vm->cfg->rights & CFG_VM_ATTACH) == 0) {
		return -BH_EPERM;
	}
	spin_lock(&c->lock);
	if (iommu_unit_count == 0) {
		err = -BH_ENODEV;
	} else {
		c->attached = true; /* a second call changes nothing */
	}
	spin_unlock(&c->lock);
	return err;
}

static void client_clear(struct iommu_client *c, bool also_static)
{
	for (unsigned i = 0; i < OBJECT_MAX; i++) {
		struct smmu_object *o = &c->object[i];

		if (o->used && (also_static || !o->is_static)) {
			(void)object_destroy(c, o);
		}
	}
	ring_reset(c);
	for (unsigned i = 0; i < UNMAPPED_MAX; i++) {
		c->gone[i].used = false;
	}
	c->attached = false;
}

int64_t smmu_fini(struct vm *vm)
{
	struct iommu_client *c = client_of(vm);
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		client_clear(c, false);
		err = 0;
	}
	spin_unlock(&c->lock);
	return err;
}

void iommu_vm_stop(struct vm *vm)
{
	struct iommu_client *c = client_of(vm);

	spin_lock(&c->lock);
	client_clear(c, true);
	spin_unlock(&c->lock);
}

static int64_t object_create(struct iommu_client *c, bool manual)
{
	for (unsigned i = 0; i < OBJECT_MAX; i++) {
		struct smmu_object *o = &c->object[i];
		int err;

		if (o->used) {
			continue;
		}
		err = object_init(c, o);
		if (err) {
			return err;
		}
		o->manual = manual;
		return (int64_t)i + 1;
	}
	return -BH_ENOMEM;
}

int64_t smmu_obj_create(struct vm *vm, uint64_t flags)
{
	struct iommu_client *c = client_of(vm);
	bool manual = (flags & BH_OBJ_RESERVED_MANUAL) != 0;
	int64_t result = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		if (flags & ~(uint64_t)BH_OBJ_RESERVED_MANUAL) {
			result = -BH_EINVAL;
		} else if (manual && (vm->cfg->rights & CFG_VM_TARGET) == 0) {
			result = -BH_EPERM;
		} else {
			result = object_create(c, manual);
		}
	}
	spin_unlock(&c->lock);
	return result;
}

int64_t smmu_obj_destroy(struct vm *vm, uint64_t handle)
{
	struct iommu_client *c = client_of(vm);
	struct smmu_object *o;
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		o = object_get(c, handle);
		err = o ? object_destroy(c, o) : -BH_EBADF;
	}
	spin_unlock(&c->lock);
	return err;
}

int64_t smmu_obj_stats(struct vm *vm, uint64_t handle, struct smmu_stats *out)
{
	struct iommu_client *c = client_of(vm);
	const struct smmu_object *o;
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		o = object_get(c, handle);
		err = o ? 0 : -BH_EBADF;
		if (o) {
			out->object = o->stats;
			out->pages_free = c->pool->free_count;
		}
	}
	spin_unlock(&c->lock);
	return err;
}
