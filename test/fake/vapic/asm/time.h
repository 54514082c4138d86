/* SPDX-License-Identifier: Apache-2.0 */
/* A TSC that stands still until a test moves it. */
#pragma once

extern uint64_t vapic_tsc;
extern uint64_t tsc_khz;

static inline uint64_t arch_time_ticks(void)
{
	return vapic_tsc;
}
