/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI host bridge with an ECAM window and whatever functions a test puts there, written from the
 * specification. Configuration requests are routed by the bridges' bus numbers; two functions that answer to
 * one address, or a request past the window, fail the test. The judge is what answers to an address and what
 * may do DMA, not which register was written; a hook sees every write that reaches a function all the same.
 */
#pragma once

#include <hyp/types.h>

enum {
	PCI_MODEL_MAX = 300,
	PCI_MODEL_ROOT = -1, /* parent of what is on bus 0 */
};

/* Port types [PCIe 7.5.3.2]; NONE: a conventional bridge without the capability. */
enum pci_model_port { PCI_MODEL_PORT_NONE = -1, PCI_MODEL_PORT_ROOT = 4, PCI_MODEL_PORT_UP = 5, PCI_MODEL_PORT_DOWN = 6,
		      PCI_MODEL_PORT_TO_PCI = 7 };

/* After fake_reset(): nothing there but the window. */
void pci_model_create(uintptr_t ecam, uint64_t size);

/* Functions; the result is the index the other calls take. */
int pci_model_add(int parent, unsigned devfn, uint32_t id, uint32_t class_rev);
int pci_model_add_root(unsigned bus, unsigned devfn, uint32_t id); /* on a root bus of its own */
int pci_model_bridge(int parent, unsigned devfn, enum pci_model_port port, bool acs);

/* BAR n: flags are bits 3:0 as the register shows them (bit 0: I/O). 64-bit ones take two. */
void pci_model_bar(int fn, unsigned n, uint32_t flags, uint64_t size);

/* Any register: value, writable bits, write-one-to-clear bits. */
void pci_model_reg32(int fn, unsigned reg, uint32_t v, uint32_t rw, uint32_t w1c);
uint32_t pci_model_get32(int fn, unsigned reg);

/* A capability of `dwords` dwords at pos, appended to the function's list; all bits but the head writable. */
void pci_model_cap(int fn, unsigned pos, unsigned id, unsigned dwords);
void pci_model_cap_pcie(int fn, unsigned pos, unsigned type, bool flr);
void pci_model_xcap(int fn, unsigned pos, unsigned id, unsigned next);

/* The bus a function is on now; negative: no bridge leads there. */
int pci_model_bus(int fn);
unsigned pci_model_devfn(int fn);

/* Judges. */
bool pci_model_decodes(int fn, uint64_t addr); /* on the bus, through every bridge above */
bool pci_model_may_dma(int fn);
bool pci_model_intx_off(int fn);
uint64_t pci_model_bar_addr(int fn, unsigned n);

/* Every write that reaches a function, before it takes effect. NULL: none. */
typedef void pci_model_write_fn(int fn, unsigned reg, unsigned width, uint32_t v);
void pci_model_on_write(pci_model_write_fn *hook);

/* A function went through a function level reset. NULL: none. */
typedef void pci_model_reset_fn(int fn);
void pci_model_on_reset(pci_model_reset_fn *hook);
extern unsigned pci_model_flr_count;
