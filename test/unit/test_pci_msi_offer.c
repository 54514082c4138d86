/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which message interrupts a partition is offered: tables where devices say they are, no remapping, too few vectors;
 * and that what is not offered is neither seen nor reached.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"
#include "pci_msi_world.h"

/* --- what is offered --- */

/* One function of alice in slot dev with both capabilities, PCI Express between them. Not booted yet. */
static int add(unsigned dev, int parent, uint32_t table, uint32_t pba, unsigned entries)
{
	int fn = board_edu(parent, dev);

	pci_model_bar(fn, 2, 12, 0x4000);
	pci_model_bar(fn, 4, 0, 0x1000);
	msi_model_msi(fn, MSI_POS, true, false);
	pci_model_cap_pcie(fn, PCIE_POS, 0, false);
	msi_model_msix(fn, MSIX_POS, entries, table, pba);
	return fn;
}

static void one(uint32_t table, uint32_t pba)
{
	msi_world_reset();
	fn_a = add(2, ROOT, table, pba, ENTRIES);
	board_boot();
	board_give("a", fn_a, A);
	msi_world_assign();
}

static void offered(int fn, bool msi, bool msix)
{
	assert_int_equal(cap_find(fn, PCI_CAP_MSI), msi ? MSI_POS : 0);
	assert_int_equal(cap_find(fn, PCI_CAP_MSIX), msix ? MSIX_POS : 0);
	assert_int_equal(cap_find(fn, PCI_CAP_PCIE), PCIE_POS);
	assert_int_equal(rd(fn, PCI_CAP_PTR), msi ? MSI_POS : PCIE_POS);
	assert_int_equal(rd(fn, PCIE_POS) >> 8 & 0xff, msix ? MSIX_POS : 0);
	if (msix) {
		assert_int_equal(rd(fn, MSIX_POS) >> 8 & 0xff, 0);
	}
	for (unsigned off = 0; off < 16; off += 4) { /* what is hidden is not there at all */
		wr(fn, MSI_POS + off, ~0u);
		wr(fn, MSIX_POS + off, ~0u);
		assert_true(msi || rd(fn, MSI_POS + off) == 0);
		assert_true(msix || rd(fn, MSIX_POS + off) == 0);
	}
	assert_true(msi || (pci_model_get32(fn, MSI_POS) & 1u << 16) == 0);
	assert_true(msix || pci_model_get32(fn, MSIX_POS) >> 31 == 0);
}

static void I3_without_remapping_there_are_only_lines(void **state)
{
	msi_world_reset();
	remapped = false;
	fn_a = add(2, ROOT, TABLE | 2, PBA | 2, ENTRIES);
	board_boot();
	board_give("a", fn_a, A);
	msi_world_assign();
	offered(fn_a, false, false);
	assert_int_equal(route_room, ALL);
	assert_false(board_vm_reaches(A, pci_model_bar_addr(fn_a, 2) + TABLE));
	assert_int_equal(vms[A].trap_count, 1);
	pci_vm_stop(&vms[A]);
	pci_vm_start(&vms[A]);
	assert_int_equal(msi_model_mem_count, 0);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_LINE);
}

static void behind_a_conventional_bridge_there_are_only_lines(void **state)
{
	int bridge;

	msi_world_reset();
	bridge = pci_model_bridge(ROOT, DEVFN(2, 0), PCI_MODEL_PORT_TO_PCI, false);
	fn_a = add(0, bridge, TABLE | 2, PBA | 2, ENTRIES);
	board_boot();
	board_give("a", fn_a, A);
	msi_world_assign();
	offered(fn_a, false, false);
	assert_int_equal(route_room, ALL);
}

static void tables_that_are_no_table(void **state)
{
	static const uint32_t where[][2] = {
		{ 0x4000 | 2, PBA | 2 }, { 0x3e00 | 2, 0 | 2 }, { TABLE | 2, 0x4000 | 2 },
		{ TABLE | 2, 0xfffffff8 | 2 },
		{ 0xfffffff8 | 2, PBA | 2 }, { 6, PBA | 2 }, { 7, 7 }, { TABLE | 2, 7 }, { 3, PBA | 2 }, { 1, PBA | 2 },
	};

	for (unsigned i = 0; i < ARRAY_COUNT(where); i++) {
		one(where[i][0], where[i][1]);
		offered(fn_a, true, false);
		assert_int_equal(vms[A].trap_count, 1);
		assert_int_equal(route_room, ALL - 1);
		assert_int_equal(msi_model_mem_count, 0);
		msi_up(fn_a, MSI_POS, true);
		assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
		got_is(A, GUEST_ADDR, 0x41);
	}
}

