/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test Anything Protocol for guests: results are numbered, the plan comes last (or first, where the test ends with
 * its partition). Each guest is one file, so the state may be static here.
 */
#pragma once

#include <bulkhead/guest.h>

static unsigned tap_count;
static unsigned tap_failures;
static bool tap_planned;

static inline void tap_plan(unsigned n)
{
	printf("1..%u\n", n);
	tap_planned = true;
}

__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool ok, const char *fmt, ...)
{
	char name[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	tap_failures += ok ? 0 : 1;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++tap_count, name);
	return ok;
}

/* got == want, and both are shown if not. */
static inline bool tap_is(int64_t got, int64_t want, const char *name)
{
	if (!tap_ok(got == want, "%s", name)) {
		printf("#   got %ld (0x%lx), want %ld (0x%lx)\n", got, (uint64_t)got, want, (uint64_t)want);
	}
	return got == want;
}

static inline void tap_skip(const char *name, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tap_count, name, why);
}

/* The last call of a test. */
GUEST_NORETURN static inline void tap_done(void)
{
	if (!tap_planned) {
		tap_plan(tap_count);
	}
	printf("# %u of %u failed\n", tap_failures, tap_count);
	power_off();
}

GUEST_NORETURN static inline void tap_bail(const char *why)
{
	printf("Bail out! %s\n", why);
	power_off();
}
