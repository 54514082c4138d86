/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smmu_* calls except mappings: each turns its arguments into registers and the status into -1/errno. Owns
 * the table that gives the hypervisor's handles an address (struct smmu_object) and one argument page per vCPU.
 */
#include "smmu_internal.h"

#include <bulkhead/ext.h>

enum { PAGE_WORDS = 512 };

static struct smmu_object objects[BH_OBJECT_MAX];

static uint64_t arg_pages[BH_VCPU_MAX][PAGE_WORDS] __attribute__((aligned(4096)));
static bool arg_page_known[BH_VCPU_MAX];

uint64_t smmu_handle(const struct smmu_object *sop)
{
	uintptr_t offset = (uintptr_t)sop - (uintptr_t)objects; /* any pointer may come: no pointer arithmetic */

	if (offset >= sizeof(objects) || offset % sizeof(objects[0]) != 0 ||
	    __atomic_load_n(&sop->state, __ATOMIC_ACQUIRE) != SLOT_READY) {
		return 0;
	}
	return sop->handle;
}

uint64_t *smmu_arg_page(void)
{
	unsigned vcpu = bh_vcpu_index();

	if (vcpu >= BH_VCPU_MAX) {
		return NULL;
	}
	if (!arg_page_known[vcpu]) {
		if (bh_hc(BH_HC_ARG_PAGE, (uintptr_t)arg_pages[vcpu], 0, 0) < 0) {
			return NULL;
		}
		arg_page_known[vcpu] = true;
	}
	return arg_pages[vcpu];
}

static bool field_ok(unsigned v, unsigned max)
{
	return v <= max || v == SMMU_PCI_FIELD_ANY;
}

static uint64_t pci_encode(const struct smmu_devid_pci *p)
{
	uint64_t id = BH_DEVID_MAKE_PCI(p->bus == SMMU_PCI_FIELD_ANY ? 0 : p->bus,
					p->dev == SMMU_PCI_FIELD_ANY ? 0 : p->dev,
					p->func == SMMU_PCI_FIELD_ANY ? 0 : p->func);

	id |= p->bus == SMMU_PCI_FIELD_ANY ? BH_DEVID_ANY_BUS : 0;
	id |= p->dev == SMMU_PCI_FIELD_ANY ? BH_DEVID_ANY_DEV : 0;
	id |= p->func == SMMU_PCI_FIELD_ANY ? BH_DEVID_ANY_FUNC : 0;
	return id;
}

int smmu_devid_encode(const union smmu_devid *devid, uint64_t *id, uint64_t *base)
{
	if (devid == NULL) {
		return -BH_EINVAL;
	}
	*base = 0;
	if (devid->type == SDT_MMIO) {
		*id = BH_DEVID_MAKE_MMIO(devid->mmio.length);
		*base = devid->mmio.phys;
		return 0;
	}
	if (devid->type != SDT_PCI || !field_ok(devid->pci.bus, 255) || !field_ok(devid->pci.dev, 31) ||
	    !field_ok(devid->pci.func, 7)) {
		return -BH_EINVAL;
	}
	*id = pci_encode(&devid->pci);
	return 0;
}

void smmu_devid_decode(uint64_t id, uint64_t base, union smmu_devid *devid)
{
	*devid = (union smmu_devid){ .__spacer = { 0 } };
	if ((id >> 56) == BH_DEVID_PCI) {
		devid->pci.type = SDT_PCI;
		devid->pci.bus = (unsigned)(id >> 8) & 0xff;
		devid->pci.dev = (unsigned)(id >> 3) & 0x1f;
		devid->pci.func = (unsigned)id & 7;
	} else if ((id >> 56) == BH_DEVID_MMIO) {
		devid->mmio.type = SDT_MMIO;
		devid->mmio.length = (unsigned)id;
		devid->mmio.phys = base;
	} else {
		devid->type = SDT_NUM_TYPES;
	}
}

int smmu_init(unsigned flags)
{
	struct bh_version v;

	if (bh_version(&v) != 0 || v.abi >> 16 != BH_ABI_VERSION >> 16) {
		return bh_result(-BH_ENOENT);
	}
	return bh_result(bh_hc(BH_HC_SMMU_INIT, flags, 0, 0));
}

