/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First instructions of a guest, at the first byte of its image: stack, cleared .bss, long mode, then C; and the same for
 * a vCPU started by SIPI. Entered as the PVH ABI says: 32-bit protected mode, flat segments, paging off, EBX = start
 * info; ESI and EDI are the low and the high half of the argument. Linked below 4 GiB; the CPU must have 1 GiB pages.
 */
#include "runtime.h"

	.equ	CR0_VALUE, 0x80010031		/* PG WP NE ET PE */
	.equ	CR4_VALUE, 0x20			/* PAE */
	.equ	MSR_EFER, 0xc0000080
	.equ	EFER_LME_NXE, 0x900

	.section .text.start, "ax"
	.code32
	.global _start
_start:
	cli
	cld
	mov	%edi, %ebp
	mov	$__bss_start, %edi		/* memory behind the image need not be zero */
	mov	$__bss_end, %ecx
	sub	%edi, %ecx
	shr	$2, %ecx			/* both are multiples of 16 */
	xor	%eax, %eax
	rep stosl
	mov	$guest_stacks + STACK_SIZE, %esp
	mov	$start64, %edi
	jmp	long_mode

/* EDI = where to go on in 64-bit mode; EBP, ESI and the stack are kept. */
long_mode:
	mov	$CR4_VALUE, %eax
	mov	%eax, %cr4
	mov	$guest_tables, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_LME_NXE, %eax
	wrmsr
	mov	$CR0_VALUE, %eax
	mov	%eax, %cr0
	lgdt	gdtr
	ljmp	$SEL_CODE, $1f
	.code64
1:	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax			/* no selectors there: GS.base is a register */
	mov	%eax, %fs
	mov	%eax, %gs
	jmp	*%rdi

start64:
	shl	$32, %rbp
	mov	%esi, %edi
	or	%rbp, %rdi
	xor	%ebp, %ebp
	call	guest_start
2:	hlt
	jmp	2b

	.code32
secondary32:					/* as trampoline left it: protected mode, no segments yet */
	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$1, %eax
	cpuid
	shr	$24, %ebx			/* the initial APIC id is this vCPU's index */
	cmp	$8, %ebx			/* GUEST_VCPU_MAX */
	jae	3f
	mov	%ebx, %esi
	lea	1(%ebx), %esp
	shl	$STACK_SHIFT, %esp
	add	$guest_stacks, %esp
	mov	$secondary64, %edi
	jmp	long_mode
3:	hlt
	jmp	3b
	.code64
secondary64:
	mov	%esi, %edi
	xor	%ebp, %ebp
	call	secondary_start
4:	hlt
	jmp	4b

/* Copied to Q35_LOW_PAGE: SIPI starts at its first byte in real mode, CS.base = its address, IP = 0. */
	.section .rodata.trampoline, "a"
	.code16
	.global trampoline_start, trampoline_end
trampoline_start:
	cli
	lgdtl	%cs:trampoline_gdtr - trampoline_start
	mov	$0x11, %eax			/* ET PE */
	mov	%eax, %cr0
	ljmpl	$SEL_CODE32, $secondary32
trampoline_gdtr:
	.word	guest_gdt_end - guest_gdt - 1
	.long	guest_gdt
trampoline_end:
	.code64

	.section .data.gdt, "aw"
	.balign	16
	.global guest_gdt
guest_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff		/* SEL_CODE32 */
	.quad	0x00af9b000000ffff		/* SEL_CODE */
	.quad	0x00cf93000000ffff		/* SEL_DATA */
	.quad	0x00cff3000000ffff		/* SEL_USER_DATA */
	.quad	0x00affb000000ffff		/* SEL_USER_CODE */
	.fill	16, 8, 0			/* a TSS for each vCPU: exception.c */
guest_gdt_end:
gdtr:
	.word	guest_gdt_end - guest_gdt - 1
	.quad	guest_gdt
