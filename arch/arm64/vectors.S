/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions at EL2. From a guest: only what C may clobber is saved (x0-x18, x29, x30; x19 keeps the vCPU); the
 * slow paths add x20-x28, because an emulated access may name any register. The guest's frame is always at the top of the
 * CPU's stack, so nothing has to be looked up. From ourselves: a register dump on a stack of its own.
 */
#include <asm/percpu.h>
#include <asm/offsets.h>

#define ESR_HVC64_0	0x5a000000	/* EC 0x16, IL, immediate 0 */

	.macro	save_fast
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x29, x30, [sp, #232]
	.endm

	.macro	entry label
	.balign	128
	save_fast
	b	\label
	.endm

	.macro	unexpected kind
	.balign	128
	msr	tpidr_el0, x0		/* the guest's copy is lost: there is no way back from here */
	mov	x0, #\kind
	b	el2_fault
	.endm

	.text
	.balign	2048
	.global	vectors
vectors:
	unexpected 0			/* current EL, SP_EL0 */
	unexpected 1
	unexpected 2
	unexpected 3
	unexpected 4			/* current EL, SP_EL2: bugs of ours */
	unexpected 5
	unexpected 6
	unexpected 7

	.balign	128			/* lower EL, AArch64, synchronous */
	save_fast
	mrs	x9, esr_el2
	mov	w10, #ESR_HVC64_0
	mrs	x11, tpidr_el2
	cmp	w9, w10
	b.ne	guest_sync
	mov	w10, #BH_HC_BASE_ASM
	ldr	x19, [x11, #PERCPU_VCPU]
	b	guest_hypercall

	entry	guest_irq		/* lower EL, AArch64 */
	entry	guest_irq
	entry	guest_serror

	entry	guest_sync		/* lower EL, AArch32 */
	entry	guest_irq
	entry	guest_irq
	entry	guest_serror

guest_irq:
	mrs	x9, tpidr_el2
	ldr	x19, [x9, #PERCPU_VCPU]
	mov	x0, x19
	bl	gic_irq_entry
	b	guest_return

/* A call of ours goes straight to its handler; SMCCC and PSCI calls need no more registers than it does. */
guest_hypercall:
	sub	w9, w0, w10		/* a function id is 32 bits [SMCCC 2.6]; x9 is zero-extended */
	ldr	x10, =hypercall_table
	cmp	w9, #BH_HC_COUNT_ASM
	mov	x0, x19
	b.hs	1f
	csdb				/* no handler is guessed from an index out of range */
	ldr	x10, [x10, x9, lsl #3]
	blr	x10
	b	guest_return
1:	bl	trap_hvc
	b	guest_return

	.macro	slow_call fn
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	str	x28, [sp, #224]
	mrs	x9, tpidr_el2
	ldr	x19, [x9, #PERCPU_VCPU]
	mov	x0, x19
	bl	\fn
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldr	x28, [sp, #224]
	b	guest_return
	.endm

guest_sync:
	slow_call trap_sync
guest_serror:
	slow_call trap_serror

/* vcpu_enter(): first entry of a vCPU, its frame already filled. */
	.global	vcpu_enter
vcpu_enter:
	mrs	x9, tpidr_el2
	ldr	x9, [x9, #PERCPU_STACK]
	sub	sp, x9, #FRAME_SIZE
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldr	x28, [sp, #224]
	b	guest_restore

/* x19: the vCPU. */
guest_return:
	ldr	w1, [x19, #VCPU_VGIC_DIRTY]
	cbnz	w1, guest_flush
guest_restore:
	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x29, x30, [sp, #232]
	add	sp, sp, #FRAME_SIZE
	eret
	dsb	nsh			/* nothing is speculated past an exception return */
	isb
guest_flush:
	mov	x0, x19
	bl	vgic_flush
	b	guest_restore

/* vcpu_reset_stack(vcpu, fn): calls fn(vcpu) with an empty stack; nothing comes back. */
	.global	vcpu_reset_stack
vcpu_reset_stack:
	mrs	x9, tpidr_el2
	ldr	x9, [x9, #PERCPU_STACK]
	mov	sp, x9
	mov	x29, #0
	mov	x30, #0
	br	x1

/* x0: which vector; the real x0 is in TPIDR_EL0, the real SP in SP_EL2 until we leave it. */
el2_fault:
	msr	tpidrro_el0, x1
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #PERCPU_EMERG]
	sub	x1, x1, #FRAME_SIZE + 16
	stp	x2, x3, [x1, #16]
	stp	x4, x5, [x1, #32]
	stp	x6, x7, [x1, #48]
	stp	x8, x9, [x1, #64]
	stp	x10, x11, [x1, #80]
	stp	x12, x13, [x1, #96]
	stp	x14, x15, [x1, #112]
	stp	x16, x17, [x1, #128]
	stp	x18, x19, [x1, #144]
	stp	x20, x21, [x1, #160]
	stp	x22, x23, [x1, #176]
	stp	x24, x25, [x1, #192]
	stp	x26, x27, [x1, #208]
	stp	x28, x29, [x1, #224]
	mov	x2, sp
	stp	x30, x2, [x1, #240]
	mov	sp, x1
	mrs	x2, tpidr_el0
	mrs	x3, tpidrro_el0
	stp	x2, x3, [sp, #0]
	mov	x1, sp
	b	trap_el2_fault
