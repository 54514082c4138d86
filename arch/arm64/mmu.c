/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own map: identity, W^X, 4 KiB pages over the image with unmapped guard pages under every stack, and
 * nothing else until somebody asks: no partition's memory is mapped while partitions run [I3], except the
 * argument pages they registered. Also the CPU's stage-2 format.
 */
#include <arch/mmu.h>

#include <arch/barrier.h>
#include <arch/cache.h>
#include <asm/mmu.h>
#include <asm/percpu.h>
#include <asm/sysreg.h>
#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/config.h>
#include <hyp/spinlock.h>
#include <hyp/vm.h>

enum { MAP_LEVELS = 4 };

/* VMSAv8-64 descriptors, 4 KiB granule [Arm ARM D8.3]. */
#define D_VALID   1ull
#define D_TABLE   3ull
#define D_PAGE    3ull
#define D_AF      (1ull << 10)
#define D_SH_IS   (3ull << 8)
#define D_XN      (1ull << 54)
#define D_SOFT    (1ull << 55)
#define D_ADDR    0x0000fffffffff000ull

/* Stage 1 of EL2: AP[1] is RES1, AP[2] makes it read-only; MAIR 0 is normal, 1 is device. */
#define S1_AP1    (1ull << 6)
#define S1_RO     (1ull << 7)
#define S1_DEV    (1ull << 2)
#define S1_MEM    (D_AF | D_SH_IS | S1_AP1)
#define S1_IO     (D_AF | S1_AP1 | S1_DEV | D_XN)

static const struct pgtable_fmt map_fmt = {
	.name = "EL2 stage 1",
	.addr = D_ADDR,
	.present = D_VALID,
	.table = D_TABLE,
	.type_mask = 3,
	.table_type = 3,
	.page = D_PAGE,
	.block = D_VALID,
	.soft = D_SOFT,
	.attr = {
		[PROT_READ] = S1_MEM | S1_RO | D_XN,
		[PROT_READ | PROT_WRITE] = S1_MEM | D_XN,
		[PROT_READ | PROT_EXEC] = S1_MEM | S1_RO,
		[PROT_READ | PROT_DEVICE] = S1_IO | S1_RO,
		[PROT_READ | PROT_WRITE | PROT_DEVICE] = S1_IO,
	},
	.block_levels = 6,
};

/* Stage 2: MemAttr[5:2], S2AP[7:6], XN[54:53] [Arm ARM D8.3.2]. */
#define S2_NORMAL (0xfull << 2)
#define S2_DEVICE (0x1ull << 2) /* Device-nGnRE */
#define S2_R      (1ull << 6)
#define S2_W      (2ull << 6)
#define S2_MEM(a) (D_AF | D_SH_IS | S2_NORMAL | (a))
#define S2_IO(a)  (D_AF | D_XN | S2_DEVICE | (a))

const struct pgtable_fmt arch_s2_fmt = {
	.name = "stage 2",
	.addr = D_ADDR,
	.present = D_VALID,
	.table = D_TABLE,
	.type_mask = 3,
	.table_type = 3,
	.page = D_PAGE,
	.block = D_VALID,
	.soft = D_SOFT,
	.attr = {
		[PROT_READ] = S2_MEM(S2_R | D_XN),
		[PROT_WRITE] = S2_MEM(S2_W | D_XN),
		[PROT_READ | PROT_WRITE] = S2_MEM(S2_R | S2_W | D_XN),
		[PROT_READ | PROT_EXEC] = S2_MEM(S2_R),
		[PROT_READ | PROT_WRITE | PROT_EXEC] = S2_MEM(S2_R | S2_W),
		[PROT_READ | PROT_DEVICE] = S2_IO(S2_R),
		[PROT_WRITE | PROT_DEVICE] = S2_IO(S2_W),
		[PROT_READ | PROT_WRITE | PROT_DEVICE] = S2_IO(S2_R | S2_W),
	},
	.block_levels = 6,
};

