/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a partition sees on QEMU's machine `virt`: emulated devices stand at the machine's own addresses, so a
 * guest written for the bare machine finds them. RAM is where the configuration puts it.
 */
#pragma once

#define VIRT_GICD_BASE 0x08000000ul
#define VIRT_GICR_BASE 0x080a0000ul /* vCPU n: + n * VIRT_GICR_STRIDE */
#define VIRT_GICR_STRIDE 0x20000ul
#define VIRT_UART_BASE 0x09000000ul /* PL011: DR, FR */
#define VIRT_ECAM_BASE 0x4010000000ul
#define VIRT_ECAM_SIZE 0x10000000ul
#define VIRT_PCI_MEM32_BASE 0x10000000ul
#define VIRT_PCI_MEM32_SIZE 0x2eff0000ul

/* Gigabytes of the address map that are ordinary memory; the rest is Device memory for us. */
#define VIRT_RAM_GIB_FIRST 1u
#define VIRT_RAM_GIB_LAST  1u

/* Private interrupts. */
#define VIRT_IRQ_VTIMER 27u
#define VIRT_IRQ_PTIMER 30u

/* Addresses that are not the guest's: for the tests that try to reach them. */
#define VIRT_SMMU_BASE 0x09050000ul
#define VIRT_RTC_BASE  0x09010000ul
#define VIRT_FWCFG_BASE 0x09020000ul
#define VIRT_ITS_BASE  0x08080000ul
#define VIRT_VIRTIO_MMIO_BASE 0x0a000000ul
#define VIRT_HYP_BASE  0x40200000ul
