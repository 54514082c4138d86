// SPDX-License-Identifier: Apache-2.0
/*
 * Reads the case list: `[name]` opens a case, `key = value` lines describe it, `#` begins a comment line. Values are
 * replaced by a later line of the same key; lists (expect, reject, extra, type, groups and so on) are added to.
 * `like = name` copies an earlier case, then the following lines change the copy. `[.name]` is a template: it is
 * there to be named by `like` and never run. A mistake is reported with file and line; nothing is ignored.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

enum { FILE_LIMIT = 256 * 1024, TIMEOUT_MAX = 3600 };

struct parser {
	struct case_file *f;
	const char *file;
	unsigned line;
	struct test_case *c; /* the open case */
};

static bool fail(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct parser *p, const char *fmt, ...)
{
	char what[TEXT_MAX / 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(p->f->error, sizeof(p->f->error), "%.100s:%u: %s", p->file, p->line, what);
	return false;
}

static char *trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s)) {
		s++;
	}
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1])) {
		end--;
	}
	*end = '\0';
	return s;
}

static struct test_case *find(struct case_file *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->at[i].name, name) == 0) {
			return &f->at[i];
		}
	}
	return NULL;
}

static bool name_is_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return n > 0 && n <= 64 && name[n] == '\0' && strstr(name, "..") == NULL;
}

static bool open_case(struct parser *p, char *name)
{
	char *end = strchr(name, ']');

	if (end == NULL || end[1] != '\0') {
		return fail(p, "a case is opened by [name] alone on its line");
	}
	*end = '\0';
	if (!name_is_valid(name)) {
		return fail(p, "case name '%s': use a-z, 0-9, '-' and '.'", name);
	}
	if (find(p->f, name) != NULL) {
		return fail(p, "case '%s' is there twice", name);
	}
	if (p->f->count == CASE_MAX) {
		return fail(p, "more than %d cases", CASE_MAX);
	}
	p->c = &p->f->at[p->f->count++];
	*p->c = (struct test_case){ .name = name, .build = "ok", .machine = "virt", .features = "", .cpu = "max",
				    .smp = "4", .mem = "1G", .device = "", .timeout = 60, .guests = true };
	return true;
}

static bool add_words(struct parser *p, struct word_list *l, char *value)
{
	for (char *w = strtok(value, " \t,"); w != NULL; w = strtok(NULL, " \t,")) {
		if (l->count == WORD_MAX) {
			return fail(p, "more than %d words", WORD_MAX);
		}
		l->at[l->count++] = w;
	}
	return true;
}

static bool compile_regex(struct parser *p, struct pattern *pat, char *value)
{
	size_t n = strlen(value);
	char why[128];
	int err;

	if (n < 3 || value[n - 1] != '/') {
		return fail(p, "a regular expression is written /text/");
	}
	value[n - 1] = '\0';
	pat->text = value + 1;
	err = regcomp(&pat->re, pat->text, REG_EXTENDED | REG_NOSUB);
	if (err != 0) {
		regerror(err, &pat->re, why, sizeof(why));
		return fail(p, "regular expression '%.100s': %s", pat->text, why);
	}
	pat->is_regex = true;
	return true;
}

static bool add_pattern(struct parser *p, struct pattern_list *l, char *value)
{
	struct pattern *pat = &p->f->pool[p->f->pool_count];

	if (*value == '\0') {
		return fail(p, "an empty pattern matches everything");
	}
	if (l->count == PATTERN_MAX) {
		return fail(p, "more than %d patterns of one kind", PATTERN_MAX);
	}
	if (p->f->pool_count == POOL_MAX) {
		return fail(p, "more than %d patterns in all cases", POOL_MAX);
	}
	*pat = (struct pattern){ .text = value };
	if (value[0] == '/' && !compile_regex(p, pat, value)) {
		return false;
	}
	p->f->pool_count++;
	l->at[l->count++] = pat;
	return true;
}

static bool set_timeout(struct parser *p, const char *value)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 || n == 0 || n > TIMEOUT_MAX) {
		return fail(p, "timeout is a number of seconds from 1 to %d", TIMEOUT_MAX);
	}
	p->c->timeout = (unsigned)n;
	return true;
}

