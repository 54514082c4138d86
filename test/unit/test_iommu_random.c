/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random calls from two partitions against an oracle that knows only lists: after every call each device must reach
 * exactly the union of what its object's list says [I2][I4][I5], however the call ended. Devices do DMA all
 * the time, so that everything that may be cached is. Seeds are fixed: a failure repeats.
 */
#include "iommu_world.h"

#include <stdio.h>

enum { OBJECTS = 3, LIST = 64, DEVICES = 4, STEPS = 2500, PROBES = 24 };

static const uint8_t device[DEVICES] = { EDU0, EDU1, DMA0, NIC };

struct item {
	uint64_t addr, size, delta;
	unsigned prot;
};

struct list {
	struct item item[LIST];
	unsigned count;
	bool used;
};

/* The oracle: [partition][object]; where[] is the object of each device, -1: none. */
static struct list lists[2][OBJECTS];
static int where[DEVICES];

static uint64_t random_state;
static unsigned step_no;

static uint64_t rnd(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % n;
}

static unsigned vm_of(unsigned which)
{
	return which == 0 ? DRIVER : BYSTANDER;
}

/* What the partition's own memory is, said once more and differently: host address of a page, or ~0. */
static uint64_t own_page(unsigned vm, uint64_t page, unsigned prot)
{
	static const struct {
		unsigned vm;
		uint64_t ipa, pa, size;
		unsigned prot;
	} own[] = {
		{ 0, RAM, RAM, MIB(64), RW | EX }, { 0, LOW, LOW_PA, MIB(16), RW | EX },
		{ 0, ADJ, ADJ_PA, MIB(1), RD },    { 1, BY_RAM, BY_RAM, MIB(16), RW | EX },
		{ 0, SHARED, SHARED, MIB(1), RW }, { 1, SHARED, SHARED, MIB(1), RW },
		{ 0, ADJ + MIB(1), 0xb000000, PAGE_SIZE, RW },
	};

	for (unsigned i = 0; i < ARRAY_COUNT(own); i++) {
		if (own[i].vm == vm && page >= own[i].ipa && page - own[i].ipa < own[i].size &&
		    (own[i].prot & prot) == prot) {
			return own[i].pa + (page - own[i].ipa);
		}
	}
	return ~0ull;
}

/* The one page of registers among them: an entry is memory or registers, not both. */
static bool own_registers(uint64_t page)
{
	return page == ADJ + MIB(1);
}

static const struct item *covering(const struct list *l, uint64_t page, unsigned *prot)
{
	const struct item *found = NULL;

	*prot = 0;
	for (unsigned i = 0; i < l->count; i++) {
		const struct item *it = &l->item[i];

		if (page + PAGE_MASK >= it->addr && page <= it->addr + (it->size - 1)) {
			found = it;
			*prot |= it->prot;
		}
	}
	return found;
}

static void probe(unsigned d, uint64_t page)
{
	unsigned vm = device[d] == NIC ? 1 : 0;
	const struct cfg_device *c = &world_device[device[d]];
	const struct item *it = NULL;
	unsigned prot = 0;
	uint64_t pa = 0;

	if (where[d] >= 0) {
		it = covering(&lists[vm][where[d]], page, &prot);
	}
	if (it) {
		pa = own_page(vm, page + it->delta, 0);
		assert_true(pa != ~0ull);
	}
	for (unsigned write = 0; write < 2; write++) {
		bool may = (prot & (write ? WR : RD)) != 0;

		if (may ? !world_hw.certain(c->unit, c->sid, page, write, pa) :
			  world_hw.peek(c->unit, c->sid, page, write) != DMA_BLOCKED) {
			fail_msg("step %u: device %s %s of 0x%lx is %s", step_no, c->name, write ? "write" : "read",
				 (unsigned long)page, may ? "refused" : "allowed");
		}
	}
}

/* Addresses crowd together, so that mappings overlap, and blocks get split. */
static uint64_t some_addr(unsigned vm)
{
	uint64_t base[] = { RAM, RAM + MIB(2), LOW, ADJ, vm ? BY_RAM : RAM, SHARED };
	uint64_t off = rnd(3) == 0 ? 0 : rnd(12) * 0x1000;

	if (rnd(8) == 0) {
		off += MIB(1);
	}
	return base[rnd(ARRAY_COUNT(base))] + off + (rnd(3) == 0 ? rnd(0x1000) : 0) - (rnd(10) == 0 ? 0x1000 : 0);
}

static uint64_t some_size(void)
{
	switch (rnd(8)) {
	case 0:
		return 1;
	case 1:
		return MIB(2);
	case 2:
		return MIB(2) * (1 + rnd(2)) + rnd(2) * 0x1000;
	case 3:
		return rnd(40) * 0x1000;
	default:
		return 1 + rnd(0x4000);
	}
}

