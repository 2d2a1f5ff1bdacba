"""Units of work for `kern lab gil`: computing and waiting, by threads and by tasks of one interpreter."""
import asyncio
import threading
import time

_PIECE = 2000


def compute(steps):
    x = 1
    for _ in range(steps):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def wait(seconds):
    time.sleep(seconds)
    return 0


def calibrate(seconds):
    """How many steps take so long."""
    steps = 20000
    compute(steps)
    best = min(_time(compute, steps) for _ in range(5))
    return max(1, int(steps * seconds / best))


def threads(workers, units, computing, amount):
    """Seconds until all units are done by so many threads."""
    work = compute if computing else wait
    numbers, lock = iter(range(units)), threading.Lock()
    barrier = threading.Barrier(workers + 1)

    def run():
        barrier.wait()
        while True:
            with lock:
                if next(numbers, None) is None:
                    return
            work(amount)

    crowd = [threading.Thread(target=run) for _ in range(workers)]
    for one in crowd:
        one.start()
    barrier.wait()
    begin = time.perf_counter()
    for one in crowd:
        one.join()
    return time.perf_counter() - begin


async def tasks(workers, units, computing, amount):
    """Seconds until all units are done by so many tasks at a time."""
    numbers = iter(range(units))

    async def run():
        for _ in numbers:
            if computing:
                for done in range(0, amount, _PIECE):
                    compute(min(_PIECE, amount - done))
                    await asyncio.sleep(0)
            else:
                await asyncio.sleep(amount)

    begin = time.perf_counter()
    await asyncio.gather(*(run() for _ in range(workers)))
    return time.perf_counter() - begin


def _time(function, argument):
    begin = time.perf_counter()
    function(argument)
    return time.perf_counter() - begin
