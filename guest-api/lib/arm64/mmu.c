/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity map of 39 bits in 1 GiB blocks: RAM Normal write-back, everything else Device and not executable.
 * Owns the one translation table. [Arm ARM D8.3, VMSAv8-64 stage 1]
 */
#include "runtime.h"

enum {
	BLOCK_VALID = 1 << 0,
	BLOCK_DEVICE = 0 << 2,     /* AttrIndx [4:2] */
	BLOCK_NORMAL = 1 << 2,
	BLOCK_INNER = 3 << 8,      /* SH [9:8] */
	BLOCK_ACCESSED = 1 << 10,
};

#define BLOCK_NO_EXEC (3ull << 53) /* UXN, PXN [54:53] */

#define MAIR_VALUE 0xff04ull /* Attr0 Device-nGnRE, Attr1 Normal write-back read/write-allocate */

/* TCR_EL1: T0SZ 25, IRGN0/ORGN0 write-back, SH0 inner, TG0 4 KiB, EPD1; IPS is added. */
#define TCR_VALUE (25ull | 1ull << 8 | 1ull << 10 | 3ull << 12 | 1ull << 23)
#define TCR_IPS_SHIFT 32

/* SCTLR_EL1: the RES1 bits of Armv8.0, C, I and M. */
#define SCTLR_VALUE (0x30d00800ull | 1ull << 12 | 1ull << 2 | 1ull)

static uint64_t table[512] GUEST_PAGE;

/* With the MMU off: the stores go to memory, where the walker finds them. */
void mmu_build(void)
{
	uint64_t gib;

	for (gib = 0; gib < 512; gib++) {
		uint64_t attr = BLOCK_VALID | BLOCK_ACCESSED;

		if (gib >= BOARD_RAM_GIB_FIRST && gib <= BOARD_RAM_GIB_LAST) {
			attr |= BLOCK_NORMAL | BLOCK_INNER;
		} else {
			attr |= BLOCK_DEVICE | BLOCK_NO_EXEC;
		}
		*(volatile uint64_t *)&table[gib] = gib << 30 | attr;
	}
}

void mmu_enable(void)
{
	uint64_t ips = sysreg_read(id_aa64mmfr0_el1) & 0xf; /* PARange [3:0] */

	ips = ips > 5 ? 5 : ips;
	sysreg_write(mair_el1, MAIR_VALUE);
	sysreg_write(tcr_el1, TCR_VALUE | ips << TCR_IPS_SHIFT);
	sysreg_write(ttbr0_el1, (uintptr_t)table);
	__asm__ volatile("dsb sy\n\tisb\n\ttlbi vmalle1\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
	sysreg_write(sctlr_el1, SCTLR_VALUE);
	cpu_isb();
}
