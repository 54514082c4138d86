// SPDX-License-Identifier: Apache-2.0
/* The case list's parser: what it understands, and that it refuses everything else with the line's number. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "system/runner.h"

static struct case_file f;

static bool parse(const char *text)
{
	static char copy[64 * 1024];

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	cases_free(&f);
	return cases_parse(&f, "list", copy);
}

static void refused(const char *text, const char *why)
{
	assert_false(parse(text));
	if (strstr(f.error, why) == NULL) {
		fail_msg("'%s' does not say '%s'", f.error, why);
	}
}

static void test_case_fields(void **state)
{
	const struct test_case *c = &f.at[0];

	assert_true(parse("# comment\n\n[a]\nconfig = t-api\nmachine= virt-9.0\nfeatures =x=on,y=off\ncpu =max\n"
			  "smp=2\nmem=512M\ntimeout = 7\ngroups = one two\nextra = -global a.b=2\nextra = -x\n"
			  "expect = first\nexpect = /^sec.nd$/\nreject = bad\nallow = ok\nanywhere = w\n"
			  "tap = test,other\n"
			  "end = stop\nunfinished = t u\nguests = none\nqemu = /bin/q\ndevice = edu,addr=2.0\n"));
	assert_int_equal(f.count, 1);
	assert_string_equal(c->name, "a");
	assert_string_equal(c->config, "t-api");
	assert_string_equal(c->machine, "virt-9.0");
	assert_string_equal(c->features, "x=on,y=off");
	assert_string_equal(c->smp, "2");
	assert_string_equal(c->mem, "512M");
	assert_string_equal(c->qemu, "/bin/q");
	assert_string_equal(c->device, "edu,addr=2.0");
	assert_int_equal(c->timeout, 7);
	assert_int_equal(c->extra_count, 2);
	assert_int_equal(c->expect.count, 2);
	assert_int_equal(c->tap.count, 2);
	assert_int_equal(c->end, END_STOP);
	assert_int_equal(c->unfinished.count, 2);
	assert_false(c->guests);
	assert_true(word_in(&c->groups, "two"));
	assert_false(pattern_matches(c->expect.at[1], "xsecond"));
	assert_true(pattern_matches(c->expect.at[1], "second"));
	assert_true(pattern_matches(c->expect.at[0], "the first line"));
}

static void test_like_copies_then_changes(void **state)
{
	assert_true(parse("[.t]\nconfig=demo\nexpect = one\ntimeout = 9\n[b]\nlike = .t\nexpect = two\ncpu = a57\n"
			  "[c]\nlike=.t\ntimeout=3\n"));
	assert_int_equal(f.count, 3);
	assert_true(case_is_template(&f.at[0]));
	assert_string_equal(f.at[1].name, "b");
	assert_string_equal(f.at[1].config, "demo");
	assert_string_equal(f.at[1].cpu, "a57");
	assert_int_equal(f.at[1].timeout, 9);
	assert_int_equal(f.at[1].expect.count, 2);
	assert_int_equal(f.at[0].expect.count, 1);
	assert_int_equal(f.at[2].expect.count, 1);
	assert_int_equal(f.at[2].timeout, 3);
}

static void test_selection(void **state)
{
	assert_true(parse("[.t]\nconfig=d\nexpect=x\n[b]\nlike=.t\ngroups=g\n[m]\nlike=.t\ngroups=manual g\n"));
	assert_false(case_selected(&f.at[0], NULL));
	assert_false(case_selected(&f.at[0], ".t"));
	assert_true(case_selected(&f.at[1], NULL));
	assert_true(case_selected(&f.at[1], "b"));
	assert_true(case_selected(&f.at[1], "g"));
	assert_false(case_selected(&f.at[1], "other"));
	assert_false(case_selected(&f.at[2], NULL));
	assert_true(case_selected(&f.at[2], "m"));
}

static void test_mistakes_are_refused(void **state)
{
	refused("config = x\n", "list:1: a key before");
	refused("[a\n", "list:1: a case is opened");
	refused("[a]\nconfig=x\nexpect=y\n[a]\n", "list:4: case 'a' is there twice");
	refused("[A/../b]\n", "list:1: case name");
	refused("[a..b]\n", "list:1: case name");
	refused("[a]\nconfg = x\n", "list:2: unknown key 'confg'");
	refused("[a]\nconfig\n", "list:2: expected [name] or key = value");
	refused("[a]\ntimeout = 0\n", "list:2: timeout");
	refused("[a]\ntimeout = -1\n", "list:2: timeout");
	refused("[a]\ntimeout = 5s\n", "list:2: timeout");
	refused("[a]\ntimeout = 99999999999999999999\n", "list:2: timeout");
	refused("[a]\nexpect =\n", "list:2: an empty pattern");
	refused("[a]\nexpect = /(/\n", "list:2: regular expression");
	refused("[a]\nexpect = /x\n", "list:2: a regular expression is written");
	refused("[a]\nlike = b\n", "list:2: like: no case 'b'");
	refused("[a]\nlike = a\n", "list:2: like: no case 'a'");
	refused("[a]\nend = maybe\n", "list:2: end is exit, stop or done");
	refused("[a]\nguests = some\n", "list:2: 'some' is neither");
	refused("[a]\nexpect = x\n", "names no config");
	refused("[a]\nconfig = x\nreject = y\n", "expects nothing");
}

static void test_limits(void **state)
{
	static char text[64 * 1024];
	size_t n = 0;

	for (unsigned i = 0; i < CASE_MAX + 1; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "[c%u]\nconfig=x\nexpect=y\n", i);
	}
	refused(text, "more than 160 cases");
	n = (size_t)snprintf(text, sizeof(text), "[a]\nconfig=x\n");
	for (unsigned i = 0; i < PATTERN_MAX + 1; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "expect=y%u\n", i);
	}
	refused(text, "list:35: more than 32 patterns");
	n = (size_t)snprintf(text, sizeof(text), "[a]\nconfig=x\n");
	for (unsigned i = 0; i < EXTRA_MAX + 1; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "extra=y\n");
	}
	refused(text, "more than 12 extra lines");
	n = (size_t)snprintf(text, sizeof(text), "[a]\nconfig=x\ngroups=");
	for (unsigned i = 0; i < WORD_MAX + 1; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "g%u ", i);
	}
	refused(text, "more than 16 words");
}

static void test_files(void **state)
{
	static const char *const missing[] = { "/nonexistent/list" };
	static const char *const endless[] = { "/dev/zero" };

	cases_free(&f);
	assert_false(cases_read(&f, missing, 1));
	assert_non_null(strstr(f.error, "No such file"));
	cases_free(&f);
	assert_false(cases_read(&f, endless, 1));
	assert_non_null(strstr(f.error, "not a case list"));
	cases_free(&f);
}

/* The command line is the case's words and nothing else: no shell, no quoting. */
static void test_command_line(void **state)
{
	static const char *const want[] = {
		"qemu", "-M", "virt,virtualization=on", "-cpu", "max", "-smp", "4", "-m", "1G", "-nodefaults",
		"-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", "out/d-x/hyp.bin", "-device", "edu",
		"-device", "a;b", "$(c)", "-d", "guest_errors,unimp", "-D", "logs/a.qemu.log",
	};
	const struct command_options o = { .qemu = "qemu", .out_prefix = "out/", .out_suffix = "-x",
					   .log_dir = "logs" };
	struct command_text text = { 0 };
	const char *argv[ARGV_MAX];

	assert_true(parse("[a]\nconfig=d\nexpect=x\nfeatures=virtualization=on\ndevice=edu\n"
			  "extra =  -device a;b   $(c)\n"));
	assert_true(command_qemu(&f.at[0], &o, &text, argv));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_string_equal(argv[i], want[i]);
	}
	assert_null(argv[sizeof(want) / sizeof(want[0])]);
}

