/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smmu_* hypercalls: registers in, one smmu_*() call, registers out. Batches are copied out of the argument page
 * once, before anything is looked at. No policy, no table word, no hardware word is in this file.
 */
#include <hyp/hypercall.h>

enum {
	DEVID_TYPE_SHIFT = 56,
	SAFETY_NO = 0, /* nobody has certified this hypervisor: SMMUMAN_SAFETY_NO */
};

#define DEVID_PCI_BITS (0xffffull | BH_DEVID_ANY_BUS | BH_DEVID_ANY_DEV | BH_DEVID_ANY_FUNC)
#define DEVID_BITS     ((1ull << DEVID_TYPE_SHIFT) - 1)

_Static_assert(CFG_DEV_PCI == (int)BH_DEVID_PCI && CFG_DEV_MMIO == (int)BH_DEVID_MMIO, "types are the ABI's");
_Static_assert(PROT_READ == (int)BH_MAP_READ && PROT_WRITE == (int)BH_MAP_WRITE && PROT_EXEC == (int)BH_MAP_EXEC,
	       "rights are the ABI's");
_Static_assert(PROT_READ << 4 == (int)BH_FAULT_READ && PROT_WRITE << 4 == (int)BH_FAULT_WRITE &&
		       PROT_EXEC << 4 == (int)BH_FAULT_EXEC,
	       "the access of a record is a right, shifted");
_Static_assert(FAULT_UNMAPPED == (int)BH_FAULT_UNMAPPED && FAULT_OTHER == (int)BH_FAULT_OTHER, "reasons are the ABI's");
_Static_assert(OBJECT_MAX == (int)BH_OBJECT_MAX && MAPPING_MAX == (int)BH_MAPPING_MAX &&
		       FAULT_RING == (int)BH_RING_MAX,
	       "limits are the ABI's");

/* Copies of the batch being worked on; a vCPU is pinned, so its CPU's copy is its own. */
static struct smmu_region batch[CPU_MAX][BH_ARG_ENTRY_MAX];

/* --- Device identifiers ----------------------------------------------------------------------- */

static uint32_t field_or_any(uint64_t devid, uint64_t any, unsigned shift, uint32_t mask)
{
	return devid & any ? (uint32_t)DEVID_ANY : (uint32_t)(devid >> shift) & mask;
}

bool hc_devid_decode(uint64_t devid, uint64_t base, struct smmu_devid *id)
{
	uint64_t type = devid >> DEVID_TYPE_SHIFT;

	if (type == BH_DEVID_PCI) {
		*id = (struct smmu_devid){
			.type = CFG_DEV_PCI,
			.bus = field_or_any(devid, BH_DEVID_ANY_BUS, 8, 0xff),
			.dev = field_or_any(devid, BH_DEVID_ANY_DEV, 3, 0x1f),
			.func = field_or_any(devid, BH_DEVID_ANY_FUNC, 0, 7),
		};
		return (devid & DEVID_BITS & ~DEVID_PCI_BITS) == 0;
	}
	*id = (struct smmu_devid){ .type = CFG_DEV_MMIO, .phys = base, .length = (uint32_t)devid };
	return type == BH_DEVID_MMIO && (devid & DEVID_BITS) >> 32 == 0;
}

uint64_t hc_devid_encode(const struct cfg_device *d)
{
	if (!d) {
		return BH_DEVID_NONE << DEVID_TYPE_SHIFT;
	}
	if (d->kind == CFG_DEV_PCI) {
		return (BH_DEVID_PCI << DEVID_TYPE_SHIFT) | d->bdf;
	}
	return BH_DEVID_MAKE_MMIO(d->mmio_size & 0xffffffffu);
}

/* --- Calls ------------------------------------------------------------------------------------ */

void hc_smmu_init(struct vcpu *vcpu)
{
	hc_status(vcpu, smmu_init(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0)));
}

void hc_smmu_fini(struct vcpu *vcpu)
{
	hc_status(vcpu, smmu_fini(vcpu->vm));
}

void hc_smmu_safety(struct vcpu *vcpu)
{
	hc_status(vcpu, SAFETY_NO);
}

void hc_smmu_obj_create(struct vcpu *vcpu)
{
	hc_status(vcpu, smmu_obj_create(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0)));
}

void hc_smmu_obj_destroy(struct vcpu *vcpu)
{
	hc_status(vcpu, smmu_obj_destroy(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0)));
}

void hc_smmu_device_add(struct vcpu *vcpu)
{
	struct smmu_devid id;

	if (!hc_devid_decode(arch_vcpu_hc_arg(vcpu, 1), arch_vcpu_hc_arg(vcpu, 2), &id)) {
		hc_status(vcpu, -BH_EINVAL);
		return;
	}
	hc_status(vcpu, smmu_device_add(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0), &id));
}

static __attribute__((noinline)) void mapping_add_one(struct vcpu *vcpu)
{
	struct smmu_region r = { arch_vcpu_hc_arg(vcpu, 2), arch_vcpu_hc_arg(vcpu, 3) };

	hc_status(vcpu, smmu_mapping_add(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0), arch_vcpu_hc_arg(vcpu, 1), &r, 1,
					 arch_vcpu_hc_arg(vcpu, 4)));
}

void hc_smmu_mapping_add(struct vcpu *vcpu)
{
	int r = smmu_mapping_try(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0), arch_vcpu_hc_arg(vcpu, 1),
				 arch_vcpu_hc_arg(vcpu, 2), arch_vcpu_hc_arg(vcpu, 3));

	if (r <= 0) {
		hc_status(vcpu, r);
	} else {
		mapping_add_one(vcpu);
	}
}

