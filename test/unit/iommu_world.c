/* SPDX-License-Identifier: Apache-2.0 */
#include "iommu_world.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>


HYP_POOL_ARENA(512);

struct vm vms[VM_MAX];
unsigned vm_count;

static const struct cfg_region driver_region[] = {
	{ .name = "ram", .ipa = RAM, .pa = RAM, .size = MIB(64), .prot = RW | EX },
	{ .name = "low", .ipa = LOW, .pa = LOW_PA, .size = MIB(16), .prot = RW | EX },
	{ .name = "adj", .ipa = ADJ, .pa = ADJ_PA, .size = MIB(1), .prot = RD },
	{ .name = "regs", .ipa = REGS, .pa = REGS, .size = 0x2000, .prot = RW | PROT_DEVICE },
	{ .name = "huge", .ipa = HUGE, .pa = HUGE, .size = GIB(4), .prot = RW },
	{ .name = "odd", .ipa = ODD, .pa = ODD_PA, .size = MIB(64), .prot = RW },
	{ .name = "shared", .ipa = SHARED, .pa = SHARED, .size = MIB(1), .prot = RW },
	{ .name = "past", .ipa = ADJ + MIB(1), .pa = 0xb000000, .size = 0x1000, .prot = RW | PROT_DEVICE },
	{ .name = "far", .ipa = 1ull << 45, .pa = 0x7c000000, .size = 0x1000, .prot = RW },
};

static const struct cfg_region monitor_region[] = {
	{ .name = "ram", .ipa = 0x58000000, .pa = 0x58000000, .size = MIB(16), .prot = RW | EX },
};

static const struct cfg_region bystander_region[] = {
	{ .name = "ram", .ipa = BY_RAM, .pa = BY_RAM, .size = MIB(16), .prot = RW | EX },
	{ .name = "shared", .ipa = SHARED, .pa = SHARED, .size = MIB(1), .prot = RW },
};

static const struct cfg_region quiet_region[] = {
	{ .name = "ram", .ipa = QU_RAM, .pa = QU_RAM, .size = MIB(4), .prot = RW | EX },
	{ .name = "rom", .ipa = 0, .pa = 0x7e000000, .size = 0x3000, .prot = RD },
	{ .name = "dev", .ipa = 0xb002000, .pa = 0xb002000, .size = 0x1000, .prot = RW | PROT_DEVICE },
};

#define REGIONS(r) .region = (r), .region_count = ARRAY_COUNT(r)

struct cfg_vm world_vm[WORLD_VMS] = {
	[DRIVER] = { .name = "driver", .cpu_count = 2, .cpu = { 0, 1 }, .rights = CFG_VM_ATTACH | CFG_VM_TARGET,
		     .fault_virq = 64, .pool_pages = 64, REGIONS(driver_region) },
	[MONITOR] = { .name = "monitor", .cpu_count = 1, .cpu = { 2 }, .rights = CFG_VM_ATTACH | CFG_VM_MONITOR,
		      .fault_virq = 65, .pool_pages = 16, REGIONS(monitor_region) },
	[BYSTANDER] = { .name = "bystander", .cpu_count = 1, .cpu = { 3 }, .rights = CFG_VM_ATTACH,
			.fault_virq = 66, .pool_pages = 16, REGIONS(bystander_region) },
	[QUIET] = { .name = "quiet", .cpu_count = 1, .cpu = { 4 }, .rights = 0, .pool_pages = 16,
		    REGIONS(quiet_region) },
};

static const struct cfg_range reserved[] = { { RSV_PA, 0x2000 }, { RSV_PA + 0x8000, 0x1000 } };

