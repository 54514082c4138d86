/* SPDX-License-Identifier: Apache-2.0 */
/* Formats one line and hands it to the console. What goes to which level is in log.h. */
#include <hyp/log.h>

#include <hyp/console.h>

enum { TEXT_MAX = 256 };

enum log_level log_max = BULKHEAD_DEBUG ? LOG_DEBUG : LOG_INFO;

void log_vline(enum log_level level, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	if (level > log_max) {
		return;
	}
	(void)hyp_vsnprintf(text, sizeof(text), fmt, ap);
	console_line(text);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}
