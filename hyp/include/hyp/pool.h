/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page pools: one per partition and one of our own, so that a partition can exhaust only itself.
 * Every free page is all zero; whoever puts one back has cleared it, so taking one costs a few instructions.
 */
#pragma once

#include <hyp/spinlock.h>
#include <hyp/types.h>

struct pool {
	uint8_t *base;      /* page aligned; page n at base + n * PAGE_SIZE */
	uint16_t *next;     /* free list, by page number; kept outside the pages so that they stay zero */
	uint16_t count;
	uint16_t free_count;
	uint16_t head;
	uint16_t low;       /* smallest free_count ever: for the report */
};

enum { POOL_NIL = 0xffff };

/*
 * Where pools are cut from: one static array, defined once per image by the configuration file, so that the
 * linker counts every page. HYP_POOL_ARENA(n) at file scope in configs/X.c.
 */
extern uint8_t hyp_pool_arena[];
extern uint16_t hyp_pool_links[];
extern const uint16_t hyp_pool_arena_pages;

enum { HYP_MAP_PAGES = 48 }; /* our own map; added to what the configuration counts */

#define HYP_POOL_ARENA(n)                                                      \
	uint8_t hyp_pool_arena[((n) + HYP_MAP_PAGES) * 4096UL] __page_aligned; \
	uint16_t hyp_pool_links[(n) + HYP_MAP_PAGES];                          \
	const uint16_t hyp_pool_arena_pages = (n) + HYP_MAP_PAGES

/* Cuts `pages` zeroed pages for a new pool out of the hypervisor's static arena. Boot only. */
int pool_init(struct pool *p, unsigned pages) __must_check;

/* A zeroed page, or NULL if the pool is empty. The owner's lock is held by the caller. */
void *pool_get(struct pool *p);

/* Takes back a page of this pool; it must be all zero. */
void pool_put(struct pool *p, void *page);
