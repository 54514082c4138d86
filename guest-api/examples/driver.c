/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Demonstration, the partition that owns a device: QEMU's edu, a PCI function with 4 KiB of memory and a DMA
 * engine. Two objects give it different rights: one read-only buffer, one write-only buffer. The driver shows
 * that data moves where it may, in both directions, that the refused direction is refused, and then aims the
 * device at another partition's memory. A real driver needs only the first half of this file.
 */
#include <smmu.h>

#include <bulkhead/edu.h>

#include "demo.h"

/* PROBE: one word, so that a refused transfer makes one record */
enum { PAGE = 4096, MOVED = 2048, PROBE = 4, SETTLE_US = 5000 };

static uint8_t buffer_a[PAGE] GUEST_PAGE; /* the device may read it */
static uint8_t buffer_b[PAGE] GUEST_PAGE; /* the device may write it */
static uint8_t saved[PAGE];

static struct edu edu;
static unsigned failures;

static void expect(bool ok, const char *what)
{
	printf("  %s %s\n", ok ? "ok  " : "FAIL", what);
	failures += ok ? 0 : 1;
}

static void need(bool ok, const char *what)
{
	if (!ok) {
		guest_die("demo: FAIL: %s: errno %d", what, errno);
	}
}

static uint64_t at(const void *p)
{
	return (uintptr_t)p;
}

static struct smmu_object *object_with(const void *buffer, unsigned flags)
{
	struct smmu_map_entry entry = { .phys = at(buffer), .len = PAGE };
	struct smmu_object *sop = smmu_obj_create(SOCF_NONE);

	need(sop != NULL, "smmu_obj_create");
	need(smmu_mapping_add(sop, flags, 0, 1, &entry, 0) >= 0, "smmu_mapping_add");
	return sop;
}

static void use(struct smmu_object *sop)
{
	need(smmu_device_add_pci(sop, edu.bdf >> 8, edu.bdf >> 3 & 31, edu.bdf & 7) >= 0, "smmu_device_add_pci");
}

static void transfer(enum edu_dir dir, uint64_t addr, uint32_t offset, uint32_t count)
{
	need(edu_dma(&edu, dir, addr, offset, count), "the device did not finish");
}

/* How many refused accesses of this partition's devices were recorded since the last look. */
static unsigned reported(void)
{
	struct smmu_status s;
	unsigned n = 0;

	delay_us(SETTLE_US); /* another CPU may be the one that takes the unit's interrupt */
	while (smmu_xfer_status(&s) == 0) {
		n++;
	}
	return n;
}

static void fill(uint8_t *p, unsigned seed)
{
	unsigned i;

	for (i = 0; i < PAGE; i++) {
		p[i] = (uint8_t)(i * 7 + i / 256 + seed);
	}
}

/* What the device's own memory holds at offset, brought into buffer B. */
static const uint8_t *device_memory(struct smmu_object *writable, uint32_t offset, uint32_t count)
{
	use(writable);
	memset(buffer_b, 0xee, PAGE);
	transfer(EDU_TO_RAM, at(buffer_b), offset, count);
	return buffer_b;
}

static void allowed(struct smmu_object *readable, struct smmu_object *writable)
{
	printf("what is allowed\n");
	fill(buffer_a, 1);
	use(readable);
	transfer(EDU_FROM_RAM, at(buffer_a), 0, MOVED);
	printf("  object 1: the device read A at 0x%lx\n", at(buffer_a));
	expect(memcmp(device_memory(writable, 0, MOVED), buffer_a, MOVED) == 0,
	       "object 2: the device wrote B: 2048 bytes went A -> device -> B, equal");
}

static void refused(struct smmu_object *readable, struct smmu_object *writable)
{
	printf("what is refused inside its own memory\n");
	memcpy(saved, buffer_a, PAGE);
	use(readable);
	transfer(EDU_TO_RAM, at(buffer_a) + 64, 512, PROBE);
	expect(memcmp(saved, buffer_a, PAGE) == 0, "a write to the read-only A: A is unchanged");
	expect(reported() != 0, "and this partition was told of it");
	use(writable);
	fill(buffer_b, 99);
	memcpy(saved, buffer_b, PAGE);
	transfer(EDU_FROM_RAM, at(buffer_b), 1024, PROBE);
	if (reported() == 0 && memcmp(device_memory(writable, 1024, PROBE), saved, PROBE) == 0) {
		printf("  note a read of the write-only B: this unit has no write-only right, writing implies it\n");
		return;
	}
	expect(memcmp(device_memory(writable, 1024, PROBE), saved, PROBE) != 0,
	       "a read of the write-only B: the device did not get B's bytes");
}

static void foreign(struct smmu_object *writable)
{
	uint64_t secret = DEMO_VICTIM_PATTERN ^ (DEMO_VICTIM_BASE + 8);

	printf("aiming at the bystander's memory at 0x%lx\n", DEMO_VICTIM_BASE);
	use(writable);
	transfer(EDU_TO_RAM, DEMO_VICTIM_BASE, 0, PROBE);
	printf("  a write was sent; the bystander will say what became of it\n");
	transfer(EDU_FROM_RAM, DEMO_VICTIM_BASE + 8, 2048, PROBE);
	expect(memcmp(device_memory(writable, 2048, PROBE), &secret, PROBE) != 0,
	       "a read of it: the device did not get the bystander's bytes");
}

void guest_main(uint64_t arg)
{
	struct smmu_map_entry theirs = { .phys = DEMO_VICTIM_BASE, .len = PAGE };
	struct smmu_object *readable, *writable;
	struct sigevent ev = { 0 };

	need(smmu_init(0) >= 0, "smmu_init");
	SIGEV_VIRQ_INIT(&ev); /* records are collected from here on; the driver polls and leaves the interrupt off */
	need(smmu_xfer_notify(&ev) > 0, "smmu_xfer_notify");
	need(edu_open(&edu, 0), "no edu device");
	printf("edu at %02x:%02x.%u, registers at 0x%lx\n", edu.bdf >> 8, edu.bdf >> 3 & 31, edu.bdf & 7,
	       edu.regs);
	readable = object_with(buffer_a, SMF_READ);
	writable = object_with(buffer_b, SMF_WRITE);
	allowed(readable, writable);
	refused(readable, writable);
	expect(smmu_mapping_add(writable, SMF_WRITE, 0, 1, &theirs, 0) == -1 && errno == EACCES,
	       "mapping the bystander's page is refused: EACCES");
	foreign(writable);
	use(NULL);
	edu_close(&edu);
	smmu_obj_destroy(readable);
	smmu_obj_destroy(writable);
	smmu_fini();
	printf("demo: %s\n", failures == 0 ? "PASS: what was allowed worked, all else was refused" : "FAIL");
}
