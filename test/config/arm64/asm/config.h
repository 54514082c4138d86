/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations for arm64 are judged on the host with its real words. */
#pragma once

#include "arch/arm64/include/asm/config.h"
