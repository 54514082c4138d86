/* SPDX-License-Identifier: Apache-2.0 */
/* Refused accesses: who is told what, once, in order, and nobody is flooded [I6]. */
#include "iommu_world.h"

static int64_t h;

static void start(void)
{
	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, EDU1), 0);
	assert_int_equal(world_map(DRIVER, h, RD, RAM, 0x1000), 0);
}

static void notify(unsigned vm)
{
	assert_int_equal(smmu_init(VM(vm), 0), 0);
	assert_int_equal(smmu_xfer_notify(VM(vm), 1), 0);
}

static void no_record(unsigned vm)
{
	struct fault_record r;

	assert_int_equal(smmu_xfer_status(VM(vm), &r), -BH_EAGAIN);
}

static struct fault_record record(unsigned vm)
{
	struct fault_record r;

	assert_int_equal(smmu_xfer_status(VM(vm), &r), 0);
	return r;
}

static void fault(unsigned dev, uint64_t addr, bool write)
{
	assert_int_equal(world_dma(dev, addr, write), DMA_BLOCKED);
}

/* What the unit records for a stream it has no entry for: the model follows only so many streams itself. */
static void bad_stream(uint32_t sid)
{
	assert_true(world_hw.stray(0, sid));
}

WORLD_TEST(a_record_says_who_what_and_why)
{
	struct fault_record r;

	start();
	notify(DRIVER);
	fault(EDU0, BY_RAM + 0x123, true);
	assert_int_equal(world_virqs(DRIVER), 1);
	r = record(DRIVER);
	assert_int_equal(r.endpoint, EDU0);
	assert_int_equal(r.vm, DRIVER);
	assert_true(r.fault.addr_valid);
	assert_int_equal(r.fault.addr & ~PAGE_MASK, BY_RAM);
	assert_int_equal(r.fault.access, PROT_WRITE);
	assert_int_equal(r.fault.reason, FAULT_UNMAPPED);
	assert_string_equal(r.fault.name, world_hw.unmapped_name);
	assert_false(r.dropped);
	assert_false(r.muted);
	no_record(DRIVER);
	fault(EDU0, RAM, true);
	r = record(DRIVER);
	assert_int_equal(r.fault.reason, FAULT_PERMISSION);
	assert_int_equal(world_add(DRIVER, 0, EDU1), 0);
	fault(EDU1, RAM, false);
	r = record(DRIVER);
	assert_int_equal(r.endpoint, EDU1);
	assert_int_equal(r.fault.reason, FAULT_BLOCKED); /* attached to nothing */
	assert_int_equal(endpoint_by_index(EDU0)->faults, 2);
}

WORLD_TEST(notification_is_one_shot_and_loses_no_wakeup)
{
	start();
	fault(EDU0, 0, false);
	notify(DRIVER);
	assert_int_equal(world_virqs(DRIVER), 0);
	no_record(DRIVER); /* before the first registration: lost for this client */
	fault(EDU0, 0, false);
	assert_int_equal(world_virqs(DRIVER), 1);
	fault(EDU0, 0, false);
	assert_int_equal(world_virqs(DRIVER), 0); /* not registered any more; still collected */
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), 1), 0);
	assert_int_equal(world_virqs(DRIVER), 1); /* records are waiting: at once */
	fault(EDU0, 0, false);
	assert_int_equal(world_virqs(DRIVER), 0);
	(void)record(DRIVER);
	(void)record(DRIVER);
	(void)record(DRIVER);
	no_record(DRIVER);
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), 1), 0);
	assert_int_equal(world_virqs(DRIVER), 0);
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), 0), 0); /* cancelled */
	fault(EDU0, 0, false);
	assert_int_equal(world_virqs(DRIVER), 0);
	(void)record(DRIVER); /* collecting goes on until smmu_fini() */
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), 2), -BH_EINVAL);
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), ~0ull), -BH_EINVAL);
}

