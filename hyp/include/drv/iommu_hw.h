/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU driver contract, linked and not registered. Only hyp/iommu.c and hyp/iommu_fault.c call it.
 * u->lock is held for all but probe, block and block_all_now.
 */
#pragma once

#include <hyp/iommu.h>

/* Reads capabilities into u->cap; changes no translation state. -BH_ENODEV: not a unit we can drive. */
int iommu_hw_probe(struct iommu_unit *u) __must_check;

/* From return on no stream of this unit reaches memory [I1]; works from any state a firmware left. -BH_EIO */
int iommu_hw_block(struct iommu_unit *u) __must_check;

/* Tables, queues, fault interrupts, translation on; streams not attached stay blocked. -BH_EIO, -BH_ENOMEM */
int iommu_hw_enable(struct iommu_unit *u) __must_check;

/*
 * Complete on return [I7]: the stream sees old (blocked or another domain), then blocked, then d.
 * -BH_EIO, -BH_ENOMEM, -BH_ERANGE
 */
int iommu_hw_attach(struct iommu_unit *u, sid_t sid, const struct iommu_domain *d) __must_check;

/* Blocked on return, complete. -BH_EIO: the unit did not confirm; it has been failed and blocks everything. */
int iommu_hw_detach(struct iommu_unit *u, sid_t sid) __must_check;

/* Queue invalidations; done when iommu_hw_sync() returned 0. tables: intermediate entries as well. */
void iommu_hw_inv_range(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_change *c);
void iommu_hw_inv_domain(struct iommu_unit *u, const struct iommu_domain *d);

/* 0: all commands so far are done in hardware; -BH_ETIMEDOUT, -BH_EIO: they are not, the unit must be failed. */
int iommu_hw_sync(struct iommu_unit *u) __must_check;

/* Takes one record out; false: none. *lost is set if the hardware dropped records. */
bool iommu_hw_fault_next(struct iommu_unit *u, struct iommu_fault *out, bool *lost);

/* Handles and acknowledges global errors. False: nothing was wrong; fatal is set if the unit must be failed. */
bool iommu_hw_error(struct iommu_unit *u, bool *fatal, char *text, size_t size);

/* Records the stream's faults or not; what is not mapped is blocked either way. */
int iommu_hw_mute(struct iommu_unit *u, sid_t sid, const struct iommu_domain *d, bool muted) __must_check;

/* Last resort: no lock, no wait that can last: everything blocked. */
void iommu_hw_block_now(struct iommu_unit *u);

/* Live entries for reports: raw words of the stream's entry and their meaning in words. Returns word count. */
unsigned iommu_hw_entry_read(struct iommu_unit *u, sid_t sid, uint64_t words[8], char *text, size_t size);
