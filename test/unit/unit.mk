# SPDX-License-Identifier: Apache-2.0
# One line per unit test: what test/unit/test_<module>.c links besides itself.
#     test_<module> := hyp/x.c test/model/y.c
#     test_<module>_INC := -Idir      (optional, searched before the common include path)
#     test_<module>_LIBS := -lfdt     (optional)
test_runner_cases := test/system/cases.c test/system/command.c
test_runner_judge := test/system/cases.c test/system/judge.c test/system/tap.c
test_runner_process := test/system/cases.c test/system/judge.c test/system/tap.c test/system/process.c
# The fake architecture, the real SMMUv3 driver, and the model it is judged by: for every test that needs them.
FAKE := test/fake/fake.c test/fake/fake_panic.c test/fake/fake_log.c
FAKE_ARCH := test/fake/fake_arch.c
SMMUV3 := drivers/iommu/smmuv3/unit.c drivers/iommu/smmuv3/strtab.c drivers/iommu/smmuv3/ste.c \
	drivers/iommu/smmuv3/cmdq.c drivers/iommu/smmuv3/evtq.c drivers/iommu/smmuv3/report.c drivers/iommu/smmuv3/fmt.c
SMMUV3_MODEL := test/model/smmuv3_model.c test/model/smmuv3_queue.c test/model/smmuv3_config.c test/model/smmuv3_tlb.c
test_pgtable := hyp/pgtable.c hyp/pool.c hyp/lib/format.c $(FAKE)
PCI := hyp/pci.c hyp/pci_cap.c hyp/pci_bar.c hyp/pci_assign.c hyp/pci_cfg.c hyp/lib/format.c \
	test/model/pci_model.c test/model/pci_board.c
test_pci := $(PCI) $(FAKE)
test_pci_assign := $(PCI) $(FAKE)
test_pci_cfg := $(PCI) $(FAKE)
SMMUV3_TEST := test/unit/smmuv3_setup.c hyp/pgtable.c hyp/pool.c hyp/lib/format.c $(FAKE) $(SMMUV3) $(SMMUV3_MODEL)
test_smmuv3_unit := $(SMMUV3_TEST)
test_smmuv3_stream := $(SMMUV3_TEST)
test_smmuv3_inv := $(SMMUV3_TEST)
test_smmuv3_event := $(SMMUV3_TEST)
test_vgic := arch/arm64/gicv3.c arch/arm64/vgic.c arch/arm64/vgic_lr.c arch/arm64/vgic_mmio.c hyp/irq.c hyp/lib/format.c test/model/gic_dist_model.c test/model/gic_cpu_model.c test/unit/vgic_board.c $(FAKE)
test_vgic_INC := -Itest/fake/vgic
test_vgic_smp := $(test_vgic)
test_vgic_smp_INC := $(test_vgic_INC)
test_vgic_any := $(test_vgic)
test_vgic_any_INC := $(test_vgic_INC)
test_gicv3 := $(test_vgic)
test_gicv3_INC := $(test_vgic_INC)
IOMMU_WORLD := test/unit/iommu_world.c $(wildcard hyp/iommu*.c) hyp/fault_text.c hyp/pgtable.c hyp/pool.c \
	hyp/lib/format.c $(FAKE) $(FAKE_ARCH) $(SMMUV3) $(SMMUV3_MODEL)
test_iommu_object := $(IOMMU_WORLD)
test_iommu_map := $(IOMMU_WORLD)
test_iommu_fault := $(IOMMU_WORLD)
CONFIG_CHECK := $(wildcard hyp/config_*.c) hyp/board_check.c hyp/lib/format.c configs/demo-virt.c
test_config_check := $(CONFIG_CHECK)
test_platform := $(wildcard arch/arm64/platform*.c) $(CONFIG_CHECK)
test_platform_LIBS := -lfdt
test_hypercall := hyp/hypercall.c hyp/hc_arg.c hyp/hc_smmu.c hyp/hc_debug.c $(IOMMU_WORLD)
test_iommu_random := $(IOMMU_WORLD)
test_vm := hyp/vm.c hyp/pool.c hyp/pgtable.c hyp/lib/format.c test/unit/vm_memory.c $(FAKE)
test_console := hyp/console.c hyp/lib/format.c $(FAKE)
