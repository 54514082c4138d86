/* SPDX-License-Identifier: Apache-2.0 */
/* The TSC is a model's (test/model/apic_model.c). */
#pragma once

#include <hyp/types.h>

uint64_t fake_tsc(void);

static inline uint64_t arch_time_ticks(void)
{
	return fake_tsc();
}

extern uint64_t tsc_khz;
extern uint64_t apic_khz;

bool time_init(uint16_t pm_timer);
