/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and devices: who may attach what [I2], what is blocked when [I1], nothing half done [I5]. */
#include "iommu_world.h"

static struct smmu_devid pci(uint32_t bus, uint32_t dev, uint32_t func)
{
	return (struct smmu_devid){ .type = CFG_DEV_PCI, .bus = bus, .dev = dev, .func = func };
}

static int64_t add_id(unsigned vm, int64_t handle, struct smmu_devid id)
{
	return smmu_device_add(VM(vm), (uint64_t)handle, &id);
}

WORLD_TEST(I1_everything_is_blocked_after_boot)
{
	world_boot();
	for (unsigned d = 0; d < WORLD_DEVICES; d++) {
		assert_nothing(d, RAM);
		assert_nothing(d, 0x40200000);
		assert_nothing(d, RSV_PA);
		assert_nothing(d, 0x9050000);
	}
	assert_int_equal(fake_log_count[LOG_ERROR], 0);
}

WORLD_TEST(static_objects_reach_what_the_configuration_says)
{
	world_boot();
	assert_reads(DISK, ALLOW, ALLOW_PA);
	assert_reads(DISK2, ALLOW + 0x1fff, ALLOW_PA + 0x1fff);
	assert_no_write(DISK, ALLOW);
	assert_writes(DISK2, ALLOW + 0x2000, ALLOW_PA + 0x10000);
	assert_no_read(DISK, ALLOW + 0x2000);
	assert_nothing(DISK, ALLOW + 0x3000);
	assert_nothing(DISK, ALLOW - 1);
	assert_writes(ALL, QU_RAM + MIB(4) - 1, QU_RAM + MIB(4) - 1);
	assert_reads(ALL, 0x2fff, 0x7e002fff);
	assert_no_write(ALL, 0);
	assert_nothing(ALL, 0xb002000); /* registers are not memory */
	assert_nothing(ALL, QU_RAM - 1);
	assert_reads(OWN_ALL, BY_RAM, BY_RAM);
	assert_nothing(OWN_ALL, RAM);
}

WORLD_TEST(init_errors)
{
	world_boot();
	assert_int_equal(smmu_init(VM(DRIVER), 1), -BH_EINVAL);
	assert_int_equal(smmu_init(VM(QUIET), 0), -BH_EPERM);
	assert_int_equal(smmu_init(VM(DRIVER), 0), 0);
	assert_int_equal(smmu_init(VM(DRIVER), 0), 0); /* again: nothing changes */
	iommu_unit_count = 0;
	assert_int_equal(smmu_init(VM(MONITOR), 0), -BH_ENODEV);
}

WORLD_TEST(everything_needs_init)
{
	struct smmu_devid id = world_id(EDU0);
	struct smmu_region r = { RAM, 0x1000 };
	struct fault_record rec;
	struct smmu_stats stats;

	world_boot();
	for (unsigned round = 0; round < 2; round++) {
		assert_int_equal(smmu_obj_create(VM(DRIVER), 0), -BH_ENOTCONN);
		assert_int_equal(smmu_obj_destroy(VM(DRIVER), 1), -BH_ENOTCONN);
		assert_int_equal(smmu_device_add(VM(DRIVER), 1, &id), -BH_ENOTCONN);
		assert_int_equal(smmu_mapping_add(VM(DRIVER), 1, RD, &r, 1, 0), -BH_ENOTCONN);
		assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 0, &r, 1), -BH_ENOTCONN);
		assert_int_equal(smmu_xfer_notify(VM(DRIVER), 1), -BH_ENOTCONN);
		assert_int_equal(smmu_xfer_status(VM(DRIVER), &rec), -BH_ENOTCONN);
		assert_int_equal(smmu_device_unmute(VM(DRIVER), &id), -BH_ENOTCONN);
		assert_int_equal(smmu_obj_stats(VM(DRIVER), 1, &stats), -BH_ENOTCONN);
		assert_int_equal(smmu_fini(VM(DRIVER)), -BH_ENOTCONN);
		assert_int_equal(smmu_init(VM(DRIVER), 0), 0);
		assert_int_equal(smmu_fini(VM(DRIVER)), 0);
	}
}

