/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measuring by turns.  A contender is one way to do an operation; it lives in
 * a process of its own, so that contenders do not share caches of the
 * allocator, mappings or engines, and so that one which dies spoils only its
 * own figures.  A group lets its contenders take samples by turns (A B C A B
 * C ...), and its rows set two of them against each other.
 *
 * Values are nanoseconds per operation, or bytes.
 */
#ifndef VMS_BENCH_BENCH_H
#define VMS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_ROUNDS_MAX 41

/* One measured value, or in why the reason that there is none. */
struct figure {
	double value;
	char why[120];
	bool absent; /* why: this host does not have it, which is no failure */
};

/* What the command line said. */
struct bench_env {
	const char *self;   /* this program, for --bare */
	const char *cli;    /* the vmspace program */
	const char *guests; /* directory of the guest programs */
	const char *data;   /* directory of data.h; gone at the end */
};

struct contender {
	const char *name;
	/* Returns the state for sample(), or fills in out->why. */
	void *(*open)(const struct contender *self, const struct bench_env *env,
	    struct figure *out);
	void (*sample)(void *state, struct figure *out);
	unsigned number; /* parameters of open() */
	const char *text;
};

struct series {
	double values[BENCH_ROUNDS_MAX];
	unsigned count;
	char why[120]; /* not empty: no figures */
	bool absent;
};

#define ROW_ALONE (-1)

/* goal_ratio, goal_value: upper limits, 0 where there is none. */
struct row {
	const char *what;
	const char *unit;
	double scale; /* of the unit, in nanoseconds or bytes */
	int ours;     /* index of a contender */
	int against;  /* the same, or ROW_ALONE */
	double goal_ratio;
	double goal_value; /* in the unit */
};

struct group {
	const char *name;
	const struct contender *contenders;
	size_t contender_count;
	const struct row *rows;
	size_t row_count;
	unsigned rounds;
};

/* Where rows are printed to, and what of them is counted. */
struct table {
	FILE *out;
	bool csv;
	unsigned met;
	unsigned missed;
	unsigned
	    absent; /* rows without a figure, as the host lacks something */
	unsigned failed; /* rows without a figure, as something went wrong */
};

double clock_ns(void);

/* Sets out->why, printf-like. */
void figure_fail(struct figure *out, const char *format, ...);
/* The same for what this host does not have. */
void figure_absent(struct figure *out, const char *why);

/* Times count calls of op, after a tenth of that to warm up; op tells by false
 * that it has filled in out->why. */
void figure_time(struct figure *out,
    bool (*op)(void *state, struct figure *out), void *state, unsigned count);

/* Runs fn in a child process and hands its figure back. */
void figure_isolated(
    void (*fn)(void *arg, struct figure *out), void *arg, struct figure *out);

/* Takes rounds samples of each contender, by turns. */
void contenders_measure(const struct contender *contenders, size_t count,
    const struct bench_env *env, unsigned rounds, struct series *series);

double series_median(const struct series *series);
/* The median of the quotients a/b of each round. */
double series_ratio(const struct series *a, const struct series *b);

void group_run(const struct group *group, const struct bench_env *env,
    struct table *table);

void table_begin(struct table *table);
void table_row(struct table *table, const struct row *row,
    const struct contender *contenders, const struct series *series);
void table_end(const struct table *table);

/* One line each: processor and system; versions of what is measured. */
void machine_print(FILE *out, const char *prefix);

/* The groups, in the order in which they run: one file each. */
extern const struct group group_syscall, group_reflected, group_resolved,
    group_zerofill, group_create, group_memory, group_switch, group_compute,
    group_phases, group_getppid, group_startup, group_trace, group_trace_size,
    group_sha256sum, group_gzip, group_xz, group_sort, group_gawk,
    group_sqlite3, group_python, group_starts, group_pingpong, group_threads,
    group_blocks, group_sleepers;

#endif
