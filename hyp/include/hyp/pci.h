/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PCI host bridge: enumerated and given addresses by us, bus mastering off everywhere until an owner
 * turns it on; each partition sees only its own functions, through an emulated configuration space.
 */
#pragma once

#include <hyp/config.h>
#include <hyp/vm.h>

/* Boot: finds every function, numbers buses, sizes and places BARs (page aligned), bus mastering off. */
int pci_init(const struct board_pci *host) __must_check;

/*
 * Boot, after pci_init(): every function of cfg.device goes to its owner: BARs into the partition's stage 2,
 * INTx line to the partition, ECAM window trapped. Each problem (not there, not usable, a line or a
 * requester id shared by two partitions) is one error line with its rule; returns how many: none may go on.
 */
unsigned pci_assign(const struct hyp_config *cfg);

/*
 * Boot, after pci_init() and platform_order_units(): the configured devices are behind the units the firmware says, and
 * memory it keeps for devices is theirs. Reports like pci_assign(); nothing to say where the firmware has no scopes.
 */
struct platform;
unsigned pci_scope_check(const struct hyp_config *cfg, const struct platform *p);

/* A trapped access to the partition's ECAM window; off is the offset in the window. */
void pci_cfg_access(struct vm *vm, uint64_t off, struct mmio *m);

/* A trapped access to the pages of an MSI-X table; addr is guest-physical. */
void pci_msix_access(struct vm *vm, uint64_t addr, struct mmio *m);

/* Bus mastering, then decoding off for every function of a partition that stops; reset where there is one. */
void pci_vm_stop(struct vm *vm);

/* The INTx interrupt a function drives, or 0. */
uint32_t pci_intx(const struct board_pci *host, uint16_t bdf);

/* Its configuration space as at boot again. */
void pci_vm_start(struct vm *vm);

/* Boot: one line per function: address, ids, name, owner, BARs, INTx. */
void pci_report(void);
