/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

static inline void arch_mb(void);      /* everything before is visible to everybody before anything after */
static inline void arch_dma_wmb(void); /* stores before are visible to devices before stores after */
static inline void arch_dma_rmb(void); /* loads before are done before loads after (memory devices write) */

#include <asm/barrier.h>
