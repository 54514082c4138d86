/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into the guest and out again, for ever: void svm_loop(struct vcpu *, uint64_t vmcb_pa, uint64_t host_pa).
 * Between CLGI and STGI nothing interrupts us, NMI included; interrupts that come while the guest runs end it because of
 * IF = 1 at VMRUN [APM 2 15.17, 15.21.1]. FS, GS, TR, LDTR and the system-call MSRs are ours again before STGI.
 */
#include <asm/guest_offsets.h>

	.text
	.balign	64
	.global	svm_loop
svm_loop:
	subq	$24, %rsp
	movq	%rdi, 16(%rsp)
	movq	%rsi, 8(%rsp)
	movq	%rdx, (%rsp)
1:	movq	16(%rsp), %rdi
	movq	8(%rsp), %rax
	clgi
	sti
	vmload	%rax
	movq	REG_RSI(%rdi), %rsi
	movq	REG_RDX(%rdi), %rdx
	movq	REG_RCX(%rdi), %rcx
	movq	REG_R8(%rdi), %r8
	movq	REG_R9(%rdi), %r9
	movq	REG_R10(%rdi), %r10
	movq	REG_RBX(%rdi), %rbx
	movq	REG_RBP(%rdi), %rbp
	movq	REG_R11(%rdi), %r11
	movq	REG_R12(%rdi), %r12
	movq	REG_R13(%rdi), %r13
	movq	REG_R14(%rdi), %r14
	movq	REG_R15(%rdi), %r15
	movq	REG_RDI(%rdi), %rdi
	vmrun	%rax
	vmsave	%rax
	movq	(%rsp), %rax
	vmload	%rax
	cli
	stgi
	movq	16(%rsp), %rax
	movq	%rdi, REG_RDI(%rax)
	movq	%rsi, REG_RSI(%rax)
	movq	%rdx, REG_RDX(%rax)
	movq	%rcx, REG_RCX(%rax)
	movq	%r8, REG_R8(%rax)
	movq	%r9, REG_R9(%rax)
	movq	%r10, REG_R10(%rax)
	movq	%rbx, REG_RBX(%rax)
	movq	%rbp, REG_RBP(%rax)
	movq	%r11, REG_R11(%rax)
	movq	%r12, REG_R12(%rax)
	movq	%r13, REG_R13(%rax)
	movq	%r14, REG_R14(%rax)
	movq	%r15, REG_R15(%rax)
	movq	%rax, %rdi
	call	svm_exit
	jmp	1b

/* void svm_state_save(uint64_t pa): this CPU's own FS, GS, TR, LDTR and system-call MSRs */
	.global	svm_state_save
svm_state_save:
	movq	%rdi, %rax
	vmsave	%rax
	ret