WORLD_TEST(create_errors)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(h, 1);
	assert_int_equal(smmu_obj_create(VM(DRIVER), 2), -BH_EINVAL);
	assert_int_equal(smmu_obj_create(VM(DRIVER), 0x100000001ull), -BH_EINVAL);
	world_object(BYSTANDER);
	assert_int_equal(smmu_obj_create(VM(BYSTANDER), BH_OBJ_RESERVED_MANUAL), -BH_EPERM);
	assert_true(smmu_obj_create(VM(DRIVER), BH_OBJ_RESERVED_MANUAL) > 0);
	for (unsigned i = 2; i < OBJECT_MAX; i++) {
		assert_true(smmu_obj_create(VM(DRIVER), 0) > 0);
	}
	assert_int_equal(smmu_obj_create(VM(DRIVER), 0), -BH_ENOMEM);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), 5), 0);
	assert_int_equal(smmu_obj_create(VM(DRIVER), 0), 5);
}

WORLD_TEST(one_partition_cannot_use_up_another_ones_objects)
{
	world_boot();
	world_object(DRIVER);
	while (smmu_obj_create(VM(DRIVER), 0) > 0) {
	}
	world_object(MONITOR);
	for (unsigned i = 0; i < 12; i++) { /* as many as its pool has pages for */
		assert_true(smmu_obj_create(VM(MONITOR), 0) > 0);
	}
}

WORLD_TEST(foreign_and_stale_handles)
{
	static const uint64_t bad[] = { 2, 17, 255, 256, 1ull << 32 | 1, ~0ull, 0 };
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	world_object(MONITOR);
	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		struct smmu_devid id = world_id(EDU0);
		struct smmu_stats s;

		assert_int_equal(smmu_obj_destroy(VM(DRIVER), bad[i]), -BH_EBADF);
		assert_int_equal(world_map(DRIVER, (int64_t)bad[i], RD, RAM, 1), -BH_EBADF);
		assert_int_equal(smmu_obj_stats(VM(DRIVER), bad[i], &s), -BH_EBADF);
		assert_int_equal(smmu_device_add(VM(DRIVER), bad[i], &id), bad[i] ? -BH_EBADF : -BH_ENOENT);
	}
	/* A static object has a slot, but no handle that works. */
	assert_int_equal(smmu_init(VM(BYSTANDER), 0), 0);
	assert_true(VM(BYSTANDER)->client.object[0].is_static);
	assert_int_equal(smmu_obj_destroy(VM(BYSTANDER), 1), -BH_EBADF);
	assert_int_equal(world_map(BYSTANDER, 1, RD, BY_RAM, 1), -BH_EBADF);
	assert_int_equal(smmu_obj_create(VM(BYSTANDER), 0), 2);
	/* A handle of another partition means an object of one's own, or nothing. */
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)h), 0);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)h), -BH_EBADF);
	assert_int_equal(world_map(DRIVER, h, RD, RAM, 1), -BH_EBADF);
	assert_int_equal(world_add(DRIVER, h, EDU0), -BH_EBADF);
}

WORLD_TEST(I2_device_ownership)
{
	int64_t h, b;
	struct smmu_devid bad = { .type = 2 };

	world_boot();
	h = world_object(DRIVER);
	b = world_object(BYSTANDER);
	assert_int_equal(world_add(DRIVER, h, NIC), -BH_EBUSY);
	assert_int_equal(world_add(BYSTANDER, b, EDU0), -BH_EBUSY);
	assert_int_equal(world_add(DRIVER, h, DISK), -BH_EBUSY);
	assert_int_equal(world_add(DRIVER, h, DISK2), -BH_EBUSY); /* the owner's, yet the hypervisor's object */
	assert_int_equal(world_add(DRIVER, h, NOBODY), -BH_EBUSY);
	assert_int_equal(world_add(DRIVER, h, ALL), -BH_EBUSY);
	assert_int_equal(world_add(BYSTANDER, b, OWN_ALL), -BH_EBUSY);
	assert_int_equal(world_add(BYSTANDER, 0, OWN_ALL), -BH_EBUSY);
	assert_int_equal(world_add(DRIVER, 0, DISK2), -BH_ENOENT);
	assert_reads(DISK2, ALLOW, ALLOW_PA);
	assert_reads(OWN_ALL, BY_RAM, BY_RAM);
	assert_int_equal(add_id(DRIVER, h, pci(9, 0, 0)), -BH_ENOENT);
	assert_int_equal(add_id(DRIVER, h, pci(256, 0, 0)), -BH_EINVAL);
	assert_int_equal(add_id(DRIVER, h, pci(0, 32, 0)), -BH_EINVAL);
	assert_int_equal(add_id(DRIVER, h, pci(0, 2, 8)), -BH_EINVAL);
	assert_int_equal(smmu_device_add(VM(DRIVER), (uint64_t)h, &bad), -BH_EINVAL);
	assert_int_equal(world_add(DRIVER, 0, EDU0), -BH_ENOENT); /* in no object */
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(BYSTANDER, b, EDU0), -BH_EBUSY);
	assert_int_equal(world_add(BYSTANDER, 0, EDU0), -BH_ENOENT);
	assert_int_equal(world_add(DRIVER, 0, EDU0), 0);
	assert_int_equal(world_add(DRIVER, 0, EDU0), -BH_ENOENT);
}

