/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of objects: who an identifier means, whose it is, and moving it. Ownership is configuration: each endpoint
 * has at most one client that may ever attach it [I2], so nothing here looks at another client's state. A call
 * changes all the endpoints its wildcard means or none [I5]; always returns 0, never +1, because the tables belong to
 * the object and not to a unit: there is nothing to reissue.
 */
#include <hyp/iommu_priv.h>

#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/vm.h>

_Static_assert(DEVICE_MAX <= 64, "a set of endpoints is a 64-bit mask");

/* --- Identifiers ------------------------------------------------------------------------------ */

static bool field_valid(uint32_t v, uint32_t max)
{
	return v == DEVID_ANY || v <= max;
}

bool devid_valid(const struct smmu_devid *id)
{
	if (id->type == CFG_DEV_PCI) {
		return field_valid(id->bus, 255) && field_valid(id->dev, 31) && field_valid(id->func, 7);
	}
	return id->type == CFG_DEV_MMIO;
}

bool devid_wild(const struct smmu_devid *id)
{
	return id->type == CFG_DEV_PCI && (id->bus == DEVID_ANY || id->dev == DEVID_ANY || id->func == DEVID_ANY);
}

static bool field_match(uint32_t want, uint32_t have)
{
	return want == DEVID_ANY || want == have;
}

static bool device_match(const struct smmu_devid *id, const struct cfg_device *d)
{
	if (id->type != (uint32_t)d->kind) {
		return false;
	}
	if (id->type == CFG_DEV_PCI) {
		return field_match(id->bus, d->bdf >> 8) && field_match(id->dev, (d->bdf >> 3) & 31u) &&
		       field_match(id->func, d->bdf & 7u);
	}
	/* A window configured without a length matches any. */
	return id->phys == d->mmio && (d->mmio_size == 0 || id->length == d->mmio_size);
}

uint64_t devid_match(const struct smmu_devid *id)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < endpoint_count(); i++) {
		if (device_match(id, endpoint_by_index(i)->cfg)) {
			set |= (uint64_t)1 << i;
		}
	}
	return set;
}

int endpoint_get(const struct smmu_devid *id, struct endpoint **out)
{
	uint64_t set;

	if (!devid_valid(id) || devid_wild(id)) {
		return -BH_EINVAL;
	}
	set = devid_match(id);
	if (set == 0) {
		return -BH_ENOENT;
	}
	*out = endpoint_by_index((unsigned)__builtin_ctzll(set));
	return 0;
}

static struct endpoint *set_next(uint64_t *set)
{
	struct endpoint *ep = endpoint_by_index((unsigned)__builtin_ctzll(*set));

	*set &= *set - 1;
	return ep;
}

/* --- Reserved regions: what firmware says a device needs, mapped while it is in an object [4.12] --- */

static uint16_t reserved_tag(const struct endpoint *ep)
{
	return (uint16_t)(ep->index + 1);
}

static void reserved_unmap(struct iommu_client *c, struct smmu_object *o, const struct endpoint *ep, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct smmu_region r = { ep->cfg->reserved[i].base, ep->cfg->reserved[i].size };

		(void)object_unmap(c, o, &r, 1, reserved_tag(ep));
	}
}

static int reserved_map(struct iommu_client *c, struct smmu_object *o, const struct endpoint *ep)
{
	for (unsigned i = 0; i < ep->cfg->reserved_count; i++) {
		struct smmu_region r = { ep->cfg->reserved[i].base, ep->cfg->reserved[i].size };
		struct map_request q = {
			.r = &r, .count = 1, .prot = PROT_READ | PROT_WRITE, .tag = reserved_tag(ep),
		};
		int err = object_map(c, o, &q);

		if (err) {
			reserved_unmap(c, o, ep, i);
			return err;
		}
	}
	return 0;
}

/* --- Moving ----------------------------------------------------------------------------------- */

int endpoint_enter(struct iommu_client *c, struct endpoint *ep, struct smmu_object *o)
{
	struct smmu_object *old = ep->object;
	int err = 0;

	if (old == o) {
		return 0;
	}
	if (!o->manual) {
		err = reserved_map(c, o, ep);
	}
	if (err) {
		return err;
	}
	err = endpoint_attach(ep, o);
	if (ep->object == old && !o->manual) {
		reserved_unmap(c, o, ep, ep->cfg->reserved_count);
	} else if (ep->object != old && old && !old->manual) {
		reserved_unmap(c, old, ep, ep->cfg->reserved_count);
	}
	return err;
}

