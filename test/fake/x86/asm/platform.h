/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's own. */
#pragma once

#include "arch/x86/include/asm/platform.h"
