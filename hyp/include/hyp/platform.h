/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware tables say is there: the configuration's struct board, and what only a machine can tell. */
#pragma once

#include <hyp/config.h>

enum { BYPASS_MAX = 40, NOTE_MAX = 8, DIFF_TEXT = 200 };

/* A DMA-capable device that no unit controls (virtio-mmio, fw_cfg): never to be given to a partition. */
struct bypass_device {
	const char *what; /* "virtio-mmio", "fw_cfg" */
	uint64_t base;
	uint64_t size;
	bool present; /* a virtio-mmio slot with a device behind it, not an empty slot */
};

/*
 * Which PCI functions a unit translates, as ACPI's DMAR names them: a start bus and steps of device and function
 * through bridges [VT-d 8.3.1]. Bus numbers behind bridges are ours, so a scope is resolved
 * after pci_init() (hyp/pci_scope.c).
 */
enum { SCOPE_MAX = 64, SCOPE_PATH_MAX = 8, RMRR_MAX = 16 };

enum scope_kind { SCOPE_ALL, SCOPE_ENDPOINT, SCOPE_BRIDGE }; /* ALL: everything no other unit names */

struct pci_scope {
	enum scope_kind kind;
	uint8_t bus;
	uint8_t path_count;
	uint8_t path[SCOPE_PATH_MAX]; /* device << 3 | function */
	uint8_t unit;                 /* index into board.unit; unused for a reserved region */
};

/* A reserved memory region (RMRR) of one function. */
struct pci_reserved {
	struct cfg_range range;
	struct pci_scope scope;
};

struct platform {
	struct board board;
	bool valid;        /* the table could be read at all */
	const char *error; /* if not: why, in words */
	struct cfg_range image; /* where this image is, with its bss and stacks: has to be inside hyp_ram */
	struct {
		bool there;    /* the firmware offers PSCI at all */
		bool smc;      /* conduit */
	} psci;            /* arm64 */
	unsigned bypass_count;
	struct bypass_device bypass[BYPASS_MAX];
	bool unit_unreached; /* an IOMMU unit that nobody can block: no place in board.unit, or no registers */
	bool scopes;           /* the firmware says which unit translates what: the two lists below */
	unsigned scope_count;
	struct pci_scope scope[SCOPE_MAX];
	unsigned reserved_count;
	struct pci_reserved reserved[RMRR_MAX];
	bool no_virt;          /* this CPU has none, or it is locked, or we were started where it is no use … */
	const char *virt_why;  /* … why, and the option to set: one sentence */
	bool no_intremap;      /* x86: interrupts of devices cannot be remapped */
	unsigned note_count; /* what the reader could not represent or did not believe, in words */
	const char *note[NOTE_MAX];
};

/* The machine's unit with this register base, or NULL. The order of units differs from the configuration's. */
static inline struct board_unit *board_unit_find(struct board *b, uint64_t base)
{
	for (unsigned i = 0; i < b->unit_count && i < UNIT_MAX; i++) {
		if (b->unit[i].base == base) {
			return &b->unit[i];
		}
	}
	return NULL;
}

/*
 * Puts the machine's units into the configuration's order, so that one number means one unit everywhere: a device's
 * .unit is an index into the configuration's [I2]. Units that the configuration does not name come after.
 */
void platform_order_units(struct platform *p, const struct hyp_config *cfg);

/*
 * Compares the configuration with the machine and with itself; calls report() once per broken rule
 * (all of them, not the first). fatal: the boot must not go on. Returns the number of fatal ones.
 * platform may be NULL: then only the configuration itself is judged (build time).
 * text: what is wrong, with the address or name, then what to change (QEMU option or configuration line).
 */
typedef void config_report_fn(void *ctx, const char *rule, bool fatal, const char *text);

unsigned config_check(const struct hyp_config *cfg, const struct platform *p,
		      config_report_fn *report, void *ctx);