WORLD_TEST(mmio_devices_match_base_and_length)
{
	struct smmu_devid id;
	int64_t h, b;

	world_boot();
	h = world_object(DRIVER);
	b = world_object(BYSTANDER);
	id = world_id(DMA0);
	id.length = 0x100;
	assert_int_equal(add_id(DRIVER, h, id), -BH_ENOENT);
	id.length = 0;
	assert_int_equal(add_id(DRIVER, h, id), -BH_ENOENT);
	id.length = 0x80;
	id.phys++;
	assert_int_equal(add_id(DRIVER, h, id), -BH_ENOENT);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0);
	id = world_id(ANYLEN);
	id.length = 0x1234; /* configured without a length */
	assert_int_equal(add_id(BYSTANDER, b, id), 0);
	/* A PCI number never means a register window. */
	assert_int_equal(add_id(BYSTANDER, b, pci(0, 0, 0)), -BH_ENOENT);
}

WORLD_TEST(devices_before_and_after_mappings_end_alike)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_nothing(EDU0, RAM); /* no mapping: no access */
	assert_int_equal(world_map(DRIVER, h, RD, RAM, 0x1000), 0);
	assert_int_equal(world_add(DRIVER, h, EDU1), 0);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0); /* behind the other unit */
	assert_reads(EDU0, RAM, RAM);
	assert_reads(EDU1, RAM, RAM);
	assert_reads(DMA0, RAM, RAM);
	assert_no_write(DMA0, RAM);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x1000), 0);
	assert_nothing(EDU0, RAM);
	assert_nothing(EDU1, RAM);
	assert_nothing(DMA0, RAM);
}

WORLD_TEST(I1_leaving_means_blocked)
{
	int64_t a, b;

	world_boot();
	a = world_object(DRIVER);
	b = smmu_obj_create(VM(DRIVER), 0);
	assert_int_equal(world_map(DRIVER, a, RD, RAM, 0x1000), 0);
	assert_int_equal(world_map(DRIVER, b, WR, RAM + 0x1000, 0x1000), 0);
	assert_int_equal(world_add(DRIVER, a, EDU0), 0);
	assert_int_equal(world_dma(EDU0, RAM, false), DMA_OK); /* is cached now */
	assert_int_equal(world_add(DRIVER, b, EDU0), 0);              /* moved */
	assert_nothing(EDU0, RAM);
	assert_writes(EDU0, RAM + 0x1000, RAM + 0x1000);
	assert_int_equal(world_dma(EDU0, RAM + 0x1000, true), DMA_OK);
	assert_int_equal(world_add(DRIVER, 0, EDU0), 0);
	assert_nothing(EDU0, RAM + 0x1000);
	assert_int_equal(world_add(DRIVER, b, EDU0), 0);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)b), 0);
	assert_nothing(EDU0, RAM + 0x1000);
	assert_int_equal(VM(DRIVER)->client.object[b - 1].domain.units, 0);
}

/* Mapping changed while no device was there to be told: nothing old may come back with the device [I4]. */
WORLD_TEST(I4_nothing_survives_in_a_unit_that_was_left)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_map(DRIVER, h, RW, RAM, 0x1000), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0);
	assert_int_equal(world_dma(EDU0, RAM, true), DMA_OK);
	assert_int_equal(world_add(DRIVER, 0, EDU0), 0);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x1000), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_nothing(EDU0, RAM);
	assert_nothing(DMA0, RAM);
}

