/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration on QEMU virt. */
#include "demo.h"
