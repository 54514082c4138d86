/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving PCI functions away: whose stage 2 reaches which BAR, who gets an interrupt line, and what may not be
 * split between partitions.
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

static void a_function_goes_to_its_owner_with_bar_and_line(void **state)
{
	int a = board_edu(ROOT, 2);
	int b = board_edu(ROOT, 3);

	board_boot();
	board_give("edu0", a, BOARD_VM_A);
	board_give("edu1", b, BOARD_VM_B);
	assert_int_equal(board_assign(), 0);
	assert_true(board_vm_reaches(BOARD_VM_A, pci_model_bar_addr(a, 0)));
	assert_true(board_vm_reaches(BOARD_VM_A, pci_model_bar_addr(a, 0) + MIB(1) - 1));
	assert_false(board_vm_reaches(BOARD_VM_A, pci_model_bar_addr(b, 0)));
	assert_false(board_vm_reaches(BOARD_VM_B, pci_model_bar_addr(a, 0)));
	assert_ptr_equal(board_irq_owner(37), &vms[BOARD_VM_A]); /* slot 2, INTA */
	assert_ptr_equal(board_irq_owner(38), &vms[BOARD_VM_B]);
	assert_int_equal(pci_intx(&board_host, DEVFN(2, 0)), 37);
	assert_int_equal(pci_intx(&board_host, DEVFN(9, 0)), 0);
	assert_int_equal(board_trap_count[BOARD_VM_A], 1);
	assert_int_equal(board_trap_count[BOARD_VM_C], 0);
	assert_false(pci_model_may_dma(a));
	assert_false(pci_model_intx_off(a));
	pci_report();
	assert_non_null(strstr(fake_log, "pci 00:02.0 1234:11e8 edu0 -> alice, BAR0 0x10000000+0x100000, INTx 37"));
}

static void interrupt_lines_are_swizzled_through_bridges(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int br = pci_model_bridge(rp, DEVFN(0, 0), PCI_MODEL_PORT_TO_PCI, false);
	int a = board_edu(br, 6);
	int c = board_edu(br, 7);

	pci_model_reg32(a, 0x3c, 0x00000300, 0xff, 0); /* INTC */
	pci_model_reg32(c, 0x3c, 0, 0xff, 0);          /* none */
	board_boot();
	assert_int_equal(pci_intx(&board_host, board_bdf(a)), 35 + (2 + 6 + 0 + 1) % 4);
	assert_int_equal(pci_intx(&board_host, board_bdf(c)), 0);
}

static void I3_two_partitions_on_one_line_are_refused(void **state)
{
	int a = board_edu(ROOT, 2);
	int b = board_edu(ROOT, 6);
	int c = board_edu(ROOT, 10);

	board_boot();
	board_give("edu0", a, BOARD_VM_A);
	board_give("edu2", c, BOARD_VM_A); /* the same partition: allowed */
	board_give("edu1", b, BOARD_VM_B);
	assert_int_equal(board_assign(), 2);
	assert_non_null(strstr(fake_log, "devices edu0 (partition alice) and edu1 (partition bob) share interrupt 37; "
					 "move one to another slot"));
}

static void lines_of_the_board_are_not_given_away(void **state)
{
	int a = board_edu(ROOT, 2);

	board_boot();
	board_cfg.board.uart_irq = 37;
	board_give("edu0", a, BOARD_VM_A);
	assert_int_equal(board_assign(), 1);
	assert_non_null(strstr(fake_log, "pci-intx-free"));
	assert_null(board_irq_owner(37));
}

static void a_missing_device_is_named_with_the_option_to_add(void **state)
{
	(void)board_edu(ROOT, 3);
	board_boot();
	board_device("edu0", DEVFN(2, 0), BOARD_VM_A);
	board_device("spare", DEVFN(7, 0), CFG_OWNER_NONE);
	assert_int_equal(board_assign(), 1);
	assert_non_null(strstr(fake_log, "device edu0 of partition alice: no function at 00:02.0; add it to QEMU's "
					 "command line, e.g. -device edu,addr=2.0"));
}

static void bridges_and_doubles_are_refused(void **state)
{
	int host = pci_model_add(ROOT, 0, 0x00081b36, 0x06000000);
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int a = board_edu(ROOT, 2);

	pci_model_reg32(rp, 0x08, EDU_CLASS, 0, 0); /* a bridge by its header, whatever it says it is */
	board_boot();
	board_give("host", host, BOARD_VM_A);
	board_give("port", rp, BOARD_VM_A);
	board_give("edu0", a, BOARD_VM_A);
	board_give("edu0-again", a, BOARD_VM_B);
	assert_int_equal(board_assign(), 3);
	assert_non_null(strstr(fake_log, "device edu0-again: 00:02.0 is device edu0 already"));
}

