/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every (call, error) pair of guest-api/README.md that a guest can provoke, and that a refused call changed nothing
 * [I5]. Runs in a partition with the rights ATTACH, TARGET and MONITOR; in one without a right it checks that the
 * right is really missing. Names of tests: call, what is wrong, error.
 */
#include "arch.h"
#include "dma.h"

enum { MANY = 300, NOBODYS_DEV = 3, EMPTY_DEV = 9 };

static uint8_t memory[64 * 4096] GUEST_PAGE;
static struct smmu_map_entry many[MANY];
static uint64_t arg_page[512] GUEST_PAGE;
static struct smmu_object *sop;
static uint64_t handle; /* of sop, for raw calls */
static bool has_target;
static uint64_t own_devid;

static void fails(int result, int error, const char *name)
{
	int got = errno;

	if (!tap_ok(result == -1 && got == error, "%s", name)) {
		printf("#   result %d errno %d, want -1 errno %d\n", result, got, error);
	}
}

static int64_t raw(enum bh_hc n, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	struct bh_regs r = { { BH_HC(n), a1, a2, a3, a4, 0, 0, 0 } };

	return bh_call(&r);
}

static int add_pci(struct smmu_object *o, unsigned bus, unsigned dev, unsigned func)
{
	return smmu_device_add_pci(o, bus, dev, func);
}

static void test_unknown(void)
{
	struct bh_regs r;

	tap_is(raw(BH_HC_COUNT, 0, 0, 0, 0), -BH_ENOSYS, "a call number after the last: ENOSYS");
	tap_is(raw((enum bh_hc)0xffff, 1, 2, 3, 4), -BH_ENOSYS, "call number 0xffff: ENOSYS");
	r = (struct bh_regs){ { 0xffffffff00000000ull | BH_HC(BH_HC_VERSION), 0, 0, 0, 0, 0, 0, 0 } };
	tap_is(bh_call(&r), BH_ABI_VERSION, "version: upper half of x0 does not count");
	r = (struct bh_regs){ { OTHERS_CALL, 0, 0, 0, 0, 0, 0, 0 } };
	bh_call(&r);
	tap_is((int32_t)r.x[0], OTHERS_RESULT, "a function of another service: not supported");
}

static void test_not_connected(void)
{
	struct smmu_map_entry e;
	union smmu_devid id = edu_id();
	struct smmu_status s;
	struct bh_stats st;

	tap_ok(smmu_obj_create(0) == NULL && errno == ENOTCONN, "obj_create before init: ENOTCONN");
	fails(smmu_device_add_generic(NULL, &id), ENOTCONN, "device_add before init: ENOTCONN");
	fails((int)smmu_device_report_reserved(&id, 0, &e, 1), ENOTCONN, "report_reserved before init: ENOTCONN");
	fails(notify(), ENOTCONN, "xfer_notify before init: ENOTCONN");
	fails(smmu_xfer_status(&s), ENOTCONN, "xfer_status before init: ENOTCONN");
	fails(bh_device_unmute(&id), ENOTCONN, "unmute before init: ENOTCONN");
	tap_is(raw(BH_HC_MAPPING_ADD, 1, SMF_READ, at(memory), PAGE), -BH_ENOTCONN,
	       "mapping_add before init: ENOTCONN");
	tap_is(raw(BH_HC_OBJ_DESTROY, 1, 0, 0, 0), -BH_ENOTCONN, "obj_destroy before init: ENOTCONN");
	tap_is(raw(BH_HC_STATS, 1, 0, 0, 0), -BH_ENOTCONN, "stats before init: ENOTCONN");
	tap_is(raw(BH_HC_SMMU_FINI, 0, 0, 0, 0), -BH_ENOTCONN, "fini before init: ENOTCONN");
	fails(bh_object_stats(NULL, &st), EBADF, "stats without an object: EBADF");
}

static bool test_init(void)
{
	fails(smmu_init(1), EINVAL, "init, flags 1: EINVAL");
	fails(smmu_init(0x80000000u), EINVAL, "init, flags 0x80000000: EINVAL");
	if (smmu_init(0) != 0) {
		tap_is(errno, EPERM, "init without the ability smmu/attach: EPERM");
		return false;
	}
	tap_ok(true, "init");
	tap_is(smmu_init(0), 0, "init again: no effect, 0");
	tap_is(smmu_safety(), SMMUMAN_SAFETY_NO, "safety: not certified");
	return true;
}

