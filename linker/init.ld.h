/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot only: whole files, and functions of files that also hold what runs later. The NOCROSSREFS_TO lines of the
 * linker scripts make a call from resident code to any of them a link error, so a wrong entry cannot be built.
 */
#define INIT_FILES_CORE(...)                 \
	*/hyp/config_*.c.o(__VA_ARGS__)      \
	*/hyp/board_check*.c.o(__VA_ARGS__)  \
	*/hyp/pci_scope.c.o(__VA_ARGS__)     \
	*/hyp/pci_msi_offer.c.o(__VA_ARGS__) \
	*/arch/?*/config_*.c.o(__VA_ARGS__)   \
	*/arch/?*/platform*.c.o(__VA_ARGS__)

#define INIT_FUNCTIONS_CORE(F)                                                                         \
	F(hyp_main) F(read_firmware) F(block_units) F(check_board) F(report_difference) F(refuse_boot) \
	F(mmu_build) F(map_image) F(arch_irq_init) F(arch_platform_use)                                \
	F(console_init) F(console_start) F(uart_init) F(pool_init)                                     \
	F(irq_set_handler) F(irq_set_owner)                                                            \
	F(vm_build_all) F(build) F(map_region) F(vm_map_bar) F(vm_trap_add) F(arch_vm_init) F(arch_vcpu_init) \
	F(pci_init) F(fn_expander) F(bus_visit) F(slot_single) F(pci_bar_place_all) F(bar_probe) F(space_get) \
	F(space_init) F(bridge_shut) F(pci_assign) F(pci_report) F(fn_group) F(pci_intx) F(pci_cap_init) \
	F(pci_cap_port_isolate) F(xcap_acs) F(hole_add) F(pci_msi_vectors)                         \
	F(iommu_probe_and_block) F(unit_probe_and_block) F(caps_merge) F(iommu_enable) F(unit_enable)  \
	F(client_attach) F(iommu_build) F(build_clients) F(build_allow_sets) F(client_ram_find)        \
	F(iommu_hw_probe) F(iommu_hw_block) F(iommu_hw_enable)

#define INIT_TEXT(f)   *(.text.f .text.f.*)
#define INIT_RODATA(f) *(.rodata.f .rodata.f.*)
