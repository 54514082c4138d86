/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypercall ABI: the only definition of it. Reference with every error: guest-api/README.md.
 * x0 = BH_HC(n), arguments in x1..x7, results in x0..x7 as documented per call, every other register preserved.
 * arm64: HVC #0 at EL1; these are the registers of that name (SMCCC 1.1 vendor-specific hypervisor service, 64-bit fast
 * calls).
 * x86-64: x0..x7 are RAX RDI RSI RDX RCX R8 R9 R10, with VMMCALL or VMCALL at CPL 0, whichever CPUID names (below);
 * elsewhere, and with the other one, #UD. The upper half of RAX does not count; results are of 64 bits.
 */
#pragma once

#define BH_ABI_VERSION 0x00010000u /* major << 16 | minor */

#define BH_HC_BASE 0xc6000000u
#define BH_HC(n)   (BH_HC_BASE + (n))

/* SMCCC general queries of the vendor hypervisor service. */
#define BH_SMCCC_CALL_UID 0x8600ff01u
#define BH_SMCCC_REVISION 0x8600ff03u
#define BH_UID0 0x6b6c7542u /* "Bulkhead hyp v1 " as four little-endian words */
#define BH_UID1 0x64616568u
#define BH_UID2 0x70796820u
#define BH_UID3 0x20317620u

/* The same questions on x86: CPUID. */
#define BH_CPUID_VENDOR  0x40000000u /* EAX: highest leaf; EBX, ECX, EDX: "BulkheadHyp " */
#define BH_CPUID_EBX     0x6b6c7542u
#define BH_CPUID_ECX     0x64616568u
#define BH_CPUID_EDX     0x20707948u
#define BH_CPUID_VERSION 0x40000001u /* EAX: BH_ABI_VERSION; EBX: BH_CPUID_VMCALL; ECX, EDX: 0 */
#define BH_CPUID_VMCALL  0x00000001u /* calls are made with VMCALL; else with VMMCALL */
#define BH_CPUID_CLOCKS  0x40000010u /* EAX: TSC in kHz; EBX: the local APIC timer's clock in kHz */

enum bh_hc {
	BH_HC_VERSION = 0,          /* → x0 BH_ABI_VERSION, x1 features, x2 partition index, x3 fault virq */
	BH_HC_ARG_PAGE = 1,         /* x1 IPA of one page of own memory, 0 = forget it */
	BH_HC_SMMU_INIT = 2,        /* x1 flags (0) */
	BH_HC_SMMU_FINI = 3,
	BH_HC_SMMU_SAFETY = 4,      /* → x0 0 no, 0xffff yes */
	BH_HC_OBJ_CREATE = 5,       /* x1 flags → x0 handle (1..) */
	BH_HC_OBJ_DESTROY = 6,      /* x1 handle */
	BH_HC_DEVICE_ADD = 7,       /* x1 handle or 0 = remove; x2 BH_DEVID(), x3 MMIO base */
	BH_HC_MAPPING_ADD = 8,      /* x1 handle, x2 flags, x3 address, x4 length, x5 target */
	BH_HC_MAPPING_ADD_N = 9,    /* x1 handle, x2 flags, x3 count, x4 target; entries in the argument page */
	BH_HC_REPORT_RESERVED = 10, /* x1 BH_DEVID, x2 MMIO base, x3 offset, x4 count → entries in the page */
	BH_HC_XFER_NOTIFY = 11,     /* x1 1 = arm, 0 = cancel */
	BH_HC_XFER_STATUS = 12,     /* → x1 address, x2 BH_DEVID, x3 MMIO base, x4 flags, x5 hw0, x6 hw1, x7 time */
	BH_HC_UNMUTE = 13,          /* x1 BH_DEVID, x2 MMIO base */
	BH_HC_STATS = 14,           /* x1 handle → x1 maps, x2 unmaps, x3 invalidations, x4 faults, x5 pages free */
	BH_HC_DEBUG_STREAM = 15,    /* monitor: x1 BH_DEVID, x2 MMIO base → page: 8 raw words, then text */
	BH_HC_DEBUG_WALK = 16,      /* monitor: as 15, x3 address → x1 physical, x2 rights, x3 levels; page: entries */
	BH_HC_DEBUG_REPORT = 17,    /* monitor: the hypervisor prints its report on the board's console */
	BH_HC_COUNT
};

/* A device in one register: type in bits 63:56, then bus/dev/func with one flag bit per wildcard, or length. */
#define BH_DEVID_PCI  0ull
#define BH_DEVID_MMIO 1ull
#define BH_DEVID_NONE 2ull
#define BH_DEVID_ANY_BUS  (1ull << 24)
#define BH_DEVID_ANY_DEV  (1ull << 25)
#define BH_DEVID_ANY_FUNC (1ull << 26)
#define BH_DEVID_MAKE_PCI(bus, dev, func) \
	((BH_DEVID_PCI << 56) | ((unsigned long long)(bus) << 8) | ((unsigned long long)(dev) << 3) | \
	 (unsigned long long)(func))
#define BH_DEVID_MAKE_MMIO(length) ((BH_DEVID_MMIO << 56) | (unsigned long long)(length)) /* length: 32 bits */

/* Mapping flags: SMF_* of smmu.h. */
#define BH_MAP_READ   0x01u
#define BH_MAP_WRITE  0x02u
#define BH_MAP_EXEC   0x04u
#define BH_MAP_TARGET 0x10u

#define BH_OBJ_RESERVED_MANUAL 0x0001u

/* Entries in the argument page: pairs of 64-bit words, address then length. */
#define BH_ARG_ENTRY_MAX 256u

/* Fault flags (x4 of XFER_STATUS, struct smmu_status.flags). */
#define BH_FAULT_REASON_MASK 0x0000000fu /* enum below */
#define BH_FAULT_READ        0x00000010u
#define BH_FAULT_WRITE       0x00000020u
#define BH_FAULT_EXEC        0x00000040u
#define BH_FAULT_ADDR_VALID  0x00000080u
#define BH_FAULT_VM_SHIFT    8           /* bits 15:8: index of the owning partition, 0xff none */
#define BH_FAULT_VM_MASK     0x0000ff00u
#define BH_FAULT_MUTED       0x40000000u /* the device is muted until BH_HC_UNMUTE */
#define BH_FAULT_DROPPED     0x80000000u /* records were lost before this one */

enum bh_fault_reason {
	BH_FAULT_UNMAPPED = 1,
	BH_FAULT_PERMISSION = 2,
	BH_FAULT_ADDRESS = 3,
	BH_FAULT_BLOCKED = 4,
	BH_FAULT_TABLE = 5,
	BH_FAULT_BUS = 6,
	BH_FAULT_OTHER = 7,
};

/* Limits of one call. */
#define BH_LEAF_MAX   4096u /* page-table entries one mapping call may touch */
#define BH_OBJECT_MAX 16u   /* objects of one partition */
#define BH_MAPPING_MAX 256u /* mapping records of one partition, all objects together */
#define BH_RING_MAX   64u   /* fault records kept for one partition */
#define BH_VCPU_MAX   8u    /* virtual CPUs of one partition */
