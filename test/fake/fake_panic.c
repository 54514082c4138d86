/* SPDX-License-Identifier: Apache-2.0 */
/* Panic and CHECK: fail the test, unless EXPECT_PANIC() waits for it. */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#include <hyp/check.h>

char fake_panic_text[256];
bool fake_panic_armed;
jmp_buf fake_panic_jmp;

static __noreturn void stop(void)
{
	if (fake_panic_armed) {
		longjmp(fake_panic_jmp, 1);
	}
	fake_fail("%s", fake_panic_text);
}

void hyp_panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(fake_panic_text, sizeof(fake_panic_text), fmt, ap);
	va_end(ap);
	stop();
}

void hyp_check_failed(const char *what, const char *file, unsigned line)
{
	(void)snprintf(fake_panic_text, sizeof(fake_panic_text), "CHECK(%s) at %s:%u", what, file, line);
	stop();
}

void fake_fail(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_error("%s\n", text);
	_fail("fake", 0);
	__builtin_unreachable();
}
