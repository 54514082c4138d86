/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping records: what a client asked for, to the byte. Owns the hash that finds the record of an exact address and
 * length without a search, and the arithmetic of overlaps: rights of a page are the union of the records that cover
 * it. Sizes are fixed and every walk is bounded by MAPPING_MAX [I6]. All functions run under the client's lock.
 */
#include <hyp/iommu_priv.h>

#include <hyp/check.h>

struct smmu_mapping *record_find(struct iommu_client *c, unsigned object, const struct smmu_region *r, uint16_t tag)
{
	uint16_t n = *record_link(c, object, r->addr, r->size, tag);

	return n != 0 ? &c->mapping[n - 1] : NULL;
}

struct smmu_mapping *record_new(struct iommu_client *c, unsigned object, const struct smmu_region *r, uint16_t tag)
{
	struct smmu_mapping *m;

	if (!record_room(c)) {
		return NULL;
	}
	m = record_take(c, &c->hash[record_hash(r->addr, object)]);
	m->iova = r->addr;
	m->size = r->size;
	m->object = (uint8_t)object;
	m->pending = true;
	m->tag = tag;
	return m;
}

void record_free(struct iommu_client *c, struct smmu_mapping *m)
{
	uint16_t *link = record_link(c, m->object, m->iova, m->size, m->tag);

	CHECK(*link != 0 && &c->mapping[*link - 1] == m);
	record_unlink(c, link);
}

void record_drop_object(struct iommu_client *c, unsigned object)
{
	for (unsigned i = 0; i < c->mapping_top; i++) {
		struct smmu_mapping *m = &c->mapping[i];

		if (m->used && m->object == object) {
			c->overlap -= m->shared ? (uint32_t)record_near(c, m, true) : 0;
			record_free(c, m);
		}
	}
	for (unsigned i = 0; i < UNMAPPED_MAX; i++) {
		if (c->gone[i].object == object) {
			c->gone[i].used = false;
		}
	}
}

static uint64_t max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t record_near(struct iommu_client *c, const struct smmu_mapping *m, bool count_pending)
{
	uint64_t start = mapping_start(m);
	uint64_t last = mapping_last(m);
	uint64_t pages = 0;

	c->near_count = 0;
	for (unsigned i = 0; i < c->mapping_top; i++) {
		struct smmu_mapping *k = &c->mapping[i];
		uint64_t from = max64(start, mapping_start(k));
		uint64_t to = min64(last, mapping_last(k));

		if (k == m || !k->used || k->object != m->object || from > to) {
			continue;
		}
		c->near[c->near_count++] = (uint16_t)i;
		if (count_pending || !k->pending) {
			pages += (to - from + 1) >> PAGE_SHIFT;
		}
	}
	return pages;
}

struct segment record_segment(const struct iommu_client *c, const struct smmu_mapping *m, uint64_t pos)
{
	struct segment s = { .start = pos, .prot = PROT_NONE, .count = 0 };
	uint64_t last = mapping_last(m);

	for (unsigned i = 0; i < c->near_count; i++) {
		const struct smmu_mapping *k = &c->mapping[c->near[i]];

		if (mapping_start(k) > pos) {
			last = min64(last, mapping_start(k) - 1);
		} else if (mapping_last(k) >= pos) {
			last = min64(last, mapping_last(k));
			s.prot |= k->prot;
			s.count++;
		}
	}
	s.size = last - pos + 1;
	return s;
}
