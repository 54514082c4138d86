/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check-config: config_check() on the host, at build time. Linked with one configs/NAME.c, the rules, and the
 * partition images themselves, so that what is judged is what boots. Prints every broken rule; exit status 1
 * if one of them is fatal. The machine's part of the rules runs at boot.
 */
#include <stdio.h>

#include <hyp/platform.h>

static void report(void *ctx, const char *rule, bool fatal, const char *text)
{
	(void)ctx;
	fprintf(stderr, "configs/%s.c: %s: %s [%s]\n", hyp_config.name != NULL ? hyp_config.name : "?",
		fatal ? "error" : "warning", text, rule);
}

int main(void)
{
	unsigned fatal = config_check(&hyp_config, NULL, report, NULL);

	if (fatal != 0) {
		fprintf(stderr, "configs/%s.c: %u rules broken, no image is built\n",
			hyp_config.name != NULL ? hyp_config.name : "?", fatal);
	}
	return fatal == 0 ? 0 : 1;
}
