/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall surface: registers in, registers out, the argument page, and garbage in every register [I6]. */
#include "iommu_world.h"

#include <hyp/entry.h>
#include <hyp/hypercall.h>

/* The registers of a hypercall: x0 is the number only for the caller; the handler gets it separately. */
static int64_t call(struct vcpu *v, unsigned nr, uint64_t x1, uint64_t x2, uint64_t x3)
{
	v->arch.x[1] = x1;
	v->arch.x[2] = x2;
	v->arch.x[3] = x3;
	hypercall_table[nr](v);
	return (int64_t)v->arch.x[0];
}

static struct vcpu *vcpu(unsigned vm)
{
	return &VM(vm)->vcpu[0];
}

/* The host memory that plays a partition's page; its region is put over it. */
static uint64_t page_mem[WORLD_VMS][512] __attribute__((aligned(4096)));
static struct cfg_region page_region[WORLD_VMS][16];

enum { PAGE_IPA = 0x7000000, PAGE2_IPA = 0x7001000 };

static void give_page(unsigned vm, uint64_t at, unsigned which, unsigned prot)
{
	struct cfg_vm *c = &world_vm[vm];
	struct cfg_region *r = page_region[vm];

	if (c->region != r) {
		memcpy(r, c->region, c->region_count * sizeof(*r));
		c->region = r;
	}
	r[c->region_count++] = (struct cfg_region){
		.name = "page", .ipa = at, .pa = (uintptr_t)page_mem[which], .size = PAGE_SIZE, .prot = prot,
	};
}

static void start(void)
{
	give_page(DRIVER, PAGE_IPA, 0, RW);
	give_page(MONITOR, PAGE_IPA, 1, RW);
	world_boot();
	assert_int_equal(call(vcpu(DRIVER), BH_HC_ARG_PAGE, PAGE_IPA, 0, 0), 0);
	assert_int_equal(call(vcpu(MONITOR), BH_HC_ARG_PAGE, PAGE_IPA, 0, 0), 0);
}

#define EDU0_ID BH_DEVID_MAKE_PCI(0, 2, 0)

WORLD_TEST(version_and_the_table)
{
	struct vcpu *v = vcpu(MONITOR);

	world_boot();
	assert_int_equal(call(v, BH_HC_VERSION, 7, 7, 7), BH_ABI_VERSION);
	assert_int_equal(v->arch.x[2], MONITOR);
	assert_int_equal(v->arch.x[3], 65);
	for (unsigned nr = 0; nr < BH_HC_COUNT; nr++) {
		assert_non_null(hypercall_table[nr]); /* the trap code looks at the number, not at the entry */
	}
}

