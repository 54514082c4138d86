/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration space a partition sees, through the model: what it reads, and that nothing it writes
 * reaches a register it must not change. A hook judges every write that arrives at a function while guests run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hyp/pci_priv.h>

#include "fake/fake.h"
#include "model/pci_board.h"
#include "model/pci_model.h"

#define ROOT      PCI_MODEL_ROOT

enum { PCIE_POS = 0x60, VENDOR_POS = 0x40, MSI_POS = 0xa0, MSIX_POS = 0xb0 };

static int fn_a, fn_b, fn_port, fn_behind;
static unsigned writes;

static uint64_t off_of(int fn, unsigned reg)
{
	return (uint64_t)board_bdf(fn) << 12 | reg;
}

static uint64_t rd(unsigned vm, uint64_t off, unsigned size)
{
	struct mmio m = { .value = 0x5a5a5a5a5a5a5a5a, .size = (uint8_t)size };

	pci_cfg_access(&vms[vm], off, &m);
	return m.value;
}

static void wr(unsigned vm, uint64_t off, unsigned size, uint64_t v)
{
	struct mmio m = { .value = v, .size = (uint8_t)size, .write = true };

	pci_cfg_access(&vms[vm], off, &m);
}

static uint32_t rd32(int fn, unsigned reg)
{
	return (uint32_t)rd(BOARD_VM_A, off_of(fn, reg), 4);
}

static void wr32(int fn, unsigned reg, uint32_t v)
{
	wr(BOARD_VM_A, off_of(fn, reg), 4, v);
}

/* All that may arrive: command and status, Device Control and Status, of the owner's function. */
static void judge(int fn, unsigned reg, unsigned width, uint32_t v)
{
	writes++;
	if (fn != fn_a && fn != fn_behind && fn != fn_b) {
		fake_fail("a guest's write reached function %d", fn);
	}
	if (width == 2 && reg == 0x04 && (v & ~0x0546u) == 0) {
		return;
	}
	if (width == 2 && reg == 0x06 && (v & ~0xf900u) == 0) {
		return;
	}
	if (fn == fn_a && width == 2 && reg == PCIE_POS + 8 && (v & ~0x7810u) == 0x0000) {
		return;
	}
	if (fn == fn_a && width == 2 && reg == PCIE_POS + 10 && (v & ~0x000fu) == 0) {
		return;
	}
	fake_fail("a guest's write of 0x%x, %u bytes, reached register 0x%x of function %d", v, width, reg, fn);
}

/* a: everything there is, 00:02.0, alice. b: plain, 00:03.0, bob. behind: behind a root port, alice. */
static int setup(void **state)
{
	board_reset();
	fn_a = pci_model_add(ROOT, DEVFN(2, 0), EDU, EDU_CLASS);
	pci_model_bar(fn_a, 0, 0, MIB(1));
	pci_model_bar(fn_a, 1, 1, 32);
	pci_model_bar(fn_a, 2, 12, 256);
	pci_model_cap(fn_a, VENDOR_POS, PCI_CAP_VENDOR, 4);
	pci_model_reg32(fn_a, VENDOR_POS, 0x01100000u | PCI_CAP_VENDOR | MSI_POS << 8, 0, 0);
	pci_model_reg32(fn_a, VENDOR_POS + 4, 0x11223344, ~0u, 0);
	pci_model_cap(fn_a, MSI_POS, PCI_CAP_MSI, 4);
	pci_model_cap_pcie(fn_a, PCIE_POS, 0, true);
	pci_model_cap(fn_a, MSIX_POS, PCI_CAP_MSIX, 3);
	pci_model_reg32(fn_a, MSIX_POS + 4, 0, 0, 0);
	pci_model_reg32(fn_a, MSIX_POS + 8, 0x800, 0, 0);
	pci_model_cap(fn_a, 0xc0, 0x01, 2); /* power management */
	pci_model_xcap(fn_a, 0x100, PCI_XCAP_ATS, 0);
	fn_b = pci_model_add(ROOT, DEVFN(3, 0), EDU + 1, EDU_CLASS);
	pci_model_bar(fn_b, 0, 0, 4096);
	fn_port = pci_model_bridge(ROOT, DEVFN(4, 0), PCI_MODEL_PORT_ROOT, true);
	fn_behind = pci_model_add(fn_port, 0, EDU + 2, EDU_CLASS);
	pci_model_bar(fn_behind, 0, 0, 4096);
	board_boot();
	board_device("a", board_bdf(fn_a), BOARD_VM_A);
	board_device("b", board_bdf(fn_b), BOARD_VM_B);
	board_device("behind", board_bdf(fn_behind), BOARD_VM_A);
	pci_model_reg32(fn_behind, 0x3c, 0, 0xff, 0);
	assert_int_equal(board_assign(), 0);
	pci_model_on_write(judge);
	writes = 0;
	return 0;
}

