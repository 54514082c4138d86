// SPDX-License-Identifier: Apache-2.0
/*
 * The system-test runner: builds the images that the selected cases need, runs the cases (two at a time), and reports.
 * `--run CONFIG` is `make run`: the console goes to the terminal, and the exit status is the judge's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "runner.h"

enum { JOBS_MAX = 4, EXIT_USAGE = 2 };

static struct case_file file;
static struct result results[CASE_MAX];
static const struct test_case *selected[CASE_MAX];
static size_t selected_count;

struct options {
	const char *cases[FILE_MAX];
	size_t case_files;
	const char *only;
	const char *run;  /* CONFIG of `make run` */
	bool list;
	bool build;
	unsigned jobs;
	struct command_options command;
};

static void usage(FILE *to)
{
	fputs("usage: runner --cases FILE... [--only CASE|GROUP] [--list] [-j N] [--qemu PATH] [--logs DIR]\n"
	      "              [--out PREFIX SUFFIX] [--make NAME=VALUE]... [--no-build]\n"
	      "              [--run CONFIG [--image FILE] [--gdb]]\n",
	      to);
}

/* An option with one value. */
static const char **value_of(struct options *o, const char *name)
{
	if (strcmp(name, "--cases") == 0 && o->case_files < FILE_MAX) {
		return &o->cases[o->case_files++];
	}
	if (strcmp(name, "--only") == 0) {
		return &o->only;
	}
	if (strcmp(name, "--run") == 0) {
		return &o->run;
	}
	if (strcmp(name, "--qemu") == 0) {
		return &o->command.qemu;
	}
	if (strcmp(name, "--image") == 0) {
		return &o->command.image;
	}
	return strcmp(name, "--logs") == 0 ? &o->command.log_dir : NULL;
}

static bool parse_flag(struct options *o, const char *name)
{
	if (strcmp(name, "--list") == 0) {
		o->list = true;
	} else if (strcmp(name, "--gdb") == 0) {
		o->command.gdb = true;
	} else if (strcmp(name, "--no-build") == 0) {
		o->build = false;
	} else {
		return false;
	}
	return true;
}

/* Options with values that need a look. Returns how many words were used, 0 for a mistake. */
static int parse_other(struct options *o, int left, char **argv)
{
	struct command_options *c = &o->command;

	if (left >= 2 && strcmp(argv[0], "-j") == 0 && argv[1][0] >= '1' && argv[1][0] <= '0' + JOBS_MAX &&
	    argv[1][1] == '\0') {
		o->jobs = (unsigned)(argv[1][0] - '0');
		return 2;
	}
	if (left >= 3 && strcmp(argv[0], "--out") == 0) {
		c->out_prefix = argv[1];
		c->out_suffix = argv[2];
		return 3;
	}
	if (left >= 2 && strcmp(argv[0], "--make") == 0 && strchr(argv[1], '=') != NULL &&
	    c->make_var_count < MAKE_VARS) {
		c->make_var[c->make_var_count++] = argv[1];
		return 2;
	}
	return 0;
}

static bool parse_options(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc;) {
		const char **value = value_of(o, argv[i]);
		int used;

		if (value != NULL && i + 1 < argc) {
			*value = argv[i + 1];
			used = 2;
		} else if (parse_flag(o, argv[i])) {
			used = 1;
		} else {
			used = parse_other(o, argc - i, argv + i);
		}
		if (used == 0) {
			fprintf(stderr, "runner: '%s' is unknown or lacks a value\n", argv[i]);
			usage(stderr);
			return false;
		}
		i += used;
	}
	return true;
}

static bool too_long(const struct test_case *c, struct result *r)
{
	r->verdict = VERDICT_FAIL;
	snprintf(r->why, sizeof(r->why), "the command line of %s is too long", c->name);
	return false;
}

static bool is_build(const struct test_case *c)
{
	return strcmp(c->build, "fails") == 0;
}

