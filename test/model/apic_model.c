/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apic_model.h"

#include <string.h>

#include <asm/io.h>
#include <asm/irq.h>
#include <asm/time.h>
#include <hyp/bits.h>

#include "fake/fake.h"

struct apic_model apic_model;

enum { TURNS_MAX = 100, LVT_COUNT = 7 };

static const uint32_t lvts[LVT_COUNT] = { 0x320, 0x350, 0x360, 0x370, 0x340, 0x330, 0x2f0 };

static struct apic_model *const m = &apic_model;

static uint32_t *reg(struct apic_model_lapic *l, uint64_t off)
{
	return &l->reg[off / 16];
}

/* --- clocks --- */

static uint64_t counted(const struct apic_model_lapic *l)
{
	return (uint64_t)((unsigned __int128)(m->ps - l->timer_start) * m->apic_khz / 1000000000u);
}

static void timers_run(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		struct apic_model_lapic *l = &m->cpu[cpu];
		uint32_t lvt = *reg(l, 0x320);

		if (l->timer_start == 0 || counted(l) < *reg(l, 0x380)) {
			continue;
		}
		l->timer_start = 0;
		if ((lvt & BIT32(16)) == 0) {
			apic_model_raise(cpu, lvt & 0xff, false);
		}
	}
}

static void pass(uint64_t ps)
{
	m->ps += ps;
	timers_run();
}

void apic_model_pass_us(uint64_t us)
{
	pass(us * 1000000);
}

uint64_t fake_tsc(void)
{
	pass(m->access_ps);
	return (uint64_t)((unsigned __int128)m->ps * m->tsc_khz / 1000000000u);
}

static void reference_read(void)
{
	if (++m->clock_reads == m->stall_after) {
		pass(m->stall_ps);
	}
}

uint32_t fake_port_read(uint16_t port, unsigned width)
{
	pass(m->access_ps);
	if (port == APIC_MODEL_PM && width == 4) {
		uint32_t v = m->pm_stuck ? 77 : (uint32_t)((unsigned __int128)m->ps * 3579545 / 1000000000000ull);

		reference_read();
		return v | 0xff000000; /* more than 24 bits may be there, or not */
	}
	if (port == 0x61 && width == 1) {
		bool out = m->pit_end != 0 && m->ps >= m->pit_end && !m->pit_stuck;

		reference_read();
		return (uint32_t)(m->gate | (out ? 0x20 : 0) | (m->ps / 15000000 % 2 != 0 ? 0x10 : 0));
	}
	fake_fail("read of port %x, %u bytes", port, width);
}

void fake_port_write(uint16_t port, unsigned width, uint32_t v)
{
	static uint32_t pit_low;
	static bool pit_second;

	pass(m->access_ps);
	if (port == 0x21 || port == 0xa1) {
		m->pic[port == 0xa1] = (uint8_t)v;
	} else if (port == 0x61) {
		m->gate = v & 3;
	} else if (port == 0x43) {
		if (v != 0xb0) {
			fake_fail("PIT mode %x", v);
		}
		pit_second = false;
		m->pit_end = 0;
	} else if (port == 0x42 && !pit_second) {
		pit_low = v;
		pit_second = true;
	} else if (port == 0x42) {
		/* The output rises one pulse after the count has ended; it needs the gate. */
		m->pit_end = (m->gate & 3) == 1 ? m->ps + ((v << 8 | pit_low) + 1) * 1000000000000ull / 1193182 : 0;
	} else {
		fake_fail("write of port %x, %u bytes", port, width);
	}
}

/* --- MSRs, CPUID --- */

uint64_t msr_read(uint32_t msr)
{
	switch (msr) {
	case 0x1b:
		return m->cpu[fake_cpu].base;
	case 0x10a:
		return m->x2apic_locked ? BIT64(21) : 0;
	case 0xbd:
		return m->x2apic_locked;
	default:
		fake_fail("read of MSR %x", msr);
	}
}

void msr_write(uint32_t msr, uint64_t v)
{
	struct apic_model_lapic *l = &m->cpu[fake_cpu];
	bool was_x2 = (l->base & BIT64(10)) != 0;

	if (msr != 0x1b || (v & 0x2ff) != 0 || (was_x2 && m->x2apic_locked)) {
		fake_fail("write of MSR %x: %lx", msr, (unsigned long)v);
	}
	if ((v & BIT64(11)) == 0 ? (v & BIT64(10)) != 0 : was_x2 && (v & BIT64(10)) == 0) {
		fake_fail("not a transition of the APIC's modes: %lx to %lx", (unsigned long)l->base, (unsigned long)v);
	}
	l->base = v;
}

struct cpuid_regs cpuid_read(uint32_t leaf, uint32_t sub)
{
	uint32_t id = m->cpu[fake_cpu].id;

	switch (leaf) {
	case 0:
		return (struct cpuid_regs){ .eax = m->cpuid_max };
	case 1:
		return (struct cpuid_regs){ .ebx = id << 24 };
	case 7:
		return (struct cpuid_regs){ .edx = BIT32(29) };
	case 0xb:
		return (struct cpuid_regs){ .ebx = 1, .edx = id };
	default:
		fake_fail("CPUID leaf %x", leaf);
	}
}

/* --- remapping --- */

bool intremap_on(const struct iommu_unit *u)
{
	return m->remapping[u->id];
}

int intremap_set(struct iommu_unit *u, uint32_t index, const struct intremap_entry *e)
{
	if (index >= INTREMAP_ENTRIES || !m->remapping[u->id]) {
		fake_fail("unit %u has no entry %u", u->id, index);
	}
	m->unit_calls++;
	if (m->unit_fails) {
		return -5;
	}
	m->irte_present[u->id][index] = e != NULL;
	if (e != NULL) {
		m->irte[u->id][index] = *e;
	}
	return 0;
}

static unsigned cpu_find(uint32_t id)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		if (m->cpu[cpu].id == id) {
			return cpu;
		}
	}
	fake_fail("no CPU has APIC id %u", id);
}

static void remapped(unsigned unit, uint16_t sid, uint32_t index, bool level)
{
	const struct intremap_entry *e = &m->irte[unit][index % INTREMAP_ENTRIES];

	if (!m->remapping[unit] || index >= INTREMAP_ENTRIES || !m->irte_present[unit][index] || e->sid != sid) {
		m->blocked++;
		return;
	}
	if (e->level != level) {
		fake_fail("the entry says %s", e->level ? "level" : "edge");
	}
	apic_model_raise(cpu_find(e->apic_id), e->vector, e->level);
}

void apic_model_message(unsigned unit, uint16_t sid, uint64_t addr, uint32_t data)
{
	if (addr >> 20 != 0xfee || (addr & BIT64(3)) != 0) {
		fake_fail("not a message: %lx", (unsigned long)addr);
	}
	if ((addr & BIT64(4)) == 0) { /* compatibility format passes: a unit's own, or QEMU */
		apic_model_raise(cpu_find(addr >> 12 & 0xff), data & 0xff, false);
		return;
	}
	remapped(unit, sid, (uint32_t)((addr >> 5 & 0x7fff) | (addr & 4) << 13), false);
}

/* --- I/O APIC; its requester is 0xf0f8 behind unit 1 (see apic_model_reset()) --- */

static uint32_t pin_handle(const struct apic_model_pin *p)
{
	return p->high >> 17 | (p->low & BIT32(11)) << 4;
}

static void pin_serve(struct apic_model_pin *p)
{
	if (!p->line || p->remote_irr || (p->low & BIT32(16)) != 0) {
		return;
	}
	p->remote_irr = (p->low & BIT32(15)) != 0;
	remapped(1, 0xf0f8, pin_handle(p), p->remote_irr);
}

void apic_model_line(unsigned pin, bool asserted)
{
	struct apic_model_pin *p = &m->pin[pin];
	bool edge = (p->low & BIT32(15)) == 0;
	bool rises = asserted && !p->line;

	p->line = asserted;
	if (!edge || rises) {
		pin_serve(p);
	}
}

static void pin_check(const struct apic_model_pin *p)
{
	uint32_t handle = pin_handle(p);
	const struct intremap_entry *e = &m->irte[1][handle % INTREMAP_ENTRIES];

	if ((p->low & ~(BITS32(16, 15) | BIT32(13) | BIT32(11) | 0xffu)) != 0 || (p->high & BITS32(15, 0)) != 0) {
		fake_fail("reserved bits in %08x %08x", p->high, p->low);
	}
	if ((p->low & BIT32(16)) == 0 &&
	    ((p->high & BIT32(16)) == 0 || handle >= INTREMAP_ENTRIES || !m->irte_present[1][handle] ||
	     e->vector != (p->low & 0xff) || e->level != ((p->low & BIT32(15)) != 0) || e->sid != 0xf0f8)) {
		fake_fail("unmasked without a table entry that fits: %08x %08x", p->high, p->low);
	}
}

static void pin_write(uint32_t r, uint32_t v)
{
	struct apic_model_pin *p = &m->pin[(r - 0x10) / 2];

	if (r < 0x10 || (r - 0x10) / 2 >= m->pins) {
		fake_fail("I/O APIC register %x", r);
	}
	if ((r & 1) != 0) {
		if ((p->low & BIT32(16)) == 0) {
			fake_fail("changed while it is unmasked");
		}
		p->high = v;
		return;
	}
	if (((p->low ^ v) & ~BIT32(16)) != 0 && ((p->low | v) & BIT32(16)) == 0) {
		fake_fail("changed while it is unmasked");
	}
	if ((p->low & ~v & BIT32(15)) != 0) { /* not every one clears it when it is not a change */
		p->remote_irr = false;
	}
	p->low = v;
	pin_check(p);
	if ((v & BIT32(15)) != 0) {
		pin_serve(p);
	}
}

uint64_t apic_model_rte(unsigned pin)
{
	return (uint64_t)m->pin[pin].high << 32 | m->pin[pin].low | (m->pin[pin].remote_irr ? BIT32(14) : 0);
}

static uint64_t ioapic_read(void *ctx, uint64_t off, unsigned width)
{
	pass(m->access_ps);
	if (width != 4 || (off != 0 && off != 0x10)) {
		fake_fail("read of I/O APIC %lx, %u bytes", (unsigned long)off, width);
	}
	if (m->absent) {
		return 0xffffffff;
	}
	if (off == 0) {
		return m->select;
	}
	if (m->select == 1) {
		return 0x20 | ((m->pins_said != 0 ? m->pins_said : m->pins) - 1) << 16;
	}
	return apic_model_rte((m->select - 0x10) / 2) >> ((m->select & 1) != 0 ? 32 : 0) & 0xffffffff;
}

static void ioapic_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	pass(m->access_ps);
	if (width != 4 || (off != 0 && off != 0x10)) {
		fake_fail("write of I/O APIC %lx, %u bytes", (unsigned long)off, width);
	}
	if (off == 0) {
		m->select = (uint32_t)v & 0xff;
	} else {
		pin_write(m->select, (uint32_t)v);
	}
}

static void eoi_broadcast(unsigned vector)
{
	for (unsigned n = 0; n < m->pins; n++) {
		struct apic_model_pin *p = &m->pin[n];

		if (p->remote_irr && (p->low & 0xff) == vector) {
			p->remote_irr = false;
			pin_serve(p);
		}
	}
}

/* --- local APIC --- */

static int top(const bool *v)
{
	for (int n = 255; n >= 16; n--) {
		if (v[n]) {
			return n;
		}
	}
	return -1;
}

void apic_model_raise(unsigned cpu, unsigned vector, bool level)
{
	struct apic_model_lapic *l = &m->cpu[cpu];

	if (vector < 16) {
		fake_fail("vector %u", vector);
	}
	if ((*reg(l, 0xf0) & BIT32(8)) != 0) {
		l->irr[vector] = true;
		l->tmr[vector] = level;
	}
}

static void eoi(struct apic_model_lapic *l)
{
	int vector = top(l->isr);

	if (vector < 0) {
		fake_fail("EOI with nothing in service");
	}
	l->eois++;
	l->isr[vector] = false;
	if (l->tmr[vector]) {
		eoi_broadcast((unsigned)vector);
	}
}

static void icr(uint32_t low)
{
	uint32_t id = *reg(&m->cpu[fake_cpu], 0x310) >> 24;

	if (m->sent_count == APIC_MODEL_SENT || (low & ~(BIT32(14) | 0x7ffu)) != 0) {
		fake_fail("ICR %x", low);
	}
	m->sent[m->sent_count++] = (struct apic_model_sent){ id, low, fake_time_us };
	if ((low & 0x700) == 0) {
		apic_model_raise(cpu_find(id), low & 0xff, false);
	} else if ((low & 0x700) == 0x400) {
		m->cpu[cpu_find(id)].nmi = true;
	}
}

static struct apic_model_lapic *reachable(uint64_t off, unsigned width)
{
	struct apic_model_lapic *l = &m->cpu[fake_cpu];

	pass(m->access_ps);
	if (width != 4 || off % 16 != 0 || off >= 0x400) {
		fake_fail("access to LAPIC %lx, %u bytes", (unsigned long)off, width);
	}
	if ((l->base & BITS64(51, 10)) != (APIC_MODEL_LAPIC | BIT64(11))) {
		fake_fail("no xAPIC registers now: %lx", (unsigned long)l->base);
	}
	return l;
}

static uint64_t lapic_read(void *ctx, uint64_t off, unsigned width)
{
	struct apic_model_lapic *l = reachable(off, width);
	uint32_t v = 0;

	if (m->absent) {
		return 0xffffffff;
	}
	if (off >= 0x100 && off < 0x180) {
		for (unsigned n = 0; n < 32; n++) {
			v |= (uint32_t)l->isr[(off - 0x100) * 2 + n] << n;
		}
		return v;
	}
	switch (off) {
	case 0x30:
		return 0x14 | 5 << 16; /* no CMCI */
	case 0x300:
		return *reg(l, off) | (m->icr_stuck ? BIT32(12) : 0);
	case 0x390:
		return l->timer_start != 0 ? *reg(l, 0x380) - counted(l) : 0;
	default:
		return *reg(l, off);
	}
}

static void lvt_write(struct apic_model_lapic *l, uint64_t off, uint32_t v)
{
	if (off == 0x2f0) {
		fake_fail("this LAPIC has no CMCI");
	}
	*reg(l, off) = (*reg(l, 0xf0) & BIT32(8)) != 0 ? v : v | BIT32(16);
}

static void lapic_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	struct apic_model_lapic *l = reachable(off, width);

	for (unsigned n = 0; n < LVT_COUNT; n++) {
		if (off == lvts[n]) {
			lvt_write(l, off, (uint32_t)v);
			return;
		}
	}
	if (off != 0x80 && off != 0xb0 && off != 0xf0 && off != 0x300 && off != 0x310 && off != 0x380 && off != 0x3e0) {
		fake_fail("write of LAPIC %lx", (unsigned long)off);
	}
	*reg(l, off) = (uint32_t)v;
	if (off == 0xb0) {
		eoi(l);
	} else if (off == 0x300) {
		icr((uint32_t)v);
	} else if (off == 0x380) {
		if (v != 0 && (*reg(l, 0x3e0) != 0xb || (*reg(l, 0x320) & BITS32(18, 17)) != 0)) {
			fake_fail("timer not one-shot, or divided");
		}
		l->timer_start = v != 0 ? m->ps : 0;
	}
}

unsigned apic_model_run(unsigned cpu)
{
	struct apic_model_lapic *l = &m->cpu[cpu];
	unsigned taken = 0;

	fake_cpu = cpu;
	while (taken < TURNS_MAX && top(l->irr) >> 4 > top(l->isr) >> 4) {
		unsigned vector = (unsigned)top(l->irr);

		l->irr[vector] = false;
		l->isr[vector] = true;
		taken++;
		irq_entry(vector);
		if (l->isr[vector]) {
			fake_fail("vector %x was not ended", vector);
		}
	}
	return taken;
}

unsigned apic_model_in_service(unsigned cpu)
{
	unsigned n = 0;

	for (unsigned v = 0; v < 256; v++) {
		n += m->cpu[cpu].isr[v];
	}
	return n;
}

bool apic_model_pending(unsigned cpu, unsigned vector)
{
	return m->cpu[cpu].irr[vector];
}

void apic_model_reset(void)
{
	memset(m, 0, sizeof(*m));
	*m = (struct apic_model){ .pins = 24, .remapping = { true, true }, .cpuid_max = 0x16, .ps = 1000000000000ull,
				  .access_ps = 100000, .tsc_khz = 2400000, .apic_khz = 100000 };
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		struct apic_model_lapic *l = &m->cpu[cpu];

		l->id = 2 * cpu + 4;
		l->base = APIC_MODEL_LAPIC | BIT64(11) | (cpu == 0 ? BIT64(8) : 0);
		for (unsigned n = 0; n < LVT_COUNT; n++) {
			*reg(l, lvts[n]) = cpu == 0 ? 0x33 : BIT32(16);
		}
		*reg(l, 0xf0) = cpu == 0 ? 0x10f : 0xff;
		*reg(l, 0x80) = 0x20;
	}
	for (unsigned n = 0; n < APIC_MODEL_PINS; n++) {
		m->pin[n] = (struct apic_model_pin){ .low = n % 3 != 0 ? 0x8040 : 0x40, .high = 1u << 24,
						     .remote_irr = n % 2 != 0 };
	}
	fake_mmio_add(APIC_MODEL_LAPIC, 0x1000, lapic_read, lapic_write, NULL);
	fake_mmio_add(APIC_MODEL_IOAPIC, 0x1000, ioapic_read, ioapic_write, NULL);
}
