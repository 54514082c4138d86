/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI configuration space. Names and sections: PCI Express Base Specification 5.0 (PCIe) and, for what only
 * conventional PCI has, PCI Local Bus Specification 3.0. Offsets are bytes; masks are of the register named.
 */
#pragma once

#include <hyp/bits.h>

/* Common to both header layouts [PCIe 7.5.1.1]. */
#define PCI_ID           0x00u /* 32 bits: Device ID [31:16], Vendor ID [15:0] */
#define PCI_COMMAND      0x04u /* 16 bits */
#define   PCI_CMD_IO          BIT32(0)  /* I/O Space Enable */
#define   PCI_CMD_MEM         BIT32(1)  /* Memory Space Enable */
#define   PCI_CMD_MASTER      BIT32(2)  /* Bus Master Enable */
#define   PCI_CMD_PARITY      BIT32(6)  /* Parity Error Response */
#define   PCI_CMD_SERR        BIT32(8)  /* SERR# Enable */
#define   PCI_CMD_INTX_OFF    BIT32(10) /* Interrupt Disable */
#define PCI_STATUS       0x06u /* 16 bits */
#define   PCI_STATUS_CAPS     BIT32(4)  /* Capabilities List */
#define   PCI_STATUS_W1C      (BITS32(15, 11) | BIT32(8))
#define PCI_CLASS        0x08u /* 32 bits: Class Code [31:8], Revision ID [7:0] */
#define   PCI_CLASS_BASE      BITS32(31, 24)
#define   PCI_CLASS_BRIDGE    0x06u     /* base class: bridges, host bridges too */
#define PCI_HEADER       0x0cu /* 32 bits: BIST, Header Type [23:16], Latency Timer, Cache Line Size */
#define   PCI_HEADER_LAYOUT   BITS32(22, 16)
#define   PCI_HEADER_MULTI    BIT32(23) /* Multi-Function Device */
#define PCI_BAR(n)       (0x10u + 4u * (n))
#define   PCI_BAR_IO          BIT32(0)
#define   PCI_BAR_TYPE        BITS32(2, 1)
#define   PCI_BAR_TYPE_32     0u
#define   PCI_BAR_TYPE_64     2u
#define   PCI_BAR_PREFETCH    BIT32(3)
#define   PCI_BAR_FLAGS       BITS32(3, 0)
#define PCI_CAP_PTR      0x34u /* 8 bits */
#define PCI_INTERRUPT    0x3cu /* 32 bits: Interrupt Pin [15:8], Interrupt Line [7:0] */

/* Layout 0: endpoints [PCIe 7.5.1.2]. */
#define PCI0_SUBSYSTEM   0x2cu
#define PCI0_ROM         0x30u
#define PCI0_BAR_COUNT   6u

/* Layout 1: bridges [PCIe 7.5.1.3]. */
#define PCI1_BUSES       0x18u /* 32 bits: latency, Subordinate [23:16], Secondary [15:8], Primary [7:0] */
#define   PCI1_BUSES_NUMBERS  BITS32(23, 0)
#define PCI1_IO          0x1cu /* 16 bits: I/O Limit, I/O Base */
#define PCI1_MEM         0x20u /* 32 bits: Memory Limit [31:16], Memory Base [15:0]; address bits 31:20 */
#define PCI1_PREF        0x24u /* 32 bits: as above, prefetchable; [3:0] of each half: 1 = 64-bit */
#define   PCI1_PREF_64        BIT32(0)
#define PCI1_PREF_BASE_UP  0x28u
#define PCI1_PREF_LIMIT_UP 0x2cu
#define PCI1_IO_UP       0x30u
#define PCI1_ROM         0x38u
#define PCI1_CONTROL     0x3eu /* 16 bits: Bridge Control */
#define PCI1_BAR_COUNT   2u
#define   PCI1_IO_CLOSED      0x00f0u      /* base above limit: nothing is forwarded */
#define   PCI1_MEM_CLOSED     0x0000fff0u

