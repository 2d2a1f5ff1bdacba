/* 8 bytes at a time, one way, through a Unix socket; and 64 KiB at a time into a file. */
#include "common.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>

enum { LOOK = 1024, BLOCK = 64 << 10 };

static void send_items(void *state) {
    int to = *(int *)state;
    for (int64_t item = 0;; item++)
        check(write(to, &item, sizeof item) == sizeof item, "write");
}

int run_socket_items(settings s) {
    int pair[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    pid_t id = fork_peer(send_items, &pair[1]);
    int64_t begin = now_ns(), counted = begin + s.warm_ms * 1000000, end = counted + s.time_ms * 1000000;
    int64_t next = 0, before = 0, start = begin, now = begin;
    while (now < end) {
        for (int i = 0; i < LOOK; i++) {
            int64_t item;
            check(read(pair[0], &item, sizeof item) == sizeof item && item == next++, "read");
        }
        now = now_ns();
        if (now < counted)
            before = next, start = now;
    }
    print_value("", "items/s", (next - before) / ((now - start) / 1e9));
    kill(id, SIGKILL);
    waitpid(id, NULL, 0);
    return 1;
}

static void write_blocks(int file, const char *block, long count) {
    for (long i = 0; i < count; i++)
        check(write(file, block, BLOCK) == BLOCK, "write");
}

int run_file(settings s) {
    const char *folder = getenv("TMPDIR");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/kernmantle-bench-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(path);
    check(file >= 0, "mkstemp");
    unlink(path);
    char *block = malloc(BLOCK);
    check(block != NULL, "malloc");
    memset(block, 1, BLOCK);
    write_blocks(file, block, s.count / 8);
    int64_t start = now_ns();
    write_blocks(file, block, s.count);
    print_value("", "B/s", (double)s.count * BLOCK / ((now_ns() - start) / 1e9));
    free(block);
    return 1;
}
