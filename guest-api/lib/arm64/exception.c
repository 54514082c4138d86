/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vectors call: interrupts go to irq.c, expected exceptions to the test that expects them, the rest is
 * printed and ends the partition. Owns the per-vCPU state of trap_catch().
 */
#include "runtime.h"

struct frame {
	uint64_t x[31];
	uint64_t elr;
	uint64_t spsr;
	uint64_t ticks;
	uint64_t esr;
	uint64_t far;
};

_Static_assert(sizeof(struct frame) == 288, "vectors.S: FRAME_SIZE");

enum { KIND_SYNC = 4, KIND_IRQ = 5, INSTRUCTION_SIZE = 4, LINK_REGISTER = 30, EC_INSTRUCTION_ABORT = 0x21 };

static struct {
	bool on;
	struct trap trap;
} catching[GUEST_VCPU_MAX];

void guest_exception(struct frame *f, unsigned kind); /* from vectors.S */

void trap_catch(void)
{
	unsigned me = guest_vcpu();

	catching[me].trap.taken = false;
	catching[me].on = true;
	__asm__ volatile("" : : : "memory");
}

struct trap trap_caught(void)
{
	unsigned me = guest_vcpu();

	cpu_sync(); /* a store that aborts must have done so by now */
	cpu_isb();
	catching[me].on = false;
	return catching[me].trap;
}

bool probe_read32(uintptr_t a, uint32_t *v)
{
	trap_catch();
	*v = mmio_read32(a);
	return !trap_caught().taken;
}

bool probe_write32(uintptr_t a, uint32_t v)
{
	uint32_t got;

	trap_catch();
	mmio_write32(a, v);
	return !trap_caught().taken && probe_read32(a, &got) && got == v;
}

bool probe_call(void (*fn)(void))
{
	trap_catch();
	fn();
	return !trap_caught().taken;
}

static void dump(const struct frame *f, unsigned kind)
{
	static const char *const kinds[4] = { "synchronous", "irq", "fiq", "serror" };
	char line[128];
	unsigned i;

	snprintf(line, sizeof(line), "guest: %s exception on vCPU %u, vector %u\n", kinds[kind & 3], guest_vcpu(),
		 kind);
	console_write(line, strlen(line));
	snprintf(line, sizeof(line), "guest: ELR %016lx ESR %08lx FAR %016lx SPSR %08lx\n", f->elr, f->esr, f->far,
		 f->spsr);
	console_write(line, strlen(line));
	for (i = 0; i < 31; i++) {
		snprintf(line, sizeof(line), "%sx%-2u %016lx%s", i % 4 == 0 ? "guest: " : "  ", i, f->x[i],
			 i % 4 == 3 || i == 30 ? "\n" : "");
		console_write(line, strlen(line));
	}
}

void guest_exception(struct frame *f, unsigned kind)
{
	unsigned me = guest_vcpu();

	if (kind == KIND_IRQ) {
		irq_dispatch(f->ticks);
		return;
	}
	if (kind == KIND_SYNC && me < GUEST_VCPU_MAX && catching[me].on) {
		catching[me].trap = (struct trap){ true, f->esr, f->far, f->elr };
		if (trap_class(&catching[me].trap) == EC_INSTRUCTION_ABORT) {
			f->elr = f->x[LINK_REGISTER]; /* there is no next instruction: back to who called */
		} else {
			f->elr += INSTRUCTION_SIZE;
		}
		return;
	}
	dump(f, kind);
	power_off();
}