static void test_objects(void)
{
	struct smmu_object *o[BH_OBJECT_MAX + 1];
	unsigned n, i;

	tap_ok(smmu_obj_create(2) == NULL && errno == EINVAL, "obj_create, flags 2: EINVAL");
	tap_ok(smmu_obj_create(0x80000001u) == NULL && errno == EINVAL, "obj_create, high flag: EINVAL");
	o[0] = smmu_obj_create(SOCF_RESERVED_MANUAL);
	has_target = o[0] != NULL;
	tap_ok(o[0] != NULL || errno == EPERM, "obj_create manual: %s",
	       has_target ? "allowed by smmu/target" : "EPERM");
	smmu_obj_destroy(o[0]);
	for (n = 0; n <= BH_OBJECT_MAX; n++) {
		o[n] = smmu_obj_create(0);
		if (o[n] == NULL) {
			break;
		}
	}
	tap_ok(n == BH_OBJECT_MAX && errno == ENOMEM, "obj_create: %u, then ENOMEM", n);
	for (i = 0; i < n; i++) {
		smmu_obj_destroy(o[i]);
	}
	sop = smmu_obj_create(0);
	tap_ok(sop != NULL, "obj_create: works again when they are destroyed");
	smmu_obj_destroy(NULL);
	smmu_obj_destroy(o[1]); /* a second time */
	tap_is(raw(BH_HC_OBJ_DESTROY, 0, 0, 0, 0), -BH_EBADF, "obj_destroy, handle 0: EBADF");
	tap_is(raw(BH_HC_OBJ_DESTROY, 77, 0, 0, 0), -BH_EBADF, "obj_destroy, handle 77: EBADF");
	tap_is(raw(BH_HC_OBJ_DESTROY, ~0ull, 0, 0, 0), -BH_EBADF, "obj_destroy, handle all ones: EBADF");
	smmu_obj_destroy(sop);
	handle = (uint64_t)raw(BH_HC_OBJ_CREATE, 0, 0, 0, 0);
	tap_ok((int64_t)handle >= 1, "raw obj_create: a handle");
	tap_is(raw(BH_HC_OBJ_DESTROY, handle, 0, 0, 0), 0, "raw obj_destroy");
	tap_is(raw(BH_HC_OBJ_DESTROY, handle, 0, 0, 0), -BH_EBADF, "raw obj_destroy twice: EBADF");
	sop = smmu_obj_create(0);
}

