/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding, numbering and placing of PCI functions, against a model that routes by the bridges' registers: the
 * questions are who answers to an address and who may do DMA.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/errno.h>
#include <hyp/pci_priv.h>

#include "fake/fake.h"
#include "model/pci_board.h"
#include "model/pci_model.h"

#define ROOT     PCI_MODEL_ROOT
#define MULTI    0x00800000u
#define BAR_64   4u
#define BAR_64P  12u

static int setup(void **state)
{
	board_reset();
	return 0;
}

static const struct pci_fn *known(int fn)
{
	return pci_fn_find(board_bdf(fn));
}

static const char *why_bad(int fn)
{
	return known(fn)->bad;
}

static void I1_everything_is_off_after_enumeration(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int a = board_edu(ROOT, 2);
	int b = board_edu(rp, 0);

	pci_model_cap(a, 0x40, PCI_CAP_MSI, 4);
	pci_model_reg32(a, 0x40, 0x00010005, 0xffff0000, 0); /* enabled */
	board_boot();
	assert_false(pci_model_may_dma(rp) || pci_model_may_dma(a) || pci_model_may_dma(b));
	assert_int_equal(pci_model_get32(a, 0x04) & 0x7, 0);
	assert_int_equal(pci_model_get32(b, 0x04) & 0x7, 0);
	assert_true(pci_model_intx_off(a) && pci_model_intx_off(b));
	assert_int_equal(pci_model_get32(a, 0x40) & 0x00010000, 0);
	assert_int_equal(pci_model_get32(a, 0x30), 0);
}

static void I1_translation_services_and_virtual_functions_are_off(void **state)
{
	int a = board_edu(ROOT, 2);

	pci_model_cap_pcie(a, 0x40, 0, false);
	pci_model_xcap(a, 0x100, PCI_XCAP_ATS, 0x120);
	pci_model_xcap(a, 0x120, PCI_XCAP_PRI, 0x140);
	pci_model_xcap(a, 0x140, PCI_XCAP_PASID, 0x160);
	pci_model_xcap(a, 0x160, PCI_XCAP_SRIOV, 0);
	pci_model_reg32(a, 0x104, ~0u, ~0u, 0);
	pci_model_reg32(a, 0x124, ~0u, ~0u, 0);
	pci_model_reg32(a, 0x144, ~0u, ~0u, 0);
	pci_model_reg32(a, 0x168, ~0u, ~0u, 0);
	board_boot();
	assert_int_equal(pci_model_get32(a, 0x104) >> 16, 0);
	assert_int_equal(pci_model_get32(a, 0x124) & 0xffff, 0);
	assert_int_equal(pci_model_get32(a, 0x144) >> 16, 0);
	assert_int_equal(pci_model_get32(a, 0x168) & 0xffff, 0);
}

static void nested_bridges_are_numbered_depth_first(void **state)
{
	int rp1 = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int up = pci_model_bridge(rp1, 0, PCI_MODEL_PORT_UP, false);
	int d0 = pci_model_bridge(up, DEVFN(0, 0), PCI_MODEL_PORT_DOWN, true);
	int d1 = pci_model_bridge(up, DEVFN(1, 0), PCI_MODEL_PORT_DOWN, true);
	int rp2 = pci_model_bridge(ROOT, DEVFN(3, 0), PCI_MODEL_PORT_ROOT, true);
	int a = board_edu(d0, 0);
	int b = board_edu(d1, 0);
	int c = board_edu(rp2, 0);

	board_boot();
	assert_int_equal(pci_model_get32(rp1, 0x18) & 0xffffff, 0x040100);
	assert_int_equal(pci_model_get32(up, 0x18) & 0xffffff, 0x040201);
	assert_int_equal(pci_model_get32(d0, 0x18) & 0xffffff, 0x030302);
	assert_int_equal(pci_model_get32(d1, 0x18) & 0xffffff, 0x040402);
	assert_int_equal(pci_model_get32(rp2, 0x18) & 0xffffff, 0x050500);
	assert_int_equal(board_bdf(a), 0x0300);
	assert_int_equal(board_bdf(b), 0x0400);
	assert_int_equal(board_bdf(c), 0x0500);
	assert_int_equal(pci.fn_count, 8);
}

