/* SPDX-License-Identifier: Apache-2.0 */
/* See pci_board.h. */
#include "pci_board.h"

#include <string.h>

#include <arch/mmu.h>
#include <hyp/irq.h>
#include <hyp/pci.h>

#include "../fake/fake.h"
#include "pci_model.h"

struct vm vms[VM_MAX];
unsigned vm_count;

struct board_pci board_host;
struct hyp_config board_cfg;
struct board_map board_maps[BOARD_MAP_MAX];
unsigned board_map_count;
unsigned board_trap_count[BOARD_VM_COUNT];

static const struct vm *irq_vm[IRQ_MAX];
static struct cfg_device devices[DEVICE_MAX];
static const struct cfg_region region = { .name = "ram", .ipa = 0x50000000, .pa = 0x50000000, .size = MIB(16),
					  .prot = PROT_READ | PROT_WRITE };
static const struct cfg_vm cfg_vms[BOARD_VM_COUNT] = {
	{ .name = "alice", .region_count = 1, .region = &region },
	{ .name = "bob", .region_count = 1, .region = &region },
	{ .name = "carol", .region_count = 1, .region = &region },
};

/* The ECAM window, and where there are messages, tables in device memory. */
int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	bool ok = base.v == board_host.ecam && size == board_host.ecam_size;

	for (unsigned i = 1; i < board_host.window_count && IRQ_MSI_FIRST < IRQ_MAX; i++) {
		ok = ok || range_inside(base.v, size, board_host.window[i].cpu, board_host.window[i].size);
	}
	if (!ok || prot != (PROT_READ | PROT_WRITE | PROT_DEVICE)) {
		fake_fail("the ECAM window is mapped wrongly");
	}
	return 0;
}

void vm_map_bar(struct vm *vm, const char *name, pa_t base, uint64_t size)
{
	if (name == NULL || size == 0 || ((base.v | size) & PAGE_MASK) != 0 || board_map_count == BOARD_MAP_MAX ||
	    (base.v + size - 1) >> pgtable_bits(&vm->s2) != 0) {
		fake_fail("a BAR is mapped that cannot be");
	}
	vm->bar_count++;
	board_maps[board_map_count++] = (struct board_map){ vm, base.v, size };
}

void vm_trap_add(struct vm *vm, uint64_t addr, uint64_t size, unsigned kind)
{
	bool ecam = kind == VM_TRAP_ECAM && addr == board_host.ecam && size == board_host.ecam_size;
	bool table = IRQ_MSI_FIRST < IRQ_MAX && kind == VM_TRAP_MSIX && size != 0 && ((addr | size) & PAGE_MASK) == 0;

	if ((!ecam && !table) || vm->trap_count == VM_TRAP_MAX) {
		fake_fail("a wrong trap");
	}
	for (uint64_t off = 0; table && off < size; off += PAGE_SIZE) {
		if (board_vm_reaches(vm->index, addr + off)) {
			fake_fail("what traps is mapped");
		}
	}
	vm->trap[vm->trap_count++] = (struct vm_trap){ addr, size, kind };
	board_trap_count[vm->index] += ecam;
}

void irq_set_owner(uint32_t irq, struct vm *vm, uint32_t virq, bool edge)
{
	if (irq >= IRQ_MAX || irq != virq || edge || irq_vm[irq] != NULL) {
		fake_fail("interrupt %u is given away wrongly", irq);
	}
	irq_vm[irq] = vm;
}

struct vm *irq_owner(uint32_t irq, uint32_t *virq)
{
	*virq = irq;
	return irq_vm[irq] == NULL ? NULL : &vms[irq_vm[irq]->index];
}

const struct vm *board_irq_owner(uint32_t irq)
{
	return irq_vm[irq];
}

void board_reset(void)
{
	fake_reset();
	memset(vms, 0, sizeof(vms));
	memset(irq_vm, 0, sizeof(irq_vm));
	memset(devices, 0, sizeof(devices));
	memset(board_trap_count, 0, sizeof(board_trap_count));
	board_map_count = 0;
	vm_count = BOARD_VM_COUNT;
	for (unsigned i = 0; i < vm_count; i++) {
		vms[i].index = i;
		vms[i].cfg = &cfg_vms[i];
		vms[i].s2.levels = 3;
	}
	board_host = (struct board_pci){
		.present = true, .ecam = BOARD_ECAM, .ecam_size = MIB(256), .bus_last = 255, .window_count = 3,
		.window = {
			{ PCI_WINDOW_IO, 0, 0x3eff0000, 0x10000 },
			{ PCI_WINDOW_MEM32, BOARD_MEM32, BOARD_MEM32, 0x2eff0000 },
			{ PCI_WINDOW_MEM64, BOARD_MEM64, BOARD_MEM64, 0x8000000000 },
		},
		.intx = { 35, 36, 37, 38 },
	};
	board_cfg = (struct hyp_config){ .device = devices, .vm = cfg_vms, .vm_count = BOARD_VM_COUNT };
	pci_model_create(BOARD_ECAM, MIB(256));
}

void board_device(const char *name, uint16_t bdf, uint8_t owner)
{
	devices[board_cfg.device_count++] = (struct cfg_device){
		.name = name, .kind = CFG_DEV_PCI, .bdf = bdf, .sid = bdf, .owner = owner, .allow = CFG_ALLOW_NONE,
	};
}

void board_boot(void)
{
	if (pci_init(&board_host) != 0) {
		fake_fail("pci_init() failed");
	}
}

unsigned board_assign(void)
{
	board_cfg.board.pci = board_host;
	return pci_assign(&board_cfg);
}

uint16_t board_bdf(int fn)
{
	int bus = pci_model_bus(fn);

	if (bus < 0) {
		fake_fail("no bridge leads to function %d", fn);
	}
	return (uint16_t)((unsigned)bus << 8 | pci_model_devfn(fn));
}

int board_edu(int parent, unsigned dev)
{
	int fn = pci_model_add(parent, DEVFN(dev, 0), EDU, EDU_CLASS);

	pci_model_bar(fn, 0, 0, MIB(1));
	return fn;
}

void board_give(const char *name, int fn, uint8_t owner)
{
	board_device(name, board_bdf(fn), owner);
}

bool board_vm_reaches(unsigned vm, uint64_t addr)
{
	for (unsigned i = 0; i < board_map_count; i++) {
		if (board_maps[i].vm == &vms[vm] && addr - board_maps[i].base < board_maps[i].size) {
			return true;
		}
	}
	return false;
}
