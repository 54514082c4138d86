/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words every layer speaks: three kinds of address that do not mix, and a few macros.
 * Addresses are structs so that passing an IPA where a PA is meant does not compile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t v;
} pa_t; /* host physical */

typedef struct {
	uint64_t v;
} ipa_t; /* guest physical: input of stage 2 */

typedef struct {
	uint64_t v;
} iova_t; /* device address: input of the IOMMU */

typedef uint32_t sid_t; /* StreamID on Arm, source-id on Intel */

static inline pa_t pa(uint64_t v)
{
	return (pa_t){ v };
}

static inline ipa_t ipa(uint64_t v)
{
	return (ipa_t){ v };
}

static inline iova_t iova(uint64_t v)
{
	return (iova_t){ v };
}

#define PAGE_SHIFT 12
#define PAGE_SIZE  0x1000UL
#define PAGE_MASK  (PAGE_SIZE - 1)

#define KIB(x) ((uint64_t)(x) << 10)
#define MIB(x) ((uint64_t)(x) << 20)
#define GIB(x) ((uint64_t)(x) << 30)

#define __must_check __attribute__((warn_unused_result))
#define __noreturn   __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))
/* Constant once the partitions run: read-only from arch_seal() on. */
#define __sealed __attribute__((section(".sealed")))

#define __page_aligned __attribute__((aligned(4096)))

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Access rights, the same bits everywhere inside the hypervisor and in the guest ABI (SMF_READ …). */
enum prot {
	PROT_NONE = 0,
	PROT_READ = 1,
	PROT_WRITE = 2,
	PROT_EXEC = 4,
	PROT_DEVICE = 8, /* memory type Device, never speculated: for registers */
	PROT_COUNT = 16,
};

/* True if [base, base+size) neither wraps nor is empty. */
static inline bool range_ok(uint64_t base, uint64_t size)
{
	return size != 0 && base + (size - 1) >= base;
}

/* True if [base, base+size) lies inside [obase, obase+osize); both must be range_ok(). */
static inline bool range_inside(uint64_t base, uint64_t size, uint64_t obase, uint64_t osize)
{
	return base >= obase && size <= osize && base - obase <= osize - size;
}

/* True if the two ranges share a byte; both must be range_ok(). */
static inline bool range_overlaps(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return a <= b + (bsize - 1) && b <= a + (asize - 1);
}

static inline uint64_t align_down(uint64_t v, uint64_t a)
{
	return v & ~(a - 1);
}

/* The caller has made sure that v is not within a of the top. */
static inline uint64_t align_up(uint64_t v, uint64_t a)
{
	return (v + a - 1) & ~(a - 1);
}