struct cfg_device world_device[WORLD_DEVICES] = {
	[EDU0] = { .name = "edu0", .bdf = 2 << 3, .unit = 0, .sid = 0x10, .owner = DRIVER },
	[EDU1] = { .name = "edu1", .bdf = 3 << 3, .unit = 0, .sid = 0x18, .owner = DRIVER },
	[DMA0] = { .name = "dma0", .kind = CFG_DEV_MMIO, .mmio = 0xb000000, .mmio_size = 0x80, .unit = 1, .sid = 1,
		   .owner = DRIVER, .reserved = reserved, .reserved_count = 2 },
	[NIC] = { .name = "nic", .bdf = 1 << 8, .unit = 0, .sid = 0x100, .owner = BYSTANDER },
	[DISK] = { .name = "disk", .bdf = 2 << 8, .unit = 1, .sid = 0x22, .owner = CFG_OWNER_NONE, .allow = 0 },
	[DISK2] = { .name = "disk2", .bdf = 2 << 8 | 1, .unit = 0, .sid = 0x31, .owner = DRIVER, .allow = 0 },
	[NOBODY] = { .name = "nobody", .bdf = 4 << 3, .unit = 0, .sid = 0x20, .owner = CFG_OWNER_NONE },
	[ALL] = { .name = "all", .bdf = 4 << 8, .unit = 0, .sid = 0x40, .owner = QUIET, .dma_all = true },
	[ANYLEN] = { .name = "anylen", .kind = CFG_DEV_MMIO, .mmio = 0xb001000, .unit = 1, .sid = 2,
		     .owner = BYSTANDER },
	[RSV] = { .name = "rsv", .bdf = 5 << 3, .unit = 0, .sid = 0x50, .owner = DRIVER, .reserved = reserved,
		  .reserved_count = 1 },
	[OWN_ALL] = { .name = "ownall", .bdf = 6 << 8, .unit = 1, .sid = 0x60, .owner = BYSTANDER, .dma_all = true },
};

static const struct cfg_region allow_region[] = {
	{ .name = "in", .ipa = ALLOW, .pa = ALLOW_PA, .size = 0x2000, .prot = RD },
	{ .name = "out", .ipa = ALLOW + 0x2000, .pa = ALLOW_PA + 0x10000, .size = 0x1000, .prot = WR },
};

static const struct cfg_allow allow[] = { { .name = "legacy", REGIONS(allow_region) } };

#define UNIT(n)                                                                                            \
	{                                                                                                  \
		.base = 0x9050000u + 0x100000u * (n), .evtq_irq = 100 + 4 * (n), \
		.gerr_irq = 101 + 4 * (n), .sync_irq = 102 + 4 * (n)                                       \
	}

struct hyp_config world_cfg = {
	.name = "world",
	.board = { .cpu_count = 8, .unit_count = 2, .unit = { UNIT(0), UNIT(1) }, .uart = 0x9000000,
		   .gicd = { 0x8000000, 0x10000 }, .gicr = { 0x80a0000, 0x100000 } },
	.hyp_ram = { .base = 0x40200000, .size = 0x600000 },
	.sync_timeout_ms = 10,
	.hyp_pool_pages = 32,
	.vm_count = WORLD_VMS,
	.vm = world_vm,
	.device_count = WORLD_DEVICES,
	.device = world_device,
	.allow_count = 1,
	.allow = allow,
};

struct world_opts world_opts[2];

/* --- What hyp/vm.c and hyp/irq.c do for hyp/iommu*.c ------------------------------------------ */

const struct cfg_region *vm_region_find(const struct vm *vm, ipa_t addr, uint64_t size, unsigned prot)
{
	for (unsigned i = 0; i < vm->cfg->region_count; i++) {
		const struct cfg_region *r = &vm->cfg->region[i];

		if (range_ok(addr.v, size) && range_inside(addr.v, size, r->ipa, r->size) && (r->prot & prot) == prot) {
			return r;
		}
	}
	return NULL;
}

void vm_pend_virq(struct vm *vm, uint32_t virq)
{
	assert_int_equal(virq, vm->cfg->fault_virq);
	assert_int_not_equal(virq, 0);
	vm->arch.pend_count++;
}

void irq_set_handler(uint32_t irq, void (*fn)(uint32_t), unsigned cpu, bool edge)
{
	assert_true(fn == iommu_irq && cpu == IOMMU_IRQ_CPU && edge);
	fake_irq_enabled[irq]++;
}

/* --- The machine ------------------------------------------------------------------------------ */

static void defaults(void) __attribute__((constructor));

static void defaults(void)
{
	for (unsigned i = 0; i < WORLD_DEVICES; i++) {
		if (i != DISK && i != DISK2) {
			world_device[i].allow = CFG_ALLOW_NONE;
		}
	}
	for (unsigned n = 0; n < world_cfg.board.unit_count; n++) {
		world_cfg.board.unit[n].size = world_hw.regs_size;
	}
}

