/* SPDX-License-Identifier: Apache-2.0 */
/* Number → handler. Handlers decode registers, nothing else; policy is in the smmu_*() functions. */
#pragma once

#include <bulkhead/abi.h>
#include <bulkhead/errno.h>
#include <hyp/vm.h>

typedef void hypercall_fn(struct vcpu *vcpu);

/* hc_smmu.c, hc_debug.c: results go to the caller's registers with arch_vcpu_hc_ret(). */
void hc_version(struct vcpu *vcpu);
void hc_arg_page(struct vcpu *vcpu);
void hc_smmu_init(struct vcpu *vcpu);
void hc_smmu_fini(struct vcpu *vcpu);
void hc_smmu_safety(struct vcpu *vcpu);
void hc_smmu_obj_create(struct vcpu *vcpu);
void hc_smmu_obj_destroy(struct vcpu *vcpu);
void hc_smmu_device_add(struct vcpu *vcpu);
void hc_smmu_mapping_add(struct vcpu *vcpu);
void hc_smmu_mapping_add_n(struct vcpu *vcpu);
void hc_smmu_report_reserved(struct vcpu *vcpu);
void hc_smmu_xfer_notify(struct vcpu *vcpu);
void hc_smmu_xfer_status(struct vcpu *vcpu);
void hc_smmu_unmute(struct vcpu *vcpu);
void hc_smmu_stats(struct vcpu *vcpu);
void hc_debug_stream(struct vcpu *vcpu);
void hc_debug_walk(struct vcpu *vcpu);
void hc_debug_report(struct vcpu *vcpu);
