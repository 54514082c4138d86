/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page pools: owns the static arena and cuts it up at boot; afterwards each pool is changed only under its
 * owner's lock. A free page is all zero, so that no table ever starts with somebody's old entries [I7].
 */
#include <hyp/pool.h>

#include <bulkhead/errno.h>
#include <hyp/check.h>

static uint16_t arena_used;

int pool_init(struct pool *p, unsigned pages)
{
	if (pages == 0 || pages > (unsigned)(hyp_pool_arena_pages - arena_used)) {
		return -BH_ENOMEM;
	}
	p->base = hyp_pool_arena + (size_t)arena_used * PAGE_SIZE;
	p->next = hyp_pool_links + arena_used;
	p->count = (uint16_t)pages;
	p->free_count = (uint16_t)pages;
	p->low = (uint16_t)pages;
	p->head = 0;
	for (unsigned i = 0; i < pages; i++) {
		p->next[i] = (uint16_t)(i + 1 < pages ? i + 1 : (unsigned)POOL_NIL);
	}
	arena_used = (uint16_t)(arena_used + pages);
	return 0;
}

void *pool_get(struct pool *p)
{
	uint16_t n = p->head;

	if (n == POOL_NIL) {
		return NULL;
	}
	p->head = p->next[n];
	p->free_count--;
	if (p->free_count < p->low) {
		p->low = p->free_count;
	}
	return p->base + (size_t)n * PAGE_SIZE;
}

void pool_put(struct pool *p, void *page)
{
	size_t off = (size_t)((uint8_t *)page - p->base);
	uint16_t n = (uint16_t)(off / PAGE_SIZE);

	CHECK((uint8_t *)page >= p->base && off % PAGE_SIZE == 0 && off / PAGE_SIZE < p->count);
	p->next[n] = p->head;
	p->head = n;
	p->free_count++;
	CHECK(p->free_count <= p->count);
}
