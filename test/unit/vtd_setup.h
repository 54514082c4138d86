/* SPDX-License-Identifier: Apache-2.0 */
/* Units 0 and 1, pools and domains for the tests of the VT-d driver. Host addresses are physical addresses. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bulkhead/errno.h>
#include <drv/intremap.h>
#include <drv/iommu_hw.h>
#include <hyp/iommu.h>
#include <hyp/pgtable.h>

#include "fake/fake.h"
#include "model/vtd_model.h"

#define UNIT_BASE(n) (0xfed90000u + 0x1000u * (n))

/* Somewhere for devices to go; never written. */
#define TARGET_A 0x10000000ull
#define TARGET_B 0x20000000ull

#define FAULT_IRQ(n) (70u + (n)) /* of unit n's event message */

extern struct iommu_unit units_under_test[UNIT_MAX];
#define U(n) (&units_under_test[n])

void setup_unit(unsigned n, const struct vtd_model_opts *o); /* model and struct iommu_unit, nothing called */
void setup_blocked(unsigned n, const struct vtd_model_opts *o); /* probed, blocked */
void setup_running(unsigned n, const struct vtd_model_opts *o); /* and enabled */
void setup_domain(struct iommu_domain *d, unsigned n, uint16_t id); /* for unit n: its format, width and coherence */
void setup_domain_levels(struct iommu_domain *d, unsigned n, uint16_t id, unsigned levels);

/*
 * The unit's kinds that matter for caches and tables: coherent or not, caching mode, write buffer, widths, page sizes,
 * selective invalidation or not, hardware that flushes at SRTP.
 */
enum { FLAVOURS_QI = 10, FLAVOURS = 12 }; /* those from FLAVOURS_QI on have no queue, so no interrupt remapping */
struct vtd_model_opts flavour(unsigned i);

void map(struct iommu_domain *d, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot);
struct pt_change unmap(struct iommu_domain *d, uint64_t iova, uint64_t size);

/* map() and what the core does next where the unit needs it (CM, RWBF): everybody can use the mapping now. */
void map_sync(unsigned n, struct iommu_domain *d, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot);

int setup_each(void **state);    /* CMocka set-up of every test: everything back to the start */
int teardown_each(void **state);

#define assert_blocked(n, sid, iova, write) \
	assert_int_equal(vtd_model_peek((n), (sid), (iova), (write), NULL), VTD_DMA_BLOCKED)
#define assert_works(n, sid, iova, write, pa) assert_true(vtd_model_certain((n), (sid), (iova), (write), (pa)))
#define T(f) cmocka_unit_test_setup_teardown(f, setup_each, teardown_each)
