/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity map of 39 bits in 1 GiB pages: RAM write-back, everything else uncached and not executable. Constant tables,
 * so that the MMU can be on before the first line of C. CPL 3 may use everything: tests go there. [SDM 3A 4.5]
 */
	.equ	PAGE_TABLE, 0x007		/* P RW US */
	.equ	PAGE_NORMAL, 0x0e7		/* P RW US A D PS */
	.equ	PAGE_DEVICE, 0x0ff		/* P RW US PWT PCD A D PS: uncached in the PAT of reset */
	.equ	PAGE_NX, 1 << 63
	.equ	RAM_GIB_LAST, 1			/* BOARD_RAM_GIB_LAST */

	.section .data.tables, "aw"
	.balign	4096
	.global guest_tables
guest_tables:
	.quad	gigabytes + PAGE_TABLE
	.fill	511, 8, 0
gigabytes:
	.set	gib, 0
	.rept	512
	.if	gib <= RAM_GIB_LAST
	.quad	gib << 30 | PAGE_NORMAL
	.else
	.quad	gib << 30 | PAGE_DEVICE | PAGE_NX
	.endif
	.set	gib, gib + 1
	.endr
