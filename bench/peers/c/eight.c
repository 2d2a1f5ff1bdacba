/* Eight callers on two workers over plain Unix sockets: each caller has a connection, each worker serves four of them in turn. */
#include "common.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { CALLERS = 8, WORKERS = 2, EACH = CALLERS / WORKERS };

typedef struct {
    int host[EACH], worker[EACH];
} connections;

typedef struct {
    int socket;
    int64_t end;
    long calls;
} caller;

static void serve(void *state) {
    connections *c = state;
    struct pollfd polls[EACH];
    for (int i = 0; i < EACH; i++)
        polls[i] = (struct pollfd){ c->worker[i], POLLIN, 0 };
    char byte;
    while (poll(polls, EACH, -1) > 0)
        for (int i = 0; i < EACH; i++)
            if ((polls[i].revents & POLLIN) && read(polls[i].fd, &byte, 1) == 1)
                check(write(polls[i].fd, &byte, 1) == 1, "write");
}

static void *call(void *state) {
    caller *c = state;
    char byte = 1;
    for (; now_ns() < c->end; c->calls++)
        check(write(c->socket, &byte, 1) == 1 && read(c->socket, &byte, 1) == 1, "call");
    return NULL;
}

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static double used(int who) {
    struct rusage u;
    check(getrusage(who, &u) == 0, "getrusage");
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

static long round_of(connections *c, long ms) {
    pthread_t threads[CALLERS];
    caller callers[CALLERS];
    int64_t end = now_ns() + ms * 1000000;
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ c[i / EACH].host[i % EACH], end, 0 };
        check(pthread_create(&threads[i], NULL, call, &callers[i]) == 0, "pthread_create");
    }
    long calls = 0;
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        calls += callers[i].calls;
    }
    return calls;
}

int run_eight_callers(settings s) {
    connections c[WORKERS];
    pid_t ids[WORKERS];
    for (int w = 0; w < WORKERS; w++) {
        for (int i = 0; i < EACH; i++) {
            int pair[2];
            check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
            c[w].host[i] = pair[0];
            c[w].worker[i] = pair[1];
        }
        ids[w] = fork_peer(serve, &c[w]);
    }
    /* The workers' processor time is known when they have ended: warm-up and measure are counted alike, for calls and for time. */
    int64_t start = now_ns();
    long calls = round_of(c, s.warm_ms + s.time_ms);
    double elapsed = (now_ns() - start) / 1e9;
    for (int w = 0; w < WORKERS; w++) {
        kill(ids[w], SIGTERM);
        waitpid(ids[w], NULL, 0);
    }
    print_value("", "calls/s", calls / elapsed);
    print_value("cpu", "ns", (used(RUSAGE_SELF) + used(RUSAGE_CHILDREN)) / calls * 1e9);
    return 1;
}