/* An image is built alone; a configuration that must be refused goes the way a user would take. */
static void test_command_make(void **state)
{
	static const char *const want[] = { "make", "--no-print-directory", "DEBUG=1", "CONFIG=d", "out/d-x/hyp.bin" };
	const struct command_options o = { .out_prefix = "out/", .out_suffix = "-x", .make_var = { "DEBUG=1" },
					   .make_var_count = 1 };
	struct command_text text = { 0 };
	const char *argv[ARGV_MAX];

	assert_true(parse("[a]\nconfig=d\nexpect=x\n[b]\nlike=a\nbuild=fails\n"));
	assert_true(command_make(&f.at[0], &o, &text, argv));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_string_equal(argv[i], want[i]);
	}
	assert_null(argv[sizeof(want) / sizeof(want[0])]);
	assert_true(command_make(&f.at[1], &o, &text, argv));
	assert_string_equal(argv[4], "all");
}

static void test_command_line_too_long(void **state)
{
	static char list[2048] = "[a]\nconfig=d\nexpect=x\nextra=";
	const struct command_options o = { .qemu = "q", .out_prefix = "", .out_suffix = "", .log_dir = "l" };
	struct command_text text = { 0 };
	const char *argv[ARGV_MAX];

	for (unsigned i = 0; i < ARGV_MAX; i++) {
		strcat(list, " w");
	}
	assert_true(parse(list));
	assert_false(command_qemu(&f.at[0], &o, &text, argv));
}

static int teardown(void **state)
{
	cases_free(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_case_fields),
		cmocka_unit_test(test_like_copies_then_changes),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_mistakes_are_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_command_make),
		cmocka_unit_test(test_command_line_too_long),
	};

	return cmocka_run_group_tests_name("runner_cases", tests, NULL, teardown);
}
