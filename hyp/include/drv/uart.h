/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/types.h>

void uart_init(uintptr_t base);
void uart_putc(uintptr_t base, char c);      /* waits, with a bound, for room */
int uart_getc(uintptr_t base);               /* -1: nothing there */
void uart_rx_irq_enable(uintptr_t base);
void uart_rx_irq_ack(uintptr_t base);
