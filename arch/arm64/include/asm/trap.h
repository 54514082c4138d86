/* SPDX-License-Identifier: Apache-2.0 */
/* Called from vectors.S, and the system-register emulation behind it. */
#pragma once

#include <hyp/types.h>

struct vcpu;

void trap_hvc(struct vcpu *vcpu);    /* HVC #0 whose function is not in our own table */
void trap_sync(struct vcpu *vcpu);
void trap_serror(struct vcpu *vcpu);
__noreturn void trap_el2_fault(unsigned vector, const uint64_t *x);

void trap_sysreg(struct vcpu *vcpu, uint32_t iss);
void trap_inject_undefined(void);
