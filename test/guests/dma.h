/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the DMA tests share: the device, one page it may always use (the window), and judgements: could the
 * device read this, could it write that, and what did the hypervisor report. Included by one file per guest.
 */
#pragma once

#include <bulkhead/edu.h>
#include <bulkhead/ext.h>

#include "tap.h"

#define PAGE 0x1000ul
#define MIB  0x100000ul

enum { LATE_US = 2000, PROBE = 8 }; /* bytes of a refused transfer: few, or the device gets muted */

static uint8_t window[4096] GUEST_PAGE;
static struct edu edu;
static uint8_t dma_seed;
static volatile uint32_t fault_events;

static inline uint64_t at(const volatile void *p)
{
	return (uintptr_t)p;
}

static inline union smmu_devid edu_id(void)
{
	union smmu_devid id = { .pci = { SDT_PCI, edu.bdf >> 8, edu.bdf >> 3 & 31, edu.bdf & 7 } };

	return id;
}

/* As hypercalls name it. */
static inline uint64_t edu_devid(void)
{
	return BH_DEVID_MAKE_PCI(edu.bdf >> 8, edu.bdf >> 3 & 31, edu.bdf & 7);
}

static inline int edu_into(struct smmu_object *sop)
{
	union smmu_devid id = edu_id();

	return smmu_device_add_generic(sop, &id);
}

static inline int map(struct smmu_object *sop, unsigned flags, uint64_t addr, uint64_t len)
{
	struct smmu_map_entry e = { .phys = addr, .len = len };

	return smmu_mapping_add(sop, flags, 0, 1, &e, 0);
}

static inline int unmap(struct smmu_object *sop, uint64_t addr, uint64_t len)
{
	return map(sop, SMF_NONE, addr, len);
}

static inline int map_to(struct smmu_object *sop, unsigned flags, uint64_t iova, uint64_t len, uint64_t target)
{
	struct smmu_map_entry e = { .phys = iova, .len = len };

	return smmu_mapping_add(sop, flags | SMF_TARGET, 0, 1, &e, target);
}

static inline void transfer(enum edu_dir dir, uint64_t addr, uint32_t offset, uint32_t count)
{
	if (!edu_dma(&edu, dir, addr, offset, count)) {
		tap_bail("the edu device did not finish a transfer");
	}
}

static inline void fill(volatile void *p, size_t n)
{
	volatile uint8_t *b = p;
	size_t i;

	dma_seed = (uint8_t)(dma_seed + 29);
	for (i = 0; i < n; i++) {
		b[i] = (uint8_t)(i * 11 + i / 251 + dma_seed);
	}
}

static inline bool same(const volatile void *a, const volatile void *b, size_t n)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	size_t i;

	for (i = 0; i < n && x[i] == y[i]; i++) {
	}
	return i == n;
}

static inline bool is_filled(const volatile void *p, uint8_t v, size_t n)
{
	const volatile uint8_t *b = p;
	size_t i;

	for (i = 0; i < n && b[i] == v; i++) {
	}
	return i == n;
}

static inline void set_bytes(volatile void *p, uint8_t v, size_t n)
{
	volatile uint8_t *b = p;

	while (n-- > 0) {
		b[n] = v;
	}
}

/* Own memory at p as the device sees it at addr: can it read n bytes there? The window must be writable. */
static inline bool device_reads_at(uint64_t addr, volatile void *p, uint32_t n)
{
	fill(p, n);
	transfer(EDU_FROM_RAM, addr, 0, n);
	set_bytes(window, 0, n);
	transfer(EDU_TO_RAM, at(window), 0, n);
	return same(window, p, n);
}

/* Can it write there? The window must be readable. */
static inline bool device_writes_at(uint64_t addr, volatile void *p, uint32_t n)
{
	fill(window, n);
	transfer(EDU_FROM_RAM, at(window), 0, n);
	set_bytes(p, (uint8_t)~window[0], n);
	transfer(EDU_TO_RAM, addr, 0, n);
	return same(window, p, n);
}

