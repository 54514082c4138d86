/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two partitions, each with a device of its own, use the same device addresses at the same time. What one maps,
 * removes or does wrong must not change what the other's device reaches, nor what the other is told. No partition is
 * a monitor and they share nothing: they meet at moments of the system counter. arg: 0 or 1, which of them this is.
 * [I2] [I4] [threats 8, 42, 46]
 */
#include "dma.h"

enum { SLOT_US = 1000000, LATEST_US = 400000, SETTLE_US = 20000, TRANSFER_US = 110000, WORD = 4 };
enum { STORM_US = 8 * SLOT_US, ROUNDS = 8, ROUND_US = 300000, LATER_US = 2 };

#define SHARED_IOVA 0x100000000ul /* both map this */
#define STORM_IOVA  0x140000000ul /* nobody does; + 64 KiB for the second partition */

static uint8_t page[2 * 4096] GUEST_PAGE;
static struct smmu_object *sop;
static uint64_t own_fault;
static bool second;

/* Both partitions leave this at the same time. One that is late would test something else. */
static void meet(uint64_t us)
{
	us += BOARD_UP_US;
	if (time_us() > us + LATEST_US) {
		tap_bail("too slow for the common time table");
	}
	for (uint64_t now = time_us(); now < us; now = time_us()) {
		rest_us(us - now);
	}
}

/* As transfer(), but leaves the emulator to the other partition meanwhile: both transfers end at one moment. */
static void transfer_asleep(uint64_t addr, uint32_t count)
{
	edu_dma_start(&edu, EDU_TO_RAM, addr, 0, count, false);
	do {
		rest_us(TRANSFER_US);
	} while (edu_busy(&edu));
}

static void slot(unsigned n)
{
	meet((uint64_t)n * SLOT_US);
}

static union smmu_devid peer_id(void)
{
	union smmu_devid id = { .pci = { SDT_PCI, 0, second ? 2 : 3, 0 } };

	return id;
}

struct records {
	unsigned count; /* about a device */
	unsigned wrong; /* of these, not about our device, our address and our access */
	unsigned muted;
	bool lost;      /* told that some were lost */
};

static bool is_ours(const struct bh_fault *f)
{
	return is_our_device(f) && f->partition == (second ? 1 : 0) && (f->flags & BH_FAULT_ADDR_VALID) != 0 &&
	       f->addr / PAGE == own_fault / PAGE && (f->flags & BH_FAULT_WRITE) != 0;
}

/* A record about no device only says that others were lost: then it must tell nothing else. */
static bool is_loss(const struct bh_fault *f)
{
	return f->devid.type == SDT_NUM_TYPES && (f->flags & BH_FAULT_DROPPED) != 0 && f->addr == 0 &&
	       f->partition == 0xff && f->hw[0] == 0 && f->hw[1] == 0;
}

static struct records take_records(void)
{
	struct records r = { 0 };
	struct bh_fault f;

	while (bh_xfer_status(&f) == 0) {
		r.lost |= (f.flags & BH_FAULT_DROPPED) != 0;
		r.muted += (f.flags & BH_FAULT_MUTED) != 0 ? 1 : 0;
		if (is_loss(&f)) {
			continue;
		}
		r.count++;
		if (!is_ours(&f)) {
			r.wrong++;
			printf("#   record of type %u %02x:%02x.%u, partition %u, address 0x%lx, flags 0x%x\n",
			       f.devid.type, f.devid.pci.bus, f.devid.pci.dev, f.devid.pci.func, f.partition, f.addr,
			       f.flags);
		}
	}
	return r;
}

static void test_same_address(void)
{
	tap_is(map_to(sop, SMF_READ | SMF_WRITE, SHARED_IOVA, PAGE, at(page)), 0, "the address that both use: mapped");
	slot(1);
	tap_ok(device_writes_at(SHARED_IOVA, page, 64), "the device writes our page");
	tap_ok(device_reads_at(SHARED_IOVA, page, 64), "and reads it");
	slot(2);
	if (!second) {
		tap_is(unmap(sop, SHARED_IOVA, PAGE), 0, "removed here");
		set_bytes(page, 0x61, 64);
		tap_ok(refused(EDU_TO_RAM, SHARED_IOVA, BH_FAULT_UNMAPPED) && is_filled(page, 0x61, 64),
		       "removed here: refused here [threat 8]");
	}
	slot(3);
	if (second) {
		tap_ok(device_writes_at(SHARED_IOVA, page, 64), "removed there: works here");
		tap_ok(device_reads_at(SHARED_IOVA, page, 64), "removed there: reads as well");
		set_bytes(page, 0x62, 64);
	}
	slot(4);
	if (!second) {
		set_bytes(page, 0x61, 64);
		tap_is(map_to(sop, SMF_READ | SMF_WRITE, SHARED_IOVA, PAGE, at(page) + PAGE), 0, "another page there");
		tap_ok(device_writes_at(SHARED_IOVA, page + PAGE, 64) && is_filled(page, 0x61, 64),
		       "the device writes the new page, not the old one");
	}
	slot(5);
	if (second) {
		tap_ok(is_filled(page, 0x62, 64), "nothing of that arrived here");
		tap_is(unmap(sop, SHARED_IOVA, PAGE), 0, "removed here");
		tap_ok(refused(EDU_TO_RAM, SHARED_IOVA, BH_FAULT_UNMAPPED) && is_filled(page, 0x62, 64),
		       "removed here: refused here [threat 8]");
	}
	slot(6);
	if (!second) {
		tap_ok(device_writes_at(SHARED_IOVA, page + PAGE, 64), "removed there: works here");
	}
}

