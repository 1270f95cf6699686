/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers: one child process for each contender, which takes a sample
 * whenever it reads a byte and answers with a figure.
 */
#include "bench/bench.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int ask;
	int answer;
};

double
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void
figure_fail(struct figure *out, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(out->why, sizeof(out->why), format, ap);
	va_end(ap);
}

void
figure_absent(struct figure *out, const char *why)
{
	figure_fail(out, "%s", why);
	out->absent = true;
}

static bool
repeat(struct figure *out, bool (*op)(void *state, struct figure *out),
    void *state, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!op(state, out))
			return false;
	}
	return true;
}

void
figure_time(struct figure *out, bool (*op)(void *state, struct figure *out),
    void *state, unsigned count)
{
	double start;

	if (!repeat(out, op, state, count / 10))
		return;
	start = clock_ns();
	if (repeat(out, op, state, count))
		out->value = (clock_ns() - start) / count;
}

static bool
read_whole(int fd, void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len > 0) {
		ssize_t got = read(fd, p, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		len -= (size_t)got;
	}
	return true;
}

static void
figure_died(struct figure *out, int status)
{
	if (WIFSIGNALED(status))
		figure_fail(out, "died of signal %d", WTERMSIG(status));
	else
		figure_fail(out, "ended with status %d", WEXITSTATUS(status));
}

static void
worker_serve(const struct contender *contender, const struct bench_env *env,
    int ask, int answer)
{
	struct figure figure = { 0 };
	void *state = contender->open(contender, env, &figure);
	char byte;

	for (;;) {
		if (write(answer, &figure, sizeof(figure)) < 0)
			_exit(1);
		if (figure.why[0] != '\0' || read(ask, &byte, 1) != 1)
			_exit(0);
		contender->sample(state, &figure);
	}
}

/* In the child: a pipe of another worker that stays open would keep that
 * worker from its end. */
static void
workers_forget(const struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (workers[i].pid > 0) {
			close(workers[i].ask);
			close(workers[i].answer);
		}
	}
}

/* Starts workers[at]; those before it have been started. */
static bool
worker_start(struct worker *workers, size_t at,
    const struct contender *contender, const struct bench_env *env)
{
	struct worker *worker = &workers[at];
	int ask[2], answer[2];

	worker->pid = -1;
	if (pipe(ask) != 0)
		return false;
	if (pipe(answer) != 0)
		return close(ask[0]), close(ask[1]), false;
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid == 0) {
		workers_forget(workers, at);
		close(ask[1]);
		close(answer[0]);
		worker_serve(contender, env, ask[0], answer[1]);
	}
	close(ask[0]);
	close(answer[1]);
	worker->ask = ask[1];
	worker->answer = answer[0];
	return worker->pid > 0;
}

static void
worker_stop(struct worker *worker, int *status)
{
	*status = 0;
	if (worker->pid <= 0)
		return;
	close(worker->ask);
	close(worker->answer);
	while (waitpid(worker->pid, status, 0) < 0 && errno == EINTR)
		;
	worker->pid = -1;
}

/* Waits for a figure; a worker that has none to give is ended. */
static void
worker_answer(struct worker *worker, struct figure *out)
{
	int status;

	if (read_whole(worker->answer, out, sizeof(*out))) {
		if (out->why[0] != '\0')
			worker_stop(worker, &status);
		return;
	}
	worker_stop(worker, &status);
	figure_died(out, status);
}

static void
series_fail(struct series *series, const struct figure *figure)
{
	memcpy(series->why, figure->why, sizeof(series->why));
	series->absent = figure->absent;
}

static void
series_add(struct series *series, const struct figure *figure)
{
	if (figure->why[0] != '\0')
		series_fail(series, figure);
	else
		series->values[series->count++] = figure->value;
}

static void
workers_round(struct worker *workers, size_t count, struct series *series)
{
	for (size_t i = 0; i < count; i++) {
		struct figure figure = { 0 };

		if (workers[i].pid <= 0)
			continue;
		if (write(workers[i].ask, "", 1) != 1)
			figure_fail(&figure, "%s", strerror(errno));
		else
			worker_answer(&workers[i], &figure);
		series_add(&series[i], &figure);
	}
}

void
contenders_measure(const struct contender *contenders, size_t count,
    const struct bench_env *env, unsigned rounds, struct series *series)
{
	struct worker *workers = calloc(count, sizeof(*workers));
	int status;

	memset(series, 0, count * sizeof(*series));
	if (workers == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct figure figure = { 0 };

		if (worker_start(workers, i, &contenders[i], env))
			worker_answer(&workers[i], &figure);
		else
			figure_fail(&figure, "%s", strerror(errno));
		series_fail(&series[i], &figure);
	}
	/* The first round warms up and is not kept. */
	workers_round(workers, count, series);
	for (size_t i = 0; i < count; i++)
		series[i].count = 0;
	for (unsigned round = 0; round < rounds; round++)
		workers_round(workers, count, series);
	for (size_t i = 0; i < count; i++)
		worker_stop(&workers[i], &status);
	free(workers);
}

void
figure_isolated(
    void (*fn)(void *arg, struct figure *out), void *arg, struct figure *out)
{
	struct worker worker = { .ask = -1 };
	int answer[2], status;

	if (pipe(answer) != 0) {
		figure_fail(out, "pipe: %s", strerror(errno));
		return;
	}
	worker.pid = fork();
	if (worker.pid == 0) {
		struct figure figure = { 0 };

		fn(arg, &figure);
		_exit(write(answer[1], &figure, sizeof(figure)) < 0);
	}
	close(answer[1]);
	if (worker.pid < 0)
		figure_fail(out, "fork: %s", strerror(errno));
	worker.answer = answer[0];
	if (worker.pid > 0)
		worker_answer(&worker, out);
	worker_stop(&worker, &status);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const double *values, unsigned count)
{
	double sorted[BENCH_ROUNDS_MAX];

	memcpy(sorted, values, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), compare);
	if (count % 2 == 1)
		return sorted[count / 2];
	return (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

double
series_median(const struct series *series)
{
	return median(series->values, series->count);
}

double
series_ratio(const struct series *a, const struct series *b)
{
	double quotients[BENCH_ROUNDS_MAX] = { 0 };
	unsigned count = a->count < b->count ? a->count : b->count;

	for (unsigned i = 0; i < count; i++)
		quotients[i] = a->values[i] / b->values[i];
	return median(quotients, count);
}

void
group_run(
    const struct group *group, const struct bench_env *env, struct table *table)
{
	struct series *series = calloc(group->contender_count, sizeof(*series));

	if (series == NULL)
		abort();
	contenders_measure(group->contenders, group->contender_count, env,
	    group->rounds, series);
	for (size_t i = 0; i < group->row_count; i++)
		table_row(table, &group->rows[i], group->contenders, series);
	free(series);
}
