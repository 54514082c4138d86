/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the boot loader to C: the PVH note and the Multiboot2 header, 32-bit entry, long mode on a provisional map of the
 * first GiB; and the page the other CPUs start in. [PVH: start info in EBX; Multiboot2 3.3: EAX magic, EBX information]
 */
#include <asm/percpu.h>
#include <asm/segments.h>

#define CR0_PE		0x1
#define CR0_WP		0x10000
#define CR0_PG		0x80000000
#define CR0_VALUE	(CR0_PG | CR0_WP | 0x33)	/* NE, ET, MP, PE */
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define MSR_GS_BASE	0xc0000101
#define EFER_LME_NXE	0x900

/* EDI: CPU number → its stack and per-CPU data. Clobbers RAX, RCX, RDX, RSI. The image is below 4 GiB. */
	.macro	CPU_SETUP
	movl	%edi, %eax
	imulq	$PERCPU_SIZE, %rax, %rsi
	addq	$percpu, %rsi
	movq	%rax, PERCPU_ID(%rsi)
	movq	%rsi, PERCPU_SELF(%rsi)
	imulq	$(STACK_SIZE + 0x1000), %rax, %rdx	/* a guard page below each stack */
	leaq	cpu_stacks + STACK_SIZE + 0x1000(%rdx), %rdx
	movq	%rdx, PERCPU_STACK(%rsi)
	movq	%rdx, %rsp
	movl	$MSR_GS_BASE, %ecx
	movl	%esi, %eax
	xorl	%edx, %edx
	wrmsr
	.endm

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 8, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.quad	pvh_entry

	.section .head, "ax"
	.balign	8
multiboot2:
	.long	0xe85250d6, 0, multiboot2_end - multiboot2
	.long	0x100000000 - (0xe85250d6 + (multiboot2_end - multiboot2))
	.short	4, 1			/* console flags: none needed */
	.long	12, 0
	.long	0
	.short	0, 0			/* end */
	.long	8
multiboot2_end:

	.code32
	.global	multiboot2_entry
multiboot2_entry:
	movl	%eax, boot_magic
	jmp	entry32
pvh_entry:
	movl	$0, boot_magic
entry32:
	cli
	cld
	movl	%ebx, boot_info
	movl	$__bss_start, %edi	/* whole pages */
	movl	$__bss_end, %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$boot_stack_end, %esp

	/* What we cannot do without, before anything depends on it: long mode and no-execute. */
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	andl	$0x20100000, %edx	/* LM, NX */
	cmpl	$0x20100000, %edx
	jne	no_long_mode

	movl	$boot_pdpt + 3, boot_pml4
	movl	$boot_pd + 3, boot_pdpt
	movl	$boot_pd, %edi
	movl	$0x83, %eax		/* present, writable, 2 MiB */
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b

	movl	$boot_pml4, %eax
	call	long_mode
	ljmp	$SEL_CODE64, $entry64

/* EAX = root table → paging on, compatibility mode. Clobbers EAX, ECX, EDX. */
long_mode:
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME_NXE, %eax
	wrmsr
	movl	$CR0_VALUE, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ret

no_long_mode:
	movl	$no_long_text, %esi
1:	lodsb
	testb	%al, %al
	jz	2f
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	1b
2:	hlt
	jmp	2b
no_long_text:
	.asciz	"hyp: boot refused: the CPU has no 64-bit mode or no NX; start QEMU with -cpu max\r\n"

	.code64
entry64:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%edi, %edi
	CPU_SETUP
	xorl	%edi, %edi
	call	cpu_tables
	call	mmu_build
	call	mmu_enable
	movl	boot_info, %edi
	call	hyp_main
1:	hlt
	jmp	1b

/*
 * The page the other CPUs start in, copied to TRAMPOLINE: real mode, then as above but on our own map. The words at its
 * end are filled in by arch_cpu_start().
 */
	.section .rodata.trampoline, "a"
	.balign	16
	.global	trampoline_start, trampoline_end
trampoline_start:
	.code16
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	TRAMPOLINE + (tramp_gdt_pointer - trampoline_start)
	movl	$(CR0_PE | 0x10), %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $(TRAMPOLINE + (tramp32 - trampoline_start))
	.code32
tramp32:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %ss
	movl	TRAMPOLINE + (tramp_cr3 - trampoline_start), %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME_NXE, %eax
	wrmsr
	movl	$CR0_VALUE, %eax
	movl	%eax, %cr0
	ljmp	$SEL_CODE64, $(TRAMPOLINE + (tramp64 - trampoline_start))
	.code64
tramp64:
	movl	TRAMPOLINE + (tramp_cpu - trampoline_start), %edi
	movl	$ap_entry, %eax
	jmp	*%rax
	.balign	8
tramp_gdt:
	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
tramp_gdt_pointer:
	.short	. - tramp_gdt - 1
	.long	TRAMPOLINE + (tramp_gdt - trampoline_start)
	.balign	8
	.global	tramp_cr3, tramp_cpu
tramp_cr3:
	.quad	0
tramp_cpu:
	.quad	0
trampoline_end:

	.text
	.code64
ap_entry:
	lgdt	gdt_pointer
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%edi, %ebx
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	CPU_SETUP
	pushq	$SEL_CODE64
	pushq	$1f
	lretq
1:	movl	%ebx, %edi
	call	cpu_tables
	call	mmu_enable
	movl	%ebx, %edi
	call	hyp_cpu_main
2:	hlt
	jmp	2b

/* Leaves whatever was on this CPU's stack: void stack_reset(struct vcpu *, void (*fn)(struct vcpu *)) */
	.global	stack_reset
stack_reset:
	movq	%gs:PERCPU_STACK, %rsp
	xorl	%ebp, %ebp
	call	*%rsi
	ud2

	.data
	.balign	8
gdt_pointer:
	.short	gdt_size - 1
	.quad	gdt
	.balign	4
	.global	boot_magic, boot_info
boot_magic:
	.long	0
boot_info:
	.long	0

	.balign	16
	.global	gdt
gdt:
	.quad	0
	.quad	0x00af9b000000ffff		/* 64-bit code */
	.quad	0x00cf93000000ffff		/* data */
	.quad	0x00cf9b000000ffff		/* 32-bit code, for the trampoline */
	.fill	2 * 8, 8, 0			/* a TSS for each CPU: cpu_tables() */
	.set	gdt_size, . - gdt

	.bss
	.balign	4096
boot_pml4:
	.space	4096
boot_pdpt:
	.space	4096
boot_pd:
	.space	4096
	.global	cpu_stacks, cpu_emerg_stacks, cpu_nmi_stacks
cpu_stacks:
	.space	8 * (STACK_SIZE + 0x1000)
boot_stack_end = cpu_stacks + STACK_SIZE + 0x1000
cpu_emerg_stacks:
	.space	8 * EMERG_SIZE
cpu_nmi_stacks:
	.space	8 * NMI_STACK_SIZE
