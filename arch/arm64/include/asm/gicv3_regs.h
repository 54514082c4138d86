/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv3 registers and fields, verbatim from the Arm Generic Interrupt Controller Architecture Specification
 * v3 and v4, Arm IHI 0069H; the section is cited per group. Shared by the driver and the emulation: offsets
 * as plain numbers, the driver wraps them in reg32_t/reg64_t.
 */
#pragma once

#include <hyp/bits.h>

/* Distributor [12.9]. <n> registers: first one. */
enum gicd_offset {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IIDR = 0x0008,
	GICD_TYPER2 = 0x000c,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_ISPENDR = 0x0200,
	GICD_ICPENDR = 0x0280,
	GICD_ISACTIVER = 0x0300,
	GICD_ICACTIVER = 0x0380,
	GICD_IPRIORITYR = 0x0400, /* to 0x07ff */
	GICD_ITARGETSR = 0x0800,  /* RES0 with affinity routing */
	GICD_ICFGR = 0x0c00,      /* to 0x0cff */
	GICD_IGRPMODR = 0x0d00,
	GICD_IROUTER = 0x6000,    /* indexed by INTID: SPIs from 0x6100 */
	GICD_IROUTER_SPI = 0x6100,
	GICD_PIDR2 = 0xffe8,
};

#define GICD_CTLR_EnableGrp0  BIT32(0) /* DS = 1 */
#define GICD_CTLR_EnableGrp1  BIT32(1) /* DS = 1; EnableGrp1A of the Non-secure view */
#define GICD_CTLR_ARE         BIT32(4) /* ARE; ARE_NS of the Non-secure view */
#define GICD_CTLR_DS          BIT32(6)
#define GICD_CTLR_RWP         BIT32(31)
#define GICD_TYPER_ITLinesNumber BITS32(4, 0)
#define GICD_TYPER_CPUNumber  BITS32(7, 5)
#define GICD_TYPER_IDbits     BITS32(23, 19)
#define GICD_TYPER_A3V        BIT32(24)
#define GICD_TYPER_No1N       BIT32(25)
#define GICD_IROUTER_IRM      BIT64(31)
#define GICD_IROUTER_AFF      (BITS64(39, 32) | BITS64(23, 0))
#define GIC_PIDR2_ArchRev     BITS32(7, 4) /* 3: GICv3, 4: GICv4 */

/* Redistributor [12.11]: RD_base, then SGI_base 64 KiB above, laid out as the distributor's first words. */
enum gicr_offset {
	GICR_CTLR = 0x0000,
	GICR_IIDR = 0x0004,
	GICR_TYPER = 0x0008, /* 64 bits */
	GICR_WAKER = 0x0014,
	GICR_PIDR2 = 0xffe8,
	GICR_SGI_BASE = 0x10000,
	GICR_IGROUPR0 = 0x10080,
	GICR_ISENABLER0 = 0x10100,
	GICR_ICENABLER0 = 0x10180,
	GICR_ISPENDR0 = 0x10200,
	GICR_ICPENDR0 = 0x10280,
	GICR_ICACTIVER0 = 0x10380,
	GICR_IPRIORITYR = 0x10400,
	GICR_ICFGR1 = 0x10c04,
};

#define GICR_FRAME_SIZE       0x20000u
#define GICR_FRAME_SIZE_VLPIS 0x40000u /* GICv4: VLPI_base and a reserved frame follow */
#define GICR_CTLR_RWP         BIT32(3)
#define GICR_TYPER_VLPIS      BIT64(1)
#define GICR_TYPER_Last       BIT64(4)
#define GICR_TYPER_Processor_Number BITS64(23, 8)
#define GICR_TYPER_Affinity_Value   BITS64(63, 32)
#define GICR_WAKER_ProcessorSleep BIT32(1)
#define GICR_WAKER_ChildrenAsleep BIT32(2)

/* CPU interface [12.2]. */
#define ICC_SRE_SRE        BIT64(0)
#define ICC_SRE_DFB        BIT64(1)
#define ICC_SRE_DIB        BIT64(2)
#define ICC_SRE_Enable     BIT64(3) /* ICC_SRE_EL2: EL1 may access ICC_SRE_EL1 */
#define ICC_CTLR_EOImode   BIT64(1)
#define ICC_SGI1R_TargetList BITS64(15, 0)
#define ICC_SGI1R_Aff1     BITS64(23, 16)
#define ICC_SGI1R_INTID    BITS64(27, 24)
#define ICC_SGI1R_Aff2     BITS64(39, 32)
#define ICC_SGI1R_IRM      BIT64(40)
#define ICC_SGI1R_RS       BITS64(47, 44)
#define ICC_SGI1R_Aff3     BITS64(55, 48)

/* Hypervisor control [12.4]. */
#define ICH_HCR_En         BIT64(0)
#define ICH_HCR_UIE        BIT64(1) /* maintenance interrupt when at most one list register is in use */
#define ICH_HCR_NPIE       BIT64(3) /* … when none holds a pending interrupt */
#define ICH_VTR_ListRegs   BITS64(4, 0) /* minus one */
#define ICH_VTR_PREbits    BITS64(28, 26) /* minus one */
#define ICH_VTR_PRIbits    BITS64(31, 29) /* minus one */
#define ICH_LR_vINTID      BITS64(31, 0)
#define ICH_LR_pINTID      BITS64(44, 32)
#define ICH_LR_EOI         BIT64(41) /* only with HW = 0: maintenance interrupt at the guest's EOI */
#define ICH_LR_Priority    BITS64(55, 48)
#define ICH_LR_Group       BIT64(60)
#define ICH_LR_HW          BIT64(61)
#define ICH_LR_Pending     BIT64(62) /* State [63:62] */
#define ICH_LR_Active      BIT64(63)
#define ICH_LR_State       BITS64(63, 62)

enum {
	GIC_SGI_COUNT = 16,
	GIC_PRIVATE = 32,
	GIC_INTID_MAX = 1019,     /* the last SPI */
	GIC_INTID_SPECIAL = 1020, /* 1020..1023: nothing to acknowledge */
	GIC_SPECIAL_END = 1024,
};
