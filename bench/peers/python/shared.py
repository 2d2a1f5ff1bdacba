"""multiprocessing's Lock and Value: two processes that want them all the time."""

import multiprocessing
import time

import lines


def compete(lock, running, count):
    while running.value:
        with lock:
            count.value += 1


def contended(settings):
    context = multiprocessing.get_context("spawn")
    lock = context.Lock()
    running = context.Value("b", 1, lock=False)
    count = context.Value("q", 0, lock=False)
    other = context.Process(target=compete, args=(lock, running, count))
    other.start()
    while count.value == 0:
        time.sleep(0.001)   # until the other one runs
    before, begin = count.value, time.perf_counter()
    end = begin + settings.time_ms / 1000
    while time.perf_counter() < end:
        with lock:
            count.value += 1
    lines.print_value((count.value - before) / (time.perf_counter() - begin), "calls/s")
    running.value = 0
    other.join()


MEASURES = {"shared-lock": contended}
