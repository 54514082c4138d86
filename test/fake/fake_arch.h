/* SPDX-License-Identifier: Apache-2.0 */
/* What fake_arch.c counted; vm->arch has what was made pending. */
#pragma once

#include <hyp/types.h>

extern unsigned fake_irq_enabled[1024];
extern unsigned fake_irq_eois[1024];
extern unsigned fake_ipis;
extern bool fake_sealed;
