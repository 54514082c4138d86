/* SPDX-License-Identifier: Apache-2.0 */
/* I/O ports, for drivers of devices that have some. Only an architecture with ports has <asm/io.h>. */
#pragma once

#include <hyp/types.h>

static inline uint8_t io_read8(uint16_t port);
static inline void io_write8(uint16_t port, uint8_t v);

#include <asm/io.h>
