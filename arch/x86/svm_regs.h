/* SPDX-License-Identifier: Apache-2.0 */
/* The VMCB [APM 2, appendix B] and exit codes [appendix C]. Offsets as plain numbers, widths in the accessors. */
#pragma once

#include <asm/msr.h>
#include <hyp/bits.h>

/* Control area, 32-bit words of intercepts. */
#define VMCB_INTERCEPT_CR   0x000u
#define   INTERCEPT_CR8_WRITE BIT32(24)
#define VMCB_INTERCEPT_DR   0x004u
#define VMCB_INTERCEPT_EXC  0x008u
#define VMCB_INTERCEPT_1    0x00cu
#define   I1_INTR     BIT32(0)
#define   I1_NMI      BIT32(1)
#define   I1_SMI      BIT32(2)
#define   I1_INIT     BIT32(3)
#define   I1_RDPMC    BIT32(15)
#define   I1_CPUID    BIT32(18)
#define   I1_IRET     BIT32(20)
#define   I1_INVD     BIT32(22)
#define   I1_HLT      BIT32(24)
#define   I1_INVLPGA  BIT32(26)
#define   I1_IOIO     BIT32(27)
#define   I1_MSR      BIT32(28)
#define   I1_FERR     BIT32(30)
#define   I1_SHUTDOWN BIT32(31)
#define VMCB_INTERCEPT_2    0x010u
#define   I2_VMRUN    BIT32(0)
#define   I2_VMMCALL  BIT32(1)
#define   I2_VMLOAD   BIT32(2)
#define   I2_VMSAVE   BIT32(3)
#define   I2_STGI     BIT32(4)
#define   I2_CLGI     BIT32(5)
#define   I2_SKINIT   BIT32(6)
#define   I2_WBINVD   BIT32(9)
#define   I2_MONITOR  BIT32(10)
#define   I2_MWAIT    BIT32(11)
#define   I2_MWAIT_IF BIT32(12)
#define   I2_XSETBV   BIT32(13)
#define   I2_RDPRU    BIT32(14)
#define VMCB_INTERCEPT_3    0x014u
#define   I3_INVLPGB  BIT32(0)
#define   I3_INVLPGB_ILLEGAL BIT32(1)
#define   I3_INVPCID  BIT32(2)
#define   I3_MCOMMIT  BIT32(3)
#define   I3_TLBSYNC  BIT32(4)
#define VMCB_IOPM           0x040u
#define VMCB_MSRPM          0x048u
#define VMCB_ASID           0x058u /* 32 bits */
#define VMCB_TLB_CONTROL    0x05cu /* 8 bits */
#define VMCB_INT_CONTROL    0x060u /* 32 bits */
#define   V_TPR         BITS32(7, 0)
#define   V_IRQ         BIT32(8)
#define   V_IGN_TPR     BIT32(20)
#define   V_INTR_MASKING BIT32(24)
#define VMCB_INT_VECTOR     0x064u /* 8 bits */
#define VMCB_INT_SHADOW     0x068u
#define VMCB_EXITCODE       0x070u
#define VMCB_EXITINFO1      0x078u
#define VMCB_EXITINFO2      0x080u
#define VMCB_EXITINTINFO    0x088u
#define VMCB_NP_ENABLE      0x090u
#define VMCB_EVENTINJ       0x0a8u
#define   EVENT_VECTOR  BITS64(7, 0)
#define   EVENT_TYPE    BITS64(10, 8)
#define   EVENT_INTR    0u
#define   EVENT_NMI     2u
#define   EVENT_EXC     3u
#define   EVENT_EV      BIT64(11)
#define   EVENT_VALID   BIT64(31)
#define VMCB_NCR3           0x0b0u

/* State save area. Segments: selector 16, attributes 16, limit 32, base 64 bits. */
#define VMCB_ES       0x400u
#define VMCB_CS       0x410u
#define VMCB_SS       0x420u
#define VMCB_DS       0x430u
#define VMCB_FS       0x440u
#define VMCB_GS       0x450u
#define VMCB_GDTR     0x460u
#define VMCB_LDTR     0x470u
#define VMCB_IDTR     0x480u
#define VMCB_TR       0x490u
#define VMCB_CPL      0x4cbu /* 8 bits */
#define VMCB_EFER     0x4d0u
#define VMCB_CR4      0x548u
#define VMCB_CR3      0x550u
#define VMCB_CR0      0x558u
#define VMCB_DR7      0x560u
#define VMCB_DR6      0x568u
#define VMCB_RFLAGS   0x570u
#define VMCB_RIP      0x578u
#define VMCB_RSP      0x5d8u
#define VMCB_RAX      0x5f8u
#define VMCB_CR2      0x640u
#define VMCB_PAT      0x668u

/* The low word of EXITCODE; QEMU writes no more than that. */
enum svm_exit {
	SVM_EXIT_WRITE_CR8 = 0x18,
	SVM_EXIT_EXC = 0x40,
	SVM_EXIT_INTR = 0x60,
	SVM_EXIT_NMI = 0x61,
	SVM_EXIT_SMI = 0x62,
	SVM_EXIT_INIT = 0x63,
	SVM_EXIT_RDPMC = 0x6f,
	SVM_EXIT_CPUID = 0x72,
	SVM_EXIT_IRET = 0x74,
	SVM_EXIT_INVD = 0x76,
	SVM_EXIT_HLT = 0x78,
	SVM_EXIT_INVLPGA = 0x7a,
	SVM_EXIT_IOIO = 0x7b,
	SVM_EXIT_MSR = 0x7c,
	SVM_EXIT_FERR = 0x7e,
	SVM_EXIT_SHUTDOWN = 0x7f,
	SVM_EXIT_VMRUN = 0x80,
	SVM_EXIT_VMMCALL = 0x81,
	SVM_EXIT_WBINVD = 0x89,
	SVM_EXIT_XSETBV = 0x8d,
	SVM_EXIT_NPF = 0x400,
};

/* EXITINFO1 of an I/O exit [15.10.2]. */
#define IOIO_IN     BIT64(0)
#define IOIO_STR    BIT64(2)
#define IOIO_REP    BIT64(3)
#define IOIO_SZ     BITS64(6, 4)
#define IOIO_PORT   BITS64(31, 16)

/* EXITINFO1 of a nested page fault [15.25.6]: the page-fault error code. */
#define NPF_WRITE BIT64(1)
#define NPF_FETCH BIT64(4)
#define NPF_TABLE BIT64(33) /* not the access itself: the guest's own tables */

#define MSR_VM_CR       0xc0010114u
#define   VM_CR_SVMDIS  BIT64(4)
#define MSR_VM_HSAVE_PA 0xc0010117u
#define   EFER_SVME     BIT64(12)
