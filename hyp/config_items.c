/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_item_at(): everything rules are asked about, numbered through per kind, so that no rule has loops of its
 * own. Owns nothing. Counts and pointers were checked before (config_rules_count, config_rules_list).
 */
#include <hyp/config_rules.h>

#include <arch/config.h>
#include <hyp/string.h>

enum { NAME_MAX = 23, UART_SIZE = 0x1000 };

static bool ram_item(const struct board *b, unsigned n, struct item *out)
{
	if (n >= b->ram_count) {
		return false;
	}
	out->base = b->ram[n].base;
	out->size = b->ram[n].size;
	return true;
}

static void own_item(struct item *out, enum own_kind kind, const char *name, const struct cfg_range *r)
{
	out->kind = kind;
	out->owner = name;
	out->base = r->base;
	out->size = r->size;
}

/* Interrupt controllers first, then the UART, then what boards have many of. */
static bool own_item_at(const struct board *b, unsigned n, struct item *out)
{
	const struct board_pci *pci = &b->pci;
	const char *name;
	struct cfg_range r;
	unsigned count = 0;

	for (; arch_board_window(b, count, &name, &r); count++) {
		if (count == n) {
			own_item(out, OWN_IRQCHIP, name, &r);
			return true;
		}
	}
	n -= count;
	if (n == 0) {
		r = (struct cfg_range){ b->uart, b->uart != 0 && !b->uart_port ? UART_SIZE : 0 };
		own_item(out, OWN_UART, "the UART", &r);
		return true;
	}
	n--;
	if (n < b->unit_count) {
		own_item(out, OWN_UNIT, "the IOMMU", &(struct cfg_range){ b->unit[n].base, b->unit[n].size });
		return true;
	}
	n -= b->unit_count;
	if (n < b->bypass_count) {
		own_item(out, OWN_BYPASS, "a DMA master without IOMMU", &b->bypass[n]);
		return true;
	}
	n -= b->bypass_count;
	if (!pci->present || n > pci->window_count) {
		return false;
	}
	r = n == 0 ? (struct cfg_range){ pci->ecam, pci->ecam_size }
		   : (struct cfg_range){ pci->window[n - 1].cpu, pci->window[n - 1].size };
	own_item(out, OWN_PCI, n == 0 ? "PCI configuration space" : "a PCI window", &r);
	return true;
}

static bool board_irq_at(const struct board *b, unsigned n, struct item *out)
{
	unsigned count = 0;
	bool cpu_private;

	for (; arch_board_irq(b, count, &out->owner, &out->number, &cpu_private); count++) {
		if (count == n) {
			out->kind = cpu_private ? 1 : 0;
			return true;
		}
	}
	n -= count;
	if (n == 0) {
		out->owner = "uart_irq";
		out->number = b->uart_irq;
		return true;
	}
	n--;
	if (n < b->unit_count * 3u) {
		const struct board_unit *u = &b->unit[n / 3];

		out->owner = "the IOMMU's interrupt";
		out->number = n % 3 == 0 ? u->evtq_irq : n % 3 == 1 ? u->gerr_irq : u->sync_irq;
		return true;
	}
	n -= b->unit_count * 3u;
	out->owner = "a PCI line";
	out->number = n < 4 ? b->pci.intx[n] : 0;
	return b->pci.present && n < 4;
}

static unsigned vm_list_count(const struct cfg_vm *v, enum over kind)
{
	return kind == OVER_CPU	     ? v->cpu_count
	       : kind == OVER_REGION ? v->region_count
	       : kind == OVER_IMAGE  ? v->image_count
	       : kind == OVER_IRQ    ? v->irq_count
				     : 1;
}

static void region_item(struct item *out, const struct cfg_region *r)
{
	out->base = r->pa;
	out->size = r->size;
	out->at = r->ipa;
	out->prot = r->prot;
}

static void vm_list_item(const struct cfg_vm *v, enum over kind, unsigned n, struct item *out)
{
	if (kind == OVER_CPU) {
		out->number = v->cpu[n];
	} else if (kind == OVER_REGION) {
		out->name = v->region[n].name != NULL ? v->region[n].name : "";
		region_item(out, &v->region[n]);
	} else if (kind == OVER_IMAGE) {
		const struct cfg_image *m = &v->image[n];

		out->name = m->name != NULL ? m->name : "";
		out->image = m;
		out->base = out->at = m->ipa;
		/* Two symbols: only ever subtracted as numbers. */
		out->size = (uintptr_t)m->end > (uintptr_t)m->start ? (uintptr_t)m->end - (uintptr_t)m->start : 0;
	} else if (kind == OVER_IRQ) {
		out->irq = &v->irq[n];
		out->number = v->irq[n].irq;
	}
}

static bool vm_item_at(const struct hyp_config *g, enum over kind, unsigned n, struct item *out)
{
	for (unsigned i = 0; i < g->vm_count; i++) {
		unsigned count = vm_list_count(&g->vm[i], kind);

		if (n < count) {
			out->vm = i;
			out->v = &g->vm[i];
			out->owner = g->vm[i].name;
			vm_list_item(&g->vm[i], kind, n, out);
			return true;
		}
		n -= count;
	}
	return false;
}

