/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI I/O remapping table (Arm DEN 0049), read for one question only. */
#pragma once

#include "platform_dt.h"

enum { IORT_MAX = 4096 };

uint32_t iort_u32(const uint8_t *t, uint32_t at);

/* True if requester id rid of a PCI host is mapped, with the same StreamID, to the SMMUv3 at base. */
bool iort_maps(const uint8_t *t, uint32_t size, uint32_t rid, uint64_t base);
