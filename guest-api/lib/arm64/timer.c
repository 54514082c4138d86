/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual timer. Owns each vCPU's one shot. [Arm ARM D11.2, CNTV_CTL_EL0: ENABLE 0, IMASK 1] */
#include "runtime.h"

enum { CTL_ENABLE = 1 };

static irq_fn *shot[GUEST_VCPU_MAX];

uint64_t time_hz(void)
{
	return sysreg_read(cntfrq_el0);
}

void timer_stop(void)
{
	sysreg_write(cntv_ctl_el0, 0);
	cpu_isb();
}

static void timer_irq(uint32_t irq)
{
	irq_fn *fn = shot[guest_vcpu()];

	timer_stop(); /* it is a level: it must fall before the interrupt is ended */
	if (fn != NULL) {
		fn(irq);
	}
}

void timer_at(uint64_t ticks, irq_fn *fn)
{
	timer_stop();
	shot[guest_vcpu()] = fn;
	irq_handler(IRQ_TIMER, timer_irq);
	if (!irq_is_enabled(IRQ_TIMER)) {
		irq_enable(IRQ_TIMER);
	}
	sysreg_write(cntv_cval_el0, ticks);
	sysreg_write(cntv_ctl_el0, CTL_ENABLE);
	cpu_isb();
}

uint64_t timer_deadline(void)
{
	return sysreg_read(cntv_cval_el0);
}
