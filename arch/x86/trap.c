/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions of the hypervisor itself: each is a bug of ours and ends in the Design Safe State with a register dump. */
#include <asm/trap.h>

#include <arch/cpu.h>
#include <asm/io.h>
#include <hyp/check.h>
#include <hyp/console.h>
#include <hyp/log.h>

enum { VECTOR_NMI = 2 };

static bool park;

void trap_park_on_nmi(void)
{
	__atomic_store_n(&park, true, __ATOMIC_SEQ_CST);
}

static const char *exception_name(uint64_t vector)
{
	static const char *const name[] = {
		"divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode",
		"no coprocessor", "double fault", "coprocessor overrun", "invalid TSS", "segment not present",
		"stack fault", "general protection", "page fault", "15", "x87",
		"alignment check", "machine check", "SIMD",
	};

	return vector < ARRAY_COUNT(name) ? name[vector] : "reserved";
}

static void dump_registers(const struct host_frame *f)
{
	log_error(" rax %016lx  rbx %016lx  rcx %016lx", f->rax, f->rbx, f->rcx);
	log_error(" rdx %016lx  rsi %016lx  rdi %016lx", f->rdx, f->rsi, f->rdi);
	log_error(" rbp %016lx  rsp %016lx  r8  %016lx", f->rbp, f->rsp, f->r8);
	log_error(" r9  %016lx  r10 %016lx  r11 %016lx", f->r9, f->r10, f->r11);
	log_error(" r12 %016lx  r13 %016lx  r14 %016lx", f->r12, f->r13, f->r14);
	log_error(" r15 %016lx  cr2 %016lx  cr3 %016lx", f->r15, cr2_read(), cr3_read());
}

void trap_host(const struct host_frame *f)
{
	if (f->vector == VECTOR_NMI) {
		if (__atomic_load_n(&park, __ATOMIC_SEQ_CST)) {
			arch_cpu_park();
		}
		return; /* somebody's watchdog; there is nothing for us to do */
	}
	console_panic();
	log_error("cpu %u: unexpected exception in the hypervisor: %s", arch_cpu_this(), exception_name(f->vector));
	log_error(" error %08lx  rip %016lx  cs %lx  rflags %08lx", f->error, f->rip, f->cs, f->rflags);
	dump_registers(f);
	hyp_panic("panic: exception %lu at 0x%lx", f->vector, f->rip);
}