WORLD_TEST(from_init_to_fini_through_registers)
{
	struct vcpu *v = vcpu(DRIVER);
	int64_t h;

	start();
	assert_int_equal(call(v, BH_HC_SMMU_INIT, 1, 0, 0), -BH_EINVAL);
	assert_int_equal(call(v, BH_HC_SMMU_INIT, 0, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_SMMU_SAFETY, 0, 0, 0), 0);
	h = call(v, BH_HC_OBJ_CREATE, 0, 0, 0);
	assert_int_equal(h, 1);
	assert_int_equal(call(v, BH_HC_OBJ_CREATE, 4, 0, 0), -BH_EINVAL);
	assert_int_equal(call(v, BH_HC_DEVICE_ADD, 1, EDU0_ID, 0), 0);
	assert_int_equal(call(v, BH_HC_DEVICE_ADD, 1, BH_DEVID_MAKE_MMIO(0x80), 0xb000000), 0);
	v->arch.x[4] = 0x800;
	v->arch.x[5] = 0;
	assert_int_equal(call(v, BH_HC_MAPPING_ADD, 1, RD, RAM + 0xc00), 0);
	assert_reads(EDU0, RAM + 0x1fff, RAM + 0x1fff);
	assert_reads(DMA0, RAM, RAM);
	v->arch.x[5] = RAM + 0x5000;
	assert_int_equal(call(v, BH_HC_MAPPING_ADD, 1, WR | BH_MAP_TARGET, 0x1000), 0);
	assert_writes(EDU0, 0x1000, RAM + 0x5000);
	assert_int_equal(call(v, BH_HC_STATS, 1, 0, 0), 0);
	assert_int_equal(v->arch.x[1], 4);
	assert_int_equal(v->arch.x[4], 0);
	assert_int_equal(v->arch.x[5], VM(DRIVER)->pool.free_count);
	assert_int_equal(call(v, BH_HC_STATS, 2, 0, 0), -BH_EBADF);
	assert_int_equal(call(v, BH_HC_XFER_NOTIFY, 2, 0, 0), -BH_EINVAL);
	assert_int_equal(call(v, BH_HC_XFER_NOTIFY, 1, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_XFER_STATUS, 0, 0, 0), -BH_EAGAIN);
	assert_int_equal(world_dma(EDU0, RAM + 0x3000, true), DMA_BLOCKED);
	assert_int_equal(world_dma(DMA0, RAM + 0x4000, false), DMA_BLOCKED);
	assert_int_equal(world_virqs(DRIVER), 1);
	assert_int_equal(call(v, BH_HC_XFER_STATUS, 0, 0, 0), 0);
	assert_int_equal(v->arch.x[1] & ~PAGE_MASK, RAM + 0x3000);
	assert_int_equal(v->arch.x[2], EDU0_ID);
	assert_int_equal(v->arch.x[4], BH_FAULT_UNMAPPED | BH_FAULT_WRITE | BH_FAULT_ADDR_VALID | DRIVER << 8);
	assert_int_equal(v->arch.x[5] & 0xff, 0x10); /* F_TRANSLATION */
	assert_int_equal(call(v, BH_HC_XFER_STATUS, 0, 0, 0), 0);
	assert_int_equal(v->arch.x[2], BH_DEVID_MAKE_MMIO(0x80));
	assert_int_equal(v->arch.x[3], 0xb000000);
	assert_int_equal(v->arch.x[4], BH_FAULT_UNMAPPED | BH_FAULT_READ | BH_FAULT_ADDR_VALID | DRIVER << 8);
	assert_int_equal(call(v, BH_HC_UNMUTE, EDU0_ID, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_DEVICE_ADD, 0, EDU0_ID, 0), 0);
	assert_nothing(EDU0, RAM);
	assert_int_equal(call(v, BH_HC_OBJ_DESTROY, 1, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_OBJ_DESTROY, 1, 0, 0), -BH_EBADF);
	assert_int_equal(call(v, BH_HC_SMMU_FINI, 0, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_SMMU_FINI, 0, 0, 0), -BH_ENOTCONN);
}

WORLD_TEST(device_words_are_decoded_strictly)
{
	static const uint64_t bad[] = {
		2ull << 56, 3ull << 56, 0xffull << 56, 1ull << 16, 1ull << 27, 1ull << 55, (1ull << 56) | (1ull << 32),
		(1ull << 56) | (1ull << 55), ~0ull,
	};
	struct smmu_devid id;
	struct vcpu *v = vcpu(DRIVER);

	start();
	assert_int_equal(call(v, BH_HC_SMMU_INIT, 0, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_OBJ_CREATE, 0, 0, 0), 1);
	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		assert_int_equal(call(v, BH_HC_DEVICE_ADD, 1, bad[i], 0), -BH_EINVAL);
		assert_int_equal(call(v, BH_HC_UNMUTE, bad[i], 0, 0), -BH_EINVAL);
		assert_int_equal(call(v, BH_HC_REPORT_RESERVED, bad[i], 0, 0), -BH_EINVAL);
	}
	assert_true(hc_devid_decode(BH_DEVID_MAKE_PCI(255, 31, 7), 0, &id));
	assert_true(id.bus == 255 && id.dev == 31 && id.func == 7);
	assert_true(hc_devid_decode(BH_DEVID_MAKE_PCI(1, 2, 3) | BH_DEVID_ANY_DEV, 0, &id));
	assert_true(id.bus == 1 && id.dev == DEVID_ANY && id.func == 3);
	assert_true(hc_devid_decode(BH_DEVID_ANY_BUS | BH_DEVID_ANY_DEV | BH_DEVID_ANY_FUNC, 0, &id));
	assert_true(id.bus == DEVID_ANY && id.dev == DEVID_ANY && id.func == DEVID_ANY);
	assert_true(hc_devid_decode(BH_DEVID_MAKE_MMIO(0xffffffffu), 0x1234, &id));
	assert_true(id.length == 0xffffffffu && id.phys == 0x1234);
	assert_int_equal(hc_devid_encode(NULL), BH_DEVID_NONE << 56);
}

