// SPDX-License-Identifier: Apache-2.0
/*
 * Prints the table of `make bench`: what the guest measured (lines `bench: NAME N.N` on the console) beside the
 * figure's limit, our target and the peers' figure. Ends with 1 if a figure is over its limit, was announced and not
 * measured, or was measured and is not in the list. A target that is missed is shown but does not fail.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIGURE_MAX = 64, NAME_SIZE = 32, TEXT_SIZE = 64, LINE_SIZE = 512, EXIT_USAGE = 2,
       VALUE_MAX = 1000000000 };

struct figure {
	char name[NAME_SIZE];
	bool has_limit;
	bool has_target;
	bool measured;
	unsigned long long limit; /* these three in tenths */
	unsigned long long target;
	unsigned long long value;
	char peers[TEXT_SIZE];
	char what[TEXT_SIZE];
};

static struct figure figures[FIGURE_MAX];
static size_t figure_count;

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1])) {
		*--end = '\0';
	}
	return s + strspn(s, " \t");
}

static struct figure *find(const char *name)
{
	for (size_t i = 0; i < figure_count; i++) {
		if (strcmp(figures[i].name, name) == 0) {
			return &figures[i];
		}
	}
	return NULL;
}

/* `N` or `N.N` in tenths; whatever follows must be blank. */
static bool tenths(const char *s, unsigned long long *out)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)*s)) {
		return false;
	}
	errno = 0;
	n = strtoull(s, &end, 10);
	if (errno != 0 || n > VALUE_MAX) {
		return false;
	}
	*out = n * 10;
	if (*end == '.' && isdigit((unsigned char)end[1])) {
		*out += (unsigned)(end[1] - '0');
		end += 2;
	}
	return end[strspn(end, " \t\r\n")] == '\0';
}

/* A number, or `-` for none. */
static bool number(const char *s, bool *has, unsigned long long *out)
{
	*has = strcmp(s, "-") != 0;
	return !*has || tenths(s, out);
}

/* name | limit | target | peers | what */
static bool parse_limit(char *line)
{
	struct figure *f = &figures[figure_count];
	char *field[5];
	char *rest = line;

	for (size_t i = 0; i < 5; i++) {
		char *one = strsep(&rest, "|");

		if (one == NULL) {
			return false;
		}
		field[i] = trim(one);
	}
	if (rest != NULL || figure_count == FIGURE_MAX || field[0][0] == '\0' || strlen(field[0]) >= NAME_SIZE ||
	    find(field[0]) != NULL) {
		return false;
	}
	*f = (struct figure){ 0 };
	if (!number(field[1], &f->has_limit, &f->limit) || !number(field[2], &f->has_target, &f->target)) {
		return false;
	}
	snprintf(f->name, sizeof(f->name), "%s", field[0]);
	snprintf(f->peers, sizeof(f->peers), "%s", field[3]);
	snprintf(f->what, sizeof(f->what), "%s", field[4]);
	figure_count++;
	return true;
}

static bool read_limits(const char *file)
{
	char line[LINE_SIZE];
	FILE *in = fopen(file, "r");
	unsigned n = 0;
	bool good = in != NULL;

	while (good && fgets(line, sizeof(line), in) != NULL) {
		char *text = trim(line);

		n++;
		if (text[0] != '\0' && text[0] != '#' && !parse_limit(text)) {
			fprintf(stderr, "%s:%u: expected name | limit | target | peers | what\n", file, n);
			good = false;
		}
	}
	if (in == NULL) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
	} else {
		fclose(in);
	}
	return good;
}

/* `[partition] bench: NAME N.N`; false for a figure that nobody listed. */
static bool take(const char *line)
{
	static const char mark[] = "bench: ";
	const char *at = strstr(line, mark);
	unsigned long long value;
	char name[NAME_SIZE];
	struct figure *f;
	int used = 0;

	if (line[0] != '[' || at == NULL || sscanf(at + sizeof(mark) - 1, "%31s %n", name, &used) != 1 ||
	    !tenths(at + sizeof(mark) - 1 + used, &value)) {
		return true;
	}
	f = find(name);
	if (f == NULL) {
		printf("not in the list: %s %llu.%llu\n", name, value / 10, value % 10);
		return false;
	}
	f->measured = true;
	f->value = value;
	return true;
}

static bool read_console(const char *file)
{
	char line[LINE_SIZE];
	FILE *in = fopen(file, "r");
	bool good = true;

	if (in == NULL) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		good = take(line) && good;
	}
	fclose(in);
	return good;
}

static void print_number(bool there, unsigned long long v)
{
	if (there) {
		printf(" %10llu.%llu", v / 10, v % 10);
	} else {
		printf(" %12s", "-");
	}
}

/* Prints one row; false if it makes the run fail. */
static bool print_figure(const struct figure *f)
{
	bool over = f->measured && f->has_limit && f->value > f->limit;
	const char *verdict = "ok";

	if (!f->measured) {
		verdict = "NOT MEASURED";
	} else if (over) {
		verdict = "OVER ITS LIMIT";
	} else if (f->has_target && f->value > f->target) {
		verdict = "above target";
	}
	printf("%-26s", f->name);
	print_number(f->measured, f->value);
	print_number(f->has_target, f->target);
	print_number(f->has_limit, f->limit);
	printf("  %-26s %-14s %s\n", f->peers, verdict, f->what);
	return f->measured && !over;
}

int main(int argc, char **argv)
{
	bool good = true;

	if (argc != 3) {
		fprintf(stderr, "usage: bench LIMITS CONSOLE\n");
		return EXIT_USAGE;
	}
	if (!read_limits(argv[1])) {
		return EXIT_USAGE;
	}
	good = read_console(argv[2]);
	printf("%-26s %12s %12s %12s  %-26s %-14s %s\n", "figure", "measured", "target", "limit", "peers", "verdict",
	       "instructions for");
	for (size_t i = 0; i < figure_count; i++) {
		good = print_figure(&figures[i]) && good;
	}
	return good && figure_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