static int teardown(void **state)
{
	pci_model_on_write(NULL);
	return 0;
}

static void I3_only_own_functions_exist(void **state)
{
	assert_int_equal(rd32(fn_a, 0), EDU);
	assert_int_equal(rd32(fn_behind, 0), EDU + 2);
	assert_int_equal(rd32(fn_b, 0), ~0u);
	assert_int_equal(rd32(fn_port, 0), ~0u);
	assert_int_equal(rd(BOARD_VM_B, off_of(fn_b, 0), 4), EDU + 1);
	assert_int_equal(rd(BOARD_VM_B, off_of(fn_a, 0), 4), ~0u);
	assert_int_equal(rd(BOARD_VM_C, off_of(fn_a, 0), 2), 0xffff);
	assert_int_equal(rd(BOARD_VM_A, MIB(256) - 4, 4), ~0u);
	assert_int_equal(rd(BOARD_VM_A, ~(uint64_t)3, 4), ~0u);
	assert_int_equal(rd(BOARD_VM_A, (uint64_t)1 << 32 | off_of(fn_a, 0), 4), ~0u);
	wr(BOARD_VM_B, off_of(fn_a, 4), 2, 6);
	wr32(fn_port, 0x18, 0x00ff0900); /* threat: renumber the bus, so that requester ids change */
	wr32(fn_port, 0x04, 0);
	assert_int_equal(writes, 0);
	assert_int_equal(pci_model_get32(fn_port, 0x18) & 0xffffff, 0x010100);
}

static void identity_and_header_are_the_devices(void **state)
{
	assert_int_equal(rd32(fn_a, 0x08), EDU_CLASS);
	assert_int_equal(rd32(fn_a, 0x0c), 0);
	assert_int_equal(rd32(fn_a, 0x2c), 0x11001af4);
	assert_int_equal(rd32(fn_a, 0x30), 0);
	assert_int_equal(rd32(fn_a, 0x3c), 0x0100 | 37);
	assert_int_equal(rd(BOARD_VM_A, off_of(fn_a, 0x02), 2), EDU >> 16);
	assert_int_equal(rd(BOARD_VM_A, off_of(fn_a, 0x03), 1), EDU >> 24);
	wr(BOARD_VM_A, off_of(fn_a, 0x3c), 1, 0x77); /* scratch, nothing real */
	assert_int_equal(rd32(fn_a, 0x3c), 0x0177);
	wr32(fn_a, 0x00, 0);
	wr32(fn_a, 0x08, 0);
	wr32(fn_a, 0x0c, ~0u);
	wr32(fn_a, 0x30, ~0u);
	assert_int_equal(rd32(fn_a, 0x00), EDU);
	assert_int_equal(rd32(fn_a, 0x30), 0);
	assert_int_equal(writes, 0);
}

static void widths_and_alignment(void **state)
{
	assert_int_equal(rd(BOARD_VM_A, off_of(fn_a, 0), 8), ~0ull);
	assert_int_equal(rd(BOARD_VM_A, off_of(fn_a, 1), 2), 0xffff);
	assert_int_equal(rd(BOARD_VM_A, off_of(fn_a, 2), 4), 0xffffffff);
	assert_int_equal(rd(BOARD_VM_C, off_of(fn_a, 3), 1), 0xff);
	wr(BOARD_VM_A, off_of(fn_a, 0), 8, ~0ull);
	wr(BOARD_VM_A, off_of(fn_a, 3), 2, ~0ull);
	wr(BOARD_VM_A, off_of(fn_a, 5), 4, ~0ull);
	assert_int_equal(writes, 0);
	wr(BOARD_VM_A, off_of(fn_a, 5), 1, 0x04); /* the upper byte of the command register */
	assert_true(pci_model_intx_off(fn_a));
	wr(BOARD_VM_A, off_of(fn_a, 4), 1, 0x02); /* and the lower one leaves it alone */
	assert_true(pci_model_intx_off(fn_a));
}

