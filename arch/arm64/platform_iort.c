/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ACPI I/O remapping table (Arm DEN 0049E.b): does a PCI requester id go through an SMMUv3? Owns nothing.
 * The table is hostile: every offset is checked against its size, what does not fit answers "no" [I1].
 */
#include "platform_iort.h"

enum {
	/* 3 IORT: header, number of nodes, offset of the first */
	IORT_NODE_COUNT = 36,
	IORT_NODE_OFFSET = 40,
	/* 3.1 node: type, length, revision, identifier, number of id mappings, their offset in the node */
	NODE_TYPE = 0,
	NODE_LENGTH = 1,
	NODE_MAP_COUNT = 8,
	NODE_MAP_OFFSET = 12,
	NODE_HEADER = 16,
	NODE_ROOT_COMPLEX = 2,
	NODE_SMMUV3 = 4,
	SMMUV3_BASE = 16,
	SMMUV3_MIN = 24,
	/* 3.1.1 id mapping: input base, number of ids minus one, output base, output node, flags */
	MAP_SIZE = 20,
	NODE_MAX = 64,
};

uint32_t iort_u32(const uint8_t *t, uint32_t at)
{
	return (uint32_t)t[at] | (uint32_t)t[at + 1] << 8 | (uint32_t)t[at + 2] << 16 |
	       (uint32_t)t[at + 3] << 24;
}

/* Length of the node at that offset if all of it is inside the table, else 0. */
static uint32_t node_length(const uint8_t *t, uint32_t size, uint32_t at)
{
	if (at > size || size - at < NODE_HEADER) {
		return 0;
	}
	uint32_t length = (uint32_t)t[at + NODE_LENGTH] | (uint32_t)t[at + NODE_LENGTH + 1] << 8;

	return length >= NODE_HEADER && length <= size - at ? length : 0;
}

static bool is_smmu(const uint8_t *t, uint32_t size, uint32_t at, uint64_t base)
{
	if (node_length(t, size, at) < SMMUV3_MIN || t[at + NODE_TYPE] != NODE_SMMUV3) {
		return false;
	}
	return ((uint64_t)iort_u32(t, at + SMMUV3_BASE + 4) << 32 | iort_u32(t, at + SMMUV3_BASE)) == base;
}

static bool node_maps(const uint8_t *t, uint32_t size, uint32_t at, uint32_t rid, uint64_t base)
{
	uint32_t length = node_length(t, size, at);
	uint32_t count = iort_u32(t, at + NODE_MAP_COUNT);
	uint32_t first = iort_u32(t, at + NODE_MAP_OFFSET);

	if (first > length || count > (length - first) / MAP_SIZE) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t m = at + first + i * MAP_SIZE;
		uint32_t in = iort_u32(t, m);

		if (rid >= in && rid - in <= iort_u32(t, m + 4)) {
			return iort_u32(t, m + 8) == in && is_smmu(t, size, iort_u32(t, m + 12), base);
		}
	}
	return false;
}

bool iort_maps(const uint8_t *t, uint32_t size, uint32_t rid, uint64_t base)
{
	if (size < IORT_NODE_OFFSET + 4) {
		return false;
	}
	uint32_t count = iort_u32(t, IORT_NODE_COUNT);
	uint32_t at = iort_u32(t, IORT_NODE_OFFSET);

	for (uint32_t n = 0; n < count && n < NODE_MAX; n++) {
		uint32_t length = node_length(t, size, at);

		if (length == 0) {
			return false;
		}
		if (t[at + NODE_TYPE] == NODE_ROOT_COMPLEX && node_maps(t, size, at, rid, base)) {
			return true;
		}
		at += length;
	}
	return false;
}