extern const uint8_t __image_start[], __init_rodata_start[], __init_end[], __rodata_start[];
extern const uint8_t __data_start[], __image_end[];
extern const uint8_t __sealed_start[], __sealed_end[];
extern uint8_t cpu_stacks[];

static struct pool map_pool;
static struct pgtable map;
static struct spinlock map_lock; /* pages are mapped at run time only for argument pages */

static void map_image(const uint8_t *from, const uint8_t *to, unsigned prot)
{
	uint64_t base = (uintptr_t)from;
	uint64_t size = (uint64_t)(to - from);
	bool overlap;

	CHECK(pgtable_prepare(&map, base, base, size, &overlap) == 0 && !overlap);
	pgtable_map(&map, base, base, size, prot);
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
		uint64_t slot = (uintptr_t)cpu_stacks + i * (STACK_SIZE + PAGE_SIZE);

		pgtable_unmap(&map, slot, PAGE_SIZE, &c);
	}
	/* What we wrote with caches off may have stale lines over it when they go on. */
	arch_cache_clean_inv(__data_start, (size_t)(__image_end - __data_start));
}

void mmu_enable(void)
{
	uint64_t parange = sysreg_read(id_aa64mmfr0_el1) & 0xf;

	if (parange > 5) {
		parange = 5; /* 48 bits are all our format can say */
	}
	sysreg_write(mair_el2, 0x04ff); /* 0: normal write-back, 1: Device-nGnRE */
	/* RES1 31, 23; PS; SH0 inner, write-back walks; T0SZ 16 */
	sysreg_write(tcr_el2, (1ull << 31) | (1ull << 23) | (parange << 16) | (3u << 12) | (1u << 10) |
				      (1u << 8) | 16u);
	sysreg_write(ttbr0_el2, arch_pa(map.root).v);
	__asm__ volatile("dsb ish; tlbi alle2; ic iallu; dsb ish; isb" ::: "memory");
	/* RES1, I, SA, C, A off, M, WXN */
	sysreg_write(sctlr_el2, 0x30c50830ull | (1u << 12) | (1u << 19) | (1u << 3) | (1u << 2) | 1u);
	isb();
}

static void map_flush(void)
{
	__asm__ volatile("dsb ishst; tlbi alle2is; dsb ish; isb" ::: "memory");
}

/* Two windows may share a page (UART and RTC, say): fine if all of it is there with exactly these rights. */
static bool mapped_alike(uint64_t from, uint64_t size, unsigned prot)
{
	const uint64_t rights = D_AF | D_SH_IS | D_XN | S1_AP1 | S1_RO | S1_DEV;
	unsigned height;

	for (uint64_t off = 0; off < size; off += PAGE_SIZE) {
		if ((pgtable_leaf(&map, from + off, &height) & rights) != map_fmt.attr[prot]) {
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

	if (!range_ok(base.v, size) || (base.v + size - 1) >> 48) {
		return -BH_ERANGE;
	}
	size = align_up(base.v + size - from, PAGE_SIZE);
	if (range_overlaps(from, size, (uintptr_t)__image_start, (uint64_t)(__image_end - __image_start))) {
		return -BH_EINVAL;
	}
	spin_lock(&map_lock);
	if (map.root == NULL) { /* entered at EL1: no map, everything can be reached */
		spin_unlock(&map_lock);
		return 0;
	}
	r = pgtable_prepare(&map, from, from, size, &overlap);
	if (r == 0 && overlap) {
		r = mapped_alike(from, size, prot) ? 0 : -BH_EINVAL;
	} else if (r == 0) {
		pgtable_map(&map, from, from, size, prot);
	}
	spin_unlock(&map_lock);
	isb();
	return r;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
	struct pt_change c = { 0 };
	uint64_t from = align_down(base.v, PAGE_SIZE);

	spin_lock(&map_lock);
	if (map.root != NULL) {
		pgtable_unmap(&map, from, align_up(base.v + size - from, PAGE_SIZE), &c);
		map_flush();
	}
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
	map_flush();
	pgtable_map(&map, base, base, size, PROT_READ);
	spin_unlock(&map_lock);
	isb();
}