/* A previous owner's numbers, all the same and overlapping, with bus mastering on below. */
static void stale_bus_numbers_are_taken_away_first(void **state)
{
	int rp1 = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int rp2 = pci_model_bridge(ROOT, DEVFN(3, 0), PCI_MODEL_PORT_ROOT, true);
	int low = pci_model_bridge(rp2, DEVFN(0, 0), PCI_MODEL_PORT_TO_PCI, false);
	int a = board_edu(low, 4);

	pci_model_reg32(rp1, 0x18, 0x060600, 0xffffff, 0);
	pci_model_reg32(rp2, 0x18, 0x070100, 0xffffff, 0);
	pci_model_reg32(low, 0x18, 0x050501, 0xffffff, 0);
	assert_true(pci_model_may_dma(a));
	board_boot();
	assert_int_equal(board_bdf(a), 0x0320);
	assert_false(pci_model_may_dma(a));
}

static void bridges_deeper_than_the_bound_lead_nowhere(void **state)
{
	int b = ROOT;
	int last[PCI_DEPTH_MAX + 2];

	for (unsigned i = 0; i < PCI_DEPTH_MAX + 2; i++) {
		b = pci_model_bridge(b, DEVFN(0, 0), PCI_MODEL_PORT_NONE, false);
		last[i] = b;
	}
	board_boot();
	assert_int_equal(pci_model_bus(last[PCI_DEPTH_MAX]), PCI_DEPTH_MAX);
	assert_string_equal(why_bad(last[PCI_DEPTH_MAX]), "it is behind too many bridges");
	assert_int_equal(pci_model_bus(last[PCI_DEPTH_MAX + 1]), -1);
}

static void bus_numbers_run_out_with_a_small_window(void **state)
{
	int b[20];
	int a;

	board_host.ecam_size = MIB(16); /* highmem-ecam=off */
	for (unsigned i = 0; i < 20; i++) {
		b[i] = pci_model_bridge(ROOT, DEVFN(i + 1, 0), PCI_MODEL_PORT_ROOT, true);
	}
	a = board_edu(b[14], 0);
	(void)board_edu(b[15], 0);
	board_boot();
	assert_int_equal(board_bdf(a), 0x0f00);
	assert_string_equal(why_bad(b[15]), "no bus number is left");
	assert_int_equal(pci_model_get32(b[15], 0x18) & 0xffffff, 0);
}

static void I3_functions_on_a_bus_of_their_own_are_not_assignable(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int rp2 = pci_model_bridge(ROOT, DEVFN(2, 0), PCI_MODEL_PORT_ROOT, true);
	int a = board_edu(rp, 0);
	int low = pci_model_bridge(rp2, 0, PCI_MODEL_PORT_NONE, false);
	int lost = board_edu(low, 0);
	int x = pci_model_add_root(2, DEVFN(5, 0), EDU);

	pci_model_reg32(rp2, 0x18, 0x0c0b00, 0xffffff, 0);
	pci_model_reg32(low, 0x18, 0x0c0c0b, 0xffffff, 0); /* lost can be reached now, but not later */
	board_boot();
	assert_false(pci_model_may_dma(x));
	assert_int_equal(pci_model_get32(lost, 0x04) & 0x7, 0);
	assert_non_null(strstr(fake_log, "function at 02:05.0 is on a bus of its own (expander bridge): it may "
					 "bypass every unit; not assignable"));
	assert_int_equal(board_bdf(a), 0x0100);
	assert_string_equal(why_bad(rp2), "no bus number is left"); /* 2 is taken, and nothing may span it */
	board_give("edu0", x, BOARD_VM_A);
	assert_int_equal(board_assign(), 1);
	assert_non_null(strstr(fake_log, "device edu0 of partition alice: 02:05.0 cannot be assigned"));
	assert_int_equal(board_map_count, 0);
}

