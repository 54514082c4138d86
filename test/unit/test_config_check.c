/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_check(): the demonstration is clean, and one change at a time breaks exactly the rule it should. The
 * list of rules comes from the tables themselves: a rule that nothing here breaks fails the last test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arch/config.h>
#include <arch/irq.h>
#include <hyp/config_rules.h>

#include "demo_images.h"

enum { DRIVER, MONITOR, BYSTANDER, VMS, LIST = 4, REPORTS = 32 };

/* A configuration whose every part can be written. */
struct fix {
	struct hyp_config cfg;
	struct cfg_vm vm[VM_MAX];
	struct cfg_region region[VMS][LIST];
	struct cfg_image image[VMS][LIST];
	struct cfg_irq irq[VMS][LIST];
	struct cfg_device device[LIST];
	struct cfg_allow allow[32];
	struct cfg_region allow_region[2][LIST];
	struct cfg_range reserved[2];
	struct platform p;
	unsigned count;
	unsigned fatal;
	char rule[REPORTS][32];
	char text[REPORTS][DIFF_TEXT];
};

static void collect(void *ctx, const char *rule, bool fatal, const char *text)
{
	struct fix *f = ctx;

	assert_true(f->count < REPORTS);
	assert_true(strlen(text) > 10);
	assert_true(strlen(text) < DIFF_TEXT - 1);
	(void)snprintf(f->rule[f->count], sizeof(f->rule[0]), "%s", rule);
	(void)snprintf(f->text[f->count], sizeof(f->text[0]), "%s", text);
	f->fatal += fatal ? 1 : 0;
	f->count++;
}

static void fix_vm(struct fix *f, unsigned i)
{
	struct cfg_vm *v = &f->vm[i];

	memcpy(f->region[i], v->region, v->region_count * sizeof(f->region[i][0]));
	memcpy(f->image[i], v->image, v->image_count * sizeof(f->image[i][0]));
	v->region = f->region[i];
	v->image = f->image[i];
	v->irq = f->irq[i];
}

static void fix_init(struct fix *f)
{
	*f = (struct fix){ .cfg = hyp_config };
	assert_int_equal(hyp_config.vm_count, VMS);
	memcpy(f->vm, hyp_config.vm, VMS * sizeof(f->vm[0]));
	memcpy(f->device, hyp_config.device, hyp_config.device_count * sizeof(f->device[0]));
	f->cfg.vm = f->vm;
	f->cfg.device = f->device;
	f->cfg.allow = f->allow;
	for (unsigned i = 0; i < VMS; i++) {
		fix_vm(f, i);
	}
	f->p = (struct platform){
		.board = hyp_config.board,
		.valid = true,
		.psci = { true, true },
		.image = { hyp_config.hyp_ram.base, 0x200000 },
	};
}

/* --- what breaks: one function per rule, named like it --- */

static struct cfg_region *add_region(struct fix *f, unsigned vm, uint64_t base, uint32_t prot)
{
	struct cfg_region *r = &f->region[vm][f->vm[vm].region_count++];

	*r = (struct cfg_region){ .name = "extra", .ipa = base, .pa = base, .size = 0x1000, .prot = prot };
	return r;
}

static struct cfg_device *add_device(struct fix *f)
{
	struct cfg_device *d = &f->device[f->cfg.device_count++];

	*d = (struct cfg_device){ .name = "second", .kind = CFG_DEV_PCI, .bdf = 3 << 3, .sid = 3 << 3,
				  .owner = DRIVER, .allow = CFG_ALLOW_NONE };
	return d;
}

static struct cfg_device *add_mmio_device(struct fix *f)
{
	struct cfg_device *d = add_device(f);

	d->kind = CFG_DEV_MMIO;
	d->mmio = 0x0c000000;
	d->mmio_size = 0x1000;
	return d;
}

/* edu0 gets an allow set of one page in free memory. */
static struct cfg_region *add_allow(struct fix *f)
{
	struct cfg_region *r = f->allow_region[0];

	*r = (struct cfg_region){ .ipa = 0x60000000, .pa = 0x60000000, .size = 0x1000, .prot = PROT_READ };
	f->allow[0] = (struct cfg_allow){ .name = "set", .region_count = 1, .region = r };
	f->cfg.allow_count = 1;
	f->device[0].allow = 0;
	return r;
}

static struct cfg_irq *add_irq(struct fix *f, unsigned vm, uint32_t irq, uint32_t virq)
{
	struct cfg_irq *i = &f->irq[vm][f->vm[vm].irq_count++];

	*i = (struct cfg_irq){ .irq = irq, .virq = virq };
	return i;
}

static void add_reserved(struct fix *f, uint64_t base, uint64_t size)
{
	f->reserved[0] = (struct cfg_range){ base, size };
	f->device[0].reserved = f->reserved;
	f->device[0].reserved_count = 1;
}

#define BREAK(rule) static void rule(struct fix *f)
#define DEVICE_RW   (PROT_READ | PROT_WRITE | PROT_DEVICE)
#define MEMORY_RW   (PROT_READ | PROT_WRITE)

