/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual interrupt controllers with several CPUs, at random: no interrupt that was raised is lost, none is
 * delivered twice, and no CPU has to look without having been told. First one step at a time against a small
 * reference, then with a thread for each CPU.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"
#include "unit/vapic_board.h"

static uint64_t next(uint64_t *r)
{
	*r ^= *r << 13;
	*r ^= *r >> 7;
	*r ^= *r << 17;
	return *r >> 11;
}

/* --- step by step --- */

enum { STEPS = 400000, LEVEL_PINS = 6, LEVEL_VECTOR = 0xa0 };

static struct {
	bool due[3][256];      /* edges: raised and not taken since */
	uint8_t stack[3][16];  /* in service */
	unsigned depth[3];
	uint8_t tpr[3];
	bool line[LEVEL_PINS];
	bool sent[LEVEL_PINS]; /* level pins: requested or in service somewhere */
	unsigned at[LEVEL_PINS];
	unsigned taken;
} ref;

static void ref_level(unsigned pin)
{
	if (ref.line[pin] && !ref.sent[pin]) {
		ref.sent[pin] = true;
		ref.due[ref.at[pin]][LEVEL_VECTOR + 16 * (pin % 3) + pin] = true;
	}
}

static int ref_pending(unsigned cpu)
{
	unsigned busy = ref.tpr[cpu];

	if (ref.depth[cpu] > 0 && ref.stack[cpu][ref.depth[cpu] - 1] > busy) {
		busy = ref.stack[cpu][ref.depth[cpu] - 1];
	}
	for (int v = 255; v > (int)(busy | 15); v--) {
		if (ref.due[cpu][v]) {
			return v;
		}
	}
	return NONE;
}

static bool is_level(unsigned vector, unsigned *pin)
{
	for (*pin = 0; *pin < LEVEL_PINS; (*pin)++) {
		if (vector == LEVEL_VECTOR + 16 * (*pin % 3) + *pin) {
			return true;
		}
	}
	return false;
}

static void step_take(unsigned cpu)
{
	int expect = ref_pending(cpu);

	assert_int_equal(take(&A->vcpu[cpu]), expect);
	if (expect != NONE) {
		assert_true(ref.depth[cpu] < 16);
		ref.stack[cpu][ref.depth[cpu]++] = (uint8_t)expect;
		ref.due[cpu][expect] = false;
		ref.taken++;
	}
}

static void step_eoi(unsigned cpu)
{
	unsigned pin;

	eoi(&A->vcpu[cpu]);
	if (ref.depth[cpu] > 0) {
		unsigned vector = ref.stack[cpu][--ref.depth[cpu]];

		if (is_level(vector, &pin)) {
			ref.sent[pin] = false;
			ref_level(pin);
		}
	}
}

static void step_ipi(unsigned cpu, uint64_t rnd)
{
	struct vcpu *v = &A->vcpu[cpu];
	unsigned vector = 0x10 + (unsigned)(rnd % 0x90); /* below the level pins' */
	unsigned set = (unsigned)(rnd >> 16) & 7;

	if (vlapic_state(&v->arch.apic) == APIC_X2APIC) {
		assert_true(x2_write(v, APIC_ICR, (uint64_t)set << 32 | 0x800 | vector));
	} else {
		apic_write(v, APIC_ICR_HI, set << 24);
		apic_write(v, APIC_ICR, 0x800 | vector);
	}
	for (unsigned i = 0; i < 3; i++) {
		ref.due[i][vector] |= (set >> i & 1) != 0;
	}
}

static void step_tpr(unsigned cpu, uint8_t tpr)
{
	struct vcpu *v = &A->vcpu[cpu];

	ref.tpr[cpu] = tpr;
	if (vlapic_state(&v->arch.apic) == APIC_X2APIC) {
		assert_true(x2_write(v, APIC_TPR, tpr));
	} else {
		apic_write(v, APIC_TPR, tpr);
	}
}

