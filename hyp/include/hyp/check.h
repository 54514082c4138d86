/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CHECK(x): always compiled in; a false x is a bug of ours and leads to the Design Safe State.
 * Never use it for anything that a guest, a device, firmware or a configuration can cause.
 */
#pragma once

#include <hyp/types.h>

__noreturn void hyp_panic(const char *fmt, ...) __printf(1, 2);
__noreturn void hyp_check_failed(const char *what, const char *file, unsigned line);

#define CHECK(x)                                                   \
	do {                                                       \
		if (__builtin_expect(!(x), 0)) {                   \
			hyp_check_failed(#x, __FILE__, __LINE__);  \
		}                                                  \
	} while (0)
