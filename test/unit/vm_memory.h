/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory at exactly this address; another pointer if there is something already. */
void *vm_memory(uintptr_t at, size_t size);