static void dma_through_a_conventional_bridge_is_warned_about(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int br = pci_model_bridge(rp, 0, PCI_MODEL_PORT_TO_PCI, false);
	int a = board_edu(br, 1);
	int b = board_edu(ROOT, 3);

	board_boot();
	board_give("edu0", a, BOARD_VM_A);
	board_give("edu1", b, BOARD_VM_A);
	assert_int_equal(board_assign(), 0);
	assert_non_null(strstr(fake_log, "device edu0 is behind the conventional bridge 01:00.0"));
	assert_null(strstr(fake_log, "device edu1 is behind"));
}

/* Whether two functions may go to two partitions. */
static unsigned split(int a, int b)
{
	unsigned problems;

	pci_model_reg32(a, 0x3c, 0, 0xff, 0); /* no line: this is about DMA */
	pci_model_reg32(b, 0x3c, 0, 0xff, 0);
	board_boot();
	board_give("one", a, BOARD_VM_A);
	board_give("two", b, BOARD_VM_B);
	problems = board_assign();
	board_reset();
	return problems;
}

static void I2_what_the_smmu_cannot_tell_apart_has_one_owner(void **state)
{
	int p, q, a, b;

	p = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	q = pci_model_bridge(p, 0, PCI_MODEL_PORT_TO_PCI, false);
	a = board_edu(q, 1);
	b = board_edu(q, 2);
	assert_int_equal(split(a, b), 1); /* one requester id */

	p = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_NONE, false);
	a = board_edu(p, 1);
	b = board_edu(p, 2);
	assert_int_equal(split(a, b), 1);

	p = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	q = pci_model_bridge(ROOT, DEVFN(2, 0), PCI_MODEL_PORT_ROOT, true);
	a = board_edu(p, 0);
	b = board_edu(q, 0);
	assert_int_equal(split(a, b), 0);
}

static void I2_a_switch_needs_access_control(void **state)
{
	for (unsigned acs = 0; acs < 2; acs++) {
		int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
		int up = pci_model_bridge(rp, 0, PCI_MODEL_PORT_UP, false);
		int p = pci_model_bridge(up, DEVFN(0, 0), PCI_MODEL_PORT_DOWN, acs == 1);
		int q = pci_model_bridge(up, DEVFN(1, 0), PCI_MODEL_PORT_DOWN, acs == 1);
		int a = board_edu(p, 0);

		assert_int_equal(split(a, board_edu(q, 0)), acs == 1 ? 0 : 1);
	}
}

static void I2_half_an_access_control_isolates_nothing(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	int a = board_edu(rp, 0);

	pci_model_reg32(rp, 0x104, 0x00000005, 0x00050000, 0);
	assert_int_equal(split(a, board_edu(rp, 1)), 1);
}

static void access_control_is_turned_on_at_ports(void **state)
{
	int rp = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);

	board_boot();
	assert_int_equal(pci_model_get32(rp, 0x104) >> 16, 0x1d);
}

static void I2_functions_of_one_slot_have_one_owner(void **state)
{
	int a = board_edu(ROOT, 4);
	int b = pci_model_add(ROOT, DEVFN(4, 1), EDU, EDU_CLASS);

	pci_model_reg32(a, 0x0c, MULTI, 0, 0);
	/* one from the split, one because the second owner lacks function 0 */
	assert_int_equal(split(a, b), 2);
}

static void I3_the_msix_table_is_not_in_the_owners_map(void **state)
{
	int a = pci_model_add(ROOT, DEVFN(2, 0), EDU, EDU_CLASS);
	uint64_t base;

	pci_model_bar(a, 0, BAR_64, 0x8000);
	pci_model_cap(a, 0x50, PCI_CAP_MSIX, 3);
	pci_model_reg32(a, 0x50, 0x80410011, 0xc0000000, 0); /* enabled, 66 entries */
	pci_model_reg32(a, 0x54, 0x2000, 0, 0);              /* table: BAR 0, 0x2000..0x2420 */
	pci_model_reg32(a, 0x58, 0x3800, 0, 0);
	board_boot();
	board_give("nvme", a, BOARD_VM_A);
	assert_int_equal(board_assign(), 0);
	assert_int_equal(pci_model_get32(a, 0x50) & 0x80000000, 0);
	base = pci_model_bar_addr(a, 0);
	assert_true(board_vm_reaches(BOARD_VM_A, base + 0x1fff));
	for (uint64_t off = 0x2000; off < 0x4000; off += 8) {
		assert_false(board_vm_reaches(BOARD_VM_A, base + off));
	}
	assert_true(board_vm_reaches(BOARD_VM_A, base + 0x4000));
	assert_true(board_vm_reaches(BOARD_VM_A, base + 0x7fff));
}

