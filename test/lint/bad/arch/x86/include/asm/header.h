/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
uint64_t cr_read(void);
