/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hyp/pci*.c share. Everything but the fields under "runtime" is constant once pci_assign() returned.
 * Configuration registers are reached only through the five accessors; after the boot with pci.lock held.
 */
#pragma once

#include <arch/irq.h>
#include <arch/msi.h>
#include <hyp/pci.h>
#include <hyp/pci_regs.h>
#include <hyp/spinlock.h>

enum {
	PCI_NONE = -1,       /* parent: the function is on the root bus */
	PCI_DEPTH_MAX = 8,   /* bridges above each other */
	PCI_CAP_MAX = 48,    /* capabilities that fit in 256 bytes */
	PCI_XCAP_MAX = 96,   /* hops in the extended list before we stop believing it */
	PCI_SEEN_MAX = 8,    /* capabilities of one function a partition gets to see */
	PCI_HOLE_MAX = 2,    /* MSI-X table and pending bits */
	PCI_MSI = IRQ_MSI_FIRST < IRQ_MAX, /* this architecture has messages at all */
	PCI_MSIX_MAX = 32,   /* vectors of one function */
	PCI_RESET_US = 100000, /* after a function level reset [PCIe 6.6.2]; longest wait for DMA to end */
};

struct pci_bar {
	uint64_t size;  /* as the device decodes; 0: none, I/O, or the upper half of the one before */
	uint64_t addr;  /* on the bus */
	uint64_t cpu;   /* the same place as the CPU sees it, guest-physical too */
	uint32_t flags; /* PCI_BAR_FLAGS as the device reports them */
	bool upper;     /* upper half of the one before */
};

/* A capability the partition sees: [pos, end) of the configuration space, dword aligned. */
struct pci_seen {
	uint8_t id;
	uint8_t pos;
	uint8_t next;
	uint16_t end;
};

/* A part of a BAR the partition must not reach: [start, end), whole pages. */
struct pci_hole {
	uint8_t bar;
	uint64_t start;
	uint64_t end;
};

/* Message-signalled interrupts of one function. Nothing is offered: cap and xcap are 0, the partition sees neither. */
struct pci_msi {
	uint8_t cap;        /* MSI capability */
	bool wide;          /* … with a 64-bit address */
	uint8_t mask;       /* its Mask Bits register, or 0 */
	uint8_t xcap;       /* MSI-X capability */
	uint16_t entries;   /* of the MSI-X table */
	uint32_t table_at;  /* MSIX_TABLE and MSIX_PBA as read at boot */
	uint32_t pba_at;
	uint16_t first;     /* our vectors: pci_msi.c */
	uint16_t count;
	uintptr_t table;    /* mapped for us */
	uintptr_t pba;

	/* runtime: as the partition set them */
	struct msi_msg guest; /* in the MSI capability */
	bool on, xon, xmask;  /* MSI Enable, MSI-X Enable, Function Mask */
};

struct pci_fn {
	uint16_t bdf;
	int16_t parent;      /* index of the bridge it is behind, or PCI_NONE */
	bool bridge;         /* header layout 1 */
	bool expander;       /* on a root bus of its own, past the SMMU perhaps */
	bool acs;            /* isolates what is behind or beside it */
	bool pref64;         /* bridge: prefetchable window takes 64-bit addresses, all the way up */
	const char *bad;     /* why it stays disabled, or NULL */
	uint32_t id;
	uint32_t class_rev;
	uint32_t subsystem;
	uint8_t pin;         /* 0 none, 1..4 INTA..INTD */
	uint8_t secondary;
	uint8_t pcie;        /* position of the PCI Express capability, or 0 */
	uint8_t port;        /* PCIE_CAP_TYPE */
	bool flr;
	uint16_t devctl_boot; /* Device Control as found */
	uint8_t seen_count;
	uint8_t hole_count;
	struct pci_seen seen[PCI_SEEN_MAX];
	struct pci_hole hole[PCI_HOLE_MAX];
	struct pci_bar bar[PCI0_BAR_COUNT];
	struct pci_msi msi;

	struct vm *vm;       /* owner, or NULL */
	const struct cfg_device *cfg;
	uint32_t irq;        /* INTx line, 0 none */
	bool multi;          /* the owner has more functions in this slot */

	/* runtime, under pci.lock */
	bool live;           /* the owner may touch it; false again once it stopped */
	uint16_t command;    /* what we wrote last */
	uint16_t devctl;
	uint8_t sizing;      /* bit n: the partition wrote all ones to BAR n and has not written since */
	uint8_t line;        /* Interrupt Line: a scratch byte of the partition */
};

struct pci_state {
	const struct board_pci *host; /* NULL: no PCI */
	uintptr_t ecam;
	unsigned bus_first, bus_last;
	unsigned bus_limit;  /* highest number we may give to a bus behind a bridge */
	unsigned fn_count;
	unsigned untracked;  /* functions there was no room for: off, and forgotten */
	unsigned vector_count; /* messages given away: pci_msi.c */
	struct spinlock lock;
	struct pci_fn fn[PCI_FUNCTION_MAX]; /* in the order found: what is behind a bridge follows it */
};

extern struct pci_state pci;

/* hyp/pci.c */
uint32_t pci_read32(uint16_t bdf, unsigned reg);
uint16_t pci_read16(uint16_t bdf, unsigned reg);
uint8_t pci_read8(uint16_t bdf, unsigned reg);
void pci_write32(uint16_t bdf, unsigned reg, uint32_t v);
void pci_write16(uint16_t bdf, unsigned reg, uint16_t v);
struct pci_fn *pci_fn_find(uint16_t bdf);
struct pci_fn *pci_fn_parent(const struct pci_fn *f); /* NULL: on the root bus */
void pci_fn_command(struct pci_fn *f, uint32_t v);

/* hyp/pci_cap.c */
void pci_cap_quiet(uint16_t bdf);          /* MSI, MSI-X, SR-IOV, ATS, PRI, PASID off */
void pci_cap_init(struct pci_fn *f);       /* fills pcie, port, flr, acs, seen[], hole[] */
void pci_cap_hide(struct pci_fn *f, uint8_t id); /* the partition does not see this one */
void pci_cap_port_isolate(struct pci_fn *f); /* turns ACS on at a port that has it */

/* hyp/pci_assign.c: the conventional bridge that puts its own id on what f sends, or NULL. */
const struct pci_fn *pci_fn_alias(const struct pci_fn *f);

/* hyp/pci_msi_offer.c */
void pci_msi_assign(struct pci_fn *f); /* boot, after its BARs were placed and its owner is known */

/* hyp/pci_msi.c; from pci_msi_start() on with pci.lock held */
unsigned pci_msi_vectors(struct pci_fn *f, unsigned want); /* boot: enables up to so many; how many it got */
bool pci_msi_fits(const struct pci_fn *f); /* the registers of the MSI capability are wide enough for ours */
void pci_msi_start(struct pci_fn *f);  /* everything masked and off, nothing of an earlier run is left */
void pci_msi_stop(struct pci_fn *f);   /* off */
uint32_t pci_msi_read(const struct pci_fn *f, unsigned id, unsigned off);
void pci_msi_write(struct pci_fn *f, unsigned id, unsigned off, uint32_t v, uint32_t lanes);

/* hyp/pci_bar.c */
int pci_bar_place_all(const struct board_pci *host) __must_check;
void pci_bar_write(const struct pci_fn *f);

/* Text "bb:dd.f" and its arguments. */
#define PCI_BDF_FMT "%02x:%02x.%u"
#define PCI_BDF_ARGS(b) ((unsigned)(b) >> 8), (((unsigned)(b) >> 3) & 31u), ((unsigned)(b) & 7u)