static void probe_all(unsigned vm, uint64_t addr, uint64_t size)
{
	for (unsigned d = 0; d < DEVICES; d++) {
		probe(d, addr & ~PAGE_MASK);
		probe(d, (addr - 0x1000) & ~PAGE_MASK);
		if (size != 0) {
			probe(d, (addr + (size - 1)) & ~PAGE_MASK);
			probe(d, (addr + (size - 1) + 0x1000) & ~PAGE_MASK);
		}
	}
	for (unsigned i = 0; i < PROBES; i++) {
		probe((unsigned)rnd(DEVICES), some_addr(vm) & ~PAGE_MASK);
	}
}

/* --- Oracle of one call ----------------------------------------------------------------------- */

static struct item *item_find(struct list *l, const struct smmu_region *r)
{
	for (unsigned i = 0; i < l->count; i++) {
		if (l->item[i].addr == r->addr && l->item[i].size == r->size) {
			return &l->item[i];
		}
	}
	return NULL;
}

/* Why the entry must be refused, as far as lists can tell; 0: it may be accepted. */
static int64_t expect_entry(unsigned vm, const struct list *l, const struct smmu_region *r, unsigned prot,
			    uint64_t delta)
{
	uint64_t first = r->addr & ~PAGE_MASK;
	uint64_t last = (r->addr + (r->size - 1)) & ~PAGE_MASK;

	if (r->size == 0) {
		return -BH_EINVAL;
	}
	for (uint64_t page = first; page <= last; page += PAGE_SIZE) {
		if (own_page(vm, page + delta, prot) == ~0ull ||
		    own_registers(page + delta) != own_registers(first + delta)) {
			return -BH_EACCES;
		}
	}
	for (uint64_t page = first; page <= last; page += PAGE_SIZE) {
		unsigned have;
		const struct item *it = covering(l, page, &have);

		if (it && own_page(vm, page + delta, 0) != own_page(vm, page + it->delta, 0)) {
			return -BH_EINVAL; /* would be two translations */
		}
	}
	return 0;
}

static void oracle_add(struct list *l, const struct smmu_region *r, unsigned prot, uint64_t delta)
{
	struct item *it = item_find(l, r);

	if (!it) {
		assert_true(l->count < LIST);
		it = &l->item[l->count++];
		*it = (struct item){ r->addr, r->size, delta, 0 };
	}
	it->prot |= prot;
}

static void oracle_remove(struct list *l, const struct smmu_region *r)
{
	struct item *it = item_find(l, r);

	if (it) {
		*it = l->item[--l->count];
	}
}

/* --- Moves ------------------------------------------------------------------------------------ */

static int64_t do_call(unsigned vm, unsigned o, uint64_t flags, const struct smmu_region *r, unsigned n,
		       uint64_t target)
{
	if (n == 1 && rnd(2) == 0) {
		int err = smmu_mapping_try(VM(vm_of(vm)), o + 1 + vm, flags, r->addr, r->size);

		if (err <= 0) {
			return err;
		}
	}
	return smmu_mapping_add(VM(vm_of(vm)), o + 1 + vm, flags, r, n, target);
}

static void move_map(unsigned vm, unsigned o)
{
	struct list *l = &lists[vm][o];
	struct smmu_region r[4];
	unsigned n = rnd(3) == 0 ? 1 + (unsigned)rnd(4) : 1;
	unsigned prot = 1 + (unsigned)rnd(3);
	bool target = vm == 0 && n == 1 && rnd(6) == 0;
	uint64_t delta = 0;
	int64_t want = 0, err;

	for (unsigned i = 0; i < n; i++) {
		r[i] = (struct smmu_region){ some_addr(vm), some_size() };
		if (l->count > 0 && rnd(5) == 0) {
			struct item *it = &l->item[rnd(l->count)];

			r[i] = (struct smmu_region){ it->addr, it->size };
		}
	}
	if (target) {
		delta = ((some_addr(vm) & ~PAGE_MASK) | (r[0].addr & PAGE_MASK)) - r[0].addr;
	}
	for (unsigned i = 0; i < n; i++) {
		int64_t e = l->used && l->count + n <= LIST ? expect_entry(vm, l, &r[i], prot, delta) : -BH_EBADF;

		want = e && (!want || e == -BH_EACCES) ? e : want;
	}
	if (l->used && l->count + n > LIST) {
		return;
	}
	err = do_call(vm, o, prot | (target ? BH_MAP_TARGET : 0u), r, n, r[0].addr + delta);
	if (want) {
		assert_true(err < 0);
	} else if (err < 0) {
		assert_true(err == -BH_ENOMEM || err == -BH_E2BIG || (target && err == -BH_EINVAL));
	}
	for (unsigned i = 0; err == 0 && i < n; i++) {
		oracle_add(l, &r[i], prot, delta);
	}
	probe_all(vm, r[0].addr, r[0].size);
	probe_all(vm, r[n - 1].addr, r[n - 1].size);
}

