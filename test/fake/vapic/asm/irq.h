/* SPDX-License-Identifier: Apache-2.0 */
/* The real one, without the rest of the architecture's headers. */
#pragma once

#include <arch/x86/include/asm/irq.h>
