/* SPDX-License-Identifier: Apache-2.0 */
/* Register and table fields, written [hi:lo] exactly as the specifications print them. */
#pragma once

#include <hyp/check.h>
#include <hyp/types.h>

#define BIT32(n) ((uint32_t)1 << (n))
#define BIT64(n) ((uint64_t)1 << (n))
#define BITS64(hi, lo) ((~(uint64_t)0 >> (63 - (hi))) & (~(uint64_t)0 << (lo)))
#define BITS32(hi, lo) ((uint32_t)BITS64(hi, lo))

/* Places v in the field; a value that does not fit is our own bug. */
static inline uint64_t field_make(uint64_t mask, uint64_t v)
{
	uint64_t r = v << __builtin_ctzll(mask);

	CHECK((r & ~mask) == 0 && (r >> __builtin_ctzll(mask)) == v);
	return r;
}

static inline uint64_t field_get(uint64_t mask, uint64_t v)
{
	return (v & mask) >> __builtin_ctzll(mask);
}

#define FIELD(mask, v)     field_make((mask), (uint64_t)(v))
#define FIELD32(mask, v)   ((uint32_t)field_make((mask), (uint64_t)(v)))
#define FIELD_GET(mask, v) field_get((mask), (v))
