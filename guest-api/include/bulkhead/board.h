/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine this guest is compiled for. Both headers give what guests for either use: BOARD_RAM(offset) and addresses
 * counted from there, BOARD_ECAM_BASE, BOARD_UART_IRQ and so on.
 */
#pragma once

#if defined(__aarch64__)
#include <bulkhead/board_virt.h>
#elif defined(__x86_64__)
#include <bulkhead/board_q35.h>
#else
#error "no machine for this architecture"
#endif
