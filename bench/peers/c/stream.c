/* One byte there and back through pipes or a Unix socket: what a program would write first. Not pinned: the system decides. */
#include "common.h"
#include <sys/socket.h>

typedef struct {
    int read, write;
} ends;

static void answer(void *state) {
    ends *e = state;
    char byte;
    while (read(e->read, &byte, 1) == 1)
        check(write(e->write, &byte, 1) == 1, "write");
}

static void ask(void *state) {
    ends *e = state;
    char byte = 1;
    check(write(e->write, &byte, 1) == 1, "write");
    check(read(e->read, &byte, 1) == 1, "read");
}

int run_stream(const char *kind, settings s) {
    ends host, child;
    if (strcmp(kind, "socket") == 0) {
        int pair[2];
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
        host = (ends){ pair[0], pair[0] };
        child = (ends){ pair[1], pair[1] };
    } else {
        int there[2], back[2];
        check(pipe(there) == 0 && pipe(back) == 0, "pipe");
        host = (ends){ back[0], there[1] };
        child = (ends){ there[0], back[1] };
    }
    pid_t id = fork_peer(answer, &child);
    measure_latency(s, ask, &host, 0);
    kill(id, SIGKILL);
    waitpid(id, NULL, 0);
    return 1;
}
