/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of libsmmu share; not for its users. */
#pragma once

#include <stdbool.h>

#include <smmu.h>

#include <bulkhead/hc.h>

struct smmu_object {
	uint32_t state;  /* enum smmu_slot */
	uint64_t handle; /* the hypervisor's name for it */
};

enum smmu_slot { SLOT_FREE, SLOT_TAKEN, SLOT_READY };

/* The handle of a live object of ours; 0 for anything else. */
uint64_t smmu_handle(const struct smmu_object *sop);

/* The device in the two registers of the ABI. -BH_EINVAL: NULL, unknown type, field out of range. */
int smmu_devid_encode(const union smmu_devid *devid, uint64_t *id, uint64_t *base);
void smmu_devid_decode(uint64_t id, uint64_t base, union smmu_devid *devid);

/* This vCPU's argument page, registered with the hypervisor; NULL: it refused. */
uint64_t *smmu_arg_page(void);
