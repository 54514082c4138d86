// SPDX-License-Identifier: Apache-2.0
/* The judge of a console: every way to fail is seen to fail, and a good console passes. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "system/runner.h"

static struct case_file f;
static struct judge j;

/* One case with the given further lines, and a console. */
static enum verdict run(const char *keys, const char *console, int status)
{
	static char text[4096];

	snprintf(text, sizeof(text), "[a]\nconfig = c\n%s", keys);
	cases_free(&f);
	if (!cases_parse(&f, "list", text)) {
		fail_msg("%s", f.error);
	}
	judge_init(&j, &f.at[0]);
	judge_bytes(&j, console, strlen(console));
	return judge_end(&j, status, false);
}

static void fails(const char *keys, const char *console, const char *why)
{
	assert_int_equal(run(keys, console, 0), VERDICT_FAIL);
	if (strstr(j.why, why) == NULL) {
		fail_msg("'%s' does not say '%s'", j.why, why);
	}
}

static const char tap[] = "tap = test\n";

static void test_good_stream(void **state)
{
	assert_int_equal(run(tap, "hyp: hello\r\n[test] 1..2\r\n[test] # note\n[test] ok 1 - a\n[test] ok 2 b\n", 0),
			 VERDICT_PASS);
	assert_int_equal(judge_ok(&j), 2);
	assert_int_equal(run(tap, "[test] ok 1\n[test] ok 2\n[test] 1..2", 0), VERDICT_PASS);
}

static void test_bad_streams(void **state)
{
	fails(tap, "[test] 1..2\n[test] ok 1\n[test] not ok 2 - DMA landed\n", "[test] not ok 2 - DMA landed");
	fails(tap, "[test] 1..2\n[test] ok 1\n", "1 results where the plan says 2");
	fails(tap, "[test] 1..1\n[test] ok 1\n[test] ok 2\n", "2 results where the plan says 1");
	fails(tap, "[test] ok 1\n", "no TAP plan");
	fails("tap = test\nexpect = hi\n", "hi\n", "no TAP plan from partition test");
	fails(tap, "[test] 1..1\n[test] ok 2\n", "test 2 where 1 was due");
	fails(tap, "[test] 1..2\n[test] ok 1\n[test] ok 1\n", "test 1 where 2 was due");
	fails(tap, "[test] 1..1\n[test] 1..1\n[test] ok 1\n", "a second plan");
	fails(tap, "[test] 1..0\n", "a plan of no tests");
	fails(tap, "[test] 1..99999999999999999999\n", "plan that cannot be read");
	fails(tap, "[test] 1..2\n[test] ok 1\n[test] Bail out! no edu\n", "Bail out! no edu");
	fails(tap, "[test] 1..1\n[test] not ok 1 - x # TODO later\n", "not ok 1");
	fails(tap, "[test] 1..1\n[test] not ok 1 - x # SKIP no\n", "not ok 1");
	fails(tap, "[test] 1..1\n[test] okay 1\n", "0 results");
}

/* A partition nobody asked for that prints TAP is held to it as well. */
static void test_every_partition_is_judged(void **state)
{
	fails(tap, "[test] 1..1\n[test] ok 1\n[other] not ok 1 - leak\n", "[other] not ok 1 - leak");
	fails(tap, "[test] 1..1\n[test] ok 1\n[other] ok 1\n", "[other] no plan");
	assert_int_equal(run(tap, "[test] 1..1\n[other] 1..1\n[other] ok 1\n[test] ok 1\n", 0), VERDICT_PASS);
	assert_int_equal(judge_ok(&j), 2);
}

static void test_skips_are_not_passes(void **state)
{
	assert_int_equal(run(tap, "[test] 1..2\n[test] ok 1 - a # SKIP no S1\n[test] ok 2 - b\n", 0), VERDICT_PASS);
	assert_int_equal(judge_ok(&j), 1);
	assert_int_equal(judge_skipped(&j), 1);
	assert_int_equal(run(tap, "[test] 1..1\n[test] ok 1 # skip all\n", 0), VERDICT_SKIP);
	assert_int_equal(run(tap, "[test] 1..0 # SKIP no device\n", 0), VERDICT_SKIP);
	assert_int_equal(run(tap, "[test] 1..1\n[test] ok 1 - reads C# SKIPs\n", 0), VERDICT_PASS);
	assert_int_equal(judge_ok(&j), 1);
}

static void test_expected_lines(void **state)
{
	const char *keys = "expect = one\nexpect = /^t.o$/\n";

	assert_int_equal(run(keys, "zero\none\nx\ntwo\n", 0), VERDICT_PASS);
	assert_int_equal(run(keys, "zero\none\nx\ntwo", 0), VERDICT_PASS);
	fails(keys, "two\none\n", "never appeared (2 of 2 in order): ^t.o$");
	fails(keys, "", "never appeared (1 of 2 in order): one");
	assert_int_equal(run("anywhere = b\nanywhere = a\n", "a\nb\n", 0), VERDICT_PASS);
	fails("anywhere = b\nanywhere = a\n", "a\n", "never appeared: b");
	fails("expect = a\nreject = /wor.e/\n", "a\nmuch worse\n", "must not appear: much worse");
}

static void test_stop(void **state)
{
	fails("expect = a\n", "a\nhyp: Design Safe State: x\n", "the hypervisor stopped");
	fails("expect = a\n", "a\nhyp: panic: why\nhyp: Design Safe State: x\n",
	      "the hypervisor stopped: hyp: panic: why");
	fails("expect = a\nend = stop\n", "a\n", "did not stop in the Design Safe State");
	assert_int_equal(run("expect = a\nend = stop\n", "a\nhyp: Design Safe State: x\n", 0), VERDICT_PASS);
	/* A guest can say so, too, but it is not the hypervisor. */
	assert_int_equal(run("expect = a\n", "a\n[test] Design Safe State\n", 0), VERDICT_PASS);
	fails("expect = a\nend = stop\n", "a\n[test] Design Safe State\n", "did not stop");
}