static void functions_beyond_the_table_are_off_and_forgotten(void **state)
{
	int fn[PCI_FUNCTION_MAX + 20];
	unsigned n = 0;
	int port = pci_model_bridge(ROOT, DEVFN(0, 0), PCI_MODEL_PORT_ROOT, true);
	int rp;

	for (unsigned dev = 0; dev < 10; dev++) {
		for (unsigned f = 0; f < 8; f++) {
			fn[n] = pci_model_add(port, DEVFN(dev, f), EDU, EDU_CLASS);
			pci_model_reg32(fn[n], 0x0c, MULTI, 0, 0);
			n++;
		}
	}
	rp = pci_model_bridge(ROOT, DEVFN(20, 0), PCI_MODEL_PORT_ROOT, true);
	pci_model_reg32(rp, 0x18, 0x010100, 0xffffff, 0);
	board_boot();
	assert_int_equal(pci.fn_count, PCI_FUNCTION_MAX);
	assert_int_equal(pci.untracked, n + 2 - PCI_FUNCTION_MAX);
	assert_int_equal(pci_model_get32(rp, 0x18) & 0xffffff, 0);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(pci_model_get32(fn[i], 0x04) & 0x7, 0);
	}
	board_give("late", fn[n - 1], BOARD_VM_A);
	assert_int_equal(board_assign(), 1);
}

/* A single-function device that answers for all eight, and a function 1 without function 0 (QEMU allows it). */
static void function_numbers(void **state)
{
	int lone = pci_model_add(ROOT, DEVFN(4, 1), EDU, EDU_CLASS);

	for (unsigned f = 0; f < 8; f++) {
		(void)pci_model_add(ROOT, DEVFN(3, f), EDU, EDU_CLASS);
	}
	board_boot();
	assert_int_equal(pci.fn_count, 2);
	assert_false(pci_model_may_dma(lone));
	board_give("lone", lone, BOARD_VM_A);
	assert_int_equal(board_assign(), 1);
	assert_non_null(strstr(fake_log, "pci-function-zero"));
}

static void bad_windows_refuse_the_host_bridge(void **state)
{
	(void)board_edu(ROOT, 2);
	board_host.window[1].size = ~0ull;
	assert_int_equal(pci_init(&board_host), -BH_EINVAL);
	board_host.window[1].size = GIB(4);
	assert_int_equal(pci_init(&board_host), -BH_EINVAL);
	board_host.ecam_size = 0;
	assert_int_equal(pci_init(&board_host), -BH_EINVAL);
	board_host.present = false;
	assert_int_equal(pci_init(&board_host), 0);
}

/* --- BARs --- */

static void I2_two_owners_never_share_a_page(void **state)
{
	static const uint64_t sizes[] = { 16, 256, 4096, 0x20000, 128, MIB(16), 64, MIB(1) };
	int fn[ARRAY_COUNT(sizes)];
	uint64_t addr[ARRAY_COUNT(sizes)];
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);

	for (unsigned i = 0; i < ARRAY_COUNT(sizes); i++) {
		fn[i] = pci_model_add(i % 2 != 0 ? rp : ROOT, DEVFN(i + 2, 0), EDU, EDU_CLASS);
		pci_model_bar(fn[i], 1, i % 3 != 0 ? BAR_64P : 0, sizes[i]);
	}
	board_boot();
	pci_model_reg32(rp, 0x04, 0x6, 0x547, 0);
	for (unsigned i = 0; i < ARRAY_COUNT(sizes); i++) {
		assert_null(why_bad(fn[i]));
		addr[i] = pci_model_bar_addr(fn[i], 1);
		assert_int_equal(addr[i] % sizes[i], 0);
		assert_int_equal(addr[i] & PAGE_MASK, 0);
		assert_true(addr[i] >= BOARD_MEM32 && addr[i] + sizes[i] <= BOARD_MEM32_END);
		pci_model_reg32(fn[i], 0x04, 0x2, 0x547, 0);
		assert_true(pci_model_decodes(fn[i], addr[i]));
		assert_true(pci_model_decodes(fn[i], addr[i] + sizes[i] - 1));
	}
	for (unsigned i = 0; i < ARRAY_COUNT(sizes); i++) {
		for (unsigned k = 0; k < ARRAY_COUNT(sizes); k++) {
			uint64_t page = (addr[i] + sizes[i] - 1) & ~PAGE_MASK;

			for (uint64_t a = page; i != k && a < page + PAGE_SIZE; a += 16) {
				assert_false(pci_model_decodes(fn[k], a));
			}
		}
	}
}

