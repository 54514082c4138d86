/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message interrupts of partitions' functions: what a driver sees and writes, what then arrives, and that whatever it
 * writes the device sends nothing but what we made for it [I3].
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

/* --- capabilities --- */

static void msi_with_64_bits_as_a_driver_uses_it(void **state)
{
	assert_int_equal(cap_find(fn_a, PCI_CAP_MSI), MSI_POS);
	assert_int_equal(rd16(fn_a, MSI_POS + MSI_CONTROL), 0x0080); /* off, 64-bit, one message, no masking */
	for (unsigned off = 4; off < 16; off += 4) {
		assert_int_equal(rd(fn_a, MSI_POS + off), 0);
	}
	wr(fn_a, MSI_POS + 4, 0xfee01007); /* bits 1:0 do not exist */
	wr(fn_a, MSI_POS + 8, 0x12345678);
	wr(fn_a, MSI_POS + 12, 0xffff0041);
	assert_int_equal(rd(fn_a, MSI_POS + 4), 0xfee01004);
	assert_int_equal(rd(fn_a, MSI_POS + 8), 0x12345678);
	assert_int_equal(rd(fn_a, MSI_POS + 12), 0x41);
	cfg_wr(A, fn_a, MSI_POS + 5, 1, 0x20); /* bytes and words, too */
	cfg_wr(A, fn_a, MSI_POS + 10, 2, 0x9abc);
	assert_int_equal(rd(fn_a, MSI_POS + 4), 0xfee02004);
	assert_int_equal(rd(fn_a, MSI_POS + 8), 0x9abc5678);
	assert_int_equal(rd(fn_a, MSI_POS + 16), 0); /* mask bits: not shown */
	wr16(fn_a, PCI_COMMAND, 0x6);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_LINE);
	wr16(fn_a, MSI_POS + MSI_CONTROL, 0xffff);
	assert_int_equal(rd16(fn_a, MSI_POS + MSI_CONTROL), 0x0081);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, 0x9abc5678fee02004, 0x41);
	assert_int_equal(msi_model_raise(fn_a, 9), MSI_SENT); /* of 32 it was given one */
	got_is(A, 0x9abc5678fee02004, 0x41);
	cfg_wr(A, fn_a, MSI_POS + MSI_CONTROL, 1, 0);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_LINE);
	assert_int_equal(got_count, 0);
}

static void msi_with_32_bits_as_a_driver_uses_it(void **state)
{
	assert_int_equal(rd(fn_b, MSI_POS), 0x05); /* the only one in the list */
	msi_up(fn_b, MSI_POS, false);
	assert_int_equal(rd(fn_b, MSI_POS), 0x00010005);
	assert_int_equal(rd(fn_b, MSI_POS + 4), GUEST_ADDR);
	assert_int_equal(rd(fn_b, MSI_POS + 8), 0x41);
	assert_int_equal(rd(fn_b, MSI_POS + 12), 0);
	assert_int_equal(msi_model_raise(fn_b, 0), MSI_SENT);
	got_is(B, GUEST_ADDR, 0x41);
}

static void a_driver_may_write_control_again_at_any_time(void **state)
{
	msi_up(fn_b, MSI_POS, false);
	assert_int_equal(msi_model_flips, 1);
	wr16(fn_b, MSI_POS + MSI_CONTROL, 0x0001); /* Linux: with every new message */
	wr(fn_b, MSI_POS + MSI_ADDR, 0xfee02000);
	cfg_wr(B, fn_b, MSI_POS + 3, 1, 0xff);
	wr(fn_b, MSI_POS, 0x00010005);
	assert_int_equal(msi_model_flips, 1);
	assert_int_equal(msi_model_raise(fn_b, 0), MSI_SENT);
	got_is(B, 0xfee02000, 0x41);
	msix_up(fn_c, 3);
	msi_model_flips = 0;
	wr16(fn_c, 0x42, 0x8002);
	cfg_wr(A, fn_c, 0x42, 1, 0xff);
	assert_int_equal(msi_model_flips, 0);
}

