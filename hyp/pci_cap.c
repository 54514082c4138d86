/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capability lists, which are a device's own words: followed for a bounded number of hops, never twice to the
 * same place [I6]. Owns what is learnt from them: where the PCI Express capability is, whether a port isolates
 * what is behind it, which capabilities a partition sees (a list of the allowed, everything else is hidden),
 * and which pages of a BAR hold the MSI-X table, which no partition may write [I3]. Where messages are and of what
 * kind is read once: what a device answers later changes nothing.
 */
#include <hyp/pci_priv.h>

struct cap {
	uint8_t id;
	uint8_t pos;
};

/* Fills list[PCI_CAP_MAX]; returns how many. Stops at the first pointer that makes no sense. */
static unsigned caps_get(uint16_t bdf, struct cap *list)
{
	uint64_t seen = 0; /* bit n: dword n */
	unsigned count = 0;
	uint8_t pos;

	if ((pci_read16(bdf, PCI_STATUS) & PCI_STATUS_CAPS) == 0) {
		return 0;
	}
	pos = pci_read8(bdf, PCI_CAP_PTR) & 0xfcu;
	while (count < PCI_CAP_MAX && pos >= PCI_CAP_FIRST && (seen & BIT64(pos / 4)) == 0) {
		uint16_t head = pci_read16(bdf, pos);

		seen |= BIT64(pos / 4);
		list[count++] = (struct cap){ .id = (uint8_t)head, .pos = pos };
		pos = (uint8_t)(head >> 8) & 0xfcu;
	}
	return count;
}

static bool caps_have(const struct cap *list, unsigned count, uint8_t id)
{
	for (unsigned i = 0; i < count; i++) {
		if (list[i].id == id) {
			return true;
		}
	}
	return false;
}

/* Calls visit for each extended capability; a loop is left after PCI_XCAP_MAX hops. */
typedef void xcap_fn(uint16_t bdf, unsigned id, unsigned pos, void *ctx);

static void xcaps_visit(uint16_t bdf, xcap_fn *visit, void *ctx)
{
	unsigned pos = PCI_XCAP_FIRST;

	for (unsigned hops = 0; hops < PCI_XCAP_MAX; hops++) {
		uint32_t head = pci_read32(bdf, pos);

		if (head == 0 || head == ~0u) {
			return;
		}
		visit(bdf, (unsigned)FIELD_GET(PCI_XCAP_ID, head), pos, ctx);
		pos = (unsigned)FIELD_GET(PCI_XCAP_NEXT, head) & ~3u;
		if (pos < PCI_XCAP_FIRST || pos > PCI_XCAP_END - 16) {
			return;
		}
	}
}

static void xcap_quiet(uint16_t bdf, unsigned id, unsigned pos, void *ctx)
{
	switch (id) {
	case PCI_XCAP_ATS:
		pci_write16(bdf, pos + ATS_CONTROL, 0);
		break;
	case PCI_XCAP_SRIOV:
		pci_write16(bdf, pos + SRIOV_CONTROL, 0);
		break;
	case PCI_XCAP_PRI:
		pci_write16(bdf, pos + PRI_CONTROL, 0);
		break;
	case PCI_XCAP_PASID:
		pci_write16(bdf, pos + PASID_CONTROL, 0);
		break;
	default:
		break;
	}
}

void pci_cap_quiet(uint16_t bdf)
{
	struct cap list[PCI_CAP_MAX];
	unsigned count = caps_get(bdf, list);

	for (unsigned i = 0; i < count; i++) {
		if (list[i].id == PCI_CAP_MSI) {
			pci_write16(bdf, list[i].pos + MSI_CONTROL, 0);
		} else if (list[i].id == PCI_CAP_MSIX) {
			pci_write16(bdf, list[i].pos + MSIX_CONTROL, MSIX_CONTROL_MASK);
		}
	}
	if (caps_have(list, count, PCI_CAP_PCIE)) { /* conventional functions have 256 bytes */
		xcaps_visit(bdf, xcap_quiet, NULL);
	}
}

static void xcap_acs(uint16_t bdf, unsigned id, unsigned pos, void *ctx)
{
	bool *isolates = ctx;
	uint16_t can;

	if (id != PCI_XCAP_ACS) {
		return;
	}
	can = pci_read16(bdf, pos + ACS_CAP) & ACS_ISOLATE;
	pci_write16(bdf, pos + ACS_CONTROL, can);
	*isolates = can == ACS_ISOLATE && (pci_read16(bdf, pos + ACS_CONTROL) & ACS_ISOLATE) == can;
}

/* [PCIe 6.12]: with all four, requests between two ports go up through the unit, with a true requester id. */
void pci_cap_port_isolate(struct pci_fn *f)
{
	if (f->pcie != 0 && (f->port == PCIE_TYPE_ROOT || f->port == PCIE_TYPE_DOWN)) {
		xcaps_visit(f->bdf, xcap_acs, &f->acs);
	}
}

static void pcie_init(struct pci_fn *f, uint8_t pos)
{
	if (pos > 0x100u - PCIE_SIZE) {
		return; /* would not fit: not believed */
	}
	f->pcie = pos;
	f->port = (uint8_t)FIELD_GET(PCIE_CAP_TYPE, pci_read16(f->bdf, pos + PCIE_CAP));
	f->flr = (pci_read32(f->bdf, pos + PCIE_DEVCAP) & PCIE_DEVCAP_FLR) != 0;
	f->devctl_boot = (uint16_t)(pci_read16(f->bdf, pos + PCIE_DEVCTL) & ~(PCIE_DEVCTL_FLR | PCIE_DEVCTL_NOSNOOP));
}

