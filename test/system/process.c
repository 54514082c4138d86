// SPDX-License-Identifier: Apache-2.0
/*
 * Runs one child per `struct run`: starts it in a process group of its own, feeds its console to the judge and to a
 * log, and ends it with SIGKILL to the whole group when its time is up, the hypervisor has stopped or the case is
 * done. A child dies with the runner (PR_SET_PDEATHSIG), so nothing is left behind when the runner itself is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

enum {
	QUIET_MS = 1000, /* a system that stopped or is done has said everything after this much silence */
	STOP_MS = 5000,
	WAIT_MS = 20,    /* pace of looking for the end of a child that closed its console */
	RUN_MAX = 8,
};

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

/* In the child. Only returns if the program cannot be executed. */
static void child(const struct run_options *o, int in, int out, pid_t parent)
{
	const struct rlimit size = { FILE_SIZE_MAX, FILE_SIZE_MAX };

	if (!o->interactive) {
		if (in < 0) {
			in = open("/dev/null", O_RDONLY);
		}
		setpgid(0, 0);
		if (in < 0 || dup2(in, STDIN_FILENO) < 0) {
			return;
		}
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_FSIZE, &size);
	if (getppid() != parent) {
		return;
	}
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) {
		return;
	}
	/* execvp() does not write to the words; its prototype predates const. */
	execvp(o->argv[0], (char *const *)(uintptr_t)o->argv);
	dprintf(STDERR_FILENO, "%s: %s\n", o->argv[0], strerror(errno));
}

static bool cannot_start(struct result *result, const char *what)
{
	result->verdict = VERDICT_FAIL;
	snprintf(result->why, sizeof(result->why), "%.300s: %s", what, strerror(errno));
	return false;
}

static void close_keys(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}

static bool spawn(struct run *r, const struct run_options *o)
{
	pid_t parent = getpid();
	int keys[2] = { -1, -1 };
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0) {
		return cannot_start(r->result, "pipe");
	}
	if (r->c->type_count > 0 && !o->interactive && pipe2(keys, O_CLOEXEC | O_NONBLOCK) != 0) {
		close(fd[0]);
		close(fd[1]);
		return cannot_start(r->result, "pipe");
	}
	r->pid = fork();
	if (r->pid < 0) {
		close(fd[0]);
		close(fd[1]);
		close_keys(keys[0]);
		close_keys(keys[1]);
		return cannot_start(r->result, "fork");
	}
	if (r->pid == 0) {
		child(o, keys[0], fd[1], parent);
		_exit(127);
	}
	if (!o->interactive) {
		setpgid(r->pid, r->pid); /* whoever of the two is first; a kill must find the group */
	}
	close(fd[1]);
	close_keys(keys[0]);
	r->console = fd[0];
	r->keyboard = keys[1];
	return true;
}

bool run_start(struct run *r, const struct test_case *c, struct result *result, const struct run_options *o)
{
	*r = (struct run){ .c = c, .result = result, .console = -1, .keyboard = -1, .quiet_ms = UINT64_MAX };
	*result = (struct result){ .verdict = VERDICT_FAIL };
	snprintf(result->log, sizeof(result->log), "%s", o->log);
	snprintf(r->qemu_log, sizeof(r->qemu_log), "%s", o->qemu_log != NULL ? o->qemu_log : "");
	if (o->qemu_log != NULL && unlink(o->qemu_log) != 0 && errno != ENOENT) {
		return cannot_start(result, o->qemu_log);
	}
	r->log = fopen(o->log, "we");
	if (r->log == NULL) {
		return cannot_start(result, o->log);
	}
	judge_init(&r->judge, c);
	r->interactive = o->interactive;
	r->start_ms = now_ms();
	r->deadline_ms = o->interactive ? UINT64_MAX : r->start_ms + (uint64_t)c->timeout * 1000u;
	r->stop_ms = UINT64_MAX;
	r->used = spawn(r, o);
	if (!r->used) {
		fclose(r->log);
	}
	return r->used;
}

static void kill_run(const struct run *r)
{
	kill(r->interactive ? r->pid : -r->pid, SIGKILL);
}

/* What is waited for is there: the next keys. They fit into the pipe; a system that is gone needs none. */
static void type_keys(struct run *r)
{
	while (r->keyboard >= 0 && r->typed < r->judge.prompted) {
		const char *text = r->c->type[r->typed++].text;

		if (write(r->keyboard, text, strlen(text)) != (ssize_t)strlen(text) && errno != EPIPE) {
			judge_fail(&r->judge, "typing: %s", strerror(errno));
		}
	}
}

