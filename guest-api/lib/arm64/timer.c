/* SPDX-License-Identifier: Apache-2.0 */
/* Time and the virtual timer. Owns each vCPU's one shot. [Arm ARM D11.2, CNTV_CTL_EL0: ENABLE 0, IMASK 1] */
#include "runtime.h"

enum { CTL_ENABLE = 1, US_PER_S = 1000000 };

static irq_fn *shot[GUEST_VCPU_MAX];

uint64_t time_us(void)
{
	uint64_t hz = sysreg_read(cntfrq_el0);
	uint64_t t = time_ticks();

	return t / hz * US_PER_S + t % hz * US_PER_S / hz; /* no overflow before the counter's own */
}

uint64_t time_us_to_ticks(uint64_t us)
{
	uint64_t hz = sysreg_read(cntfrq_el0);

	return us / US_PER_S * hz + us % US_PER_S * hz / US_PER_S;
}

void delay_us(uint64_t us)
{
	uint64_t end = time_ticks() + time_us_to_ticks(us);

	while ((int64_t)(end - time_ticks()) > 0) {
	}
}

void timer_stop(void)
{
	sysreg_write(cntv_ctl_el0, 0);
	cpu_isb();
}

static void timer_irq(uint32_t irq)
{
	irq_fn *fn = shot[bh_vcpu_index()];

	timer_stop(); /* it is a level: it must fall before the interrupt is ended */
	if (fn != NULL) {
		fn(irq);
	}
}

void timer_at(uint64_t ticks, irq_fn *fn)
{
	timer_stop();
	shot[bh_vcpu_index()] = fn;
	irq_handler(VIRT_IRQ_VTIMER, timer_irq);
	if (!irq_is_enabled(VIRT_IRQ_VTIMER)) {
		irq_enable(VIRT_IRQ_VTIMER);
	}
	sysreg_write(cntv_cval_el0, ticks);
	sysreg_write(cntv_ctl_el0, CTL_ENABLE);
	cpu_isb();
}

void timer_in_us(uint64_t us, irq_fn *fn)
{
	timer_at(time_ticks() + time_us_to_ticks(us), fn);
}

bool wait_flag(const volatile uint32_t *flag, uint64_t timeout_us)
{
	uint64_t end = time_ticks() + time_us_to_ticks(timeout_us);
	bool set;

	if (timeout_us != WAIT_FOREVER) {
		timer_at(end, NULL);
	}
	for (;;) {
		/* Masked: an interrupt between the check and WFI stays pending and ends the WFI. */
		uint64_t daif = irq_save();

		set = *flag != 0;
		if (set || (timeout_us != WAIT_FOREVER && time_ticks() >= end)) {
			irq_restore(daif);
			break;
		}
		__asm__ volatile("dsb sy\n\twfi" : : : "memory");
		irq_restore(daif);
		cpu_isb(); /* the handler runs here */
	}
	if (timeout_us != WAIT_FOREVER) {
		timer_stop();
	}
	return set;
}
