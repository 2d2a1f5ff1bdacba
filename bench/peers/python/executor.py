"""concurrent.futures.ProcessPoolExecutor, spawned workers."""

import collections
import concurrent.futures
import multiprocessing
import os
import tempfile
import time

import lines
import work


def new_pool(workers):
    return concurrent.futures.ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def warm(pool, workers):
    """Where there are several, longer than a start, so that every worker is needed and started."""
    list(pool.map(work.wait, [0.3 if workers > 1 else 0] * workers))


def call(settings):
    with new_pool(1) as pool:
        warm(pool, 1)
        lines.print_latency(settings, lambda: pool.submit(work.nothing).result())


def call_with_timeout(settings):
    with new_pool(1) as pool:
        warm(pool, 1)
        lines.print_latency(settings, lambda: pool.submit(work.nothing).result(timeout=300))


def tiny(settings):
    with new_pool(2) as pool:
        warm(pool, 2)
        lines.print_rate(settings.count, lambda: [f.result() for f in [pool.submit(work.nothing) for _ in range(settings.count)]])


def loop(settings):
    """As many under way at any time as the others have; the oldest is waited for."""
    def run():
        under_way = collections.deque()
        for number in range(settings.count):
            if len(under_way) == 8:
                under_way.popleft().result()
            under_way.append(pool.submit(work.increment, number))
        while under_way:
            under_way.popleft().result()

    with new_pool(2) as pool:
        warm(pool, 2)
        lines.print_rate(settings.count, run)


def echo(size):
    def run(settings):
        data = bytes(size)
        with new_pool(1) as pool:
            warm(pool, 1)
            lines.print_latency(settings, lambda: pool.submit(work.echo, data).result())
    return run


def cold(settings):
    samples = []
    for number in range(-1, settings.count):  # the first one starts the resource tracker
        start = time.perf_counter_ns()
        pool = new_pool(1)
        assert pool.submit(work.increment, 41).result() == 42
        if number >= 0:
            samples.append(time.perf_counter_ns() - start)
        pool.shutdown()
    lines.print_samples(samples)


def kill(settings):
    """A dead worker breaks the pool: a new one is the only way back to two workers at once."""
    samples = []
    for _ in range(settings.count):
        pool = new_pool(2)
        warm(pool, 2)
        start = time.perf_counter_ns()
        try:
            pool.submit(work.die).result()
        except concurrent.futures.process.BrokenProcessPool:
            pass
        pool.shutdown()
        pool = new_pool(2)
        until_two_serve(lambda: set(pool.map(work.wait, [0.001] * 4)))
        samples.append(time.perf_counter_ns() - start)
        pool.shutdown()
    lines.print_samples(samples)


def capacity(settings):
    """The next call is made at once; it may be the one that finds the pool broken."""
    samples = []
    for number in range(settings.count):
        pool = new_pool(1)
        process = pool.submit(work.process_id).result()
        path = os.path.join(tempfile.gettempdir(), f"executor-{os.getpid()}-{number}")
        pool.submit(work.tell_and_wait, path)
        killed = work.kill_when_busy(process, path)
        while True:
            try:
                begun = pool.submit(work.now).result()
                break
            except concurrent.futures.process.BrokenProcessPool:
                pool.shutdown()
                pool = new_pool(1)
        samples.append(begun - killed)
        pool.shutdown()
    lines.print_samples(samples)


def until_two_serve(serve):
    while len(serve()) < 2:
        pass


def memory(settings):
    with new_pool(4) as pool:
        warm(pool, 4)
        time.sleep(1)
        sizes = []
        for process in pool._processes:
            with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as rollup:
                sizes += [int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:")]
        lines.print_value(sum(sizes) / len(sizes), "B")


MEASURES = {
    "executor-call": call,
    "executor-timeout": call_with_timeout,
    "executor-tiny": tiny,
    "executor-loop": loop,
    "executor-bytes-1m": echo(1 << 20),
    "executor-bytes-64m": echo(64 << 20),
    "executor-cold": cold,
    "executor-kill": kill,
    "executor-capacity": capacity,
    "executor-memory": memory,
}
