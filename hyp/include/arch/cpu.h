/* SPDX-License-Identifier: Apache-2.0 */
/* CPUs, as seen by the core. Interrupts are masked whenever the hypervisor runs. */
#pragma once

#include <hyp/types.h>

static inline unsigned arch_cpu_this(void);   /* 0..CPU_MAX-1, index into the board's cpu_id[] */
static inline void arch_cpu_relax(void);

int arch_cpu_start(unsigned cpu) __must_check; /* hyp_cpu_main() runs there; -BH_EIO if it did not come up */
void arch_ipi_send(unsigned cpu);              /* hyp_ipi() runs there */
void arch_ipi_park_others(void);               /* Design Safe State: the other CPUs stop */
__noreturn void arch_cpu_park(void);
__noreturn void arch_cpu_idle(void);           /* a CPU without a partition: handles interrupts */
void arch_cpu_up(void);                        /* this CPU has come as far as hyp_cpu_main() */
__noreturn void arch_power_off(void);
__noreturn void arch_power_reset(void);
void arch_seal(void);                          /* boot is over: what is constant from here becomes read-only */

#include <asm/cpu.h>
