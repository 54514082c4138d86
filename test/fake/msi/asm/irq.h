/* SPDX-License-Identifier: Apache-2.0 */
/* As on x86: messages have numbers of their own. */
#pragma once

enum {
	IRQ_SHARED = 32,
	IRQ_MSI_FIRST = 64,
	IRQ_UNIT_FIRST = 220,
	IRQ_MAX = 224,
	VIRQ_MAX = 96,
};