BREAK(count_limits) { f->cfg.board.cpu_count = CPU_MAX + 1; }
BREAK(count_limits_vm) { f->cfg.vm_count = 0; }
BREAK(count_limits_vms) { f->cfg.vm_count = VM_MAX + 1; }
BREAK(count_limits_window) { f->cfg.board.pci.window_count = PCI_WINDOW_MAX + 1; }
BREAK(count_limits_allow) { f->cfg.allow_count = 17; }
BREAK(list_present) { f->cfg.device = NULL; }
BREAK(list_present_allow) { f->cfg.allow_count = 1; f->cfg.allow = NULL; }
BREAK(vcpu_count) { f->vm[MONITOR].cpu_count = 0; }
BREAK(vcpu_count_many) { f->vm[MONITOR].cpu_count = CPU_MAX + 1; }
BREAK(vm_lists) { f->vm[MONITOR].region = NULL; }
BREAK(vm_lists_irq) { f->vm[MONITOR].irq_count = 1; f->vm[MONITOR].irq = NULL; }
BREAK(device_list) { f->device[0].reserved_count = 1; }
BREAK(allow_list) { add_allow(f); f->allow[0].region = NULL; }
BREAK(config_name) { f->cfg.name = NULL; }
BREAK(vm_name) { f->vm[MONITOR].name = "two words"; }
BREAK(vm_name_long) { f->vm[MONITOR].name = "a-name-of-24-characters-"; }
BREAK(region_name) { f->region[MONITOR][0].name = ""; }
BREAK(image_name) { f->image[MONITOR][0].name = NULL; }
BREAK(device_name) { f->device[0].name = "\x1b[2J"; }
BREAK(allow_name) { add_allow(f); f->allow[0].name = NULL; }
BREAK(board_ram_pages)
{
	f->cfg.board.ram[1] = (struct cfg_range){ 0x90000000, 0x800 };
	f->cfg.board.ram_count = 2;
}
BREAK(board_ram_wraps)
{
	f->cfg.board.ram[1] = (struct cfg_range){ ~(uint64_t)0xfff, 0x2000 };
	f->cfg.board.ram_count = 2;
}
BREAK(board_ram_overlap)
{
	f->cfg.board.ram[1] = (struct cfg_range){ 0x7ffff000, 0x2000 };
	f->cfg.board.ram_count = 2;
}
BREAK(board_window_pages) { f->cfg.board.gicd.size = 0x10001; }
BREAK(board_window_overlap) { f->cfg.board.uart = f->cfg.board.gicd.base; }
BREAK(board_window_in_ram) { f->cfg.board.uart = 0x7f000000; }
BREAK(board_cpu_id_unique) { f->cfg.board.cpu_id[3] = 1; }
BREAK(board_gic_version) { f->cfg.board.gic_version = 2; }
BREAK(board_irq_range) { f->cfg.board.vtimer_irq = 32; }
BREAK(board_irq_range_spi) { f->cfg.board.unit[0].evtq_irq = 1020; }
BREAK(board_irq_unique) { f->cfg.board.unit[0].gerr_irq = f->cfg.board.unit[0].evtq_irq; }
BREAK(board_uart_memory) { f->cfg.board.uart_port = true; }
BREAK(board_unit_irq) { f->cfg.board.unit[0].gerr_irq = 0; }
BREAK(hyp_ram_in_ram) { f->cfg.hyp_ram.base = 0x3ff00000; }
BREAK(timeout_range) { f->cfg.sync_timeout_ms = 4; }
BREAK(timeout_range_high) { f->cfg.sync_timeout_ms = 10001; }
BREAK(vm_name_unique) { f->vm[MONITOR].name = "driver"; }
BREAK(vm_has_memory) { f->region[BYSTANDER][0].prot = PROT_READ | PROT_EXEC; }
BREAK(vm_rights_known) { f->vm[BYSTANDER].rights = 8; }
BREAK(vm_rights_usable) { f->vm[BYSTANDER].rights = CFG_VM_MONITOR; }
BREAK(cpu_exists) { f->vm[BYSTANDER].cpu[0] = 4; }
BREAK(cpu_one_owner) { f->vm[BYSTANDER].cpu[0] = 3; }
BREAK(cpu_one_owner_self) { f->vm[DRIVER].cpu[1] = 0; }
BREAK(fault_virq_valid) { f->vm[DRIVER].fault_virq = 31; }
BREAK(fault_virq_missing) { f->vm[DRIVER].fault_virq = 0; }
BREAK(fault_virq_free) { f->vm[DRIVER].fault_virq = f->cfg.board.uart_irq; }
BREAK(fault_virq_free_intx) { f->vm[DRIVER].fault_virq = 36; }
BREAK(fault_virq_free_irq) { add_irq(f, DRIVER, 200, 64); }
BREAK(virq_range) { add_irq(f, DRIVER, 200, 992); }
BREAK(virq_range_intx) { add_irq(f, DRIVER, 200, 35); }
BREAK(virq_unique) { add_irq(f, DRIVER, 200, 70); add_irq(f, DRIVER, 201, 70); }
BREAK(irq_range) { add_irq(f, DRIVER, 27, 70); }
BREAK(irq_range_high) { add_irq(f, DRIVER, 1020, 70); }
BREAK(irq_one_owner) { add_irq(f, DRIVER, 200, 70); add_irq(f, MONITOR, 200, 70); }
BREAK(irq_not_ours) { add_irq(f, BYSTANDER, 106, 70); }
BREAK(irq_not_ours_uart) { add_irq(f, BYSTANDER, 33, 70); }
BREAK(irq_not_ours_intx) { add_irq(f, BYSTANDER, 35, 70); }
BREAK(entry_in_memory) { f->vm[MONITOR].entry = 0x58000002; }
BREAK(entry_noexec)
{
	/* The image itself may be anywhere. */
	f->region[MONITOR][0].prot = MEMORY_RW;
}
BREAK(entry_in_image) { f->vm[MONITOR].entry = 0x58001000; }
BREAK(image_fits)
{
	const struct cfg_image *m = &f->image[MONITOR][0];

	f->image[MONITOR][1] = (struct cfg_image){ "big", m->start, m->end, 0x58ffffe0 };
	f->vm[MONITOR].image_count = 2;
}
BREAK(image_fits_empty)
{
	const struct cfg_image *m = &f->image[MONITOR][0];

	f->image[MONITOR][1] = (struct cfg_image){ "empty", m->start, m->start, 0x58100000 };
	f->vm[MONITOR].image_count = 2;
}
BREAK(image_no_overlap)
{
	f->image[MONITOR][1] = f->image[MONITOR][0];
	f->image[MONITOR][1].ipa += 63;
	f->vm[MONITOR].image_count = 2;
}
BREAK(region_aligned) { add_region(f, DRIVER, 0x60000000, MEMORY_RW)->pa += 0x800; }
BREAK(region_aligned_ipa) { add_region(f, DRIVER, 0x60000000, MEMORY_RW)->ipa = (uint64_t)1 << 48; }
BREAK(region_prot) { add_region(f, DRIVER, 0x60000000, PROT_WRITE); }
BREAK(region_prot_exec) { add_region(f, DRIVER, 0x0c000000, PROT_READ | PROT_EXEC | PROT_DEVICE); }
BREAK(region_in_ram) { add_region(f, DRIVER, 0x0c000000, MEMORY_RW); }
BREAK(region_in_ram_end) { add_region(f, DRIVER, 0x7ffff000, MEMORY_RW)->size = 0x2000; }
BREAK(region_no_overlap_pa) { add_region(f, DRIVER, 0x58fff000, MEMORY_RW); }
BREAK(region_no_overlap_self) { add_region(f, DRIVER, 0x50000000, MEMORY_RW)->ipa = 0x70000000; }
BREAK(region_no_overlap_ipa) { add_region(f, DRIVER, 0x60000000, MEMORY_RW)->ipa = 0x53fff000; }
BREAK(region_not_hyp) { add_region(f, DRIVER, 0x407ff000, MEMORY_RW); }
BREAK(region_not_trapped) { add_region(f, DRIVER, 0x60000000, MEMORY_RW)->ipa = 0x08000000; }
BREAK(region_not_trapped_ecam) { add_region(f, DRIVER, 0x60000000, MEMORY_RW)->ipa = 0x4010000000; }
BREAK(mmio_not_ram) { add_region(f, DRIVER, 0x60000000, DEVICE_RW); }
BREAK(mmio_one_owner)
{
	add_region(f, DRIVER, 0x0c000000, DEVICE_RW);
	add_region(f, MONITOR, 0x0c000000, DEVICE_RW);
}
BREAK(mmio_not_iommu) { add_region(f, DRIVER, 0x0906f000, DEVICE_RW); }
BREAK(mmio_not_irqchip) { add_region(f, DRIVER, 0x080a0000, DEVICE_RW); }
BREAK(mmio_not_irqchip_its) { add_region(f, DRIVER, 0x08090000, DEVICE_RW); }
BREAK(mmio_not_uart) { add_region(f, DRIVER, 0x09000000, DEVICE_RW); }
BREAK(mmio_not_pci) { add_region(f, DRIVER, 0x401ffff000, DEVICE_RW); }
BREAK(mmio_not_pci_window) { add_region(f, DRIVER, 0x10000000, DEVICE_RW); }
BREAK(mmio_not_bypass) { add_region(f, DRIVER, 0x0a003000, DEVICE_RW); }
BREAK(mmio_not_bypass_fw_cfg) { add_region(f, DRIVER, 0x09020000, DEVICE_RW); }
BREAK(device_name_unique) { add_device(f)->name = "edu0"; }
BREAK(device_unit_exists) { add_mmio_device(f)->unit = 1; }
BREAK(device_sid_in_range) { add_mmio_device(f)->sid = 0x10000; }
BREAK(device_sid_unique) { add_mmio_device(f)->sid = 0x10; }
/* A second unit, so that the same function is not the same stream too. */
BREAK(device_bdf_unique)
{
	struct cfg_device *d = add_device(f);

	f->cfg.board.unit[1] = f->cfg.board.unit[0];
	f->cfg.board.unit[1].base = 0x0c100000;
	f->cfg.board.unit[1].evtq_irq = 300;
	f->cfg.board.unit[1].gerr_irq = 301;
	f->cfg.board.unit[1].sync_irq = 302;
	f->cfg.board.unit_count = 2;
	f->cfg.board.pci.iommu_mapped = true;
	d->bdf = f->device[0].bdf;
	d->unit = 1;
	d->sid = 0x10;
}
BREAK(device_mmio_valid) { add_mmio_device(f)->mmio_size = 0; }
BREAK(device_mmio_unique) { add_mmio_device(f); add_mmio_device(f)->name = "third"; f->device[2].sid = 0x99; }
BREAK(device_mmio_owner) { add_region(f, MONITOR, 0x0c000000, DEVICE_RW); add_mmio_device(f); }
BREAK(device_owner_exists) { add_device(f)->owner = VMS; }
BREAK(device_claimable) { add_device(f)->owner = BYSTANDER; }
BREAK(device_allow_exists) { add_device(f)->allow = 0; }
BREAK(device_allow_and_dma_all) { add_allow(f); f->device[0].dma_all = true; }
BREAK(device_dma_all_owner) { add_device(f)->owner = CFG_OWNER_NONE; f->device[1].dma_all = true; }
BREAK(pci_bus_exists) { f->cfg.board.pci.bus_first = 1; }
BREAK(pci_not_bypassed) { f->cfg.board.pci.iommu_mapped = false; }
BREAK(pci_sid_matches) { f->device[0].sid = 0x11; }
BREAK(pci_sid_matches_count) { f->cfg.board.pci.rid_count = 0x10; }
BREAK(pci_sid_matches_base) { f->cfg.board.pci.rid_base = 0x11; f->cfg.board.pci.sid_base = 0x11; }
BREAK(pci_device_one_owner)
{
	add_device(f)->bdf = 0x11;
	f->device[1].sid = 0x11;
	f->device[1].owner = MONITOR;
}
BREAK(allow_name_unique)
{
	add_allow(f);
	f->allow[1] = f->allow[0];
	f->cfg.allow_count = 2;
	add_device(f)->allow = 1;
}
BREAK(allow_used) { add_allow(f); f->device[0].allow = CFG_ALLOW_NONE; }
BREAK(allow_used_empty) { add_allow(f); f->allow[0].region_count = 0; }
BREAK(allow_aligned) { add_allow(f)->ipa = 0x1234; }
BREAK(allow_prot) { add_allow(f)->prot = PROT_EXEC; }
BREAK(allow_no_overlap)
{
	add_allow(f);
	f->allow_region[0][1] = f->allow_region[0][0];
	f->allow_region[0][1].pa += 0x1000;
	f->allow[0].region_count = 2;
}
BREAK(allow_in_ram) { add_allow(f)->pa = 0x0c000000; }
BREAK(allow_not_hyp) { add_allow(f)->pa = 0x40200000; }
BREAK(allow_owner) { add_allow(f)->pa = 0x5c000000; }
BREAK(allow_owner_none) { add_allow(f)->pa = 0x50000000; f->device[0].owner = CFG_OWNER_NONE; }
BREAK(reserved_aligned) { add_reserved(f, 0x60000000, 0); }
BREAK(reserved_owner) { add_reserved(f, 0x58ff0000, 0x20000); }
BREAK(reserved_not_ours) { add_reserved(f, 0x407ff000, 0x1000); }
BREAK(reserved_not_ours_gic) { add_reserved(f, 0x08080000, 0x1000); }
BREAK(unit_out_bits) { f->cfg.board.unit[0].out_bits = 30; }
BREAK(unit_out_bits_allow)
{
	add_allow(f)->pa = 0x10080000000;
	f->cfg.board.ram[1] = (struct cfg_range){ 0x10080000000, 0x1000 };
	f->cfg.board.ram_count = 2;
}
BREAK(pool_large_enough) { f->vm[DRIVER].pool_pages = 12; }
BREAK(pool_large_enough_all) { f->device[0].dma_all = true; f->vm[DRIVER].pool_pages = 11; }
BREAK(hyp_pool_large_enough) { f->cfg.hyp_pool_pages = 0; }
BREAK(pool_fits_arena) { f->vm[BYSTANDER].pool_pages++; }

