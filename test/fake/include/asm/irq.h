/* SPDX-License-Identifier: Apache-2.0 */
/* As on arm64. */
#pragma once

enum {
	IRQ_SHARED = 32,
	IRQ_MAX = 1020,
	IRQ_MSI_FIRST = IRQ_MAX, /* none */
	IRQ_UNIT_FIRST = IRQ_MAX,
	VIRQ_MAX = 992,          /* the virtual distributor's SPIs end here */
};