static void msix_as_a_driver_uses_it(void **state)
{
	assert_int_equal(cap_find(fn_a, PCI_CAP_MSIX), MSIX_POS);
	assert_int_equal(rd16(fn_a, MSIX_POS + 2), SHOWN - 1); /* of 48 */
	assert_int_equal(rd(fn_a, MSIX_POS + 4), TABLE | 2);
	assert_int_equal(rd(fn_a, MSIX_POS + 8), PBA | 2);
	assert_int_equal(rd16(fn_c, 0x42), 2);
	wr16(fn_a, PCI_COMMAND, 0x6);
	for (unsigned n = 0; n < SHOWN; n++) { /* as after a reset [PCIe 7.7.2.5] */
		assert_int_equal(mem_rd(fn_a, 2, entry_at(fn_a, n), 8), 0);
		assert_int_equal(mem_rd(fn_a, 2, entry_at(fn_a, n) + 8, 8), 1ull << 32);
	}
	msix_up(fn_a, SHOWN);
	wr(fn_a, MSIX_POS + 4, 0);
	wr(fn_a, MSIX_POS + 8, ~0u);
	assert_int_equal(rd(fn_a, MSIX_POS + 4), TABLE | 2);
	assert_int_equal(rd(fn_a, MSIX_POS + 8), PBA | 2);
	assert_int_equal(rd16(fn_a, MSIX_POS + 2), ON | (SHOWN - 1));
	for (unsigned n = 0; n < SHOWN; n++) {
		assert_int_equal(mem_rd(fn_a, 2, entry_at(fn_a, n), 8), GUEST_ADDR);
		assert_int_equal(mem_rd(fn_a, 2, entry_at(fn_a, n) + 8, 8), 0x30 + n);
		assert_int_equal(msi_model_raise(fn_a, n), MSI_SENT);
		got_is(A, GUEST_ADDR, 0x30 + n);
	}
	assert_int_equal(msi_model_raise(fn_a, SHOWN), MSI_PENDING); /* for ever */
	wr16(fn_a, MSIX_POS + 2, 0);
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_LINE);
}

static void table_accesses_of_every_kind(void **state)
{
	const uint64_t at = entry_at(fn_a, 3);

	wr16(fn_a, PCI_COMMAND, 0x2);
	mem_wr(fn_a, 2, at, 8, 0x11223344fee0100full);
	assert_int_equal(mem_rd(fn_a, 2, at, 8), 0x11223344fee0100c);
	assert_int_equal(mem_rd(fn_a, 2, at + 4, 4), 0x11223344);
	mem_wr(fn_a, 2, at + 8, 8, 0xfffffffe89abcdef); /* data, and open */
	assert_int_equal(mem_rd(fn_a, 2, at + 8, 4), 0x89abcdef);
	assert_int_equal(mem_rd(fn_a, 2, at + 12, 4), 0);
	for (unsigned off = 0; off < 16; off++) { /* undefined in the specification: nothing happens */
		mem_wr(fn_a, 2, at + off, 1, 0xff);
		mem_wr(fn_a, 2, at + off, 2, 0xffff);
		mem_wr(fn_a, 2, at + off, 3, 0xffffff);
		if (off % 4 != 0) {
			mem_wr(fn_a, 2, at + off, 4, ~0u);
			assert_int_equal(mem_rd(fn_a, 2, at + off, 4), 0);
		}
		if (off % 8 != 0) {
			mem_wr(fn_a, 2, at + off, 8, ~0ull);
			assert_int_equal(mem_rd(fn_a, 2, at + off, 8), 0);
		}
		assert_int_equal(mem_rd(fn_a, 2, at + off, 1), 0);
	}
	assert_int_equal(mem_rd(fn_a, 2, at, 8), 0x11223344fee0100c);
	assert_int_equal(mem_rd(fn_a, 2, at + 8, 8), 0x89abcdef);
	assert_int_equal(mem_rd(fn_a, 2, at + 16, 8), 0); /* the neighbours */
	assert_int_equal(mem_rd(fn_a, 2, at - 8, 8), 1ull << 32);
}

