/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum { ARCH_BOOT_TABLE_SIZE = 2 << 20 }; /* the largest device tree */
