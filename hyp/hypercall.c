/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Number → handler. The architecture's trap code indexes the table itself, after it has checked the number. A handler
 * never fails the hypervisor: any register contents end in a status in x0.
 */
#include <hyp/hypercall.h>

#include <hyp/entry.h>

hypercall_fn *const hypercall_table[] = {
	[BH_HC_VERSION] = hc_version,
	[BH_HC_ARG_PAGE] = hc_arg_page,
	[BH_HC_SMMU_INIT] = hc_smmu_init,
	[BH_HC_SMMU_FINI] = hc_smmu_fini,
	[BH_HC_SMMU_SAFETY] = hc_smmu_safety,
	[BH_HC_OBJ_CREATE] = hc_smmu_obj_create,
	[BH_HC_OBJ_DESTROY] = hc_smmu_obj_destroy,
	[BH_HC_DEVICE_ADD] = hc_smmu_device_add,
	[BH_HC_MAPPING_ADD] = hc_smmu_mapping_add,
	[BH_HC_MAPPING_ADD_N] = hc_smmu_mapping_add_n,
	[BH_HC_REPORT_RESERVED] = hc_smmu_report_reserved,
	[BH_HC_XFER_NOTIFY] = hc_smmu_xfer_notify,
	[BH_HC_XFER_STATUS] = hc_smmu_xfer_status,
	[BH_HC_UNMUTE] = hc_smmu_unmute,
	[BH_HC_STATS] = hc_smmu_stats,
	[BH_HC_DEBUG_STREAM] = hc_debug_stream,
	[BH_HC_DEBUG_WALK] = hc_debug_walk,
	[BH_HC_DEBUG_REPORT] = hc_debug_report,
};

_Static_assert(ARRAY_COUNT(hypercall_table) == BH_HC_COUNT, "a handler for every number");

void hc_version(struct vcpu *vcpu)
{
	arch_vcpu_hc_ret(vcpu, 0, BH_ABI_VERSION);
	arch_vcpu_hc_ret(vcpu, 1, 0); /* no optional features yet */
	arch_vcpu_hc_ret(vcpu, 2, vcpu->vm->index);
	arch_vcpu_hc_ret(vcpu, 3, vcpu->vm->cfg->fault_virq);
}