WORLD_TEST(argument_pages)
{
	struct vcpu *v = vcpu(DRIVER);
	struct vcpu *v2 = &VM(DRIVER)->vcpu[1];

	give_page(DRIVER, PAGE_IPA, 0, RW);
	give_page(DRIVER, PAGE2_IPA, 1, RD);
	give_page(BYSTANDER, PAGE_IPA, 1, RW);
	world_boot();
	assert_int_equal(call(v, BH_HC_ARG_PAGE, PAGE_IPA + 8, 0, 0), -BH_EFAULT);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, PAGE2_IPA, 0, 0), -BH_EFAULT);  /* read only */
	assert_int_equal(call(v, BH_HC_ARG_PAGE, 0x40200000, 0, 0), -BH_EFAULT); /* ours */
	assert_int_equal(call(v, BH_HC_ARG_PAGE, BY_RAM, 0, 0), -BH_EFAULT);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, REGS, 0, 0), -BH_EFAULT);       /* registers */
	assert_int_equal(call(v, BH_HC_ARG_PAGE, SHARED, 0, 0), -BH_EFAULT);     /* shared with a partition */
	assert_int_equal(call(v, BH_HC_ARG_PAGE, ~0xfffull, 0, 0), -BH_EFAULT);
	assert_null(v->arg_page);
	assert_int_equal(call(vcpu(BYSTANDER), BH_HC_ARG_PAGE, PAGE_IPA, 0, 0), -BH_EFAULT); /* driver's too */
	assert_int_equal(call(v, BH_HC_ARG_PAGE, 0, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, PAGE_IPA, 0, 0), 0);
	assert_ptr_equal(v->arg_page, page_mem[0]);
	assert_int_equal(call(v2, BH_HC_ARG_PAGE, PAGE_IPA, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, 0, 0, 0), 0);
	assert_null(v->arg_page);
	assert_ptr_equal(v2->arg_page, page_mem[0]);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, RAM, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, RAM + 0x1000, 0, 0), 0);
	/* Each 2 MiB costs the hypervisor a page. */
	assert_int_equal(call(v, BH_HC_ARG_PAGE, RAM + MIB(2), 0, 0), 0);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, RAM + MIB(4), 0, 0), 0);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, RAM + MIB(6), 0, 0), -BH_ENOMEM);
	assert_ptr_equal(v->arg_page, (void *)(uintptr_t)(RAM + MIB(4)));
	hypercall_vm_stop(VM(DRIVER));
	assert_null(v->arg_page);
	assert_null(v2->arg_page);
}

static int64_t map_n(uint64_t flags, uint64_t count)
{
	vcpu(DRIVER)->arch.x[4] = 0;
	return call(vcpu(DRIVER), BH_HC_MAPPING_ADD_N, 1, flags, count);
}

