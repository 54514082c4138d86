/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/types.h>

static inline uint64_t arch_time_ticks(void);
uint64_t arch_time_us(void);

#include <asm/time.h>
