/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual interrupt controllers as an operating system uses them, and as it should not: local APIC in both its
 * modes, I/O APIC, timer, interrupts between vCPUs. Also passes on the bare machine. [SDM 3A chapter 11]
 */
#include "tap.h"
#include "timer.h"

enum { IPI_LOW = 1, IPI_HIGH = 2, IPI_PONG = 3, SETTLE_US = 2000, WAIT_US = 1000000, PINS_MIN = 24, PIN = 36,
       UART_IER = 1, UART_IIR = 2, UART_MCR = 4, PING_ROUNDS = 1000, NOBODY = 200 };

/* Of a class below the other IPIs': where shared interrupt 64 would be. */
enum { IRQ_LOWER = 64 };

static volatile uint32_t count[IRQ_MAX];
static volatile uint32_t order[8], ordered;
static volatile uint32_t ponged, second_up, second_got, second_nmi, fired, nested, nmis;

static void on_irq(uint32_t irq)
{
	count[irq]++;
	if (ordered < 8) {
		order[ordered++] = irq;
	}
}

static void settle(void)
{
	delay_us(SETTLE_US);
}

/* Another CPU takes part: as long as it takes, but not for ever. */
static void settle_for(const volatile uint32_t *flag)
{
	unsigned i;

	for (i = 0; i < 5000 && *flag == 0; i++) {
		delay_us(100);
	}
	settle(); /* and time for what should not come */
}

static void self(uint32_t irq)
{
	lapic_icr(0, ICR_FIXED | ICR_ASSERT | ICR_SELF | irq_vector(irq));
}

/* --- Local APIC, in the mode it is in -------------------------------------------------------------------------- */

static void test_identity(void)
{
	uint32_t version = lapic_read(LAPIC_VERSION);

	tap_is(lapic_x2apic() ? lapic_read(LAPIC_ID) : lapic_read(LAPIC_ID) >> 24, 0, "id 0");
	tap_ok((version & 0xf0) == 0x10 && (version >> 16 & 0xff) >= 3, "version 0x%x", version);
	tap_is(lapic_read(LAPIC_SVR) & 0x1ff, 0x1ff, "SVR: what was written");
	lapic_write(LAPIC_LVT_LINT0, 0x10700);
	tap_is(lapic_read(LAPIC_LVT_LINT0) & 0x107ff, 0x10700, "LVT LINT0: what was written");
	tap_is(lapic_read(LAPIC_ESR), 0, "ESR: no error so far");
}

static void on_active(uint32_t irq)
{
	on_irq(irq);
	fired = irq_is_active(irq) && !irq_is_pending(irq) ? 1 : 2;
}

static void test_self(void)
{
	uint64_t masked;

	irq_handler(IPI_LOW, on_active);
	count[IPI_LOW] = 0;
	self(IPI_LOW);
	settle();
	tap_is(count[IPI_LOW], 1, "an IPI to oneself, by shorthand");
	ipi_send(0, IPI_LOW);
	settle();
	tap_is(count[IPI_LOW], 2, "an IPI to oneself, by id");
	tap_is(fired, 1, "in service while it is handled, and not pending");
	tap_ok(!irq_is_active(IPI_LOW), "and not afterwards");
	masked = irq_save();
	self(IPI_LOW);
	self(IPI_LOW);
	settle();
	tap_ok(irq_is_pending(IPI_LOW) && count[IPI_LOW] == 2, "interrupts off: pending, not delivered");
	irq_restore(masked);
	settle();
	tap_is(count[IPI_LOW], 3, "on: delivered, once");
	irq_handler(IPI_LOW, on_irq);
}

/* Its class is lower: the other may come in between, and its own class may not. */
static void on_low(uint32_t irq)
{
	on_irq(irq);
	if (count[irq] > 1) {
		return;
	}
	self(IPI_HIGH);
	self(irq);
	__asm__ volatile("sti\n\tnop\n\tnop" : : : "memory");
	settle();
	nested = count[IPI_HIGH] * 16 + count[irq];
	__asm__ volatile("cli" : : : "memory");
}