BREAK(machine_table) { f->p = (struct platform){ .error = "it is damaged" }; }
BREAK(machine_level)
{
	f->p.no_virt = true;
	f->p.virt_why = "started at EL1, must be EL2: add virtualization=on to -M virt";
	f->p.psci.smc = false;
	f->p.board.maint_irq = 0;
}
BREAK(machine_image) { f->p.image.size = 0x600001; }
BREAK(machine_image_moved) { f->p.image.base -= 0x1000; }
BREAK(machine_psci) { f->p.psci.there = false; }
BREAK(machine_psci_conduit) { f->p.psci.smc = false; }
BREAK(machine_cpu) { f->p.board.cpu_count = 2; }
BREAK(machine_cpu_unused) { f->vm[DRIVER].cpu_count = 1; f->p.board.cpu_count = 3; }
BREAK(machine_cpu_extra) { f->p.board.cpu_count = 5; }
BREAK(machine_ram) { f->p.board.ram[0].size = MIB(512); }
BREAK(machine_ram_extra) { f->p.board.ram[0].size = GIB(2); }
BREAK(machine_gic) { f->p.board.gic_version = 2; f->p.board.gicr.size = 0; f->p.board.its.size = 0; }
BREAK(machine_gic_address) { f->p.board.gicr.base += 0x10000; f->p.board.its.size = 0x20000; }
BREAK(machine_its) { f->p.board.its = (struct cfg_range){ 0 }; }
BREAK(machine_cpu_irq) { f->p.board.maint_irq = 0; }
BREAK(machine_uart) { f->p.board.uart = 0x09040000; f->p.board.uart_irq = 40; }
BREAK(machine_uart_irq) { f->p.board.uart_irq = 40; }
BREAK(machine_unit) { f->p.board.unit_count = 0; f->p.board.pci.iommu_mapped = false; }
BREAK(machine_unit_moved)
{
	f->p.board.unit[1] = f->p.board.unit[0];
	f->p.board.unit[0].base = 0x0c000000;
	f->cfg.board.unit[0].base = 0x0c100000;
	f->p.board.unit_count = 1;
	f->cfg.board.unit_count = 1;
	f->cfg.board.pci.iommu_mapped = true;
}
BREAK(machine_unit_narrow_sid) { f->p.board.unit[0].sid_bits = 8; }
BREAK(machine_unit_narrow_out) { f->p.board.unit[0].out_bits = 36; }
BREAK(machine_unit_coherent) { f->p.board.unit[0].coherent = false; }
BREAK(machine_unit_size) { f->p.board.unit[0].size = 0x10000; }
BREAK(machine_unit_irq) { f->p.board.unit[0].evtq_irq = 0; }
BREAK(machine_unit_unreached) { f->p.unit_unreached = true; }
BREAK(machine_unit_extra)
{
	f->p.board.unit[1] = f->p.board.unit[0];
	f->p.board.unit[1].base = 0x0c000000;
	f->p.board.unit_count = 2;
}
BREAK(machine_region)
{
	add_region(f, DRIVER, 0x0c000000, DEVICE_RW);
	f->p.board.bypass[2] = (struct cfg_range){ 0x0c000000, 0x1000 };
	f->p.board.bypass_count = 3;
}
BREAK(machine_bypass_given)
{
	add_region(f, DRIVER, 0x0c000000, DEVICE_RW);
	f->p.bypass[0] = (struct bypass_device){ "virtio-mmio", 0x0c000200, 0x200, false };
	f->p.bypass_count = 1;
}
BREAK(machine_bypass_present)
{
	f->p.bypass[0] = (struct bypass_device){ "virtio-mmio", 0x0a003e00, 0x200, true };
	f->p.bypass[1] = (struct bypass_device){ "fw_cfg", 0x09020000, 0x18, true };
	f->p.bypass_count = 2;
}
BREAK(machine_note) { f->p.note[0] = "the firmware said something odd"; f->p.note_count = 1; }
BREAK(machine_pci) { f->p.board.pci = (struct board_pci){ 0 }; }
BREAK(machine_pci_extra) { f->cfg.board.pci = (struct board_pci){ 0 }; f->cfg.device_count = 0; }
BREAK(machine_pci_ecam)
{
	f->p.board.pci.ecam = 0x3f000000;
	f->p.board.pci.ecam_size = 0x1000000;
	f->p.board.pci.bus_last = 15;
}
BREAK(machine_pci_bus) { f->p.board.pci.bus_last = 15; }
BREAK(machine_pci_window) { f->p.board.pci.window_count = 2; }
BREAK(machine_pci_bypass) { f->p.board.pci.iommu_mapped = false; }
BREAK(machine_pci_map) { f->p.board.pci.sid_base = 0x100; }
BREAK(machine_pci_intx) { f->p.board.pci.intx[2] = 99; }