WORLD_TEST(batches_come_from_the_argument_page)
{
	struct vcpu *v = vcpu(DRIVER);
	uint64_t *p = page_mem[0];

	start();
	assert_int_equal(call(v, BH_HC_SMMU_INIT, 0, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_OBJ_CREATE, 0, 0, 0), 1);
	assert_int_equal(call(v, BH_HC_DEVICE_ADD, 1, EDU0_ID, 0), 0);
	for (unsigned i = 0; i < BH_ARG_ENTRY_MAX; i++) {
		p[2 * i] = RAM + 0x2000 * i;
		p[2 * i + 1] = 1;
	}
	assert_int_equal(map_n(RD, 0), -BH_EINVAL);
	assert_int_equal(map_n(RD, BH_ARG_ENTRY_MAX + 1), -BH_E2BIG);
	assert_int_equal(map_n(RD, 0x100000001ull), -BH_E2BIG);
	assert_nothing(EDU0, RAM);
	assert_int_equal(map_n(RD, BH_ARG_ENTRY_MAX), 0);
	assert_reads(EDU0, RAM + 0x2000 * 255, RAM + 0x2000 * 255);
	assert_nothing(EDU0, RAM + 0x1000);
	assert_int_equal(map_n(0, BH_ARG_ENTRY_MAX), 0);
	assert_nothing(EDU0, RAM);
	p[1] = 0;
	assert_int_equal(map_n(RD, 2), -BH_EINVAL);
	assert_nothing(EDU0, RAM + 0x2000);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, 0, 0, 0), 0);
	assert_int_equal(map_n(RD, 1), -BH_EFAULT);
}

WORLD_TEST(reserved_regions_go_to_the_page)
{
	struct vcpu *v = vcpu(DRIVER);
	uint64_t id = BH_DEVID_MAKE_MMIO(0x80);

	start();
	v->arch.x[4] = 1;
	assert_int_equal(call(v, BH_HC_REPORT_RESERVED, id, 0xb000000, 0), -BH_ENOTCONN);
	assert_int_equal(call(v, BH_HC_SMMU_INIT, 0, 0, 0), 0);
	memset(page_mem[0], 0xff, PAGE_SIZE);
	assert_int_equal(call(v, BH_HC_REPORT_RESERVED, id, 0xb000000, 0), 2);
	assert_int_equal(page_mem[0][0], RSV_PA);
	assert_int_equal(page_mem[0][1], 0x2000);
	assert_int_equal(page_mem[0][2], ~0ull); /* one was asked for */
	v->arch.x[4] = ~0ull;
	assert_int_equal(call(v, BH_HC_REPORT_RESERVED, id, 0xb000000, 1), 1);
	assert_int_equal(page_mem[0][0], RSV_PA + 0x8000);
	assert_int_equal(call(v, BH_HC_REPORT_RESERVED, id, 0xb000000, 2), 0);
	assert_int_equal(call(v, BH_HC_ARG_PAGE, 0, 0, 0), 0);
	assert_int_equal(call(v, BH_HC_REPORT_RESERVED, id, 0xb000000, 0), -BH_EFAULT);
	v->arch.x[4] = 0;
	assert_int_equal(call(v, BH_HC_REPORT_RESERVED, id, 0xb000000, 0), 2);
}