static void hole_add(struct pci_fn *f, uint32_t where, uint64_t size)
{
	uint64_t start = where & ~(uint32_t)MSIX_BIR;

	if (f->hole_count < PCI_HOLE_MAX) {
		f->hole[f->hole_count++] = (struct pci_hole){
			.bar = (uint8_t)(where & MSIX_BIR),
			.start = align_down(start, PAGE_SIZE),
			.end = align_up(start + size, PAGE_SIZE),
		};
	}
}

static void msix_init(struct pci_fn *f, uint8_t pos)
{
	uint64_t entries = FIELD_GET(MSIX_CONTROL_SIZE, pci_read16(f->bdf, pos + MSIX_CONTROL)) + 1;

	if (pos > 0x100u - MSIX_SIZE) {
		return;
	}
	f->msi.xcap = PCI_MSI ? pos : 0;
	f->msi.entries = (uint16_t)entries;
	f->msi.table_at = pci_read32(f->bdf, pos + MSIX_TABLE);
	f->msi.pba_at = pci_read32(f->bdf, pos + MSIX_PBA);
	hole_add(f, f->msi.table_at, entries * MSIX_ENTRY_SIZE);
	hole_add(f, f->msi.pba_at, (entries + 63) / 64 * 8);
}

static void msi_init(struct pci_fn *f, uint8_t pos)
{
	uint16_t control = pci_read16(f->bdf, pos + MSI_CONTROL);
	bool wide = (control & MSI_CONTROL_64) != 0;
	unsigned mask = pos + (wide ? MSI_MASK64 : MSI_MASK32);

	if (PCI_MSI && pos <= 0x100u - (wide ? MSI_SIZE64 : MSI_SIZE32)) {
		f->msi.cap = pos;
		f->msi.wide = wide;
		f->msi.mask = (control & MSI_CONTROL_PVM) != 0 && mask <= 0x100u - 4 ? (uint8_t)mask : 0;
	}
}

/* How much of an allowed capability there is, or 0: hidden. */
static unsigned seen_size(const struct pci_fn *f, const struct cap *c)
{
	if (c->id == PCI_CAP_PCIE) {
		return c->pos == f->pcie ? PCIE_SIZE : 0;
	}
	if (c->id == PCI_CAP_VENDOR) { /* virtio finds its registers with these; read only */
		return pci_read8(f->bdf, c->pos + 2u);
	}
	if (PCI_MSI && c->id == PCI_CAP_MSI) {
		return c->pos != f->msi.cap ? 0 : f->msi.wide ? MSI_SIZE64 : MSI_SIZE32;
	}
	if (PCI_MSI && c->id == PCI_CAP_MSIX) {
		return c->pos == f->msi.xcap ? MSIX_SIZE : 0;
	}
	return 0;
}

/* Adds one to seen[], clipped so that it shows nothing of a neighbour, however long it says it is. */
static void seen_add(struct pci_fn *f, const struct cap *list, unsigned count, unsigned i)
{
	unsigned size = seen_size(f, &list[i]);
	unsigned end = list[i].pos + (unsigned)align_up(size, 4);

	if (size < 3 || f->seen_count == PCI_SEEN_MAX) {
		return;
	}
	for (unsigned k = 0; k < count; k++) {
		if (list[k].pos > list[i].pos && list[k].pos < end) {
			end = list[k].pos;
		}
	}
	if (end > 0x100) {
		end = 0x100;
	}
	f->seen[f->seen_count] = (struct pci_seen){ .id = list[i].id, .pos = list[i].pos, .end = (uint16_t)end };
	if (f->seen_count != 0) {
		f->seen[f->seen_count - 1].next = list[i].pos;
	}
	f->seen_count++;
}

void pci_cap_hide(struct pci_fn *f, uint8_t id)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < f->seen_count; i++) {
		if (f->seen[i].id != id) {
			f->seen[kept] = f->seen[i];
			f->seen[kept].next = 0;
			if (kept != 0) {
				f->seen[kept - 1].next = f->seen[kept].pos;
			}
			kept++;
		}
	}
	f->seen_count = (uint8_t)kept;
}

void pci_cap_init(struct pci_fn *f)
{
	struct cap list[PCI_CAP_MAX];
	unsigned count = caps_get(f->bdf, list);

	for (unsigned i = 0; i < count; i++) {
		if (list[i].id == PCI_CAP_PCIE && f->pcie == 0) {
			pcie_init(f, list[i].pos);
		} else if (list[i].id == PCI_CAP_MSIX && f->msi.entries == 0) {
			msix_init(f, list[i].pos);
		} else if (list[i].id == PCI_CAP_MSI && f->msi.cap == 0) {
			msi_init(f, list[i].pos);
		} else if (list[i].id == PCI_CAP_EA) {
			f->bad = "its addresses are fixed (Enhanced Allocation)";
		}
	}
	for (unsigned i = 0; !f->bridge && i < count; i++) {
		seen_add(f, list, count, i);
	}
}