static void test_priority(void)
{
	uint64_t masked = irq_save();

	irq_handler(IPI_LOW, on_irq);
	irq_handler(IPI_HIGH, on_irq);
	irq_handler(IRQ_LOWER, on_irq);
	ordered = 0;
	self(IRQ_LOWER);
	self(IPI_LOW);
	self(IPI_HIGH);
	irq_restore(masked);
	settle();
	tap_ok(ordered == 3 && order[0] == IPI_HIGH && order[1] == IPI_LOW && order[2] == IRQ_LOWER,
	       "the highest vector comes first");
	count[IRQ_LOWER] = 0;
	count[IPI_HIGH] = 0;
	nested = 0;
	irq_handler(IRQ_LOWER, on_low);
	self(IRQ_LOWER);
	settle();
	tap_is(nested, 0x11, "in a handler: a higher class comes, the own class waits");
	tap_is(count[IRQ_LOWER], 2, "and comes afterwards");
}

static void test_tpr(void)
{
	uint32_t class = irq_vector(IPI_LOW) >> 4u;

	irq_handler(IPI_LOW, on_irq);
	count[IPI_LOW] = 0;
	cr_write(8, class + 1);
	tap_is(lapic_read(LAPIC_TPR), (class + 1) << 4, "CR8 is the upper half of TPR");
	tap_is(lapic_read(LAPIC_PPR) & 0xf0, (class + 1) << 4, "and decides PPR");
	self(IPI_LOW);
	settle();
	tap_is(count[IPI_LOW], 0, "TPR: a lower class is held back");
	lapic_write(LAPIC_TPR, (class - 1) << 4);
	settle();
	tap_is(count[IPI_LOW], 1, "TPR one class below: delivered");
	tap_is((int64_t)cr_read(8), class - 1, "TPR written: CR8 follows");
	cr_write(8, class);
	cr_write(8, 0);
	tap_is(lapic_read(LAPIC_TPR), 0, "CR8 up and down: TPR follows");
	lapic_write(LAPIC_TPR, class << 4);
	self(IPI_LOW);
	settle();
	tap_is(count[IPI_LOW], 1, "TPR: the same class is held back");
	lapic_write(LAPIC_TPR, 0);
	settle();
	tap_is(count[IPI_LOW], 2, "0: delivered");
}

static void test_spoilt(void)
{
	count[IPI_LOW] = 0;
	lapic_write(LAPIC_EOI, 0);
	lapic_write(LAPIC_EOI, 0);
	self(IPI_LOW);
	settle();
	tap_is(count[IPI_LOW], 1, "EOI without an interrupt in service: no harm");
	lapic_icr(NOBODY, ICR_FIXED | ICR_ASSERT | irq_vector(IPI_LOW));
	lapic_icr(NOBODY, ICR_NMI | ICR_ASSERT);
	settle();
	tap_is(count[IPI_LOW], 1, "IPIs to nobody: nothing comes");
	if (!bh_present()) {
		tap_skip("IPIs of other kinds", "QEMU's own APIC delivers some of them");
		return;
	}
	lapic_icr(0, 0x200 | ICR_ASSERT);                        /* SMI */
	lapic_icr(0, 0x300 | ICR_ASSERT | irq_vector(IPI_LOW));  /* reserved mode */
	lapic_icr(0, 0x700 | ICR_ASSERT | irq_vector(IPI_LOW));  /* ExtINT */
	settle();
	tap_is(count[IPI_LOW], 1, "IPIs of other kinds: nothing comes");
	lapic_icr(0, ICR_FIXED | ICR_ASSERT | ICR_SELF | 5);
	settle();
	lapic_write(LAPIC_ESR, 0);
	tap_ok(count[IPI_LOW] == 1, "an IPI with vector 5: nothing comes (ESR 0x%x)", lapic_read(LAPIC_ESR));
	lapic_write(LAPIC_ESR, 0);
}

static void on_nmi(uint32_t irq)
{
	nmis++;
}

static void test_nmi(void)
{
	nmis = 0;
	nmi_handler(on_nmi);
	lapic_icr(0, ICR_NMI | ICR_ASSERT);
	settle();
	tap_is(nmis, 1, "an NMI to oneself");
	irq_save();
	lapic_icr(0, ICR_NMI | ICR_ASSERT);
	settle();
	__asm__ volatile("sti" : : : "memory");
	tap_is(nmis, 2, "also with interrupts off");
}

