/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers, table entries and descriptors of Intel Virtualization Technology for Directed I/O, legacy mode. Names and
 * [hi:lo] verbatim; access as rw, ro, rw1c; section in brackets.
 */
#pragma once

#include <hyp/bits.h>
#include <hyp/mmio.h>

enum { VTD_REGS_SIZE = 0x1000 };

/* --- identification [11.4.1 … 11.4.3] --- */
#define VTD_VER ((reg32_t){ 0x00 }) /* ro */
#define   VER_MAX           BITS32(7, 4)
#define VTD_CAP ((reg64_t){ 0x08 }) /* ro */
#define   CAP_ND            BITS64(2, 0)
#define     ND_MAX          6            /* 16-bit domain ids; 7 is reserved */
#define   CAP_RWBF          BIT64(4)
#define   CAP_PLMR          BIT64(5)
#define   CAP_PHMR          BIT64(6)
#define   CAP_CM            BIT64(7)
#define   CAP_SAGAW         BITS64(12, 8)
#define     SAGAW_39        BIT64(1)     /* of the field: three levels */
#define     SAGAW_48        BIT64(2)     /* four */
#define   CAP_MGAW          BITS64(21, 16)
#define   CAP_FRO           BITS64(33, 24)
#define   CAP_SLLPS         BITS64(37, 34)
#define     SLLPS_2M        BIT64(0)     /* of the field */
#define     SLLPS_1G        BIT64(1)
#define   CAP_PSI           BIT64(39)
#define   CAP_NFR           BITS64(47, 40)
#define   CAP_MAMV          BITS64(53, 48)
#define   CAP_DWD           BIT64(54)
#define   CAP_DRD           BIT64(55)
#define VTD_ECAP ((reg64_t){ 0x10 }) /* ro */
#define   ECAP_C            BIT64(0)
#define   ECAP_QI           BIT64(1)
#define   ECAP_IR           BIT64(3)
#define   ECAP_IRO          BITS64(17, 8)

/* --- control [11.4.4] --- */
#define VTD_GCMD ((reg32_t){ 0x18 }) /* wo: one command per write, the others as GSTS says */
#define VTD_GSTS ((reg32_t){ 0x1c }) /* ro: the same positions */
#define   GCMD_CFI          BIT32(23)
#define   GCMD_SIRTP        BIT32(24)
#define   GCMD_IRE          BIT32(25)
#define   GCMD_QIE          BIT32(26)
#define   GCMD_WBF          BIT32(27)    /* its status is 1 while it is being done */
#define   GCMD_EAFL         BIT32(28)
#define   GCMD_SRTP         BIT32(30)
#define   GCMD_TE           BIT32(31)
#define   GSTS_KEEP         0x96ffffffu  /* without the one-shot commands */
#define VTD_RTADDR ((reg64_t){ 0x20 }) /* rw; TTM [11:10] = 0: legacy mode */

/* --- invalidation by register [11.4.6]; IVA and IOTLB_REG are at ECAP.IRO --- */
#define VTD_CCMD ((reg64_t){ 0x28 }) /* rw */
#define   CCMD_ICC          BIT64(63)
#define   CCMD_CIRG         BITS64(62, 61)
#define     CIRG_GLOBAL     1
#define     CIRG_DEVICE     3
#define   CCMD_CAIG         BITS64(60, 59)
#define   CCMD_SID          BITS64(31, 16)
#define   CCMD_DID          BITS64(15, 0)
#define   IVA_IH            BIT64(6)
#define   IOTLB_IVT         BIT64(63)
#define   IOTLB_IIRG        BITS64(61, 60)
#define     IIRG_GLOBAL     1
#define     IIRG_DOMAIN     2
#define     IIRG_PAGE       3
#define   IOTLB_IAIG        BITS64(58, 57)
#define   IOTLB_DR          BIT64(49)
#define   IOTLB_DW          BIT64(48)
#define   IOTLB_DID         BITS64(47, 32)

/* --- faults [11.4.7]; the records are at CAP.FRO, 16 bytes each --- */
#define VTD_FSTS ((reg32_w1c_t){ 0x34 }) /* rw1c but PPF, FRI */
#define   FSTS_PFO          BIT32(0)
#define   FSTS_PPF          BIT32(1)
#define   FSTS_APF          BITS32(3, 2) /* AFO, APF */
#define   FSTS_IQE          BIT32(4)
#define   FSTS_ICE          BIT32(5)
#define   FSTS_ITE          BIT32(6)
#define   FSTS_FRI          BITS32(15, 8)
#define VTD_FECTL ((reg32_t){ 0x38 }) /* rw */
#define   FECTL_IM          BIT32(31)
#define VTD_FEDATA ((reg32_t){ 0x3c }) /* rw */
#define VTD_FEADDR ((reg32_t){ 0x40 }) /* rw */
#define VTD_FEUADDR ((reg32_t){ 0x44 }) /* rw */
#define   FRCD1_F           BIT64(63)    /* rw1c; word 1 is bits [127:64] of the record */
#define   FRCD1_T           BIT64(62)    /* 1: read */
#define   FRCD1_FR          BITS64(39, 32)
#define   FRCD1_SID         BITS64(15, 0)
#define   FRCD0_FI          BITS64(63, 12)

