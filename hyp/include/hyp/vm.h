/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions and their virtual CPUs. Everything here is built once from the configuration; sizes are static. */
#pragma once

#include <arch/vcpu.h>
#include <hyp/config.h>
#include <hyp/iommu.h>
#include <hyp/pgtable.h>
#include <hyp/spinlock.h>
#include <hyp/trap.h>
#include <hyp/types.h>

enum vcpu_state { VCPU_OFF, VCPU_CLAIMED, VCPU_STARTING, VCPU_RUNNING };

struct vcpu {
	struct arch_vcpu arch; /* first: assembler finds it at offset 0 */
	struct vm *vm;
	unsigned index;        /* within the partition */
	unsigned cpu;          /* the physical CPU it is pinned to */
	enum vcpu_state state;
	bool stop;             /* leave the guest at the next chance; set by other CPUs, which then send an IPI */
	uint64_t start_pc;     /* valid in VCPU_STARTING */
	uint64_t start_arg;
	void *arg_page;        /* registered argument page, mapped for us; or NULL */
};

enum vm_state { VM_STOPPED, VM_RUNNING };

/* A guest-physical range that traps and is emulated. */
struct vm_trap {
	uint64_t ipa;
	uint64_t size;
	unsigned kind; /* enum vm_trap_kind, or the architecture's own */
};

enum { VM_TRAP_MAX = 32, VM_BAR_MAX = 24 };

struct vm {
	struct arch_vm arch;
	unsigned index;
	const struct cfg_vm *cfg;
	enum vm_state state;
	unsigned vcpu_count;
	struct vcpu vcpu[CPU_MAX];
	struct pool pool;      /* stage 2 and every DMA table of this partition */
	struct pgtable s2;
	unsigned trap_count;
	struct vm_trap trap[VM_TRAP_MAX];
	unsigned bar_count;    /* device windows found by PCI, mapped beside the configured regions */
	struct cfg_region bar[VM_BAR_MAX];
	struct iommu_client client;
};

extern struct vm vms[VM_MAX];
extern unsigned vm_count;

/* One emulated access. value: in for writes, out for reads. */
struct mmio {
	uint64_t value;
	uint8_t size; /* 1, 2, 4, 8 */
	bool write;
};

/*
 * The physical address behind [addr, addr+size) of the partition if all of it is in one region that grants
 * prot; the configured region or BAR, or NULL. Never a trapped range, never anything of ours.
 */
const struct cfg_region *vm_region_find(const struct vm *vm, ipa_t addr, uint64_t size, unsigned prot);

/* Makes a virtual interrupt pending at the partition (SPIs: routed as the guest configured). */
void vm_pend_virq(struct vm *vm, uint32_t virq);

void vm_build_all(const struct hyp_config *cfg); /* boot; the configuration was checked */
void vm_start_all(void);                         /* vCPU 0 of each may run as soon as its CPU does */
struct vcpu *vcpu_on_cpu(unsigned cpu);          /* who is pinned there, or NULL */
void vm_map_bar(struct vm *vm, const char *name, pa_t base, uint64_t size); /* boot, by hyp/pci.c */
void vm_trap_add(struct vm *vm, uint64_t addr, uint64_t size, unsigned kind); /* boot */

/* On one of the partition's own CPUs: all vCPUs off, DMA blocked; the last partition powers the board off. */
__noreturn void vm_stop(struct vcpu *self, const char *why);

/* As vm_stop(), then everything as at boot and vCPU 0 starts again. */
__noreturn void vm_restart(struct vcpu *self);

/* What PSCI CPU_ON and CPU_OFF, SIPI and INIT come to. -BH_EINVAL no such vCPU, -BH_EBUSY not off. */
int vcpu_start(struct vm *vm, unsigned index, uint64_t pc, uint64_t arg) __must_check;
__noreturn void vcpu_off(struct vcpu *self);