/* --- */

static const struct breakage {
	const char *rule;
	void (*change)(struct fix *f);
	const char *says; /* must be part of the text */
	bool warning;
} breakage[] = {
	{ "count_limits", count_limits, "board.cpu_count is 9, must be 1..8", false },
	{ "count_limits", count_limits_vm, "vm_count", false },
	{ "count_limits", count_limits_vms, "vm_count", false },
	{ "count_limits", count_limits_window, "window_count", false },
	{ "count_limits", count_limits_allow, "allow_count", false },
	{ "list_present", list_present, "without its list", false },
	{ "list_present", list_present_allow, "without its list", false },
	{ "vcpu_count", vcpu_count, "partition monitor: ", false },
	{ "vcpu_count", vcpu_count_many, "partition monitor: ", false },
	{ "vm_lists", vm_lists, "partition monitor: ", false },
	{ "vm_lists", vm_lists_irq, "partition monitor: ", false },
	{ "device_list", device_list, "device edu0: ", false },
	{ "allow_list", allow_list, "allow set set: ", false },
	{ "config_name", config_name, "names have", false },
	{ "vm_name", vm_name, "partition (unnamed): ", false },
	{ "vm_name", vm_name_long, "partition (unnamed): ", false },
	{ "region_name", region_name, "partition monitor region (unnamed)", false },
	{ "image_name", image_name, "partition monitor image (unnamed)", false },
	{ "device_name", device_name, "device (unnamed): ", false },
	{ "allow_name", allow_name, "allow set (unnamed): ", false },
	{ "board_ram_pages", board_ram_pages, "board.ram 0x90000000+0x800", false },
	{ "board_ram_pages", board_ram_wraps, "board.ram", false },
	{ "board_ram_overlap", board_ram_overlap,
	  "board.ram 0x7ffff000+0x2000 and board.ram 0x40000000", false },
	{ "board_window_pages", board_window_pages, "board: the GIC distributor 0x8000000+0x10001", false },
	{ "board_window_overlap", board_window_overlap, "the UART 0x8000000+0x1000", false },
	{ "board_window_in_ram", board_window_in_ram, "must not hold the UART", false },
	{ "board_cpu_id_unique", board_cpu_id_unique, "board CPU 3 and board CPU 1", false },
	{ "board_uart_memory", board_uart_memory, "I/O ports", false },
	{ "board_gic_version", board_gic_version, "must be 3", false },
	{ "board_irq_range", board_irq_range, "vtimer_irq 32", false },
	{ "board_irq_range", board_irq_range_spi, "the IOMMU's interrupt 1020", false },
	{ "board_irq_unique", board_irq_unique, "106", false },
	{ "board_unit_irq", board_unit_irq, "gerr_irq", false },
	{ "hyp_ram_in_ram", hyp_ram_in_ram, "hyp_ram", false },
	{ "timeout_range", timeout_range, "not 4", false },
	{ "timeout_range", timeout_range_high, "not 10001", false },
	{ "vm_name_unique", vm_name_unique, "partition driver and partition driver", false },
	{ "vm_has_memory", vm_has_memory, "partition bystander: ", false },
	{ "vm_rights_known", vm_rights_known, "partition bystander: ", false },
	{ "vm_rights_usable", vm_rights_usable, "CFG_VM_ATTACH", true },
	{ "cpu_exists", cpu_exists, "partition bystander CPU 4: ", false },
	{ "cpu_one_owner", cpu_one_owner, "partition bystander CPU 3 and partition driver CPU 3", false },
	{ "cpu_one_owner", cpu_one_owner_self, "partition driver CPU 0 and partition driver CPU 0", false },
	{ "fault_virq_valid", fault_virq_valid, "not 31", false },
	{ "fault_virq_valid", fault_virq_missing, "partition driver: ", false },
	{ "fault_virq_free", fault_virq_free, "33", false },
	{ "fault_virq_free", fault_virq_free_intx, "36", false },
	{ "fault_virq_free", fault_virq_free_irq, "64", false },
	{ "virq_range", virq_range, "partition driver irq 200: ", false },
	{ "virq_range", virq_range_intx, "35", false },
	{ "virq_unique", virq_unique, "irq 201 and partition driver irq 200", false },
	{ "irq_range", irq_range, "irq 27", false },
	{ "irq_range", irq_range_high, "irq 1020", false },
	{ "irq_one_owner", irq_one_owner, "partition monitor irq 200 and partition driver irq 200", false },
	{ "irq_not_ours", irq_not_ours,
	  "irq 106: remove it (PCI lines follow their function), it is the IOMMU's", false },
	{ "irq_not_ours", irq_not_ours_uart, "uart_irq", false },
	{ "irq_not_ours", irq_not_ours_intx, "a PCI line", false },
	{ "entry_in_memory", entry_in_memory, "partition monitor: ", false },
	{ "entry_in_memory", entry_noexec, "partition monitor: ", false },
	{ "entry_in_image", entry_in_image, "partition monitor: ", true },
	{ "image_fits", image_fits, "image big 0x58ffffe0+0x40", false },
	{ "image_fits", image_fits_empty, "image empty", false },
	{ "image_no_overlap", image_no_overlap, "0x5800003f+0x40", false },
	{ "region_aligned", region_aligned, "partition driver region extra 0x60000800+0x1000", false },
	{ "region_aligned", region_aligned_ipa, "at 0x1000000000000", false },
	{ "region_prot", region_prot, "region extra", false },
	{ "region_prot", region_prot_exec, "region extra", false },
	{ "region_in_ram", region_in_ram, "region extra 0xc000000+0x1000", false },
	{ "region_in_ram", region_in_ram_end, "region extra 0x7ffff000+0x2000", false },
	{ "region_no_overlap_pa", region_no_overlap_pa,
	  "partition monitor region ram 0x58000000+0x1000000 and partition driver "
							"region extra 0x58fff000+0x1000", false },
	{ "region_no_overlap_pa", region_no_overlap_self, "partition driver region extra", false },
	{ "region_no_overlap_ipa", region_no_overlap_ipa, "at 0x53fff000", false },
	{ "region_not_hyp", region_not_hyp, "0x407ff000+0x1000", false },
	{ "region_not_trapped", region_not_trapped, "the GIC distributor", false },
	{ "region_not_trapped", region_not_trapped_ecam, "PCI configuration space", false },
	{ "mmio_not_ram", mmio_not_ram, "region extra", false },
	{ "mmio_one_owner", mmio_one_owner,
	  "partition monitor region extra 0xc000000+0x1000 and partition driver", false },
	{ "mmio_not_iommu", mmio_not_iommu,
	  "region extra 0x906f000+0x1000: remove it, no partition may have the IOMMU", false },
	{ "mmio_not_irqchip", mmio_not_irqchip, "the GIC redistributors", false },
	{ "mmio_not_irqchip", mmio_not_irqchip_its, "the ITS", false },
	{ "mmio_not_uart", mmio_not_uart, "the UART", false },
	{ "mmio_not_pci", mmio_not_pci, "PCI configuration space", false },
	{ "mmio_not_pci", mmio_not_pci_window, "a PCI window", false },
	{ "mmio_not_bypass", mmio_not_bypass, "a DMA master without IOMMU", false },
	{ "mmio_not_bypass", mmio_not_bypass_fw_cfg, "a DMA master without IOMMU", false },
	{ "device_name_unique", device_name_unique, "device edu0 and device edu0", false },
	{ "device_unit_exists", device_unit_exists, "device second: ", false },
	{ "device_sid_in_range", device_sid_in_range, "65536", false },
	{ "device_sid_unique", device_sid_unique, "device second and device edu0", false },
	{ "device_mmio_valid", device_mmio_valid, "device second: ", false },
	{ "device_mmio_unique", device_mmio_unique, "device third and device second", false },
	{ "device_mmio_owner", device_mmio_owner, "partition monitor", false },
	{ "device_owner_exists", device_owner_exists, "device second: ", false },
	{ "device_claimable", device_claimable, "device second: ", true },
	{ "device_allow_exists", device_allow_exists, "device second: ", false },
	{ "device_allow_and_dma_all", device_allow_and_dma_all, "device edu0: ", false },
	{ "device_dma_all_owner", device_dma_all_owner, "device second: ", false },
	{ "pci_bus_exists", pci_bus_exists, "device edu0: ", false },
	{ "pci_not_bypassed", pci_not_bypassed, "device edu0: ", false },
	{ "pci_sid_matches_iommu_map", pci_sid_matches, "device edu0: ", false },
	{ "pci_sid_matches_iommu_map", pci_sid_matches_count, "device edu0: ", false },
	{ "pci_sid_matches_iommu_map", pci_sid_matches_base, "device edu0: ", false },
	{ "pci_device_one_owner", pci_device_one_owner, "device second and device edu0", true },
	{ "allow_name_unique", allow_name_unique, "allow set set and allow set set", false },
	{ "allow_used", allow_used, "allow set set: ", true },
	{ "allow_used", allow_used_empty, "allow set set: ", true },
	{ "allow_aligned", allow_aligned, "at 0x1234", false },
	{ "allow_prot", allow_prot, "allow set set 0x60000000+0x1000", false },
	{ "allow_no_overlap", allow_no_overlap, "0x60001000+0x1000 at 0x60000000", false },
	{ "allow_in_ram", allow_in_ram, "0xc000000+0x1000", false },
	{ "allow_not_hyp", allow_not_hyp, "0x40200000+0x1000", false },
	{ "allow_owner", allow_owner,
	  "device edu0 allow set set 0x5c000000+0x1000 at 0x60000000: must not reach what its .owner "
				      "has not: partition bystander", false },
	{ "allow_owner", allow_owner_none, "partition driver", false },
	{ "reserved_aligned", reserved_aligned, "device edu0 reserved", false },
	{ "reserved_owner", reserved_owner, "partition monitor", false },
	{ "reserved_not_ours", reserved_not_ours, "hyp_ram", false },
	{ "reserved_not_ours", reserved_not_ours_gic, "the ITS", false },
	{ "unit_out_bits", unit_out_bits, "region ram", false },
	{ "unit_out_bits_allow", unit_out_bits_allow, "0x10080000000+0x1000", false },
	{ "pool_large_enough", pool_large_enough, "partition driver: .pool_pages must be at least 13", false },
	{ "pool_large_enough", pool_large_enough_all,
	  "partition driver: .pool_pages must be at least 12", false },
	{ "hyp_pool_large_enough", hyp_pool_large_enough, "at least 1", false },
	{ "pool_fits_arena", pool_fits_arena, "129", false },
	{ "machine_table", machine_table, "it is damaged", false },
	{ "machine_level", machine_level,
	  "started at EL1, must be EL2: add virtualization=on to -M virt", false },
	{ "machine_image", machine_image,
	  "0x40200000+0x600001, not inside hyp_ram 0x40200000+0x600000", false },
	{ "machine_image", machine_image_moved, "hyp_ram", false },
	{ "machine_psci", machine_psci, "secure=on", false },
	{ "machine_psci_conduit", machine_psci_conduit, "virtualization=on", false },
	{ "machine_cpu", machine_cpu, "start QEMU with -smp 4", false },
	{ "machine_cpu", machine_cpu_unused, "nobody uses it", true },
	{ "machine_cpu_extra", machine_cpu_extra, "stays off", true },
	{ "machine_ram", machine_ram,
	  "ram: configuration needs 0x40000000+0x40000000, the machine has 0x40000000+0x20000000: start "
				      "QEMU with -m 1G or shrink board.ram in the configuration", false },
	{ "machine_ram_extra", machine_ram_extra, "unused", true },
	{ "machine_gic", machine_gic, "add gic-version=3 to -M virt; the machine has version 2", false },
	{ "machine_gic_address", machine_gic_address, "gicr.base", false },
	{ "machine_its", machine_its, "its=off", true },
	{ "machine_cpu_irq", machine_cpu_irq, "maint_irq", false },
	{ "machine_uart", machine_uart, "0x9040000", false },
	{ "machine_uart", machine_uart_irq, "uart_irq", false },
	{ "machine_unit", machine_unit, ": add iommu=smmuv3 to -M virt", false },
	{ "machine_unit", machine_unit_narrow_sid, "8", false },
	{ "machine_unit", machine_unit_narrow_out, "36", false },
	{ "machine_unit", machine_unit_coherent, "coherent", false },
	{ "machine_unit", machine_unit_size, "0x10000", false },
	{ "machine_unit_unreached", machine_unit_unreached, "an SMMU that nobody would block", false },
	{ "machine_unit_irq", machine_unit_irq, "evtq_irq", false },
	{ "machine_unit_extra", machine_unit_extra, "machine: the IOMMU 0xc000000", true },
	{ "machine_region", machine_region, "a DMA master", false },
	{ "machine_bypass_given", machine_bypass_given, "partition driver", false },
	{ "machine_bypass_present", machine_bypass_present,
	  "virtio-mmio 0xa003e00+0x200: bypasses the SMMU, nobody gets it: use "
	  "-device virtio-...-pci,iommu_platform=on,disable-legacy=on", true },
	{ "machine_note", machine_note, "something odd", true },
	{ "machine_pci", machine_pci, "no PCI host", false },
	{ "machine_pci_extra", machine_pci_extra, "a PCI host", true },
	{ "machine_pci_ecam", machine_pci_ecam, "remove highmem-ecam=off", false },
	{ "machine_pci_ecam", machine_pci_bus, "bus_last", false },
	{ "machine_pci_window", machine_pci_window, "board.pci.window", false },
	{ "machine_pci_bypass", machine_pci_bypass, "default-bus-bypass-iommu=on", false },
	{ "machine_pci_map", machine_pci_map, "sid_base", false },
	{ "machine_pci_intx", machine_pci_intx, "pci.intx[2]", false },
};

