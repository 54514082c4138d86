/* SPDX-License-Identifier: Apache-2.0 */
/* Found by the CPU the code under test believes to run on. */
#pragma once

#include <hyp/types.h>

struct vcpu;

struct percpu {
	struct vcpu *vcpu;
	uint64_t id;
};

extern unsigned fake_cpu;
extern struct percpu percpu[];

static inline struct percpu *percpu_this(void)
{
	return &percpu[fake_cpu];
}