static void step_line(unsigned pin, bool high)
{
	vapic_cpu = 3;
	vioapic_set_line(A, 32 + pin, high);
	ref.line[pin] = high;
	ref_level(pin);
}

static void step(uint64_t *r)
{
	uint64_t rnd = next(r);
	unsigned cpu = (unsigned)(rnd >> 8) % 3;

	switch (rnd % 16) {
	case 0: case 1: case 2:
		step_ipi(cpu, rnd >> 12);
		break;
	case 3: case 4:
		step_line((unsigned)(rnd >> 12) % LEVEL_PINS, (rnd >> 20 & 1) != 0);
		break;
	case 5:
		step_tpr(cpu, (uint8_t)(rnd >> 12 & rnd >> 20));
		break;
	case 6: case 7: case 8: case 9: case 10:
		step_take(cpu);
		break;
	default:
		step_eoi(cpu);
		break;
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(vlapic_pending(&A->vcpu[i]), ref_pending(i));
	}
}

static void as_the_reference_says(void **state)
{
	uint64_t r = 0x2545f4914f6cdd1dull;

	(void)state;
	memset(&ref, 0, sizeof(ref));
	x2_enable(A2);
	for (unsigned pin = 0; pin < LEVEL_PINS; pin++) {
		ref.at[pin] = pin % 3;
		rte_set(A0, pin, (LEVEL_VECTOR + 16 * (pin % 3) + pin) | BIT64(15) | (uint64_t)(pin % 3) << 56);
	}
	for (unsigned n = 0; n < STEPS; n++) {
		step(&r);
	}
	assert_true(ref.taken > STEPS / 20);
	for (unsigned pin = 0; pin < LEVEL_PINS; pin++) {
		step_line(pin, false);
	}
	for (unsigned cpu = 0; cpu < 3; cpu++) {
		step_tpr(cpu, 0);
		while (ref.depth[cpu] > 0 || ref_pending(cpu) != NONE) {
			step_take(cpu);
			step_eoi(cpu);
		}
		assert_true(is_idle(&A->vcpu[cpu]));
	}
	assert_true(is_idle(B0));
}

/* --- a thread for each CPU --- */

enum { ROUNDS = 20000, EDGE_FIRST = 0x30, EDGES = 16, DEVICE_PINS = 4, DEVICE_VECTOR = 0xc0, PATIENCE = 2000000 };

/* Each (sender, target, slot) is one vector of that target: sent again only after it was taken. */
static unsigned flying[3][256];
static unsigned pin_busy[DEVICE_PINS], pin_asserted[DEVICE_PINS];
static unsigned sent, taken, twice, senders;

