/* SPDX-License-Identifier: Apache-2.0 */
#include "smmuv3_setup.h"

#include <string.h>

#include <hyp/pool.h>

enum { POOL_PAGES = 512 };

struct iommu_unit units_under_test[UNIT_MAX];

static struct pool pool;
static uint8_t pages[POOL_PAGES * PAGE_SIZE] __page_aligned;
static uint16_t links[POOL_PAGES];

/* pool_init() needs an arena; the tests have their own pages. */
HYP_POOL_ARENA(1);

int setup_each(void **state)
{
	unsigned i;

	(void)state;
	fake_reset();
	memset(units_under_test, 0, sizeof(units_under_test));
	memset(pages, 0, sizeof(pages));
	for (i = 0; i < POOL_PAGES; i++) {
		links[i] = (uint16_t)(i + 1 < POOL_PAGES ? i + 1 : (unsigned)POOL_NIL);
	}
	pool = (struct pool){ .base = pages, .next = links, .count = POOL_PAGES };
	pool.free_count = pool.low = POOL_PAGES;
	return 0;
}

int teardown_each(void **state)
{
	unsigned i;

	(void)state;
	/* The driver's second-level tables go back when a unit starts afresh. */
	fake_reset();
	for (i = 0; i < UNIT_MAX; i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();

		setup_unit(i, &o);
		if (iommu_hw_probe(U(i)) != 0 || iommu_hw_block(U(i)) != 0) {
			return -1;
		}
	}
	return 0;
}

void setup_unit(unsigned n, const struct smmuv3_model_opts *o)
{
	smmuv3_model_create(n, UNIT_BASE(n), o);
	*U(n) = (struct iommu_unit){ .id = n, .base = UNIT_BASE(n), .size = SMMUV3_MODEL_SIZE, .timeout_us = 1000 };
}

void setup_running(unsigned n, const struct smmuv3_model_opts *o)
{
	setup_unit(n, o);
	assert_int_equal(iommu_hw_probe(U(n)), 0);
	assert_int_equal(iommu_hw_block(U(n)), 0);
	assert_int_equal(iommu_hw_enable(U(n)), 0);
}

void setup_domain_levels(struct iommu_domain *d, unsigned n, uint16_t id, unsigned levels)
{
	memset(d, 0, sizeof(*d));
	d->id = id;
	d->used = true;
	assert_int_equal(pgtable_init(&d->pt, U(n)->cap.fmt, levels, U(n)->cap.coherent, &pool), 0);
}

void setup_domain(struct iommu_domain *d, unsigned n, uint16_t id)
{
	setup_domain_levels(d, n, id, 3);
}

void map(struct iommu_domain *d, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
	bool overlap;

	assert_int_equal(pgtable_prepare(&d->pt, iova, pa, size, &overlap), 0);
	assert_false(overlap);
	pgtable_map(&d->pt, iova, pa, size, prot);
}

struct pt_change unmap(struct iommu_domain *d, uint64_t iova, uint64_t size)
{
	struct pt_change c = { 0 };

	pgtable_unmap(&d->pt, iova, size, &c);
	return c;
}
