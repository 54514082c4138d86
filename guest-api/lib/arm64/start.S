/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First instructions of a guest, at the first byte of its image: stack, cleared .bss, then C. The same for a
 * vCPU started by PSCI CPU_ON. Entered at EL1h, MMU off, x0 = argument.
 */

	.section .text.start, "ax"
	.global _start
_start:
	msr	daifset, #0xf
	mov	x19, x0
	adrp	x1, guest_vectors
	add	x1, x1, :lo12:guest_vectors
	msr	vbar_el1, x1
	isb
	/*
	 * Memory behind the image need not be zero, and lines the loader left in a cache must not come back
	 * later: clean and invalidate first, then clear with the MMU off, which goes straight to memory.
	 */
	adrp	x1, __bss_start
	add	x1, x1, :lo12:__bss_start
	adrp	x2, __bss_end
	add	x2, x2, :lo12:__bss_end
	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4			/* CTR_EL0.DminLine [19:16]: log2 of words */
	mov	x4, #4
	lsl	x4, x4, x3
	sub	x5, x4, #1
	bic	x5, x1, x5
1:	dc	civac, x5
	add	x5, x5, x4
	cmp	x5, x2
	b.lo	1b
	dsb	sy
2:	cmp	x1, x2				/* both are multiples of 16 */
	b.hs	3f
	stp	xzr, xzr, [x1], #16
	b	2b
3:	mov	x0, #0
	bl	stack_of
	mov	sp, x0
	bl	mmu_build
	bl	mmu_enable
	mov	x0, x19
	bl	guest_start
4:	wfi
	b	4b

/* x0 = index → x0 = top of that vCPU's stack */
stack_of:
	adrp	x1, guest_stacks
	add	x1, x1, :lo12:guest_stacks
	mov	x2, #16384			/* STACK_SIZE of init.c */
	add	x0, x0, #1
	madd	x0, x0, x2, x1
	ret

	.text
	.global secondary_entry
secondary_entry:				/* x0 = index of this vCPU (context id of CPU_ON) */
	msr	daifset, #0xf
	mov	x19, x0
	adrp	x1, guest_vectors
	add	x1, x1, :lo12:guest_vectors
	msr	vbar_el1, x1
	isb
	bl	stack_of
	mov	sp, x0
	bl	mmu_enable
	mov	x0, x19
	bl	secondary_start
5:	wfi
	b	5b