static void test_device_errors(void)
{
	union smmu_devid id = edu_id();

	fails(smmu_device_add_generic(sop, NULL), EINVAL, "device_add, id NULL: EINVAL");
	id.type = SDT_NUM_TYPES;
	fails(smmu_device_add_generic(sop, &id), EINVAL, "device_add, unknown type: EINVAL");
	id = edu_id();
	fails(smmu_device_add_generic((struct smmu_object *)(void *)memory, &id), EBADF,
	      "device_add, no object: EBADF");
	fails(add_pci(sop, 256, 0, 0), EINVAL, "device_add, bus 256: EINVAL");
	fails(add_pci(sop, 0, 32, 0), EINVAL, "device_add, device 32: EINVAL");
	fails(add_pci(sop, 0, 0, 8), EINVAL, "device_add, function 8: EINVAL");
	fails(add_pci(sop, 0, EMPTY_DEV, 0), ENOENT, "device_add, nothing there: ENOENT");
	fails(add_pci(sop, 255, 31, 7), ENOENT, "device_add, last function of the last bus: ENOENT");
	fails(smmu_device_add_mmio(sop, BOARD_IRQCHIP_BASE, 0x1000), ENOENT, "device_add, unknown registers: ENOENT");
	fails(smmu_device_add_mmio(sop, ~0ull, ~0u), ENOENT, "device_add, registers at the end of everything: ENOENT");
	fails(add_pci(NULL, 0, EMPTY_DEV, 0), ENOENT, "remove, nothing there: ENOENT");
	fails(add_pci(NULL, edu.bdf >> 8, edu.bdf >> 3 & 31, edu.bdf & 7), ENOENT, "remove, in no object: ENOENT");
	fails(add_pci(sop, 0, NOBODYS_DEV, 0), EBUSY, "device_add, configured, but not for us: EBUSY");
	fails(add_pci(NULL, 0, NOBODYS_DEV, 0), ENOENT, "remove, configured, but not for us: ENOENT");
	tap_is(raw(BH_HC_DEVICE_ADD, 77, own_devid, 0, 0), -BH_EBADF, "raw device_add, handle 77: EBADF");
	tap_is(raw(BH_HC_DEVICE_ADD, 0, 3ull << 56, 0, 0), -BH_EINVAL, "raw device_add, type 3: EINVAL");
	tap_is(raw(BH_HC_DEVICE_ADD, 0, BH_DEVID_NONE << 56, 0, 0), -BH_EINVAL, "raw device_add, no device: EINVAL");
	tap_is(raw(BH_HC_DEVICE_ADD, 0, own_devid | 1ull << 16, 0, 0), -BH_EINVAL,
	       "raw device_add, spare bit 16: EINVAL");
	tap_is(raw(BH_HC_DEVICE_ADD, 0, own_devid | 1ull << 40, 0, 0), -BH_EINVAL,
	       "raw device_add, spare bit 40: EINVAL");
}

static void test_device_works(void)
{
	struct smmu_object *other = smmu_obj_create(0);
	unsigned bus = edu.bdf >> 8, dev = edu.bdf >> 3 & 31, func = edu.bdf & 7, any = SMMU_PCI_FIELD_ANY;

	tap_ok(add_pci(sop, bus, dev, func) >= 0, "device_add");
	tap_ok(add_pci(sop, bus, dev, func) >= 0, "device_add, already there");
	tap_ok(add_pci(other, bus, dev, func) >= 0, "device_add, to another object of ours: moved");
	tap_ok(add_pci(NULL, bus, dev, func) >= 0, "remove");
	fails(add_pci(NULL, bus, dev, func), ENOENT, "remove twice: ENOENT");
	tap_ok(add_pci(sop, bus, dev, any) >= 0, "device_add, any function");
	tap_ok(add_pci(NULL, bus, dev, any) >= 0, "remove, any function");
	fails(add_pci(sop, any, EMPTY_DEV, any), ENOENT, "device_add, wildcards that match nothing: ENOENT");
	tap_ok(add_pci(sop, any, dev, func) >= 0, "device_add, any bus");
	smmu_obj_destroy(other);
	smmu_obj_destroy(sop);
	sop = smmu_obj_create(0);
	fails(add_pci(NULL, bus, dev, func), ENOENT, "remove after its object was destroyed: ENOENT");
	tap_ok(add_pci(sop, bus, dev, func) >= 0, "device_add into a new object");
}

static void test_reserved(void)
{
	struct smmu_map_entry e[2] = { { .phys = 7, .len = 7 } };
	union smmu_devid id = edu_id();

	fails((int)smmu_device_report_reserved(NULL, 0, e, 1), EINVAL, "report_reserved, id NULL: EINVAL");
	fails((int)smmu_device_report_reserved(&id, 0, NULL, 1), EINVAL, "report_reserved, no room: EINVAL");
	id.type = SDT_NUM_TYPES;
	fails((int)smmu_device_report_reserved(&id, 0, e, 1), EINVAL, "report_reserved, unknown type: EINVAL");
	id = edu_id();
	id.pci.func = SMMU_PCI_FIELD_ANY;
	tap_is((int)smmu_device_report_reserved(&id, 0, e, 1), 0, "report_reserved, wildcard");
	id.pci.bus = 256;
	fails((int)smmu_device_report_reserved(&id, 0, e, 1), EINVAL, "report_reserved, bus 256: EINVAL");
	id = edu_id();
	id.pci.dev = NOBODYS_DEV;
	tap_is((int)smmu_device_report_reserved(&id, 0, e, 1), 0, "report_reserved, not ours: nothing is told");
	id = edu_id();
	id.pci.dev = EMPTY_DEV;
	fails((int)smmu_device_report_reserved(&id, 0, e, 1), ENOENT, "report_reserved, nothing there: ENOENT");
	id = edu_id();
	tap_is((int)smmu_device_report_reserved(&id, 0, e, 2), 0, "report_reserved: edu has none");
	tap_is((int)smmu_device_report_reserved(&id, ~0u, e, 2), 0, "report_reserved, offset past the end: 0");
	tap_ok(e[0].phys == 7 && e[0].len == 7, "report_reserved: wrote nothing then");
}

