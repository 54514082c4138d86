/* SPDX-License-Identifier: Apache-2.0 */
/* The PL011 a partition sees at the board's UART address. */
#pragma once

#include <hyp/types.h>

struct vm;
struct mmio;

void vuart_init(struct vm *vm);
void vuart_access(struct vm *vm, uint64_t off, struct mmio *m);