int world_try_boot(void)
{
	fake_reset();
	vm_count = world_cfg.vm_count;
	for (unsigned i = 0; i < vm_count; i++) {
		vms[i].index = i;
		vms[i].cfg = &world_vm[i];
		vms[i].vcpu_count = world_vm[i].cpu_count;
		assert_int_equal(pool_init(&vms[i].pool, world_vm[i].pool_pages), 0);
		for (unsigned c = 0; c < vms[i].vcpu_count; c++) {
			vms[i].vcpu[c].vm = &vms[i];
			vms[i].vcpu[c].index = c;
			vms[i].vcpu[c].cpu = world_vm[i].cpu[c];
		}
	}
	for (unsigned n = 0; n < 2; n++) {
		world_hw.create(n, world_cfg.board.unit[n].base, &world_opts[n]);
	}
	assert_int_equal(iommu_probe_and_block(&world_cfg.board, world_cfg.sync_timeout_ms), 0);
	iommu_build(&world_cfg);
	return iommu_enable();
}

void world_boot(void)
{
	assert_int_equal(world_try_boot(), 0);
}

int64_t world_object(unsigned vm)
{
	int64_t h;

	assert_int_equal(smmu_init(VM(vm), 0), 0);
	h = smmu_obj_create(VM(vm), 0);
	assert_true(h > 0);
	return h;
}

bool world_short;

struct smmu_devid world_id(unsigned dev)
{
	const struct cfg_device *d = &world_device[dev];

	if (d->kind == CFG_DEV_MMIO) {
		return (struct smmu_devid){ .type = CFG_DEV_MMIO, .phys = d->mmio, .length = (uint32_t)d->mmio_size };
	}
	return (struct smmu_devid){ .bus = d->bdf >> 8, .dev = (d->bdf >> 3) & 31u, .func = d->bdf & 7u };
}

int64_t world_add(unsigned vm, int64_t handle, unsigned dev)
{
	struct smmu_devid id = world_id(dev);

	return smmu_device_add(VM(vm), (uint64_t)handle, &id);
}

int64_t world_map(unsigned vm, int64_t handle, unsigned prot, uint64_t addr, uint64_t size)
{
	struct smmu_region r = { addr, size };
	int err = world_short ? smmu_mapping_try(VM(vm), (uint64_t)handle, prot, addr, size) : 1;

	return err <= 0 ? err : smmu_mapping_add(VM(vm), (uint64_t)handle, prot, &r, 1, 0);
}

int64_t world_unmap(unsigned vm, int64_t handle, uint64_t addr, uint64_t size)
{
	return world_map(vm, handle, PROT_NONE, addr, size);
}

void world_irq(void)
{
	for (unsigned n = 0; n < 2; n++) {
		for (unsigned which = 0; which < 2; which++) {
			if (world_hw.irqs(n, which) > 0) {
				iommu_irq(100 + 4 * n + which);
			}
		}
	}
}

enum world_result world_dma(unsigned dev, uint64_t addr, bool write)
{
	enum world_result r = world_hw.dma(world_device[dev].unit, world_device[dev].sid, addr, write);

	world_irq();
	return r;
}

unsigned world_virqs(unsigned vm)
{
	unsigned n = vms[vm].arch.pend_count;

	vms[vm].arch.pend_count = 0;
	return n;
}

/* --- One process per test --------------------------------------------------------------------- */

/* The child runs the one test as a CMocka group of its own; its words are passed on if it fails. */
static void child_run(int out, const char *name, void (*fn)(void **state))
{
	const struct CMUnitTest test[] = { { name, fn, NULL, NULL, NULL } };

	(void)dup2(out, 1);
	(void)dup2(out, 2);
	cmocka_set_message_output(CM_OUTPUT_STDOUT);
	_exit(_cmocka_run_group_tests(name, test, 1, NULL, NULL) == 0 ? 0 : 1);
}

void world_run(const char *name, void (*fn)(void **state))
{
	static char text[1 << 16];
	size_t len = 0;
	int status = -1;
	int fd[2];
	pid_t pid;
	ssize_t n;

	fflush(NULL);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		child_run(fd[1], name, fn);
	}
	(void)close(fd[1]);
	while ((n = read(fd[0], text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
	}
	text[len] = '\0';
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0) {
		(void)fputs(text, stdout);
		fail_msg("status %d", status);
	}
}
