/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line per event on the board's console, prefixed "hyp: ". Levels say whose fault it is:
 *   error  ours, the board's or the configuration's     warn  works, but somebody should look
 *   info   what a test engineer wants in a transcript    debug guest mistakes and details (DEBUG=1)
 * Guest mistakes never log above debug.
 * Conversions: %s %c %d %u %x %lu %lx %zu %p %% with width, '0' and '-'; uint64_t is "unsigned long".
 */
#pragma once

#include <stdarg.h>

#include <hyp/types.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

extern enum log_level log_max; /* lines above this level are dropped */

void log_line(enum log_level level, const char *fmt, ...) __printf(2, 3);
void log_vline(enum log_level level, const char *fmt, va_list ap);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)                                     \
	do {                                               \
		if (log_max >= LOG_DEBUG) {                \
			log_line(LOG_DEBUG, __VA_ARGS__);  \
		}                                          \
	} while (0)

/* As the C library's, with the conversions above; always terminates; returns the untruncated length. */
size_t hyp_snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
size_t hyp_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
