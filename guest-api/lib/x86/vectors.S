/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gates of all 256 vectors: save everything, call guest_exception(frame), restore. The counter is read as soon as its
 * two registers are free, so that the time from an event to its vector can be measured. Frame: struct frame of
 * exception.c.
 */
#include "runtime.h"

	.section .text.vectors, "ax"
	.balign	VECTOR_STUB_SIZE
	.global guest_vectors
guest_vectors:
	.set	vector, 0
	.rept	256
	.balign	VECTOR_STUB_SIZE
	.if	vector != 8 && vector != 17 && vector != 21 && vector != 29 && vector != 30 && (vector < 10 || vector > 14)
	push	$0				/* where the processor stores no error code */
	.endif
	push	%rax
	push	%rdx
	rdtsc
	push	$vector
	jmp	vector_common
	.set	vector, vector + 1
	.endr

vector_common:
	push	%rcx
	push	%rbx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	shl	$32, %rdx
	or	%rdx, %rax
	push	%rax
	mov	%cr2, %rax
	push	%rax
	cld
	mov	%rsp, %rdi
	call	guest_exception
	add	$16, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rbx
	pop	%rcx
	add	$8, %rsp
	pop	%rdx
	pop	%rax
	add	$8, %rsp
	iretq

/* RDI = function, RSI = its stack; returns when an exception resumes at GS:8. */
	.text
	.global guest_cpl3_enter, guest_cpl3_done
guest_cpl3_enter:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	lea	1f(%rip), %rax
	mov	%rax, %gs:8
	mov	%rsp, %gs:16
	pushq	$SEL_USER_DATA
	push	%rsi
	pushq	$0x202				/* IF */
	pushq	$SEL_USER_CODE
	push	%rdi
	iretq
1:	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

guest_cpl3_done:
	int3
