/* SPDX-License-Identifier: Apache-2.0 */
/* What head.S and cpu.c need of mmu.c. */
#pragma once

#include <hyp/types.h>

void mmu_build(void);     /* boot CPU, on the provisional map */
void mmu_enable(void);    /* each CPU */
uint64_t mmu_root(void);  /* physical address of our map's root; below 4 GiB */
