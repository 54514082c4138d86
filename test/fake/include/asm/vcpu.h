/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest thing that can make and answer a hypercall. */
#pragma once

struct arch_vm {
	uint64_t pending[16]; /* bit n of word m: virtual interrupt 64 * m + n was made pending */
	unsigned pend_count;
	unsigned hwirq_count;
};

struct arch_vcpu {
	uint64_t x[8];
};