static const struct cfg_allow *allow_of(const struct hyp_config *g, const struct cfg_device *d)
{
	return d->allow < g->allow_count ? &g->allow[d->allow] : NULL;
}

static unsigned device_list_count(const struct hyp_config *g, const struct cfg_device *d, enum over kind)
{
	const struct cfg_allow *a = allow_of(g, d);

	if (kind == OVER_DEVICE) {
		return 1;
	}
	return kind == OVER_RESERVED ? d->reserved_count : a != NULL ? a->region_count : 0;
}

static bool device_item_at(const struct hyp_config *g, enum over kind, unsigned n, struct item *out)
{
	for (unsigned i = 0; i < g->device_count; i++) {
		const struct cfg_device *d = &g->device[i];
		unsigned count = device_list_count(g, d, kind);

		if (n >= count) {
			n -= count;
			continue;
		}
		out->d = d;
		out->owner = d->name;
		out->vm = d->owner;
		if (kind == OVER_RESERVED) {
			out->base = out->at = d->reserved[n].base;
			out->size = d->reserved[n].size;
		} else if (kind == OVER_REACH) {
			out->name = allow_of(g, d)->name;
			region_item(out, &allow_of(g, d)->region[n]);
		}
		return true;
	}
	return false;
}

static bool allow_item_at(const struct hyp_config *g, enum over kind, unsigned n, struct item *out)
{
	for (unsigned i = 0; i < g->allow_count; i++) {
		unsigned count = kind == OVER_ALLOW ? 1 : g->allow[i].region_count;

		if (n < count) {
			out->name = g->allow[i].name != NULL ? g->allow[i].name : "";
			out->kind = i;
			if (kind == OVER_ALLOW_REGION) {
				region_item(out, &g->allow[i].region[n]);
			}
			return true;
		}
		n -= count;
	}
	return false;
}

static bool cpu_item(const struct board *b, unsigned n, struct item *out)
{
	if (n >= b->cpu_count) {
		return false;
	}
	out->number = n;
	out->base = b->cpu_id[n];
	out->at = b->cpu_id[n];
	return true;
}

static bool bypass_item(const struct platform *p, unsigned n, struct item *out)
{
	if (n >= p->bypass_count) {
		return false;
	}
	out->kind = p->bypass[n].present;
	out->owner = p->bypass[n].what;
	out->base = out->at = p->bypass[n].base;
	out->size = p->bypass[n].size;
	return true;
}

static bool note_item(const struct platform *p, unsigned n, struct item *out)
{
	out->owner = n < p->note_count ? p->note[n] : NULL;
	return n < p->note_count;
}

bool config_item_at(const struct check *c, enum over kind, unsigned n, struct item *out)
{
	*out = (struct item){ .n = n, .vm = CFG_OWNER_NONE };
	switch (kind) {
	case OVER_BOARD_CPU:
		return cpu_item(&c->cfg->board, n, out);
	case OVER_MACHINE_CPU:
		return c->p->valid && cpu_item(&c->p->board, n, out);
	case OVER_RAM:
		return ram_item(&c->cfg->board, n, out);
	case OVER_OWN:
		return own_item_at(&c->cfg->board, n, out);
	case OVER_MACHINE_OWN:
		return c->p->valid && own_item_at(&c->p->board, n, out);
	case OVER_BOARD_IRQ:
		return board_irq_at(&c->cfg->board, n, out);
	case OVER_VM:
	case OVER_CPU:
	case OVER_REGION:
	case OVER_IMAGE:
	case OVER_IRQ:
		return vm_item_at(c->cfg, kind, n, out);
	case OVER_DEVICE:
	case OVER_RESERVED:
	case OVER_REACH:
		return device_item_at(c->cfg, kind, n, out);
	case OVER_ALLOW:
	case OVER_ALLOW_REGION:
		return allow_item_at(c->cfg, kind, n, out);
	case OVER_BYPASS:
		return bypass_item(c->p, n, out);
	case OVER_NOTE:
		return note_item(c->p, n, out);
	default:
		return false;
	}
}

bool config_name_ok(const char *s)
{
	size_t n = s == NULL ? 0 : strnlen(s, NAME_MAX + 1);

	for (size_t i = 0; i < n; i++) {
		if (s[i] <= ' ' || s[i] > '~') {
			return false;
		}
	}
	return n >= 1 && n <= NAME_MAX;
}

bool config_in_ram(const struct board *b, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < b->ram_count; i++) {
		if (inside(base, size, b->ram[i].base, b->ram[i].size)) {
			return true;
		}
	}
	return false;
}

const char *config_own_hit(const struct check *c, enum over own, unsigned mask, uint64_t base, uint64_t size)
{
	struct item w;

	for (unsigned n = 0; config_item_at(c, own, n, &w); n++) {
		if ((w.kind & mask) != 0 && overlaps(base, size, w.base, w.size)) {
			return w.owner;
		}
	}
	return NULL;
}

bool vm_has_pci(const struct hyp_config *cfg, unsigned vm)
{
	for (unsigned i = 0; i < cfg->device_count; i++) {
		if (cfg->device[i].kind == CFG_DEV_PCI && cfg->device[i].owner == vm) {
			return true;
		}
	}
	return false;
}
