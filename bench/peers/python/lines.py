"""One JSON line per measurement, and the loop that measures a latency."""

import json
import time


def print_samples(samples, metric="", unit="ns"):
    ordered = sorted(samples)
    count = len(ordered)
    line = {"unit": unit, "min": ordered[0], "p50": ordered[count // 2], "p99": ordered[count * 99 // 100], "n": count}
    if metric:
        line["metric"] = metric
    print(json.dumps(line), flush=True)


def print_value(value, unit, metric=""):
    print_samples([value], metric, unit)


def print_latency(settings, once):
    """Runs `once` for the warm-up unseen, then until the time is over, 5 times at the least."""
    end = time.perf_counter_ns() + settings.warm_ms * 1_000_000
    while time.perf_counter_ns() < end:
        once()
    samples = []
    end = time.perf_counter_ns() + settings.time_ms * 1_000_000
    while time.perf_counter_ns() < end or len(samples) < 5:
        start = time.perf_counter_ns()
        once()
        samples.append(time.perf_counter_ns() - start)
    print_samples(samples)


def print_rate(count, run):
    """Calls a second of `run`, which makes `count` of them."""
    start = time.perf_counter()
    run()
    print_value(count / (time.perf_counter() - start), "calls/s")