/* As above with the slot and its domain id used by another object. */
WORLD_TEST(I4_a_domain_id_is_clean_when_it_is_used_again)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_map(DRIVER, h, RW, RAM, MIB(4)), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_dma(EDU0, RAM + 0x3000, true), DMA_OK);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)h), 0);
	assert_int_equal(smmu_obj_create(VM(DRIVER), 0), h);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_nothing(EDU0, RAM + 0x3000);
	assert_int_equal(world_map(DRIVER, h, RW, LOW, 0x1000), 0);
	assert_nothing(EDU0, RAM + 0x3000);
	assert_reads(EDU0, LOW, LOW_PA);
}

WORLD_TEST(wildcards_are_all_or_nothing)
{
	int64_t h, b;

	world_boot();
	h = world_object(DRIVER);
	b = world_object(BYSTANDER);
	assert_int_equal(world_map(DRIVER, h, RD, RAM, 0x1000), 0);
	/* Everything: some devices are other partitions'. */
	assert_int_equal(add_id(DRIVER, h, pci(DEVID_ANY, DEVID_ANY, DEVID_ANY)), -BH_EBUSY);
	assert_nothing(EDU0, RAM);
	assert_int_equal(add_id(BYSTANDER, b, pci(DEVID_ANY, DEVID_ANY, DEVID_ANY)), -BH_EBUSY);
	/* Bus 0: both of ours; the one that nobody may claim is passed over. */
	assert_int_equal(add_id(DRIVER, h, pci(0, DEVID_ANY, DEVID_ANY)), 0);
	assert_reads(EDU0, RAM, RAM);
	assert_reads(EDU1, RAM, RAM);
	assert_nothing(NOBODY, RAM);
	assert_int_equal(add_id(DRIVER, 0, pci(DEVID_ANY, DEVID_ANY, DEVID_ANY)), 0);
	assert_nothing(EDU0, RAM);
	assert_nothing(EDU1, RAM);
	assert_int_equal(add_id(DRIVER, 0, pci(DEVID_ANY, DEVID_ANY, DEVID_ANY)), -BH_ENOENT);
	assert_int_equal(add_id(DRIVER, h, pci(7, DEVID_ANY, 0)), -BH_ENOENT);
	assert_int_equal(add_id(DRIVER, h, pci(0, 4, DEVID_ANY)), -BH_ENOENT); /* only nobody's */
	assert_int_equal(add_id(DRIVER, h, pci(0, 3, DEVID_ANY)), 0);
	assert_nothing(EDU0, RAM);
	assert_reads(EDU1, RAM, RAM);
	assert_reads(DISK2, ALLOW, ALLOW_PA);
}

WORLD_TEST(every_device_of_the_machine_by_wildcard)
{
	int64_t h;

	world_cfg.device_count = 2; /* EDU0, EDU1 */
	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_map(DRIVER, h, RD, RAM, 1), 0);
	assert_int_equal(add_id(DRIVER, h, pci(DEVID_ANY, DEVID_ANY, DEVID_ANY)), 0);
	assert_reads(EDU0, RAM, RAM);
	assert_reads(EDU1, RAM, RAM);
}

/* The last device cannot enter: the others go back to where they were. */
WORLD_TEST(I5_a_wildcard_that_fails_half_way_is_undone)
{
	struct smmu_region r = { RSV_PA, 0x1000 };
	int64_t a, b;

	world_boot();
	a = world_object(DRIVER);
	b = smmu_obj_create(VM(DRIVER), 0);
	assert_int_equal(world_map(DRIVER, a, RD, RAM, 1), 0);
	assert_int_equal(world_map(DRIVER, b, RD, RAM + 0x1000, 1), 0);
	assert_int_equal(smmu_mapping_add(VM(DRIVER), (uint64_t)b, RD | BH_MAP_TARGET, &r, 1, RAM), 0);
	assert_int_equal(world_add(DRIVER, a, EDU0), 0);
	assert_int_equal(add_id(DRIVER, b, pci(0, DEVID_ANY, DEVID_ANY)), -BH_EINVAL); /* RSV's region */
	assert_reads(EDU0, RAM, RAM);
	assert_nothing(EDU0, RAM + 0x1000);
	assert_nothing(EDU1, RAM + 0x1000);
	assert_int_equal(world_add(DRIVER, 0, EDU1), -BH_ENOENT);
	assert_int_equal(world_add(DRIVER, 0, EDU0), 0);
	assert_int_equal(add_id(DRIVER, b, pci(0, DEVID_ANY, DEVID_ANY)), -BH_EINVAL);
	assert_nothing(EDU0, RAM);
	assert_nothing(EDU0, RAM + 0x1000);
	assert_int_equal(world_add(DRIVER, 0, EDU0), -BH_ENOENT);
}

