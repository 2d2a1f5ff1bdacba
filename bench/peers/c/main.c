/* Usage: peers WHAT [warm ms] [time ms] [count]; prints one JSON line per measurement. */
#include "common.h"

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    settings s = {
        argc > 2 ? atol(argv[2]) : 200,
        argc > 3 ? atol(argv[3]) : 500,
        argc > 4 ? atol(argv[4]) : 100000,
    };
    int known = strncmp(what, "futex-", 6) == 0 ? run_futex(what + 6, s)
        : strcmp(what, "pipe") == 0 || strcmp(what, "socket") == 0 ? run_stream(what, s)
        : strcmp(what, "eight-callers") == 0 ? run_eight_callers(s)
        : strcmp(what, "copies-1m") == 0 ? run_copies(s)
        : strcmp(what, "mutex") == 0 ? run_mutex(s)
        : strcmp(what, "socket-items") == 0 ? run_socket_items(s)
        : strcmp(what, "file") == 0 ? run_file(s)
        : 0;
    if (!known)
        fprintf(stderr, "unknown: '%s'; known: futex-{spin,sleep}, futex-{spin,sleep}-one-core, futex-sleep-idle, pipe, socket, eight-callers, copies-1m, mutex, socket-items, file\n", what);
    return known ? 0 : 2;
}
