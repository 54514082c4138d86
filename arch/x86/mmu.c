/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own map, an identity map with W^X, the format of nested page tables, and each CPU's window on partition memory.
 * Keeps [I3]: partition memory is mapped for us only while it is filled at its start, in argument pages, and
 * read-only, one page per CPU, in the window. TLBs: every mapping is the identity, so an entry that another CPU still
 * holds can only be too generous for us, never wrong; what must hold for all (the seal) happens before the others
 * start.
 */
#include <arch/mmu.h>

#include <arch/cache.h>
#include <arch/hwmem.h>
#include <asm/decode.h>
#include <asm/io.h>
#include <asm/mmu_boot.h>
#include <asm/msr.h>
#include <asm/percpu.h>
#include <bulkhead/errno.h>
#include <hyp/bits.h>
#include <hyp/check.h>
#include <hyp/pool.h>
#include <hyp/spinlock.h>
#include <hyp/vm.h>

enum { MAP_LEVELS = 4, IMAGE_CHUNK = 1 << 20 };

/* Page-table entries [APM 2 5.3]. */
#define PTE_P   BIT64(0)
#define PTE_RW  BIT64(1)
#define PTE_US  BIT64(2)
#define PTE_PWT BIT64(3)
#define PTE_PCD BIT64(4)
#define PTE_A   BIT64(5)
#define PTE_D   BIT64(6)
#define PTE_PS  BIT64(7)
#define PTE_SOFT BIT64(9)
#define PTE_ADDR BITS64(51, 12)
#define PTE_NX  BIT64(63)
#define PTE_UC  (PTE_PCD | PTE_PWT) /* entry 3 of the PAT as reset leaves it [APM 2 7.8.1] */
#define PAT_RESET 0x0007040600070406u

static const struct pgtable_fmt map_fmt = {
	.name = "long mode",
	.addr = PTE_ADDR,
	.present = PTE_P,
	.table = PTE_P | PTE_RW | PTE_A,
	.type_mask = PTE_PS,
	.table_type = 0,
	.page = PTE_P,
	.block = PTE_P | PTE_PS,
	.soft = PTE_SOFT,
	.attr = {
		[PROT_READ] = PTE_A | PTE_NX,
		[PROT_READ | PROT_WRITE] = PTE_A | PTE_D | PTE_RW | PTE_NX,
		[PROT_READ | PROT_EXEC] = PTE_A,
		[PROT_READ | PROT_DEVICE] = PTE_A | PTE_NX | PTE_UC,
		[PROT_READ | PROT_WRITE | PROT_DEVICE] = PTE_A | PTE_D | PTE_RW | PTE_NX | PTE_UC,
	},
	.block_levels = 2,
};

/* Every guest access counts as a user access [APM 2 15.25.5]. Memory types are the guest's own choice. */
#define NPT_MEM (PTE_A | PTE_D | PTE_US)

const struct pgtable_fmt arch_s2_fmt = {
	.name = "nested paging",
	.addr = PTE_ADDR,
	.present = PTE_P,
	.table = PTE_P | PTE_RW | PTE_US | PTE_A,
	.type_mask = PTE_PS,
	.table_type = 0,
	.page = PTE_P,
	.block = PTE_P | PTE_PS,
	.soft = PTE_SOFT,
	.attr = {
		[PROT_READ] = NPT_MEM | PTE_NX,
		[PROT_READ | PROT_WRITE] = NPT_MEM | PTE_RW | PTE_NX,
		[PROT_READ | PROT_EXEC] = NPT_MEM,
		[PROT_READ | PROT_WRITE | PROT_EXEC] = NPT_MEM | PTE_RW,
		[PROT_READ | PROT_DEVICE] = NPT_MEM | PTE_NX | PTE_UC,
		[PROT_READ | PROT_WRITE | PROT_DEVICE] = NPT_MEM | PTE_RW | PTE_NX | PTE_UC,
	},
	.block_levels = 6,
};

extern const uint8_t __image_start[], __init_rodata_start[], __init_end[], __rodata_start[];
extern const uint8_t __data_start[], __image_end[];
extern const uint8_t __sealed_start[], __sealed_end[];
extern uint8_t cpu_stacks[];

static struct pool map_pool;
static struct pgtable map;
static struct spinlock map_lock; /* pages are mapped at run time only for argument pages and when a partition starts */
static uint8_t windows[CPU_MAX][PAGE_SIZE] __page_aligned;

/* In pieces that no block leaf fits into: guard pages and windows need leaves of their own. */
static void map_image(const uint8_t *from, const uint8_t *to, unsigned prot)
{
	uint64_t end = (uintptr_t)to;
	bool overlap;

	for (uint64_t at = (uintptr_t)from, n; at < end; at += n) {
		n = end - at < IMAGE_CHUNK ? end - at : IMAGE_CHUNK;
		CHECK(pgtable_prepare(&map, at, at, n, &overlap) == 0 && !overlap);
		pgtable_map(&map, at, at, n, prot);
	}
}

/* The last-level entry for an address of the image. */
static uint64_t *entry_of(uint64_t va)
{
	uint64_t *t = map.root;

	for (unsigned shift = 39; shift > 12; shift -= 9) {
		uint64_t e = arch_hwmem_load(&t[va >> shift & 511]);

		CHECK((e & PTE_P) && !(e & PTE_PS));
		t = arch_va(pa(e & PTE_ADDR));
	}
	return &t[va >> 12 & 511];
}

