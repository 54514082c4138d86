/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refused access in words a test engineer can act on: which device, whose, what it wanted, why not, and what the
 * address is nearest to. Pure functions from records to text; nothing here decides anything. The caller holds the lock
 * of the endpoint's client, so the records stand still.
 */
#include <hyp/iommu_priv.h>

#include <arch/config.h>
#include <hyp/vm.h>

enum { NEAR_BYTES = 0x10000 }; /* further away from a mapping than this, the mapping is no explanation */

/* Appends, and never writes beyond the end; what does not fit is cut off. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

static void add(struct text *t, const char *fmt, ...) __printf(2, 3);

static void add(struct text *t, const char *fmt, ...)
{
	size_t at = t->len < t->size ? t->len : t->size;
	va_list ap;

	va_start(ap, fmt);
	t->len += hyp_vsnprintf(t->buf + at, t->size - at, fmt, ap);
	va_end(ap);
}

/* --- Who -------------------------------------------------------------------------------------- */

static void add_device(struct text *t, const struct iommu_fault *f, const struct endpoint *ep)
{
	const struct cfg_device *d = ep ? ep->cfg : NULL;

	if (!d) {
		if (f->sid_valid) {
			add(t, "unknown device (unit %u, " ARCH_SID " 0x%x)", f->unit, f->sid);
		} else {
			add(t, "unknown device (unit %u names none)", f->unit);
		}
		return;
	}
	add(t, "device %s (", d->name);
	if (d->kind == CFG_DEV_PCI) {
		add(t, "pci %02x:%02x.%x", d->bdf >> 8, (d->bdf >> 3) & 31u, d->bdf & 7u);
	} else {
		add(t, "registers at 0x%lx", (unsigned long)d->mmio);
	}
	add(t, ", " ARCH_SID " 0x%x, ", d->sid);
	if (ep->vm) {
		add(t, "partition %s)", ep->vm->cfg->name);
	} else {
		add(t, "no partition's)");
	}
}

static const char *access_word(unsigned access)
{
	if (access & PROT_WRITE) {
		return "write of";
	}
	if (access & PROT_EXEC) {
		return "instruction fetch from";
	}
	return access & PROT_READ ? "read of" : "access to";
}

static const char *rights_word(unsigned prot)
{
	static const char *const word[8] = {
		"nothing", "read", "write", "read+write", "exec", "read+exec", "write+exec", "read+write+exec",
	};

	return word[prot & 7u];
}

static const char *reason_word(enum fault_reason r)
{
	switch (r) {
	case FAULT_UNMAPPED:
		return "no mapping there";
	case FAULT_PERMISSION:
		return "not with this right";
	case FAULT_ADDRESS:
		return "outside the addresses the unit translates";
	case FAULT_BLOCKED:
		return "the device is in no SMMU object";
	case FAULT_TABLE:
		return "the unit could not use a table entry";
	case FAULT_BUS:
		return "the memory system refused it";
	case FAULT_NONE:
	case FAULT_OTHER:
	default:
		return "other reason";
	}
}

/* --- Which mapping ---------------------------------------------------------------------------- */

static bool covers(const struct smmu_mapping *m, uint64_t addr)
{
	return addr >= mapping_start(m) && addr <= mapping_last(m);
}

/* The address is inside mappings: what they allow together. */
static bool add_inside(struct text *t, const struct iommu_client *c, unsigned object, uint64_t addr)
{
	const struct smmu_mapping *found = NULL;
	unsigned prot = 0;

	for (unsigned i = 0; i < c->mapping_top; i++) {
		const struct smmu_mapping *m = &c->mapping[i];

		if (m->used && m->object == object && covers(m, addr)) {
			found = m;
			prot |= m->prot;
		}
	}
	if (found) {
		add(t, "; mapping %u (0x%lx+0x%lx) allows %s only", found->serial, (unsigned long)found->iova,
		    (unsigned long)found->size, rights_word(prot));
	}
	return found != NULL;
}

static bool add_gone(struct text *t, const struct iommu_client *c, unsigned object, uint64_t addr)
{
	const struct smmu_mapping *last = NULL;

	for (unsigned i = 0; i < UNMAPPED_MAX; i++) {
		const struct smmu_mapping *m = &c->gone[(c->gone_next + i) % UNMAPPED_MAX]; /* oldest first */

		if (m->used && m->object == object && covers(m, addr)) {
			last = m;
		}
	}
	if (last) {
		uint32_t ago = c->calls - last->serial;

		add(t, "; 0x%lx+0x%lx was unmapped %u call%s ago", (unsigned long)last->iova,
		    (unsigned long)last->size, ago, ago == 1 ? "" : "s");
	}
	return last != NULL;
}

/* Bytes from the end of m to addr, or from addr to its start; ~0: addr is inside. */
static uint64_t distance(const struct smmu_mapping *m, uint64_t addr, bool *after)
{
	uint64_t last = m->iova + (m->size - 1);

	*after = addr > last;
	if (*after) {
		return addr - last - 1;
	}
	return addr < m->iova ? m->iova - addr : ~(uint64_t)0;
}

