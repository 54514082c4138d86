/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which message-signalled interrupts a partition is offered: none where messages are not remapped [I3], no MSI-X where
 * the device's registers make no sense, fewer vectors than the device has where ours run out. What is not offered is
 * taken out of the capability list; the function has its line then. Boot only; the structures in a BAR are mapped for
 * us here and their pages trap, because they are nowhere in the owner's map (pci_assign.c). Owns nothing.
 */
#include <hyp/pci_priv.h>

#include <arch/mmu.h>
#include <hyp/log.h>

/* The window of a structure in a BAR, mapped for us; 0: it is not where a BAR is. */
static uintptr_t window_map_at(const struct pci_fn *f, uint32_t where, uint64_t size)
{
	unsigned n = where & MSIX_BIR;
	uint64_t off = where & ~(uint32_t)MSIX_BIR;
	const struct pci_bar *b = &f->bar[n < PCI0_BAR_COUNT ? n : 0];

	if (n >= PCI0_BAR_COUNT || b->size == 0 || !range_inside(off, size, 0, b->size) ||
	    arch_hyp_map(pa(b->cpu + off), size, PROT_READ | PROT_WRITE | PROT_DEVICE) != 0) {
		return 0;
	}
	return (uintptr_t)(b->cpu + off);
}

/* Why it cannot be offered, or NULL. */
static const char *msix_map(struct pci_fn *f)
{
	struct pci_msi *s = &f->msi;

	if (f->vm->trap_count + PCI_HOLE_MAX >= VM_TRAP_MAX) { /* and one for the ECAM window */
		return "its partition has too many devices with a table (VM_TRAP_MAX)";
	}
	s->table = window_map_at(f, s->table_at, (uint64_t)s->entries * MSIX_ENTRY_SIZE);
	s->pba = window_map_at(f, s->pba_at, (s->entries + (uint64_t)63) / 64 * 8);
	return s->table != 0 && s->pba != 0 ? NULL : "its table is not inside a BAR";
}

/* The pages of both, none of which is in the owner's map; often it is one page. */
static void msix_trap(const struct pci_fn *f)
{
	for (unsigned i = 0; i < f->hole_count; i++) {
		const struct pci_hole *h = &f->hole[i];

		if (i == 0 || h->bar != f->hole[0].bar || h->start != f->hole[0].start) {
			vm_trap_add(f->vm, f->bar[h->bar].cpu + h->start, h->end - h->start, VM_TRAP_MSIX);
		}
	}
}

static void msix_hide(struct pci_fn *f)
{
	f->msi.xcap = 0;
	pci_cap_hide(f, PCI_CAP_MSIX);
}

static void msi_hide(struct pci_fn *f)
{
	f->msi.cap = 0;
	pci_cap_hide(f, PCI_CAP_MSI);
}

void pci_msi_assign(struct pci_fn *f)
{
	struct pci_msi *s = &f->msi;
	const char *why;
	unsigned want, got;

	if (!PCI_MSI) {
		return;
	}
	/* What a conventional bridge forwards has the bridge's id and is blocked; a line is not. */
	if (!arch_msi_remapped() || pci_fn_alias(f) != NULL) {
		msi_hide(f);
		msix_hide(f);
	}
	why = s->xcap != 0 ? msix_map(f) : NULL;
	if (why != NULL) {
		log_warn("pci: device %s: MSI-X is not offered: %s", f->cfg->name, why);
		msix_hide(f);
	}
	want = s->xcap == 0 ? s->cap != 0 : s->entries < PCI_MSIX_MAX ? s->entries : PCI_MSIX_MAX;
	got = pci_msi_vectors(f, want);
	if (got < want) {
		log_warn("pci: device %s gets %u of %u message interrupts%s", f->cfg->name, got, want,
			 got != 0 ? "" : f->irq != 0 ? ": it has its line" : ", and it has no line");
	}
	if (got == 0) {
		msix_hide(f);
	}
	if (got == 0 || !pci_msi_fits(f)) {
		msi_hide(f);
	}
	if (s->xcap != 0) {
		msix_trap(f);
	}
}
