/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an architecture adds to config_check(): its own windows and interrupts of the board, its own rules, its words.
 * Functions and rules are in arch/<arch>/config_rules.c: used at boot and by the host at build time, then gone.
 */
#pragma once

#include <hyp/config.h>

/*
 * Words of messages, string literals:
 *   ARCH_MACHINE       the QEMU machine: "-M virt"
 *   ARCH_FIRMWARE      where the machine's description comes from, and ARCH_FIRMWARE_HINT how to have it
 *   ARCH_IOMMU         what translates DMA, ARCH_AN_IOMMU with its article, ARCH_IOMMU_ADD how to have one
 *   ARCH_UNIT          what is before a unit's number
 *   ARCH_SID           what a stream's number is called
 *   ARCH_ECAM_LOW      what to do if configuration space is at another place than configured, and below 4 GiB
 *   ARCH_IRQ_RANGE     physical interrupts a partition may own, ARCH_VIRQ_RANGE virtual ones it may be given
 *   ARCH_BOARD_IRQ_RANGE   shared interrupts of the board itself
 */
#include <asm/config.h>

struct config_rule_table;

/* Rules about a configuration alone, and about the machine it was started on. */
extern const struct config_rule_table arch_config_board;
extern const struct config_rule_table arch_config_machine;

/* Registers of the interrupt controllers, never a partition's; n counts. False: no more. Size 0: not there. */
bool arch_board_window(const struct board *b, unsigned n, const char **name, struct cfg_range *r);

/* Interrupts the architecture itself uses; 0: none. False: no more. */
bool arch_board_irq(const struct board *b, unsigned n, const char **name, uint32_t *irq, bool *cpu_private);