void mmu_build(void)
{
	struct pt_change c = { 0 };

	CHECK(pool_init(&map_pool, HYP_MAP_PAGES) == 0);
	CHECK(pgtable_init(&map, &map_fmt, MAP_LEVELS, true, &map_pool) == 0);
	map_image(__image_start, __init_rodata_start, PROT_READ | PROT_EXEC);
	map_image(__init_rodata_start, __init_end, PROT_READ);
	map_image(__init_end, __rodata_start, PROT_READ | PROT_EXEC);
	map_image(__rodata_start, __data_start, PROT_READ);
	map_image(__data_start, __image_end, PROT_READ | PROT_WRITE);
	for (unsigned i = 0; i < CPU_MAX; i++) {
		percpu[i].window = (uintptr_t)windows[i];
		percpu[i].window_pte = entry_of((uintptr_t)windows[i]);
		arch_hwmem_store(percpu[i].window_pte, 0);
		pgtable_unmap(&map, (uintptr_t)cpu_stacks + i * (STACK_SIZE + PAGE_SIZE), PAGE_SIZE, &c);
	}
}

uint64_t mmu_root(void)
{
	return arch_pa(map.root).v;
}

static void tlb_flush(void)
{
	cr3_write(cr3_read()); /* none of our entries is global */
}

/* Also what protects us from executing or reading what is a user's, should there ever be such a page. */
void mmu_enable(void)
{
	struct cpuid_regs max = cpuid_read(0, 0);
	uint64_t cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR;

	if (max.eax >= 7) {
		uint32_t features = cpuid_read(7, 0).ebx;

		cr4 |= (features & BIT32(7) ? CR4_SMEP : 0) | (features & BIT32(20) ? CR4_SMAP : 0);
	}
	if (cpuid_read(1, 0).ecx & BIT32(26)) {
		cr4 |= CR4_OSXSAVE; /* XSETBV for guests */
	}
	msr_write(MSR_PAT, PAT_RESET); /* INIT keeps it, and a firmware may have had another */
	cr3_write(mmu_root());
	cr4_write(cr4);
}

/* Two windows may share a page: fine if all of it is there with exactly these rights. */
static bool mapped_alike(uint64_t from, uint64_t size, unsigned prot)
{
	const uint64_t rights = PTE_RW | PTE_NX | PTE_UC;
	unsigned height;

	for (uint64_t off = 0; off < size; off += PAGE_SIZE) {
		uint64_t e = pgtable_leaf(&map, from + off, &height);

		if (!(e & PTE_P) || (e & rights) != (map_fmt.attr[prot] & rights)) {
			return false;
		}
	}
	return true;
}

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	uint64_t from = align_down(base.v, PAGE_SIZE);
	bool overlap;
	int r;

	if (!range_ok(base.v, size) || (base.v + size - 1) >> 47) {
		return -BH_ERANGE;
	}
	size = align_up(base.v + size - from, PAGE_SIZE);
	if (range_overlaps(from, size, (uintptr_t)__image_start, (uint64_t)(__image_end - __image_start))) {
		return -BH_EINVAL;
	}
	spin_lock(&map_lock);
	r = pgtable_prepare(&map, from, from, size, &overlap);
	if (r == 0 && overlap) {
		r = mapped_alike(from, size, prot) ? 0 : -BH_EINVAL;
	} else if (r == 0) {
		pgtable_map(&map, from, from, size, prot);
	}
	spin_unlock(&map_lock);
	return r;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
	struct pt_change c = { 0 };
	uint64_t from = align_down(base.v, PAGE_SIZE);

	spin_lock(&map_lock);
	pgtable_unmap(&map, from, align_up(base.v + size - from, PAGE_SIZE), &c);
	tlb_flush();
	spin_unlock(&map_lock);
}

void arch_seal(void)
{
	struct pt_change c = { 0 };
	uint64_t size = (uint64_t)(__sealed_end - __sealed_start);
	uint64_t base = (uintptr_t)__sealed_start;

	spin_lock(&map_lock);
	pgtable_unmap(&map, (uintptr_t)__image_start, (uint64_t)(__init_end - __image_start), &c);
	pgtable_unmap(&map, base, size, &c);
	tlb_flush();
	pgtable_map(&map, base, base, size, PROT_READ);
	spin_unlock(&map_lock);
}

const void *window_map(pa_t page)
{
	struct percpu *cpu = percpu_this();

	arch_hwmem_store(cpu->window_pte, (page.v & PTE_ADDR) | PTE_P | PTE_A | PTE_NX);
	__asm__ volatile("invlpg (%0)" ::"r"(cpu->window) : "memory");
	return (const void *)cpu->window;
}

void arch_cache_clean(const void *p, size_t size)
{
	for (uintptr_t a = (uintptr_t)p & ~(uintptr_t)63; a < (uintptr_t)p + size; a += 64) {
		__asm__ volatile("clflush (%0)" ::"r"(a) : "memory");
	}
	__asm__ volatile("mfence" ::: "memory");
}

void arch_cache_clean_inv(const void *p, size_t size)
{
	arch_cache_clean(p, size);
}

/* Whole pages. */
void arch_mem_zero(void *p, size_t size)
{
	size_t words = size / 8;

	__asm__ volatile("rep stosq" : "+D"(p), "+c"(words) : "a"(0ul) : "memory");
}
