/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <asm/platform.h>
#include <hyp/platform.h>

/* ARCH_BOOT_TABLE_SIZE [asm/platform.h]: bytes at boot_arg the core maps for the reader; 0: it maps them itself. */

/* Reads the firmware's tables (hostile input: bounded, validated) into p; p->valid says whether it could. */
void arch_platform_read(uintptr_t boot_arg, struct platform *p);

/* How firmware is called from now on. */
void arch_platform_use(const struct platform *p);