static void test_periodic(void)
{
	uint32_t now, later;
	uint64_t end;

	count[IRQ_TIMER] = 0;
	irq_handler(IRQ_TIMER, on_irq);
	lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | irq_vector(IRQ_TIMER));
	lapic_write(LAPIC_TIMER_INITIAL, 200000); /* 2 ms at 100 MHz */
	now = lapic_read(LAPIC_TIMER_CURRENT);
	delay_us(100);
	later = lapic_read(LAPIC_TIMER_CURRENT);
	tap_ok(now <= 200000 && later != now, "periodic: it counts (%u, %u)", now, later);
	end = time_us() + WAIT_US;
	while (count[IRQ_TIMER] < 10 && time_us() < end) {
	}
	tap_ok(count[IRQ_TIMER] >= 10, "periodic: comes again and again");
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | LVT_PERIODIC | irq_vector(IRQ_TIMER));
	settle();
	count[IRQ_TIMER] = 0;
	delay_us(10000);
	tap_is(count[IRQ_TIMER], 0, "masked: not");
	lapic_write(LAPIC_TIMER_INITIAL, 0);
	tap_is(lapic_read(LAPIC_TIMER_CURRENT), 0, "stopped: no count");
	lapic_write(LAPIC_LVT_TIMER, irq_vector(IRQ_TIMER));
}

static void test_mode(bool x2)
{
	lapic_mode(x2);
	printf("# in %s mode\n", x2 ? "x2APIC" : "xAPIC");
	test_identity();
	test_self();
	test_priority();
	test_tpr();
	test_spoilt();
	test_nmi();
	test_periodic();
	test_timer();
}

/* --- What only one mode has ------------------------------------------------------------------------------------ */

static bool faults(uint32_t msr, bool write, uint64_t v)
{
	uint32_t lo = (uint32_t)v, hi = (uint32_t)(v >> 32);
	struct trap t;

	if (write) {
		__asm__ volatile(TRAP_TRY("wrmsr") : : "c"(msr), "a"(lo), "d"(hi) : TRAP_CLOBBER);
	} else {
		__asm__ volatile(TRAP_TRY("rdmsr") : "+a"(lo), "+d"(hi) : "c"(msr) : TRAP_CLOBBER);
	}
	t = trap_caught();
	return t.taken && t.vector == TRAP_GP;
}

static void test_x2apic(void)
{
	uint32_t ldr = lapic_read(LAPIC_LDR);

	tap_is(ldr, 1, "x2APIC: the logical id follows from the id");
	count[IPI_LOW] = 0;
	lapic_write(LAPIC_SELF_IPI, irq_vector(IPI_LOW));
	settle();
	tap_is(count[IPI_LOW], 1, "x2APIC: SELF_IPI");
	lapic_icr(ldr, ICR_FIXED | ICR_ASSERT | ICR_LOGICAL | irq_vector(IPI_LOW));
	settle();
	tap_is(count[IPI_LOW], 2, "x2APIC: an IPI to the logical id");
	lapic_icr(0xdeadbeef, ICR_FIXED | ICR_ASSERT | irq_vector(IPI_LOW));
	settle();
	tap_is(count[IPI_LOW], 2, "x2APIC: an id of 32 bits that nobody has");
	tap_ok(faults(0x802, true, 7), "x2APIC: the id is read-only: #GP");
	tap_ok(faults(0x80b, true, 1), "x2APIC: EOI other than 0: #GP");
	tap_ok(faults(0x80b, false, 0), "x2APIC: EOI read: #GP");
	tap_ok(faults(0x80e, false, 0), "x2APIC: no DFR: #GP");
	tap_ok(faults(0x831, false, 0), "x2APIC: no second half of ICR: #GP");
	tap_ok(faults(0x808, true, 0x100), "x2APIC: TPR, a reserved bit: #GP");
	tap_ok(faults(0x80f, true, 1ull << 32 | 0x1ff), "x2APIC: an upper half: #GP");
	tap_ok(faults(0x804, false, 0) && faults(0x8ff, false, 0), "x2APIC: registers that do not exist: #GP");
	tap_ok(faults(0x1b, true, msr_read(0x1b) & ~(1ull << 11)), "x2APIC: EXTD without EN: #GP");
}

