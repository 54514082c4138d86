/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines, kept for the test to look at; and the formatter, for tests that do not link the real one. */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <hyp/log.h>

enum log_level log_max = LOG_DEBUG;
char fake_log[65536];
unsigned fake_log_count[4];

void log_vline(enum log_level level, const char *fmt, va_list ap)
{
	size_t at = strlen(fake_log);

	fake_log_count[level]++;
	if (at + 300 > sizeof(fake_log)) {
		return;
	}
	(void)vsnprintf(fake_log + at, 256, fmt, ap);
	(void)strcat(fake_log, "\n");
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}
