/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a partition sees on QEMU's machine `virt`: emulated devices stand at the machine's own addresses, so a
 * guest written for the bare machine finds them. RAM is where the configuration puts it.
 */
#pragma once

/* --- The same names for every board (board_q35.h) -------------------------------------------------------------- */

/* Where the machine's RAM begins: systems for several machines count their partitions' memory from there. */
#define BOARD_RAM(offset) (0x40000000ul + (offset))

/* Gigabytes of the address map that are ordinary memory; the rest is Device memory for us. */
#define BOARD_RAM_GIB_FIRST 1u
#define BOARD_RAM_GIB_LAST  1u

#define BOARD_ECAM_BASE    0x4010000000ul
#define BOARD_UART_IRQ     33u
#define BOARD_UART_EDGE    false
#define BOARD_PCI_IRQ(bdf, pin) pci_read8(bdf, PCI_INTERRUPT_LINE) /* 0xff: none */
#define BOARD_FIRMWARE_SIZE 0ul /* of a partition's first memory, at its end: what the hypervisor describes there */
#define BOARD_FAULT_MASK   (~0ul) /* what a fault record tells of the address */
#define BOARD_FAULT_WORDS  true   /* each word of a refused transfer makes a record; else a transfer makes one */
#define BOARD_MSI          false  /* no messages from devices */
#define BOARD_MSI_ADDRESS(vcpu) 0ul
#define BOARD_MSI_DATA(irq) 0u
#define BOARD_UP_US        0ul  /* the counter when every partition runs: time tables begin there */

/* Addresses that are not the guest's, or only emulated: for the tests that try to reach them. */
#define BOARD_HYP_BASE     BOARD_RAM(0x200000)
#define BOARD_IOMMU_BASE   0x09050000ul
#define BOARD_IRQCHIP_BASE 0x08000000ul
#define BOARD_LOCAL_IRQCHIP_BASE 0x080a0000ul

/* --- This machine ---------------------------------------------------------------------------------------------- */

#define VIRT_GICD_BASE BOARD_IRQCHIP_BASE
#define VIRT_GICR_BASE BOARD_LOCAL_IRQCHIP_BASE /* vCPU n: + n * VIRT_GICR_STRIDE */
#define VIRT_GICR_STRIDE 0x20000ul
#define VIRT_UART_BASE 0x09000000ul /* PL011: DR, FR */
#define VIRT_PCI_MEM32_BASE 0x10000000ul
#define VIRT_PCI_MEM32_SIZE 0x2eff0000ul

/* Private interrupts. */
#define VIRT_IRQ_VTIMER 27u
#define VIRT_IRQ_PTIMER 30u

/* Not the guest's. */
#define VIRT_RTC_BASE  0x09010000ul
#define VIRT_FWCFG_BASE 0x09020000ul
#define VIRT_ITS_BASE  0x08080000ul
#define VIRT_VIRTIO_MMIO_BASE 0x0a000000ul
