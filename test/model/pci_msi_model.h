/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupts of the functions in pci_model.h, written from the specification [PCIe 6.1.4, 7.7.1, 7.7.2]: MSI and
 * MSI-X capabilities, tables and pending bits in a BAR, reached only while the function decodes it. Software that does
 * what the specification leaves undefined (an open entry changed, both kinds enabled) or touches any other register
 * fails the test. The judge is what a function would send now, not which register was written.
 */
#pragma once

#include <hyp/types.h>

enum msi_result { MSI_LOST, MSI_SENT, MSI_PENDING, MSI_LINE };

/* A message leaves a function. */
typedef void msi_model_sink_fn(int fn, uint64_t addr, uint32_t data);

/* After board_reset(): the memory windows belong to the model, its hooks are in pci_model. */
void msi_model_create(msi_model_sink_fn *sink);

/* Capabilities; mask: per-vector masking. table, pba: the registers, offset [31:3] and BIR [2:0]. */
void msi_model_msi(int fn, unsigned pos, bool wide, bool mask);
void msi_model_msix(int fn, unsigned pos, unsigned entries, uint32_t table, uint32_t pba);

/* The device wants to interrupt. LINE: it would raise INTx, being told to send no message. */
enum msi_result msi_model_raise(int fn, unsigned vector);

/* What is pending and no longer masked goes out. */
void msi_model_run(void);

/* What vector n of the function would send now; false: nothing. */
bool msi_model_armed(int fn, unsigned n, uint64_t *addr, uint32_t *data);

/* Everything masked and 0, as a function level reset leaves it; or a reset of the device's own. */
void msi_model_wipe(int fn);

extern unsigned msi_model_flips;     /* how often MSI or MSI-X Enable, or Function Mask while enabled, changed */
extern unsigned msi_model_mem_count; /* accesses to device memory */
