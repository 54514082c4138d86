/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: partitions: names, CPUs, rights, images and interrupts. Owns nothing. A CPU and an interrupt have
 * one owner, and none of the hypervisor's own interrupts is a partition's [I3].
 */
#include "config_rules.h"

#include <hyp/string.h>

enum { SPI_FIRST = 32, VIRQ_LAST = 991, IRQ_LAST = 1019 };

static const struct cfg_vm *vm_at(const struct check *c, unsigned i)
{
	return &c->cfg->vm[i];
}

static void find_same_name(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (strcmp(vm_at(c, i)->name, vm_at(c, j)->name) == 0) {
				broken(c, "partitions %u and %u are both called %s", j, i, vm_at(c, i)->name);
			}
		}
	}
}

static void find_cpu_missing(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		for (unsigned n = 0; n < vm_at(c, i)->cpu_count; n++) {
			if (vm_at(c, i)->cpu[n] >= c->cfg->board.cpu_count) {
				broken(c, "partition %s: CPU %u is not one of the board's %u", vm_at(c, i)->name,
				       vm_at(c, i)->cpu[n], c->cfg->board.cpu_count);
			}
		}
	}
}

static void find_cpu_twice(struct check *c)
{
	uint8_t owner[256] = { 0 }; /* partition + 1 */

	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		for (unsigned n = 0; n < vm_at(c, i)->cpu_count; n++) {
			uint8_t cpu = vm_at(c, i)->cpu[n];

			if (owner[cpu] != 0) {
				broken(c, "CPU %u is given to partition %s and to %s", cpu,
				       vm_at(c, owner[cpu] - 1u)->name, vm_at(c, i)->name);
			}
			owner[cpu] = (uint8_t)(i + 1);
		}
	}
}

static void find_no_memory(struct check *c)
{
	const uint32_t rw = PROT_READ | PROT_WRITE;

	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		bool found = false;

		for (unsigned n = 0; n < vm_at(c, i)->region_count; n++) {
			uint32_t prot = vm_at(c, i)->region[n].prot;

			found = found || ((prot & rw) == rw && (prot & PROT_DEVICE) == 0);
		}
		if (!found) {
			broken(c, "partition %s has no memory to write to: add a region", vm_at(c, i)->name);
		}
	}
}

static void find_rights(struct check *c)
{
	const uint32_t known = CFG_VM_MONITOR | CFG_VM_TARGET | CFG_VM_ATTACH;

	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		if ((vm_at(c, i)->rights & ~known) != 0) {
			broken(c, "partition %s: unknown bits in rights 0x%x", vm_at(c, i)->name,
			       vm_at(c, i)->rights);
		}
	}
}

static void find_useless_rights(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		uint32_t rights = vm_at(c, i)->rights;

		if ((rights & (CFG_VM_MONITOR | CFG_VM_TARGET)) != 0 && (rights & CFG_VM_ATTACH) == 0) {
			broken(c, "partition %s: MONITOR and TARGET need CFG_VM_ATTACH too: smmu_init() will fail",
			       vm_at(c, i)->name);
		}
	}
}

static void find_fault_virq(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);
		bool needed = (v->rights & CFG_VM_ATTACH) != 0;

		if ((needed || v->fault_virq != 0) && (v->fault_virq < SPI_FIRST || v->fault_virq > VIRQ_LAST)) {
			broken(c, "partition %s: fault_virq %u must be %u..%u", v->name, v->fault_virq, SPI_FIRST,
			       VIRQ_LAST);
		}
	}
}

/* What raises virq at partition i besides its .irq list: its virtual UART, the lines of its PCI functions. */
static const char *virq_user(const struct check *c, unsigned i, uint32_t virq)
{
	const struct board *b = &c->cfg->board;

	if (virq != 0 && virq == b->uart_irq) {
		return "the virtual UART";
	}
	for (unsigned n = 0; n < 4 && vm_has_pci(c->cfg, i); n++) {
		if (virq != 0 && virq == b->pci.intx[n]) {
			return "a PCI line";
		}
	}
	return NULL;
}

static void find_fault_virq_used(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);
		const char *user = virq_user(c, i, v->fault_virq);

		for (unsigned n = 0; n < v->irq_count && v->fault_virq != 0; n++) {
			if (v->irq[n].virq == v->fault_virq) {
				user = "one of .irq";
			}
		}
		if (user != NULL) {
			broken(c, "partition %s: fault_virq %u is also %s: choose another", v->name, v->fault_virq,
			       user);
		}
	}
}

static void find_virq(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);

		for (unsigned n = 0; n < v->irq_count; n++) {
			uint32_t virq = v->irq[n].virq;
			bool twice = virq_user(c, i, virq) != NULL;

			for (unsigned m = 0; m < n; m++) {
				twice = twice || v->irq[m].virq == virq;
			}
			if (twice || virq < SPI_FIRST || virq > VIRQ_LAST) {
				broken(c, "partition %s: virq %u must be %u..%u and used once", v->name, virq,
				       SPI_FIRST, VIRQ_LAST);
			}
		}
	}
}

static void find_irq_range(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		for (unsigned n = 0; n < vm_at(c, i)->irq_count; n++) {
			uint32_t irq = vm_at(c, i)->irq[n].irq;

			if (irq < SPI_FIRST || irq > IRQ_LAST) {
				broken(c, "partition %s: irq %u must be a shared interrupt, %u..%u", vm_at(c, i)->name,
				       irq, SPI_FIRST, IRQ_LAST);
			}
		}
	}
}

