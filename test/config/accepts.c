/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges the one configuration it is linked with, on the host, by the config_check() that runs at boot:
 *     check-NAME [--bad]
 * One CMocka case: the configuration is accepted, or with --bad refused. Every broken rule is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <hyp/config.h>
#include <hyp/platform.h>

static void print(void *ctx, const char *rule, bool fatal, const char *text)
{
	const char *name = ctx;

	printf("%s: %s: [%s] %s\n", name, fatal ? "error" : "note", rule, text);
}

static char name[128];

static void accepted(void **state)
{
	(void)state;
	assert_int_equal(config_check(&hyp_config, NULL, print, name), 0);
}

static void refused(void **state)
{
	(void)state;
	assert_int_not_equal(config_check(&hyp_config, NULL, print, name), 0);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct CMUnitTest test = { .name = name, .test_func = accepted };

	(void)snprintf(name, sizeof(name), "%s", slash ? slash + 1 : argv[0]);
	if (argc > 1 && strcmp(argv[1], "--bad") == 0) {
		test.test_func = refused;
	}
	return _cmocka_run_group_tests("configuration", &test, 1, NULL, NULL);
}
