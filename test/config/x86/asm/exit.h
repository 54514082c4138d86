/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations for x86 are judged on the host with the real size of the start information. */
#pragma once

#include "arch/x86/include/asm/exit.h"
