/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vectors call: interrupts go to irq.c, expected exceptions to the test that expects them, the rest is
 * printed and ends the partition. Owns the IDT, each vCPU's TSS and what it keeps at GS.base.
 */
#include "runtime.h"

struct frame {
	uint64_t cr2;
	uint64_t ticks;
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rbx, rcx;
	uint64_t vector;
	uint64_t rdx, rax;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(offsetof(struct guest_cpu, resume_ip) == 8, "TRAP_TRY, vectors.S");
_Static_assert(offsetof(struct guest_cpu, resume_sp) == 16, "TRAP_TRY, vectors.S");

#define MSR_GS_BASE 0xc0000101u
#define NO_TRAP     (~0ull)

/* Gates and system segments [SDM 3A figures 6-8 and 7-4]: P [47], DPL [46:45], type [43:40]. */
#define GATE_INTERRUPT (1ull << 47 | 0xeull << 40)
#define GATE_CPL3      (3ull << 45)
#define GATE_IST_SHIFT 32
#define TSS_AVAILABLE  (1ull << 47 | 9ull << 40)

enum { VECTOR_COUNT = 256, VECTOR_IRQ = 32, TSS_WORDS = 26, TSS_RSP0 = 1, TSS_IST1 = 9, TSS_IOMAP = 25,
       CPL3_STACK = 1024 };

struct table_register {
	uint16_t pad[3];
	uint16_t limit;
	uint64_t base;
};

static uint64_t idt[VECTOR_COUNT][2] __attribute__((aligned(16)));
static uint32_t tss[GUEST_VCPU_MAX][TSS_WORDS] __attribute__((aligned(16)));
static uint8_t emergency_stacks[GUEST_VCPU_MAX][EMERGENCY_SIZE] __attribute__((aligned(16)));
static uint64_t cpl3_stacks[GUEST_VCPU_MAX][CPL3_STACK / 8] __attribute__((aligned(16)));
static struct guest_cpu cpus[GUEST_VCPU_MAX];

void guest_exception(struct frame *f); /* from vectors.S */

void trap_gate(unsigned vector, void (*fn)(void), unsigned ist)
{
	uint64_t entry = fn != NULL ? (uintptr_t)fn : (uintptr_t)guest_vectors + vector * VECTOR_STUB_SIZE;
	uint64_t attr = GATE_INTERRUPT | (vector == TRAP_BP ? GATE_CPL3 : 0) | (uint64_t)ist << GATE_IST_SHIFT;

	idt[vector][0] = (entry & 0xffff) | (uint64_t)SEL_CODE << 16 | attr | (entry >> 16 & 0xffff) << 48;
	idt[vector][1] = entry >> 32;
}

static void tss_init(unsigned me)
{
	uint64_t base = (uintptr_t)tss[me];
	uint64_t stack = (uintptr_t)emergency_stacks[me] + EMERGENCY_SIZE;
	uint64_t *gdt = &guest_gdt[SEL_TSS / 8 + 2 * me];

	tss[me][TSS_RSP0] = (uint32_t)stack;
	tss[me][TSS_IST1] = (uint32_t)stack;
	tss[me][TSS_IOMAP] = sizeof(tss[me]) << 16; /* no bitmap: no ports at CPL 3 */
	gdt[0] = (sizeof(tss[me]) - 1) | (base & 0xffffff) << 16 | TSS_AVAILABLE | (base >> 24 & 0xff) << 56;
	gdt[1] = base >> 32;
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS + 16 * me) : "memory");
}

void cpu_tables_init(unsigned me)
{
	struct table_register idtr = { .limit = sizeof(idt) - 1, .base = (uintptr_t)idt };
	unsigned v;

	if (me == 0) {
		for (v = 0; v < VECTOR_COUNT; v++) {
			trap_gate(v, NULL, v == TRAP_DF ? 1 : 0);
		}
	}
	__asm__ volatile("lidt %0" : : "m"(idtr.limit), "m"(idtr) : "memory");
	tss_init(me);
	cpus[me] = (struct guest_cpu){ .index = me, .trap_vector = NO_TRAP };
	msr_write(MSR_GS_BASE, (uintptr_t)&cpus[me]);
}

struct trap trap_caught(void)
{
	struct guest_cpu *c = &cpus[guest_vcpu()];
	struct trap t = { c->trap_vector != NO_TRAP, (unsigned)c->trap_vector, c->trap_error, c->trap_rip,
			  c->trap_cr2 };

	c->trap_vector = NO_TRAP;
	return t;
}

struct trap trap_at_cpl3(void (*fn)(void))
{
	uint64_t *top = &cpl3_stacks[guest_vcpu()][CPL3_STACK / 8 - 1];

	*top = (uintptr_t)guest_cpl3_done; /* where it returns to */
	guest_cpl3_enter(fn, (uintptr_t)top);
	return trap_caught();
}

bool probe_read32(uintptr_t a, uint32_t *v)
{
	uint32_t got = ~0u;

	__asm__ volatile(TRAP_TRY("movl (%1), %0") : "+&r"(got) : "r"(a) : TRAP_CLOBBER);
	*v = got;
	return !trap_caught().taken && got != ~0u;
}

bool probe_write32(uintptr_t a, uint32_t v)
{
	uint32_t got;

	__asm__ volatile(TRAP_TRY("movl %1, (%0)") : : "r"(a), "r"(v) : TRAP_CLOBBER);
	return !trap_caught().taken && probe_read32(a, &got) && got == v;
}

bool probe_call(void (*fn)(void))
{
	__asm__ volatile(TRAP_TRY("call *%0")
			 : "+r"(fn)
			 :
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", TRAP_CLOBBER);
	return !trap_caught().taken;
}

static void line_out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void line_out(const char *fmt, ...)
{
	char line[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_write(line, strlen(line));
}

static void dump(const struct frame *f)
{
	line_out("guest: exception %lu on vCPU %u, error %lx\n", f->vector, guest_vcpu(), f->error);
	line_out("guest: RIP %016lx CS  %04lx CR2 %016lx RFLAGS %08lx\n", f->rip, f->cs, f->cr2, f->rflags);
	line_out("guest: RAX %016lx RBX %016lx RCX %016lx RDX %016lx\n", f->rax, f->rbx, f->rcx, f->rdx);
	line_out("guest: RSI %016lx RDI %016lx RBP %016lx RSP %016lx\n", f->rsi, f->rdi, f->rbp, f->rsp);
	line_out("guest: R8  %016lx R9  %016lx R10 %016lx R11 %016lx\n", f->r8, f->r9, f->r10, f->r11);
	line_out("guest: R12 %016lx R13 %016lx R14 %016lx R15 %016lx\n", f->r12, f->r13, f->r14, f->r15);
}

/* The code that expects exceptions goes on where it said, at CPL 0. */
static void resume(struct frame *f, struct guest_cpu *c)
{
	c->trap_vector = f->vector;
	c->trap_error = f->error;
	c->trap_rip = f->rip;
	c->trap_cr2 = f->cr2;
	f->rip = c->resume_ip;
	f->rsp = c->resume_sp;
	f->cs = SEL_CODE;
	f->ss = SEL_DATA;
	c->resume_ip = 0;
}

void guest_exception(struct frame *f)
{
	struct guest_cpu *c = &cpus[guest_vcpu()];

	if (f->vector >= VECTOR_IRQ) {
		irq_dispatch((uint8_t)f->vector, f->ticks);
	} else if (f->vector == TRAP_NMI) {
		nmi_dispatch();
	} else if (c->resume_ip != 0) {
		resume(f, c);
	} else {
		dump(f);
		power_off();
	}
}
