/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of <bulkhead/ext.h>: registers in, structures out. Owns nothing. */
#include <bulkhead/ext.h>

#include "smmu_internal.h"

int bh_version(struct bh_version *v)
{
	struct bh_regs r = { { BH_HC(BH_HC_VERSION), 0, 0, 0, 0, 0, 0, 0 } };

	if (!bh_present()) {
		return bh_result(-BH_ENOENT);
	}
	if (bh_call(&r) < 0) {
		return bh_result((int64_t)r.x[0]);
	}
	v->abi = (uint32_t)r.x[0];
	v->features = r.x[1];
	v->partition = (unsigned)r.x[2];
	v->fault_virq = (unsigned)r.x[3];
	return 0;
}

int bh_fault_virq(void)
{
	struct bh_version v;

	return bh_version(&v) == 0 ? (int)v.fault_virq : -1;
}

int bh_xfer_status(struct bh_fault *f)
{
	struct bh_regs r = { { BH_HC(BH_HC_XFER_STATUS), 0, 0, 0, 0, 0, 0, 0 } };
	int64_t err = bh_call(&r);

	if (err < 0) {
		return bh_result(err);
	}
	f->addr = r.x[1];
	smmu_devid_decode(r.x[2], r.x[3], &f->devid);
	f->flags = (unsigned)r.x[4];
	f->partition = (f->flags & BH_FAULT_VM_MASK) >> BH_FAULT_VM_SHIFT;
	f->hw[0] = r.x[5];
	f->hw[1] = r.x[6];
	f->time = r.x[7];
	return 0;
}

int bh_device_unmute(const union smmu_devid *devid)
{
	uint64_t id, base;
	int err = smmu_devid_encode(devid, &id, &base);

	return bh_result(err != 0 ? err : bh_hc(BH_HC_UNMUTE, id, base, 0));
}

int bh_object_stats(struct smmu_object *sop, struct bh_stats *s)
{
	struct bh_regs r = { { BH_HC(BH_HC_STATS), smmu_handle(sop), 0, 0, 0, 0, 0, 0 } };
	int64_t err = r.x[1] == 0 ? -BH_EBADF : bh_call(&r);

	if (err < 0) {
		return bh_result(err);
	}
	*s = (struct bh_stats){ r.x[1], r.x[2], r.x[3], r.x[4], r.x[5] };
	return 0;
}

int bh_debug_stream(const union smmu_devid *devid, struct bh_stream *out)
{
	const uint64_t *page = smmu_arg_page();
	uint64_t id, base;
	int64_t err = smmu_devid_encode(devid, &id, &base);
	const char *text;
	size_t i;

	if (err == 0) {
		err = page == NULL ? -BH_EFAULT : bh_hc(BH_HC_DEBUG_STREAM, id, base, 0);
	}
	if (err < 0 || page == NULL) {
		return bh_result(err);
	}
	for (i = 0; i < 8; i++) {
		out->word[i] = page[i];
	}
	text = (const char *)(page + 8);
	for (i = 0; i < sizeof(out->text) - 1 && text[i] != '\0'; i++) {
		out->text[i] = text[i];
	}
	out->text[i] = '\0';
	return 0;
}

int bh_debug_walk(const union smmu_devid *devid, uint64_t addr, struct bh_walk *out)
{
	struct bh_regs r = { { BH_HC(BH_HC_DEBUG_WALK), 0, 0, addr, 0, 0, 0, 0 } };
	const uint64_t *page = smmu_arg_page();
	int64_t err = smmu_devid_encode(devid, &r.x[1], &r.x[2]);
	unsigned i;

	if (err == 0) {
		err = page == NULL ? -BH_EFAULT : bh_call(&r);
	}
	if (err < 0 || page == NULL) {
		return bh_result(err);
	}
	out->phys = r.x[1];
	out->rights = (unsigned)r.x[2];
	out->levels = (unsigned)r.x[3];
	for (i = 0; i < 4; i++) {
		out->entry[i] = page[i];
	}
	return 0;
}

int bh_debug_report(void)
{
	return bh_result(bh_hc(BH_HC_DEBUG_REPORT, 0, 0, 0));
}
