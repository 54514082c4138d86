/* SPDX-License-Identifier: Apache-2.0 */
/* Each thread of the test is a CPU. */
#pragma once

extern _Thread_local unsigned vapic_cpu;
void vapic_relax(void);
void fake_relax(void); /* test/fake/fake.c has it, nobody calls it */

static inline unsigned arch_cpu_this(void)
{
	return vapic_cpu;
}

static inline void arch_cpu_relax(void)
{
	vapic_relax();
}
