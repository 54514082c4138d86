/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From power-on to C: the arm64 Image header, the boot CPU and the other CPUs. x0 is the device tree on the
 * boot CPU and the CPU's number (PSCI context) on the others. The MMU is off until mmu_enable().
 */
#include <asm/percpu.h>

	.section .head, "ax"
	.global _start
_start:
	b	boot_cpu
	.long	0
	.quad	0			/* text_offset: 2 MiB aligned base + 0 */
	.quad	__image_size
	.quad	0xa			/* little endian, 4 KiB pages, may be anywhere in RAM */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0

boot_cpu:
	msr	daifset, #0xf
	mov	x19, x0
	mrs	x1, mpidr_el1
	adr	x2, _start		/* where we are */
	ldr	x3, =_start		/* where we were linked to be */
	cmp	x2, x3
	b.ne	wrong_address

	/* Nobody has cleared .bss for us. */
	ldr	x1, =__bss_start
	ldr	x2, =__bss_end
1:	cmp	x1, x2
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b
2:	mov	x0, #0
	bl	cpu_setup
	mrs	x20, CurrentEL
	lsr	x20, x20, #2
	ldr	x1, =boot_el
	str	w20, [x1]
	cmp	x20, #2
	b.ne	3f			/* hyp_main() will say what is wrong, without our map */
	bl	el2_setup
	bl	mmu_build
	bl	mmu_enable
3:	mov	x0, x19
	bl	hyp_main
	b	.

/* Not where we were linked: no table can be built. Say so on the UART of the virt board and stop. */
wrong_address:
	adr	x1, wrong_text
	mov	x2, #0x09000000
1:	ldrb	w3, [x1], #1
	cbz	w3, 2f
	str	w3, [x2]
	b	1b
2:	wfi
	b	2b
wrong_text:
	.asciz	"hyp: boot refused: the image is not at its link address; load it with -kernel hyp.bin\n"
	.balign	8
	.ltorg

	.text
	.global cpu_entry
cpu_entry:
	msr	daifset, #0xf
	mov	x19, x0
	bl	cpu_setup
	bl	el2_setup
	bl	mmu_enable
	mov	x0, x19
	bl	hyp_cpu_main
	b	.

/* x0: CPU number → stack, per-CPU pointer. Clobbers x0-x3. */
cpu_setup:
	ldr	x1, =percpu
	mov	x2, #PERCPU_SIZE
	madd	x1, x0, x2, x1
	str	x0, [x1, #PERCPU_ID]
	/* stacks[cpu]: guard page, stack, each STACK_SIZE + 4 KiB apart */
	ldr	x2, =cpu_stacks
	mov	x3, #(STACK_SIZE + 0x1000)
	madd	x2, x0, x3, x2
	add	x2, x2, x3
	str	x2, [x1, #PERCPU_STACK]
	mov	sp, x2
	ldr	x2, =cpu_emerg_stacks
	mov	x3, #EMERG_SIZE
	madd	x2, x0, x3, x2
	add	x2, x2, x3
	str	x2, [x1, #PERCPU_EMERG]
	mrs	x2, CurrentEL
	cmp	x2, #(2 << 2)
	b.ne	1f
	msr	tpidr_el2, x1
	ret
1:	msr	tpidr_el1, x1
	ret

/* A known state of EL2 before any C that depends on it. */
el2_setup:
	mov	x0, #(1 << 31)		/* HCR_EL2: EL1 is AArch64, nothing else yet, E2H off */
	msr	hcr_el2, x0
	isb
	ldr	x0, =0x30c50830		/* SCTLR_EL2: RES1, everything off */
	msr	sctlr_el2, x0
	ldr	x0, =vectors
	msr	vbar_el2, x0
	msr	spsel, #1
	isb
	ret

	.ltorg

	.bss
	.balign	4096
	.global	cpu_stacks, cpu_emerg_stacks
cpu_stacks:
	.space	8 * (STACK_SIZE + 0x1000)
cpu_emerg_stacks:
	.space	8 * EMERG_SIZE
