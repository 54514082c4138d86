/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The debug calls and the counters. arg 0: owns the device and maps; arg 1: the monitor, which must see exactly these
 * mappings and no others. They share nothing but the addresses below and the system counter. [api ext.h]
 */
#include "dma.h"

#define PAGE_RW  BOARD_RAM(0x12000000) /* one page, to itself */
#define BLOCK_RO BOARD_RAM(0x12400000) /* 2 MiB to itself, read-only */
#define FAR_IOVA 0x100000000ul         /* two pages, elsewhere */
#define FAR_PHYS  BOARD_RAM(0x12800000)
#define NOTHING  BOARD_RAM(0x13000000)

enum { MAPPED_US = 2000000, CHECKED_US = 4000000, REMOVED_US = 5000000, GONE_US = 7000000 };

static void until(uint64_t us)
{
	us += BOARD_UP_US;
	for (uint64_t now = time_us(); now < us; now = time_us()) {
		rest_us(us - now);
	}
}

/* --- The owner ------------------------------------------------------------------------------------------------- */

static struct bh_stats stats(struct smmu_object *sop)
{
	struct bh_stats s = { 0 };

	if (bh_object_stats(sop, &s) != 0) {
		tap_bail("bh_object_stats() failed");
	}
	return s;
}

static void refused_rights(void)
{
	union smmu_devid id = edu_id();
	struct bh_stream stream;
	struct bh_walk walk;

	tap_ok(bh_debug_stream(&id, &stream) == -1 && errno == EPERM, "debug stream without the right: EPERM");
	tap_ok(bh_debug_walk(&id, PAGE_RW, &walk) == -1 && errno == EPERM, "debug walk without the right: EPERM");
	tap_ok(bh_debug_report() == -1 && errno == EPERM, "debug report without the right: EPERM");
}

static void owner(void)
{
	struct smmu_object *sop;
	struct bh_stats a, b;

	dma_begin();
	sop = dma_object();
	refused_rights();
	a = stats(sop);
	tap_ok(map(sop, SMF_READ | SMF_WRITE, PAGE_RW, PAGE) == 0 && map(sop, SMF_READ, BLOCK_RO, 2 * MIB) == 0 &&
		       map_to(sop, SMF_READ | SMF_WRITE, FAR_IOVA, 2 * PAGE, FAR_PHYS) == 0, "three ranges mapped");
	b = stats(sop);
	tap_is((int64_t)(b.maps - a.maps), 3, "counted: maps");
	tap_is((int64_t)(b.unmaps - a.unmaps), 0, "counted: no unmaps");
	tap_is((int64_t)(b.invalidations - a.invalidations), 0, "what was not mapped needs no invalidation");
	tap_ok(b.pages_free < a.pages_free, "tables were taken from the pool");
	tap_ok(device_writes((volatile void *)PAGE_RW, 64) && device_writes_at(FAR_IOVA, (volatile void *)FAR_PHYS, 64),
	       "the device uses them");
	a = stats(sop);
	tap_ok(refused(EDU_TO_RAM, NOTHING, BH_FAULT_UNMAPPED), "an address that is not mapped");
	b = stats(sop);
	tap_is((int64_t)(b.faults - a.faults), BOARD_FAULT_WORDS ? PROBE / 4 : 1, "counted: what was refused");
	if (time_us() > BOARD_UP_US + MAPPED_US) {
		tap_bail("too slow for the common time table");
	}
	until(CHECKED_US);
	a = stats(sop);
	tap_ok(unmap(sop, PAGE_RW, PAGE) == 0 && unmap(sop, BLOCK_RO, 2 * MIB) == 0, "two ranges removed");
	b = stats(sop);
	tap_is((int64_t)(b.unmaps - a.unmaps), 2, "counted: unmaps");
	tap_ok(b.invalidations - a.invalidations >= 2, "counted: invalidations (%lu)",
	       b.invalidations - a.invalidations);
	until(REMOVED_US + 500000);
	tap_done();
}