static void take(struct run *r, const char *data, size_t size)
{
	if (r->judge.bytes <= CONSOLE_LIMIT) {
		fwrite(data, 1, size, r->log);
	}
	if (r->interactive) {
		fwrite(data, 1, size, stdout);
		fflush(stdout);
	}
	judge_bytes(&r->judge, data, size);
	type_keys(r);
	if (r->judge.stopped || (r->c->end == END_DONE && judge_is_done(&r->judge))) {
		uint64_t now = now_ms();

		r->quiet_ms = now + QUIET_MS;
		r->stop_ms = r->stop_ms == UINT64_MAX ? now + STOP_MS : r->stop_ms;
	}
}

/* One read. False at the end of the console. */
static bool read_some(struct run *r)
{
	char data[4096];
	ssize_t n = read(r->console, data, sizeof(data));

	if (n > 0) {
		take(r, data, (size_t)n);
		return true;
	}
	return n < 0 && (errno == EINTR || errno == EAGAIN);
}

/* What is still in the pipe of a dead child; a grandchild that keeps it open is not waited for. */
static void drain(struct run *r)
{
	if (r->console < 0) {
		return;
	}
	fcntl(r->console, F_SETFL, O_NONBLOCK);
	for (unsigned i = 0; i < 256; i++) {
		char data[4096];
		ssize_t n = read(r->console, data, sizeof(data));

		if (n <= 0) {
			break;
		}
		take(r, data, (size_t)n);
	}
	close(r->console);
	r->console = -1;
}

static void judge_log(struct run *r)
{
	FILE *log;

	if (r->qemu_log[0] == '\0' || r->judge.why[0] != '\0') {
		return;
	}
	log = fopen(r->qemu_log, "re");
	if (log == NULL) {
		judge_fail(&r->judge, "QEMU wrote no log: %.300s", r->qemu_log);
		return;
	}
	judge_qemu_log(&r->judge, log);
	fclose(log);
}

static struct run *finish(struct run *r, int status)
{
	struct result *result = r->result;

	drain(r);
	result->verdict = judge_end(&r->judge, status, r->ended);
	judge_log(r);
	if (r->judge.why[0] != '\0') {
		result->verdict = VERDICT_FAIL;
	}
	memcpy(result->why, r->judge.why, sizeof(result->why));
	result->ms = (unsigned long)(now_ms() - r->start_ms);
	result->ok = judge_ok(&r->judge);
	result->skipped = judge_skipped(&r->judge);
	close_keys(r->keyboard);
	fclose(r->log);
	r->used = false;
	return r;
}

/* Says what the case was waiting for, which is what its reader wants to know. */
static void time_out(struct run *r)
{
	const struct judge *j = &r->judge;
	const char *missing = "its end";

	for (size_t i = 0; i < j->tap_count; i++) {
		missing = tap_is_complete(&j->tap[i]) ? missing : j->tap[i].name;
	}
	if (j->expected < r->c->expect.count) {
		missing = r->c->expect.at[j->expected]->text;
	}
	judge_fail(&r->judge, "timed out after %u s waiting for: %.300s", r->c->timeout, missing);
}

/* Deadlines and the child's end. Returns r if the run is over. */
static struct run *check(struct run *r)
{
	uint64_t now = now_ms();
	int status;

	if (waitpid(r->pid, &status, WNOHANG) == r->pid) {
		if (!r->interactive) {
			kill_run(r); /* children it may have left behind */
		}
		return finish(r, status);
	}
	if (r->judge.bytes > CONSOLE_LIMIT || now >= r->quiet_ms || now >= r->stop_ms) {
		r->ended = true;
	} else if (now >= r->deadline_ms) {
		time_out(r);
	} else {
		return NULL;
	}
	kill_run(r);
	waitpid(r->pid, &status, 0);
	return finish(r, status);
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int poll_timeout(const struct run *runs, size_t count)
{
	uint64_t next = UINT64_MAX;
	uint64_t now = now_ms();

	for (size_t i = 0; i < count; i++) {
		const struct run *r = &runs[i];

		if (r->used) {
			next = min_u64(next, min_u64(r->deadline_ms, min_u64(r->quiet_ms, r->stop_ms)));
			next = r->console < 0 ? min_u64(next, now + WAIT_MS) : next;
		}
	}
	return next <= now ? 0 : (int)min_u64(next - now, 1000);
}

struct run *run_poll(struct run *runs, size_t count)
{
	struct pollfd fds[RUN_MAX];

	count = count > RUN_MAX ? RUN_MAX : count;
	for (size_t i = 0; i < count; i++) {
		fds[i] = (struct pollfd){ .fd = runs[i].used ? runs[i].console : -1, .events = POLLIN };
	}
	if (poll(fds, count, poll_timeout(runs, count)) < 0 && errno != EINTR) {
		perror("poll");
		exit(2);
	}
	for (size_t i = 0; i < count; i++) {
		struct run *r = &runs[i];

		if (r->used && fds[i].revents != 0 && !read_some(r)) {
			close(r->console);
			r->console = -1;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (runs[i].used && check(&runs[i]) != NULL) {
			return &runs[i];
		}
	}
	return NULL;
}