static bool set_like(struct parser *p, const char *value)
{
	const char *name = p->c->name;
	const struct test_case *from = find(p->f, value);

	if (from == NULL || from == p->c) {
		return fail(p, "like: no case '%s' before this one", value);
	}
	*p->c = *from;
	p->c->name = name;
	return true;
}

/* One of two words. */
static bool set_choice(struct parser *p, const char *value, const char *no, const char *yes, bool *out)
{
	if (strcmp(value, no) != 0 && strcmp(value, yes) != 0) {
		return fail(p, "'%s' is neither '%s' nor '%s'", value, no, yes);
	}
	*out = strcmp(value, yes) == 0;
	return true;
}

static bool set_end(struct parser *p, const char *value)
{
	static const char *const words[] = { [END_EXIT] = "exit", [END_STOP] = "stop", [END_DONE] = "done" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], value) == 0) {
			p->c->end = (enum case_end)i;
			return true;
		}
	}
	return fail(p, "end is exit, stop or done");
}

/* \n is Enter, ^T is Ctrl-T. */
static bool add_typing(struct parser *p, char *value)
{
	struct test_case *c = p->c;
	char *arrow = strstr(value, " -> ");
	char *to, *from;

	if (arrow == NULL || arrow == value) {
		return fail(p, "type is written: text of a line -> what to type then");
	}
	if (c->type_count == TYPE_MAX) {
		return fail(p, "more than %d type lines", TYPE_MAX);
	}
	*arrow = '\0';
	from = to = arrow + 4;
	c->type[c->type_count++] = (struct typing){ .when = trim(value), .text = to };
	while (*from != '\0') {
		bool enter = strncmp(from, "\\n", 2) == 0;
		bool ctrl_t = strncmp(from, "^T", 2) == 0;

		*to++ = enter ? '\n' : ctrl_t ? 'T' & 0x1f : *from;
		from += enter || ctrl_t ? 2 : 1;
	}
	*to = '\0';
	return true;
}

static const char **string_of(struct test_case *c, const char *key)
{
	const struct {
		const char *key;
		const char **at;
	} strings[] = {
		{ "config", &c->config }, { "qemu", &c->qemu }, { "machine", &c->machine },
		{ "features", &c->features }, { "cpu", &c->cpu }, { "smp", &c->smp },
		{ "mem", &c->mem }, { "device", &c->device },
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (strcmp(strings[i].key, key) == 0) {
			return strings[i].at;
		}
	}
	return NULL;
}

static struct pattern_list *patterns_of(struct test_case *c, const char *key)
{
	if (strcmp(key, "expect") == 0) {
		return &c->expect;
	}
	if (strcmp(key, "anywhere") == 0) {
		return &c->anywhere;
	}
	if (strcmp(key, "reject") == 0) {
		return &c->reject;
	}
	return strcmp(key, "allow") == 0 ? &c->allow : NULL;
}

static bool set_other(struct parser *p, const char *key, char *value)
{
	struct test_case *c = p->c;
	bool flag = false;

	if (strcmp(key, "groups") == 0) {
		return add_words(p, &c->groups, value);
	}
	if (strcmp(key, "tap") == 0) {
		return add_words(p, &c->tap, value);
	}
	if (strcmp(key, "unfinished") == 0) {
		return add_words(p, &c->unfinished, value);
	}
	if (strcmp(key, "timeout") == 0) {
		return set_timeout(p, value);
	}
	if (strcmp(key, "like") == 0) {
		return set_like(p, value);
	}
	if (strcmp(key, "guests") == 0) {
		return set_choice(p, value, "none", "run", &c->guests);
	}
	if (strcmp(key, "debug") == 0) {
		return set_choice(p, value, "no", "yes", &c->debug);
	}
	if (strcmp(key, "boot") == 0) {
		return set_choice(p, value, "kernel", "iso", &c->iso);
	}
	if (strcmp(key, "type") == 0) {
		return add_typing(p, value);
	}
	if (strcmp(key, "end") == 0) {
		return set_end(p, value);
	}
	if (strcmp(key, "build") == 0) {
		c->build = value;
		return set_choice(p, value, "ok", "fails", &flag);
	}
	return fail(p, "unknown key '%s'", key);
}

