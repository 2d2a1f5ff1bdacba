/* Two processes take turns on a word of shared memory: the least that a call to another process can cost. */
#include "common.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

typedef struct {
    _Alignas(64) _Atomic uint32_t ping;
    _Alignas(64) _Atomic uint32_t pong;
    int sleeps, one_core;
} turns;

static void wait_for(turns *t, _Atomic uint32_t *word, uint32_t value) {
    uint32_t seen;
    while ((seen = atomic_load_explicit(word, memory_order_acquire)) != value) {
        if (t->sleeps)
            syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
        else if (t->one_core)
            sched_yield();   /* spinning alone would wait for the end of a time slice */
        else
            relax();
    }
}

static void set(turns *t, _Atomic uint32_t *word, uint32_t value) {
    atomic_store_explicit(word, value, memory_order_release);
    if (t->sleeps)
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void answer(void *state) {
    turns *t = state;
    pin(t->one_core ? 0 : 1);
    for (uint32_t turn = 1;; turn++) {
        wait_for(t, &t->ping, turn);
        set(t, &t->pong, turn);
    }
}

static void ask(void *state) {
    turns *t = state;
    uint32_t turn = atomic_load_explicit(&t->ping, memory_order_relaxed) + 1;
    set(t, &t->ping, turn);
    wait_for(t, &t->pong, turn);
}

int run_futex(const char *kind, settings s) {
    int spins = strncmp(kind, "spin", 4) == 0;
    if (!spins && strncmp(kind, "sleep", 5) != 0)
        return 0;
    turns *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(t != MAP_FAILED, "mmap");
    t->sleeps = !spins;
    t->one_core = strstr(kind, "one-core") != NULL;
    pid_t child = fork_peer(answer, t);
    pin(0);
    measure_latency(s, ask, t, strstr(kind, "idle") ? 10000 : 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return 1;
}
