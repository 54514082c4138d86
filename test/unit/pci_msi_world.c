/* SPDX-License-Identifier: Apache-2.0 */
/* See pci_msi_world.h. */
#include "pci_msi_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/errno.h>

#include "fake/fake.h"

struct route routes[IRQ_MAX];
struct delivery got[DELIVERY_MAX];
unsigned got_count;
unsigned route_room;
bool remapped;
uint32_t addr_high;
bool late;
uint32_t late_irq;
int fn_a, fn_b, fn_c;

/* --- what pci_msi.c calls --- */

bool arch_msi_remapped(void)
{
	return remapped;
}

int arch_msi_enable(uint32_t irq, unsigned cpu, unsigned unit, sid_t sid, struct msi_msg *out)
{
	if (irq < FIRST || irq >= IRQ_MAX || routes[irq].enabled) {
		fake_fail("message %u is given away twice, or is none", irq);
	}
	if (route_room == 0) {
		return -BH_EIO;
	}
	route_room--;
	*out = (struct msi_msg){ (uint64_t)addr_high << 32 | 0xfee00010u | irq << 5, 0x4000 + irq };
	routes[irq] = (struct route){ .enabled = true, .unit = unit, .cpu = cpu, .sid = sid, .msg = *out };
	return 0;
}

void irq_set_handler(uint32_t irq, irq_fn *fn, unsigned cpu, bool edge)
{
	if (!routes[irq].enabled || routes[irq].fn != NULL || routes[irq].cpu != cpu || !edge) {
		fake_fail("message %u has no entry, two handlers, or another CPU", irq);
	}
	routes[irq].fn = fn;
}

void arch_vm_pend_msi(struct vm *vm, uint64_t addr, uint32_t data)
{
	if (got_count == DELIVERY_MAX) {
		fake_fail("too many interrupts");
	}
	got[got_count++] = (struct delivery){ vm, addr, data };
}

/* [I3] What a device sends is a message of ours, and of this device's: found by both. */
static uint32_t route_find(int fn, uint64_t addr, uint32_t data)
{
	for (uint32_t irq = FIRST; irq < IRQ_MAX; irq++) {
		const struct route *r = &routes[irq];

		if (r->enabled && r->sid == board_bdf(fn) && r->msg.addr == addr && r->msg.data == data) {
			return irq;
		}
	}
	fake_fail("function %d sends 0x%llx/0x%x", fn, (unsigned long long)addr, data);
}

static void sink(int fn, uint64_t addr, uint32_t data)
{
	uint32_t irq = route_find(fn, addr, data);

	late_irq = irq;
	if (!late) {
		routes[irq].fn(irq);
	}
}

/* After every access of a guest: pending bits are looked at, and nothing may be armed that is not ours. */
static void settle(void)
{
	const int all[] = { fn_a, fn_b, fn_c };
	uint64_t addr;
	uint32_t data;

	msi_model_run();
	for (unsigned i = 0; i < ARRAY_COUNT(all); i++) {
		for (unsigned n = 0; all[i] >= 0 && n < ENTRIES; n++) {
			if (msi_model_armed(all[i], n, &addr, &data)) {
				(void)route_find(all[i], addr, data);
				assert_true(n < SHOWN);
			}
		}
	}
}

/* --- a guest --- */

uint64_t cfg_rd(unsigned vm, int fn, unsigned reg, unsigned size)
{
	struct mmio m = { .value = 0x5a5a5a5a5a5a5a5a, .size = (uint8_t)size };

	pci_cfg_access(&vms[vm], (uint64_t)board_bdf(fn) << 12 | reg, &m);
	return m.value;
}

void cfg_wr(unsigned vm, int fn, unsigned reg, unsigned size, uint64_t v)
{
	struct mmio m = { .value = v, .size = (uint8_t)size, .write = true };

	pci_cfg_access(&vms[vm], (uint64_t)board_bdf(fn) << 12 | reg, &m);
	settle();
}

unsigned vm_of(int fn)
{
	return fn == fn_b ? B : A;
}

uint32_t rd(int fn, unsigned reg)
{
	return (uint32_t)cfg_rd(vm_of(fn), fn, reg, 4);
}

uint32_t rd16(int fn, unsigned reg)
{
	return (uint32_t)cfg_rd(vm_of(fn), fn, reg, 2);
}

void wr16(int fn, unsigned reg, uint32_t v)
{
	cfg_wr(vm_of(fn), fn, reg, 2, v);
}

void wr(int fn, unsigned reg, uint32_t v)
{
	cfg_wr(vm_of(fn), fn, reg, 4, v);
}

bool mem(unsigned vm, uint64_t addr, struct mmio *m)
{
	assert_false(board_vm_reaches(vm, addr));
	for (unsigned i = 0; i < vms[vm].trap_count; i++) {
		const struct vm_trap *t = &vms[vm].trap[i];

		if (t->kind == VM_TRAP_MSIX && range_inside(addr, m->size, t->ipa, t->size)) {
			pci_msix_access(&vms[vm], addr, m);
			settle();
			return true;
		}
	}
	return false;
}