WORLD_TEST(a_stream_the_unit_does_not_have_stops_the_boot)
{
	world_device[EDU1].sid = 0x7fffffff;
	assert_int_equal(world_try_boot(), -BH_ERANGE);
	assert_non_null(strstr(fake_log, "device edu1: no entry for StreamID 0x7fffffff"));
}

WORLD_TEST(reserved_regions_come_and_go_with_their_device)
{
	struct smmu_region r[3];
	struct smmu_devid id;
	int64_t h, m;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_nothing(EDU0, RSV_PA);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0);
	assert_writes(DMA0, RSV_PA + 0x1fff, RSV_PA + 0x1fff);
	assert_writes(EDU0, RSV_PA + 0x8000, RSV_PA + 0x8000); /* the object's devices see all its mappings */
	assert_nothing(DMA0, RSV_PA + 0x2000);
	assert_int_equal(world_add(DRIVER, h, RSV), 0); /* has the first of the two as well */
	assert_int_equal(world_unmap(DRIVER, h, RSV_PA, 0x2000), 0);
	assert_writes(RSV, RSV_PA, RSV_PA); /* not the client's to remove */
	assert_int_equal(world_add(DRIVER, 0, DMA0), 0);
	assert_writes(RSV, RSV_PA, RSV_PA);
	assert_nothing(RSV, RSV_PA + 0x8000);
	assert_int_equal(world_add(DRIVER, 0, RSV), 0);
	assert_nothing(EDU0, RSV_PA);
	/* Moving takes them along. */
	m = smmu_obj_create(VM(DRIVER), 0);
	assert_int_equal(world_add(DRIVER, h, RSV), 0);
	assert_int_equal(world_add(DRIVER, m, RSV), 0);
	assert_nothing(EDU0, RSV_PA);
	assert_writes(RSV, RSV_PA, RSV_PA);
	/* By hand. */
	m = smmu_obj_create(VM(DRIVER), BH_OBJ_RESERVED_MANUAL);
	assert_int_equal(world_add(DRIVER, m, RSV), 0);
	assert_nothing(RSV, RSV_PA);
	id = world_id(DMA0);
	memset(r, 0, sizeof(r));
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 0, r, 1), 2);
	assert_true(r[0].addr == RSV_PA && r[0].size == 0x2000 && r[1].size == 0);
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 1, r, 3), 1);
	assert_true(r[0].addr == RSV_PA + 0x8000 && r[0].size == 0x1000 && r[1].size == 0);
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 2, r, 3), 0);
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, ~0ull, r, 3), 0);
	id = world_id(EDU0);
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 0, r, 3), 0);
	id = pci(9, 0, 0);
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 0, r, 3), -BH_ENOENT);
	id = pci(0, 40, 0);
	assert_int_equal(smmu_device_report_reserved(VM(DRIVER), &id, 0, r, 3), -BH_EINVAL);
}

WORLD_TEST(I5_a_reserved_region_that_does_not_fit_keeps_the_device_out)
{
	struct smmu_region r = { RSV_PA + 0x1000, 0x1000 };
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(smmu_mapping_add(VM(DRIVER), (uint64_t)h, RD | BH_MAP_TARGET, &r, 1, RAM), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, DMA0), -BH_EINVAL); /* that page is translated to somewhere else */
	assert_nothing(DMA0, RSV_PA + 0x1000);
	assert_nothing(EDU0, RSV_PA);
	assert_reads(EDU0, RSV_PA + 0x1000, RAM);
	assert_int_equal(world_add(DRIVER, 0, DMA0), -BH_ENOENT);
}

WORLD_TEST(I1_fini_undoes_everything)
{
	int64_t h;
	uint16_t pages;

	world_boot();
	pages = VM(DRIVER)->pool.free_count;
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0);
	assert_int_equal(world_map(DRIVER, h, RW, RAM, MIB(3)), 0);
	assert_int_equal(world_dma(EDU0, RAM, true), DMA_OK);
	assert_int_equal(smmu_fini(VM(DRIVER)), 0);
	assert_nothing(EDU0, RAM);
	assert_nothing(DMA0, RSV_PA);
	assert_int_equal(VM(DRIVER)->pool.free_count, pages);
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_nothing(EDU0, RAM);
	assert_reads(DISK2, ALLOW, ALLOW_PA); /* static: not the partition's to end */
}

