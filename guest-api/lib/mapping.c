/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smmu_mapping_add(): one entry travels in registers, more in the argument page. A request that is larger than
 * one hypercall may do becomes several; if one of them fails, what the earlier ones added is removed again.
 * How an entry is cut depends only on its address and length, never on rights, target or what happens to be
 * mapped: the removal of a region cuts it into the same pieces as its addition did, as the hypervisor demands.
 */
#include "smmu_internal.h"

#define KIB4 0x1000ull
#define GIB1 0x40000000ull /* with 2 MiB leaves and ragged ends about 1,500 of the 4,096 entries of one call */

struct request {
	uint64_t handle;
	uint64_t flags;
	uint64_t target;
	const struct smmu_map_entry *entry;
	unsigned count;
};

/* Where in the request the next piece starts. */
struct cursor {
	unsigned entry;
	uint64_t offset; /* within that entry */
	uint64_t target;
};

struct piece {
	uint64_t addr;
	uint64_t size;
	uint64_t target;
	uint64_t leaves; /* page-table entries it takes at most when nothing else is mapped around it */
};

static uint64_t leaves_of(uint64_t addr, uint64_t size)
{
	uint64_t pages = ((addr + size - 1) / KIB4) - addr / KIB4 + 1;

	return pages <= 1024 ? pages : 1022 + pages / 512; /* ragged ends in pages, 2 MiB leaves between them */
}

/* Takes the next piece; false at the end. Entries the hypervisor will refuse (no length, wrap) are one piece. */
static bool piece_next(const struct request *q, struct cursor *c, struct piece *p)
{
	uint64_t len, step;

	if (c->entry == q->count) {
		return false;
	}
	len = q->entry[c->entry].len;
	p->addr = q->entry[c->entry].phys + c->offset;
	p->size = len - c->offset;
	p->target = c->target;
	step = GIB1 - (p->addr & (GIB1 - 1)); /* up to the next multiple */
	if (p->size > step && p->addr + (p->size - 1) > p->addr) {
		p->size = step;
	}
	c->offset += p->size;
	c->target += p->size;
	if (c->offset == len) {
		c->entry++;
		c->offset = 0;
	}
	p->leaves = leaves_of(p->addr, p->size);
	return true;
}

static int64_t submit_one(const struct request *q, const struct piece *p)
{
	struct bh_regs r = { { BH_HC(BH_HC_MAPPING_ADD), q->handle, q->flags, p->addr, p->size, p->target, 0, 0 } };

	return bh_call(&r);
}

static int64_t submit_page(const struct request *q, unsigned count)
{
	struct bh_regs r = { { BH_HC(BH_HC_MAPPING_ADD_N), q->handle, q->flags, count, 0, 0, 0, 0 } };

	return bh_call(&r);
}

/* Handles up to limit pieces one call each; *done counts those that succeeded. stop: at the first error. */
static int64_t run_single(const struct request *q, struct cursor *c, uint64_t limit, bool stop, uint64_t *done)
{
	int64_t first = 0;
	struct piece p;

	while (limit-- > 0 && piece_next(q, c, &p)) {
		int64_t err = submit_one(q, &p);

		if (err < 0) {
			first = first != 0 ? first : err;
			if (stop) {
				break;
			}
		} else {
			(*done)++;
		}
	}
	return first;
}

/* Fills the page from the cursor on with as many pieces as one call may take, at least one. */
static unsigned fill_page(const struct request *q, struct cursor *c, uint64_t *page)
{
	struct cursor next = *c;
	uint64_t leaves = 0;
	unsigned count = 0;
	struct piece p;

	while (count < BH_ARG_ENTRY_MAX && piece_next(q, &next, &p)) {
		if (count != 0 && leaves + p.leaves > BH_LEAF_MAX) {
			break;
		}
		leaves += p.leaves;
		page[2 * count] = p.addr;
		page[2 * count + 1] = p.size;
		count++;
		*c = next;
	}
	return count;
}

/*
 * Several pieces per call. A call refused with E2BIG (tables around it made more entries than expected) is
 * repeated piece by piece.
 */
static int64_t run_batches(const struct request *q, uint64_t *page, bool stop, uint64_t *done)
{
	struct cursor c = { 0, 0, q->target };
	int64_t first = 0;

	while (c.entry < q->count) {
		struct cursor start = c;
		unsigned count = fill_page(q, &c, page);
		int64_t err = submit_page(q, count);

		if (err >= 0) {
			*done += count;
			continue;
		}
		if (err == -BH_E2BIG || !stop) {
			err = run_single(q, &start, count, stop, done);
		}
		if (err < 0) {
			first = first != 0 ? first : err;
			if (stop) {
				break;
			}
		}
	}
	return first;
}

/* Several pieces, in as few calls as possible. Those with a target go one by one: the ABI has one target a call. */
static int64_t run(const struct request *q, bool stop, uint64_t *done)
{
	struct cursor c = { 0, 0, q->target };
	uint64_t *page;

	if ((q->flags & SMF_TARGET) != 0) {
		return run_single(q, &c, UINT64_MAX, stop, done);
	}
	page = smmu_arg_page();
	return page == NULL ? -BH_EFAULT : run_batches(q, page, stop, done);
}

/* Removes the first `done` pieces again. An error here is the same unit's that made us come here. */
static void take_back(const struct request *q, uint64_t done)
{
	struct request undo = *q;
	struct cursor c = { 0, 0, q->target };
	uint64_t removed = 0;

	undo.flags = SMF_NONE;
	(void)run_single(&undo, &c, done, false, &removed);
}

/* One piece only: the common case, and the only one that needs no argument page. */
static bool is_single(const struct request *q)
{
	const struct smmu_map_entry *e = q->entry;

	return q->count == 1 && e->len <= GIB1 && (e->phys ^ (e->phys + e->len - 1)) < GIB1;
}

int smmu_mapping_add(struct smmu_object *sop, unsigned flags, pid_t pid, unsigned num_entries,
		     const struct smmu_map_entry *entries, uint64_t target)
{
	struct request q = { smmu_handle(sop), flags, (flags & SMF_TARGET) != 0 ? target : 0, entries, num_entries };
	bool adding = (flags & (SMF_READ | SMF_WRITE | SMF_EXEC)) != 0;
	uint64_t done = 0;
	int64_t err;

	if (q.handle == 0) {
		return bh_result(-BH_EBADF);
	}
	if (entries == NULL || num_entries == 0 || pid != 0) {
		return bh_result(-BH_EINVAL);
	}
	if (is_single(&q)) {
		struct piece p = { entries->phys, entries->len, q.target, 0 };

		return bh_result(submit_one(&q, &p));
	}
	err = run(&q, adding, &done);
	if (err < 0 && adding) {
		take_back(&q, done);
	}
	return bh_result(err < 0 ? err : 0);
}
