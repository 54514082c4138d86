/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system-test runner: what its parts share. A case (cases.c) says which image to boot on which machine and what
 * its console must show; a process (process.c) runs it; a judge (judge.c, tap.c) reads the console line by line;
 * report.c prints. Everything is of fixed size: a test system that floods its console is cut off, not buffered.
 */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum {
	FILE_MAX = 4,
	CASE_MAX = 160,
	PATTERN_MAX = 32,      /* of one kind, in one case */
	POOL_MAX = 1024,       /* patterns of all cases */
	WORD_MAX = 16,         /* groups, partitions of one case */
	EXTRA_MAX = 12,        /* `extra` lines of one case */
	TYPE_MAX = 8,          /* `type` lines of one case */
	ARGV_MAX = 96,
	TEXT_MAX = 512,        /* longest sentence of a verdict */
	CONSOLE_LINE = 1024,   /* longer lines are judged by their beginning */
	CONSOLE_LIMIT = 8 << 20, /* bytes of console after which a case has failed */
	FILE_SIZE_MAX = 64 << 20, /* of any file a child writes */
	TAIL_LINES = 20,
};

/* `/text/` is an extended regular expression, anything else must occur literally in the line. */
struct pattern {
	const char *text;
	bool is_regex;
	regex_t re;
};

struct pattern_list {
	size_t count;
	const struct pattern *at[PATTERN_MAX];
};

/* `type = WHEN -> TEXT`: what a person would type when a line with WHEN appears. */
struct typing {
	const char *when;
	const char *text;
};

struct word_list {
	size_t count;
	const char *at[WORD_MAX];
};

enum case_end {
	END_EXIT, /* the guests power off: QEMU exits by itself with status 0 */
	END_STOP, /* the hypervisor stops in the Design Safe State; the runner ends QEMU */
	END_DONE, /* the runner ends QEMU when everything expected was seen: some partition never ends by itself */
};

struct test_case {
	const char *name;
	const char *config;   /* CONFIG of the image */
	const char *build;    /* "ok", or "fails": only make is run and must refuse the configuration */
	const char *qemu;     /* binary; the case is skipped if it is not there. NULL: the usual one */
	const char *machine;
	const char *features; /* options of -M after the machine's name */
	const char *cpu;
	const char *smp;
	const char *mem;
	const char *device;   /* -device of the DMA device every system has; empty: none */
	bool debug;           /* the image is built with DEBUG=1 */
	bool iso;             /* booted from the disk image of `make iso`, not by -kernel */
	unsigned timeout;     /* seconds */
	enum case_end end;
	bool guests;          /* false: no partition may print anything */
	struct word_list groups;
	struct word_list tap; /* partitions that must deliver a complete TAP stream */
	struct word_list unfinished; /* partitions whose stream need not be complete: they crash on purpose */
	size_t extra_count;
	const char *extra[EXTRA_MAX];
	size_t type_count;
	struct typing type[TYPE_MAX]; /* in this order */
	struct pattern_list expect;   /* in this order */
	struct pattern_list anywhere; /* in any order */
	struct pattern_list reject;
	struct pattern_list allow;    /* lines of QEMU's own log that are part of the case */
};

struct case_file {
	size_t count;
	struct test_case at[CASE_MAX];
	size_t pool_count;
	struct pattern pool[POOL_MAX]; /* a case and those that are `like` it share patterns */
	char error[TEXT_MAX]; /* file:line: what is wrong */
	size_t text_count;
	char *text[FILE_MAX]; /* the strings point into them */
};

/* cases.c. Returns false with error set. text is modified and must stay. */
bool cases_parse(struct case_file *f, const char *file, char *text);
bool cases_read(struct case_file *f, const char *const *files, size_t count); /* each adds to those before */
void cases_free(struct case_file *f);
bool case_is_template(const struct test_case *c);
bool case_selected(const struct test_case *c, const char *only);
bool word_in(const struct word_list *l, const char *word);
bool pattern_matches(const struct pattern *p, const char *line);

/* tap.c: one stream, the lines of one partition. */
enum { TAP_STREAMS = 8, TAP_NAME = 32 };

struct tap {
	char name[TAP_NAME];
	bool has_plan;
	unsigned long plan;
	unsigned long ok;      /* passed, skipped ones not included */
	unsigned long not_ok;
	unsigned long skipped;
	char error[TEXT_MAX];  /* the first reason to fail; empty: none so far */
};