WORLD_TEST(fini_drops_records_and_registration)
{
	start();
	notify(DRIVER);
	fault(EDU0, 0, false);
	assert_int_equal(world_virqs(DRIVER), 1);
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), 0), 0);
	assert_int_equal(smmu_fini(VM(DRIVER)), 0);
	fault(EDU0, 0, false); /* of its device, but it is not connected */
	assert_int_equal(smmu_init(VM(DRIVER), 0), 0);
	no_record(DRIVER);
	fault(EDU0, 0, false);
	no_record(DRIVER);
	notify(DRIVER);
	fault(EDU0, 0, false);
	assert_int_equal(world_virqs(DRIVER), 1);
	(void)record(DRIVER);
}

WORLD_TEST(a_partition_without_an_interrupt_cannot_register)
{
	world_vm[DRIVER].fault_virq = 0;
	start();
	assert_int_equal(smmu_xfer_notify(VM(DRIVER), 1), -BH_EPERM);
	fault(EDU0, 0, false);
	no_record(DRIVER);
}

WORLD_TEST(I6_sixty_four_are_kept_and_the_next_is_counted)
{
	struct fault_record r;

	start();
	notify(DRIVER);
	for (unsigned i = 0; i < FAULT_RING; i++) {
		fake_time_us += STORM_WINDOW_US / 4;
		fault(EDU0, 0x1000ull * (i + 1), false);
	}
	r = record(DRIVER);
	assert_int_equal(r.fault.addr & ~PAGE_MASK, 0x1000);
	assert_false(r.dropped);
	fault(EDU0, 0x100000, false); /* fills the slot again */
	fault(EDU0, 0x200000, false); /* too many: this one is lost */
	r = record(DRIVER);
	assert_int_equal(r.fault.addr & ~PAGE_MASK, 0x2000); /* old ones are kept */
	assert_true(r.dropped);
	r = record(DRIVER);
	assert_false(r.dropped);
	for (unsigned i = 0; i < FAULT_RING - 3; i++) {
		r = record(DRIVER);
		assert_int_equal(r.fault.addr & ~PAGE_MASK, 0x1000ull * (i + 4));
	}
	r = record(DRIVER);
	assert_int_equal(r.fault.addr & ~PAGE_MASK, 0x100000);
	no_record(DRIVER);
}

WORLD_TEST(I2_others_see_nothing_monitors_see_all)
{
	struct fault_record r;

	start();
	notify(DRIVER);
	notify(BYSTANDER);
	notify(MONITOR);
	fault(EDU0, 0x1000, true);
	assert_int_equal(world_virqs(DRIVER), 1);
	assert_int_equal(world_virqs(MONITOR), 1);
	assert_int_equal(world_virqs(BYSTANDER), 0);
	no_record(BYSTANDER);
	r = record(MONITOR);
	assert_int_equal(r.endpoint, EDU0);
	assert_int_equal(r.vm, DRIVER);
	(void)record(DRIVER); /* its own copy */
	no_record(MONITOR);
	fault(NIC, 0x1000, true);
	(void)record(BYSTANDER);
	no_record(DRIVER);
	assert_int_equal(record(MONITOR).vm, BYSTANDER);
	fault(ALL, 0x40000000, true); /* its owner never connects */
	assert_int_equal(record(MONITOR).vm, QUIET);
	fault(DISK2, 0x1000, true); /* the hypervisor's object, the driver's device */
	assert_int_equal(record(DRIVER).endpoint, DISK2);
	assert_int_equal(record(MONITOR).vm, DRIVER);
	fault(DISK, 0x1000, true);
	assert_int_equal(record(MONITOR).vm, FAULT_VM_NONE);
	fault(NOBODY, 0x1000, true);
	assert_int_equal(record(MONITOR).endpoint, NOBODY);
	assert_int_equal(world_hw.dma(0, 0x77, 0x1000, true), DMA_BLOCKED);
	world_irq();
	r = record(MONITOR);
	assert_int_equal(r.endpoint, FAULT_ENDPOINT_NONE);
	assert_int_equal(r.fault.sid, 0x77);
	no_record(DRIVER);
	no_record(BYSTANDER);
}

static void storm(unsigned dev, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		(void)world_hw.dma(world_device[dev].unit, world_device[dev].sid, 0x1000, true);
		if (i % 16 == 15) {
			world_irq();
		}
	}
	world_irq();
}