static void bad_map(unsigned flags, uint64_t addr, uint64_t len, int error, const char *name)
{
	fails(map(sop, flags, addr, len), error, name);
}

static void test_mapping_arguments(void)
{
	struct smmu_map_entry e = { .phys = at(memory), .len = PAGE };

	fails(smmu_mapping_add(NULL, SMF_READ, 0, 1, &e, 0), EBADF, "mapping_add, object NULL: EBADF");
	fails(smmu_mapping_add((struct smmu_object *)(void *)memory, SMF_READ, 0, 1, &e, 0), EBADF,
	      "mapping_add, no object: EBADF");
	fails(smmu_mapping_add(sop, SMF_READ, 0, 1, NULL, 0), EINVAL, "mapping_add, entries NULL: EINVAL");
	fails(smmu_mapping_add(sop, SMF_READ, 0, 0, &e, 0), EINVAL, "mapping_add, no entries: EINVAL");
	fails(smmu_mapping_add(sop, SMF_READ, 1, 1, &e, 0), EINVAL, "mapping_add, pid 1: EINVAL");
	bad_map(SMF_VIRT | SMF_READ, at(memory), PAGE, EINVAL, "mapping_add, SMF_VIRT: EINVAL");
	bad_map(0x20 | SMF_READ, at(memory), PAGE, EINVAL, "mapping_add, unknown flag: EINVAL");
	bad_map(0x80000000u | SMF_READ, at(memory), PAGE, EINVAL, "mapping_add, unknown high flag: EINVAL");
	bad_map(SMF_READ, at(memory), 0, EINVAL, "mapping_add, length 0: EINVAL");
	bad_map(SMF_READ, at(memory), ~0ull, EINVAL, "mapping_add, wraps: EINVAL");
	bad_map(SMF_READ, ~0ull, 2, EINVAL, "mapping_add, wraps by one byte: EINVAL");
	bad_map(SMF_READ, ~0xfffull, PAGE + 1, EINVAL, "mapping_add, wraps from the last page: EINVAL");
	tap_is(raw(BH_HC_MAPPING_ADD, 77, SMF_READ, at(memory), PAGE), -BH_EBADF, "raw mapping_add, handle 77: EBADF");
	tap_is(raw(BH_HC_MAPPING_ADD, handle, 1ull << 32 | SMF_READ, at(memory), PAGE), -BH_EINVAL,
	       "raw mapping_add, flag 32: EINVAL");
}

