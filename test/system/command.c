// SPDX-License-Identifier: Apache-2.0
/*
 * Puts command lines together. No shell is involved anywhere: words are split at blanks and passed as they are, so a
 * case list cannot run anything but QEMU and make.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <string.h>

#include "runner.h"

struct words {
	struct command_text *t;
	const char **argv;
	size_t count;
	bool full;
};

const char *command_format(struct command_text *t, const char *fmt, ...)
{
	char *at = t->text + t->used;
	size_t room = sizeof(t->text) - t->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(at, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		return NULL;
	}
	t->used += (size_t)n + 1;
	return at;
}

static void add(struct words *w, const char *word)
{
	if (word == NULL || w->count + 1 >= ARGV_MAX) {
		w->full = true;
		return;
	}
	w->argv[w->count++] = word;
	w->argv[w->count] = NULL;
}

static void add_option(struct words *w, const char *option, const char *value)
{
	add(w, option);
	add(w, value);
}

/* Words separated by blanks; there is no quoting. */
static void add_split(struct words *w, const char *text)
{
	while (*text != '\0') {
		size_t n;

		text += strspn(text, " \t");
		n = strcspn(text, " \t");
		if (n > 0) {
			add(w, command_format(w->t, "%.*s", (int)n, text));
		}
		text += n;
	}
}

/* Where make puts the image of a case. */
static const char *image_of(const struct test_case *c, const struct command_options *o, struct command_text *t)
{
	bool add_debug = c->debug && strstr(o->out_suffix, "-debug") == NULL;

	return command_format(t, "%s%s%s%s/hyp.%s", o->out_prefix, c->config, add_debug ? "-debug" : "",
			      o->out_suffix, c->iso ? "iso" : "bin");
}

bool command_qemu(const struct test_case *c, const struct command_options *o, struct command_text *t,
		  const char *argv[ARGV_MAX])
{
	struct words w = { .t = t, .argv = argv };

	add(&w, c->qemu != NULL ? c->qemu : o->qemu);
	add_option(&w, "-M", command_format(t, "%s%s%s", c->machine, c->features[0] != '\0' ? "," : "",
					    c->features));
	add_option(&w, "-cpu", c->cpu);
	add_option(&w, "-smp", c->smp);
	add_option(&w, "-m", c->mem);
	add(&w, "-nodefaults");
	add_option(&w, "-display", "none");
	add_option(&w, "-serial", "stdio");
	add(&w, "-no-reboot");
	add_option(&w, c->iso ? "-cdrom" : "-kernel", o->image != NULL ? o->image : image_of(c, o, t));
	if (c->device[0] != '\0') {
		add_option(&w, "-device", c->device);
	}
	for (size_t i = 0; i < c->extra_count; i++) {
		add_split(&w, c->extra[i]);
	}
	add_option(&w, "-d", "guest_errors,unimp");
	add_option(&w, "-D", command_format(t, "%s/%s.qemu.log", o->log_dir, c->name));
	if (o->gdb) {
		add(&w, "-S");
		add_option(&w, "-gdb", "tcp:127.0.0.1:1234");
	}
	return !w.full;
}

bool command_make(const struct test_case *c, const struct command_options *o, struct command_text *t,
		  const char *argv[ARGV_MAX])
{
	struct words w = { .t = t, .argv = argv };

	add_option(&w, "make", "--no-print-directory");
	for (size_t i = 0; i < o->make_var_count; i++) {
		add(&w, o->make_var[i]);
	}
	if (c->debug) {
		add(&w, "DEBUG=1"); /* the last one counts */
	}
	add(&w, command_format(t, "CONFIG=%s", c->config));
	add(&w, strcmp(c->build, "fails") == 0 ? "all" : image_of(c, o, t));
	return !w.full;
}

void command_print(FILE *to, const char *const argv[ARGV_MAX])
{
	for (size_t i = 0; argv[i] != NULL; i++) {
		fprintf(to, "%s%s", i > 0 ? " " : "", argv[i]);
	}
	fputc('\n', to);
}
