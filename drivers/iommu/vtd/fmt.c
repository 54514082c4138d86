/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second-level entry this unit walks, as data for hyp/pgtable.c [VT-d 9.8], one constant per set of page
 * sizes. Memory types and execution do not exist in legacy mode: rights are R and W, and what may be read may be
 * fetched. A table's own rights are both, so that the leaf alone decides. SNP, TM and the access flags stay 0; bit
 * 55 is ignored by hardware.
 */
#include "vtd.h"

#define SL_R           BIT64(0)
#define SL_W           BIT64(1)
#define SL_PS          BIT64(7)
#define SL_ADDR        BITS64(47, 12)
#define SL_SOFT        BIT64(55)

#define SL_ATTRS(extra)                                                                     \
	[(extra) | PROT_READ] = SL_R,                                                       \
	[(extra) | PROT_WRITE] = SL_W,                                                      \
	[(extra) | PROT_READ | PROT_WRITE] = SL_R | SL_W

/* A leaf without R and W is not there at all: PROT_EXEC alone cannot be expressed. */
#define SL_FMT(text, levels)                                                                \
	{                                                                                   \
		.name = (text),                                                             \
		.addr = SL_ADDR,                                                            \
		.present = SL_R | SL_W,                                                     \
		.table = SL_R | SL_W,                                                       \
		.type_mask = SL_PS,                                                         \
		.table_type = 0,                                                            \
		.page = 0,                                                                  \
		.block = SL_PS,                                                             \
		.soft = SL_SOFT,                                                            \
		.attr = { SL_ATTRS(0), SL_ATTRS(PROT_DEVICE),                               \
			  [PROT_EXEC | PROT_READ] = SL_R, [PROT_EXEC | PROT_WRITE] = SL_W,  \
			  [PROT_EXEC | PROT_READ | PROT_WRITE] = SL_R | SL_W },             \
		.block_levels = (levels),                                                   \
	}

static const struct pgtable_fmt fmt_4k = SL_FMT("VT-d second level, 4 KiB", 0);
static const struct pgtable_fmt fmt_2m = SL_FMT("VT-d second level, 4 KiB and 2 MiB", 0x2);
static const struct pgtable_fmt fmt_1g = SL_FMT("VT-d second level, 4 KiB to 1 GiB", 0x6);

const struct pgtable_fmt *vtd_fmt(uint64_t sllps)
{
	if ((sllps & SLLPS_2M) == 0) {
		return &fmt_4k;
	}
	return (sllps & SLLPS_1G) != 0 ? &fmt_1g : &fmt_2m;
}
