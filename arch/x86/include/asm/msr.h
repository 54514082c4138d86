/* SPDX-License-Identifier: Apache-2.0 */
/* Model-specific registers we use or emulate [APM 2 appendix A; SDM 4 chapter 2], and control register bits. */
#pragma once

#include <hyp/bits.h>

#define MSR_TSC             0x00000010u
#define MSR_PLATFORM_ID     0x00000017u
#define MSR_APIC_BASE       0x0000001bu
#define MSR_UCODE_REV       0x0000008bu
#define MSR_PLATFORM_INFO   0x000000ceu
#define MSR_MTRRCAP         0x000000feu
#define MSR_SYSENTER_CS     0x00000174u
#define MSR_SYSENTER_ESP    0x00000175u
#define MSR_SYSENTER_EIP    0x00000176u
#define MSR_MCG_CAP         0x00000179u
#define MSR_MCG_STATUS      0x0000017au
#define MSR_MISC_ENABLE     0x000001a0u
#define   MISC_ENABLE_FAST_STRING BIT64(0)
#define   MISC_ENABLE_NO_BTS      BIT64(11)
#define   MISC_ENABLE_NO_PEBS     BIT64(12)
#define MSR_PAT             0x00000277u
#define MSR_X2APIC_FIRST    0x00000800u
#define MSR_X2APIC_LAST     0x000008ffu

#define MSR_EFER            0xc0000080u
#define   EFER_SCE          BIT64(0)
#define   EFER_LME          BIT64(8)
#define   EFER_LMA          BIT64(10)
#define   EFER_NXE          BIT64(11)
#define   EFER_SVME         BIT64(12)
#define   EFER_FFXSR        BIT64(14)
#define MSR_STAR            0xc0000081u
#define MSR_LSTAR           0xc0000082u
#define MSR_CSTAR           0xc0000083u
#define MSR_SFMASK          0xc0000084u
#define MSR_FS_BASE         0xc0000100u
#define MSR_GS_BASE         0xc0000101u
#define MSR_KERNEL_GS_BASE  0xc0000102u
#define MSR_TSC_AUX         0xc0000103u

#define MSR_SYSCFG          0xc0010010u
#define MSR_HWCR            0xc0010015u
#define MSR_NB_CFG          0xc001001fu
#define MSR_MMIO_CFG_BASE   0xc0010058u
#define MSR_VM_CR           0xc0010114u
#define   VM_CR_SVMDIS      BIT64(4)
#define MSR_VM_HSAVE_PA     0xc0010117u
#define MSR_DE_CFG          0xc0011029u

#define CR0_PE     BIT64(0)
#define CR0_ET     BIT64(4)
#define CR0_WP     BIT64(16)
#define CR0_CD     BIT64(30)
#define CR0_PG     BIT64(31)

#define CR4_PSE        BIT64(4)
#define CR4_PAE        BIT64(5)
#define CR4_MCE        BIT64(6)
#define CR4_PGE        BIT64(7)
#define CR4_OSFXSR     BIT64(9)
#define CR4_OSXSAVE    BIT64(18)
#define CR4_SMEP       BIT64(20)
#define CR4_SMAP       BIT64(21)

#define RFLAGS_IF    BIT64(9)

#define XCR0_X87    BIT64(0)
#define XCR0_SSE    BIT64(1)
#define XCR0_AVX    BIT64(2)
#define XCR0_AVX512 BITS64(7, 5)
