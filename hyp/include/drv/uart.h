/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/types.h>

void uart_init(uintptr_t base);              /* on, no interrupts */
bool uart_try_putc(uintptr_t base, char c);  /* false: no room now */
int uart_getc(uintptr_t base);               /* -1: nothing there */
void uart_irqs(uintptr_t base, bool rx, bool tx); /* which interrupts it may raise */
void uart_irq_ack(uintptr_t base);
