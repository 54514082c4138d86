/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

static inline uint32_t header(void)
{
	return 0;
}
