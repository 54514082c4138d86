// SPDX-License-Identifier: Apache-2.0
/*
 * Reads a console line by line and decides whether the case passed. Lines of a partition begin with `[name] ` and may
 * hold TAP; a partition that prints any TAP has to finish it. Everything else is the hypervisor's or QEMU's. The first
 * reason to fail is kept, because what follows it is usually a consequence.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "runner.h"

static const char stop_text[] = "Design Safe State";
static const char panic_text[] = "hyp: panic:";

void judge_init(struct judge *j, const struct test_case *c)
{
	*j = (struct judge){ .c = c };
}

void judge_fail(struct judge *j, const char *fmt, ...)
{
	va_list ap;

	if (j->why[0] != '\0') {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(j->why, sizeof(j->why), fmt, ap);
	va_end(ap);
}

static bool is_tap(const char *line)
{
	return (strncmp(line, "1..", 3) == 0 && isdigit((unsigned char)line[3])) || strncmp(line, "ok ", 3) == 0 ||
	       strncmp(line, "not ok", 6) == 0 || strncmp(line, "Bail out!", 9) == 0;
}

/* The text behind `[name] `, with the name's length; NULL if no partition wrote the line. */
static const char *partition_text(const char *line, size_t *name_length)
{
	const char *end;

	if (line[0] != '[') {
		return NULL;
	}
	end = strchr(line, ']');
	if (end == NULL || end == line + 1 || (size_t)(end - line) > TAP_NAME || (end[1] != ' ' && end[1] != '\0')) {
		return NULL;
	}
	*name_length = (size_t)(end - line) - 1;
	return end[1] == ' ' ? end + 2 : end + 1;
}

static struct tap *stream(struct judge *j, const char *name, size_t length)
{
	struct tap *t;

	for (size_t i = 0; i < j->tap_count; i++) {
		if (strlen(j->tap[i].name) == length && memcmp(j->tap[i].name, name, length) == 0) {
			return &j->tap[i];
		}
	}
	if (j->tap_count == TAP_STREAMS || length >= TAP_NAME) {
		judge_fail(j, "TAP from more than %d partitions, or from one with a long name", TAP_STREAMS);
		return NULL;
	}
	t = &j->tap[j->tap_count++];
	*t = (struct tap){ 0 };
	memcpy(t->name, name, length);
	return t;
}

static void judge_partition(struct judge *j, const char *line, const char *text, size_t name_length)
{
	struct tap *t;

	if (!j->c->guests) {
		judge_fail(j, "a guest ran: %.200s", line);
	}
	if (!is_tap(text)) {
		return;
	}
	t = stream(j, line + 1, name_length);
	if (t != NULL) {
		tap_line(t, text);
		if (t->error[0] != '\0') {
			judge_fail(j, "%s", t->error);
		}
	}
}

static void judge_hypervisor(struct judge *j, const char *line)
{
	bool stop = strstr(line, stop_text) != NULL;

	j->stopped = j->stopped || stop;
	if ((stop || strstr(line, panic_text) != NULL) && j->c->end != END_STOP) {
		judge_fail(j, "the hypervisor stopped: %.300s", line);
	}
}

static void judge_line(struct judge *j, const char *line)
{
	const struct test_case *c = j->c;
	size_t name_length = 0;
	const char *text = partition_text(line, &name_length);

	for (size_t i = 0; i < c->reject.count; i++) {
		if (pattern_matches(c->reject.at[i], line)) {
			judge_fail(j, "must not appear: %.300s", line);
		}
	}
	for (size_t i = 0; i < c->anywhere.count; i++) {
		j->anywhere[i] = j->anywhere[i] || pattern_matches(c->anywhere.at[i], line);
	}
	if (j->expected < c->expect.count && pattern_matches(c->expect.at[j->expected], line)) {
		j->expected++;
	}
	if (j->prompted < c->type_count && strstr(line, c->type[j->prompted].when) != NULL) {
		j->prompted++;
	}
	if (text != NULL) {
		judge_partition(j, line, text, name_length);
	} else {
		judge_hypervisor(j, line);
	}
}

static void end_line(struct judge *j)
{
	while (j->length > 0 && j->line[j->length - 1] == '\r') {
		j->length--;
	}
	j->line[j->length] = '\0';
	judge_line(j, j->line);
	j->length = 0;
}

