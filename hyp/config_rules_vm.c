/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: partitions: CPUs, rights, images, interrupts, memory and registers. Owns nothing. Together they say
 * that a CPU, an interrupt and a page have one owner [I2], and that nothing of the hypervisor's, the IOMMU's,
 * the interrupt controller's or of an uncontrolled DMA master is ever a partition's [I3].
 */
#include <hyp/config_rules.h>

#include <arch/config.h>
#include <arch/irq.h>
#include <hyp/string.h>

/* Messages are not owned as numbers: they belong to the function that sends them. */
enum { IRQ_LINE_END = IRQ_MSI_FIRST < IRQ_MAX ? IRQ_MSI_FIRST : IRQ_MAX };

static bool is_device(const struct item *a)
{
	return (a->prot & PROT_DEVICE) != 0;
}

static bool same_name(struct check *c, const struct item *a, const struct item *b)
{
	return strcmp(a->owner, b->owner) == 0;
}

static bool cpu_missing(struct check *c, const struct item *a, const struct item *b)
{
	c->value = c->cfg->board.cpu_count;
	return a->number >= c->cfg->board.cpu_count;
}

static bool same_number(struct check *c, const struct item *a, const struct item *b)
{
	return a->number == b->number;
}

static bool no_memory(struct check *c, const struct item *a, const struct item *b)
{
	for (unsigned n = 0; n < a->v->region_count; n++) {
		if ((a->v->region[n].prot & (PROT_READ | PROT_WRITE | PROT_DEVICE)) == (PROT_READ | PROT_WRITE)) {
			return false;
		}
	}
	return true;
}

static bool rights(struct check *c, const struct item *a, const struct item *b)
{
	return (a->v->rights & ~(uint32_t)(CFG_VM_MONITOR | CFG_VM_TARGET | CFG_VM_ATTACH)) != 0;
}

static bool useless_rights(struct check *c, const struct item *a, const struct item *b)
{
	return (a->v->rights & (CFG_VM_MONITOR | CFG_VM_TARGET)) != 0 && (a->v->rights & CFG_VM_ATTACH) == 0;
}

static bool virq_ok(uint32_t virq)
{
	return virq >= IRQ_SHARED && virq < VIRQ_MAX;
}

static bool fault_virq(struct check *c, const struct item *a, const struct item *b)
{
	c->value = a->v->fault_virq;
	return (a->v->fault_virq != 0 || (a->v->rights & CFG_VM_ATTACH) != 0) && !virq_ok(a->v->fault_virq);
}

/* The number is raised at the partition by its virtual UART or by a line of its PCI functions. */
static bool virq_taken(const struct check *c, unsigned vm, uint32_t virq)
{
	const struct board *b = &c->cfg->board;
	bool taken = virq == b->uart_irq;

	for (unsigned n = 0; n < 4 && vm_has_pci(c->cfg, vm); n++) {
		taken = taken || virq == b->pci.intx[n];
	}
	return virq != 0 && taken;
}

static bool fault_virq_used(struct check *c, const struct item *a, const struct item *b)
{
	bool used = virq_taken(c, a->vm, a->v->fault_virq);

	for (unsigned n = 0; n < a->v->irq_count && a->v->fault_virq != 0; n++) {
		used = used || a->v->irq[n].virq == a->v->fault_virq;
	}
	c->value = a->v->fault_virq;
	return used;
}

static bool virq_range(struct check *c, const struct item *a, const struct item *b)
{
	c->value = a->irq->virq;
	return !virq_ok(a->irq->virq) || virq_taken(c, a->vm, a->irq->virq);
}

static bool virq_twice(struct check *c, const struct item *a, const struct item *b)
{
	c->value = a->irq->virq;
	return a->vm == b->vm && a->irq->virq == b->irq->virq;
}

static bool irq_range(struct check *c, const struct item *a, const struct item *b)
{
	return a->number < IRQ_SHARED || a->number >= IRQ_LINE_END;
}