void smmu_fini(void)
{
	unsigned i;

	if (bh_hc(BH_HC_SMMU_FINI, 0, 0, 0) < 0) {
		return; /* was not connected: there are no objects either */
	}
	for (i = 0; i < BH_OBJECT_MAX; i++) {
		__atomic_store_n(&objects[i].state, SLOT_FREE, __ATOMIC_RELEASE);
	}
}

int smmu_safety(void)
{
	return bh_result(bh_hc(BH_HC_SMMU_SAFETY, 0, 0, 0));
}

static struct smmu_object *slot_take(void)
{
	unsigned i;

	for (i = 0; i < BH_OBJECT_MAX; i++) {
		uint32_t expected = SLOT_FREE;

		if (__atomic_compare_exchange_n(&objects[i].state, &expected, SLOT_TAKEN, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			return &objects[i];
		}
	}
	return NULL;
}

struct smmu_object *smmu_obj_create(unsigned flags)
{
	int64_t handle = bh_hc(BH_HC_OBJ_CREATE, flags, 0, 0);
	struct smmu_object *sop;

	if (handle < 0) {
		(void)bh_result(handle);
		return NULL;
	}
	sop = slot_take();
	if (sop == NULL) {
		bh_hc(BH_HC_OBJ_DESTROY, (uint64_t)handle, 0, 0);
		(void)bh_result(-BH_ENOMEM);
		return NULL;
	}
	sop->handle = (uint64_t)handle;
	__atomic_store_n(&sop->state, SLOT_READY, __ATOMIC_RELEASE);
	return sop;
}

void smmu_obj_destroy(struct smmu_object *sop)
{
	uint64_t handle = smmu_handle(sop);

	if (handle != 0) {
		bh_hc(BH_HC_OBJ_DESTROY, handle, 0, 0);
		__atomic_store_n(&sop->state, SLOT_FREE, __ATOMIC_RELEASE);
	}
}

int smmu_device_add_generic(struct smmu_object *sop, const union smmu_devid *devid)
{
	uint64_t handle = smmu_handle(sop);
	uint64_t id, base;
	int err = smmu_devid_encode(devid, &id, &base);

	if (err != 0) {
		return bh_result(err);
	}
	if (sop != NULL && handle == 0) {
		return bh_result(-BH_EBADF);
	}
	return bh_result(bh_hc(BH_HC_DEVICE_ADD, handle, id, base));
}

unsigned smmu_device_report_reserved(const union smmu_devid *devid, unsigned offset,
				     struct smmu_map_entry *resv, unsigned nresv)
{
	unsigned count = nresv > BH_ARG_ENTRY_MAX ? BH_ARG_ENTRY_MAX : nresv;
	struct bh_regs r = { { BH_HC(BH_HC_REPORT_RESERVED), 0, 0, offset, count, 0, 0, 0 } };
	int err = smmu_devid_encode(devid, &r.x[1], &r.x[2]);
	const uint64_t *page;
	int64_t total;
	unsigned i;

	if (err != 0 || (resv == NULL && nresv != 0)) {
		return (unsigned)bh_result(-BH_EINVAL);
	}
	page = smmu_arg_page();
	if (page == NULL) {
		return (unsigned)bh_result(-BH_EFAULT);
	}
	total = bh_call(&r);
	for (i = 0; i < count && (int64_t)i < total; i++) {
		resv[i].phys = page[2 * i];
		resv[i].len = page[2 * i + 1];
	}
	return (unsigned)bh_result(total);
}

int smmu_xfer_notify(const struct sigevent *evp)
{
	int64_t err;

	if (evp != NULL && evp->sigev_notify != SIGEV_VIRQ) {
		return bh_result(-BH_EINVAL);
	}
	err = bh_hc(BH_HC_XFER_NOTIFY, evp != NULL, 0, 0);
	return err < 0 ? bh_result(err) : 1;
}

int smmu_xfer_status(struct smmu_status *ssp)
{
	struct bh_fault f;

	if (ssp == NULL) {
		return bh_result(-BH_EINVAL);
	}
	if (bh_xfer_status(&f) != 0) {
		return -1;
	}
	ssp->hw_specific = f.hw[0];
	ssp->fault_addr = f.addr;
	ssp->devid = f.devid;
	ssp->flags = f.flags;
	return 0;
}
