"""Units of work for `kern lab gil`: computing, waiting and counting, by threads of one interpreter. Also Python 2.7: Jython's."""
import threading
import time

import kern_lab_work
from kern_lab_work import compute

try:
    from java.lang import System
except ImportError:
    clock = time.perf_counter
else:
    def clock():                   # time.time counts milliseconds there
        return System.nanoTime() / 1e9

_STEPS, _RUNS, _STEADY, _MOST = 20000, 5, 3, 3.0


def has(module):
    try:
        __import__(module)
        return True
    except ImportError:
        return False


def wait(seconds):
    time.sleep(seconds)
    return 0


def calibrate(seconds):
    """How many steps take so long, once whole units have not become faster for a while: just-in-time compilers come late."""
    steps, steady, end = _STEPS, 0, clock() + _MOST
    while steady < _STEADY and clock() < end:
        best = min(_time(steps) for _ in range(_RUNS))
        fitting = int(steps * seconds / best)
        steady = 0 if fitting > 1.2 * steps else steady + 1
        steps = max(steps, fitting)
    return steps


def _time(steps):
    begin = clock()
    compute(steps)
    return clock() - begin


def lost(threads, times, called):
    """The share of unguarded counts that are not in the total, when so many threads have counted so often each."""
    work = kern_lab_work.count_called if called else kern_lab_work.count
    kern_lab_work.taken()
    crowd(threads, lambda number: work(times))
    return 1.0 - float(kern_lab_work.taken()) / (threads * times)


def units_by(workers, units, work):
    """Seconds until so many threads have done all units: work(number of the thread)."""
    left, lock = iter(range(units)), threading.Lock()

    def run(number):
        while True:
            with lock:
                if next(left, None) is None:
                    return
            work(number)

    return crowd(workers, run)


def crowd(count, run):
    """Seconds from the common begin of so many threads to the last end: run(number of the thread)."""
    ready, go, failures = threading.Semaphore(0), threading.Event(), []

    def begin(number):
        ready.release()
        go.wait()
        try:
            run(number)
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for _ in threads:
        ready.acquire()
    started = clock()
    go.set()
    for each in threads:
        each.join()
    if failures:
        raise failures[0]
    return clock() - started