static void a_hostile_msix_table_hides_at_most_its_own_bar(void **state)
{
	int a = board_edu(ROOT, 2);
	int b = board_edu(ROOT, 3);

	pci_model_cap(a, 0x50, PCI_CAP_MSIX, 3);
	pci_model_reg32(a, 0x50, 0x07ff0011, 0, 0);
	pci_model_reg32(a, 0x54, 0xfffffff8, 0, 0);
	pci_model_reg32(a, 0x58, 0x7, 0, 0); /* BIR 7 does not exist */
	board_boot();
	board_give("edu0", a, BOARD_VM_A);
	board_give("edu1", b, BOARD_VM_A);
	assert_int_equal(board_assign(), 0);
	assert_int_equal(board_map_count, 2);
}

static void fixed_addresses_are_refused(void **state)
{
	int a = board_edu(ROOT, 2);

	pci_model_cap(a, 0x40, PCI_CAP_EA, 2);
	board_boot();
	assert_string_equal(why_bad(a), "its addresses are fixed (Enhanced Allocation)");
}

static void I6_capability_loops_end(void **state)
{
	int a = board_edu(ROOT, 2);
	int b = board_edu(ROOT, 3);

	pci_model_cap_pcie(a, 0x40, 0, false);
	pci_model_reg32(a, 0x40, 0x40020010u | 0x4000u, 0, 0); /* to itself */
	pci_model_xcap(a, 0x100, 0x0001, 0x100);
	for (unsigned pos = 0x40; pos < 0x100; pos += 4) { /* a chain through every dword, back to the first */
		pci_model_reg32(b, pos, 0x09u | (pos == 0xfc ? 0x40u : pos + 4) << 8 | 0xff0000u, 0, 0);
	}
	pci_model_reg32(b, 0x34, 0x40, 0, 0);
	pci_model_reg32(b, 0x04, 0x00100000, 0x547, 0);
	board_boot();
	assert_int_equal(pci.fn_count, 2);
	assert_int_equal(known(a)->seen_count, 1);
	assert_true(known(b)->seen_count <= PCI_SEEN_MAX);
}

static void bar_over_memory_of_the_owner_is_refused(void **state)
{
	int a = board_edu(ROOT, 2);

	board_host.window[1].cpu = 0x50000000; /* alice's ram */
	board_boot();
	board_give("edu0", a, BOARD_VM_A);
	assert_int_equal(board_assign(), 1);
	assert_non_null(strstr(fake_log, "lies over region ram of partition alice"));
	assert_int_equal(board_map_count, 0);
}

static void too_many_windows_are_refused_not_fatal(void **state)
{
	static char names[5][8];
	unsigned problems;

	for (unsigned i = 0; i < 5; i++) {
		int fn = pci_model_add(ROOT, DEVFN(4 * i, 0), EDU, EDU_CLASS);

		for (unsigned n = 0; n < 6; n++) {
			pci_model_bar(fn, n, 0, 4096);
		}
		names[i][0] = (char)('a' + i);
		board_device(names[i], (uint16_t)DEVFN(4 * i, 0), BOARD_VM_A);
	}
	board_boot();
	problems = board_assign();
	assert_int_equal(problems, 1);
	assert_int_equal(board_map_count, VM_BAR_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_function_goes_to_its_owner_with_bar_and_line, setup),
		cmocka_unit_test_setup(interrupt_lines_are_swizzled_through_bridges, setup),
		cmocka_unit_test_setup(I3_two_partitions_on_one_line_are_refused, setup),
		cmocka_unit_test_setup(lines_of_the_board_are_not_given_away, setup),
		cmocka_unit_test_setup(a_missing_device_is_named_with_the_option_to_add, setup),
		cmocka_unit_test_setup(bridges_and_doubles_are_refused, setup),
		cmocka_unit_test_setup(dma_through_a_conventional_bridge_is_warned_about, setup),
		cmocka_unit_test_setup(I2_what_the_smmu_cannot_tell_apart_has_one_owner, setup),
		cmocka_unit_test_setup(I2_a_switch_needs_access_control, setup),
		cmocka_unit_test_setup(I2_half_an_access_control_isolates_nothing, setup),
		cmocka_unit_test_setup(access_control_is_turned_on_at_ports, setup),
		cmocka_unit_test_setup(I2_functions_of_one_slot_have_one_owner, setup),
		cmocka_unit_test_setup(I3_the_msix_table_is_not_in_the_owners_map, setup),
		cmocka_unit_test_setup(a_hostile_msix_table_hides_at_most_its_own_bar, setup),
		cmocka_unit_test_setup(fixed_addresses_are_refused, setup),
		cmocka_unit_test_setup(I6_capability_loops_end, setup),
		cmocka_unit_test_setup(bar_over_memory_of_the_owner_is_refused, setup),
		cmocka_unit_test_setup(too_many_windows_are_refused_not_fatal, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