/* Partition + 1 that owns irq, looking at what comes before entry n of partition i. */
static unsigned irq_owner_before(const struct check *c, unsigned i, unsigned n, uint32_t irq)
{
	for (unsigned j = 0; j <= i; j++) {
		unsigned end = j == i ? n : vm_at(c, j)->irq_count;

		for (unsigned m = 0; m < end; m++) {
			if (vm_at(c, j)->irq[m].irq == irq) {
				return j + 1;
			}
		}
	}
	return 0;
}

static void find_irq_twice(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		for (unsigned n = 0; n < vm_at(c, i)->irq_count; n++) {
			uint32_t irq = vm_at(c, i)->irq[n].irq;
			unsigned owner = irq_owner_before(c, i, n, irq);

			if (owner != 0) {
				broken(c, "irq %u is given to partition %s and to %s", irq, vm_at(c, owner - 1)->name,
				       vm_at(c, i)->name);
			}
		}
	}
}

/* Who uses a shared interrupt of the board for the hypervisor, in words, or NULL. */
static const char *own_irq(const struct board *b, uint32_t irq)
{
	if (irq == b->uart_irq) {
		return "the UART's";
	}
	for (unsigned i = 0; i < b->unit_count; i++) {
		if (irq == b->unit[i].evtq_irq || irq == b->unit[i].gerr_irq || irq == b->unit[i].sync_irq) {
			return "the IOMMU's";
		}
	}
	for (unsigned i = 0; i < 4 && b->pci.present; i++) {
		if (irq == b->pci.intx[i]) {
			return "a PCI line's: it follows its function, remove it from .irq";
		}
	}
	return NULL;
}

static void find_irq_ours(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		for (unsigned n = 0; n < vm_at(c, i)->irq_count; n++) {
			uint32_t irq = vm_at(c, i)->irq[n].irq;
			const char *what = irq >= SPI_FIRST ? own_irq(&c->cfg->board, irq) : NULL;

			if (what != NULL) {
				broken(c, "partition %s: irq %u is %s", vm_at(c, i)->name, irq, what);
			}
		}
	}
}

static const struct cfg_region *memory_at(const struct cfg_vm *v, uint64_t ipa, uint64_t size)
{
	for (unsigned n = 0; n < v->region_count; n++) {
		if ((v->region[n].prot & PROT_DEVICE) == 0 &&
		    inside(ipa, size, v->region[n].ipa, v->region[n].size)) {
			return &v->region[n];
		}
	}
	return NULL;
}

static void find_entry(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);
		const struct cfg_region *r = memory_at(v, v->entry, 4);

		if ((v->entry & 3) != 0 || r == NULL || (r->prot & PROT_EXEC) == 0) {
			broken(c, "partition %s: entry 0x%lx is not an aligned address in executable memory of its own",
			       v->name, v->entry);
		}
	}
}

/* Images are only ever used by their size: start and end are different symbols to the compiler. */
static uint64_t image_size(const struct cfg_image *m)
{
	return (uint64_t)((uintptr_t)m->end - (uintptr_t)m->start);
}

static bool image_valid(const struct cfg_image *m)
{
	return m->start != NULL && (uintptr_t)m->end > (uintptr_t)m->start;
}

static void find_entry_image(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);
		bool found = false;

		for (unsigned n = 0; n < v->image_count; n++) {
			found = found || (image_valid(&v->image[n]) &&
					  inside(v->entry, 4, v->image[n].ipa, image_size(&v->image[n])));
		}
		if (!found) {
			broken(c, "partition %s: entry 0x%lx is in none of its images: it starts in zeroed memory",
			       v->name, v->entry);
		}
	}
}

static void find_image_size(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);

		for (unsigned n = 0; n < v->image_count; n++) {
			const struct cfg_image *m = &v->image[n];

			if (!image_valid(m)) {
				broken(c, "partition %s image %s is empty", v->name, m->name);
			} else if (memory_at(v, m->ipa, image_size(m)) == NULL) {
				broken(c, "partition %s image %s 0x%lx+0x%lx does not fit in one of its memory regions",
				       v->name, m->name, m->ipa, image_size(m));
			}
		}
	}
}

static void find_image_overlap(struct check *c)
{
	for (unsigned i = 0; i < c->cfg->vm_count; i++) {
		const struct cfg_vm *v = vm_at(c, i);

		for (unsigned n = 0; n < v->image_count; n++) {
			for (unsigned m = 0; m < n; m++) {
				const struct cfg_image *a = &v->image[n];
				const struct cfg_image *b = &v->image[m];

				if (image_valid(a) && image_valid(b) &&
				    overlaps(a->ipa, image_size(a), b->ipa, image_size(b))) {
					broken(c, "partition %s: images %s and %s overlap at 0x%lx", v->name, b->name,
					       a->name, a->ipa);
				}
			}
		}
	}
}

static const struct config_rule rules[] = {
	{ "vm_name_unique", true, find_same_name },
	{ "vm_has_memory", true, find_no_memory },
	{ "vm_rights_known", true, find_rights },
	{ "vm_rights_usable", false, find_useless_rights },
	{ "cpu_exists", true, find_cpu_missing },
	{ "cpu_one_owner", true, find_cpu_twice },
	{ "fault_virq_valid", true, find_fault_virq },
	{ "fault_virq_free", true, find_fault_virq_used },
	{ "virq_unique", true, find_virq },
	{ "irq_range", true, find_irq_range },
	{ "irq_one_owner", true, find_irq_twice },
	{ "irq_not_ours", true, find_irq_ours },
	{ "entry_in_memory", true, find_entry },
	{ "entry_in_image", false, find_entry_image },
	{ "image_fits", true, find_image_size },
	{ "image_no_overlap", true, find_image_overlap },
};
const struct config_rule_table config_rules_vm = { rules, ARRAY_COUNT(rules) };