/* Starts the case; false if it is decided already. */
static bool start_case(struct run *run, const struct test_case *c, struct result *r, const struct options *o)
{
	struct command_text text = { 0 };
	struct run_options ro = { .interactive = o->run != NULL };
	bool fits = is_build(c) ? command_make(c, &o->command, &text, ro.argv)
				: command_qemu(c, &o->command, &text, ro.argv);

	if (c->qemu != NULL && access(c->qemu, X_OK) != 0) {
		r->verdict = VERDICT_SKIP;
		snprintf(r->why, sizeof(r->why), "%.300s is not there", c->qemu);
		return false;
	}
	ro.log = command_format(&text, "%s/%s.log", o->command.log_dir, c->name);
	ro.qemu_log = is_build(c) ? NULL : command_format(&text, "%s/%s.qemu.log", o->command.log_dir, c->name);
	if (!fits || ro.log == NULL || (!is_build(c) && ro.qemu_log == NULL)) {
		return too_long(c, r);
	}
	if (ro.interactive) {
		command_print(stdout, ro.argv);
		puts("(Ctrl-T: console input to the next partition; Ctrl-C: end)");
		fflush(stdout);
	}
	return run_start(run, c, r, &ro);
}

/* Builds the image of one case; the sentence says why not. */
static bool build_config(const struct test_case *of, const struct options *o, struct result *r)
{
	const struct test_case c = { .name = of->config, .config = of->config, .build = "ok", .debug = of->debug,
				     .iso = of->iso, .timeout = 600, .guests = true };
	struct command_text text = { 0 };
	struct run_options ro = { 0 };
	struct run run;

	ro.log = command_format(&text, "%s/build-%s%s%s.log", o->command.log_dir, c.config, c.debug ? "-debug" : "",
				c.iso ? "-iso" : "");
	if (ro.log == NULL || !command_make(&c, &o->command, &text, ro.argv)) {
		return too_long(&c, r);
	}
	if (!run_start(&run, &c, r, &ro)) {
		return false;
	}
	while (run_poll(&run, 1) == NULL) {
	}
	return r->verdict == VERDICT_PASS;
}

static void does_not_build(const char *config, struct result *r)
{
	report_tail(r->log);
	snprintf(r->why, sizeof(r->why), "%.100s does not build", config);
	r->ms = 0;
	r->shown = true;
}

/* Every configuration once; cases of one that does not build fail with the build's log. */
static void build_all(const struct options *o)
{
	for (size_t i = 0; i < selected_count; i++) {
		bool done = is_build(selected[i]);

		for (size_t k = 0; k < i && !done; k++) {
			done = !is_build(selected[k]) && selected[k]->debug == selected[i]->debug &&
			       selected[k]->iso == selected[i]->iso &&
			       strcmp(selected[k]->config, selected[i]->config) == 0;
			results[i] = done ? results[k] : results[i];
		}
		if (!done) {
			printf("build %s%s%s\n", selected[i]->config, selected[i]->debug ? " (debug)" : "",
			       selected[i]->iso ? " (disk)" : "");
			fflush(stdout);
			if (build_config(selected[i], o, &results[i])) {
				results[i] = (struct result){ 0 };
			} else {
				does_not_build(selected[i]->config, &results[i]);
			}
		}
	}
}

static void run_all(const struct options *o)
{
	static struct run runs[JOBS_MAX];
	size_t next = 0;
	size_t running = 0;

	while (next < selected_count || running > 0) {
		struct run *free_run = NULL;
		struct run *done;

		for (size_t i = 0; i < o->jobs && free_run == NULL; i++) {
			free_run = runs[i].used ? NULL : &runs[i];
		}
		if (next < selected_count && free_run != NULL) {
			struct result *r = &results[next];

			if (r->verdict == VERDICT_PASS && start_case(free_run, selected[next], r, o)) {
				running++;
			} else {
				report_progress(selected[next], r);
			}
			next++;
			continue;
		}
		done = run_poll(runs, o->jobs);
		if (done != NULL) {
			running--;
			report_progress(done->c, done->result);
		}
	}
}

