/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a partition's firmware tables: a place that only moves forward, least significant byte first. vfw*.c only. */
#pragma once

#include <hyp/check.h>
#include <hyp/string.h>
#include <hyp/types.h>

struct board_pci;

struct vfw_out {
	uint8_t *to;
	uint32_t size;
	uint32_t at;
};

static inline void vfw_put(struct vfw_out *o, uint64_t v, unsigned bytes)
{
	CHECK(bytes <= o->size - o->at);
	for (unsigned i = 0; i < bytes; i++) {
		o->to[o->at++] = (uint8_t)(v >> (8 * i));
	}
}

static inline void vfw_text(struct vfw_out *o, const char *text)
{
	for (; *text != '\0'; text++) {
		vfw_put(o, (uint8_t)*text, 1);
	}
}

static inline void vfw_zero(struct vfw_out *o, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		vfw_put(o, 0, 1);
	}
}

/* vfw_aml.c: what follows the DSDT's header. pci NULL: the partition has no PCI. */
void vfw_aml(struct vfw_out *o, const struct board_pci *pci);