static unsigned check(struct fix *f, bool machine)
{
	return config_check(&f->cfg, machine ? &f->p : NULL, collect, f);
}

static void demo_is_clean(void **state)
{
	struct fix f;

	fix_init(&f);
	assert_int_equal(config_check(&hyp_config, NULL, collect, &f), 0);
	assert_int_equal(check(&f, true), 0);
	assert_int_equal(f.count, 0);
}

/* Every way a rule can be broken names that rule and nothing else. */
static void each_breakage_names_its_rule(void **state)
{
	struct fix f;

	for (unsigned i = 0; i < ARRAY_COUNT(breakage); i++) {
		const struct breakage *b = &breakage[i];
		bool machine = strncmp(b->rule, "machine_", 8) == 0;

		fix_init(&f);
		b->change(&f);
		unsigned fatal = check(&f, machine);

		for (unsigned n = 0; n < f.count; n++) {
			if (strcmp(f.rule[n], b->rule) != 0) {
				fail_msg("breaking %s (%u) also named %s: %s", b->rule, i, f.rule[n], f.text[n]);
			}
		}
		bool said = false;

		for (unsigned n = 0; n < f.count; n++) {
			said = said || strstr(f.text[n], b->says) != NULL;
		}
		if (!said) {
			fail_msg("breaking %s (%u): \"%s\" does not say \"%s\"", b->rule, i, f.count ? f.text[0] : "",
				 b->says);
		}
		assert_int_equal(fatal, f.fatal);
		assert_int_equal(f.fatal == 0, b->warning);
	}
}