static void test_xapic(void)
{
	tap_ok(faults(0x802, false, 0) && faults(0x80b, true, 0), "xAPIC: the other mode's registers: #GP");
	count[IPI_LOW] = 0;
	lapic_icr(1, ICR_FIXED | ICR_ASSERT | ICR_LOGICAL | irq_vector(IPI_LOW));
	settle();
	tap_is(count[IPI_LOW], 1, "xAPIC: an IPI to the logical id, flat");
	lapic_write(LAPIC_SVR, VECTOR_SPURIOUS); /* switched off by software */
	tap_ok((lapic_read(LAPIC_LVT_TIMER) & LVT_MASKED) != 0, "xAPIC: off by software: the LVTs are masked");
	lapic_mode(false);
}

/* --- I/O APIC: the UART's transmitter is a line that a guest can move ------------------------------------------ */

static void line_up(void)
{
	port_write8(Q35_PORT_UART + UART_IER, 2);
}

static void line_down(void)
{
	port_write8(Q35_PORT_UART + UART_IER, 0);
	(void)port_read8(Q35_PORT_UART + UART_IIR);
}

static void on_line(uint32_t irq)
{
	on_irq(irq);
	fired = 1 + guest_vcpu();
	nested = ioapic_read(IOAPIC_RTE + 2 * (PIN - IRQ_SHARED_FIRST)) & RTE_REMOTE_IRR;
	line_down();
}

static void test_ioapic(void)
{
	uint32_t version = ioapic_read(IOAPIC_VERSION), pins = (version >> 16 & 0xff) + 1;
	unsigned rte = IOAPIC_RTE + 2 * (PIN - IRQ_SHARED_FIRST);

	tap_ok((version & 0xff) >= 0x11 && pins >= PINS_MIN, "I/O APIC: version 0x%x, %u pins", version & 0xff, pins);
	irq_handler(PIN, on_line);
	count[PIN] = 0;
	port_write8(Q35_PORT_UART + UART_MCR, 8);
	tap_ok(!irq_is_enabled(PIN), "pin 4: masked");
	line_up();
	settle();
	tap_is(count[PIN], 0, "masked: not delivered");
	line_down();
	irq_set_edge(PIN, true);
	irq_enable(PIN);
	settle();
	tap_is(count[PIN], 0, "an edge while masked is forgotten");
	line_up();
	settle();
	tap_is(count[PIN], 1, "edge: delivered, once");
	tap_ok(irq_is_edge(PIN) && nested == 0, "edge: no remote IRR");
	irq_disable(PIN);
	irq_set_edge(PIN, false);
	line_up();
	irq_enable(PIN);
	settle();
	tap_is(count[PIN], 2, "level: up while masked, delivered when it is not");
	tap_ok(nested != 0, "level: remote IRR until the EOI");
	tap_is(ioapic_read(rte) & RTE_REMOTE_IRR, 0, "and not afterwards");
	ioapic_write(rte, ioapic_read(rte) | RTE_REMOTE_IRR | 1u << 12);
	tap_is(ioapic_read(rte) & (RTE_REMOTE_IRR | 1u << 12), 0, "its status bits are read-only");
	irq_disable(PIN);
	ioapic_write(0xff, ~0u);
	ioapic_write(IOAPIC_VERSION, ~0u);
	ioapic_write(IOAPIC_RTE + 2 * pins, 0x30);
	tap_is(ioapic_read(IOAPIC_VERSION), version, "registers that do not exist or are read-only: no harm");
}

/* A level that stays up comes again after each EOI. */
static void on_stays_up(uint32_t irq)
{
	if (++count[irq] == 5) {
		line_down();
	}
}

static void test_level(void)
{
	count[PIN] = 0;
	irq_handler(PIN, on_stays_up);
	irq_set_edge(PIN, false);
	irq_enable(PIN);
	line_up();
	settle();
	tap_is(count[PIN], 5, "level: again after each EOI until it is down");
	irq_disable(PIN);
}

