/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations for x86 are judged on the host with its real interrupt numbers. */
#pragma once

#include "arch/x86/include/asm/irq.h"