static unsigned drain(unsigned vm, struct fault_record *last)
{
	unsigned n = 0;

	while (smmu_xfer_status(VM(vm), last) == 0) {
		n++;
	}
	return n;
}

WORLD_TEST(I6_a_storm_is_muted_reported_once_and_still_blocked)
{
	struct smmu_devid id = world_id(EDU0);
	struct fault_record r = { .muted = false };
	uint64_t before;
	unsigned n;

	start();
	notify(DRIVER);
	for (n = 0; n < STORM_FAULTS; n++) {
		fault(EDU0, 0x1000, true);
		r = record(DRIVER);
		assert_false(r.muted);
	}
	fault(EDU0, 0x1000, true);
	r = record(DRIVER);
	assert_true(r.muted);
	assert_true(endpoint_by_index(EDU0)->muted);
	fault(EDU0, 0x1000, true);
	no_record(DRIVER);
	assert_nothing(EDU0, 0x1000);
	assert_reads(EDU0, RAM, RAM); /* what it may do it still may */
	assert_no_write(EDU0, RAM);
	assert_non_null(strstr(fake_log, "device edu0: more than 64 faults in 100 ms: muted"));
	/* Another device of the same object, and of the same unit, is heard. */
	fault(EDU1, 0x2000, true);
	assert_int_equal(record(DRIVER).endpoint, EDU1);
	/* Muted means muted, in whichever object. */
	assert_int_equal(world_add(DRIVER, 0, EDU0), 0);
	fault(EDU0, 0x1000, true);
	no_record(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	before = endpoint_by_index(EDU0)->faults;
	fault(EDU0, 0x1000, true);
	no_record(DRIVER);
	assert_int_equal(endpoint_by_index(EDU0)->faults, before); /* the unit itself is silent */
	/* Not at once: the storm would go on at the expense of the CPU that takes the faults. */
	assert_int_equal(smmu_device_unmute(VM(DRIVER), &id), -BH_EAGAIN);
	assert_true(endpoint_by_index(EDU0)->muted);
	fake_time_us += STORM_WINDOW_US;
	assert_int_equal(smmu_device_unmute(VM(DRIVER), &id), 0);
	fault(EDU0, 0x1000, true);
	assert_int_equal(record(DRIVER).endpoint, EDU0);
	assert_int_equal(smmu_device_unmute(VM(DRIVER), &id), 0); /* was not muted: fine */
}

/* Faults that the unit held when the device was muted. */
WORLD_TEST(I6_what_was_on_its_way_is_muted_too)
{
	unsigned held = world_hw.record_max < 40 ? world_hw.record_max : 40;
	struct fault_record r;

	start();
	notify(DRIVER);
	for (unsigned i = 0; i < STORM_FAULTS - 4; i++) {
		fault(EDU0, 0x1000, true);
		(void)record(DRIVER);
	}
	for (unsigned i = 0; i < 40; i++) {
		(void)world_hw.dma(0, world_device[EDU0].sid, 0x1000, true);
	}
	world_irq();
	assert_int_equal(drain(DRIVER, &r), 5);
	assert_true(r.muted);
	assert_int_equal(endpoint_by_index(EDU0)->faults, STORM_FAULTS - 4 + held);
}

WORLD_TEST(slow_faults_are_no_storm)
{
	start();
	notify(DRIVER);
	for (unsigned i = 0; i < 4 * STORM_FAULTS; i++) {
		fake_time_us += STORM_WINDOW_US / (STORM_FAULTS - 4);
		fault(EDU0, 0x1000, true);
		(void)record(DRIVER);
	}
	assert_false(endpoint_by_index(EDU0)->muted);
}

WORLD_TEST(unmute_errors)
{
	struct smmu_devid id = world_id(EDU0);
	struct smmu_devid none = { .bus = 9 };
	struct smmu_devid wild = { .bus = DEVID_ANY };
	struct smmu_devid nobody = world_id(NOBODY);

	start();
	assert_int_equal(smmu_init(VM(BYSTANDER), 0), 0);
	assert_int_equal(smmu_init(VM(MONITOR), 0), 0);
	storm(EDU0, 200);
	storm(NOBODY, 200);
	assert_true(endpoint_by_index(EDU0)->muted);
	assert_true(endpoint_by_index(NOBODY)->muted);
	assert_int_equal(smmu_device_unmute(VM(BYSTANDER), &id), -BH_EPERM);
	assert_int_equal(smmu_device_unmute(VM(DRIVER), &nobody), -BH_EPERM);
	assert_int_equal(smmu_device_unmute(VM(DRIVER), &none), -BH_ENOENT);
	assert_int_equal(smmu_device_unmute(VM(DRIVER), &wild), -BH_EINVAL);
	assert_true(endpoint_by_index(EDU0)->muted);
	assert_int_equal(smmu_device_unmute(VM(MONITOR), &id), -BH_EAGAIN);
	fake_time_us += STORM_WINDOW_US;
	assert_int_equal(smmu_device_unmute(VM(MONITOR), &id), 0);
	assert_int_equal(smmu_device_unmute(VM(MONITOR), &nobody), 0);
	assert_false(endpoint_by_index(EDU0)->muted);
	assert_false(endpoint_by_index(NOBODY)->muted);
}

WORLD_TEST(I6_a_flood_does_not_hide_another_devices_fault)
{
	struct fault_record r;
	unsigned n;

	start();
	notify(DRIVER);
	notify(BYSTANDER);
	storm(EDU0, 5000);
	fault(NIC, 0x5000, true);
	assert_int_equal(drain(BYSTANDER, &r), 1);
	assert_int_equal(r.endpoint, NIC);
	n = drain(DRIVER, &r);
	assert_in_range(n, 1, FAULT_RING);
}

WORLD_TEST(I6_streams_nobody_configured_are_muted_too)
{
	struct fault_record r;

	start();
	notify(MONITOR);
	for (unsigned i = 0; i < 500; i++) {
		(void)world_hw.dma(0, 0x77, 0x1000, false);
		world_irq();
	}
	assert_int_equal(drain(MONITOR, &r), FAULT_RING);
	assert_non_null(strstr(fake_log, "unknown device (unit 0, StreamID 0x77): more than 64 faults"));
	/* Many different ones: bounded work, and the configured devices still work. */
	for (unsigned i = 0; i < 2000; i++) {
		bad_stream(0x1000 + i);
		world_irq();
	}
	assert_int_equal(world_add(DRIVER, 0, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_reads(EDU0, RAM, RAM);
	assert_int_equal(fake_log_count[LOG_ERROR], 0);
}

/* The console is slow and the CPU that prints runs a partition. */
WORLD_TEST(I6_few_lines_per_second)
{
	start();
	fake_log[0] = '\0';
	memset(fake_log_count, 0, sizeof(fake_log_count));
	storm(EDU0, 1000);
	assert_in_range(fake_log_count[LOG_INFO], 1, 5);
	for (unsigned i = 0; i < 400; i++) {
		storm(i % 2 ? EDU1 : NIC, 1);
		bad_stream(0x3000 + i);
		world_irq();
	}
	assert_in_range(fake_log_count[LOG_INFO], 1, 12);
}

/* The unit announces once what is in its queue: what an interrupt leaves behind must not stay there. */
WORLD_TEST(I6_an_interrupt_has_a_budget_and_comes_back)
{
	unsigned held = world_hw.record_max < 200 ? world_hw.record_max : 200;
	unsigned over = held > 128 ? 1 : 0;
	struct fault_record r;
	unsigned ipis;

	start();
	notify(MONITOR);
	for (unsigned i = 0; i < held; i++) {
		bad_stream(0x2000 + i);
	}
	ipis = fake_ipis;
	world_irq();
	assert_int_equal(fake_ipis, ipis + over);
	assert_int_equal(drain(MONITOR, &r), held < FAULT_RING ? held : FAULT_RING);
	fake_cpu = 1;
	iommu_poll(); /* not this CPU's work */
	fake_cpu = 0;
	assert_int_equal(drain(MONITOR, &r), 0);
	iommu_poll();
	assert_int_equal(drain(MONITOR, &r), over ? FAULT_RING : 0); /* 72 came, 8 did not fit */
	assert_int_equal(fake_ipis, ipis + over);
	iommu_poll();
	assert_int_equal(drain(MONITOR, &r), 0);
	fault(EDU0, 0x1000, true);
	assert_int_equal(drain(MONITOR, &r), 1);
}

WORLD_TEST(a_full_queue_in_the_unit_is_reported)
{
	start();
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 400; i++) {
			(void)world_hw.dma(0, world_device[EDU0].sid, 0x1000, false);
		}
		for (unsigned i = 0; i < 8; i++) {
			world_irq();
			iommu_poll();
		}
	}
	assert_non_null(strstr(fake_log, "dropped fault records"));
	assert_true(endpoint_by_index(EDU0)->muted);
	fault(EDU1, 0x1000, true);
	assert_int_equal(endpoint_by_index(EDU1)->faults, 1);
}

WORLD_TEST(a_service_failure_of_the_unit_blocks_it)
{
	start();
	world_hw.die(0);
	world_irq();
	assert_nothing(EDU0, RAM);
	assert_false(unit_usable(0));
	assert_true(unit_usable(1));
	assert_int_equal(fake_log_count[LOG_ERROR], 1);
	assert_int_equal(world_map(DRIVER, h, RD, RAM + 0x1000, 1), -BH_EIO);
}

WORLD_TEST(a_stopped_partition_gets_no_records)
{
	start();
	notify(DRIVER);
	iommu_vm_stop(VM(DRIVER));
	fault(EDU0, RAM, false);
	assert_int_equal(world_virqs(DRIVER), 0);
	assert_int_equal(smmu_init(VM(DRIVER), 0), 0);
	no_record(DRIVER);
}

/* --- Words ------------------------------------------------------------------------------------ */

static const char *words(unsigned dev, uint64_t addr, unsigned access, enum fault_reason reason)
{
	static char text[400];
	struct iommu_fault f = {
		.unit = world_device[dev].unit, .sid = world_device[dev].sid, .sid_valid = true, .addr_valid = true,
		.addr = addr, .access = (uint8_t)access, .reason = reason, .name = "F_TRANSLATION",
	};

	assert_in_range(fault_text(text, sizeof(text), &world_cfg, &f, endpoint_by_index(dev)), 1, sizeof(text) - 1);
	return text;
}

#define assert_words(dev, addr, access, reason, part) assert_non_null(strstr(words(dev, addr, access, reason), part))

WORLD_TEST(the_log_says_it_in_words)
{
	struct iommu_fault f = { .unit = 1, .sid = 7, .sid_valid = true, .reason = FAULT_BLOCKED, .name = "C_BAD_STE" };
	char text[200];

	start();
	assert_string_equal(words(EDU0, BY_RAM, PROT_WRITE, FAULT_UNMAPPED),
			    "device edu0 (pci 00:02.0, StreamID 0x10, partition driver) write of 0x5c000000 refused: "
			    "no mapping there [F_TRANSLATION]; belongs to partition bystander (region ram, +0x0)");
	assert_words(EDU0, RAM + 0x10, PROT_WRITE, FAULT_PERMISSION, "mapping 1 (0x50000000+0x1000) allows read only");
	assert_words(EDU0, RAM + 0x1010, PROT_READ, FAULT_UNMAPPED,
		     "16 bytes past the end of mapping 1 (0x50000000+0x1000 read)");
	assert_words(EDU0, RAM + 0x1010, PROT_READ, FAULT_UNMAPPED,
		     "own memory of partition driver (region ram, +0x1010)");
	assert_words(EDU0, RAM - 1, PROT_READ, FAULT_UNMAPPED, "1 byte before mapping 1");
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x1000), 0);
	assert_words(EDU0, RAM, PROT_READ, FAULT_UNMAPPED, "0x50000000+0x1000 was unmapped 1 call ago");
	assert_int_equal(world_map(DRIVER, h, RW, RAM + 0x2000, 1), 0);
	assert_words(EDU0, RAM, PROT_READ, FAULT_UNMAPPED, "was unmapped 2 calls ago");
	assert_words(EDU0, 0x40200000, PROT_EXEC, FAULT_UNMAPPED, "instruction fetch from 0x40200000");
	assert_words(EDU0, 0x40200000, PROT_READ, FAULT_UNMAPPED, "; hypervisor memory");
	assert_words(EDU0, 0x9050000, PROT_READ, FAULT_UNMAPPED, "; registers of the SMMU");
	assert_words(EDU0, 0x8000008, PROT_READ, FAULT_UNMAPPED, "; registers of the GIC");
	assert_words(EDU0, 0x9000000, PROT_READ, FAULT_UNMAPPED, "; registers of the console");
	assert_words(EDU0, 0x7fff0000000, 0, FAULT_ADDRESS, "access to 0x7fff0000000 refused: outside the addresses");
	assert_words(EDU0, 0x7fff0000000, 0, FAULT_ADDRESS, "; no partition's memory");
	assert_words(DMA0, 0, PROT_READ, FAULT_BLOCKED,
		     "device dma0 (registers at 0xb000000, StreamID 0x1, partition driver) read of 0x0 refused: "
		     "the device is in no SMMU object");
	assert_words(NOBODY, 0, PROT_READ, FAULT_BLOCKED, "device nobody (pci 00:04.0, StreamID 0x20, no partition's)");
	(void)fault_text(text, sizeof(text), &world_cfg, &f, NULL);
	assert_string_equal(text, "unknown device (unit 1, StreamID 0x7) access to an address the unit does not tell "
				  "refused: the device is in no SMMU object [C_BAD_STE]");
	(void)fault_text(text, 20, &world_cfg, &f, NULL);
	assert_string_equal(text, "unknown device (uni"); /* cut off, terminated */
	(void)address_text(text, sizeof(text), &world_cfg, QU_RAM + 0x10);
	assert_string_equal(text, "; belongs to partition quiet (region ram, +0x10)");
}

