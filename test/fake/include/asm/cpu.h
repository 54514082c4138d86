/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

extern unsigned fake_cpu; /* the CPU the code under test believes to run on */
void fake_relax(void);    /* fails the test when something spins for ever */

static inline unsigned arch_cpu_this(void)
{
	return fake_cpu;
}

static inline void arch_cpu_relax(void)
{
	fake_relax();
}
