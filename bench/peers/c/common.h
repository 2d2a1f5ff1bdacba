/* What every peer in C shares: time, samples, the JSON line. */
#pragma once
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    long warm_ms, time_ms, count;   /* how long to warm up, how long to measure, how many where a number is fixed */
} settings;

int64_t now_ns(void);
void check(int ok, const char *what);

/* The n-th processor this process may run on. */
void pin(int nth);

/* Forks; the child ends with its parent and never returns. */
pid_t fork_peer(void (*body)(void *), void *state);

/* Calls `once` for warm_ms unseen, then for time_ms, and prints min, p50, p99. `pause_us` of idleness come before each. */
void measure_latency(settings s, void (*once)(void *), void *state, long pause_us);
void print_value(const char *metric, const char *unit, double value);

/* The peers. */
int run_futex(const char *kind, settings s);
int run_stream(const char *kind, settings s);
int run_eight_callers(settings s);
int run_copies(settings s);
int run_mutex(settings s);
int run_socket_items(settings s);
int run_file(settings s);