/* --- [I3] what a device sends is ours --- */

static void I3_enabled_before_anything_was_written(void **state)
{
	wr16(fn_a, PCI_COMMAND, 0x6);
	wr16(fn_a, MSI_POS + 2, 1);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, 0, 0);
	wr(fn_a, MSI_POS + 4, 0xfee0f000); /* bits by bits while it is on */
	cfg_wr(A, fn_a, MSI_POS + 4, 1, 0xff);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, 0xfee0f0fc, 0);
	wr16(fn_a, MSI_POS + 2, 0);
	wr16(fn_a, MSIX_POS + 2, ON);
	assert_int_equal(msi_model_raise(fn_a, 5), MSI_PENDING);
	entry_wr(fn_a, 5, 3, 0);
	got_is(A, 0, 0);
	mem_wr(fn_a, 2, entry_at(fn_a, 5), 8, 0xfee00000ull); /* an open entry */
	mem_wr(fn_a, 2, entry_at(fn_a, 5) + 8, 8, 0x77);
	assert_int_equal(msi_model_raise(fn_a, 5), MSI_SENT);
	got_is(A, 0xfee00000, 0x77);
}

static void I3_both_kinds_enabled(void **state)
{
	msi_up(fn_a, MSI_POS, true);
	msix_up(fn_a, 2); /* the model fails when the device has both */
	assert_int_equal(rd16(fn_a, MSI_POS + 2), 0x81);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x30);
	wr16(fn_a, MSI_POS + 2, 0);
	wr16(fn_a, MSI_POS + 2, 1);
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x31);
	wr16(fn_a, MSIX_POS + 2, 0);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x41); /* neither has the other's words */
	assert_int_equal(mem_rd(fn_a, 2, entry_at(fn_a, 0) + 8, 4), 0x30);
	assert_int_equal(rd(fn_a, MSI_POS + 12), 0x41);
}

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void I3_random_accesses(void **state)
{
	static const unsigned sizes[] = { 1, 2, 4, 8, 4, 4, 3, 0 };
	const int all[] = { fn_a, fn_b, fn_c };
	unsigned delivered = 0;

	for (unsigned i = 0; i < 60000; i++) {
		int fn = all[rnd() % 3];
		unsigned size = sizes[rnd() % 8];
		uint64_t v = rnd() % 3 == 0 ? ~0ull : rnd() % 3 == 0 ? 0 : rnd();
		uint64_t hot = rnd() % 3 == 0 ? 0x04 : (rnd() % 2 != 0 ? msix_pos(fn) : (unsigned)MSI_POS) + 2;

		got_count = 0;
		if (rnd() % 3 == 0) {
			uint64_t page = fn == fn_a ? (rnd() % 2 != 0 ? TABLE : PBA) : 0;
			struct mmio m = { v, (uint8_t)size, rnd() % 2 != 0 };

			page += pci_model_bar_addr(fn, table_bar(fn)) + rnd() % 0x220;
			(void)mem((unsigned)(rnd() % 3), page, &m);
		} else if (rnd() % 2 == 0) {
			cfg_wr((unsigned)(rnd() % 3), fn, (unsigned)hot, 2, v);
		} else {
			cfg_wr((unsigned)(rnd() % 3), fn, (unsigned)(rnd() % 0x100), size, v);
		}
		late = rnd() % 8 == 0;
		delivered += msi_model_raise(fn, (unsigned)(rnd() % 4 == 0 ? rnd() % ENTRIES : 0)) == MSI_SENT;
		late = false;
		for (unsigned n = 0; n < got_count; n++) {
			assert_ptr_equal(got[n].vm, &vms[vm_of(fn)]);
		}
	}
	assert_true(delivered > 1000);
}