/* --- The monitor ----------------------------------------------------------------------------------------------- */

static const union smmu_devid edu0 = { .pci = { SDT_PCI, 0, 2, 0 } };

static bool walks_to(uint64_t addr, uint64_t phys, unsigned rights)
{
	struct bh_walk w = { 0 };

	if (bh_debug_walk(&edu0, addr, &w) != 0) {
		printf("#   0x%lx: errno %d\n", addr, errno);
		return false;
	}
	if (w.rights == rights && (rights == 0 || w.phys == phys) && w.levels >= 1 && w.levels <= 4) {
		return true;
	}
	printf("#   0x%lx: to 0x%lx, rights %u, %u levels\n", addr, w.phys, w.rights, w.levels);
	return false;
}

static void check_errors(void)
{
	union smmu_devid nobody = { .pci = { SDT_PCI, 0, 9, 0 } };
	struct bh_stream stream;
	struct bh_walk walk;

	tap_ok(bh_debug_walk(&nobody, 0, &walk) == -1 && errno == ENOENT, "walk: no such device: ENOENT");
	tap_ok(bh_debug_stream(&nobody, &stream) == -1 && errno == ENOENT, "stream: no such device: ENOENT");
}

static void check_mapped(void)
{
	struct bh_stream stream = { 0 };

	tap_ok(walks_to(PAGE_RW + 0x128, PAGE_RW + 0x128, SMF_READ | SMF_WRITE), "walk: a page, to the byte");
	tap_ok(walks_to(PAGE_RW + PAGE, 0, 0), "walk: the page behind it is not mapped");
	tap_ok(walks_to(BLOCK_RO, BLOCK_RO, SMF_READ), "walk: a read-only range");
	tap_ok(walks_to(BLOCK_RO + 2 * MIB - 1, BLOCK_RO + 2 * MIB - 1, SMF_READ), "walk: its last byte");
	tap_ok(walks_to(BLOCK_RO + 2 * MIB, 0, 0) && walks_to(BLOCK_RO - 1, 0, 0), "walk: nothing around it");
	tap_ok(walks_to(FAR_IOVA + PAGE + 8, FAR_PHYS + PAGE + 8, SMF_READ | SMF_WRITE), "walk: a translated range");
	tap_ok(walks_to(FAR_PHYS, 0, 0), "walk: not at its own address");
	tap_is(bh_debug_stream(&edu0, &stream), 0, "stream");
	tap_ok((stream.word[0] & 1) != 0, "stream: valid");
	tap_ok(stream.text[0] != '\0', "stream: in words: %s", stream.text);
}

static void monitor(void)
{
	struct bh_stream stream = { 0 };
	struct bh_walk walk;

	if (smmu_init(0) < 0) {
		tap_bail("smmu_init() failed");
	}
	check_errors();
	until(MAPPED_US);
	check_mapped();
	tap_is(bh_debug_report(), 0, "report");
	if (time_us() > BOARD_UP_US + CHECKED_US) {
		tap_bail("too slow for the common time table");
	}
	until(REMOVED_US);
	tap_ok(walks_to(PAGE_RW, 0, 0) && walks_to(BLOCK_RO, 0, 0), "walk: what was removed is gone");
	tap_ok(walks_to(FAR_IOVA, FAR_PHYS, SMF_READ | SMF_WRITE), "walk: what was not is there");
	until(GONE_US);
	tap_ok(bh_debug_walk(&edu0, FAR_IOVA, &walk) == -1 && errno == ENOENT, "the owner is gone: in no object");
	tap_is(bh_debug_stream(&edu0, &stream), 0, "its stream can still be looked at");
	tap_ok((stream.word[0] & 1) == 0 || (stream.word[0] >> 1 & 7) == 0, "and is blocked");
	tap_done();
}

void guest_main(uint64_t arg)
{
	if (arg == 0) {
		owner();
	} else {
		monitor();
	}
}
