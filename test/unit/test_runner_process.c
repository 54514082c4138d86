// SPDX-License-Identifier: Apache-2.0
/*
 * The process part of the system-test runner against a stub that plays QEMU: this very program, started again with
 * `--stub ACT LOG`. Each act is a way in which a machine can misbehave.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "system/runner.h"

static char dir[] = "/tmp/runner-test-XXXXXX";
static char console_log[64];
static char qemu_log[64];
static struct case_file f;
static struct result result;

static int stub(const char *act, const char *log)
{
	FILE *out = strcmp(act, "nolog") == 0 ? NULL : fopen(log, "w");

	puts("hyp: hello");
	if (strcmp(act, "good") == 0 || strcmp(act, "nolog") == 0 || strcmp(act, "log") == 0 ||
	    strcmp(act, "done") == 0) {
		puts("[test] 1..1\n[test] ok 1 - a");
	}
	if (strcmp(act, "log") == 0) {
		fputs("Bad STE\n", out);
	}
	if (strcmp(act, "stop") == 0) {
		puts("hyp: Design Safe State");
	}
	if (out != NULL) {
		fclose(out);
	}
	fflush(stdout);
	if (strcmp(act, "hang") == 0 || strcmp(act, "stop") == 0 || strcmp(act, "done") == 0) {
		signal(SIGTERM, SIG_IGN);
		pause();
	}
	if (strcmp(act, "closed") == 0) {
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		pause();
	}
	if (strcmp(act, "child") == 0 && fork() == 0) {
		pause(); /* keeps the console open */
	}
	for (unsigned long i = 0; strcmp(act, "flood") == 0; i++) {
		printf("%lu xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", i);
	}
	if (strcmp(act, "abort") == 0) {
		signal(SIGABRT, SIG_DFL);
		raise(SIGKILL);
	}
	return strcmp(act, "status") == 0 ? 3 : 0;
}

/* Every process of the act inherited the write end: the pipe ends when the last of them is dead. */
static void assert_all_dead(int alive)
{
	struct pollfd p = { .fd = alive, .events = POLLIN };
	char c;

	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(read(alive, &c, 1), 0);
	close(alive);
}

static enum verdict play(const char *act, const char *keys)
{
	static char text[1024];
	static struct run r;
	struct run_options o = { .argv = { "/proc/self/exe", "--stub", act, qemu_log, NULL }, .log = console_log,
				 .qemu_log = qemu_log };
	uint64_t limit = now_ms() + 20000;
	int alive[2];

	snprintf(text, sizeof(text), "[a]\nconfig = c\ntimeout = 2\nexpect = hello\n%s", keys);
	cases_free(&f);
	if (!cases_parse(&f, "list", text)) {
		fail_msg("%s", f.error);
	}
	if (strcmp(act, "missing") == 0) {
		o.argv[0] = "/nonexistent/qemu";
	}
	assert_int_equal(pipe(alive), 0);
	assert_true(run_start(&r, &f.at[0], &result, &o));
	close(alive[1]);
	while (run_poll(&r, 1) == NULL) {
		assert_true(now_ms() < limit);
	}
	assert_false(r.used);
	assert_all_dead(alive[0]);
	return result.verdict;
}

static void fails(const char *act, const char *keys, const char *why)
{
	assert_int_equal(play(act, keys), VERDICT_FAIL);
	if (strstr(result.why, why) == NULL) {
		fail_msg("'%s' does not say '%s'", result.why, why);
	}
}

static void test_good(void **state)
{
	assert_int_equal(play("good", "tap = test\n"), VERDICT_PASS);
	assert_int_equal(result.ok, 1);
	assert_string_equal(result.log, console_log);
}

static void test_missing_plan(void **state)
{
	fails("quiet", "tap = test\n", "no TAP plan");
}

static void test_status(void **state)
{
	fails("status", "", "exit status 3");
}

static void test_signal(void **state)
{
	fails("abort", "", "ended by signal 9");
}

static void test_not_executable(void **state)
{
	fails("missing", "", "never appeared");
}

static void test_time_out(void **state)
{
	fails("hang", "expect = world\n", "timed out after 2 s waiting for: world");
	assert_true(result.ms >= 2000 && result.ms < 10000);
	fails("closed", "", "timed out after 2 s");
}

static void test_guest_error(void **state)
{
	fails("log", "tap = test\n", "QEMU reports a guest error: Bad STE");
	assert_int_equal(play("log", "tap = test\nallow = Bad STE\n"), VERDICT_PASS);
}

static void test_no_log(void **state)
{
	fails("nolog", "tap = test\n", "QEMU wrote no log");
}

static void test_stop(void **state)
{
	fails("stop", "", "the hypervisor stopped");
	assert_true(result.ms < 2000); /* not waited for until the deadline */
	assert_int_equal(play("stop", "end = stop\n"), VERDICT_PASS);
}

static void test_done(void **state)
{
	assert_int_equal(play("done", "tap = test\nend = done\n"), VERDICT_PASS);
	assert_true(result.ms < 2000);
	fails("done", "tap = test\nend = done\nexpect = more\n", "timed out after 2 s waiting for: more");
}

static void test_flood(void **state)
{
	fails("flood", "", "bytes of console");
}

static void test_child_left_behind(void **state)
{
	assert_int_equal(play("child", ""), VERDICT_PASS);
}

static int setup(void **state)
{
	if (mkdtemp(dir) == NULL) {
		return -1;
	}
	snprintf(console_log, sizeof(console_log), "%s/console", dir);
	snprintf(qemu_log, sizeof(qemu_log), "%s/qemu", dir);
	return 0;
}

static int teardown(void **state)
{
	cases_free(&f);
	unlink(console_log);
	unlink(qemu_log);
	return rmdir(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_missing_plan),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_not_executable),
		cmocka_unit_test(test_time_out),
		cmocka_unit_test(test_guest_error),
		cmocka_unit_test(test_no_log),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_child_left_behind),
	};

	if (argc == 4 && strcmp(argv[1], "--stub") == 0) {
		return stub(argv[2], argv[3]);
	}
	return cmocka_run_group_tests_name("runner_process", tests, setup, teardown);
}
