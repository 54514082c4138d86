/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's own page tables and memory, read on its behalf [APM 2, chapter 5]. Only RAM of the partition is ever read
 * [I3]: every table word and every byte goes through vm_region_find(), so a table that points at us or at a device ends
 * the walk. At most four table words are read [I6]. Rights are not checked: the CPU did that before it trapped.
 */
#include <asm/decode.h>

#include <asm/cpuvirt.h>
#include <asm/msr.h>
#include <hyp/string.h>
#include <hyp/vm.h>

#define PTE_PRESENT BIT64(0)
#define PTE_PS      BIT64(7)
#define PTE_ADDR    BITS64(51, 12)

bool guest_read(struct vcpu *v, uint64_t gpa, void *to, size_t size)
{
	uint8_t *out = to;

	if (size > PAGE_SIZE || !range_ok(gpa, size)) {
		return false;
	}
	while (size > 0) {
		uint64_t off = gpa & PAGE_MASK;
		size_t n = size < PAGE_SIZE - off ? size : PAGE_SIZE - off;
		const struct cfg_region *r = vm_region_find(v->vm, ipa(gpa), n, PROT_READ);

		if (r == NULL || (r->prot & PROT_DEVICE) != 0) {
			return false;
		}
		memcpy(out, (const uint8_t *)window_map(pa(r->pa + (gpa - off - r->ipa))) + off, n);
		out += n;
		gpa += n;
		size -= n;
	}
	return true;
}

/* Entry index of the table at base, size bytes wide. False: not in memory, or not present. */
static bool entry_read(struct vcpu *v, uint64_t base, uint64_t index, size_t size, uint64_t *e)
{
	*e = 0;
	return guest_read(v, base + index * size, e, size) && (*e & PTE_PRESENT) != 0;
}

/* shift: of the bits the leaf translates */
static uint64_t leaf(uint64_t e, unsigned shift, uint64_t linear)
{
	uint64_t mask = BIT64(shift) - 1;

	return (e & PTE_ADDR & ~mask) | (linear & mask);
}

/* Tables of 64-bit entries: from 4 levels in long mode, the lower 2 of 3 with PAE [APM 2, 5.2.3, 5.3]. */
static bool walk_wide(struct vcpu *v, uint64_t table, unsigned levels, uint64_t linear, uint64_t *gpa)
{
	for (unsigned level = levels; level > 0; level--) {
		unsigned shift = 12 + 9 * (level - 1);
		uint64_t e;

		if (!entry_read(v, table & PTE_ADDR, (linear >> shift) & 0x1ff, 8, &e)) {
			return false;
		}
		if (level == 1 || (level < 4 && (e & PTE_PS) != 0)) {
			*gpa = leaf(e, shift, linear);
			return true;
		}
		table = e;
	}
	return false;
}

/* CR3[31:5] points at four entries that are always tables [APM 2, 5.2.3]. */
static bool walk_pae(struct vcpu *v, uint64_t cr3, uint64_t linear, uint64_t *gpa)
{
	uint64_t e;

	return entry_read(v, cr3 & BITS64(31, 5), linear >> 30, 8, &e) && walk_wide(v, e, 2, linear, gpa);
}

/* Two levels of 32-bit entries; a 4 MiB page has address bits 39:32 in 20:13 [APM 2, 5.2.1, 5.2.2]. */
static bool walk_narrow(struct vcpu *v, uint64_t cr3, uint64_t linear, uint64_t *gpa)
{
	uint64_t e;

	if (!entry_read(v, cr3 & BITS64(31, 12), linear >> 22, 4, &e)) {
		return false;
	}
	if ((e & PTE_PS) != 0 && (cpuvirt->get(v, VREG_CR4) & CR4_PSE) != 0) {
		*gpa = (e & BITS64(31, 22)) | FIELD_GET(BITS64(20, 13), e) << 32 | (linear & BITS64(21, 0));
		return true;
	}
	if (!entry_read(v, e & BITS64(31, 12), (linear >> 12) & 0x3ff, 4, &e)) {
		return false;
	}
	*gpa = leaf(e, 12, linear);
	return true;
}

static bool canonical(uint64_t linear)
{
	return (uint64_t)((int64_t)(linear << 16) >> 16) == linear;
}

bool guest_walk(struct vcpu *v, uint64_t linear, uint64_t *gpa)
{
	uint64_t cr3 = cpuvirt->get(v, VREG_CR3);

	if ((cpuvirt->get(v, VREG_EFER) & EFER_LMA) != 0) {
		return canonical(linear) && walk_wide(v, cr3, 4, linear, gpa);
	}
	linear = (uint32_t)linear;
	if ((cpuvirt->get(v, VREG_CR0) & CR0_PG) == 0) {
		*gpa = linear;
		return true;
	}
	if ((cpuvirt->get(v, VREG_CR4) & CR4_PAE) != 0) {
		return walk_pae(v, cr3, linear, gpa);
	}
	return walk_narrow(v, cr3, linear, gpa);
}