void tap_line(struct tap *t, const char *line);
bool tap_is_complete(const struct tap *t); /* the plan is there and fulfilled */
void tap_end(struct tap *t);               /* sets error if something is missing */

/* judge.c */
enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP };

struct judge {
	const struct test_case *c;
	size_t expected;              /* how many of c->expect were seen */
	size_t prompted;              /* how many of c->type were waited for and seen */
	bool anywhere[PATTERN_MAX];
	bool stopped;                 /* the hypervisor said that it is in the Design Safe State */
	size_t tap_count;
	struct tap tap[TAP_STREAMS];
	unsigned long bytes;
	size_t length;
	char line[CONSOLE_LINE];
	char why[TEXT_MAX];           /* the first reason to fail; empty: none so far */
};

void judge_init(struct judge *j, const struct test_case *c);
void judge_bytes(struct judge *j, const char *data, size_t size);
void judge_qemu_log(struct judge *j, FILE *log);
void judge_fail(struct judge *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Everything the case waits for was seen. */
bool judge_is_done(const struct judge *j);
/* After the last byte. status: as waitpid() gave it; ended: by the runner, on purpose. */
enum verdict judge_end(struct judge *j, int status, bool ended);
unsigned long judge_ok(const struct judge *j);
unsigned long judge_skipped(const struct judge *j);

/* process.c: one child process, its console, its end. */
struct result {
	enum verdict verdict;
	char why[TEXT_MAX];
	char log[TEXT_MAX];
	bool shown;          /* the log's end was printed already */
	unsigned long ms;
	unsigned long ok;
	unsigned long skipped;
};

struct run_options {
	const char *argv[ARGV_MAX]; /* argv[0] is looked up as execvp() does */
	const char *log;            /* the console is kept here */
	const char *qemu_log;       /* QEMU's own log, judged at the end; NULL: not a QEMU */
	bool interactive;           /* console to the terminal, the terminal to QEMU, no deadline */
};

struct run {
	bool used;
	const struct test_case *c;
	struct result *result;
	pid_t pid;
	int console;          /* read end; -1 after its end */
	int keyboard;         /* write end of its standard input; -1: nobody types */
	size_t typed;         /* how many of c->type were */
	FILE *log;
	char qemu_log[TEXT_MAX];
	uint64_t start_ms;
	uint64_t deadline_ms; /* UINT64_MAX: none */
	uint64_t quiet_ms;    /* a stopped or finished system is ended if it is silent until then; UINT64_MAX: runs */
	uint64_t stop_ms;     /* and at this time at the latest */
	bool interactive;
	bool ended;           /* killed by us because it had stopped or was done */
	struct judge judge;
};

uint64_t now_ms(void);
/* False: it could not be started; result says why. */
bool run_start(struct run *r, const struct test_case *c, struct result *result, const struct run_options *o);
/* Waits until something happens on one of the runs or a deadline passes. Returns one that ended, or NULL. */
struct run *run_poll(struct run *runs, size_t count);

/* command.c: command lines. argv points into the case, the options and the text. */
struct command_text {
	size_t used;
	char text[8192];
};

enum { MAKE_VARS = 8 };

struct command_options {
	const char *qemu;       /* the usual binary */
	const char *out_prefix; /* output directory of a CONFIG: prefix, its name, suffix */
	const char *out_suffix;
	const char *image;      /* instead of hyp.bin in the output directory; NULL: that */
	const char *log_dir;
	const char *make_var[MAKE_VARS]; /* NAME=value, for every make */
	size_t make_var_count;
	bool gdb;               /* wait for a debugger */
};

/* False: does not fit. */
bool command_qemu(const struct test_case *c, const struct command_options *o, struct command_text *t,
		  const char *argv[ARGV_MAX]);
/* The image only, or with everything that `make CONFIG=` does. */
bool command_make(const struct test_case *c, const struct command_options *o, struct command_text *t,
		  const char *argv[ARGV_MAX]);
const char *command_format(struct command_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void command_print(FILE *to, const char *const argv[ARGV_MAX]);

/* report.c */
void report_progress(const struct test_case *c, const struct result *r);
void report_tail(const char *log);
int report_cmocka(const struct test_case *const *cases, const struct result *results, size_t count);
