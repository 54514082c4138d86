/* SPDX-License-Identifier: Apache-2.0 */
/* Physical memory is a model's (test/unit/acpi_world.c): only what is mapped at the moment has an address. */
#pragma once

enum { ARCH_S2_LEVELS = 4 };

void *world_va(pa_t a);

static inline void *arch_va(pa_t a)
{
	return world_va(a);
}

static inline pa_t arch_pa(const void *p)
{
	return pa((uint64_t)(uintptr_t)p);
}
