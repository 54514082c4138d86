/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers, table entries, commands and events of the Arm System Memory Management Unit version 3,
 * Arm IHI 0070. Names and [hi:lo] verbatim; access as rw, ro; section in brackets. Register page 1 starts at
 * 0x10000. Only the Non-secure programming interface is ever touched.
 */
#pragma once

#include <hyp/bits.h>
#include <hyp/mmio.h>

enum { SMMU_REGS_SIZE = 0x20000 };

/* --- identification [6.3.1 … 6.3.6] --- */
#define SMMU_IDR0 ((reg32_t){ 0x0000 }) /* ro */
#define   IDR0_S2P          BIT32(0)
#define   IDR0_S1P          BIT32(1)
#define   IDR0_TTF          BITS32(3, 2)
#define     TTF_AARCH64     BIT32(1)     /* of the field: 0b10 AArch64, 0b11 both */
#define   IDR0_COHACC       BIT32(4)
#define   IDR0_BTM          BIT32(5)
#define   IDR0_HYP          BIT32(9)
#define   IDR0_ASID16       BIT32(12)
#define   IDR0_MSI          BIT32(13)
#define   IDR0_VMID16       BIT32(18)
#define   IDR0_TTENDIAN     BITS32(22, 21)
#define     TTENDIAN_BIG    3
#define   IDR0_STALL_MODEL  BITS32(25, 24)
#define     STALL_FORCED    2
#define   IDR0_ST_LEVEL     BITS32(28, 27)
#define SMMU_IDR1 ((reg32_t){ 0x0004 }) /* ro */
#define   IDR1_SIDSIZE      BITS32(5, 0)
#define   IDR1_EVENTQS      BITS32(20, 16)
#define   IDR1_CMDQS        BITS32(25, 21)
#define   IDR1_QUEUES_PRESET BIT32(29)
#define   IDR1_TABLES_PRESET BIT32(30)
#define SMMU_IDR3 ((reg32_t){ 0x000c }) /* ro */
#define   IDR3_RIL          BIT32(10)
#define   IDR3_BBML         BITS32(12, 11)
#define SMMU_IDR5 ((reg32_t){ 0x0014 }) /* ro */
#define   IDR5_OAS          BITS32(2, 0)
#define   IDR5_GRAN4K       BIT32(4)

/* --- control [6.3.9 …] --- */
#define SMMU_CR0 ((reg32_t){ 0x0020 }) /* rw */
#define SMMU_CR0ACK ((reg32_t){ 0x0024 }) /* ro: follows CR0 when a change is complete */
#define   CR0_SMMUEN        BIT32(0)
#define   CR0_EVENTQEN      BIT32(2)
#define   CR0_CMDQEN        BIT32(3)
#define SMMU_CR1 ((reg32_t){ 0x0028 }) /* rw: attributes of the unit's own accesses */
#define   CR1_QUEUE_IC      BITS32(1, 0)
#define   CR1_QUEUE_OC      BITS32(3, 2)
#define   CR1_QUEUE_SH      BITS32(5, 4)
#define   CR1_TABLE_IC      BITS32(7, 6)
#define   CR1_TABLE_OC      BITS32(9, 8)
#define   CR1_TABLE_SH      BITS32(11, 10)
#define     ATTR_WB         1
#define     SH_INNER        3
#define SMMU_CR2 ((reg32_t){ 0x002c }) /* rw */
#define   CR2_RECINVSID     BIT32(1)
#define   CR2_PTM           BIT32(2)
#define SMMU_GBPA ((reg32_t){ 0x0044 }) /* rw, only while UPDATE reads 0 */
#define   GBPA_ABORT        BIT32(20)
#define   GBPA_UPDATE       BIT32(31)
#define SMMU_IRQ_CTRL ((reg32_t){ 0x0050 })    /* rw */
#define SMMU_IRQ_CTRLACK ((reg32_t){ 0x0054 }) /* ro */
#define   IRQ_CTRL_GERROR_IRQEN BIT32(0)
#define   IRQ_CTRL_EVENTQ_IRQEN BIT32(2)
#define SMMU_GERROR ((reg32_t){ 0x0060 })  /* ro: a bit that differs from GERRORN is an active error */
#define SMMU_GERRORN ((reg32_t){ 0x0064 }) /* rw */
#define   GERROR_CMDQ_ERR           BIT32(0)
#define   GERROR_EVENTQ_ABT_ERR     BIT32(2)
#define   GERROR_PRIQ_ABT_ERR       BIT32(3)
#define   GERROR_MSI_CMDQ_ABT_ERR   BIT32(4)
#define   GERROR_MSI_EVENTQ_ABT_ERR BIT32(5)
#define   GERROR_MSI_PRIQ_ABT_ERR   BIT32(6)
#define   GERROR_MSI_GERROR_ABT_ERR BIT32(7)
#define   GERROR_SFM_ERR            BIT32(8)
#define   GERROR_CMDQP_ERR          BIT32(9)
#define   GERROR_DPT_ERR            BIT32(10)
#define SMMU_GERROR_IRQ_CFG0 ((reg64_t){ 0x0068 }) /* rw: message address, 0 = no message; exists if IDR0.MSI */