int endpoint_leave(struct iommu_client *c, struct endpoint *ep)
{
	struct smmu_object *old = ep->object;
	int err = endpoint_detach(ep);

	if (old && !old->manual) {
		reserved_unmap(c, old, ep, ep->cfg->reserved_count);
	}
	return err;
}

/* Puts an endpoint back where it was before a call that failed; if even that fails it stays blocked. */
static void endpoint_restore(struct iommu_client *c, struct endpoint *ep, struct smmu_object *before)
{
	if (before && endpoint_enter(c, ep, before) == 0) {
		return;
	}
	(void)endpoint_leave(c, ep);
}

/* --- The call --------------------------------------------------------------------------------- */

/*
 * Which of the matching endpoints an add takes. A wildcard passes over devices that nobody may claim; any match
 * that belongs to somebody else, or to the configuration, refuses the whole call [4.13].
 */
static int add_check(const struct iommu_client *c, bool wild, uint64_t *set)
{
	uint64_t left = *set;

	if (left == 0) {
		return -BH_ENOENT;
	}
	while (left) {
		const struct endpoint *ep = set_next(&left);

		if (wild && !ep->client) {
			*set &= ~((uint64_t)1 << ep->index);
		} else if (ep->client != c || (ep->object && ep->object->is_static)) {
			return -BH_EBUSY;
		} else if (ep->cfg->unit >= iommu_unit_count) {
			return -BH_ENODEV;
		} else if (!unit_usable(ep->cfg->unit)) {
			return -BH_EIO;
		}
	}
	return *set ? 0 : -BH_ENOENT;
}

static int devices_add(struct iommu_client *c, struct smmu_object *o, bool wild, uint64_t set)
{
	struct smmu_object *before[DEVICE_MAX];
	int err = add_check(c, wild, &set);
	uint64_t left = set;
	uint64_t done = 0;

	while (!err && left) {
		struct endpoint *ep = set_next(&left);

		before[ep->index] = ep->object;
		done |= (uint64_t)1 << ep->index;
		err = endpoint_enter(c, ep, o);
	}
	while (err && done) {
		struct endpoint *ep = set_next(&done);

		if (ep->object != before[ep->index]) {
			endpoint_restore(c, ep, before[ep->index]);
		}
	}
	return err;
}

static int devices_remove(struct iommu_client *c, bool wild, uint64_t set)
{
	int result = -BH_ENOENT;

	while (set) {
		struct endpoint *ep = set_next(&set);
		int err;

		if (ep->client != c || !ep->object) {
			continue;
		}
		if (ep->object->is_static) {
			result = wild ? result : -BH_EBUSY;
			continue;
		}
		err = endpoint_leave(c, ep);
		result = err ? err : (result == -BH_ENOENT ? 0 : result);
	}
	return result;
}

int64_t smmu_device_add(struct vm *vm, uint64_t handle, const struct smmu_devid *id)
{
	struct iommu_client *c = client_of(vm);
	struct smmu_object *o;
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		o = object_get(c, handle);
		if (handle != 0 && !o) {
			err = -BH_EBADF;
		} else if (!devid_valid(id)) {
			err = -BH_EINVAL;
		} else if (o) {
			err = devices_add(c, o, devid_wild(id), devid_match(id));
		} else {
			err = devices_remove(c, devid_wild(id), devid_match(id));
		}
	}
	spin_unlock(&c->lock);
	return err;
}

/* No ownership needed, but devices of other partitions are none of the caller's business [I2]. */
int64_t smmu_device_report_reserved(struct vm *vm, const struct smmu_devid *id, uint64_t offset,
				    struct smmu_region *out, unsigned out_count)
{
	uint64_t set;
	uint64_t total = 0;

	if (!vm->client.attached) {
		return -BH_ENOTCONN;
	}
	if (!devid_valid(id)) {
		return -BH_EINVAL;
	}
	set = devid_match(id);
	if (set == 0) {
		return -BH_ENOENT;
	}
	while (set) {
		const struct endpoint *ep = set_next(&set);

		for (unsigned i = 0; ep->vm == vm && i < ep->cfg->reserved_count; i++, total++) {
			if (total >= offset && total - offset < out_count) {
				out[total - offset].addr = ep->cfg->reserved[i].base;
				out[total - offset].size = ep->cfg->reserved[i].size;
			}
		}
	}
	return offset < total ? (int64_t)(total - offset) : 0;
}
