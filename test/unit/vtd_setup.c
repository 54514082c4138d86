/* SPDX-License-Identifier: Apache-2.0 */
#include "vtd_setup.h"

#include <string.h>

#include <arch/msi.h>
#include <hyp/pool.h>

enum { POOL_PAGES = 512, UNITS_USED = 2 };

struct iommu_unit units_under_test[UNIT_MAX];
bool iommu_some_failed; /* hyp/iommu.c's */

static struct pool pool;
static uint8_t pages[POOL_PAGES * PAGE_SIZE] __page_aligned;
static uint16_t links[POOL_PAGES];

/* pool_init() needs an arena; the tests have their own pages. */
HYP_POOL_ARENA(1);

void arch_msi_make(uint32_t irq, unsigned cpu, struct msi_msg *out)
{
	*out = (struct msi_msg){ .addr = 0xfee00000u | (cpu << 12), .data = irq };
}

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
	/* The driver's tables go back when a unit starts afresh. */
	fake_reset();
	for (i = 0; i < UNITS_USED; i++) {
		struct vtd_model_opts o = vtd_model_default();

		setup_unit(i, &o);
		if (iommu_hw_probe(U(i)) != 0 || iommu_hw_block(U(i)) != 0) {
			return -1;
		}
	}
	return 0;
}

void setup_unit(unsigned n, const struct vtd_model_opts *o)
{
	vtd_model_create(n, UNIT_BASE(n), o);
	*U(n) = (struct iommu_unit){ .id = n, .base = UNIT_BASE(n), .size = VTD_MODEL_SIZE, .timeout_us = 1000,
				     .irq = { FAULT_IRQ(n), 0, 0 } };
}

void setup_blocked(unsigned n, const struct vtd_model_opts *o)
{
	setup_unit(n, o);
	assert_int_equal(iommu_hw_probe(U(n)), 0);
	assert_int_equal(iommu_hw_block(U(n)), 0);
}

void setup_running(unsigned n, const struct vtd_model_opts *o)
{
	setup_blocked(n, o);
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
	setup_domain_levels(d, n, id, (vtd_model_reg64(n, 8) & 1 << 9) != 0 ? 3 : 4);
}

struct vtd_model_opts flavour(unsigned i)
{
	struct vtd_model_opts o = vtd_model_default();

	switch (i) {
	case 1: o.coherent = true; break;
	case 2: o.cm = true; break;
	case 3: o.rwbf = true; break;
	case 4: o.sagaw = 2; o.mgaw = 39; o.coherent = true; break;
	case 5: o.sagaw = 4; o.sllps = 1; o.esrtps = true; break;
	case 6: o.psi = false; o.cm = true; o.coherent = true; break;
	case 7: o.mamv = 0; o.sllps = 0; break;
	case 8: o.version = 0x60; o.drain = false; o.nd = 3; o.esrtps = o.esirtps = true; break;
	case 9: o.cm = o.rwbf = true; o.nfr = 8; o.mamv = 9; break;
	case 10: o.qi = o.ir = false; o.psi = false; break;
	case 11: o.qi = o.ir = false; o.cm = o.rwbf = true; break;
	default: break;
	}
	return o;
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

void map_sync(unsigned n, struct iommu_domain *d, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
	struct pt_change c = { .ia = iova, .size = size, .stale = true, .tables = true, .leaf = 7 };

	map(d, iova, pa, size, prot);
	if ((vtd_model_reg64(n, 8) & (1 << 7 | 1 << 4)) != 0) {
		iommu_hw_inv_range(U(n), d, &c);
		assert_int_equal(iommu_hw_sync(U(n)), 0);
	}
}