/* What no single change can show alone: the second report has a reason of its own. */
static void breakages_with_company(void **state)
{
	struct fix f;

	fix_init(&f);
	device_bdf_unique(&f);
	assert_int_equal(check(&f, false), 2);
	assert_string_equal(f.rule[0], "device_bdf_unique");
	assert_string_equal(f.rule[1], "pci_sid_matches_iommu_map");

	fix_init(&f);
	machine_unit_moved(&f);
	assert_true(check(&f, true) >= 1);
	assert_string_equal(f.rule[0], "machine_unit");
	assert_non_null(strstr(f.text[0], "no SMMU at 0xc100000, the machine has one at 0xc000000"));
}

/* All differences are listed, not the first one. */
static void everything_at_once(void **state)
{
	struct fix f;

	fix_init(&f);
	machine_level(&f);
	machine_gic(&f);
	machine_unit(&f);
	machine_ram(&f);
	machine_cpu(&f);
	assert_int_equal(check(&f, true), 6); /* two CPUs are missing */
	assert_int_equal(f.count, 6);
}

static const struct config_rule_table *const tables[] = {
	&config_rules_count, &config_rules_list,   &config_rules_name,	&config_rules_board,   &config_rules_vm,
	&config_rules_region, &config_rules_device, &config_rules_reach, &config_rules_machine,
	&arch_config_board,   &arch_config_machine,
};

