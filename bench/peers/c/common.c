#include "common.h"
#include <time.h>

enum { MAX_SAMPLES = 4000000, LEAST_SAMPLES = 5 };

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void check(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

void pin(int nth) {
    cpu_set_t allowed, one;
    check(sched_getaffinity(0, sizeof allowed, &allowed) == 0, "sched_getaffinity");
    int count = CPU_COUNT(&allowed);
    nth %= count;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && nth-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            check(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
            return;
        }
    }
}

pid_t fork_peer(void (*body)(void *), void *state) {
    fflush(stdout);
    pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body(state);
        _exit(0);
    }
    return child;
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void measure_latency(settings s, void (*once)(void *), void *state, long pause_us) {
    int64_t *samples = malloc(MAX_SAMPLES * sizeof *samples);
    check(samples != NULL, "malloc");
    memset(samples, 0, MAX_SAMPLES * sizeof *samples);   /* no page fault shall be measured */
    long n = 0;
    int64_t begin = now_ns(), counted = begin + s.warm_ms * 1000000, end = counted + s.time_ms * 1000000;
    while (n < MAX_SAMPLES) {
        if (pause_us > 0)
            usleep(pause_us);
        int64_t start = now_ns();
        once(state);
        int64_t stop = now_ns();
        if (start >= counted)
            samples[n++] = stop - start;
        if (stop >= end && n >= LEAST_SAMPLES)
            break;
    }
    qsort(samples, n, sizeof *samples, ascending);
    printf("{\"unit\":\"ns\",\"min\":%ld,\"p50\":%ld,\"p99\":%ld,\"n\":%ld}\n", (long)samples[0], (long)samples[n / 2], (long)samples[n * 99 / 100], n);
    fflush(stdout);
    free(samples);
}

void print_value(const char *metric, const char *unit, double value) {
    printf("{\"metric\":\"%s\",\"unit\":\"%s\",\"min\":%.3f,\"p50\":%.3f,\"p99\":%.3f,\"n\":1}\n", metric, unit, value, value, value);
    fflush(stdout);
}