static void test_mapping_memory(void)
{
	uint64_t ram = BOARD_RAM(0x10000000), ram_end = ram + 64 * MIB;

	bad_map(SMF_READ, BOARD_HYP_BASE, PAGE, EACCES, "mapping_add, hypervisor memory: EACCES");
	bad_map(SMF_READ, 0, PAGE, EACCES, "mapping_add, address 0: EACCES");
	bad_map(SMF_READ, BOARD_RAM(0x18000000), PAGE, EACCES, "mapping_add, another partition: EACCES");
	bad_map(SMF_READ, BOARD_RAM(0x18000000), 1, EACCES, "mapping_add, one byte of it: EACCES");
	bad_map(SMF_READ, ram_end - PAGE, 2 * PAGE, EACCES, "mapping_add, one page past own memory: EACCES");
	bad_map(SMF_READ, ram_end - 1, 2, EACCES, "mapping_add, one byte past own memory: EACCES");
	bad_map(SMF_READ, ram - 1, 2, EACCES, "mapping_add, one byte before own memory: EACCES");
	bad_map(SMF_READ, BOARD_LOCAL_IRQCHIP_BASE, PAGE, EACCES, "mapping_add, emulated, of a CPU: EACCES");
	bad_map(SMF_READ, BOARD_IRQCHIP_BASE, PAGE, EACCES, "mapping_add, emulated interrupt controller: EACCES");
	bad_map(SMF_READ, BOARD_ECAM_BASE, PAGE, EACCES, "mapping_add, emulated configuration space: EACCES");
	bad_map(SMF_READ, BOARD_IOMMU_BASE, PAGE, EACCES, "mapping_add, the unit's registers: EACCES");
	bad_map(SMF_WRITE, ~0xfffull, PAGE, ERANGE, "mapping_add, the last page of 64 bits: ERANGE");
	bad_map(SMF_READ | SMF_EXEC, edu.regs, PAGE, EACCES, "mapping_add, fetching from registers: EACCES");
	tap_is(map(sop, SMF_READ, ram_end - 1, 1), 0, "mapping_add, the last byte of own memory");
	tap_is(unmap(sop, ram_end - 1, 1), 0, "and removed");
	tap_is(map(sop, SMF_READ | SMF_WRITE, edu.regs, PAGE), 0, "mapping_add, registers of an own device [api 4.4]");
	tap_is(unmap(sop, edu.regs, PAGE), 0, "and removed");
}

static void test_mapping_removal(void)
{
	tap_is(unmap(sop, at(memory), PAGE), 0, "removal of what is not there: 0 [api 4.6]");
	tap_is(unmap(sop, BOARD_RAM(0x18000000), PAGE), 0, "removal of what could not be there: 0");
	fails(unmap(sop, at(memory), 0), EINVAL, "removal, length 0: EINVAL");
	fails(unmap(sop, at(memory), ~0ull), EINVAL, "removal, wraps: EINVAL");
	tap_is(map(sop, SMF_READ, at(memory), PAGE), 0, "mapping_add");
	tap_is(map(sop, SMF_READ, at(memory), PAGE), 0, "mapping_add, the same again");
	tap_is(map(sop, SMF_WRITE, at(memory), PAGE), 0, "mapping_add, the same with another right");
	tap_is(map(sop, SMF_READ | SMF_EXEC, at(memory) + PAGE, PAGE), 0, "mapping_add, read and execute");
	tap_is(unmap(sop, at(memory) + PAGE, PAGE), 0, "removal");
	tap_is(unmap(sop, at(memory), PAGE), 0, "removal");
}

/* The library cuts at 1 GiB and gives one target to a call: several hypercalls, one after the other taken back. */
static void test_target_pieces(void)
{
	struct smmu_map_entry two[2] = { { .phys = 0x70000000, .len = PAGE }, { .phys = 0x71000000, .len = PAGE } };
	union smmu_devid id = edu_id();
	struct bh_stats a, b;
	struct bh_walk walk = { 0 };

	bh_object_stats(sop, &a);
	tap_is(map_to(sop, SMF_READ, 0x7f000000, 32 * MIB, BOARD_RAM(0x10000000)), 0,
	       "SMF_TARGET across a GiB of device addresses");
	tap_ok(bh_debug_walk(&id, 0x80000000, &walk) != 0 || walk.phys == BOARD_RAM(0x11000000),
	       "the target goes on behind it");
	tap_is(unmap(sop, 0x7f000000, 32 * MIB), 0, "and removed");
	bh_object_stats(sop, &b);
	tap_ok(b.maps - a.maps == 2 && b.unmaps - a.unmaps == 2, "two calls each");
	fails(map_to(sop, SMF_READ, 0x7f000000, 32 * MIB, BOARD_RAM(0x13000000)), EACCES,
	      "the second piece not ours: EACCES");
	bh_object_stats(sop, &a);
	tap_ok(a.maps - b.maps == 1 && a.unmaps - b.unmaps == 1, "the first piece was taken back [I5]");
	tap_is(smmu_mapping_add(sop, SMF_READ | SMF_TARGET, 0, 2, two, at(memory)), 0, "SMF_TARGET, two entries");
	tap_ok(bh_debug_walk(&id, 0x71000000, &walk) != 0 || walk.phys == at(memory) + PAGE,
	       "the second continues where the first ended [api 4.7]");
	tap_is(smmu_mapping_add(sop, SMF_NONE, 0, 2, two, 0), 0, "both removed");
}

