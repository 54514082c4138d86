/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into every unit test: standard output is written line by line even into a pipe, so that a test that
 * is killed by a sanitizer still shows which case it was in.
 */
#include <stdio.h>

static void start(void) __attribute__((constructor));

static void start(void)
{
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
}