WORLD_TEST(I1_a_stopped_partition_has_no_dma_and_a_restarted_one_has_its_own)
{
	int64_t h;

	world_boot();
	h = world_object(BYSTANDER);
	assert_int_equal(world_add(BYSTANDER, h, NIC), 0);
	assert_int_equal(world_map(BYSTANDER, h, RW, BY_RAM, 0x2000), 0);
	assert_int_equal(world_dma(NIC, BY_RAM, true), DMA_OK);
	assert_int_equal(world_dma(OWN_ALL, BY_RAM, true), DMA_OK);
	iommu_vm_stop(VM(BYSTANDER));
	assert_nothing(NIC, BY_RAM);
	assert_nothing(OWN_ALL, BY_RAM);
	assert_reads(DISK, ALLOW, ALLOW_PA);
	iommu_vm_start(VM(BYSTANDER));
	assert_reads(OWN_ALL, BY_RAM, BY_RAM);
	assert_nothing(NIC, BY_RAM);
	assert_int_equal(smmu_obj_create(VM(BYSTANDER), 0), -BH_ENOTCONN);
	iommu_vm_stop(VM(DRIVER)); /* never connected */
}

WORLD_TEST(I1_block_all_blocks_all)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_map(DRIVER, h, RW, RAM, 0x2000), 0);
	iommu_block_all();
	world_hw.run(0);
	world_hw.run(1);
	for (unsigned d = 0; d < WORLD_DEVICES; d++) {
		assert_nothing(d, RAM);
		assert_nothing(d, ALLOW);
		assert_nothing(d, BY_RAM);
	}
}

WORLD_TEST(I4_a_unit_that_does_not_answer_blocks_and_says_so)
{
	struct smmu_stats s;
	int64_t h, other;

	world_boot();
	h = world_object(DRIVER);
	other = smmu_obj_create(VM(DRIVER), 0);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_add(DRIVER, h, DMA0), 0);
	assert_int_equal(world_map(DRIVER, h, RW, RAM, 0x2000), 0);
	assert_int_equal(world_dma(EDU0, RAM, true), DMA_OK);
	world_hw.stall(0);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x2000), -BH_EIO);
	assert_nothing(EDU0, RAM);
	assert_nothing(NIC, BY_RAM);
	assert_nothing(DISK2, ALLOW);
	assert_nothing(DMA0, RAM); /* the other unit did its part */
	assert_reads(DISK, ALLOW, ALLOW_PA);
	assert_non_null(strstr(fake_log, "SMMU unit 0"));
	assert_non_null(strstr(fake_log, "10 ms"));
	assert_int_equal(fake_log_count[LOG_ERROR], 1);
	/* Whatever uses that unit is refused from now on; the rest goes on. */
	assert_int_equal(world_map(DRIVER, h, RW, RAM, 0x2000), -BH_EIO);
	assert_int_equal(world_unmap(DRIVER, h, RAM, 0x2000), -BH_EIO);
	assert_int_equal(world_add(DRIVER, other, EDU1), -BH_EIO);
	assert_int_equal(world_add(DRIVER, 0, EDU0), -BH_EIO);
	assert_int_equal(world_map(DRIVER, other, RW, RAM, 0x2000), 0);
	assert_int_equal(world_add(DRIVER, other, DMA0), 0);
	assert_writes(DMA0, RAM, RAM);
	assert_int_equal(smmu_obj_stats(VM(DRIVER), (uint64_t)h, &s), 0);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)h), 0);
	assert_int_equal(fake_log_count[LOG_ERROR], 1);
}

WORLD_TEST(I5_a_device_that_cannot_be_attached_leaves_nothing_behind)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	world_hw.stall(1);
	assert_int_equal(world_add(DRIVER, h, DMA0), -BH_EIO);
	assert_nothing(DMA0, RSV_PA);
	assert_nothing(EDU0, RSV_PA); /* its reserved regions went with it */
	assert_int_equal(world_add(DRIVER, 0, DMA0), -BH_ENOENT);
	assert_int_equal(world_map(DRIVER, h, RD, RAM, 1), 0); /* the object is as good as before */
	assert_reads(EDU0, RAM, RAM);
}