static void move_unmap(unsigned vm, unsigned o)
{
	struct list *l = &lists[vm][o];
	struct smmu_region r[4] = { { RAM, 0x1000 } };
	unsigned n = rnd(3) == 0 ? 1 + (unsigned)rnd(4) : 1;

	if (!l->used) {
		assert_int_equal(do_call(vm, o, 0, r, 1, 0), -BH_EBADF);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		r[i] = (struct smmu_region){ some_addr(vm), 1 + some_size() };
		if (l->count > 0 && rnd(10) != 0) {
			struct item *it = &l->item[rnd(l->count)];

			r[i] = (struct smmu_region){ it->addr, it->size };
		}
	}
	assert_int_equal(do_call(vm, o, 0, r, n, 0), 0);
	for (unsigned i = 0; i < n; i++) {
		oracle_remove(l, &r[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		probe_all(vm, r[i].addr, r[i].size);
	}
}

static void move_object(unsigned vm, unsigned o)
{
	struct list *l = &lists[vm][o];

	if (l->used) {
		assert_int_equal(smmu_obj_destroy(VM(vm_of(vm)), o + 1 + vm), 0);
		for (unsigned d = 0; d < DEVICES; d++) {
			if ((device[d] == NIC) == (vm == 1) && where[d] == (int)o) {
				where[d] = -1;
			}
		}
		l->used = false;
		l->count = 0;
	}
	for (unsigned i = 0; i < OBJECTS; i++) { /* the lowest free slot is given out */
		if (!lists[vm][i].used) {
			assert_int_equal(smmu_obj_create(VM(vm_of(vm)), BH_OBJ_RESERVED_MANUAL * (vm == 0)),
					 i + 1 + vm);
			lists[vm][i].used = true;
			break;
		}
	}
	probe_all(vm, RAM, 0x1000);
}

static void move_device(unsigned vm, unsigned o)
{
	unsigned d = (unsigned)rnd(DEVICES);
	bool mine = (device[d] == NIC) == (vm == 1);
	bool remove = rnd(4) == 0;
	int64_t err;

	if (!remove && !lists[vm][o].used) {
		assert_int_equal(world_add(vm_of(vm), o + 1 + vm, device[d]), -BH_EBADF);
		return;
	}
	err = world_add(vm_of(vm), remove ? 0 : (int64_t)(o + 1 + vm), device[d]);
	if (!mine) {
		assert_int_equal(err, remove ? -BH_ENOENT : -BH_EBUSY);
	} else if (remove) {
		assert_int_equal(err, where[d] >= 0 ? 0 : -BH_ENOENT);
		where[d] = -1;
	} else {
		assert_int_equal(err, 0);
		where[d] = (int)o;
	}
	probe_all(vm, RAM, 0x1000);
}

static void random_run(uint64_t seed)
{
	world_boot();
	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned vm = 0; vm < 2; vm++) {
		assert_int_equal(smmu_init(VM(vm_of(vm)), 0), 0);
	}
	for (unsigned d = 0; d < DEVICES; d++) {
		where[d] = -1;
	}
	for (step_no = 0; step_no < STEPS; step_no++) {
		unsigned vm = (unsigned)rnd(2);
		unsigned o = (unsigned)rnd(OBJECTS);
		uint64_t what = rnd(40);

		fake_time_us += 20000;
		if (what == 0) {
			move_object(vm, o);
		} else if (what < 4) {
			move_device(vm, o);
		} else if (what < 22) {
			move_map(vm, o);
		} else {
			move_unmap(vm, o);
		}
		/* Fill every cache there is. */
		for (unsigned i = 0; i < 4; i++) {
			(void)world_dma(device[rnd(DEVICES)], some_addr(vm), rnd(2));
		}
	}
	assert_int_equal(fake_log_count[LOG_ERROR], 0);
	for (unsigned vm = 0; vm < 2; vm++) {
		struct pool *p = &VM(vm_of(vm))->pool;

		assert_int_equal(smmu_fini(VM(vm_of(vm))), 0);
		assert_int_equal(VM(vm_of(vm))->client.overlap, 0);
		/* Nothing is lost: what a static object holds was taken at boot. */
		assert_true(p->free_count == p->count || vm == 1);
	}
}

WORLD_TEST(random_calls_live_split)
{
	random_run(1);
}

WORLD_TEST(random_calls_break_before_make)
{
	world_opts[0].bbm = world_opts[1].bbm = true;
	random_run(2);
}

WORLD_TEST(random_calls_small_pool)
{
	world_vm[DRIVER].pool_pages = 9;
	world_vm[BYSTANDER].pool_pages = 12;
	random_run(3);
}

WORLD_TEST(random_calls_no_range_invalidation)
{
	world_opts[0].no_ranges = world_opts[1].no_ranges = true;
	random_run(4);
}

WORLD_TEST(random_calls_not_coherent)
{
	world_opts[0].not_coherent = true;
	random_run(5);
}

WORLD_TEST(random_calls_told_of_new_mappings)
{
	world_opts[0].cautious = true;
	random_run(6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(random_calls_live_split),      T(random_calls_break_before_make),
		T(random_calls_small_pool),      T(random_calls_no_range_invalidation),
		T(random_calls_not_coherent),    T(random_calls_told_of_new_mappings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