static inline bool device_reads(volatile void *p, uint32_t n)
{
	return device_reads_at(at(p), p, n);
}

static inline bool device_writes(volatile void *p, uint32_t n)
{
	return device_writes_at(at(p), p, n);
}

/* Asleep: where all CPUs share one thread of the emulator, one that spins keeps the others from running. */
static inline void rest_us(uint64_t us)
{
	static volatile uint32_t never;

	wait_flag(&never, us);
}

/* Takes all records out. They may be a moment late: another CPU may be the one that takes the unit's interrupt. */
static inline unsigned drain_faults(struct bh_fault *first)
{
	struct bh_fault f;
	unsigned n;

	rest_us(LATE_US);
	for (n = 0; bh_xfer_status(&f) == 0; n++) {
		if (n == 0 && first != NULL) {
			*first = f;
		}
	}
	return n;
}

static inline bool is_our_device(const struct bh_fault *f)
{
	return f->devid.type == SDT_PCI && f->devid.pci.bus == edu.bdf >> 8 &&
	       f->devid.pci.dev == (edu.bdf >> 3 & 31) && f->devid.pci.func == (edu.bdf & 7);
}

/* Address and access are what was tried; a unit does not tell them for a stream that has no object. */
static inline bool is_our_access(const struct bh_fault *f, enum edu_dir dir, uint64_t addr)
{
	unsigned access = dir == EDU_FROM_RAM ? BH_FAULT_READ : BH_FAULT_WRITE;

	if ((f->flags & BH_FAULT_REASON_MASK) == BH_FAULT_BLOCKED) {
		return true;
	}
	return (f->flags & BH_FAULT_ADDR_VALID) != 0 && (f->flags & access) != 0 && f->addr / PAGE == addr / PAGE;
}

/*
 * One small transfer at addr, which must be refused and reported: device, reason (0: any), address, access. What
 * the memory or the device holds then is checked by the caller.
 */
static inline bool refused(enum edu_dir dir, uint64_t addr, unsigned reason)
{
	struct bh_fault f = { 0 };

	drain_faults(NULL);
	transfer(dir, addr, 1024, PROBE);
	if (drain_faults(&f) == 0) {
		printf("#   no fault record for 0x%lx\n", addr);
		return false;
	}
	if (is_our_device(&f) && is_our_access(&f, dir, addr) &&
	    (reason == 0 || (f.flags & BH_FAULT_REASON_MASK) == reason)) {
		return true;
	}
	printf("#   record: device type %u %02x:%02x.%u, address 0x%lx, flags 0x%x, raw %lx %lx\n", f.devid.type,
	       f.devid.pci.bus, f.devid.pci.dev, f.devid.pci.func, f.addr, f.flags, f.hw[0], f.hw[1]);
	return false;
}

static inline void on_fault_irq(uint32_t irq)
{
	fault_events++;
}

static inline int notify(void)
{
	struct sigevent ev = { 0 };

	SIGEV_VIRQ_INIT(&ev);
	return smmu_xfer_notify(&ev);
}

/* Connected, edu found and on, fault interrupt on its way. Without one of these nothing can be tested. */
static inline void dma_begin(void)
{
	int virq = bh_fault_virq();

	if (virq < 0 || smmu_init(0) < 0) {
		tap_bail("no Bulkhead, or smmu_init() failed");
	}
	if (!edu_open(&edu, 0)) {
		tap_bail("this partition sees no edu device");
	}
	irq_handler((uint32_t)virq, on_fault_irq);
	irq_set_edge((uint32_t)virq, true);
	irq_enable((uint32_t)virq);
	if (notify() < 0) {
		tap_bail("smmu_xfer_notify() failed");
	}
}

/* A new object with the window in it and the device attached. */
static inline struct smmu_object *dma_object(void)
{
	struct smmu_object *sop = smmu_obj_create(SOCF_NONE);

	if (sop == NULL || map(sop, SMF_READ | SMF_WRITE, at(window), PAGE) < 0 || edu_into(sop) < 0) {
		tap_bail("no object with the device and a window");
	}
	return sop;
}
