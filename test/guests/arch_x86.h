/* SPDX-License-Identifier: Apache-2.0 */
/* arch.h for x86-64. Included by it. */
#pragma once

#include <bulkhead/errno.h>
#include <bulkhead/guest.h>

/* Devices reach no address of 0xfeexxxxx: there their writes are messages. */
#define ARCH_FOREIGN                                                                    \
	{ BOARD_IRQCHIP_BASE, "the I/O APIC", NO_CPU },                                 \
	{ BOARD_LOCAL_IRQCHIP_BASE, "the local APIC", NO_CPU | NO_DMA },                \
	{ BOARD_LOCAL_IRQCHIP_BASE + 0x1000, "where other CPUs' messages go", NO_DMA }, \
	{ Q35_HPET_BASE, "the HPET, which can write messages", 0 },                     \
	{ Q35_TPM_BASE, "the TPM", NO_DMA },                                            \
	{ Q35_FLASH_BASE, "flash", 0 },                                                 \
	{ Q35_PCI_MEM32_BASE + 0x1000000, "a PCI window nobody owns", NO_DMA },         \
	{ 0xa0000, "the VGA's memory", 0 },                                             \
	{ 0xf0000, "the BIOS", 0 },                                                     \
	{ 0xe0000000, "nothing", NO_DMA },                                              \
	{ 0x7ffffff000, "the last page of 39 bits", NO_DMA },                           \
	{ 0xfffffffff000, "the last page of 48 bits", NO_CPU | TOO_HIGH }

/* --- Calls ----------------------------------------------------------------------------------------------------- */

#define CALL_NAME "vmmcall" /* in names of measurements */

/* One call and nothing else: arguments in registers, no structure. */
static inline uint64_t bare_call(uint64_t fn)
{
	__asm__ volatile("vmmcall" : "+a"(fn) : : "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r10", "memory");
	return fn;
}

static inline uint64_t no_call(uint64_t fn)
{
	__asm__ volatile("" : "+a"(fn) : : "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r10", "memory");
	return fn;
}

#define CALL_PRESERVES "RBX, RBP, RSP and R11 to R15 are preserved"

static inline bool call_preserves(void)
{
	struct bh_regs first = { { BH_HC(BH_HC_SMMU_SAFETY) } };
	uint64_t sum;

	bh_call(&first); /* it also chooses the instruction */
	if (bh_insn != BH_INSN_VMMCALL) {
		return true;
	}
	__asm__ volatile("movq %%rsp, %%r15\n\tpushq %%rbx\n\tpushq %%rbp\n\tmovq %%rsp, %%r14\n\t"
			 "movq $3, %%rbx\n\tmovq $5, %%rbp\n\tmovq $11, %%r11\n\tmovq $12, %%r12\n\tmovq $13, %%r13\n\t"
			 "vmmcall\n\t"
			 "leaq (%%rbx, %%rbp), %%rax\n\taddq %%r11, %%rax\n\taddq %%r12, %%rax\n\taddq %%r13, %%rax\n\t"
			 "addq %%r14, %%rax\n\tsubq %%rsp, %%rax\n\tmovq %%r14, %%rsp\n\tpopq %%rbp\n\tpopq %%rbx\n\t"
			 "addq %%r15, %%rax\n\tsubq %%rsp, %%rax"
			 : "=&a"(sum)
			 : "0"(BH_HC(BH_HC_SMMU_SAFETY))
			 : "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc",
			   "memory");
	return sum == 44;
}

/* What a call that is not Bulkhead's gives. */
enum { OTHERS_CALL = 0x84aa0000u, OTHERS_RESULT = -BH_ENOSYS };

/* --- What costs a trap, for bench.c ---------------------------------------------------------------------------- */

#define BENCH_CALLS                              \
	{ "vmmcall_unknown_others", OTHERS_CALL }

static inline void trap_a(void)
{
	(void)bh_cpuid(0x40000000, 0);
}

static inline void trap_b(void)
{
	(void)mmio_read32(BOARD_IRQCHIP_BASE);
}

static inline void trap_c(void)
{
	(void)port_read8(Q35_PORT_UART + 5);
}

#define TRAP_A_NAME "cpuid"
#define TRAP_B_NAME "ioapic_read"
#define TRAP_C_NAME "uart_status_read"
#define IPI_NAME    "ipi"
#define IDLE_NAME   "hlt"

/* --- Ways to go wrong, for t_crash.c --------------------------------------------------------------------------- */

/* An exception with the gates outside memory. */
static inline void vectors_nowhere(void)
{
	struct {
		uint16_t pad[3];
		uint16_t limit;
		uint64_t base;
	} idtr = { .limit = 0xfff, .base = BOARD_HYP_BASE };

	__asm__ volatile("lidt %0\n\tud2" : : "m"(idtr.limit), "m"(idtr) : "memory");
}

/* The same with the stack, and with the one for double faults. */
static inline void stack_nowhere(void)
{
	trap_gate(TRAP_DF, NULL, 0);
	__asm__ volatile("movq %0, %%rsp\n\tud2" : : "r"(BOARD_HYP_BASE) : "memory");
}

__attribute__((naked)) static void undefined(void)
{
	__asm__ volatile("ud2");
}

/* Lost in exceptions, each handled by the next, on a stack that begins anew each time; the partition goes on. */
static inline void exceptions_for_ever(void)
{
	trap_gate(TRAP_UD, undefined, 1);
	undefined();
}
