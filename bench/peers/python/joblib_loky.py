"""joblib: its executor (loky), one call at a time, and Parallel, which makes batches of tiny calls by itself."""

import time

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

import lines
import work


def executor(workers):
    pool = get_reusable_executor(max_workers=workers, timeout=600)
    list(pool.map(work.wait, [0.3] * workers))
    return pool


def call(settings):
    pool = executor(1)
    lines.print_latency(settings, lambda: pool.submit(work.nothing).result())
    pool.shutdown()


def tiny(settings):
    with joblib.Parallel(n_jobs=2, backend="loky") as parallel:
        parallel(joblib.delayed(work.wait)(0.3) for _ in range(2))
        lines.print_rate(settings.count, lambda: parallel(joblib.delayed(work.nothing)() for _ in range(settings.count)))


def kill(settings):
    """A dead worker breaks the executor; asking for it again makes a new one."""
    samples = []
    for _ in range(settings.count):
        pool = executor(2)
        start = time.perf_counter_ns()
        try:
            pool.submit(work.die).result()
        except TerminatedWorkerError:
            pass
        pool = get_reusable_executor(max_workers=2, timeout=600)
        while len(set(pool.map(work.wait, [0.001] * 4))) < 2:
            pass
        samples.append(time.perf_counter_ns() - start)
        pool.shutdown()
    lines.print_samples(samples)


MEASURES = {"loky-call": call, "loky-tiny": tiny, "loky-kill": kill}