static void test_foreign_device(void)
{
	union smmu_devid id = peer_id();
	struct bh_walk walk;

	tap_ok(smmu_device_add_generic(sop, &id) == -1 && errno == EBUSY, "the other's device: EBUSY");
	tap_ok(smmu_device_add_generic(NULL, &id) == -1, "removing the other's device: refused");
	tap_ok(bh_device_unmute(&id) == -1 && errno == EPERM, "un-muting it: EPERM");
	tap_ok(bh_debug_walk(&id, SHARED_IOVA, &walk) == -1 && errno == EPERM, "looking into it: EPERM");
}

/*
 * Each of the storms is 512 faults. The device gets muted, where a unit records so many; after the second one it is
 * un-muted to go on.
 */
static void storm(void)
{
	union smmu_devid id = edu_id();
	struct records sum = { 0 };
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		struct records r;

		meet(STORM_US + i * ROUND_US);
		transfer_asleep(own_fault, 512 * WORD);
		rest_us(SETTLE_US);
		r = take_records();
		sum.count += r.count;
		sum.wrong += r.wrong;
		sum.muted += r.muted;
		if (i > 0) {
			bh_device_unmute(&id);
		}
	}
	tap_ok(sum.count > 0 && (sum.muted > 1 || !BOARD_FAULT_WORDS),
	       "storms: %u records, muted %u times", sum.count, sum.muted);
	tap_is(sum.wrong, 0, "storms: every record is about our device");
}

/*
 * One small fault. The unit's queue is shared: in the other's storm it may be full when our fault comes, and then
 * we must at least be told that something was lost. may_lose: that is the situation.
 */
static void one_fault(const char *when, bool may_lose)
{
	struct records r;

	fault_events = 0;
	notify();
	transfer_asleep(own_fault, PROBE);
	rest_us(SETTLE_US);
	r = take_records();
	tap_ok((r.count > 0 && r.count <= PROBE / WORD) || (may_lose && r.lost),
	       "%s: our fault is reported, or its loss (%u records%s) [threat 42]", when, r.count,
	       r.lost ? ", loss" : "");
	tap_ok(r.wrong == 0 && r.muted == 0 && (may_lose || !r.lost), "%s: ours, nobody else's [threat 46]", when);
	tap_is(fault_events, 1, "and the interrupt came");
}

static void expect_nothing(void)
{
	struct records r;

	rest_us(SLOT_US / 2);
	r = take_records();
	tap_ok(r.count == 0 && !r.lost, "a fault of the other's device: nothing here");
}

static void test_storm(void)
{
	unsigned i;

	own_fault = STORM_IOVA + (second ? 0x10000 : 0);
	drain_faults(NULL);
	if (second) {
		for (i = 0; i < ROUNDS; i++) { /* a little later behind the storm each time */
			meet(STORM_US + i * ROUND_US + i * LATER_US);
			/* In round 1 the other is muted. */
			one_fault("in the other's storm", i != 1 || !BOARD_FAULT_WORDS);
		}
	} else {
		notify();
		storm();
	}
	slot(11);
	drain_faults(NULL);
	slot(12);
	if (second) {
		one_fault("the other is quiet", false);
	} else {
		expect_nothing();
	}
	slot(13);
	if (second) {
		expect_nothing();
	} else {
		one_fault("after the storms", false);
	}
}

void guest_main(uint64_t arg)
{
	second = arg != 0;
	dma_seed = second ? 100 : 0;
	dma_begin();
	sop = dma_object();
	tap_is(edu.bdf, (second ? 3 : 2) << 3, "this partition's device");
	test_same_address();
	slot(7);
	test_foreign_device();
	test_storm();
	slot(14); /* what a partition's end does is not the subject here */
	tap_done();
}
