/* SPDX-License-Identifier: Apache-2.0 */
/* Number → handler. Handlers decode registers, nothing else; policy is in the smmu_*() functions. */
#pragma once

#include <bulkhead/abi.h>
#include <bulkhead/errno.h>
#include <hyp/vm.h>

static inline void hc_status(struct vcpu *vcpu, int64_t status)
{
	arch_vcpu_hc_ret(vcpu, 0, (uint64_t)status);
}

/* BH_DEVID and MMIO base → *id. False: reserved bits or an unknown type. */
bool hc_devid_decode(uint64_t devid, uint64_t base, struct smmu_devid *id);

/* The reverse, for one exact device; d NULL: no device known. */
uint64_t hc_devid_encode(const struct cfg_device *d);

/*
 * hc_arg.c: the page a vCPU registered. Words are read and written one by one, each once: other vCPUs of the
 * partition may change them at any time, so what is checked must be a copy.
 */
enum { ARG_WORDS = 512 };
uint64_t arg_word_read(const struct vcpu *vcpu, unsigned index);
void arg_word_write(const struct vcpu *vcpu, unsigned index, uint64_t v);

/* A partition stops: its pages are no longer mapped for us. */
void hypercall_vm_stop(struct vm *vm);

/* hc_arg.c, hc_smmu.c, hc_debug.c: results go to the caller's registers with arch_vcpu_hc_ret(). */
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