/* Words are constants, so that messages need no buffers: here they are compared with the numbers. */
static void words_say_the_numbers(void **state)
{
	assert_string_equal(ARCH_VIRQ_RANGE, "32..991");
	assert_int_equal(VIRQ_MAX, 992);
	assert_string_equal(ARCH_IRQ_RANGE, "32..1019");
	assert_string_equal(ARCH_BOARD_IRQ_RANGE, "32..1019");
	assert_true(IRQ_SHARED == 32 && IRQ_MAX == 1020 && IRQ_MSI_FIRST >= IRQ_MAX);
}

static void every_rule_is_broken_by_some_test(void **state)
{
	unsigned rules = 0;
	unsigned missing = 0;

	for (unsigned t = 0; t < ARRAY_COUNT(tables); t++) {
		for (unsigned r = 0; r < tables[t]->count; r++) {
			bool found = strcmp(tables[t]->rule[r].name, "device_bdf_unique") == 0; /* above */

			for (unsigned i = 0; i < ARRAY_COUNT(breakage) && !found; i++) {
				found = strcmp(breakage[i].rule, tables[t]->rule[r].name) == 0;
			}
			if (!found) {
				print_message("no test breaks %s\n", tables[t]->rule[r].name);
				missing++;
			}
			rules++;
		}
	}
	print_message("%u rules\n", rules);
	assert_int_equal(missing, 0);
}

