// SPDX-License-Identifier: Apache-2.0
/* Prints: one line per case as it ends, the last lines of a failed one, and the whole as a CMocka group. */
#define _GNU_SOURCE
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner.h"

/* Consoles are hostile: nothing that steers a terminal is passed on. */
static void print_plain(const char *line)
{
	fputs("    | ", stdout);
	for (; *line != '\0' && *line != '\r' && *line != '\n'; line++) {
		fputc(isprint((unsigned char)*line) || *line == '\t' ? *line : '.', stdout);
	}
	fputc('\n', stdout);
}

void report_tail(const char *log)
{
	static char lines[TAIL_LINES][CONSOLE_LINE];
	size_t count = 0;
	FILE *in = fopen(log, "r");

	if (in == NULL) {
		return;
	}
	while (fgets(lines[count % TAIL_LINES], CONSOLE_LINE, in) != NULL) {
		count++;
	}
	fclose(in);
	for (size_t i = count > TAIL_LINES ? count - TAIL_LINES : 0; i < count; i++) {
		print_plain(lines[i % TAIL_LINES]);
	}
}

void report_progress(const struct test_case *c, const struct result *r)
{
	static const char *const words[] = {
		[VERDICT_PASS] = "PASS",
		[VERDICT_FAIL] = "FAIL",
		[VERDICT_SKIP] = "SKIP",
	};

	printf("%s  %-28s %4lu.%lu s", words[r->verdict], c->name, r->ms / 1000, r->ms / 100 % 10);
	if (r->ok + r->skipped > 0) {
		printf("  %lu ok, %lu skipped", r->ok, r->skipped);
	}
	printf("%s%s\n", r->why[0] != '\0' ? "  " : "", r->why);
	if (r->verdict == VERDICT_FAIL) {
		if (!r->shown) {
			report_tail(r->log);
		}
		printf("    log: %s\n", r->log);
	}
	fflush(stdout);
}

static void cmocka_case(void **state)
{
	const struct result *r = *state;

	if (r->verdict == VERDICT_SKIP) {
		skip();
	}
	if (r->verdict == VERDICT_FAIL) {
		fail_msg("%s (log: %s)", r->why, r->log);
	}
}

int report_cmocka(const struct test_case *const *cases, const struct result *results, size_t count)
{
	static struct CMUnitTest tests[CASE_MAX];

	for (size_t i = 0; i < count; i++) {
		/* CMocka hands the state through unchanged; its type predates const. */
		tests[i] = (struct CMUnitTest){ .name = cases[i]->name, .test_func = cmocka_case,
						.initial_state = (void *)(uintptr_t)&results[i] };
	}
	return _cmocka_run_group_tests("system", tests, count, NULL, NULL);
}
