/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mistakes of ours, on demand, for the dss-* systems only: linked in place of one harmless hypercall (ld --wrap),
 * so that no other image holds a line of this. x1 says which mistake.
 */
#include <hyp/check.h>
#include <hyp/hypercall.h>

void __wrap_hc_smmu_safety(struct vcpu *vcpu);

/* Deeper than any stack: each level keeps something that the next one needs. */
// NOLINTNEXTLINE(misc-no-recursion)
static __attribute__((noinline)) unsigned too_deep(unsigned n)
{
	volatile uint8_t kept[512] = { (uint8_t)n };

	return n > 1000 ? 0 : too_deep(n + 1) + kept[0];
}

void __wrap_hc_smmu_safety(struct vcpu *vcpu)
{
	uint64_t what = arch_vcpu_hc_arg(vcpu, 0);

	if (what == 1) {
		*(volatile uint32_t *)(uintptr_t)(0x40000000) = 1; /* memory that is not mapped for us */
	} else if (what == 2) {
		hc_status(vcpu, (int64_t)too_deep(0));
	} else if (what == 3) {
		CHECK(what != 3);
	} else if (what == 4) {
		*(volatile uint32_t *)(uintptr_t)__wrap_hc_smmu_safety = 0; /* our own code: W^X */
	} else if (what == 5) {
		((void (*)(void))(uintptr_t)vcpu)(); /* our own data as code: the other half of it */
	}
}
