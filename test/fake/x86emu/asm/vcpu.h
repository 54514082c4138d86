/* SPDX-License-Identifier: Apache-2.0 */
/* The real one. */
#pragma once

#include <arch/x86/include/asm/vcpu.h>
