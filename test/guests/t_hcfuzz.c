/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random hypercalls with hostile arguments from two vCPUs at once, one of them rewriting the argument page meanwhile;
 * then everything must still work, and every result must have been one the ABI knows. [threats 18, 23, 51]
 * arg: seed (0: 1) in bits 31:0, rounds in thousands (0: 20) in bits 63:32.
 */
#include "dma.h"

enum { DEFAULT_ROUNDS = 20, THOUSAND = 1000 };

struct rng {
	uint64_t s;
};

static uint64_t scratch[512] GUEST_PAGE;
static uint8_t memory[16 * 4096] GUEST_PAGE;
static volatile uint32_t second_done;
static volatile uint32_t strange; /* results that no call may give */
static uint64_t seed, rounds;
static uint64_t bad_fn, bad_result;

static uint64_t next(struct rng *r) /* xorshift64* */
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return r->s * 0x2545f4914f6cdd1dull;
}

/*
 * Values that sit on edges. None is the address of memory this guest needs, because calls may write to an argument
 * page: the only page of ours in here is scratch.
 */
static uint64_t hostile(struct rng *r)
{
	static const uint64_t edge[] = {
		0, 1, 2, 3, 7, 8, 15, 16, 17, 64, 255, 256, 257, 4095, 4096, 4097, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, ~0ull, ~0xfffull, ~0ull - 1, BOARD_HYP_BASE, BOARD_IRQCHIP_BASE,
		BOARD_IOMMU_BASE, BOARD_RAM(0x18000000), BOARD_RAM(0), 0xfffffffff000, 1ull << 39,
		(1ull << 39) - 4096, 1ull << 48,
		BOARD_RAM(0x14000000), BOARD_RAM(0x14000000) - 1,
	};
	uint64_t v = next(r);

	switch (v >> 60) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
		return edge[(v >> 8) % (sizeof(edge) / sizeof(edge[0]))];
	case 6:
		return 1ull << (v % 64);
	case 7:
		return next(r) | 1ull << 63;
	case 8:
	case 9:
		return at(memory) + v % sizeof(memory);
	case 10:
		return v % sizeof(memory);
	case 11:
		return edu_devid() | (v & 1 ? 1ull << (v >> 8 & 63) : 0);
	case 12:
		return at(scratch);
	default:
		return v % 20;
	}
}

static bool known_result(int64_t r)
{
	static const int errors[] = { BH_EPERM, BH_ENOENT, BH_E2BIG, BH_EBADF, BH_EAGAIN, BH_ENOMEM, BH_EACCES,
				      BH_EFAULT, BH_EBUSY, BH_EINVAL, BH_ERANGE, BH_ENOSYS, BH_ENOTCONN };
	unsigned i;

	if (r >= 0) {
		return true;
	}
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (r == -errors[i]) {
			return true;
		}
	}
	return false;
}

static void one_call(struct rng *g)
{
	uint64_t v = next(g);
	uint64_t fn = v % 16 == 0 ? v >> 16 & 0xffff : (v >> 16) % BH_HC_COUNT;
	struct bh_regs r;
	unsigned i;

	if (fn == BH_HC_DEBUG_REPORT) {
		return; /* pages of text */
	}
	r.x[0] = BH_HC(fn);
	for (i = 1; i < 8; i++) {
		r.x[i] = hostile(g);
	}
	if (fn == BH_HC_ARG_PAGE && r.x[1] >= at(memory) && r.x[1] < at(memory) + sizeof(memory)) {
		r.x[1] = at(scratch);
	}
	bh_call(&r);
	if (!known_result((int64_t)r.x[0])) {
		bad_fn = fn;
		bad_result = r.x[0];
		strange++;
	}
}

static void call(enum bh_hc n, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	struct bh_regs r = { { BH_HC(n), a1, a2, a3, a4, 0, 0, 0 } };

	bh_call(&r);
}

/* Sensible sequences between the nonsense, so that objects, devices and mappings come and go. */
static void some_sense(struct rng *g)
{
	uint64_t h = 1 + next(g) % BH_OBJECT_MAX;
	uint64_t offset = next(g) % (sizeof(memory) / 2);

	call(BH_HC_SMMU_INIT, 0, 0, 0, 0);
	call(BH_HC_OBJ_CREATE, 0, 0, 0, 0);
	call(BH_HC_DEVICE_ADD, h, edu_devid(), 0, 0);
	call(BH_HC_MAPPING_ADD, h, 1 + next(g) % 7, at(memory) + offset, 1 + next(g) % (sizeof(memory) / 2));
	call(BH_HC_ARG_PAGE, at(scratch), 0, 0, 0);
	call(BH_HC_MAPPING_ADD_N, h, next(g) % 8, next(g) % 64, 0);
	call(BH_HC_XFER_NOTIFY, 1, 0, 0, 0);
}

static void fuzz(uint64_t seed_of_cpu)
{
	struct rng g = { seed_of_cpu };
	uint64_t i;
	unsigned k;

	for (i = 0; i < rounds; i++) {
		if (i % 32 == 0) {
			some_sense(&g);
		}
		/* The other vCPU may be in a call that reads this page right now. */
		for (k = 0; k < 8; k++) {
			*(volatile uint64_t *)&scratch[next(&g) % 512] = hostile(&g);
		}
		one_call(&g);
	}
}

static void second(uint64_t arg)
{
	fuzz(arg);
	second_done = 1;
}

static void test_afterwards(void)
{
	struct smmu_object *sop;
	unsigned i;

	bh_hc(BH_HC_SMMU_FINI, 0, 0, 0);
	bh_hc(BH_HC_ARG_PAGE, 0, 0, 0);
	dma_begin();
	drain_faults(NULL);
	tap_ok(refused(EDU_TO_RAM, at(memory), 0), "afterwards: blocked as long as nothing is attached");
	sop = dma_object();
	tap_ok(device_writes(window + 64, 64), "afterwards: DMA works");
	tap_ok(refused(EDU_TO_RAM, at(memory), BH_FAULT_UNMAPPED), "afterwards: what is not mapped is refused");
	tap_ok(refused(EDU_TO_RAM, BOARD_HYP_BASE, BH_FAULT_UNMAPPED), "afterwards: the hypervisor is refused");
	for (i = 0; i < 100; i++) {
		if (map(sop, SMF_READ, at(memory), 2 * PAGE) != 0 || unmap(sop, at(memory), 2 * PAGE) != 0) {
			break;
		}
	}
	tap_is(i, 100, "afterwards: 100 times map and unmap");
	smmu_fini();
}

void guest_main(uint64_t arg)
{
	bool two;

	seed = (uint32_t)arg != 0 ? (uint32_t)arg : 1;
	rounds = (arg >> 32 != 0 ? arg >> 32 : DEFAULT_ROUNDS) * THOUSAND;
	if (!edu_open(&edu, 0)) {
		tap_bail("no edu");
	}
	edu_close(&edu);
	irq_handler((uint32_t)bh_fault_virq(), on_fault_irq);
	irq_enable((uint32_t)bh_fault_virq());
	printf("# seed %lu, %lu calls on each vCPU\n", seed, rounds);
	two = vcpu_start(1, second, seed * 77777 + 1) == 0;
	fuzz(seed);
	while (two && second_done == 0) {
	}
	tap_ok(two, "two vCPUs took part");
	if (!tap_is(strange, 0, "every result is one the ABI knows")) {
		printf("#   call %lu gave %ld\n", bad_fn, (int64_t)bad_result);
	}
	test_afterwards();
	tap_done();
}