static unsigned load(const unsigned *p)
{
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static void add(unsigned *p, unsigned n)
{
	__atomic_fetch_add(p, n, __ATOMIC_SEQ_CST);
}

static void put(unsigned *p, unsigned v)
{
	__atomic_store_n(p, v, __ATOMIC_SEQ_CST);
}

static void reg(struct vcpu *v, unsigned n, uint32_t value)
{
	struct mmio m = { .value = value, .size = 4, .write = true };

	vlapic_mmio(v, n * 16, &m);
}

/* The guest's handlers. Vectors of vCPUs are below those of the pins. */
static void handle(struct vcpu *v, unsigned vector)
{
	unsigned pin = vector - DEVICE_VECTOR;

	if (vector >= DEVICE_VECTOR) {
		if (__atomic_exchange_n(&pin_asserted[pin], 0, __ATOMIC_SEQ_CST) == 0) {
			add(&twice, 1);
		}
		vioapic_set_line(A, 32 + pin, false);
		reg(v, APIC_EOI, 0);
		put(&pin_busy[pin], 0);
	} else {
		if (__atomic_exchange_n(&flying[v->index][vector], 0, __ATOMIC_SEQ_CST) == 0) {
			add(&twice, 1);
		}
		reg(v, APIC_EOI, 0);
	}
	add(&taken, 1);
}

/* What the CPU does before it enters the guest or halts. */
static void serve_all(struct vcpu *v)
{
	for (int vector = vlapic_pending(v); vector >= 0; vector = vlapic_pending(v)) {
		vlapic_accept(v, (uint8_t)vector);
		handle(v, (unsigned)vector);
	}
}

static bool send_one(struct vcpu *v, uint64_t rnd)
{
	unsigned target = (unsigned)(rnd % 3);
	unsigned vector = EDGE_FIRST + 0x20 * v->index + (unsigned)(rnd >> 8) % EDGES;

	if (load(&flying[target][vector]) != 0) { /* only we set it */
		return false;
	}
	put(&flying[target][vector], 1);
	add(&sent, 1);
	reg(v, APIC_ICR_HI, target << 24);
	reg(v, APIC_ICR, vector);
	if (target == v->index) { /* nobody tells us */
		serve_all(v);
	}
	return true;
}

static bool all_done(void)
{
	return load(&senders) == 0 && load(&taken) == load(&sent);
}

/* Looks at what others sent only when it was told. */
static void *cpu_thread(void *arg)
{
	struct vcpu *v = arg;
	uint64_t r = 0x9e3779b97f4a7c15ull * (v->index + 1);
	unsigned seen = 0, count = 0;

	vapic_cpu = v->cpu;
	for (unsigned idle = 0; idle < PATIENCE && !all_done();) {
		unsigned now = load(&kicks[v->cpu]);

		idle++;
		if (now != seen) {
			seen = now;
			serve_all(v);
			idle = 0;
		} else if (count < ROUNDS && send_one(v, next(&r))) {
			count++;
			__atomic_fetch_sub(&senders, count == ROUNDS ? 1 : 0, __ATOMIC_SEQ_CST);
			idle = 0;
		} else {
			(void)sched_yield();
		}
	}
	return NULL;
}

static void *device_thread(void *arg)
{
	unsigned count = 0;

	vapic_cpu = 3;
	for (unsigned idle = 0; count < ROUNDS && idle < PATIENCE; idle++) {
		unsigned pin = count % DEVICE_PINS;

		if (load(&pin_busy[pin]) == 0) {
			put(&pin_busy[pin], 1);
			put(&pin_asserted[pin], 1);
			add(&sent, 1);
			vioapic_set_line(A, 32 + pin, true);
			count++;
			idle = 0;
		} else {
			(void)sched_yield();
		}
	}
	__atomic_fetch_sub(&senders, 1, __ATOMIC_SEQ_CST);
	return arg;
}

static void nothing_is_lost_between_cpus(void **state)
{
	pthread_t thread[4];

	(void)state;
	memset(flying, 0, sizeof(flying));
	sent = taken = twice = 0;
	senders = 4;
	for (unsigned pin = 0; pin < DEVICE_PINS; pin++) {
		pin_busy[pin] = pin_asserted[pin] = 0;
		rte_set(A0, pin, (DEVICE_VECTOR + pin) | BIT64(15) | (uint64_t)(pin % 3) << 56);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pthread_create(&thread[i], NULL, cpu_thread, &A->vcpu[i]), 0);
	}
	assert_int_equal(pthread_create(&thread[3], NULL, device_thread, NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
	}
	assert_int_equal(twice, 0);
	assert_int_equal(senders, 0);
	assert_int_equal(taken, sent);
	assert_int_equal(sent, 4 * ROUNDS);
	assert_true(is_idle(A0) && is_idle(A1) && is_idle(A2) && is_idle(B0));
}

#define T(name) cmocka_unit_test_setup(name, board_setup)

int main(void)
{
	const struct CMUnitTest tests[] = { T(as_the_reference_says), T(nothing_is_lost_between_cpus) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
