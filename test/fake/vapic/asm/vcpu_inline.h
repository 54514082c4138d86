/* SPDX-License-Identifier: Apache-2.0 */
/* No hypercalls here. */
#pragma once

static inline uint64_t arch_vcpu_hc_arg(const struct vcpu *vcpu, unsigned n)
{
	(void)vcpu;
	return n;
}

static inline void arch_vcpu_hc_ret(struct vcpu *vcpu, unsigned n, uint64_t v)
{
	(void)vcpu;
	(void)n;
	(void)v;
}