static void test_target(void)
{
	uint64_t iova = 0x40000000;

	if (!has_target) {
		fails(map_to(sop, SMF_READ, iova, PAGE, at(memory)), EPERM, "SMF_TARGET without the ability: EPERM");
		return;
	}
	tap_is(map_to(sop, SMF_READ, iova, PAGE, at(memory)), 0, "SMF_TARGET");
	tap_is(unmap(sop, iova, PAGE), 0, "SMF_TARGET: removed by device address");
	fails(map_to(sop, SMF_READ, iova + 1, 16, at(memory)), EINVAL, "SMF_TARGET, offsets differ: EINVAL");
	tap_is(map_to(sop, SMF_READ, iova + 0x123, 16, at(memory) + 0x123), 0, "SMF_TARGET, equal offsets");
	unmap(sop, iova + 0x123, 16);
	fails(map_to(sop, SMF_READ, iova, PAGE, BOARD_HYP_BASE), EACCES, "SMF_TARGET, hypervisor memory: EACCES");
	fails(map_to(sop, SMF_READ, iova, PAGE, BOARD_RAM(0x18000000)), EACCES,
	      "SMF_TARGET, another partition: EACCES");
	fails(map_to(sop, SMF_READ, iova, 2 * PAGE, ~0xfffull), EACCES, "SMF_TARGET, target wraps: EACCES");
	fails(map_to(sop, SMF_READ, 1ull << 60, PAGE, at(memory)), ERANGE,
	      "SMF_TARGET, device address too large: ERANGE");
	fails(map_to(sop, SMF_READ, (1ull << 39) - PAGE, 2 * PAGE, at(memory)), ERANGE,
	      "SMF_TARGET, device address range ends too high: ERANGE");
	tap_is(map_to(sop, SMF_READ, iova, 64, at(memory)), 0, "SMF_TARGET, a few bytes of a page");
	fails(map_to(sop, SMF_READ, iova + 64, 64, at(memory) + PAGE + 64), EINVAL,
	      "SMF_TARGET, the same page to another target: EINVAL");
	fails(map_to(sop, SMF_READ, iova, 64, at(memory) + PAGE), EINVAL,
	      "SMF_TARGET, the same region to another target: EINVAL");
	unmap(sop, iova, 64);
	test_target_pieces();
	fails(map_to(sop, SMF_READ, iova + PAGE, 32 * MIB, BOARD_RAM(0x10000000)), E2BIG,
	      "SMF_TARGET, 8,192 pages that fit no larger leaf: E2BIG");
}

static void fill_many(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) { /* records of a few bytes each, several per page */
		many[i].phys = at(memory) + (i % 64) * PAGE + (i / 64) * 16;
		many[i].len = 16;
	}
}

