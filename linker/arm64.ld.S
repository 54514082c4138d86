/* SPDX-License-Identifier: Apache-2.0 */
/* One address space, W^X by section: every boundary a right changes at is page aligned (arch/arm64/mmu.c). */
/*
 * Boot only: whole files, and functions of files that also hold what runs later. The NOCROSSREFS_TO lines make a call from
 * resident code to any of them a link error, so a wrong entry cannot be built.
 */
#define INIT_FILES(...)                         \
	*/hyp/config_*.c.o(__VA_ARGS__)         \
	*/hyp/board_check*.c.o(__VA_ARGS__)     \
	*/arch/arm64/platform*.c.o(__VA_ARGS__) \
	*libfdt.a:*.o(__VA_ARGS__)

#define INIT_FUNCTIONS(F)                                                                              \
	F(hyp_main) F(read_firmware) F(block_units) F(check_board) F(report_difference) F(refuse_boot) \
	F(mmu_build) F(map_image) F(gic_init_dist) F(arch_irq_init) F(arch_platform_use) F(arch_boot_level) \
	F(console_init) F(console_start) F(uart_init) F(pool_init)               \
	F(irq_set_handler) F(irq_set_owner)                                                            \
	F(vm_build_all) F(build) F(map_region) F(vm_map_bar) F(vm_trap_add) F(arch_vm_init) F(arch_vcpu_init) \
	F(pci_init) F(fn_expander) F(bus_visit) F(slot_single) F(pci_bar_place_all) F(bar_probe) F(space_get) \
	F(space_init) F(bridge_shut) F(pci_assign) F(pci_report) F(fn_group) F(pci_intx) F(pci_cap_init) \
	F(pci_cap_port_isolate) F(xcap_acs) F(hole_add)                                                \
	F(iommu_probe_and_block) F(unit_probe_and_block) F(caps_merge) F(iommu_enable) F(unit_enable)  \
	F(client_attach) F(iommu_build) F(build_clients) F(build_allow_sets) F(client_ram_find)        \
	F(iommu_hw_probe) F(unit_missing) F(features_read) F(cap_fill) F(iommu_hw_block) F(block)      \
	F(block_by_table) F(translation_start) F(tables_start) F(gbpa_abort) F(iommu_hw_enable) F(unit_start) \
	F(irqs_enable) F(cr0_set) F(reg_wait) F(smmuv3_strtab_init) F(smmuv3_strtab_start)             \
	F(smmuv3_cmdq_init) F(smmuv3_cmdq_start) F(smmuv3_evtq_init) F(smmuv3_evtq_start)

#define INIT_TEXT(f)   *(.text.f .text.f.*)
#define INIT_RODATA(f) *(.rodata.f .rodata.f.*)

OUTPUT_FORMAT("elf64-littleaarch64")
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	initro PT_LOAD FLAGS(4);
	text2 PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = 0x40200000;
	__image_start = ABSOLUTE(.);
	/* Used until arch_seal(), which unmaps it: reading tables, checking the configuration, finding devices. */
	.init.text : {
		KEEP(*(.head))
		INIT_FILES(.text .text.*)
		INIT_FUNCTIONS(INIT_TEXT)
	} :text
	. = ALIGN(4096);
	__init_rodata_start = .;
	.init.rodata : {
		INIT_FILES(.rodata .rodata.*)
		INIT_FUNCTIONS(INIT_RODATA)
	} :initro
	. = ALIGN(4096);
	__init_end = .;
	.text : {
		*(.text .text.*)
	} :text2
	. = ALIGN(4096);
	__rodata_start = .;
	.rodata : {
		*(.rodata .rodata.*)
	} :rodata
	.images : {
		KEEP(*(.images))
	} :rodata
	. = ALIGN(4096);
	__data_start = .;
	.data : {
		*(.data .data.*)
		. = ALIGN(4096);
		__sealed_start = .;
		*(.sealed)
		. = ALIGN(4096);
		__sealed_end = .;
	} :data
	.bss (NOLOAD) : {
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		__bss_end = .;
		*(.noinit)
		. = ALIGN(4096);
	} :data
	__image_end = .;
	__image_size = __image_end - __image_start;

	/DISCARD/ : {
		*(.comment .note .note.* .eh_frame .eh_frame_hdr .ARM.attributes .dynamic .dynsym .dynstr .hash .gnu.hash .interp)
	}
}

NOCROSSREFS_TO(.init.text .text)
NOCROSSREFS_TO(.init.rodata .text)
NOCROSSREFS_TO(.init.text .rodata)
NOCROSSREFS_TO(.init.rodata .rodata)
