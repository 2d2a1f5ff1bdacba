"""The same work in Python's ProcessPoolExecutor with spawned workers.

Reads one command a line from standard input and answers each with one line of JSON:

    cold          start a pool of one worker, run one call, stop it: seconds to the first result
    open N        start a pool of N workers and use each: their process ids
    calls N       N calls one after the other on the open pool: seconds each
    close         stop the open pool

Run it by hand: printf 'cold\n' | python3 bench/peers/process_pool.py
"""

import concurrent.futures
import json
import multiprocessing
import sys
import time


def increment(number):
    return number + 1


def wait_a_little(_):
    time.sleep(0.3)


def new_pool(workers):
    context = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(workers, mp_context=context)


def cold():
    start = time.perf_counter()
    pool = new_pool(1)
    result = pool.submit(increment, 41).result()
    seconds = time.perf_counter() - start
    pool.shutdown()
    assert result == 42
    return seconds


def calls(pool, count):
    seconds = []
    for number in range(count):
        start = time.perf_counter()
        result = pool.submit(increment, number).result()
        seconds.append(time.perf_counter() - start)
        assert result == number + 1
    return seconds


def main():
    pool = None
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "cold":
            answer = cold()
        elif command == "open":
            workers = int(arguments[0])
            pool = new_pool(workers)
            # Longer than a start, so that every worker is needed and started.
            list(pool.map(wait_a_little, range(workers)))
            answer = sorted(pool._processes)
        elif command == "calls":
            answer = calls(pool, int(arguments[0]))
        elif command == "close":
            pool.shutdown()
            answer = None
        else:
            raise ValueError(command)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