static void a_bad_table_beside_a_good_one(void **state)
{
	int bad;

	msi_world_reset();
	bad = add(2, ROOT, TABLE | 7, PBA | 6, ENTRIES);
	fn_a = add(3, ROOT, TABLE | 2, PBA | 2, ENTRIES);
	board_boot();
	board_give("bad", bad, A);
	board_give("a", fn_a, A);
	msi_world_assign();
	offered(bad, true, false);
	offered(fn_a, true, true);
	wr16(bad, PCI_COMMAND, 0x6);
	msix_up(fn_a, 2);
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x31);
}

/* Same page, page beyond, other BAR, last bytes of a BAR, pending bits before the table. */
static void tables_anywhere_in_bars(void **state)
{
	static const uint32_t where[][2] = {
		{ 0 | 2, 0x800 | 2 }, { TABLE | 2, PBA | 2 }, { 0 | 4, 0x2008 | 2 }, { 0x3d00 | 2, 0xff8 | 4 },
		{ 0x800 | 2, 0x28 | 2 }, { 0x1d00 | 2, 0x2000 | 2 }, { 0xd08 | 2, 0xd00 | 2 },
		{ 0x3000 | 2, 0x800 | 2 }, { 0 | 2, 0x800 | 4 },
	};

	for (unsigned i = 0; i < ARRAY_COUNT(where); i++) {
		unsigned tbar = where[i][0] & 7, pbar = where[i][1] & 7;
		uint64_t table = where[i][0] & ~7u, pba = where[i][1] & ~7u;

		one(where[i][0], where[i][1]);
		offered(fn_a, true, true);
		wr16(fn_a, PCI_COMMAND, 0x6);
		wr16(fn_a, MSIX_POS + 2, ON);
		mem_wr(fn_a, tbar, table + 31 * 16, 8, GUEST_ADDR);
		mem_wr(fn_a, tbar, table + 31 * 16 + 8, 8, 0x99 | 1ull << 32);
		assert_int_equal(msi_model_raise(fn_a, 31), MSI_PENDING);
		assert_int_equal(mem_rd(fn_a, pbar, pba, 8), 1u << 31);
		mem_wr(fn_a, tbar, table + 31 * 16 + 12, 4, 0);
		got_is(A, GUEST_ADDR, 0x99);
		assert_int_equal(mem_rd(fn_a, tbar, table + 32 * 16, 8), 0); /* entries it is not told of */
		mem_wr(fn_a, tbar, table + 32 * 16 + 8, 8, 0);
	}
}

/* The pages of a table are out of the partition's map: registers beside it are out of its reach. */
static void I3_registers_beside_a_table_are_not_reached(void **state)
{
	uint64_t base = pci_model_bar_addr(fn_a, 2);
	unsigned before;

	wr16(fn_a, PCI_COMMAND, 0x2);
	before = msi_model_mem_count;
	for (unsigned off = 0; off < 0x1000; off += 4) {
		if (off >= ENTRIES * 16) {
			assert_int_equal(mem_rd(fn_a, 2, TABLE + off, 4), 0);
			mem_wr(fn_a, 2, TABLE + off, 4, ~0u);
		}
		if (off >= 8) {
			assert_int_equal(mem_rd(fn_a, 2, PBA + off, 4), 0);
			mem_wr(fn_a, 2, PBA + off, 4, ~0u);
		}
	}
	assert_int_equal(msi_model_mem_count, before);
	assert_true(board_vm_reaches(A, base) && board_vm_reaches(A, base + 0x2000)); /* other pages are its own */
	assert_true(board_vm_reaches(A, base + 0xfff) && board_vm_reaches(A, base + 0x2fff));
}

static void a_device_that_changes_its_mind_changes_nothing(void **state)
{
	msi_world_reset();
	fn_a = add(2, ROOT, TABLE | 2, PBA | 2, ENTRIES);
	board_boot();
	pci_model_reg32(fn_a, MSIX_POS, 0x07ff0011, 0xc0000000, 0); /* between the two looks of ours */
	pci_model_reg32(fn_a, MSIX_POS + 4, 7, 0, 0);
	pci_model_reg32(fn_a, MSIX_POS + 8, 0xfffffff8, 0, 0);
	pci_model_reg32(fn_a, PCIE_POS, 0x00020010 | MSIX_POS << 8, 0, 0);
	board_give("a", fn_a, A);
	msi_world_assign();
	assert_int_equal(rd(fn_a, MSIX_POS + 4), TABLE | 2);
	assert_int_equal(rd(fn_a, MSIX_POS + 8), PBA | 2);
	assert_int_equal(rd16(fn_a, MSIX_POS + 2), SHOWN - 1);
	msix_up(fn_a, 2);
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x31);
}

/* --- scarcity --- */

