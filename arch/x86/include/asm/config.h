/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the board check [arch/config.h]. */
#pragma once

#define ARCH_MACHINE         "-M q35"
#define ARCH_FIRMWARE        "ACPI tables"
#define ARCH_FIRMWARE_HINT   "QEMU: no acpi=off"
#define ARCH_IOMMU           "VT-d unit"
#define ARCH_AN_IOMMU        "a VT-d unit"
#define ARCH_IOMMU_ADD       "add -device intel-iommu,intremap=on to q35"
#define ARCH_UNIT            "VT-d unit"
#define ARCH_SID             "source id"
#define ARCH_ECAM_LOW        "change board.pci.ecam"
#define ARCH_IRQ_RANGE       "32..63"
#define ARCH_VIRQ_RANGE      "32..95"
#define ARCH_BOARD_IRQ_RANGE "32..223"
