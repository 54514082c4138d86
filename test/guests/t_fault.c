/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault delivery: what a record says, one-shot notification, the ring of 64, and the brake on a device that never
 * stops. A refused transfer of n bytes makes n/4 faults (QEMU's device splits it into words), and as many
 * records, or one, where the unit has room for one until the hypervisor has taken it [BOARD_FAULT_WORDS].
 * [api 4.11] [I6]
 */
#include "dma.h"

enum { WORD = 4, SETTLE_US = 20000 };

static uint8_t page[2 * 4096] GUEST_PAGE;
static struct smmu_object *sop;

/* words faults at addr, in one transfer. */
static void faults(uint64_t addr, unsigned words)
{
	transfer(EDU_TO_RAM, addr, 0, words * WORD);
	delay_us(SETTLE_US);
}

/* n records of writes at addr. */
static void records(uint64_t addr, unsigned n)
{
	unsigned i;

	if (BOARD_FAULT_WORDS) {
		faults(addr, n);
		return;
	}
	for (i = 0; i < n; i++) {
		faults(addr, 1);
	}
}

static void test_record(void)
{
	struct smmu_status s;
	struct bh_fault f;
	uint64_t before = time_ticks();

	drain_faults(NULL);
	faults(at(page) + 0x128, 1);
	tap_is(bh_xfer_status(&f), 0, "one refused write, one record");
	tap_is((int64_t)f.addr, (int64_t)((at(page) + 0x128) & BOARD_FAULT_MASK),
	       "record: the address, as exactly as the unit tells it");
	tap_ok((f.flags & BH_FAULT_ADDR_VALID) != 0, "record: says that the address counts");
	tap_ok((f.flags & (BH_FAULT_READ | BH_FAULT_WRITE)) == BH_FAULT_WRITE, "record: a write");
	tap_is(f.flags & BH_FAULT_REASON_MASK, BH_FAULT_UNMAPPED, "record: nothing mapped");
	tap_ok(f.devid.type == SDT_PCI && f.devid.pci.bus == edu.bdf >> 8 && f.devid.pci.dev == (edu.bdf >> 3 & 31) &&
		       f.devid.pci.func == (edu.bdf & 7), "record: the device");
	tap_ok(f.hw[0] != 0, "record: the unit's raw word");
	tap_ok(f.time != 0 && f.time >= before - before / 2, "record: a time");
	tap_ok((f.flags & (BH_FAULT_DROPPED | BH_FAULT_MUTED)) == 0, "record: nothing lost, not muted");
	tap_ok(bh_xfer_status(&f) == -1 && errno == EAGAIN, "then none: EAGAIN");
	transfer(EDU_FROM_RAM, at(page), 0, WORD);
	delay_us(SETTLE_US);
	tap_is(smmu_xfer_status(&s), 0, "smmu_xfer_status: the portable record");
	tap_ok(s.fault_addr == at(page) && (s.flags & BH_FAULT_READ) != 0 && s.devid.type == SDT_PCI &&
		       s.hw_specific != 0, "a read this time, all fields there");
	drain_faults(NULL);
}

static void test_one_shot(void)
{
	drain_faults(NULL);
	smmu_xfer_notify(NULL);
	fault_events = 0;
	faults(at(page), 1);
	tap_is(fault_events, 0, "cancelled: no interrupt");
	tap_is(drain_faults(NULL), 1, "cancelled: the record is there all the same");
	tap_ok(notify() > 0, "registered");
	tap_is(fault_events, 0, "nothing pending: no interrupt yet");
	faults(at(page), 1);
	tap_is(fault_events, 1, "a fault: one interrupt");
	faults(at(page), 1);
	tap_is(fault_events, 1, "another fault before registering again: none (one-shot)");
	notify();
	delay_us(SETTLE_US);
	tap_is(fault_events, 2, "registering with records pending: the interrupt comes at once");
	tap_is(drain_faults(NULL), 2, "both records are there");
	notify();
	delay_us(SETTLE_US);
	tap_is(fault_events, 2, "registering with none pending: no interrupt");
}

static void test_ring(void)
{
	struct bh_fault f;
	unsigned n, dropped = 0;

	drain_faults(NULL);
	delay_us(150000); /* a new storm window */
	records(at(page), 40);
	delay_us(150000);
	records(at(page) + PAGE, 30);
	for (n = 0; bh_xfer_status(&f) == 0; n++) {
		dropped += (f.flags & BH_FAULT_DROPPED) != 0 ? 1 : 0;
		if (n == 0) {
			tap_is((int64_t)f.addr, (int64_t)at(page), "full ring: the oldest record is kept");
		}
	}
	tap_is(n, 64, "70 faults: 64 records");
	delay_us(150000);
	faults(at(page), 1);
	tap_is(bh_xfer_status(&f), 0, "room again: the next fault is recorded");
	dropped += (f.flags & BH_FAULT_DROPPED) != 0 ? 1 : 0;
	tap_is(dropped, 1, "exactly one record says that others were dropped");
	faults(at(page), 1);
	tap_ok(bh_xfer_status(&f) == 0 && (f.flags & BH_FAULT_DROPPED) == 0, "and the one after it does not");
}

static void test_storm(void)
{
	union smmu_devid id = edu_id();
	struct bh_fault f;
	unsigned n, muted = 0;

	drain_faults(NULL);
	delay_us(150000);
	notify();
	set_bytes(page, 0x21, PAGE);
	faults(at(page), 512);
	for (n = 0; bh_xfer_status(&f) == 0; n++) {
		muted += (f.flags & BH_FAULT_MUTED) != 0 ? 1 : 0;
	}
	tap_ok(n > 0 && n <= 64, "512 faults at once: %u records", n);
	if (!BOARD_FAULT_WORDS) {
		tap_skip("muted", "no storm comes through a unit with one record");
		tap_ok(is_filled(page, 0x21, PAGE), "blocked");
		return;
	}
	delay_us(150000);
	faults(at(page), 512);
	n = 0;
	while (bh_xfer_status(&f) == 0) {
		muted += (f.flags & BH_FAULT_MUTED) != 0 ? 1 : 0;
		n++;
	}
	tap_ok(n <= 1, "muted: no flood of records any more (%u)", n);
	tap_is(muted, 1, "told exactly once that the device is muted");
	tap_ok(is_filled(page, 0x21, PAGE), "muted: still blocked");
	tap_is(map(sop, SMF_READ | SMF_WRITE, at(page), PAGE), 0, "muted: mapping works");
	tap_ok(device_writes(page, 16), "muted: what is mapped is still allowed");
	unmap(sop, at(page), PAGE);
	drain_faults(NULL);
	delay_us(110000); /* EAGAIN until 100 ms after the mute */
	tap_is(bh_device_unmute(&id), 0, "unmuted");
	delay_us(150000);
	tap_ok(refused(EDU_TO_RAM, at(page), BH_FAULT_UNMAPPED), "unmuted: faults are recorded again");
	tap_is(bh_device_unmute(&id), 0, "unmuting a device that is not muted: no error");
}

static void test_lifetime(void)
{
	struct smmu_status s;

	faults(at(page), 1);
	smmu_fini();
	tap_ok(smmu_xfer_status(&s) == -1 && errno == ENOTCONN, "after smmu_fini: ENOTCONN");
	smmu_init(0);
	tap_ok(smmu_xfer_status(&s) == -1 && errno == EAGAIN, "a new connection sees no old records");
	faults(at(page), 1);
	tap_ok(smmu_xfer_status(&s) == -1 && errno == EAGAIN, "nor any before its first registration");
	fault_events = 0;
	notify();
	delay_us(SETTLE_US);
	tap_is(fault_events, 0, "and gets no interrupt for them");
	faults(at(page), 1);
	tap_is(fault_events, 1, "from then on it does");
	tap_is(smmu_xfer_status(&s), 0, "with the record");
}

void guest_main(uint64_t arg)
{
	dma_begin();
	sop = dma_object();
	test_record();
	test_one_shot();
	test_ring();
	test_storm();
	test_lifetime();
	smmu_fini();
	tap_done();
}