/* One look at each word: what is checked and used afterwards is ours. */
static void batch_copy(const struct vcpu *vcpu, struct smmu_region *to, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		to[i].addr = arg_word_read(vcpu, 2 * i);
		to[i].size = arg_word_read(vcpu, 2 * i + 1);
	}
}

void hc_smmu_mapping_add_n(struct vcpu *vcpu)
{
	uint64_t count = arch_vcpu_hc_arg(vcpu, 2);
	struct smmu_region *r = batch[vcpu->cpu];

	if (count == 0) {
		hc_status(vcpu, -BH_EINVAL);
	} else if (count > BH_ARG_ENTRY_MAX) {
		hc_status(vcpu, -BH_E2BIG);
	} else if (!vcpu->arg_page) {
		hc_status(vcpu, -BH_EFAULT);
	} else {
		batch_copy(vcpu, r, (unsigned)count);
		hc_status(vcpu, smmu_mapping_add(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0), arch_vcpu_hc_arg(vcpu, 1), r,
						 (unsigned)count, arch_vcpu_hc_arg(vcpu, 3)));
	}
}

void hc_smmu_report_reserved(struct vcpu *vcpu)
{
	uint64_t count = arch_vcpu_hc_arg(vcpu, 3);
	struct smmu_region *r = batch[vcpu->cpu];
	struct smmu_devid id;
	int64_t total;

	if (!hc_devid_decode(arch_vcpu_hc_arg(vcpu, 0), arch_vcpu_hc_arg(vcpu, 1), &id)) {
		hc_status(vcpu, -BH_EINVAL);
		return;
	}
	if (count != 0 && !vcpu->arg_page) {
		hc_status(vcpu, -BH_EFAULT);
		return;
	}
	count = count < BH_ARG_ENTRY_MAX ? count : BH_ARG_ENTRY_MAX;
	total = smmu_device_report_reserved(vcpu->vm, &id, arch_vcpu_hc_arg(vcpu, 2), r, (unsigned)count);
	for (unsigned i = 0; i < count && (int64_t)i < total; i++) {
		arg_word_write(vcpu, 2 * i, r[i].addr);
		arg_word_write(vcpu, 2 * i + 1, r[i].size);
	}
	hc_status(vcpu, total);
}

void hc_smmu_xfer_notify(struct vcpu *vcpu)
{
	hc_status(vcpu, smmu_xfer_notify(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0)));
}

static uint64_t fault_flags(const struct fault_record *r)
{
	uint64_t flags = (uint64_t)r->fault.reason & BH_FAULT_REASON_MASK;

	flags |= ((uint64_t)r->fault.access & (PROT_READ | PROT_WRITE | PROT_EXEC)) << 4;
	flags |= (uint64_t)r->vm << BH_FAULT_VM_SHIFT;
	flags |= r->fault.addr_valid ? BH_FAULT_ADDR_VALID : 0;
	flags |= r->muted ? BH_FAULT_MUTED : 0;
	flags |= r->dropped ? BH_FAULT_DROPPED : 0;
	return flags;
}

void hc_smmu_xfer_status(struct vcpu *vcpu)
{
	struct fault_record rec;
	const struct endpoint *ep;
	const struct cfg_device *d;
	int64_t err = smmu_xfer_status(vcpu->vm, &rec);

	hc_status(vcpu, err);
	if (err) {
		return;
	}
	ep = endpoint_by_index(rec.endpoint);
	d = ep ? ep->cfg : NULL;
	arch_vcpu_hc_ret(vcpu, 1, rec.fault.addr_valid ? rec.fault.addr : 0);
	arch_vcpu_hc_ret(vcpu, 2, hc_devid_encode(d));
	arch_vcpu_hc_ret(vcpu, 3, d && d->kind == CFG_DEV_MMIO ? d->mmio : 0);
	arch_vcpu_hc_ret(vcpu, 4, fault_flags(&rec));
	arch_vcpu_hc_ret(vcpu, 5, rec.fault.hw[0]);
	arch_vcpu_hc_ret(vcpu, 6, rec.fault.hw[1]);
	arch_vcpu_hc_ret(vcpu, 7, rec.time);
}

void hc_smmu_unmute(struct vcpu *vcpu)
{
	struct smmu_devid id;

	if (!hc_devid_decode(arch_vcpu_hc_arg(vcpu, 0), arch_vcpu_hc_arg(vcpu, 1), &id)) {
		hc_status(vcpu, -BH_EINVAL);
		return;
	}
	hc_status(vcpu, smmu_device_unmute(vcpu->vm, &id));
}

void hc_smmu_stats(struct vcpu *vcpu)
{
	struct smmu_stats s;
	int64_t err = smmu_obj_stats(vcpu->vm, arch_vcpu_hc_arg(vcpu, 0), &s);

	hc_status(vcpu, err);
	if (err) {
		return;
	}
	arch_vcpu_hc_ret(vcpu, 1, s.object.maps);
	arch_vcpu_hc_ret(vcpu, 2, s.object.unmaps);
	arch_vcpu_hc_ret(vcpu, 3, s.object.invalidations);
	arch_vcpu_hc_ret(vcpu, 4, s.object.faults);
	arch_vcpu_hc_ret(vcpu, 5, s.pages_free);
}