/* Capabilities [PCIe 7.5.2 ff.]: 8 bits id, 8 bits next. */
#define PCI_CAP_FIRST    0x40u
#define PCI_CAP_MSI      0x05u
#define PCI_CAP_VENDOR   0x09u /* length in byte 2 */
#define PCI_CAP_PCIE     0x10u
#define PCI_CAP_MSIX     0x11u
#define PCI_CAP_EA       0x14u /* Enhanced Allocation: addresses that nobody can move */

#define MSI_CONTROL      0x02u /* 16 bits [PCIe 7.7.1] */
#define   MSI_CONTROL_ENABLE  BIT32(0)
#define   MSI_CONTROL_64      BIT32(7)      /* the address has an upper half */
#define   MSI_CONTROL_PVM     BIT32(8)      /* per-vector masking: there are mask bits */
#define MSI_ADDR         0x04u
#define MSI_ADDR_HI      0x08u /* 64-bit only */
#define MSI_DATA32       0x08u
#define MSI_DATA64       0x0cu
#define MSI_MASK32       0x0cu /* 32 bits: Mask Bits */
#define MSI_MASK64       0x10u
#define MSI_SIZE32       10u
#define MSI_SIZE64       14u
#define MSIX_CONTROL     0x02u /* 16 bits [PCIe 7.7.2] */
#define   MSIX_CONTROL_SIZE   BITS32(10, 0) /* entries - 1 */
#define   MSIX_CONTROL_MASK   BIT32(14)     /* Function Mask */
#define   MSIX_CONTROL_ENABLE BIT32(15)
#define MSIX_TABLE       0x04u /* 32 bits: offset [31:3], BIR [2:0] */
#define MSIX_PBA         0x08u
#define   MSIX_BIR            BITS32(2, 0)
#define MSIX_SIZE        12u
#define MSIX_ENTRY_SIZE  16u

/* PCI Express Capability [PCIe 7.5.3]. */
#define PCIE_CAP         0x02u /* 16 bits */
#define   PCIE_CAP_TYPE       BITS32(7, 4)
#define   PCIE_TYPE_ROOT      0x4u
#define   PCIE_TYPE_UP        0x5u
#define   PCIE_TYPE_DOWN      0x6u
#define   PCIE_TYPE_TO_PCI    0x7u
#define PCIE_DEVCAP      0x04u
#define   PCIE_DEVCAP_PHANTOM BITS32(4, 3)
#define   PCIE_DEVCAP_FLR     BIT32(28)
#define PCIE_DEVCTL      0x08u /* 16 bits */
#define   PCIE_DEVCTL_RELAXED BIT32(4)
#define   PCIE_DEVCTL_NOSNOOP BIT32(11)
#define   PCIE_DEVCTL_MRRS    BITS32(14, 12) /* Max_Read_Request_Size */
#define   PCIE_DEVCTL_FLR     BIT32(15)
#define PCIE_DEVSTA      0x0au /* 16 bits */
#define   PCIE_DEVSTA_W1C     BITS32(3, 0)
#define   PCIE_DEVSTA_PENDING BIT32(5)       /* Transactions Pending */
#define PCIE_LNKCAP      0x0cu
#define PCIE_LNKCTL      0x10u
#define PCIE_SIZE        0x14u /* as far as a partition sees it: up to Link Status */

/* Extended capabilities [PCIe 7.6.3]: id [15:0], next [31:20]. */
#define PCI_XCAP_FIRST   0x100u
#define PCI_XCAP_END     0x1000u
#define   PCI_XCAP_ID         BITS32(15, 0)
#define   PCI_XCAP_NEXT       BITS32(31, 20)
#define PCI_XCAP_ACS     0x000du
#define PCI_XCAP_ATS     0x000fu
#define PCI_XCAP_SRIOV   0x0010u
#define PCI_XCAP_PRI     0x0013u
#define PCI_XCAP_PASID   0x001bu

#define ACS_CAP          0x04u /* 16 bits */
#define ACS_CONTROL      0x06u /* 16 bits */
#define   ACS_ISOLATE         (BIT32(0) | BITS32(4, 2)) /* source validation, redirect ×2, upstream forwarding */
#define ATS_CONTROL      0x06u /* 16 bits */
#define SRIOV_CONTROL    0x08u /* 16 bits */
#define PRI_CONTROL      0x04u /* 16 bits */
#define PASID_CONTROL    0x06u /* 16 bits */
