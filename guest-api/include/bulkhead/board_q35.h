/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a partition sees on QEMU's machine `q35`: emulated devices stand at the machine's own addresses and ports, so a
 * guest written for the bare machine finds them. RAM is where the configuration puts it.
 */
#pragma once

/* --- The same names for every board (board_virt.h) ------------------------------------------------------------- */

/* Where the machine's RAM begins: systems for several machines count their partitions' memory from there. */
#define BOARD_RAM(offset) (0x0ul + (offset))

/* Gigabytes of the address map that are ordinary memory; the rest is uncached for us [mmu.S]. */
#define BOARD_RAM_GIB_FIRST 0u
#define BOARD_RAM_GIB_LAST  1u /* the second for partitions that see theirs elsewhere */

#define BOARD_ECAM_BASE    0xb0000000ul
#define BOARD_UART_IRQ     36u   /* GSI 4 */
#define BOARD_UART_EDGE    true
#define BOARD_PCI_IRQ(bdf, pin) ((bdf) >> 8 != 0 ? 0xffu : 52u + (((bdf) >> 3) + (pin) - 1u) % 4u) /* GSI 20..23 */
#define BOARD_FIRMWARE_SIZE 0x4000ul /* of a partition's first memory, at its end: start info and ACPI tables */
#define BOARD_FAULT_MASK   (~0xffful) /* what a fault record tells of the address */
#define BOARD_FAULT_WORDS  false /* each word of a refused transfer makes a record; else a transfer makes one */
#define BOARD_MSI          true
#define BOARD_MSI_ADDRESS(vcpu) (0xfee00000ul | (vcpu) << 12)
#define BOARD_MSI_DATA(irq) irq_vector(irq)
#define BOARD_UP_US        3000000ul /* the counter when every partition runs: time tables begin there */

/* Addresses that are not the guest's, or only emulated: for the tests that try to reach them. */
#define BOARD_HYP_BASE     BOARD_RAM(0x200000)
#define BOARD_IOMMU_BASE   0xfed90000ul
#define BOARD_IRQCHIP_BASE 0xfec00000ul       /* I/O APIC */
#define BOARD_LOCAL_IRQCHIP_BASE 0xfee00000ul /* local APIC; for devices: where messages go */

/* --- This machine ---------------------------------------------------------------------------------------------- */

#define Q35_PCI_MEM32_BASE 0xc0000000ul
#define Q35_HPET_BASE      0xfed00000ul
#define Q35_TPM_BASE       0xfed40000ul
#define Q35_FLASH_BASE     0xffc00000ul

/* Other vCPUs start in real mode, in the page of memory every partition with several has here. */
#define Q35_LOW_PAGE 0x8000ul

/* I/O ports. */
#define Q35_PORT_UART        0x3f8u
#define Q35_PORT_PM1_CONTROL 0x604u
#define Q35_PORT_PM_TIMER    0x608u
#define Q35_PORT_PCI_ADDRESS 0xcf8u
#define Q35_PORT_RESET       0xcf9u
#define Q35_PORT_PCI_DATA    0xcfcu

/* Not the guest's. */
#define Q35_PORT_FWCFG       0x510u
