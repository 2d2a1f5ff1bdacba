/* Two processes that want one pthread mutex in shared memory all the time: how often it is taken in a second. */
#include "common.h"
#include <sys/mman.h>

typedef struct {
    pthread_mutex_t mutex;
    _Atomic int running;
    long count;   /* under the mutex */
} shared;

static void take(shared *s) {
    pthread_mutex_lock(&s->mutex);
    s->count++;
    pthread_mutex_unlock(&s->mutex);
}

static void compete(void *state) {
    shared *s = state;
    pin(1);
    while (atomic_load_explicit(&s->running, memory_order_relaxed))
        take(s);
}

int run_mutex(settings settings) {
    shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(s != MAP_FAILED, "mmap");
    pthread_mutexattr_t attributes;
    check(pthread_mutexattr_init(&attributes) == 0 && pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0
        && pthread_mutex_init(&s->mutex, &attributes) == 0, "pthread_mutex_init");
    s->running = 1;
    pid_t child = fork_peer(compete, s);
    pin(0);
    int64_t begin = now_ns(), counted = begin + settings.warm_ms * 1000000, end = counted + settings.time_ms * 1000000;
    long before = 0;
    for (int64_t now = begin; now < end; now = now_ns()) {
        if (now < counted)
            before = s->count;
        for (int i = 0; i < 100; i++)
            take(s);
    }
    double seconds = (now_ns() - counted) / 1e9;
    print_value("", "calls/s", (s->count - before) / seconds);
    s->running = 0;
    waitpid(child, NULL, 0);
    return 1;
}