/* A partition that crashes on purpose may leave its stream open, but must not fail in it. */
static void test_unfinished(void **state)
{
	const char *keys = "tap = other\nunfinished = test\nend = done\nexpect = go\n";

	assert_int_equal(run(keys, "[test] 1..1\ngo\n[other] ok 1\n[other] 1..1\n", 0), VERDICT_PASS);
	assert_true(judge_is_done(&j));
	fails(keys, "go\n[test] 1..1\n[test] not ok 1 - x\n[other] ok 1\n[other] 1..1\n", "[test] not ok 1 - x");
	fails(keys, "go\n[test] 1..1\n[other] ok 1\n[other] 1..2\n", "1 results where the plan says 2");
	assert_false(judge_is_done(&j));
	fails(keys, "go\n[test] 1..1\n", "no TAP plan from partition other");
	assert_false(judge_is_done(&j));
	fails(keys, "[test] 1..1\n[other] ok 1\n[other] 1..1\n", "never appeared (1 of 1 in order): go");
	assert_false(judge_is_done(&j));
	fails(keys, "go\n[third] ok 1\n[other] ok 1\n[other] 1..1\n", "[third] no plan");
	assert_false(judge_is_done(&j));
}

static void test_guests_none(void **state)
{
	fails("expect = a\nguests = none\n", "a\n[driver] hello\n", "a guest ran: [driver] hello");
	assert_int_equal(run("expect = a\nguests = none\n", "a\n", 0), VERDICT_PASS);
}

static void test_exit_status(void **state)
{
	assert_int_equal(run("expect = a\n", "a\n", 1 << 8), VERDICT_FAIL);
	assert_string_equal(j.why, "exit status 1");
	assert_int_equal(run("expect = a\n", "a\n", 6), VERDICT_FAIL);
	assert_string_equal(j.why, "ended by signal 6");
	assert_int_equal(run("expect = a\nbuild = fails\n", "a\n", 2 << 8), VERDICT_PASS);
	fails("expect = a\nbuild = fails\n", "a\n", "was built");
}

static void test_first_reason_is_kept(void **state)
{
	fails(tap, "[test] 1..3\n[test] not ok 1 - first\n[test] not ok 2 - second\nhyp: Design Safe State\n",
	      "not ok 1 - first");
}

static void test_hostile_console(void **state)
{
	static char flood[CONSOLE_LINE * 4];
	const char nul[] = "a\0b\n[test] 1..1\n[test] ok 1\n";

	memset(flood, 'x', sizeof(flood));
	run("expect = end\n", "", 0);
	judge_init(&j, &f.at[0]);
	judge_bytes(&j, flood, sizeof(flood));
	judge_bytes(&j, "\nend\n", 5);
	assert_int_equal(judge_end(&j, 0, false), VERDICT_PASS);
	judge_init(&j, &f.at[0]);
	for (unsigned long n = 0; n <= CONSOLE_LIMIT; n += sizeof(flood)) {
		judge_bytes(&j, flood, sizeof(flood));
	}
	assert_non_null(strstr(j.why, "bytes of console"));

	run("expect = a?b\n", "", 0);
	judge_init(&j, &f.at[0]);
	judge_bytes(&j, nul, sizeof(nul) - 1);
	assert_int_equal(judge_end(&j, 0, false), VERDICT_PASS);

	fails(tap, "[a] ok 1\n[b] ok 1\n[c] ok 1\n[d] ok 1\n[e] ok 1\n[f] ok 1\n[g] ok 1\n[h] ok 1\n[i] ok 1\n",
	      "more than 8 partitions");
	assert_int_equal(run("expect = a\n", "a\n[]\n[] \n[x\n[x]y\n[0123456789012345678901234567890123] ok 1\n", 0),
			 VERDICT_PASS);
}

static enum verdict log_verdict(const char *keys, const char *log)
{
	static char copy[1024];
	FILE *in;

	run(keys, "a\n", 0);
	snprintf(copy, sizeof(copy), "%s", log);
	in = fmemopen(copy, strlen(copy), "r");
	judge_qemu_log(&j, in);
	fclose(in);
	return j.why[0] != '\0' ? VERDICT_FAIL : VERDICT_PASS;
}

static void test_qemu_log(void **state)
{
	assert_int_equal(log_verdict("expect = a\n", "\n"), VERDICT_PASS);
	assert_int_equal(log_verdict("expect = a\n", "pl011 data written to disabled UART\n"), VERDICT_FAIL);
	assert_non_null(strstr(j.why, "guest error: pl011 data"));
	assert_int_equal(log_verdict("expect = a\nallow = /^smmuv3_.*failed/\n", "smmuv3_translate: failed\n"),
			 VERDICT_PASS);
	assert_int_equal(log_verdict("expect = a\nallow = /^smmuv3_.*failed/\n",
				     "smmuv3_translate: failed\nBad STE\n"),
			 VERDICT_FAIL);
}

static int teardown(void **state)
{
	cases_free(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_stream),
		cmocka_unit_test(test_bad_streams),
		cmocka_unit_test(test_every_partition_is_judged),
		cmocka_unit_test(test_skips_are_not_passes),
		cmocka_unit_test(test_expected_lines),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_guests_none),
		cmocka_unit_test(test_exit_status),
		cmocka_unit_test(test_first_reason_is_kept),
		cmocka_unit_test(test_hostile_console),
		cmocka_unit_test(test_qemu_log),
	};

	return cmocka_run_group_tests_name("runner_judge", tests, NULL, teardown);
}