static void a_bridge_forwards_only_what_is_behind_it(void **state)
{
	int rp1 = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int rp2 = pci_model_bridge(ROOT, DEVFN(2, 0), PCI_MODEL_PORT_ROOT, true);
	int a = board_edu(rp1, 0);
	int before = pci_model_add(ROOT, 0, EDU, EDU_CLASS);

	pci_model_bar(before, 0, 0, 4096);
	board_boot();
	assert_int_equal(pci_model_bar_addr(before, 0), 0x10000000);
	assert_int_equal(pci_model_get32(rp1, 0x20), 0x10101010);
	assert_int_equal(pci_model_get32(rp1, 0x1c) & 0xffff, 0x00f0 & 0xf0f0);
	assert_int_equal(pci_model_get32(rp1, 0x24) & 0xfff0fff0, 0x0000fff0);
	assert_int_equal(pci_model_get32(rp2, 0x20), 0x0000fff0);
	assert_int_equal(pci_model_bar_addr(a, 0), 0x10100000);
}

static void large_bars_go_above_and_through_prefetchable_windows(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int a = pci_model_add(rp, 0, EDU, EDU_CLASS);
	int b = pci_model_add(ROOT, DEVFN(2, 0), EDU, EDU_CLASS);
	int c = pci_model_add(rp, DEVFN(1, 0), EDU, EDU_CLASS);

	pci_model_bar(a, 0, BAR_64P, GIB(8));
	pci_model_bar(b, 2, BAR_64, GIB(4));
	pci_model_bar(c, 0, 0, 4096);
	pci_model_bar(c, 2, BAR_64, GIB(1)); /* not prefetchable: cannot pass the bridge above 4 GiB */
	board_boot();
	assert_int_equal(pci_model_bar_addr(a, 0), BOARD_MEM64);
	assert_int_equal(pci_model_bar_addr(b, 2), BOARD_MEM64 + GIB(8));
	assert_string_equal(why_bad(c), "its BARs do not fit in the host bridge's windows");
	assert_int_equal(pci_model_bar_addr(c, 0), 0); /* all of it or nothing */
	pci_model_reg32(rp, 0x04, 0x6, 0x547, 0);
	pci_model_reg32(a, 0x04, 0x2, 0x547, 0);
	assert_true(pci_model_decodes(a, BOARD_MEM64 + GIB(8) - 1));
	board_give("big", a, BOARD_VM_A); /* beyond the 39 bits of a partition's addresses: named, not mapped */
	assert_int_equal(board_assign(), 1);
	assert_non_null(strstr(fake_log, "pci-bar-reach"));
	assert_int_equal(board_map_count, 0);
}

static void bus_and_cpu_addresses_may_differ(void **state)
{
	int a = board_edu(ROOT, 2);

	board_host.window[1].pci = 0;
	board_boot();
	assert_int_equal(pci_model_bar_addr(a, 0), MIB(1)); /* never 0, which means "none" */
	board_give("edu0", a, BOARD_VM_A);
	assert_int_equal(board_assign(), 0);
	assert_true(board_vm_reaches(BOARD_VM_A, BOARD_MEM32 + MIB(1)));
}