static bool set(struct parser *p, const char *key, char *value)
{
	struct test_case *c = p->c;
	const char **string = string_of(c, key);
	struct pattern_list *patterns = patterns_of(c, key);

	if (string != NULL) {
		*string = value;
		return true;
	}
	if (patterns != NULL) {
		return add_pattern(p, patterns, value);
	}
	if (strcmp(key, "extra") == 0) {
		if (c->extra_count == EXTRA_MAX) {
			return fail(p, "more than %d extra lines", EXTRA_MAX);
		}
		c->extra[c->extra_count++] = value;
		return true;
	}
	return set_other(p, key, value);
}

static bool parse_line(struct parser *p, char *line)
{
	char *value;

	if (line[0] == '\0' || line[0] == '#') {
		return true;
	}
	if (line[0] == '[') {
		return open_case(p, line + 1);
	}
	value = strchr(line, '=');
	if (value == NULL) {
		return fail(p, "expected [name] or key = value");
	}
	if (p->c == NULL) {
		return fail(p, "a key before the first [name]");
	}
	*value = '\0';
	return set(p, trim(line), trim(value + 1));
}

/* A case that could pass whatever the console shows is a mistake. */
static bool complete(struct parser *p)
{
	for (size_t i = 0; i < p->f->count; i++) {
		const struct test_case *c = &p->f->at[i];

		if (case_is_template(c)) {
			continue;
		}
		if (c->config == NULL) {
			return fail(p, "case '%s' names no config", c->name);
		}
		if (c->expect.count + c->anywhere.count + c->tap.count == 0) {
			return fail(p, "case '%s' expects nothing", c->name);
		}
	}
	return true;
}

/* Adds the cases of one list to those that are there. */
static bool parse_more(struct case_file *f, const char *file, char *text)
{
	struct parser p = { .f = f, .file = file };
	char *next;

	for (char *line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL) {
			*next++ = '\0';
		}
		p.line++;
		if (!parse_line(&p, trim(line))) {
			return false;
		}
	}
	return complete(&p);
}

bool cases_parse(struct case_file *f, const char *file, char *text)
{
	f->count = 0;
	f->pool_count = 0;
	f->error[0] = '\0';
	return parse_more(f, file, text);
}

static bool read_more(struct case_file *f, const char *file)
{
	FILE *in = fopen(file, "r");
	char *text;
	size_t n;

	if (in == NULL) {
		snprintf(f->error, sizeof(f->error), "%.200s: %s", file, strerror(errno));
		return false;
	}
	text = calloc(1, FILE_LIMIT + 1);
	if (text == NULL) {
		fclose(in);
		snprintf(f->error, sizeof(f->error), "out of memory");
		return false;
	}
	f->text[f->text_count++] = text;
	n = fread(text, 1, FILE_LIMIT, in);
	fclose(in);
	if (n == FILE_LIMIT || memchr(text, '\0', n) != NULL) {
		snprintf(f->error, sizeof(f->error), "%.200s: not a case list (too long, or not text)", file);
		return false;
	}
	return parse_more(f, file, text);
}

bool cases_read(struct case_file *f, const char *const *files, size_t count)
{
	f->text_count = 0;
	f->count = 0;
	f->pool_count = 0;
	f->error[0] = '\0';
	for (size_t i = 0; i < count && i < FILE_MAX; i++) {
		if (!read_more(f, files[i])) {
			return false;
		}
	}
	return true;
}

void cases_free(struct case_file *f)
{
	for (size_t i = 0; i < f->pool_count; i++) {
		if (f->pool[i].is_regex) {
			regfree(&f->pool[i].re);
		}
	}
	f->pool_count = 0;
	f->count = 0;
	while (f->text_count > 0) {
		free(f->text[--f->text_count]);
	}
}

bool word_in(const struct word_list *l, const char *word)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->at[i], word) == 0) {
			return true;
		}
	}
	return false;
}

bool case_is_template(const struct test_case *c)
{
	return c->name[0] == '.';
}

/* Without a wish: everything but the group `manual`. A wish is a case's name or a group. */
bool case_selected(const struct test_case *c, const char *only)
{
	if (case_is_template(c)) {
		return false;
	}
	if (only == NULL) {
		return !word_in(&c->groups, "manual");
	}
	return strcmp(c->name, only) == 0 || word_in(&c->groups, only);
}

bool pattern_matches(const struct pattern *p, const char *line)
{
	if (p->is_regex) {
		return regexec(&p->re, line, 0, NULL, 0) == 0;
	}
	return strstr(line, p->text) != NULL;
}