static int run_cases(const struct options *o)
{
	if (selected_count == 0) {
		fprintf(stderr, "runner: no case or group '%s'; --list shows them\n", o->only != NULL ? o->only : "");
		return EXIT_USAGE;
	}
	if (o->build) {
		build_all(o);
	}
	run_all(o);
	return report_cmocka(selected, results, selected_count) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The first case with this configuration says what the console must show; without one, only the exit counts. */
static const struct test_case *case_of_config(const char *config)
{
	static struct test_case plain;

	for (size_t i = 0; i < file.count; i++) {
		const struct test_case *c = &file.at[i];

		if (!case_is_template(c) && !is_build(c) && !c->debug && c->config != NULL &&
		    strcmp(c->config, config) == 0) {
			return c;
		}
	}
	for (size_t i = 0; i < file.count; i++) {
		if (strcmp(file.at[i].name, ".boots") == 0) {
			plain = file.at[i];
		}
	}
	plain.name = config;
	plain.config = config;
	return &plain;
}

static int run_interactive(const struct options *o)
{
	const struct test_case *c = case_of_config(o->run);
	bool terminal = isatty(STDIN_FILENO) != 0;
	struct termios saved;
	struct run run;

	if (terminal && tcgetattr(STDIN_FILENO, &saved) != 0) {
		terminal = false;
	}
	signal(SIGINT, SIG_IGN); /* ends QEMU, and then us in an orderly way */
	if (!start_case(&run, c, &results[0], o)) {
		fprintf(stderr, "runner: %s\n", results[0].why);
		return EXIT_FAILURE;
	}
	if (!terminal) {
		run.deadline_ms = run.start_ms + (uint64_t)c->timeout * 1000u;
	}
	while (run_poll(&run, 1) == NULL) {
	}
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSANOW, &saved); /* a killed QEMU leaves it raw */
	}
	if (results[0].verdict == VERDICT_FAIL) {
		printf("run: FAILED: %s (log: %s)\n", results[0].why, results[0].log);
		return EXIT_FAILURE;
	}
	printf("run: %s ended as it should\n", c->config);
	return EXIT_SUCCESS;
}

static void list_cases(void)
{
	for (size_t i = 0; i < selected_count; i++) {
		printf("%-28s %-14s", selected[i]->name, selected[i]->config);
		for (size_t k = 0; k < selected[i]->groups.count; k++) {
			printf(" %s", selected[i]->groups.at[k]);
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	struct options o = { .jobs = 2, .build = true,
			     .command = { .qemu = "qemu-system-aarch64", .out_prefix = "build/arm64-",
					  .out_suffix = "", .log_dir = "build/test" } };
	int status = EXIT_SUCCESS;

	setvbuf(stdout, NULL, _IOLBF, 0); /* in order with standard error, into a pipe as well */
	if (!parse_options(&o, argc, argv)) {
		return EXIT_USAGE;
	}
	if (!cases_read(&file, o.cases, o.case_files)) {
		fprintf(stderr, "runner: %s\n", file.error);
		cases_free(&file);
		return EXIT_USAGE;
	}
	if (mkdir(o.command.log_dir, 0777) != 0 && errno != EEXIST) {
		perror(o.command.log_dir);
		return EXIT_USAGE;
	}
	/* A make started here takes its settings from --make only, not from the make that started us. */
	signal(SIGPIPE, SIG_IGN); /* keys for a system that is gone */
	unsetenv("MAKEFLAGS");
	unsetenv("MFLAGS");
	unsetenv("MAKELEVEL");
	for (size_t i = 0; i < file.count; i++) {
		if (case_selected(&file.at[i], o.only)) {
			selected[selected_count++] = &file.at[i];
		}
	}
	if (o.list) {
		list_cases();
	} else {
		status = o.run != NULL ? run_interactive(&o) : run_cases(&o);
	}
	cases_free(&file);
	return status;
}