WORLD_TEST(the_report_prints)
{
	struct endpoint *ep;
	struct smmu_devid id = world_id(EDU0);
	struct walk_result w;

	start();
	fake_log[0] = '\0';
	iommu_report();
	assert_non_null(strstr(fake_log, "device edu0: unit 0 StreamID 0x10, owner driver, attached"));
	assert_non_null(strstr(fake_log, "partition driver: attached"));
	assert_non_null(strstr(fake_log, "hypervisor object 1 legacy"));
	assert_int_equal(endpoint_get(&id, &ep), 0);
	assert_int_equal(endpoint_walk(ep, RAM + 0x123, &w), 0);
	assert_int_equal(w.pa, RAM + 0x123);
	assert_int_equal(w.prot, PROT_READ);
	assert_int_equal(w.levels, 3);
	assert_int_equal(endpoint_walk(ep, RAM + 0x1000, &w), 0);
	assert_int_equal(w.prot, PROT_NONE);
	assert_int_equal(endpoint_walk(endpoint_by_index(DMA0), RAM, &w), -BH_ENOENT);
	assert_int_equal(endpoint_walk(endpoint_by_index(NOBODY), RAM, &w), -BH_ENOENT);
	assert_int_equal(endpoint_walk(ep, ~0ull, &w), 0);
	assert_int_equal(w.levels, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_record_says_who_what_and_why),
		T(notification_is_one_shot_and_loses_no_wakeup),
		T(fini_drops_records_and_registration),
		T(a_partition_without_an_interrupt_cannot_register),
		T(I6_sixty_four_are_kept_and_the_next_is_counted),
		T(I2_others_see_nothing_monitors_see_all),
		T(I6_a_storm_is_muted_reported_once_and_still_blocked),
		T(I6_what_was_on_its_way_is_muted_too),
		T(slow_faults_are_no_storm),
		T(unmute_errors),
		T(I6_a_flood_does_not_hide_another_devices_fault),
		T(I6_streams_nobody_configured_are_muted_too),
		T(I6_few_lines_per_second),
		T(I6_an_interrupt_has_a_budget_and_comes_back),
		T(a_full_queue_in_the_unit_is_reported),
		T(a_service_failure_of_the_unit_blocks_it),
		T(a_stopped_partition_gets_no_records),
		T(the_log_says_it_in_words),
		T(the_report_prints),
	};

	int failed = cmocka_run_group_tests_name("general way", tests, NULL, NULL);

	world_short = true;
	return failed + cmocka_run_group_tests_name("short way first", tests, NULL, NULL);
}