/* --- protected memory [11.4.8] --- */
#define VTD_PMEN ((reg32_t){ 0x64 }) /* rw */
#define   PMEN_EPM          BIT32(31)
#define   PMEN_PRS          BIT32(0)
#define VTD_PLMBASE ((reg32_t){ 0x68 })  /* rw while PRS = 0 */
#define VTD_PLMLIMIT ((reg32_t){ 0x6c }) /* rw while PRS = 0 */
#define VTD_PHMBASE ((reg64_t){ 0x70 })  /* rw while PRS = 0 */
#define VTD_PHMLIMIT ((reg64_t){ 0x78 }) /* rw while PRS = 0 */

/* --- invalidation queue [11.4.9] --- */
#define VTD_IQH ((reg64_t){ 0x80 }) /* ro: byte offset */
#define VTD_IQT ((reg64_t){ 0x88 }) /* rw: byte offset */
#define   IQ_OFFSET         BITS64(18, 4)
#define VTD_IQA ((reg64_t){ 0x90 }) /* rw while QIES = 0; DW [11] = 0: 128-bit descriptors; QS [2:0] = 0: one page */
#define VTD_IECTL ((reg32_t){ 0xa0 }) /* rw: the invalidation completion event, never used */
#define   IECTL_IM          BIT32(31)

/* --- interrupt remapping [11.4.10] --- */
#define VTD_IRTA ((reg64_t){ 0xb8 }) /* rw; EIME [11] = 0: xAPIC ids */
#define   IRTA_S            BITS64(3, 0) /* 2^(S + 1) entries */

/* --- root entry [9.1] --- */
#define ROOT0_P             BIT64(0)
#define ROOT0_CTP           BITS64(63, 12)

/* --- context entry [9.3]; field [n:m] of word 1 is bits [64+n : 64+m] of the entry --- */
#define CTX0_P              BIT64(0)
#define CTX0_FPD            BIT64(1)
#define CTX0_TT             BITS64(3, 2) /* 0: translate untranslated requests, refuse translated ones */
#define CTX0_SLPTPTR        BITS64(63, 12)
#define CTX1_AW             BITS64(2, 0)
#define   AW_39             1
#define   AW_48             2
#define CTX1_DID            BITS64(23, 8)

/* --- interrupt remapping table entry [9.10] --- */
#define IRTE0_P             BIT64(0)
#define IRTE0_TM            BIT64(4)     /* 1: level */
#define IRTE0_V             BITS64(23, 16)
#define IRTE0_DST_XAPIC     BITS64(47, 40)
#define IRTE1_SID           BITS64(15, 0)
#define IRTE1_SQ            BITS64(17, 16)
#define   SQ_ALL            0            /* all 16 bits of SID are compared */
#define IRTE1_SVT           BITS64(19, 18)
#define   SVT_SID           1

/* --- invalidation descriptors, 128 bits [6.5.2] --- */
#define DESC0_TYPE          BITS64(3, 0)
#define   DESC_CONTEXT      1
#define   DESC_IOTLB        2
#define   DESC_IEC          4
#define   DESC_WAIT         5
#define CONTEXT0_G          BITS64(5, 4) /* as CCMD.CIRG */
#define CONTEXT0_DID        BITS64(31, 16)
#define CONTEXT0_SID        BITS64(47, 32)
#define IOTLB0_G            BITS64(5, 4) /* as IOTLB_REG.IIRG */
#define IOTLB0_DW           BIT64(6)
#define IOTLB0_DR           BIT64(7)
#define IOTLB0_DID          BITS64(31, 16)
#define IOTLB1_AM           BITS64(5, 0) /* word 1 is laid out as IVA_REG */
#define IOTLB1_IH           BIT64(6)
#define IOTLB1_ADDR         BITS64(63, 12)
#define IEC0_G              BIT64(4)     /* 1: IIDX, IM; 0: all */
#define IEC0_IIDX           BITS64(47, 32)
#define WAIT0_SW            BIT64(5)     /* write the status; IF [4] stays 0 */
#define WAIT0_DATA          BITS64(63, 32)
