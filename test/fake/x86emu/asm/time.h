/* SPDX-License-Identifier: Apache-2.0 */
/* A time-stamp counter the test sets. */
#pragma once

#include <hyp/types.h>

extern uint64_t fake_tsc;
extern uint64_t tsc_khz;

static inline uint64_t arch_time_ticks(void)
{
	return fake_tsc;
}