static void I3_a_vector_belongs_to_one_function(void **state)
{
	unsigned count[3] = { 0 };

	for (uint32_t irq = IRQ_MSI_FIRST; irq < IRQ_MAX; irq++) {
		const struct route *r = &routes[irq];

		assert_int_equal(r->enabled, r->fn != NULL);
		assert_true(irq >= FIRST || !r->enabled); /* the units' own */
		if (r->enabled) {
			int i = r->sid == board_bdf(fn_a) ? 0 : r->sid == board_bdf(fn_b) ? 1 : 2;

			assert_int_equal(r->sid, board_bdf(i == 0 ? fn_a : i == 1 ? fn_b : fn_c));
			assert_int_equal(r->cpu, i == 1 ? 0 : CPU_OF_A);
			assert_int_equal(r->unit, UNIT_OF_ALL);
			count[i]++;
		}
	}
	assert_int_equal(count[0], SHOWN);
	assert_int_equal(count[1], 1);
	assert_int_equal(count[2], 3);
}

static void I3_another_partition_reaches_nothing(void **state)
{
	struct mmio m = { .value = 0x5a, .size = 4 };
	uint64_t table = pci_model_bar_addr(fn_a, 2) + TABLE;

	msi_up(fn_a, MSI_POS, true);
	assert_int_equal(cfg_rd(B, fn_a, MSI_POS, 4), ~0u);
	cfg_wr(B, fn_a, MSI_POS + 4, 4, 0xfee0e000);
	cfg_wr(B, fn_a, MSI_POS + 2, 2, 0);
	assert_int_equal(rd(fn_a, MSI_POS + 4), GUEST_ADDR);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x41);
	assert_false(mem(B, table, &m)); /* not its trap, and behind that the owner is asked once more */
	pci_msix_access(&vms[B], table, &m);
	assert_int_equal(m.value, ~0ull);
	m = (struct mmio){ 0, 4, true };
	pci_msix_access(&vms[B], table + 12, &m);
	assert_int_equal(mem_rd(fn_a, 2, TABLE + 12, 4), 1);
}

/* --- masks --- */

static void masked_interrupts_wait_in_the_device(void **state)
{
	msix_up(fn_a, 4);
	entry_wr(fn_a, 2, 3, 1);
	assert_int_equal(msi_model_raise(fn_a, 2), MSI_PENDING);
	assert_int_equal(msi_model_raise(fn_a, 40), MSI_PENDING); /* not shown */
	assert_int_equal(mem_rd(fn_a, 2, PBA, 8), 1 << 2);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 4), 1 << 2);
	assert_int_equal(mem_rd(fn_a, 2, PBA + 4, 4), 0);
	mem_wr(fn_a, 2, PBA, 8, ~0ull); /* read only */
	assert_int_equal(msi_model_raise(fn_a, 3), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x33);
	entry_wr(fn_a, 2, 2, 0x99);
	entry_wr(fn_a, 2, 3, 0);
	got_is(A, GUEST_ADDR, 0x99);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 8), 0);
	wr16(fn_a, MSIX_POS + 2, ON | MASKALL);
	assert_int_equal(rd16(fn_a, MSIX_POS + 2), ON | MASKALL | (SHOWN - 1));
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_PENDING);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 8), 1);
	wr16(fn_a, MSIX_POS + 2, ON);
	got_is(A, GUEST_ADDR, 0x30);
}

/* The device sent it, then the driver masked, then it arrives: on a real machine the processor has it by then. */
static void an_interrupt_on_its_way_is_not_lost(void **state)
{
	msix_up(fn_a, 4);
	late = true;
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_SENT);
	late = false;
	entry_wr(fn_a, 1, 3, 1);
	routes[late_irq].fn(late_irq);
	assert_int_equal(got_count, 0);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 4), 1 << 1);
	wr16(fn_a, MSIX_POS + 2, ON | MASKALL);
	entry_wr(fn_a, 1, 3, 0);
	assert_int_equal(got_count, 0);
	wr16(fn_a, MSIX_POS + 2, ON);
	got_is(A, GUEST_ADDR, 0x31);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 4), 0);
	entry_wr(fn_a, 1, 3, 1);
	entry_wr(fn_a, 1, 3, 0);
	assert_int_equal(got_count, 0); /* once */
	entry_wr(fn_a, 1, 3, 1);
	routes[late_irq].fn(late_irq);
	entry_wr(fn_a, 1, 3, 0);
	got_is(A, GUEST_ADDR, 0x31);
}

