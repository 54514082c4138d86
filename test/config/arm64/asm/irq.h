/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations for arm64 are judged on the host with its real interrupt numbers. */
#pragma once

#include "arch/arm64/include/asm/irq.h"
