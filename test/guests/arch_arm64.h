/* SPDX-License-Identifier: Apache-2.0 */
/* arch.h for arm64. Included by it. */
#pragma once

#include <bulkhead/guest.h>

#define ARCH_FOREIGN                                                                    \
	{ VIRT_GICD_BASE, "the GIC's distributor", NO_CPU },                            \
	{ VIRT_GICR_BASE, "a GIC redistributor", NO_CPU },                              \
	{ VIRT_ITS_BASE, "the ITS", NO_DMA },                                           \
	{ VIRT_ITS_BASE + 0x10040, "the ITS's doorbell", 0 },                           \
	{ VIRT_UART_BASE, "the UART", NO_CPU },                                         \
	{ BOARD_IOMMU_BASE + 0x10000, "the SMMU's second page", NO_DMA },               \
	{ VIRT_FWCFG_BASE, "fw_cfg: its DMA passes every SMMU [threat 56]", 0 },        \
	{ VIRT_FWCFG_BASE + 0x10, "fw_cfg's DMA register", NO_DMA },                    \
	{ VIRT_VIRTIO_MMIO_BASE, "virtio-mmio [threat 57]", NO_DMA },                   \
	{ VIRT_RTC_BASE, "the clock", NO_DMA },                                         \
	{ VIRT_PCI_MEM32_BASE + 0x2000000, "a PCI window nobody owns", NO_DMA },        \
	{ 0, "flash", 0 },                                                              \
	{ 0x3f0000000, "nothing", NO_DMA },                                             \
	{ 0x7ffffff000, "the end of what the guest can address", NO_DMA },              \
	{ 0xfffffffff000, "the last page of 48 bits", NO_CPU | TOO_HIGH }

/* --- Calls ----------------------------------------------------------------------------------------------------- */

#define CALL_NAME "hvc" /* in names of measurements */

/* One call and nothing else: arguments in registers, no structure. */
static inline uint64_t bare_call(uint64_t fn)
{
	register uint64_t x0 __asm__("x0") = fn;

	__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "memory");
	return x0;
}

static inline uint64_t no_call(uint64_t fn)
{
	register uint64_t x0 __asm__("x0") = fn;

	__asm__ volatile("" : "+r"(x0) : : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "memory");
	return x0;
}

#define CALL_PRESERVES "x8 to x18 are preserved"

static inline bool call_preserves(void)
{
	uint64_t sum;

	__asm__ volatile("mov x8, #8\n\tmov x9, #9\n\tmov x10, #10\n\tmov x11, #11\n\tmov x12, #12\n\t"
			 "mov x13, #13\n\tmov x14, #14\n\tmov x15, #15\n\tmov x16, #16\n\tmov x17, #17\n\t"
			 "mov x18, #18\n\tmov w0, %w1\n\tmov x1, #0\n\thvc #0\n\t"
			 "add %0, x8, x9\n\tadd %0, %0, x10\n\tadd %0, %0, x11\n\tadd %0, %0, x12\n\t"
			 "add %0, %0, x13\n\tadd %0, %0, x14\n\tadd %0, %0, x15\n\tadd %0, %0, x16\n\t"
			 "add %0, %0, x17\n\tadd %0, %0, x18"
			 : "=&r"(sum)
			 : "r"(BH_HC(BH_HC_SMMU_SAFETY))
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			   "x14", "x15", "x16", "x17", "x18", "memory");
	return sum == 143;
}

/* What a call that is not Bulkhead's gives: SMCCC's NOT_SUPPORTED. */
enum { OTHERS_CALL = 0x84aa0000u, OTHERS_RESULT = -1 };

/* --- What costs a trap, for bench.c ---------------------------------------------------------------------------- */

#define BENCH_CALLS                                                              \
	{ "hvc_unknown_smccc", OTHERS_CALL },                                    \
	{ "hvc_psci_version", PSCI_VERSION }

static inline void trap_a(void)
{
	(void)mmio_read32(VIRT_GICD_BASE + 8);
}

static inline void trap_b(void)
{
	(void)mmio_read32(VIRT_GICR_BASE + 8);
}

static inline void trap_c(void)
{
	(void)mmio_read32(VIRT_UART_BASE + 0x18);
}

#define TRAP_A_NAME "gicd_read"
#define TRAP_B_NAME "gicr_read"
#define TRAP_C_NAME "uart_flag_read"
#define IPI_NAME    "sgi"
#define IDLE_NAME   "wfi"

/* --- Ways to go wrong, for t_crash.c --------------------------------------------------------------------------- */

/* An exception with the vector base outside memory: aborts for ever. */
static inline void vectors_nowhere(void)
{
	sysreg_write(vbar_el1, BOARD_HYP_BASE);
	cpu_isb();
	__asm__ volatile("udf #0");
}

/* The same with the stack. */
static inline void stack_nowhere(void)
{
	__asm__ volatile("mov sp, %0\n\tudf #0" : : "r"(BOARD_HYP_BASE) : "memory");
}

/* Lost in exceptions that it cannot take; the partition goes on. */
static inline void exceptions_for_ever(void)
{
	vectors_nowhere();
}
