// SPDX-License-Identifier: Apache-2.0
/*
 * Judges one Test Anything Protocol stream: `1..N` once, N results, numbered from 1 in order where they are numbered.
 * `not ok` fails whatever follows it; `# SKIP` is counted as skipped and never as passed; `1..0 # SKIP why` skips
 * the whole stream; `Bail out!` fails. Other lines are comments.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runner.h"

enum { TAP_MAX = 100000 };

static void fail(struct tap *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct tap *t, const char *fmt, ...)
{
	char what[TEXT_MAX / 2];
	va_list ap;

	if (t->error[0] != '\0') {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(t->error, sizeof(t->error), "[%s] %s", t->name, what);
}

/* A decimal number; *end behind it. Nothing and huge numbers give false. */
static bool number(const char *s, char **end, unsigned long *out)
{
	if (!isdigit((unsigned char)*s)) {
		return false;
	}
	errno = 0;
	*out = strtoul(s, end, 10);
	return errno == 0 && *out <= TAP_MAX;
}

static unsigned long results(const struct tap *t)
{
	return t->ok + t->not_ok + t->skipped;
}

/* The directive `# SKIP` after a test's description; a '#' inside a word is text. */
static bool has_skip(const char *s)
{
	for (const char *hash = strstr(s, "# "); hash != NULL; hash = strstr(hash + 1, "# ")) {
		if ((hash == s || hash[-1] == ' ') && strncasecmp(hash + 2, "SKIP", 4) == 0) {
			return true;
		}
	}
	return false;
}

static void plan_line(struct tap *t, const char *line)
{
	char *end;
	unsigned long n;

	if (!number(line + 3, &end, &n)) {
		fail(t, "plan that cannot be read: %.80s", line);
		return;
	}
	if (t->has_plan) {
		fail(t, "a second plan: %.80s", line);
		return;
	}
	if (n == 0 && !has_skip(end)) {
		fail(t, "a plan of no tests: %.80s", line);
		return;
	}
	t->has_plan = true;
	t->plan = n;
	t->skipped += n == 0 ? 1 : 0;
}

static void result_line(struct tap *t, const char *rest, bool passed)
{
	unsigned long n;
	char *end;

	while (*rest == ' ') {
		rest++;
	}
	if (number(rest, &end, &n)) {
		if (n != results(t) + 1) {
			fail(t, "test %lu where %lu was due", n, results(t) + 1);
		}
		rest = end;
	}
	if (!passed) {
		t->not_ok++;
		fail(t, "not ok %lu%.150s", results(t), rest);
	} else if (has_skip(rest)) {
		t->skipped++;
	} else {
		t->ok++;
	}
	if (results(t) > TAP_MAX) {
		fail(t, "more than %d results", TAP_MAX);
	}
}

/* True if the line begins with the word, and the word ends there. */
static bool starts(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 && (line[n] == '\0' || line[n] == ' ');
}

void tap_line(struct tap *t, const char *line)
{
	if (strncmp(line, "1..", 3) == 0 && isdigit((unsigned char)line[3])) {
		plan_line(t, line);
	} else if (starts(line, "not ok")) {
		result_line(t, line + 6, false);
	} else if (starts(line, "ok")) {
		result_line(t, line + 2, true);
	} else if (strncmp(line, "Bail out!", 9) == 0) {
		fail(t, "%.150s", line);
	}
}

bool tap_is_complete(const struct tap *t)
{
	return t->has_plan && (t->plan == 0 || results(t) == t->plan);
}

void tap_end(struct tap *t)
{
	if (!t->has_plan) {
		fail(t, "no plan (1..N) among %lu results", results(t));
	} else if (t->plan != 0 && results(t) != t->plan) {
		fail(t, "%lu results where the plan says %lu", results(t), t->plan);
	} else if (t->plan == 0 && results(t) != 1) {
		fail(t, "results after a plan that skips all");
	}
}