static void test_batches(void)
{
	struct bh_stats st;
	unsigned i, left = 0;
	uint64_t pages;

	bh_object_stats(sop, &st);
	pages = st.pages_free;
	fill_many(MANY);
	fails(smmu_mapping_add(sop, SMF_READ, 0, MANY, many, 0), ENOMEM, "300 entries in one request: ENOMEM");
	tap_is(smmu_mapping_add(sop, SMF_READ, 0, BH_MAPPING_MAX, many, 0), 0,
	       "and nothing of it was left: 256 fit [I5]");
	fails(map(sop, SMF_READ, at(memory) + 8, 1), ENOMEM, "the 257th: ENOMEM");
	tap_is(map(sop, SMF_READ, many[5].phys, 16), 0, "one that is there already: needs no record");
	tap_is(smmu_mapping_add(sop, SMF_NONE, 0, MANY, many, 0), 0, "300 removed in one request");
	for (i = 0; i < BH_MAPPING_MAX; i++) {
		left += map(sop, SMF_READ, many[i].phys, 16) == 0 ? 1 : 0;
	}
	tap_is(left, BH_MAPPING_MAX, "256 added one by one");
	smmu_mapping_add(sop, SMF_NONE, 0, MANY, many, 0);
	many[200].phys = BOARD_HYP_BASE;
	fails(smmu_mapping_add(sop, SMF_READ, 0, 256, many, 0), EACCES, "one bad entry of 256: EACCES");
	many[200].len = 0;
	fails(smmu_mapping_add(sop, SMF_READ, 0, 256, many, 0), EINVAL, "one malformed entry of 256: EINVAL");
	fill_many(MANY);
	tap_is(smmu_mapping_add(sop, SMF_READ, 0, 256, many, 0), 0, "and nothing of those was left [I5]");
	smmu_mapping_add(sop, SMF_NONE, 0, 256, many, 0);
	tap_is(map(sop, SMF_READ, BOARD_RAM(0x10000000), 48 * MIB), 0, "48 MiB in one entry");
	tap_is(unmap(sop, BOARD_RAM(0x10000000), 48 * MIB), 0, "and removed");
	bh_object_stats(sop, &st);
	tap_ok(st.maps > 256 && st.unmaps > 256, "stats count maps and unmaps");
	tap_ok(st.pages_free + 8 >= pages, "page-table pages came back (%lu of %lu)", st.pages_free, pages);
}

static void test_arg_page(void)
{
	int64_t full = 0;
	unsigned i;

	tap_is(raw(BH_HC_ARG_PAGE, 0, 0, 0, 0), 0, "argument page forgotten");
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_READ, 1, 0), -BH_EFAULT, "batch without a page: EFAULT");
	tap_is(raw(BH_HC_REPORT_RESERVED, own_devid, 0, 0, 1), -BH_EFAULT, "report_reserved without a page: EFAULT");
	tap_is(raw(BH_HC_REPORT_RESERVED, own_devid, 0, 0, 0), 0, "report_reserved without room needs no page");
	tap_is(raw(BH_HC_ARG_PAGE, at(arg_page) + 8, 0, 0, 0), -BH_EFAULT, "argument page unaligned: EFAULT");
	tap_is(raw(BH_HC_ARG_PAGE, BOARD_HYP_BASE, 0, 0, 0), -BH_EFAULT, "argument page in the hypervisor: EFAULT");
	tap_is(raw(BH_HC_ARG_PAGE, BOARD_RAM(0x18000000), 0, 0, 0), -BH_EFAULT,
	       "argument page of another partition: EFAULT");
	tap_is(raw(BH_HC_ARG_PAGE, BOARD_IRQCHIP_BASE, 0, 0, 0), -BH_EFAULT,
	       "argument page on emulated registers: EFAULT");
	tap_is(raw(BH_HC_ARG_PAGE, edu.regs, 0, 0, 0), -BH_EFAULT, "argument page on a device: EFAULT");
	tap_is(raw(BH_HC_ARG_PAGE, ~0xfffull, 0, 0, 0), -BH_EFAULT, "argument page at the end of 64 bits: EFAULT");
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_READ, 1, 0), -BH_EFAULT, "and none of those was taken");
	tap_is(raw(BH_HC_ARG_PAGE, at(arg_page), 0, 0, 0), 0, "argument page registered");
	arg_page[0] = at(memory);
	arg_page[1] = PAGE;
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_READ, 0, 0), -BH_EINVAL, "batch of none: EINVAL");
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_READ, BH_ARG_ENTRY_MAX + 1, 0), -BH_E2BIG, "batch of 257: E2BIG");
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_READ, ~0ull, 0), -BH_E2BIG, "batch of all ones: E2BIG");
	tap_is(raw(BH_HC_MAPPING_ADD_N, 77, SMF_READ, 1, 0), -BH_EBADF, "batch, handle 77: EBADF");
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_READ, 1, 0), 0, "batch of one");
	tap_is(raw(BH_HC_MAPPING_ADD_N, handle, SMF_NONE, 1, 0), 0, "and removed");
	for (i = 0; i < 8; i++) {
		full = raw(BH_HC_ARG_PAGE, BOARD_RAM(0x11000000) + i * 2 * MIB, 0, 0, 0);
		if (full != 0) {
			break;
		}
	}
	tap_ok(full == -BH_ENOMEM && i >= 2 && i <= 4, "argument pages all over the memory: ENOMEM at number %u", i);
	tap_is(raw(BH_HC_ARG_PAGE, at(arg_page), 0, 0, 0), 0, "the first one again");
}