static void what_comes_while_off_is_dropped(void **state)
{
	msix_up(fn_a, 4);
	late = true;
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_SENT);
	late = false;
	wr16(fn_a, MSIX_POS + 2, ON | MASKALL);
	routes[late_irq].fn(late_irq); /* kept … */
	assert_int_equal(mem_rd(fn_a, 2, PBA, 4), 1 << 1);
	wr16(fn_a, MSIX_POS + 2, 0);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 4), 0);
	routes[late_irq].fn(late_irq);
	routes[late_irq - 1].fn(late_irq - 1);
	wr16(fn_a, MSIX_POS + 2, ON);
	wr16(fn_a, MSIX_POS + 2, 0);
	wr16(fn_a, MSI_POS + 2, 1);
	routes[late_irq].fn(late_irq); /* vector 1: MSI has only vector 0 */
	assert_int_equal(got_count, 0);
}

static void a_device_that_forgets_its_table_is_programmed_again(void **state)
{
	msix_up(fn_a, 4);
	msi_model_wipe(fn_a); /* a reset through its own registers */
	entry_wr(fn_a, 1, 3, 0);
	assert_int_equal(msi_model_raise(fn_a, 1), MSI_SENT); /* with our message, says the judge */
	got_is(A, GUEST_ADDR, 0x31);
}

static void a_mask_left_by_an_earlier_owner_is_taken_away(void **state)
{
	assert_int_equal(pci_model_get32(fn_a, MSI_POS + 16), 0);
	assert_int_equal(pci_model_get32(fn_b, MSI_POS + 12), 0x77); /* has no masks */
}

/* --- command register, life --- */

static void the_command_register_is_the_drivers(void **state)
{
	msi_up(fn_a, MSI_POS, true);
	assert_int_equal(rd16(fn_a, PCI_COMMAND), 0x6); /* INTx is off because MSI is on: not by this bit */
	wr16(fn_a, PCI_COMMAND, 0x406);
	wr16(fn_a, MSI_POS + 2, 0);
	assert_int_equal(rd16(fn_a, PCI_COMMAND), 0x406);
	msix_up(fn_a, 1);
	assert_int_equal(rd16(fn_a, PCI_COMMAND), 0x6);
	assert_int_equal(pci_model_get32(fn_a, 4) & 0xffff, 0x6);
	wr16(fn_a, PCI_COMMAND, 0x2);
	assert_int_not_equal(msi_model_raise(fn_a, 0), MSI_SENT); /* no bus master, no message */
}

static void nobody_is_there_with_decoding_off(void **state)
{
	unsigned before;

	msix_up(fn_a, 2);
	wr16(fn_a, PCI_COMMAND, 0x4);
	before = msi_model_mem_count;
	assert_int_equal(mem_rd(fn_a, 2, TABLE + 12, 4), ~0ull);
	assert_int_equal(mem_rd(fn_a, 2, PBA, 8), ~0ull);
	entry_wr(fn_a, 0, 3, 1);
	entry_wr(fn_a, 0, 2, 0);
	assert_int_equal(msi_model_mem_count, before);
	assert_int_equal(msi_model_raise(fn_a, 0), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x30);
	wr16(fn_a, PCI_COMMAND, 0x6);
	assert_int_equal(mem_rd(fn_a, 2, TABLE + 8, 8), 0x30);
}

static void is_as_at_boot(int fn)
{
	uint64_t addr;
	uint32_t data;

	for (unsigned n = 0; n < ENTRIES; n++) {
		assert_false(msi_model_armed(fn, n, &addr, &data));
	}
	assert_int_equal(rd16(fn, msix_pos(fn) + 2) & (ON | MASKALL), 0);
	wr16(fn, PCI_COMMAND, 0x6);
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(mem_rd(fn, table_bar(fn), entry_at(fn, n), 8), 0);
		assert_int_equal(mem_rd(fn, table_bar(fn), entry_at(fn, n) + 8, 8), 1ull << 32);
	}
	assert_int_equal(mem_rd(fn, table_bar(fn), fn == fn_a ? PBA : 0x800, 8), 0);
	assert_int_equal(msi_model_raise(fn, 0), MSI_LINE);
	wr16(fn, msix_pos(fn) + 2, ON); /* every entry is masked in the device itself */
	for (unsigned n = 0; n < ENTRIES; n++) {
		assert_false(msi_model_armed(fn, n, &addr, &data));
	}
	wr16(fn, msix_pos(fn) + 2, 0);
	assert_int_equal(got_count, 0);
}