static void vectors_run_out(void **state)
{
	int fn[7];

	msi_world_reset();
	for (unsigned i = 0; i < 6; i++) {
		fn[i] = add(2 + i, ROOT, 0 | 4, 0x800 | 4, 40);
	}
	fn[6] = board_edu(ROOT, 9);
	msi_model_msi(fn[6], MSI_POS, false, false);
	board_boot();
	for (unsigned i = 0; i < 7; i++) {
		board_give("d", fn[i], A);
	}
	msi_world_assign();
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(rd16(fn[i], MSIX_POS + 2), 31);
	}
	assert_int_equal(rd16(fn[4], MSIX_POS + 2), ALL - 4 * 32 - 1);
	assert_int_equal(route_room, 0);
	assert_non_null(strstr(fake_log, "device d gets 28 of 32 message interrupts\n"));
	offered(fn[5], false, false);
	assert_non_null(strstr(fake_log, "device d gets 0 of 32 message interrupts: it has its line\n"));
	assert_int_equal(msi_model_raise(fn[5], 0), MSI_LINE);
	assert_ptr_equal(board_irq_owner(pci_intx(&board_host, board_bdf(fn[5]))), &vms[A]);
	assert_int_equal(rd(fn[6], PCI_CAP_PTR), 0);
	assert_int_equal(rd(fn[6], PCI_COMMAND) & PCI_STATUS_CAPS << 16, 0);
	wr16(fn[4], PCI_COMMAND, 0x6);
	assert_int_equal(mem_rd(fn[4], 4, 27 * 16 + 8, 8), 1ull << 32);
	assert_int_equal(mem_rd(fn[4], 4, 28 * 16 + 8, 8), 0);
}

static void a_unit_that_refuses_leaves_what_it_took(void **state)
{
	msi_world_reset();
	route_room = 5;
	fn_a = add(2, ROOT, TABLE | 2, PBA | 2, ENTRIES);
	fn_c = board_edu(ROOT, 3);
	pci_model_bar(fn_c, 1, 0, 0x1000);
	msi_model_msix(fn_c, 0x40, 3, 1, 0x800 | 1);
	board_boot();
	board_give("a", fn_a, A);
	board_give("c", fn_c, A);
	msi_world_assign();
	assert_int_equal(rd16(fn_a, MSIX_POS + 2), 4);
	assert_int_equal(cap_find(fn_c, PCI_CAP_MSIX), 0);
	msix_up(fn_a, 5);
	assert_int_equal(msi_model_raise(fn_a, 4), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x34);
	assert_int_equal(msi_model_raise(fn_a, 6), MSI_PENDING);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 4), 0); /* of a vector it does not have */
}

static void a_message_that_does_not_fit_is_not_offered(void **state)
{
	msi_world_reset();
	addr_high = 0x12;
	fn_b = board_edu(ROOT, 3);
	msi_model_msi(fn_b, MSI_POS, false, false);
	fn_a = add(2, ROOT, TABLE | 2, PBA | 2, ENTRIES);
	board_boot();
	board_give("a", fn_a, A);
	board_give("b", fn_b, B);
	msi_world_assign();
	assert_int_equal(cap_find(fn_b, PCI_CAP_MSI), 0);
	msi_up(fn_a, MSI_POS, true);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x41);
	msix_up(fn_a, 5);
	assert_int_equal(msi_model_raise(fn_a, 4), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x34);
}

static void more_tables_than_a_partition_can_have(void **state)
{
	int fn[18];
	unsigned with = 0;

	msi_world_reset();
	for (unsigned i = 0; i < ARRAY_COUNT(fn); i++) {
		fn[i] = board_edu(ROOT, 2 + i);
		pci_model_bar(fn[i], 2, 12, 0x2000);
		msi_model_msix(fn[i], 0x40, 1, 0 | 2, 0x1000 | 2);
	}
	vms[A].trap_count = 2; /* the architecture's */
	board_boot();
	for (unsigned i = 0; i < ARRAY_COUNT(fn); i++) {
		board_give("d", fn[i], A);
	}
	msi_world_assign();
	for (unsigned i = 0; i < ARRAY_COUNT(fn); i++) {
		with += cap_find(fn[i], PCI_CAP_MSIX) != 0;
	}
	/* Two for each, ours and the configuration space's apart: an odd one stays over. */
	assert_int_equal(vms[A].trap_count, VM_TRAP_MAX - 1);
	assert_int_equal(with, (VM_TRAP_MAX - 3) / 2);
}

#define T(name) cmocka_unit_test_setup(name, msi_world_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I3_without_remapping_there_are_only_lines),
		T(behind_a_conventional_bridge_there_are_only_lines),
		T(tables_that_are_no_table),
		T(a_bad_table_beside_a_good_one),
		T(tables_anywhere_in_bars),
		T(I3_registers_beside_a_table_are_not_reached),
		T(a_device_that_changes_its_mind_changes_nothing),
		T(vectors_run_out),
		T(a_unit_that_refuses_leaves_what_it_took),
		T(a_message_that_does_not_fit_is_not_offered),
		T(more_tables_than_a_partition_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
