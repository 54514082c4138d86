/* SPDX-License-Identifier: Apache-2.0 */
/* As on arm64. */
#pragma once

#define ARCH_MACHINE         "-M virt"
#define ARCH_FIRMWARE        "device tree"
#define ARCH_FIRMWARE_HINT   "QEMU: start with -kernel"
#define ARCH_IOMMU           "SMMU"
#define ARCH_AN_IOMMU        "an SMMU"
#define ARCH_IOMMU_ADD       "add iommu=smmuv3 to -M virt"
#define ARCH_UNIT            "SMMU unit"
#define ARCH_SID             "StreamID"
#define ARCH_ECAM_LOW        "remove highmem-ecam=off (highmem=off) from -M virt"
#define ARCH_IRQ_RANGE       "32..1019"
#define ARCH_VIRQ_RANGE      "32..991"
#define ARCH_BOARD_IRQ_RANGE "32..1019"
