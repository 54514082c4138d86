/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's registers as the guest sees them, and what the parts of the virtual one share. Section numbers in
 * these files are those of Intel SDM 3A chapter 10, "Advanced programmable interrupt controller", which newer editions
 * print as chapter 11; AMD's APM 2 chapter 16 describes the same registers.
 */
#pragma once

#include <asm/vlapic.h>
#include <hyp/bits.h>
#include <hyp/vm.h>

/* Register n is at offset 16 * n of the page [table 10-1] and MSR 0x800 + n [table 10-6]. */
enum vlapic_reg {
	APIC_ID = 0x02,
	APIC_VERSION = 0x03,
	APIC_TPR = 0x08,
	APIC_PPR = 0x0a,
	APIC_EOI = 0x0b,
	APIC_LDR = 0x0d,
	APIC_DFR = 0x0e,       /* xAPIC only */
	APIC_SVR = 0x0f,
	APIC_ISR = 0x10,       /* 8 registers */
	APIC_TMR = 0x18,       /* 8 registers */
	APIC_IRR = 0x20,       /* 8 registers */
	APIC_ESR = 0x28,
	APIC_ICR = 0x30,       /* x2APIC: 64 bits */
	APIC_ICR_HI = 0x31,    /* xAPIC only */
	APIC_LVT = 0x32,       /* VLAPIC_LVT_COUNT registers */
	APIC_TIMER_INIT = 0x38,
	APIC_TIMER_COUNT = 0x39,
	APIC_TIMER_DIV = 0x3e,
	APIC_SELF_IPI = 0x3f,  /* x2APIC only */
	APIC_REG_COUNT = 0x40,
};

enum vlapic_lvt { LVT_TIMER, LVT_THERMAL, LVT_PMC, LVT_LINT0, LVT_LINT1, LVT_ERROR };

#define MSR_IA32_APIC_BASE 0x1bu
#define   APIC_BASE_BSP    BIT64(8)
#define   APIC_BASE_EXTD   BIT64(10)
#define   APIC_BASE_EN     BIT64(11)
#define MSR_X2APIC_BASE    0x800u

#define VERSION_Version    BITS32(7, 0)
#define VERSION_MaxLVT     BITS32(23, 16)

#define SVR_Vector         BITS32(7, 0)
#define SVR_Enable         BIT32(8)
#define SVR_Focus          BIT32(9)       /* kept, without effect */
#define SVR_RESET          0xffu

#define DFR_Model          BITS32(31, 28)
#define   DFR_FLAT         0xfu
#define   DFR_CLUSTER      0x0u
#define DFR_RESET          UINT32_MAX
#define LDR_Logical        BITS32(31, 24) /* xAPIC */

/* 10.5.3 */
#define ESR_SendIllegal    BIT32(5)
#define ESR_RecvIllegal    BIT32(6)
#define ESR_IllegalReg     BIT32(7)

/* 10.5.1, figure 10-8 */
#define LVT_Vector         BITS32(7, 0)
#define LVT_Mode           BITS32(10, 8)
#define LVT_Status         BIT32(12)
#define LVT_Polarity       BIT32(13)
#define LVT_RemoteIRR      BIT32(14)
#define LVT_Trigger        BIT32(15)
#define LVT_Mask           BIT32(16)
#define LVT_Periodic       BIT32(17)      /* bit 18, TSC deadline, is not offered */

#define DIV_Value          (BIT32(3) | BITS32(1, 0)) /* figure 10-10 */

/* 10.6.1, figures 10-12 and 10-28 */
#define ICR_Vector         BITS32(7, 0)
#define ICR_Mode           BITS32(10, 8)
#define ICR_Logical        BIT32(11)
#define ICR_Assert         BIT32(14)
#define ICR_Level          BIT32(15)
#define ICR_Shorthand      BITS32(19, 18)
#define   SHORTHAND_NONE   0u
#define   SHORTHAND_SELF   1u
#define   SHORTHAND_ALL    2u
#define   SHORTHAND_OTHERS 3u
#define ICR_HI_Dest        BITS32(31, 24) /* xAPIC */

/* Vectors below this are reserved: never sent, never accepted. */
enum { VECTOR_FIRST = 16 };

enum vlapic_state { APIC_OFF, APIC_XAPIC, APIC_X2APIC };

/* Of any vCPU, on any CPU. */
static inline enum vlapic_state vlapic_state(const struct vlapic *a)
{
	uint64_t base = __atomic_load_n(&a->base, __ATOMIC_RELAXED);

	if (!(base & APIC_BASE_EN)) {
		return APIC_OFF;
	}
	return base & APIC_BASE_EXTD ? APIC_X2APIC : APIC_XAPIC;
}

/* 10.12.10.2: derived from the id, so that logical destinations need no set-up */
static inline uint32_t vlapic_x2_ldr(const struct vlapic *a)
{
	return a->id >> 4 << 16 | BIT32(a->id & 15);
}

/* --- vlapic.c --- */
void vlapic_clear(struct vcpu *v);                  /* every register but IA32_APIC_BASE and the id; own CPU */
void vlapic_kick(const struct vcpu *v);
void vlapic_error(struct vcpu *v, uint32_t bit);    /* ESR, and the error interrupt; any CPU */
void vlapic_eoi(struct vcpu *v);                    /* own CPU, like all that follow */
uint8_t vlapic_ppr(const struct vlapic *a);

/* --- vlapic_timer.c --- */
void vlapic_timer_set(struct vcpu *v, uint32_t count);   /* initial count written; 0 stops */
void vlapic_timer_divide(struct vcpu *v, uint32_t div);  /* divide configuration written */
void vlapic_timer_stop(struct vcpu *v);
uint32_t vlapic_timer_count(const struct vlapic *a);     /* current count */
