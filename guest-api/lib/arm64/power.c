/* SPDX-License-Identifier: Apache-2.0 */
/* Power control by HVC. Owns nothing. [PSCI, DEN0022 chapter 5] */
#include "runtime.h"

enum { AFFINITY_OFF = 1 };

/* 32-bit functions give a 32-bit result; so do, in effect, the 64-bit ones used here. */
int64_t psci_call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct bh_regs r = { { function, a1, a2, a3, 0, 0, 0, 0 } };

	bh_call(&r);
	return (int32_t)r.x[0];
}

void power_off(void)
{
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;) {
		__asm__ volatile("wfi");
	}
}

void power_reset(void)
{
	psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	for (;;) {
		__asm__ volatile("wfi");
	}
}

bool vcpu_is_off(unsigned n)
{
	return psci_call(PSCI_AFFINITY_INFO, n, 0, 0) == AFFINITY_OFF;
}

bool vcpu_wait_off(unsigned n, uint64_t timeout_us)
{
	uint64_t end = time_us() + timeout_us;

	while (!vcpu_is_off(n)) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}