/* Extremes in every number: nothing but reports may come of it (the sanitizers are the judge). */
static void noise_is_survived(void **state)
{
	uint64_t seed = 1;
	struct fix f;

	for (unsigned round = 0; round < 4000; round++) {
		fix_init(&f);
		add_allow(&f);
		(void)add_irq(&f, DRIVER, 200, 70);
		add_reserved(&f, 0x60000000, 0x1000);
		(void)add_mmio_device(&f);
		struct {
			void *p;
			size_t size;
		} part[] = {
			{ &f.cfg.board, sizeof(f.cfg.board) },
			{ f.region[DRIVER], sizeof(f.region[0]) },
			{ f.irq[DRIVER], sizeof(f.irq[0]) },
			{ f.allow_region[0], sizeof(f.allow_region[0]) },
			{ f.reserved, sizeof(f.reserved) },
			{ &f.p.board, sizeof(f.p.board) },
		};

		for (unsigned n = 0; n < 3; n++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			unsigned which = (unsigned)(seed >> 33) % ARRAY_COUNT(part);
			size_t at = (size_t)(seed >> 40) % (part[which].size / 4);
			const uint32_t value[4] = { 0, UINT32_MAX, (uint32_t)(seed >> 12), 0x80000000u };
			uint32_t v = value[seed >> 62];

			memcpy((uint8_t *)part[which].p + at * 4, &v, 4);
		}
		/* Bytes that are bools must stay 0 or 1: anything else is undefined before any rule looks at it. */
		f.cfg.board.unit[0].coherent = f.p.board.unit[0].coherent = true;
		for (unsigned u = 1; u < UNIT_MAX; u++) {
			f.cfg.board.unit[u].coherent = f.p.board.unit[u].coherent = false;
		}
		f.cfg.board.uart_port = f.p.board.uart_port = false;
		f.cfg.board.pci.present = f.cfg.board.pci.iommu_mapped = true;
		f.p.board.pci.present = f.p.board.pci.iommu_mapped = true;
		for (unsigned i = 0; i < LIST; i++) {
			f.region[DRIVER][i].name = f.region[DRIVER][i].name != NULL ? "r" : NULL;
			f.irq[DRIVER][i].edge = false;
		}
		if (f.p.board.cpu_count > CPU_MAX || f.p.board.ram_count > RAM_MAX || f.p.board.unit_count > UNIT_MAX ||
		    f.p.board.pci.window_count > PCI_WINDOW_MAX || f.p.board.bypass_count > BOARD_BYPASS_MAX) {
			f.p.board = hyp_config.board; /* the reader keeps its counts */
		}
		f.count = 0;
		(void)config_check(&f.cfg, &f.p, collect, &f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(demo_is_clean),
		cmocka_unit_test(each_breakage_names_its_rule),
		cmocka_unit_test(breakages_with_company),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(noise_is_survived),
		cmocka_unit_test(words_say_the_numbers),
		cmocka_unit_test(every_rule_is_broken_by_some_test),
	};

	return cmocka_run_group_tests_name("config_check", tests, NULL, NULL);
}