static void bars_can_be_sized_as_drivers_do(void **state)
{
	uint32_t at = rd32(fn_a, 0x10);

	assert_int_equal(at, pci_model_bar_addr(fn_a, 0));
	wr32(fn_a, 0x10, ~0u);
	assert_int_equal(rd32(fn_a, 0x10), 0xfff00000);
	wr32(fn_a, 0x10, at);
	assert_int_equal(rd32(fn_a, 0x10), at);
	wr32(fn_a, 0x10, 0xfffffff0); /* Linux writes only the address bits */
	assert_int_equal(rd32(fn_a, 0x10), 0xfff00000);
	wr32(fn_a, 0x10, at);

	at = rd32(fn_a, 0x18);
	assert_int_equal(at & 15, 12);
	assert_int_equal(rd32(fn_a, 0x1c), 0);
	wr32(fn_a, 0x18, ~0u);
	assert_int_equal(rd32(fn_a, 0x18), 0xffffff0c);
	assert_int_equal(rd32(fn_a, 0x1c), 0);
	wr32(fn_a, 0x1c, ~0u);
	assert_int_equal(rd32(fn_a, 0x1c), 0xffffffff);
	wr32(fn_a, 0x18, at);
	wr32(fn_a, 0x1c, 0);
	assert_int_equal(rd32(fn_a, 0x18), at);
	assert_int_equal(rd32(fn_a, 0x1c), 0);

	wr32(fn_a, 0x14, ~0u); /* I/O: there is none */
	assert_int_equal(rd32(fn_a, 0x14), 0);
	wr32(fn_a, 0x20, ~0u); /* never implemented */
	assert_int_equal(rd32(fn_a, 0x20), 0);
	assert_int_equal(writes, 0);
}

static void I3_bars_never_move(void **state)
{
	uint64_t was = pci_model_bar_addr(fn_a, 0);

	wr32(fn_a, 0x04, 0x6);
	wr32(fn_a, 0x10, 0x40000000); /* threat: over RAM */
	wr32(fn_a, 0x10, (uint32_t)pci_model_bar_addr(fn_b, 0)); /* over another partition's device */
	assert_int_equal(pci_model_bar_addr(fn_a, 0), was);
	assert_int_equal(rd32(fn_a, 0x10), was);
	assert_true(pci_model_decodes(fn_a, was));
	wr(BOARD_VM_A, off_of(fn_a, 0x12), 2, 0xffff); /* half a BAR: neither moved nor sized */
	assert_int_equal(rd32(fn_a, 0x10), was);
	wr32(fn_a, 0x10, ~0u);
	wr(BOARD_VM_A, off_of(fn_a, 0x10), 2, 0);
	assert_int_equal(rd32(fn_a, 0x10), 0xfff00000);
}

static void command_bits_of_the_guest(void **state)
{
	assert_int_equal(rd32(fn_a, 0x04) & 0xffff, 0);
	wr(BOARD_VM_A, off_of(fn_a, 0x04), 2, 0xffff);
	assert_int_equal(pci_model_get32(fn_a, 0x04) & 0xffff, 0x0546);
	assert_int_equal(rd(BOARD_VM_A, off_of(fn_a, 0x04), 2), 0x0546);
	assert_true(pci_model_may_dma(fn_a));
	assert_false(pci_model_may_dma(fn_b));
	wr(BOARD_VM_A, off_of(fn_a, 0x04), 2, 0x0002);
	assert_false(pci_model_may_dma(fn_a));
	wr32(fn_behind, 0x04, 0x6);
	assert_true(pci_model_may_dma(fn_behind));
	assert_true(pci_model_decodes(fn_behind, pci_model_bar_addr(fn_behind, 0)));
}

static void status_is_cleared_only_where_asked(void **state)
{
	pci_model_reg32(fn_a, 0x04, 0xf9100000, 0x0547, 0xf9000000);
	wr(BOARD_VM_A, off_of(fn_a, 0x04), 2, 0x6); /* the command alone leaves status alone */
	assert_int_equal(rd32(fn_a, 0x04), 0xf9100006);
	wr32(fn_a, 0x04, 0x80000006);
	assert_int_equal(rd32(fn_a, 0x04), 0x79100006);
	wr(BOARD_VM_A, off_of(fn_a, 0x07), 1, 0xff);
	assert_int_equal(rd32(fn_a, 0x04), 0x00100006);
}

