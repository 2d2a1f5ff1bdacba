/* Four copies of 1 MiB, one after the other: what a call with a byte array costs where nothing but copying does. */
#include "common.h"

enum { SIZE = 1 << 20, COPIES = 4 };

static void copy(void *state) {
    char **buffers = state;
    for (int i = 0; i < COPIES; i++) {
        memcpy(buffers[i + 1], buffers[i], SIZE);
        __asm__ volatile("" ::: "memory");
    }
}

int run_copies(settings s) {
    char *buffers[COPIES + 1];
    for (int i = 0; i <= COPIES; i++) {
        check((buffers[i] = malloc(SIZE)) != NULL, "malloc");
        memset(buffers[i], i, SIZE);
    }
    measure_latency(s, copy, buffers, 0);
    return 1;
}
