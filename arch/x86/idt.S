/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt descriptor table's stubs, 16 bytes each. Exceptions run on the emergency stack, NMI on its own; both
 * end in trap_host(); interrupts come only where we let them in (asm/trap.h), so saving what C may change is
 * enough.
 */
	.text
	.balign	16
	.global	idt_stubs
idt_stubs:
	vector = 0
	.rept	256
	.balign	16
	/* 8, 10 to 14, 17, 21, 29 and 30 push an error code themselves [SDM 3A table 6-1; APM 2 table 8-1] */
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	.if vector < 32
	jmp	exception
	.else
	jmp	interrupt
	.endif
	vector = vector + 1
	.endr

exception:
	pushq	%r15
	pushq	%r14
	pushq	%r13
	pushq	%r12
	pushq	%r11
	pushq	%r10
	pushq	%r9
	pushq	%r8
	pushq	%rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rbx
	pushq	%rax
	movq	%rsp, %rdi
	andq	$-16, %rsp
	movq	%rdi, %rbx
	cld
	call	trap_host
	movq	%rbx, %rsp			/* an NMI that was not for us */
	popq	%rax
	popq	%rbx
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rbp
	popq	%r8
	popq	%r9
	popq	%r10
	popq	%r11
	popq	%r12
	popq	%r13
	popq	%r14
	popq	%r15
	addq	$16, %rsp
	iretq

interrupt:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	movq	72(%rsp), %rdi
	cld
	call	irq_entry			/* the CPU aligned the stack: 5 + 2 + 9 words are a multiple of 16 */
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq
