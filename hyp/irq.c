/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of physical shared interrupts: each belongs to one function of ours, to one partition, or to
 * nobody; an interrupt of nobody is switched off when it comes. Filled at boot by one CPU, constant
 * afterwards, so hyp_irq() reads it without a lock. Keeps [I3]: an interrupt has one owner; giving it a second
 * one is our own bug, because config_check() and pci_assign() have refused what a configuration could ask for.
 */
#include <arch/irq.h>
#include <arch/vcpu.h>
#include <hyp/check.h>
#include <hyp/entry.h>
#include <hyp/irq.h>
#include <hyp/log.h>

struct irq_entry {
	irq_fn *fn;    /* ours */
	struct vm *vm; /* or a partition's */
	uint32_t virq;
	bool edge;
};

static struct irq_entry table[IRQ_MAX] __sealed;

void irq_set_handler(uint32_t irq, irq_fn *fn, unsigned cpu, bool edge)
{
	CHECK(irq < IRQ_MAX && fn != NULL);
	CHECK(table[irq].vm == NULL && (table[irq].fn == NULL || table[irq].fn == fn));
	table[irq].fn = fn;
	arch_irq_enable(irq, cpu, edge);
}

/* Stays disabled until the guest enables its virtual interrupt. */
void irq_set_owner(uint32_t irq, struct vm *vm, uint32_t virq, bool edge)
{
	CHECK(irq < IRQ_MAX && vm != NULL);
	CHECK(table[irq].fn == NULL);
	CHECK(table[irq].vm == NULL || (table[irq].vm == vm && table[irq].virq == virq));
	table[irq].vm = vm;
	table[irq].virq = virq;
	table[irq].edge = edge;
	arch_vm_irq_assign(vm, virq, irq, edge);
}

struct vm *irq_owner(uint32_t irq, uint32_t *virq)
{
	if (irq >= IRQ_MAX || table[irq].vm == NULL) {
		return NULL;
	}
	*virq = table[irq].virq;
	return table[irq].vm;
}

void irq_vm_stop(struct vm *vm)
{
	for (uint32_t irq = 0; irq < IRQ_MAX; irq++) {
		if (table[irq].vm == vm) {
			arch_irq_disable(irq);
			arch_irq_eoi(irq); /* the guest that was to end it is gone */
		}
	}
}

void irq_vm_start(struct vm *vm)
{
	for (uint32_t irq = 0; irq < IRQ_MAX; irq++) {
		if (table[irq].vm == vm) {
			arch_vm_irq_assign(vm, table[irq].virq, irq, table[irq].edge);
		}
	}
}

/* A device that can raise it again after all must not fill the log. */
static void report_once(uint32_t irq)
{
	static uint64_t told[IRQ_MAX / 64 + 1];
	uint64_t bit = (uint64_t)1 << (irq % 64);

	if ((__atomic_fetch_or(&told[irq / 64], bit, __ATOMIC_RELAXED) & bit) == 0) {
		log_warn("interrupt %u came but belongs to nobody: switched off", irq);
	}
}

void hyp_irq(uint32_t irq)
{
	const struct irq_entry *e;

	if (irq >= IRQ_MAX) {
		return;
	}
	e = &table[irq];
	if (e->vm != NULL) {
		arch_vm_pend_hwirq(e->vm, e->virq, irq);
		return;
	}
	if (e->fn != NULL) {
		e->fn(irq);
	} else {
		arch_irq_disable(irq);
		report_once(irq);
	}
	arch_irq_eoi(irq);
}
