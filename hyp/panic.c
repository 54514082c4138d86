/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Design Safe State: every unit blocks every stream, every CPU stops, the reason is printed and kept in
 * memory for a debugger. Entered on a contradiction of our own, never for what a guest or a device did.
 */
#include <hyp/check.h>

#include <arch/cpu.h>
#include <hyp/console.h>
#include <hyp/iommu.h>
#include <hyp/log.h>

/* Read it with a debugger: the text survives a warm reset, the magic says that it is one. */
struct panic_record {
	uint64_t magic;
	char text[248];
};

struct panic_record panic_record __attribute__((section(".noinit")));

enum { PANIC_MAGIC = 0x53534442 }; /* "BDSS" */

static bool panicking;

static __noreturn void panic_stop(const char *fmt, va_list ap)
{
	if (__atomic_exchange_n(&panicking, true, __ATOMIC_SEQ_CST)) {
		arch_cpu_park(); /* somebody else was first, or we failed again on the way */
	}
	iommu_block_all();
	arch_ipi_park_others();
	(void)hyp_vsnprintf(panic_record.text, sizeof(panic_record.text), fmt, ap);
	panic_record.magic = PANIC_MAGIC;
	console_panic();
	console_line(panic_record.text);
	console_line("Design Safe State: all DMA is blocked, all CPUs are stopped");
	arch_cpu_park();
}

void hyp_panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	panic_stop(fmt, ap);
}

void hyp_check_failed(const char *what, const char *file, unsigned line)
{
	hyp_panic("panic: %s:%u: contradiction: %s is false", file, line, what);
}

/* The compiler's stack protector. The value is fixed at boot by the architecture's entropy, if it has any. */
uintptr_t __stack_chk_guard __sealed = 0x595e9fbd94fda766u;
__noreturn void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
	hyp_panic("panic: a stack frame was overwritten");
}