uint64_t mem_rd(int fn, unsigned bar, uint64_t off, unsigned size)
{
	struct mmio m = { .value = 0x5a5a5a5a5a5a5a5a, .size = (uint8_t)size };

	assert_true(mem(vm_of(fn), pci_model_bar_addr(fn, bar) + off, &m));
	return m.value;
}

void mem_wr(int fn, unsigned bar, uint64_t off, unsigned size, uint64_t v)
{
	struct mmio m = { .value = v, .size = (uint8_t)size, .write = true };

	assert_true(mem(vm_of(fn), pci_model_bar_addr(fn, bar) + off, &m));
}

void got_is(unsigned vm, uint64_t addr, uint32_t data)
{
	assert_int_equal(got_count, 1);
	assert_ptr_equal(got[0].vm, &vms[vm]);
	assert_int_equal(got[0].addr, addr);
	assert_int_equal(got[0].data, data);
	got_count = 0;
}

unsigned cap_find(int fn, unsigned id)
{
	unsigned pos = rd(fn, PCI_CAP_PTR);

	for (unsigned hops = 0; pos != 0 && hops < 10; hops++) {
		if ((rd(fn, pos) & 0xff) == id) {
			return pos;
		}
		pos = rd(fn, pos) >> 8 & 0xff;
	}
	return 0;
}

uint64_t entry_at(int fn, unsigned n)
{
	return (fn == fn_a ? TABLE : 0) + 16 * n;
}

unsigned table_bar(int fn)
{
	return fn == fn_a ? 2 : 1;
}

void entry_wr(int fn, unsigned n, unsigned word, uint32_t v)
{
	mem_wr(fn, table_bar(fn), entry_at(fn, n) + 4 * word, 4, v);
}

unsigned msix_pos(int fn)
{
	return fn == fn_a ? MSIX_POS : 0x40;
}

/* As Linux does [drivers/pci/msi]: all masked, entries, vectors opened, Function Mask away. */
void msix_up(int fn, unsigned count)
{
	unsigned control = msix_pos(fn) + MSIX_CONTROL;
	unsigned size = (rd16(fn, control) & 0x7ff) + 1;

	wr16(fn, PCI_COMMAND, 0x6);
	wr16(fn, control, rd16(fn, control) | ON | MASKALL);
	for (unsigned n = 0; n < size; n++) {
		entry_wr(fn, n, 3, 1);
	}
	for (unsigned n = 0; n < count; n++) {
		entry_wr(fn, n, 0, GUEST_ADDR);
		entry_wr(fn, n, 1, 0);
		entry_wr(fn, n, 2, 0x30 + n);
		entry_wr(fn, n, 3, 0);
	}
	wr16(fn, control, (rd16(fn, control) & ~MASKALL) | ON);
}

void msi_up(int fn, unsigned pos, bool wide)
{
	wr16(fn, PCI_COMMAND, 0x6);
	wr(fn, pos + MSI_ADDR, GUEST_ADDR);
	if (wide) {
		wr(fn, pos + MSI_ADDR_HI, 0);
	}
	wr16(fn, pos + (wide ? MSI_DATA64 : MSI_DATA32), 0x41);
	wr16(fn, pos + MSI_CONTROL, rd16(fn, pos + MSI_CONTROL) | 1);
}

/* --- the machine --- */

void msi_world_reset(void)
{
	board_reset();
	memset(routes, 0, sizeof(routes));
	got_count = 0;
	route_room = ALL;
	remapped = true;
	addr_high = 0;
	late = false;
	fn_a = fn_b = fn_c = -1;
	vms[A].vcpu[0].cpu = CPU_OF_A;
	msi_model_create(sink);
}

void msi_world_assign(void)
{
	for (unsigned i = 0; i < board_cfg.device_count; i++) {
		((struct cfg_device *)(uintptr_t)&board_cfg.device[i])->unit = UNIT_OF_ALL;
	}
	assert_int_equal(board_assign(), 0);
	assert_int_equal(got_count, 0);
}

int msi_world_setup(void **state)
{
	msi_world_reset();
	fn_a = board_edu(ROOT, 2);
	pci_model_bar(fn_a, 2, 12, 0x4000);
	pci_model_cap(fn_a, VENDOR_POS, PCI_CAP_VENDOR, 4);
	pci_model_reg32(fn_a, VENDOR_POS, 0x01100000u | PCI_CAP_VENDOR, 0, 0);
	msi_model_msi(fn_a, MSI_POS, true, true);
	pci_model_cap_pcie(fn_a, PCIE_POS, 0, true);
	msi_model_msix(fn_a, MSIX_POS, ENTRIES, TABLE | 2, PBA | 2);
	fn_b = board_edu(ROOT, 3);
	msi_model_msi(fn_b, MSI_POS, false, false);
	pci_model_reg32(fn_b, MSI_POS + 12, 0x77, ~0u, 0); /* something else */
	fn_c = board_edu(ROOT, 4);
	pci_model_bar(fn_c, 1, 0, 0x1000);
	msi_model_msix(fn_c, 0x40, 3, 1, 0x800 | 1);
	board_boot();
	board_give("a", fn_a, A);
	board_give("b", fn_b, B);
	board_give("c", fn_c, A);
	msi_world_assign();
	settle();
	msi_model_flips = 0;
	return 0;
}