static bool irq_ours(struct check *c, const struct item *a, const struct item *b)
{
	struct item w;

	for (unsigned n = 0; config_item_at(c, OVER_BOARD_IRQ, n, &w); n++) {
		if (w.number != 0 && w.number == a->number && a->number >= IRQ_SHARED) {
			c->word = w.owner;
		}
	}
	return c->word != NULL;
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

static bool entry(struct check *c, const struct item *a, const struct item *b)
{
	const struct cfg_region *r = memory_at(a->v, a->v->entry, 4);

	return (a->v->entry & 3) != 0 || r == NULL || (r->prot & PROT_EXEC) == 0;
}

static bool entry_image(struct check *c, const struct item *a, const struct item *b)
{
	struct item m;

	for (unsigned n = 0; config_item_at(c, OVER_IMAGE, n, &m); n++) {
		if (m.vm == a->vm && inside(a->v->entry, 4, m.base, m.size)) {
			return false;
		}
	}
	return true;
}

static bool image_size(struct check *c, const struct item *a, const struct item *b)
{
	return a->image->start == NULL || memory_at(a->v, a->base, a->size) == NULL;
}

static bool image_overlap(struct check *c, const struct item *a, const struct item *b)
{
	return a->vm == b->vm && overlaps(a->base, a->size, b->base, b->size);
}

static const struct config_rule vm_rules[] = {
	{ "vm_name_unique", OVER_VM, RULE_PAIR, same_name, "two partitions of one name" },
	{ "vm_has_memory", OVER_VM, 0, no_memory, "no memory it can write to: add a region" },
	{ "vm_rights_known", OVER_VM, 0, rights, "unknown bits in .rights" },
	{ "vm_rights_usable", OVER_VM, RULE_WARN, useless_rights, "MONITOR and TARGET need CFG_VM_ATTACH too" },
	{ "cpu_exists", OVER_CPU, 0, cpu_missing, "the number of CPUs of the board is" },
	{ "cpu_one_owner", OVER_CPU, RULE_PAIR, same_number, "a CPU runs one virtual CPU: change .cpu" },
	{ "fault_virq_valid", OVER_VM, 0, fault_virq, ".fault_virq must be " ARCH_VIRQ_RANGE ", not" },
	{ "fault_virq_free", OVER_VM, 0, fault_virq_used, "UART, PCI or .irq use it too: change .fault_virq" },
	{ "virq_range", OVER_IRQ, 0, virq_range,
	  ".virq must be " ARCH_VIRQ_RANGE ", not the UART's or a PCI line's:" },
	{ "virq_unique", OVER_IRQ, RULE_PAIR, virq_twice, "the same .virq" },
	{ "irq_range", OVER_IRQ, 0, irq_range, ".irq must be a shared interrupt, " ARCH_IRQ_RANGE },
	{ "irq_one_owner", OVER_IRQ, RULE_PAIR, same_number, "an interrupt has one owner: remove one" },
	{ "irq_not_ours", OVER_IRQ, 0, irq_ours, "remove it (PCI lines follow their function), it is" },
	{ "entry_in_memory", OVER_VM, 0, entry, ".entry must be aligned, in executable memory of its own" },
	{ "entry_in_image", OVER_VM, RULE_WARN, entry_image, ".entry is in no image: it starts in zeroed memory" },
	{ "image_fits", OVER_IMAGE, 0, image_size, "empty, or not inside one memory region of the partition" },
	{ "image_no_overlap", OVER_IMAGE, RULE_PAIR, image_overlap, "they overlap" },
};
const struct config_rule_table config_rules_vm = { vm_rules, ARRAY_COUNT(vm_rules) };

static bool aligned(struct check *c, const struct item *a, const struct item *b)
{
	return !page_range(a->base, a->size) || !page_range(a->at, a->size);
}

static bool prot(struct check *c, const struct item *a, const struct item *b)
{
	return a->prot >= PROT_COUNT || (a->prot & PROT_READ) == 0 || (is_device(a) && (a->prot & PROT_EXEC) != 0);
}

static bool not_in_ram(struct check *c, const struct item *a, const struct item *b)
{
	return !is_device(a) && !config_in_ram(&c->cfg->board, a->base, a->size);
}

static bool device_in_ram(struct check *c, const struct item *a, const struct item *b)
{
	struct item r;

	for (unsigned n = 0; config_item_at(c, OVER_RAM, n, &r); n++) {
		if (is_device(a) && overlaps(a->base, a->size, r.base, r.size)) {
			return true;
		}
	}
	return false;
}

static bool memory_shared(struct check *c, const struct item *a, const struct item *b)
{
	return !is_device(a) && !is_device(b) && overlaps(a->base, a->size, b->base, b->size);
}

static bool registers_shared(struct check *c, const struct item *a, const struct item *b)
{
	return is_device(a) && is_device(b) && overlaps(a->base, a->size, b->base, b->size);
}

static bool ipa_overlap(struct check *c, const struct item *a, const struct item *b)
{
	return a->vm == b->vm && overlaps(a->at, a->size, b->at, b->size);
}

static bool hyp_overlap(struct check *c, const struct item *a, const struct item *b)
{
	return overlaps(a->base, a->size, c->cfg->hyp_ram.base, c->cfg->hyp_ram.size);
}

/* What a partition sees at the board's addresses is emulated there: nothing may be mapped over it. */
static bool trapped(struct check *c, const struct item *a, const struct item *b)
{
	unsigned mask = OWN_IRQCHIP | OWN_UART | (vm_has_pci(c->cfg, a->vm) ? OWN_PCI : 0u);

	/* One to one, the mmio_ rules say it. */
	c->word = a->at == a->base ? NULL : config_own_hit(c, OVER_OWN, mask, a->at, a->size);
	return c->word != NULL;
}

static bool device_hits(struct check *c, const struct item *a, enum own_kind kind)
{
	c->word = is_device(a) ? config_own_hit(c, OVER_OWN, kind, a->base, a->size) : NULL;
	return c->word != NULL;
}

static bool hits_iommu(struct check *c, const struct item *a, const struct item *b)
{
	return device_hits(c, a, OWN_UNIT);
}

static bool hits_irqchip(struct check *c, const struct item *a, const struct item *b)
{
	return device_hits(c, a, OWN_IRQCHIP);
}

static bool hits_uart(struct check *c, const struct item *a, const struct item *b)
{
	return device_hits(c, a, OWN_UART);
}

static bool hits_pci(struct check *c, const struct item *a, const struct item *b)
{
	return device_hits(c, a, OWN_PCI);
}

static bool hits_bypass(struct check *c, const struct item *a, const struct item *b)
{
	return device_hits(c, a, OWN_BYPASS);
}

static const char remove_text[] = "remove it, no partition may have";
static const char virtual_text[] = "remove it, the partition gets a virtual one of";

static const struct config_rule region_rules[] = {
	{ "region_aligned", OVER_REGION, 0, aligned, "pa, ipa and size must be whole pages below 2^48" },
	{ "region_prot", OVER_REGION, 0, prot, ".prot must have READ, no EXEC with DEVICE, nothing unknown" },
	{ "region_in_ram", OVER_REGION, 0, not_in_ram, "not in board.ram: move it, or PROT_DEVICE if registers" },
	{ "region_no_overlap_pa", OVER_REGION, RULE_PAIR, memory_shared, "memory has one owner: move one" },
	{ "region_no_overlap_ipa", OVER_REGION, RULE_PAIR, ipa_overlap, "they overlap in the partition: change .ipa" },
	{ "region_not_hyp", OVER_REGION, 0, hyp_overlap, "reaches into hyp_ram: move one" },
	{ "region_not_trapped", OVER_REGION, 0, trapped, "change .ipa, there the partition sees" },
	{ "mmio_not_ram", OVER_REGION, 0, device_in_ram, "PROT_DEVICE, but in board.ram" },
	{ "mmio_one_owner", OVER_REGION, RULE_PAIR, registers_shared, "registers have one owner: remove one" },
	{ "mmio_not_iommu", OVER_REGION, 0, hits_iommu, remove_text },
	{ "mmio_not_irqchip", OVER_REGION, 0, hits_irqchip, virtual_text },
	{ "mmio_not_uart", OVER_REGION, 0, hits_uart, virtual_text },
	{ "mmio_not_pci", OVER_REGION, 0, hits_pci, "remove it and name the function in .device; it touches" },
	{ "mmio_not_bypass", OVER_REGION, 0, hits_bypass, remove_text },
};
const struct config_rule_table config_rules_region = { region_rules, ARRAY_COUNT(region_rules) };
