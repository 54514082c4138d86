/* SPDX-License-Identifier: Apache-2.0 */
/* The part of <bulkhead/guest.h> that is instructions and registers of one architecture. */
#pragma once

#if defined(__aarch64__)
#include <bulkhead/arch/arm64.h>
#elif defined(__x86_64__)
#include <bulkhead/arch/x86.h>
#else
#error "no runtime for this architecture"
#endif