static void expect_bad(unsigned n, uint32_t value, uint32_t rw, uint32_t rw_up, const char *text)
{
	int good = board_edu(ROOT, 5);
	int fn = pci_model_add(ROOT, DEVFN(4, 0), EDU, EDU_CLASS);

	pci_model_reg32(fn, PCI_BAR(n), value, rw, 0);
	if (n < 5) {
		pci_model_reg32(fn, PCI_BAR(n + 1), 0, rw_up, 0);
	}
	board_boot();
	assert_string_equal(why_bad(fn), text);
	assert_int_equal(pci_model_get32(fn, 0x04) & 0x7, 0);
	assert_int_equal(pci_model_get32(fn, PCI_BAR(n)) & rw, 0);
	assert_null(why_bad(good));
	board_give("bad", fn, BOARD_VM_A);
	assert_int_equal(board_assign(), 1);
	board_reset();
}

static void hostile_bars_disable_only_their_function(void **state)
{
	const char *size = "the size of a BAR is not a power of two";

	expect_bad(0, 0, 0xff0ff000, 0, size);
	expect_bad(0, 0, 0x00fff000, 0, size);
	expect_bad(0, 8, 0, 0, size);
	expect_bad(1, 4, 0, 0, size);
	expect_bad(1, 4, 0xfffff000, 0x0fffffff, size);
	expect_bad(5, 4, 0xfffff000, 0, "the upper half of its last BAR is missing");
	expect_bad(2, 2, 0xfffff000, 0, "the type of a BAR is reserved");
	expect_bad(2, 6, 0xfffff000, ~0u, "the type of a BAR is reserved");
	expect_bad(0, 0, 0x80000000, 0, "its BARs do not fit in the host bridge's windows");
	expect_bad(0, 4, 0, 0x80000000, "its BARs do not fit in the host bridge's windows");
}

static int liar;
static void change_type(int fn, unsigned reg, unsigned width, uint32_t v)
{
	if (fn == liar && reg == 0x10 && v != ~0u && v != 0) {
		pci_model_reg32(fn, 0x10, 0, 0x0fff0000, 0); /* the address will not stick */
	}
}

static void a_bar_that_does_not_keep_its_address_disables(void **state)
{
	liar = board_edu(ROOT, 4);
	board_host.window[1].pci = board_host.window[1].cpu = 0xc0000000; /* bits it will lose */
	pci_model_on_write(change_type);
	board_boot();
	assert_string_equal(why_bad(liar), "a BAR does not keep its address");
}

static void io_bars_get_no_address_and_no_decoding(void **state)
{
	int a = board_edu(ROOT, 2);

	pci_model_bar(a, 2, 1, 32);
	board_boot();
	assert_int_equal(pci_model_get32(a, 0x18), 1);
	assert_null(why_bad(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(I1_everything_is_off_after_enumeration, setup),
		cmocka_unit_test_setup(I1_translation_services_and_virtual_functions_are_off, setup),
		cmocka_unit_test_setup(nested_bridges_are_numbered_depth_first, setup),
		cmocka_unit_test_setup(stale_bus_numbers_are_taken_away_first, setup),
		cmocka_unit_test_setup(bridges_deeper_than_the_bound_lead_nowhere, setup),
		cmocka_unit_test_setup(bus_numbers_run_out_with_a_small_window, setup),
		cmocka_unit_test_setup(I3_functions_on_a_bus_of_their_own_are_not_assignable, setup),
		cmocka_unit_test_setup(functions_beyond_the_table_are_off_and_forgotten, setup),
		cmocka_unit_test_setup(function_numbers, setup),
		cmocka_unit_test_setup(bad_windows_refuse_the_host_bridge, setup),
		cmocka_unit_test_setup(I2_two_owners_never_share_a_page, setup),
		cmocka_unit_test_setup(a_bridge_forwards_only_what_is_behind_it, setup),
		cmocka_unit_test_setup(large_bars_go_above_and_through_prefetchable_windows, setup),
		cmocka_unit_test_setup(bus_and_cpu_addresses_may_differ, setup),
		cmocka_unit_test_setup(hostile_bars_disable_only_their_function, setup),
		cmocka_unit_test_setup(a_bar_that_does_not_keep_its_address_disables, setup),
		cmocka_unit_test_setup(io_bars_get_no_address_and_no_decoding, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