void judge_bytes(struct judge *j, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n') {
			end_line(j);
		} else if (j->length < sizeof(j->line) - 1) {
			/* A NUL would hide the rest of the line from every check. */
			j->line[j->length++] = data[i] == '\0' ? '?' : data[i];
		}
	}
	j->bytes += size;
	if (j->bytes > CONSOLE_LIMIT) {
		judge_fail(j, "more than %d bytes of console", CONSOLE_LIMIT);
	}
}

/* QEMU's own log: a line says that software did something no hardware would accept. */
void judge_qemu_log(struct judge *j, FILE *log)
{
	char line[CONSOLE_LINE];

	while (fgets(line, sizeof(line), log) != NULL) {
		bool allowed = false;

		line[strcspn(line, "\r\n")] = '\0';
		for (size_t i = 0; i < j->c->allow.count; i++) {
			allowed = allowed || pattern_matches(j->c->allow.at[i], line);
		}
		if (!allowed && line[0] != '\0') {
			judge_fail(j, "QEMU reports a guest error: %.300s", line);
			return;
		}
	}
}

static void judge_missing(struct judge *j)
{
	const struct test_case *c = j->c;

	for (size_t i = 0; i < c->tap.count; i++) {
		struct tap *t = stream(j, c->tap.at[i], strlen(c->tap.at[i]));

		if (t != NULL && !t->has_plan) {
			judge_fail(j, "no TAP plan from partition %s", c->tap.at[i]);
		}
	}
	for (size_t i = 0; i < j->tap_count; i++) {
		if (!word_in(&c->unfinished, j->tap[i].name)) {
			tap_end(&j->tap[i]);
		}
		if (j->tap[i].error[0] != '\0') {
			judge_fail(j, "%s", j->tap[i].error);
		}
	}
	if (j->expected < c->expect.count) {
		judge_fail(j, "never appeared (%zu of %zu in order): %.300s", j->expected + 1, c->expect.count,
			   c->expect.at[j->expected]->text);
	}
	for (size_t i = 0; i < c->anywhere.count; i++) {
		if (!j->anywhere[i]) {
			judge_fail(j, "never appeared: %.300s", c->anywhere.at[i]->text);
		}
	}
}

bool judge_is_done(const struct judge *j)
{
	const struct test_case *c = j->c;
	size_t complete = 0;

	for (size_t i = 0; i < j->tap_count; i++) {
		bool needed = word_in(&c->tap, j->tap[i].name);

		if (tap_is_complete(&j->tap[i])) {
			complete += needed ? 1 : 0;
		} else if (!word_in(&c->unfinished, j->tap[i].name)) {
			return false;
		}
	}
	for (size_t i = 0; i < c->anywhere.count; i++) {
		if (!j->anywhere[i]) {
			return false;
		}
	}
	return complete == c->tap.count && j->expected == c->expect.count;
}

static void judge_status(struct judge *j, int status, bool ended)
{
	bool refusal = strcmp(j->c->build, "fails") == 0;

	if (j->c->end == END_STOP && !j->stopped) {
		judge_fail(j, "the hypervisor did not stop in the Design Safe State");
	}
	if (ended) {
		return;
	}
	if (WIFSIGNALED(status)) {
		judge_fail(j, "ended by signal %d", WTERMSIG(status));
	} else if (refusal && WEXITSTATUS(status) == 0) {
		judge_fail(j, "was built, although its configuration is wrong");
	} else if (!refusal && WEXITSTATUS(status) != 0) {
		judge_fail(j, "exit status %d", WEXITSTATUS(status));
	}
}

enum verdict judge_end(struct judge *j, int status, bool ended)
{
	if (j->length > 0) {
		end_line(j);
	}
	judge_missing(j);
	judge_status(j, status, ended);
	if (j->why[0] != '\0') {
		return VERDICT_FAIL;
	}
	return judge_ok(j) == 0 && judge_skipped(j) > 0 ? VERDICT_SKIP : VERDICT_PASS;
}

unsigned long judge_ok(const struct judge *j)
{
	unsigned long n = 0;

	for (size_t i = 0; i < j->tap_count; i++) {
		n += j->tap[i].ok;
	}
	return n;
}

unsigned long judge_skipped(const struct judge *j)
{
	unsigned long n = 0;

	for (size_t i = 0; i < j->tap_count; i++) {
		n += j->tap[i].skipped;
	}
	return n;
}