/* The list as a driver walks it. */
static void I3_only_harmless_capabilities_are_seen(void **state)
{
	unsigned pos = rd32(fn_a, 0x34);

	assert_int_equal(pos, VENDOR_POS);
	assert_int_equal(rd32(fn_a, pos), 0x01100000u | PCIE_POS << 8 | PCI_CAP_VENDOR);
	assert_int_equal(rd32(fn_a, pos + 4), 0x11223344);
	assert_int_equal(rd32(fn_a, PCIE_POS) & 0xffff, PCI_CAP_PCIE);
	for (unsigned reg = MSI_POS; reg < 0x1000; reg += 4) { /* MSI, MSI-X, power, ATS */
		assert_int_equal(rd32(fn_a, reg), 0);
		wr32(fn_a, reg, ~0u);
	}
	for (unsigned reg = VENDOR_POS; reg < PCIE_POS; reg += 4) {
		wr32(fn_a, reg, ~0u);
	}
	assert_int_equal(writes, 0);
	assert_int_equal(rd(BOARD_VM_B, off_of(fn_b, 0x34), 4), 0);
	assert_int_equal(rd(BOARD_VM_B, off_of(fn_b, 0x04), 4) & 0x100000, 0);
}

static void device_control_is_limited(void **state)
{
	assert_int_equal(rd32(fn_a, PCIE_POS + 4) & (1u << 28 | 0x18), 0); /* no reset, no phantom functions */
	pci_model_reg32(fn_a, PCIE_POS + 8, 0x000f0000, 0xffff, 0x000f0000);
	pci.fn[0].devctl = 0;
	wr(BOARD_VM_A, off_of(fn_a, PCIE_POS + 8), 2, 0xffff);
	assert_int_equal(pci_model_get32(fn_a, PCIE_POS + 8), 0x000f7010);
	assert_int_equal(pci_model_flr_count, 0);
	wr(BOARD_VM_A, off_of(fn_a, PCIE_POS + 10), 2, 0x0001);
	assert_int_equal(rd32(fn_a, PCIE_POS + 8), 0x000e7010);
	wr32(fn_a, PCIE_POS + 0x10, ~0u); /* link control: the root port's business */
	assert_int_equal(rd32(fn_a, PCIE_POS + 0x14), 0);
}

static void vendor_capability_shows_nothing_of_its_neighbours(void **state)
{
	const struct pci_fn *f;
	int c;

	board_reset();
	c = pci_model_add(ROOT, DEVFN(2, 0), EDU, EDU_CLASS);
	pci_model_cap(c, 0x40, PCI_CAP_VENDOR, 2);
	pci_model_reg32(c, 0x40, 0x00ff0000u | PCI_CAP_VENDOR | 0x48 << 8, 0, 0); /* says 255 bytes */
	pci_model_cap(c, 0x48, PCI_CAP_MSIX, 3);
	pci_model_reg32(c, 0x4c, 0x12345678, 0, 0);
	board_boot();
	board_device("c", board_bdf(c), BOARD_VM_A);
	assert_int_equal(board_assign(), 0);
	f = pci_fn_find(board_bdf(c));
	assert_int_equal(f->seen_count, 1);
	assert_int_equal(rd32(c, 0x44), 0);
	assert_int_equal(rd32(c, 0x48), 0);
	assert_int_equal(rd32(c, 0x4c), 0);
	assert_int_equal(rd32(c, 0x40) & 0xff00, 0);
}

static void multifunction_is_what_the_partition_has(void **state)
{
	int c, d;

	board_reset();
	c = pci_model_add(ROOT, DEVFN(2, 0), EDU, EDU_CLASS);
	pci_model_reg32(c, 0x0c, 0x00800000, 0, 0);
	d = pci_model_add(ROOT, DEVFN(2, 1), EDU, EDU_CLASS);
	(void)pci_model_add(ROOT, DEVFN(2, 2), EDU, EDU_CLASS);
	board_boot();
	board_device("c", board_bdf(c), BOARD_VM_A);
	assert_int_equal(board_assign(), 0);
	assert_int_equal(rd32(c, 0x0c), 0);
	board_boot();
	board_device("d", board_bdf(d), BOARD_VM_A);
	memset(vms[BOARD_VM_A].bar, 0, sizeof(vms[BOARD_VM_A].bar));
	assert_int_equal(board_assign(), 0);
	assert_int_equal(rd32(c, 0x0c), 0x00800000);
	assert_int_equal(rd32(d, 0x0c), 0x00800000);
}

static int master_off_before_decode_off;
static void watch_stop(int fn, unsigned reg, unsigned width, uint32_t v)
{
	if (fn == fn_a && reg == 0x04 && master_off_before_decode_off == 0) {
		master_off_before_decode_off = (v & 0x6) == 0x2 ? 1 : -1;
	}
}

