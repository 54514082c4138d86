/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt remapping side of an IOMMU unit [VT-d 5.1]. One table per unit, INTREMAP_ENTRIES long, indexed by our
 * interrupt number; what is not set is blocked [I3]. These functions take the unit's lock themselves.
 */
#pragma once

#include <hyp/iommu.h>

enum { INTREMAP_ENTRIES = 256 };

struct intremap_entry {
	uint8_t vector;
	uint32_t apic_id;
	uint16_t sid;  /* only this requester may use the entry */
	bool level;
};

bool intremap_on(const struct iommu_unit *u); /* remapping is enabled; false before iommu_hw_block(), too */

/* e NULL: blocked. Complete on return. -BH_EIO: the unit did not confirm. */
int intremap_set(struct iommu_unit *u, uint32_t index, const struct intremap_entry *e) __must_check;
