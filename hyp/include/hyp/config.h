/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled configuration: pure constant data, no runtime field. A file in configs/ (later: written by
 * the configuration compiler) defines hyp_config; config_check() judges it on the host at build time and
 * again at boot, there together with what the hardware reported.
 */
#pragma once

#include <hyp/types.h>

enum {
	CPU_MAX = 8,
	VM_MAX = 8,
	UNIT_MAX = 4,
	RAM_MAX = 8,
	PCI_WINDOW_MAX = 3,
	PCI_FUNCTION_MAX = 64, /* functions the hypervisor keeps track of */
	DEVICE_MAX = 64,       /* configured DMA devices = endpoints */
	DOMAIN_MAX = 144,      /* SMMU objects of all clients together: OBJECT_MAX for each partition and for us */
	BOARD_BYPASS_MAX = 4,
};

struct cfg_range {
	uint64_t base;
	uint64_t size;
};

/* What a machine has. The configuration says what it expects; arch_platform_read() says what is there. */
struct board_unit {
	uint64_t base;
	uint64_t size;
	uint32_t evtq_irq; /* fault records: SPI n = 32 + n on arm64, a message from IRQ_UNIT_FIRST on x86 */
	uint32_t gerr_irq;
	uint32_t sync_irq;
	uint8_t sid_bits; /* configuration: what the devices need; the driver's probe says what is there */
	uint8_t out_bits; /* output address size needed / there */
	bool coherent;    /* table walks see the CPU's caches */
};

enum pci_window_kind { PCI_WINDOW_IO = 1, PCI_WINDOW_MEM32, PCI_WINDOW_MEM64 };

struct board_pci_window {
	enum pci_window_kind kind;
	uint64_t pci;
	uint64_t cpu;
	uint64_t size;
};

enum { PCI_UNIT_SCOPES = 0xff }; /* board_pci.unit: every device names its own, the firmware's scopes confirm it */

struct board_pci {
	bool present;
	uint64_t ecam;
	uint64_t ecam_size;
	uint8_t bus_first;
	uint8_t bus_last;
	uint8_t window_count;
	struct board_pci_window window[PCI_WINDOW_MAX];
	uint32_t intx[4];   /* interrupt of INTA..INTD of slot 0; slots are swizzled from here */
	bool iommu_mapped;  /* requester ids go through unit[unit]; false: the bus bypasses every unit */
	uint8_t unit;
	uint32_t rid_base;  /* StreamID = rid - rid_base + sid_base for rid_count ids */
	uint32_t sid_base;
	uint32_t rid_count;
};

struct board {
	uint8_t cpu_count;
	uint8_t ram_count;
	uint8_t unit_count;
	uint64_t cpu_id[CPU_MAX]; /* MPIDR affinity bits on arm64, APIC ids on x86 */
	struct cfg_range ram[RAM_MAX];
	struct board_unit unit[UNIT_MAX];
	struct board_pci pci;
	uint64_t uart;
	bool uart_port;           /* .uart is an I/O port, not an address */
	uint32_t uart_irq;
	uint8_t gic_version;
	struct cfg_range gicd;
	struct cfg_range gicr;
	struct cfg_range its; /* size 0: none */
	uint32_t vtimer_irq;
	uint32_t maint_irq; /* virtual GIC maintenance interrupt */
	struct cfg_range lapic;  /* x86: registers of the CPUs' local APICs … */
	struct cfg_range ioapic; /* … and of the I/O APIC */
	uint8_t bypass_count;
	struct cfg_range bypass[BOARD_BYPASS_MAX]; /* registers of DMA masters no unit controls: never a partition's */
};

struct cfg_region {
	const char *name;
	uint64_t ipa;
	uint64_t pa;
	uint64_t size;
	uint32_t prot; /* enum prot; PROT_DEVICE for a device's registers */
};

struct cfg_image {
	const char *name;
	const uint8_t *start;
	const uint8_t *end;
	uint64_t ipa; /* where in the partition's memory it is copied to before the partition starts */
};

/* A physical interrupt owned by a partition. PCI INTx lines are found from the device, not listed here. */
struct cfg_irq {
	uint32_t irq;  /* physical */
	uint32_t virq; /* as the guest sees it */
	bool edge;
};

enum cfg_vm_right {
	CFG_VM_MONITOR = 1, /* gets every partition's fault records; may call the debug hypercalls */
	CFG_VM_TARGET = 2,  /* ability smmu/target: may use SMF_TARGET and SOCF_RESERVED_MANUAL */
	CFG_VM_ATTACH = 4,  /* ability smmu/attach: may call smmu_init() */
};

struct cfg_vm {
	const char *name;
	uint8_t cpu_count;    /* virtual CPUs */
	uint8_t cpu[CPU_MAX]; /* virtual CPU n runs on physical CPU cpu[n], alone */
	uint32_t rights;      /* enum cfg_vm_right */
	uint32_t fault_virq;  /* virtual interrupt of smmu_xfer_notify(): 32..991, on x86 32..95 */
	uint16_t pool_pages;  /* page-table pages for stage 2 and for all DMA mappings of this partition */
	uint64_t entry;       /* IPA of the first instruction of vCPU 0 */
	uint64_t arg;         /* in x0; on x86 in EDI:ESI */
	uint8_t region_count;
	uint8_t image_count;
	uint8_t irq_count;
	const struct cfg_region *region;
	const struct cfg_image *image;
	const struct cfg_irq *irq;
};

/* `allow name start,len[,perms]` lines of one name. Addresses are host physical. */
struct cfg_allow {
	const char *name;
	uint8_t region_count;
	const struct cfg_region *region; /* ipa is the device address; prot as seen by the device */
};

enum cfg_devkind { CFG_DEV_PCI, CFG_DEV_MMIO }; /* same values as SDT_PCI, SDT_MMIO */

enum { CFG_OWNER_NONE = 0xff, CFG_ALLOW_NONE = 0xff };

struct cfg_device {
	const char *name;
	enum cfg_devkind kind;
	uint16_t bdf;      /* PCI: bus << 8 | device << 3 | function */
	uint64_t mmio;     /* MMIO: base and size of the register window */
	uint64_t mmio_size;
	uint8_t unit;
	sid_t sid;
	uint8_t owner;     /* index of the partition that may claim it and sees it; or CFG_OWNER_NONE */
	uint8_t allow;     /* index into allow[]: owned by the hypervisor, or CFG_ALLOW_NONE */
	bool dma_all;      /* the owner's whole memory is mapped for it before the partition starts */
	uint8_t reserved_count;
	const struct cfg_range *reserved;
};

struct hyp_config {
	const char *name;
	struct board board;
	struct cfg_range hyp_ram;  /* the hypervisor's own memory: image, tables, stacks */
	uint32_t sync_timeout_ms;  /* set message-block-timeout: longest wait for an invalidation */
	uint16_t hyp_pool_pages;   /* page-table pages for allow sets */
	uint8_t vm_count;
	uint8_t device_count;
	uint8_t allow_count;
	const struct cfg_vm *vm;
	const struct cfg_device *device;
	const struct cfg_allow *allow;
};

extern const struct hyp_config hyp_config;
