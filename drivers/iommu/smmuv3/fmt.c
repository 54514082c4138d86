/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two descriptor formats this unit walks, as data for hyp/pgtable.c: VMSAv8-64 with the 4 KiB granule
 * [Arm DDI 0487 D8.3]. The access flag is always set (no unit is asked to manage it), stage-1 leaves are never
 * global, so that an ASID always tags them; bit 55 is ignored by hardware in both.
 */
#include "smmuv3.h"

#define DESC_VALID     BIT64(0)
#define DESC_TABLE     BITS64(1, 0)
#define DESC_PAGE      BITS64(1, 0)
#define DESC_BLOCK     BIT64(0)
#define DESC_ADDR      BITS64(47, 12)
#define DESC_SOFT      BIT64(55)
#define DESC_AF        BIT64(10)
#define FIELD_CONST(v, lo) ((uint64_t)(v) << (lo))
#define DESC_SH_INNER  FIELD_CONST(3, 8)

/* Stage 2: MemAttr [5:2], S2AP [7:6], XN [54:53] (0b10: nobody executes, with and without XNX). */
#define S2_NORMAL      (FIELD_CONST(0xf, 2) | DESC_SH_INNER | DESC_AF)
#define S2_DEVICE      (FIELD_CONST(0x1, 2) | DESC_AF)
#define S2_R           BIT64(6)
#define S2_W           BIT64(7)
#define S2_XN          BIT64(54)

/* Stage 1: AttrIndx [4:2] (0 normal, 1 device: see CD.MAIR), AP[2:1] [7:6], nG [11], PXN [53], UXN [54]. */
#define S1_NORMAL      (DESC_SH_INNER | DESC_AF | BIT64(11))
#define S1_DEVICE      (FIELD_CONST(1, 2) | DESC_AF | BIT64(11))
#define S1_RW          FIELD_CONST(1, 6)
#define S1_RO          FIELD_CONST(3, 6)
#define S1_XN          (BIT64(53) | BIT64(54))

#define S2_ATTRS(type, dev)                                                                 \
	[(dev) | PROT_READ] = (type) | S2_R | S2_XN,                                        \
	[(dev) | PROT_WRITE] = (type) | S2_W | S2_XN,                                       \
	[(dev) | PROT_READ | PROT_WRITE] = (type) | S2_R | S2_W | S2_XN

/* A stage-1 leaf that can be written can be read: cap.read_implied. */
#define S1_ATTRS(type, dev)                                                                 \
	[(dev) | PROT_READ] = (type) | S1_RO | S1_XN,                                       \
	[(dev) | PROT_WRITE] = (type) | S1_RW | S1_XN,                                      \
	[(dev) | PROT_READ | PROT_WRITE] = (type) | S1_RW | S1_XN

const struct pgtable_fmt smmuv3_s2_fmt = {
	.name = "SMMUv3 stage 2",
	.addr = DESC_ADDR,
	.present = DESC_VALID,
	.table = DESC_TABLE,
	.type_mask = DESC_TABLE,
	.table_type = DESC_TABLE,
	.page = DESC_PAGE,
	.block = DESC_BLOCK,
	.soft = DESC_SOFT,
	.attr = {
		S2_ATTRS(S2_NORMAL, 0),
		S2_ATTRS(S2_DEVICE, PROT_DEVICE),
		[PROT_EXEC] = S2_NORMAL,
		[PROT_EXEC | PROT_READ] = S2_NORMAL | S2_R,
		[PROT_EXEC | PROT_WRITE] = S2_NORMAL | S2_W,
		[PROT_EXEC | PROT_READ | PROT_WRITE] = S2_NORMAL | S2_R | S2_W,
	},
	.block_levels = 0x6,
};

const struct pgtable_fmt smmuv3_s1_fmt = {
	.name = "SMMUv3 stage 1",
	.addr = DESC_ADDR,
	.present = DESC_VALID,
	.table = DESC_TABLE,
	.type_mask = DESC_TABLE,
	.table_type = DESC_TABLE,
	.page = DESC_PAGE,
	.block = DESC_BLOCK,
	.soft = DESC_SOFT,
	.attr = {
		S1_ATTRS(S1_NORMAL, 0),
		S1_ATTRS(S1_DEVICE, PROT_DEVICE),
		/* PXN stays: what unprivileged accesses can write, privileged ones must not execute. */
		[PROT_EXEC | PROT_READ] = S1_NORMAL | S1_RO | BIT64(53),
		[PROT_EXEC | PROT_READ | PROT_WRITE] = S1_NORMAL | S1_RW | BIT64(53),
	},
	.block_levels = 0x6,
};
