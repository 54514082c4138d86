/* SPDX-License-Identifier: Apache-2.0 */
/* Units, pools and domains for the tests of the SMMUv3 driver. Host addresses are physical addresses. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/iommu.h>
#include <hyp/pgtable.h>

#include "fake/fake.h"
#include "model/smmuv3_model.h"

#define UNIT_BASE(n) (0x9050000u + 0x100000u * (n))

/* Somewhere for devices to go; never written. */
#define TARGET_A 0x10000000ull
#define TARGET_B 0x20000000ull

extern struct iommu_unit units_under_test[UNIT_MAX];
#define U(n) (&units_under_test[n])

void setup_unit(unsigned n, const struct smmuv3_model_opts *o); /* model and struct iommu_unit, nothing called */
void setup_running(unsigned n, const struct smmuv3_model_opts *o); /* probed, blocked, enabled */
void setup_domain(struct iommu_domain *d, unsigned n, uint16_t id); /* for unit n: its format and coherence */
void setup_domain_levels(struct iommu_domain *d, unsigned n, uint16_t id, unsigned levels);

void map(struct iommu_domain *d, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot);
struct pt_change unmap(struct iommu_domain *d, uint64_t iova, uint64_t size);

int setup_each(void **state);    /* CMocka set-up of every test: everything back to the start */
int teardown_each(void **state);

#define assert_blocked(n, sid, iova, write) \
	assert_int_equal(smmuv3_model_peek((n), (sid), (iova), (write), NULL), SMMUV3_DMA_BLOCKED)
#define assert_works(n, sid, iova, write, pa) assert_true(smmuv3_model_certain((n), (sid), (iova), (write), (pa)))
#define T(f) cmocka_unit_test_setup_teardown(f, setup_each, teardown_each)