static bool add_nearest(struct text *t, const struct iommu_client *c, unsigned object, uint64_t addr)
{
	const struct smmu_mapping *best = NULL;
	uint64_t best_d = NEAR_BYTES;
	bool best_after = false;

	for (unsigned i = 0; i < c->mapping_top; i++) {
		const struct smmu_mapping *m = &c->mapping[i];
		bool after;
		uint64_t d;

		if (!m->used || m->object != object) {
			continue;
		}
		d = distance(m, addr, &after);
		if (d < best_d) {
			best = m;
			best_d = d;
			best_after = after;
		}
	}
	if (best) {
		add(t, "; %lu byte%s %s mapping %u (0x%lx+0x%lx %s)", (unsigned long)best_d, best_d == 1 ? "" : "s",
		    best_after ? "past the end of" : "before", best->serial, (unsigned long)best->iova,
		    (unsigned long)best->size, rights_word(best->prot));
	}
	return best != NULL;
}

static void add_mapping(struct text *t, const struct iommu_fault *f, const struct endpoint *ep)
{
	unsigned object;

	if (!ep || !ep->object || !ep->client) {
		return;
	}
	object = ep->object->index;
	if (add_inside(t, ep->client, object, f->addr) || add_gone(t, ep->client, object, f->addr)) {
		return;
	}
	(void)add_nearest(t, ep->client, object, f->addr);
}

/* --- What is there ---------------------------------------------------------------------------- */

static bool in_range(uint64_t addr, uint64_t base, uint64_t size)
{
	return size != 0 && addr >= base && addr - base < size;
}

/* What a board has not has size 0. */
static const char *board_word(const struct hyp_config *cfg, uint64_t addr)
{
	const struct board *b = &cfg->board;

	for (unsigned i = 0; i < b->unit_count; i++) {
		if (in_range(addr, b->unit[i].base, b->unit[i].size)) {
			return "registers of the " ARCH_IOMMU;
		}
	}
	if (in_range(addr, b->gicd.base, b->gicd.size) || in_range(addr, b->gicr.base, b->gicr.size)) {
		return "registers of the GIC";
	}
	if (in_range(addr, b->its.base, b->its.size)) {
		return "registers of the GIC (ITS)";
	}
	if (in_range(addr, b->lapic.base, b->lapic.size) || in_range(addr, b->ioapic.base, b->ioapic.size)) {
		return "registers of an APIC";
	}
	if (!b->uart_port && in_range(addr, b->uart, PAGE_SIZE)) {
		return "registers of the console";
	}
	if (b->pci.present && in_range(addr, b->pci.ecam, b->pci.ecam_size)) {
		return "PCI configuration space";
	}
	return NULL;
}

static bool add_bar(struct text *t, uint64_t addr)
{
	for (unsigned v = 0; v < vm_count; v++) {
		for (unsigned i = 0; i < vms[v].bar_count; i++) {
			const struct cfg_region *r = &vms[v].bar[i];

			if (in_range(addr, r->pa, r->size)) {
				add(t, "; belongs to partition %s (registers of %s, +0x%lx)", vms[v].cfg->name,
				    r->name, (unsigned long)(addr - r->pa));
				return true;
			}
		}
	}
	return false;
}

static void add_address(struct text *t, const struct hyp_config *cfg, uint64_t addr)
{
	const char *word = board_word(cfg, addr);

	if (in_range(addr, cfg->hyp_ram.base, cfg->hyp_ram.size)) {
		add(t, "; hypervisor memory");
		return;
	}
	for (unsigned v = 0; v < cfg->vm_count; v++) {
		for (unsigned i = 0; i < cfg->vm[v].region_count; i++) {
			const struct cfg_region *r = &cfg->vm[v].region[i];

			if (in_range(addr, r->pa, r->size)) {
				add(t, "; belongs to partition %s (region %s, +0x%lx)", cfg->vm[v].name, r->name,
				    (unsigned long)(addr - r->pa));
				return;
			}
		}
	}
	if (word) {
		add(t, "; %s", word);
	} else if (!add_bar(t, addr)) {
		add(t, "; no partition's memory");
	}
}

/* A device address of the owner's own memory is a guest-physical one; any other is read as what the bus would see. */
static bool add_own(struct text *t, const struct endpoint *ep, uint64_t addr)
{
	const struct cfg_vm *vm = ep && ep->vm ? ep->vm->cfg : NULL;

	for (unsigned i = 0; vm && i < vm->region_count; i++) {
		const struct cfg_region *r = &vm->region[i];

		if (in_range(addr, r->ipa, r->size)) {
			add(t, "; own memory of partition %s (region %s, +0x%lx)", vm->name, r->name,
			    (unsigned long)(addr - r->ipa));
			return true;
		}
	}
	return false;
}

size_t address_text(char *buf, size_t size, const struct hyp_config *cfg, uint64_t addr)
{
	struct text t = { buf, size, 0 };

	add_address(&t, cfg, addr);
	return t.len;
}

size_t fault_text(char *buf, size_t size, const struct hyp_config *cfg, const struct iommu_fault *f,
		  const struct endpoint *ep)
{
	struct text t = { buf, size, 0 };

	add_device(&t, f, ep);
	if (f->addr_valid) {
		add(&t, " %s 0x%lx refused: %s [%s]", access_word(f->access), (unsigned long)f->addr,
		    reason_word(f->reason), f->name ? f->name : "?");
		add_mapping(&t, f, ep);
		if (!add_own(&t, ep, f->addr)) {
			add_address(&t, cfg, f->addr);
		}
	} else {
		add(&t, " %s an address the unit does not tell refused: %s [%s]", access_word(f->access),
		    reason_word(f->reason), f->name ? f->name : "?");
	}
	return t.len;
}