WORLD_TEST(I4_destroying_behind_a_dead_unit)
{
	int64_t h;

	world_boot();
	h = world_object(DRIVER);
	assert_int_equal(world_add(DRIVER, h, EDU0), 0);
	assert_int_equal(world_map(DRIVER, h, RW, RAM, 0x2000), 0);
	world_hw.stall(0);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)h), -BH_EIO);
	assert_nothing(EDU0, RAM);
	assert_int_equal(smmu_obj_destroy(VM(DRIVER), (uint64_t)h), -BH_EBADF);
	assert_int_equal(smmu_fini(VM(DRIVER)), 0);
}

WORLD_TEST(a_unit_that_cannot_be_probed_stops_the_boot)
{
	world_opts[1].unusable = true;
	fake_reset();
	world_hw.create(0, world_cfg.board.unit[0].base, &world_opts[0]);
	world_hw.create(1, world_cfg.board.unit[1].base, &world_opts[1]);
	assert_true(iommu_probe_and_block(&world_cfg.board, 0) < 0);
	assert_true(unit_usable(0));
	assert_false(unit_usable(1));
	/* The good one was blocked all the same. */
	assert_int_equal(world_hw.peek(0, 0x10, RAM, false), DMA_BLOCKED);
}

WORLD_TEST(units_of_different_formats_do_not_mix)
{
	world_opts[1].other_format = true;
	fake_reset();
	vm_count = 0;
	world_cfg.device_count = 0;
	world_cfg.allow_count = 0;
	world_hw.create(0, world_cfg.board.unit[0].base, &world_opts[0]);
	world_hw.create(1, world_cfg.board.unit[1].base, &world_opts[1]);
	assert_int_equal(iommu_probe_and_block(&world_cfg.board, 10), 0);
	iommu_build(&world_cfg);
	assert_int_equal(iommu_enable(), -BH_ENODEV);
	assert_non_null(strstr(fake_log, "SMMU unit 1 wants tables of format"));
	assert_int_equal(world_hw.peek(1, 1, RAM, false), DMA_BLOCKED);
}

WORLD_TEST(an_allow_set_that_reaches_the_hypervisor_is_refused)
{
	static const struct cfg_region bad = { .name = "bad", .ipa = 0, .pa = 0x401ff000, .size = 0x2000, .prot = RD };
	static const struct cfg_allow set = { .name = "evil", .region = &bad, .region_count = 1 };

	world_cfg.allow = &set;
	world_boot();
	assert_nothing(DISK, 0);
	assert_nothing(DISK, 0x1000);
	assert_int_equal(fake_log_count[LOG_ERROR], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I1_everything_is_blocked_after_boot),
		T(static_objects_reach_what_the_configuration_says),
		T(init_errors),
		T(everything_needs_init),
		T(create_errors),
		T(one_partition_cannot_use_up_another_ones_objects),
		T(foreign_and_stale_handles),
		T(I2_device_ownership),
		T(mmio_devices_match_base_and_length),
		T(devices_before_and_after_mappings_end_alike),
		T(I1_leaving_means_blocked),
		T(I4_nothing_survives_in_a_unit_that_was_left),
		T(I4_a_domain_id_is_clean_when_it_is_used_again),
		T(wildcards_are_all_or_nothing),
		T(every_device_of_the_machine_by_wildcard),
		T(I5_a_wildcard_that_fails_half_way_is_undone),
		T(a_stream_the_unit_does_not_have_stops_the_boot),
		T(reserved_regions_come_and_go_with_their_device),
		T(I5_a_reserved_region_that_does_not_fit_keeps_the_device_out),
		T(I1_fini_undoes_everything),
		T(I1_a_stopped_partition_has_no_dma_and_a_restarted_one_has_its_own),
		T(I1_block_all_blocks_all),
		T(I4_a_unit_that_does_not_answer_blocks_and_says_so),
		T(I5_a_device_that_cannot_be_attached_leaves_nothing_behind),
		T(I4_destroying_behind_a_dead_unit),
		T(a_unit_that_cannot_be_probed_stops_the_boot),
		T(units_of_different_formats_do_not_mix),
		T(an_allow_set_that_reaches_the_hypervisor_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
