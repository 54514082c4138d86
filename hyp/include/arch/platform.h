/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/platform.h>

/* Reads the firmware's tables (hostile input: bounded, validated) into p; p->valid says whether it could. */
void arch_platform_read(uintptr_t boot_arg, struct platform *p);

/* How firmware is called from now on; the exception level we were entered at. */
void arch_platform_use(const struct platform *p);
unsigned arch_boot_level(void);