/* --- Two vCPUs ------------------------------------------------------------------------------------------------- */

static void on_ping(uint32_t irq)
{
	second_got++;
	ipi_send(0, IPI_PONG);
}

static void on_pong(uint32_t irq)
{
	ponged = 1;
}

static void on_second_nmi(uint32_t irq)
{
	if (guest_vcpu() == 1) {
		second_nmi++;
	} else {
		nmis++;
	}
}

static void second(uint64_t arg)
{
	static const volatile uint32_t never;

	second_up = 1;
	for (;;) {
		wait_flag(&never, WAIT_FOREVER);
	}
}

static void test_second(void)
{
	unsigned i, rounds = 0;

	irq_handler(IPI_PONG, on_pong);
	irq_handler(IPI_HIGH, on_ping);
	if (vcpu_start(1, second, 0) != 0) {
		tap_skip("interrupts between vCPUs", "there is no second vCPU");
		return;
	}
	while (second_up == 0) {
	}
	for (i = 0; i < PING_ROUNDS; i++) {
		ponged = 0;
		ipi_send(1, IPI_HIGH);
		if (!wait_flag(&ponged, WAIT_US)) {
			break;
		}
		rounds++;
	}
	tap_is(rounds, PING_ROUNDS, "1,000 IPIs to vCPU 1 and back, both asleep in HLT between");
	tap_is(second_got, PING_ROUNDS, "none lost, none twice");
	second_got = 0;
	lapic_icr(0, ICR_FIXED | ICR_ASSERT | ICR_OTHERS | irq_vector(IPI_HIGH));
	settle_for(&second_got);
	tap_is(second_got, 1, "an IPI to all but oneself");
	nmi_handler(on_second_nmi);
	nmis = 0;
	lapic_icr(1, ICR_NMI | ICR_ASSERT);
	settle_for(&second_nmi);
	tap_ok(second_nmi == 1 && nmis == 0, "an NMI to vCPU 1, asleep");
}

static void test_routes(void)
{
	if (second_up == 0) {
		return;
	}
	irq_handler(PIN, on_line);
	irq_set_edge(PIN, true);
	irq_route(PIN, 1);
	irq_enable(PIN);
	fired = 0;
	line_up();
	settle_for(&fired);
	tap_is(fired, 2, "a pin routed to vCPU 1 arrives there");
	irq_route(PIN, 0);
	fired = 0;
	line_up();
	settle_for(&fired);
	tap_is(fired, 1, "routed back: arrives here");
	irq_route(PIN, NOBODY);
	fired = 0;
	line_up();
	settle();
	tap_is(fired, 0, "routed to nobody: lost");
	line_down();
	irq_disable(PIN);
}

/* Every vector, kind and destination at the other one, which sleeps: it must be there afterwards. */
static void test_storm(void)
{
	unsigned v, kind;

	if (second_up == 0) {
		return;
	}
	for (v = 32; v < VECTOR_SPURIOUS; v++) { /* that one would stay in service */
		if (v != irq_vector(IPI_PONG)) {
			lapic_icr(1, ICR_FIXED | ICR_ASSERT | v);
		}
	}
	for (kind = 0; kind < 8; kind++) { /* but for INIT and SIPI */
		if (kind != 5 && kind != 6 && kind != 4) {
			lapic_icr(NOBODY, kind << 8 | ICR_ASSERT | irq_vector(IPI_LOW));
			lapic_icr(NOBODY, kind << 8 | ICR_ASSERT | 0x8000 | irq_vector(IPI_LOW));
		}
	}
	settle();
	ponged = 0;
	ipi_send(1, IPI_HIGH);
	tap_ok(wait_flag(&ponged, WAIT_US), "all vectors at once: vCPU 1 still answers");
}

void guest_main(uint64_t arg)
{
	bool x2 = lapic_x2apic();

	test_mode(false);
	test_xapic();
	if (x2) {
		test_mode(true);
		test_x2apic();
	} else {
		tap_skip("x2APIC", "CPUID says there is none");
	}
	test_ioapic();
	test_level();
	test_second();
	test_routes();
	test_storm();
	tap_done();
}
