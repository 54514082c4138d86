/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration on QEMU q35. */
#include "demo.h"