static void I1_a_stopped_partition_has_no_device(void **state)
{
	uint64_t at = pci_model_bar_addr(fn_a, 0);

	wr32(fn_a, 0x04, 0x6);
	wr32(fn_behind, 0x04, 0x6);
	wr(BOARD_VM_B, off_of(fn_b, 0x04), 2, 0x6);
	pci_model_on_write(watch_stop);
	master_off_before_decode_off = 0;
	pci_vm_stop(&vms[BOARD_VM_A]);
	assert_int_equal(master_off_before_decode_off, 1);
	assert_false(pci_model_may_dma(fn_a) || pci_model_may_dma(fn_behind));
	assert_true(pci_model_may_dma(fn_b));
	assert_true(pci_model_intx_off(fn_a));
	assert_int_equal(pci_model_flr_count, 1);
	assert_int_equal(pci_model_bar_addr(fn_a, 0), at);
	assert_true(fake_time_us >= PCI_RESET_US && fake_time_us < 4 * PCI_RESET_US);
	pci_model_on_write(judge);
	writes = 0;
	assert_int_equal(rd32(fn_a, 0), ~0u); /* a vCPU that is late */
	wr32(fn_a, 0x04, 0x6);
	assert_int_equal(writes, 0);
	pci_model_on_write(NULL);
	pci_vm_start(&vms[BOARD_VM_A]);
	assert_int_equal(rd32(fn_a, 0), EDU);
	assert_int_equal(rd32(fn_a, 0x04) & 0xffff, 0);
	wr32(fn_a, 0x04, 0x6);
	assert_true(pci_model_may_dma(fn_a));
}

static void I6_pending_requests_are_not_waited_for_for_ever(void **state)
{
	pci_model_on_write(NULL);
	pci_model_reg32(fn_a, PCIE_POS + 8, 0x00200000, 0, 0); /* Transactions Pending, for ever */
	pci_vm_stop(&vms[BOARD_VM_A]);
	assert_true(fake_time_us < 4 * PCI_RESET_US);
	assert_non_null(strstr(fake_log, "still has requests pending"));
}

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void I3_random_accesses_change_nothing_that_matters(void **state)
{
	static const unsigned sizes[] = { 1, 2, 4, 8, 3, 0 };
	const int all[] = { fn_a, fn_b, fn_port, fn_behind };
	static uint32_t before[4][1024];

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned r = 0; r < 1024; r++) {
			before[i][r] = pci_model_get32(all[i], 4 * r);
		}
	}
	pci.fn[0].devctl = 0; /* the judge knows what may be set, not what was */
	for (unsigned n = 0; n < 200000; n++) {
		unsigned size = sizes[rnd() % 4 == 0 ? rnd() % 6 : rnd() % 3];
		uint64_t hot = (rnd() % 2 == 0 ? 0x04 : PCIE_POS + 8) + rnd() % 4;
		uint64_t reg = rnd() % 3 == 0 ? hot : rnd() & (rnd() % 2 == 0 ? 0xfff : 0xff);
		uint64_t off = rnd() % 8 == 0 ? rnd() >> (rnd() % 40) : off_of(all[rnd() % 4], 0) + reg;
		uint64_t v = rnd() % 4 == 0 ? ~0ull : rnd();

		if (rnd() % 2 == 0) {
			wr((unsigned)(rnd() % 3), off, size, v);
		} else {
			(void)rd((unsigned)(rnd() % 3), off, size);
		}
	}
	assert_true(writes > 1000);
	for (unsigned i = 0; i < 4; i++) {
		for (unsigned r = 0; r < 1024; r++) {
			uint32_t now = pci_model_get32(all[i], 4 * r);
			uint32_t may = r == 1 && all[i] != fn_port ? 0xf9000546 : 0;

			if (all[i] == fn_a && r == (PCIE_POS + 8) / 4) {
				may = 0x000f7810;
			}
			assert_int_equal((now ^ before[i][r]) & ~may, 0);
		}
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(I3_only_own_functions_exist),
		T(identity_and_header_are_the_devices),
		T(widths_and_alignment),
		T(bars_can_be_sized_as_drivers_do),
		T(I3_bars_never_move),
		T(command_bits_of_the_guest),
		T(status_is_cleared_only_where_asked),
		T(I3_only_harmless_capabilities_are_seen),
		T(device_control_is_limited),
		T(vendor_capability_shows_nothing_of_its_neighbours),
		T(multifunction_is_what_the_partition_has),
		T(I1_a_stopped_partition_has_no_device),
		T(I6_pending_requests_are_not_waited_for_for_ever),
		T(I3_random_accesses_change_nothing_that_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
