"""multiprocessing.Pool, spawned workers."""

import array
import multiprocessing
import os
import tempfile
import time

import lines
import work


def new_pool(workers):
    pool = multiprocessing.get_context("spawn").Pool(workers)
    pool.map(work.wait, [0.3 if workers > 1 else 0] * workers, chunksize=1)  # several: longer than a start
    return pool


def call(settings):
    with new_pool(1) as pool:
        lines.print_latency(settings, lambda: pool.apply(work.nothing))


def tiny(settings):
    with new_pool(2) as pool:
        lines.print_rate(settings.count, lambda: [r.get() for r in [pool.apply_async(work.nothing) for _ in range(settings.count)]])


def echo(size):
    def run(settings):
        data = bytes(size)
        with new_pool(1) as pool:
            lines.print_latency(settings, lambda: pool.apply(work.echo, (data,)))
    return run


def at_best_chunk_size(settings, function, inputs, check, run=lambda pool, *how, chunksize: pool.map(*how, chunksize=chunksize)):
    """The rate of a map at its best chunk size, which a tenth of the inputs finds. `inputs(count)` makes them, within the time."""
    with new_pool(2) as pool:
        def seconds(count, chunk):
            start = time.perf_counter()
            check(run(pool, function, inputs(count), chunksize=chunk), count)
            return time.perf_counter() - start

        trial = max(settings.count // 10, 1000)
        best = min([trial // 2, trial // 8, trial // 32, 1000], key=lambda chunk: seconds(trial, chunk))
        share = trial / best  # as many chunks for all inputs as were best for a tenth of them, or chunks as large
        chunk = best if best == 1000 else max(int(settings.count / share), 1)
        lines.print_value(settings.count / seconds(settings.count, chunk), "items/s")


def map_integers(settings):
    def check(results, count):
        total = 0
        for result in results:
            total += result
        assert total == count * (count + 1) // 2

    at_best_chunk_size(settings, work.increment, range, check)


def imap_integers(settings):
    def check(results, count):
        assert sum(results) == count * (count + 1) // 2

    at_best_chunk_size(settings, work.increment, range, check, lambda pool, *how, chunksize: pool.imap_unordered(*how, chunksize=chunksize))


def map_places(settings):
    places = [(float(number), 1.0) for number in range(settings.count)]

    def check(results, count):
        assert sum(results) == count * (count + 1) / 2

    at_best_chunk_size(settings, work.total, lambda count: places[:count], check)


def map_texts(settings):
    texts = [f"text {number}" for number in range(settings.count)]

    def check(results, count):
        assert all(result == text + text for result, text in zip(results, texts[:count], strict=True))

    at_best_chunk_size(settings, work.double, lambda count: texts[:count], check)


def map_records(settings):
    def check(results, count):
        done = 0
        for result in results:
            assert result.number == done
            done += 1
        assert done == count

    at_best_chunk_size(settings, work.echo, lambda count: (work.order(number) for number in range(count)), check)


def record(settings):
    data = work.order()
    with new_pool(1) as pool:
        lines.print_latency(settings, lambda: pool.apply(work.echo, (data,)))


def echo_array(settings):
    """As many doubles as make 8 MB, pickled both ways."""
    data = array.array("d", bytes(8_000_000))
    with new_pool(1) as pool:
        lines.print_latency(settings, lambda: pool.apply(work.echo, (data,)))


def cold(settings):
    samples = []
    for number in range(-1, settings.count):  # the first one starts the resource tracker
        start = time.perf_counter_ns()
        pool = multiprocessing.get_context("spawn").Pool(1)
        assert pool.apply(work.increment, (41,)) == 42
        if number >= 0:
            samples.append(time.perf_counter_ns() - start)
        pool.terminate()
        pool.join()
    lines.print_samples(samples)


def kill(settings):
    """The pool replaces the worker by itself, within its own interval; the call that killed it never ends."""
    samples = []
    for _ in range(settings.count):
        with new_pool(2) as pool:
            start = time.perf_counter_ns()
            pool.apply_async(work.die)
            before = {worker.pid for worker in pool._pool}
            while {worker.pid for worker in pool._pool} == before:
                time.sleep(0.0005)
            while len(set(pool.map(work.wait, [0.001] * 4, chunksize=1))) < 2:
                pass
            samples.append(time.perf_counter_ns() - start)
    lines.print_samples(samples)


def capacity(settings):
    samples = []
    for number in range(settings.count):
        with new_pool(1) as pool:
            process = pool.apply(work.process_id)
            path = os.path.join(tempfile.gettempdir(), f"pool-{os.getpid()}-{number}")
            pool.apply_async(work.tell_and_wait, (path,))
            killed = work.kill_when_busy(process, path)
            samples.append(pool.apply(work.now) - killed)
    lines.print_samples(samples)


MEASURES = {
    "pool-call": call,
    "pool-tiny": tiny,
    "pool-bytes-1m": echo(1 << 20),
    "pool-bytes-64m": echo(64 << 20),
    "pool-map": map_integers,
    "pool-imap": imap_integers,
    "pool-map-places": map_places,
    "pool-map-texts": map_texts,
    "pool-map-records": map_records,
    "pool-record": record,
    "pool-kill": kill,
    "pool-capacity": capacity,
    "pool-array": echo_array,
    "pool-cold": cold,
}