static void test_faults_and_debug(void)
{
	struct sigevent ev = { .sigev_notify = 1 };
	union smmu_devid id = edu_id(), none = edu_id();
	struct smmu_status s;
	struct bh_stream stream;
	struct bh_walk walk;

	none.pci.dev = EMPTY_DEV;
	fails(smmu_xfer_notify(&ev), EINVAL, "xfer_notify, another kind of event: EINVAL");
	tap_is(raw(BH_HC_XFER_NOTIFY, 2, 0, 0, 0), -BH_EINVAL, "raw xfer_notify, 2: EINVAL");
	tap_is(notify(), 1, "xfer_notify: positive");
	tap_is(smmu_xfer_notify(NULL), 1, "xfer_notify(NULL) cancels");
	fails(smmu_xfer_status(NULL), EINVAL, "xfer_status, NULL: EINVAL");
	fails(smmu_xfer_status(&s), EAGAIN, "xfer_status, none there: EAGAIN");
	fails(bh_device_unmute(NULL), EINVAL, "unmute, id NULL: EINVAL");
	fails(bh_device_unmute(&none), ENOENT, "unmute, nothing there: ENOENT");
	tap_is(bh_device_unmute(&id), 0, "unmute, not muted: 0");
	tap_is(raw(BH_HC_STATS, 77, 0, 0, 0), -BH_EBADF, "stats, handle 77: EBADF");
	if (bh_debug_stream(&id, &stream) != 0 && errno == EPERM) {
		fails(bh_debug_walk(&id, at(window), &walk), EPERM, "debug_walk without the right: EPERM");
		fails(bh_debug_report(), EPERM, "debug_report without the right: EPERM");
		return;
	}
	tap_is(bh_debug_stream(&id, &stream), 0, "debug_stream");
	tap_ok(stream.word[0] != 0 && stream.text[0] != '\0', "debug_stream: %s", stream.text);
	map(sop, SMF_READ, at(window), PAGE);
	tap_is(bh_debug_walk(&id, at(window) + 16, &walk), 0, "debug_walk");
	tap_ok(walk.phys != 0 && walk.rights == SMF_READ && walk.levels >= 3 && walk.levels <= 4,
	       "debug_walk: to 0x%lx, rights %u, %u levels", walk.phys, walk.rights, walk.levels);
	unmap(sop, at(window), PAGE);
	tap_ok(bh_debug_walk(&id, at(window), &walk) != 0 || walk.rights == 0, "debug_walk: nothing mapped");
	fails(bh_debug_stream(NULL, &stream), EINVAL, "debug_stream, id NULL: EINVAL");
	fails(bh_debug_stream(&none, &stream), ENOENT, "debug_stream, nothing there: ENOENT");
	fails(bh_debug_walk(&none, 0, &walk), ENOENT, "debug_walk, nothing there: ENOENT");
}

/* The library's handle is not public; a second raw object stands in for it. */
static void raw_begin(void)
{
	handle = (uint64_t)raw(BH_HC_OBJ_CREATE, 0, 0, 0, 0);
	tap_ok((int64_t)handle >= 1, "an object for raw calls");
}

void guest_main(uint64_t arg)
{
	if (bh_fault_virq() < 0 || !edu_open(&edu, 0)) {
		tap_bail("no Bulkhead or no edu");
	}
	own_devid = edu_devid();
	test_unknown();
	tap_ok(call_preserves(), CALL_PRESERVES);
	test_not_connected();
	if (!test_init()) {
		test_not_connected();
		tap_done();
	}
	test_objects();
	test_device_errors();
	test_device_works();
	raw_begin();
	test_reserved();
	test_mapping_arguments();
	test_mapping_memory();
	test_mapping_removal();
	test_target();
	test_batches();
	test_faults_and_debug();
	test_arg_page(); /* the library's page is forgotten from here on */
	smmu_fini();
	test_not_connected();
	tap_done();
}