WORLD_TEST(debug_calls_are_the_monitors)
{
	struct vcpu *d = vcpu(DRIVER);
	struct vcpu *m = vcpu(MONITOR);

	start();
	assert_int_equal(call(d, BH_HC_SMMU_INIT, 0, 0, 0), 0);
	assert_int_equal(call(d, BH_HC_OBJ_CREATE, 0, 0, 0), 1);
	assert_int_equal(call(d, BH_HC_DEVICE_ADD, 1, EDU0_ID, 0), 0);
	assert_int_equal(world_map(DRIVER, 1, RW, LOW + 0x3000, 0x1000), 0);
	assert_int_equal(call(d, BH_HC_DEBUG_STREAM, EDU0_ID, 0, 0), -BH_EPERM);
	assert_int_equal(call(d, BH_HC_DEBUG_WALK, EDU0_ID, 0, LOW), -BH_EPERM);
	assert_int_equal(call(d, BH_HC_DEBUG_REPORT, 0, 0, 0), -BH_EPERM);
	assert_int_equal(call(m, BH_HC_DEBUG_WALK, EDU0_ID, 0, LOW + 0x3123), 0);
	assert_int_equal(m->arch.x[1], LOW_PA + 0x3123);
	assert_int_equal(m->arch.x[2], PROT_READ | PROT_WRITE);
	assert_int_equal(m->arch.x[3], 3);
	assert_int_not_equal(page_mem[1][2], 0);
	assert_int_equal(call(m, BH_HC_DEBUG_WALK, EDU0_ID, 0, LOW), 0);
	assert_int_equal(m->arch.x[2], 0);
	assert_int_equal(call(m, BH_HC_DEBUG_WALK, BH_DEVID_MAKE_PCI(0, 3, 0), 0, LOW), -BH_ENOENT);
	assert_int_equal(call(m, BH_HC_DEBUG_WALK, BH_DEVID_MAKE_PCI(9, 3, 0), 0, LOW), -BH_ENOENT);
	assert_int_equal(call(m, BH_HC_DEBUG_WALK, BH_DEVID_ANY_BUS, 0, LOW), -BH_EINVAL);
	assert_int_equal(call(m, BH_HC_DEBUG_STREAM, 5ull << 56, 0, 0), -BH_EINVAL);
	memset(page_mem[1], 0xff, PAGE_SIZE);
	assert_int_equal(call(m, BH_HC_DEBUG_STREAM, EDU0_ID, 0, 0), 0);
	assert_int_equal(page_mem[1][0] & 1, 1); /* STE.V */
	assert_non_null(memchr(&page_mem[1][8], 0, 512));
	assert_true(strlen((char *)&page_mem[1][8]) > 0);
	assert_int_equal(call(m, BH_HC_DEBUG_REPORT, 0, 0, 0), 0);
	assert_non_null(strstr(fake_log, "device edu0"));
	assert_int_equal(call(m, BH_HC_ARG_PAGE, 0, 0, 0), 0);
	assert_int_equal(call(m, BH_HC_DEBUG_STREAM, EDU0_ID, 0, 0), -BH_EFAULT);
}

static uint64_t seed = 0x2545f4914f6cdd1dull;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Interesting words rather than uniform ones. */
static uint64_t word(void)
{
	static const uint64_t some[] = {
		0, 1, 2, 3, 0x10, 0x1000, RAM, RAM + 1, LOW, BY_RAM, EDU0_ID, PAGE_IPA, ~0ull, 1ull << 63, 0x40200000,
		BH_DEVID_ANY_BUS | BH_DEVID_ANY_DEV | BH_DEVID_ANY_FUNC, 1ull << 39, HUGE, 256, 257, 4096,
	};
	uint64_t r = random64();

	return r % 4 ? some[(r >> 8) % ARRAY_COUNT(some)] : random64() >> (r >> 8) % 64;
}

/* Any number, any registers, from every partition: nothing reaches what is not the partition's [I2][I3]. */
WORLD_TEST(I3_garbage_in_every_register)
{
	start();
	for (unsigned i = 0; i < 20000; i++) {
		unsigned vm = (unsigned)(random64() % WORLD_VMS);
		struct vcpu *v = vcpu(vm);

		for (unsigned x = 1; x < 8; x++) {
			v->arch.x[x] = word();
		}
		for (unsigned w = 0; w < 8; w++) {
			page_mem[0][w] = word();
		}
		hypercall_table[random64() % BH_HC_DEBUG_REPORT](v);
		if (v->arg_page != page_mem[vm]) { /* no host memory behind any other page */
			hypercall_vm_stop(VM(vm));
			v->arg_page = vm == DRIVER || vm == MONITOR ? page_mem[vm] : NULL;
		}
		if (i % 64 == 0) {
			assert_nothing(EDU0, BY_RAM);
			assert_nothing(EDU0, 0x40200000);
			assert_nothing(DMA0, 0x9050000);
			assert_nothing(NIC, RAM);
			assert_nothing(NIC, 0x40200000);
			assert_reads(DISK, ALLOW, ALLOW_PA);
			assert_reads(ALL, QU_RAM, QU_RAM);
		}
	}
	assert_int_equal(fake_log_count[LOG_ERROR], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(version_and_the_table),
		T(from_init_to_fini_through_registers),
		T(device_words_are_decoded_strictly),
		T(argument_pages),
		T(batches_come_from_the_argument_page),
		T(reserved_regions_go_to_the_page),
		T(debug_calls_are_the_monitors),
		T(I3_garbage_in_every_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
