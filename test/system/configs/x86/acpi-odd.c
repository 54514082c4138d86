/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration; its .mk makes the tables that a firmware could get wrong. It must not boot with any of them. */
#include "demo.h"