/* a has a function level reset, which wipes its table and its BARs; c has none and keeps all it had. */
static void I1_a_restarted_partition_finds_all_masked_and_off(void **state)
{
	msi_up(fn_a, MSI_POS, true);
	msix_up(fn_a, 4);
	msix_up(fn_c, 3);
	late = true;
	assert_int_equal(msi_model_raise(fn_c, 1), MSI_SENT);
	late = false;
	entry_wr(fn_c, 2, 3, 1);
	routes[late_irq + 1].fn(late_irq + 1); /* pending when it stops */
	wr16(fn_a, MSIX_POS + 2, ON | MASKALL);
	pci_vm_stop(&vms[A]);
	assert_int_equal(mem_rd(fn_c, 1, 0, 8), ~0ull); /* a vCPU that is late */
	entry_wr(fn_c, 0, 3, 1);
	assert_int_equal(pci_model_flr_count, 1);
	assert_int_equal(pci_model_get32(fn_c, 0x40) >> 30, 1); /* masked, off */
	assert_int_equal(pci_model_get32(fn_a, MSI_POS) & 1u << 16, 0);
	routes[late_irq].fn(late_irq); /* on its way when the partition stopped */
	assert_int_equal(got_count, 0);
	pci_vm_start(&vms[A]);
	routes[late_irq].fn(late_irq);
	assert_int_equal(got_count, 0);
	assert_int_equal(rd16(fn_a, PCI_COMMAND), 0);
	assert_int_equal(rd(fn_a, MSI_POS + 4), 0);
	assert_int_equal(rd16(fn_a, MSI_POS + 2), 0x80);
	is_as_at_boot(fn_a);
	is_as_at_boot(fn_c);
	msix_up(fn_a, 4);
	assert_int_equal(msi_model_raise(fn_a, 3), MSI_SENT);
	got_is(A, GUEST_ADDR, 0x33);
	msi_up(fn_b, MSI_POS, false); /* and the others' go on */
	assert_int_equal(msi_model_raise(fn_b, 0), MSI_SENT);
	got_is(B, GUEST_ADDR, 0x41);
	pci_vm_stop(&vms[B]); /* no reset, no MSI-X */
	assert_int_equal(pci_model_get32(fn_b, MSI_POS) & 1u << 16, 0);
	pci_vm_start(&vms[B]);
	assert_int_equal(rd16(fn_b, MSI_POS + 2), 0);
	assert_int_equal(rd(fn_b, MSI_POS + 4), 0);
}

#define T(name) cmocka_unit_test_setup(name, msi_world_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(msi_with_64_bits_as_a_driver_uses_it),
		T(msi_with_32_bits_as_a_driver_uses_it),
		T(a_driver_may_write_control_again_at_any_time),
		T(msix_as_a_driver_uses_it),
		T(table_accesses_of_every_kind),
		T(I3_enabled_before_anything_was_written),
		T(I3_both_kinds_enabled),
		T(I3_random_accesses),
		T(I3_a_vector_belongs_to_one_function),
		T(I3_another_partition_reaches_nothing),
		T(masked_interrupts_wait_in_the_device),
		T(an_interrupt_on_its_way_is_not_lost),
		T(what_comes_while_off_is_dropped),
		T(a_device_that_forgets_its_table_is_programmed_again),
		T(a_mask_left_by_an_earlier_owner_is_taken_away),
		T(the_command_register_is_the_drivers),
		T(nobody_is_there_with_decoding_off),
		T(I1_a_restarted_partition_finds_all_masked_and_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