/* --- stream table and queues [6.3.24 …] --- */
#define SMMU_STRTAB_BASE ((reg64_t){ 0x0080 }) /* rw while SMMUEN = 0 */
#define SMMU_STRTAB_BASE_CFG ((reg32_t){ 0x0088 }) /* rw while SMMUEN = 0 */
#define   STRTAB_CFG_LOG2SIZE BITS32(5, 0)
#define   STRTAB_CFG_SPLIT    BITS32(10, 6)
#define   STRTAB_CFG_FMT      BITS32(17, 16)
#define     FMT_2LEVEL        1
#define SMMU_CMDQ_BASE ((reg64_t){ 0x0090 }) /* rw while CMDQEN = 0 */
#define SMMU_CMDQ_PROD ((reg32_t){ 0x0098 }) /* rw */
#define SMMU_CMDQ_CONS ((reg32_t){ 0x009c }) /* rw while CMDQEN = 0 */
#define   CMDQ_CONS_ERR       BITS32(30, 24)
#define SMMU_EVENTQ_BASE ((reg64_t){ 0x00a0 }) /* rw while EVENTQEN = 0 */
#define SMMU_EVENTQ_IRQ_CFG0 ((reg64_t){ 0x00b0 }) /* rw, exists if IDR0.MSI */
#define SMMU_EVENTQ_PROD ((reg32_t){ 0x100a8 }) /* rw while EVENTQEN = 0 */
#define   EVENTQ_OVFLG        BIT32(31)
#define SMMU_EVENTQ_CONS ((reg32_t){ 0x100ac }) /* rw */
#define   EVENTQ_OVACKFLG     BIT32(31)
#define   BASE_ALLOC_HINT     BIT64(62) /* RA of STRTAB_BASE, CMDQ_BASE; WA of EVENTQ_BASE */

/* --- level 1 stream table descriptor [5.1] --- */
#define L1STD_SPAN            BITS64(4, 0)
#define L1STD_L2PTR           BITS64(51, 6)

/* --- stream table entry [5.2]; field [n:m] of word k is bits [64k+n : 64k+m] of the entry --- */
#define STE0_V                BIT64(0)
#define STE0_CONFIG           BITS64(3, 1)
#define   STE_CONFIG_ABORT    0
#define   STE_CONFIG_BYPASS   4
#define   STE_CONFIG_S1       5
#define   STE_CONFIG_S2       6
#define   STE_CONFIG_NESTED   7
#define STE0_S1CONTEXTPTR     BITS64(51, 6)
#define STE1_S1CIR            BITS64(3, 2)
#define STE1_S1COR            BITS64(5, 4)
#define STE1_S1CSH            BITS64(7, 6)
#define STE1_MEV              BIT64(19)
#define STE1_SHCFG            BITS64(45, 44)
#define   SHCFG_INCOMING      1
#define STE2_S2VMID           BITS64(15, 0)
#define STE2_S2T0SZ           BITS64(37, 32)
#define STE2_S2SL0            BITS64(39, 38)
#define STE2_S2IR0            BITS64(41, 40)
#define STE2_S2OR0            BITS64(43, 42)
#define STE2_S2SH0            BITS64(45, 44)
#define STE2_S2TG             BITS64(47, 46) /* 0 = 4 KiB */
#define STE2_S2PS             BITS64(50, 48)
#define STE2_S2AA64           BIT64(51)
#define STE2_S2AFFD           BIT64(53)
#define STE2_S2R              BIT64(58)
#define STE3_S2TTB            BITS64(51, 4)

/* --- context descriptor [5.4] --- */
#define CD0_T0SZ              BITS64(5, 0)
#define CD0_IR0               BITS64(9, 8)
#define CD0_OR0               BITS64(11, 10)
#define CD0_SH0               BITS64(13, 12)
#define CD0_EPD1              BIT64(30)
#define CD0_V                 BIT64(31)
#define CD0_IPS               BITS64(34, 32)
#define CD0_AFFD              BIT64(35)
#define CD0_AA64              BIT64(41)
#define CD0_R                 BIT64(45)
#define CD0_A                 BIT64(46)
#define CD0_ASET              BIT64(47)
#define CD0_ASID              BITS64(63, 48)
#define CD1_TTB0              BITS64(51, 4)

/* --- commands [4.1.1] --- */
#define CMD0_OPCODE           BITS64(7, 0)
#define   CMD_CFGI_STE        0x03
#define   CMD_CFGI_ALL        0x04
#define   CMD_CFGI_CD_ALL     0x06
#define   CMD_TLBI_NH_ASID    0x11
#define   CMD_TLBI_NH_VA      0x12
#define   CMD_TLBI_EL2_ALL    0x20
#define   CMD_TLBI_S12_VMALL  0x28
#define   CMD_TLBI_S2_IPA     0x2a
#define   CMD_TLBI_NSNH_ALL   0x30
#define   CMD_SYNC            0x46           /* CS = 0: completion is seen in CMDQ_CONS */
#define CMD0_STREAMID         BITS64(63, 32)
#define CMD0_NUM              BITS64(16, 12)
#define CMD0_SCALE            BITS64(24, 20)
#define CMD0_VMID             BITS64(47, 32)
#define CMD0_ASID             BITS64(63, 48)
#define CMD1_LEAF             BIT64(0)
#define CMD1_TG               BITS64(11, 10)
#define   TG_4K               1
#define CMD1_ADDRESS          BITS64(63, 12)
#define   CFGI_ALL_RANGE      31

/* --- event records [7.3] --- */
#define EVT0_TYPE             BITS64(7, 0)
#define EVT0_STREAMID         BITS64(63, 32)
#define EVT1_IND              BIT64(34)
#define EVT1_RNW              BIT64(35)
