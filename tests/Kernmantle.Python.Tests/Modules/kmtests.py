"""Functions that the tests call."""
import asyncio
import collections
import ctypes
import dataclasses
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import typing


def reach(reached, gate):
    """Announces that it was reached, then waits for the gate."""
    open(reached, "w").close()
    while not os.path.exists(gate):
        time.sleep(0.002)


def swallow(reached, gate):
    """As reach, whatever is raised in it."""
    while True:
        try:
            open(reached, "w").close()
            while not os.path.exists(gate):
                time.sleep(0.002)
            return
        except KeyboardInterrupt:
            pass


def clean_up(reached, cleaned):
    try:
        open(reached, "w").close()   # in here: the interrupt may come as soon as it is there
        time.sleep(600)
    except KeyboardInterrupt:
        with open(cleaned, "a") as file:
            file.write("except ")
        raise
    finally:
        with open(cleaned, "a") as file:
            file.write("finally")


def clean_up_until(reached, cleaning, gate, cleaned):
    """As clean_up, for as long as the gate is closed."""
    try:
        open(reached, "w").close()
        time.sleep(600)
    except KeyboardInterrupt:
        open(cleaning, "w").close()
        while not os.path.exists(gate):
            time.sleep(0.002)
        with open(cleaned, "a") as file:
            file.write("once")
        raise


def miss_signals(reached, cleaned):
    """Signals fall where Python does not look at them: C code that waits begins right after each of the first four."""
    import collections
    import ctypes
    import functools
    import operator
    wait = functools.partial(ctypes.CDLL(None).poll, None, 0, -1)
    steps = [functools.partial(os.mknod, reached), wait, wait, wait, wait]
    try:
        collections.deque(map(operator.methodcaller("__call__"), steps), maxlen=0)
        time.sleep(600)
    except KeyboardInterrupt:
        with open(cleaned, "a") as file:
            file.write("interrupted")
        raise


class Finalized:
    """The finalizer takes the time, and gets what is raised meanwhile: Python prints that, and goes on."""

    def __init__(self, reached):
        self.reached = reached

    def __del__(self):
        open(self.reached, "w").close()
        self.wait()

    @staticmethod
    def wait():
        time.sleep(600)


class FinalizedSlowly(Finalized):
    """Its thread is not to be had by a signal, only where it runs Python's code."""

    @staticmethod
    def wait():
        while True:
            pass


def finalize(reached, cleaned, kind=Finalized):
    try:
        kind(reached)
        kind.wait()
    except KeyboardInterrupt:
        with open(cleaned, "a") as file:
            file.write("interrupted")
        raise


def finalize_slowly(reached, cleaned):
    finalize(reached, cleaned, FinalizedSlowly)


async def aio_finalize(reached, cleaned):
    finalize(reached, cleaned)


def handle_signals(reached, gate):
    """A program with a handler of its own: how often it was interrupted."""
    interrupted = 0

    def handler(number, frame):
        nonlocal interrupted
        interrupted += 1

    before = signal.signal(signal.SIGINT, handler)
    try:
        open(reached, "w").close()
        while not os.path.exists(gate):
            time.sleep(0.002)
        return interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def spin(reached):
    open(reached, "w").close()
    while True:
        pass


def hold_lock(reached):
    """C code that does not return and looks at no signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])   # PyPy's sum would look
    open(reached, "w").close()
    sum(itertools.repeat(0))


async def aio_hold_lock():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    sum(itertools.repeat(0))


def add(a, b):
    return a + b


def same(value):
    return value


def twice(n):
    return n * 2


def pid(*_):
    return os.getpid()


def nothing(*_):
    pass


attempts = 0


def third_time():
    global attempts
    attempts += 1
    if attempts % 3:
        raise ValueError("not yet")
    return 3


def append(path, text):
    with open(path, "a") as file:
        file.write(text)


def fail(message="no"):
    raise ValueError(message)


def describe(*args, **keywords):
    return "%r %r" % (args, sorted(keywords.items()))


def keyword_only(a, *, b=2, c):
    return a * 100 + b * 10 + c


class Box:
    def method(self):
        return "method"


box = Box()
not_callable = 5


# Failures

def chained():
    try:
        {}["key"]
    except KeyError as e:
        raise ValueError("outer") from e


def in_context():
    try:
        {}["key"]
    except KeyError:
        raise ValueError("outer")


def suppressed():
    try:
        {}["key"]
    except KeyError:
        raise ValueError("outer") from None


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def unprintable():
    raise Unprintable()


def circle():
    a, b = ValueError("a"), ValueError("b")
    a.__cause__, b.__cause__ = b, a
    raise a


def recurse(n=0):
    return recurse(n + 1) + 1


def deep_chain(count):
    error = None
    for i in range(count):
        try:
            raise ValueError(str(i)) from error
        except ValueError as e:
            error = e
    raise error


def no_memory():
    return bytearray(1 << 62)


def interrupt_itself():
    raise KeyboardInterrupt("by itself")


def exit_with(code):
    sys.exit(code)


def exit_now(code):
    os._exit(code)


def crash(*_):
    ctypes.memset(1, 0, 100)


def kill_itself(number):
    os.kill(os.getpid(), number)
    time.sleep(600)


def abort():
    os.abort()


# Maps

def die_at(pair):
    n, k = pair
    if n == k:
        os._exit(9)
    return n


def die_at_or_log(triple):
    n, k, path = triple
    with open(path, "a") as file:
        file.write("%d\n" % n)
    if n == k:
        os._exit(9)
    return n


def odd_fails(n):
    if n % 2:
        raise ValueError("odd %d" % n)
    return n * n


def mixed(n):
    return "text" if n % 3 == 1 else None if n % 3 == 2 else n


def text_of(n, size=3000):
    return str(n).rjust(size, "-")


def half(n):
    return n / 2


async def side_by_side(n):
    await asyncio.sleep(0.02)
    return n


meeting = 0
met = None


async def meet(n):
    """Waits until thirty of its kind wait at once. The first ones pass: they tell the map that it maps a coroutine function."""
    global meeting, met
    if n < 10:
        await asyncio.sleep(0)
        return n
    met = met or asyncio.Event()
    meeting += 1
    if meeting == 30:
        met.set()
    await met.wait()
    return n


async def aio_odd_fails(n):
    await asyncio.sleep(0)
    if n % 2:
        raise ValueError("odd %d" % n)
    return n * n


def awaits_or_fails(n):
    """No coroutine function, and it fails at once for some."""
    if n % 2:
        raise ValueError("odd %d" % n)
    return aio_odd_fails(n)


class Unusual(BaseException):
    """Nothing that `except Exception` catches."""


def unusual(n):
    if n % 4:
        raise (KeyboardInterrupt, CancelledWithin, Unusual)[n % 4 - 1]()
    return str(n)


class CancelledWithin(asyncio.CancelledError):
    """Of something that the item itself has cancelled."""


async def aio_unusual(n):
    for _ in range(n):             # so that they end one after the other
        await asyncio.sleep(0)
    return unusual(n)


def slow_item(n):
    time.sleep(0.01)
    return n


# Streams

def count(n, path=None):
    for i in range(n):
        if path is not None:
            with open(path, "a") as file:
                file.write(".")
        yield i


async def aio_count(n, path=None):
    for i in range(n):
        if path is not None:
            with open(path, "a") as file:
                file.write(".")
        await asyncio.sleep(0)
        yield i


def endless(ended):
    try:
        i = 0
        while True:
            yield i
            i += 1
    finally:
        open(ended, "w").close()


async def aio_endless(ended):
    try:
        i = 0
        while True:
            await asyncio.sleep(0)
            yield i
            i += 1
    finally:
        open(ended, "w").close()


def busy_after(n, ended):
    """Yields so many, then computes."""
    try:
        for i in range(n):
            yield i
        while True:
            pass
    finally:
        open(ended, "w").close()


def gated_stream(reached, gate):
    yield 1
    yield 2
    reach(reached, gate)
    yield 3


def failing_stream():
    yield 1
    yield 2
    raise ValueError("third")


async def aio_failing_stream():
    yield 1
    await asyncio.sleep(0)
    yield 2
    raise ValueError("third")


def texts_for_ever():
    while True:
        yield "text"


def dying_stream():
    yield 1
    yield 2
    os._exit(4)


async def awaited_list():
    await asyncio.sleep(0)
    return [1, 2, 3]


# Coroutines

gates = {}                         # path -> asyncio event: a thousand wait for one look at the file


async def wait_for(path):
    if path not in gates:
        gates[path] = asyncio.Event()
        look_at(path)
    await gates[path].wait()
    return 1


def look_at(path):
    if os.path.exists(path):
        gates[path].set()
    else:
        asyncio.get_running_loop().call_later(0.005, look_at, path)


async def reach_and_wait(reached, gate):
    open(reached, "w").close()
    return await wait_for(gate)


async def aio_same(value):
    await asyncio.sleep(0.001)
    return value


async def aio_fail(message):
    await asyncio.sleep(0.001)
    raise ValueError(message)


async def aio_spin(reached):
    open(reached, "w").close()
    while True:
        pass


async def aio_swallow(reached, gate):
    open(reached, "w").close()
    while not os.path.exists(gate):
        try:
            await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            pass


async def aio_clean_up(reached, cleaned):
    try:
        open(reached, "w").close()   # in here: the interrupt may come as soon as it is there
        await asyncio.sleep(600)
    finally:
        await asyncio.sleep(0.001)
        open(cleaned, "w").close()


async def aio_spin_clean_up(reached, cleaning, gate, cleaned):
    try:
        open(reached, "w").close()
        while True:
            pass
    finally:
        open(cleaning, "w").close()
        await wait_for(gate)
        open(cleaned, "w").close()


async def aio_exit(code):
    await asyncio.sleep(0.001)
    os._exit(code)


async def aio_sys_exit(code):
    await asyncio.sleep(0.001)
    sys.exit(code)


async def aio_cancel_itself():
    raise asyncio.CancelledError()


def run_a_loop():
    """What a library does that hides asyncio behind synchronous functions."""
    return asyncio.run(aio_same(7))


keyed = 0


async def one_at_a_time(path, n):
    global keyed
    keyed += 1
    try:
        if keyed != 1:
            raise RuntimeError("two at once")
        await asyncio.sleep(0.001)
        append(path, "%d " % n)
    finally:
        keyed -= 1


# Records

@dataclasses.dataclass
class Address:
    street: str
    number: int


@dataclasses.dataclass
class Person:
    first_name: str
    address: Address


Point = collections.namedtuple("Point", "x y")


def move(person: Person, to: Address) -> Person:
    assert type(person) is Person and type(person.address) is Address, (person, type(person.address))
    return Person(person.first_name + "!", Address(to.street, person.address.number + to.number))


def point(x, y):
    return Point(x, y)


def sum_of_point(p: Point):
    assert isinstance(p, Point), type(p)
    return p.x + p.y


def sum_of_point_or_none(p: typing.Optional[Point]):
    return sum_of_point(p) if p is not None else 0


def street_of(address):
    assert type(address) is Address, type(address)
    return address.street


async def aio_street(address: Address):
    return street_of(address)


def street_or_none(address: "Address | None" if sys.version_info >= (3, 10) else typing.Optional[Address]):
    return street_of(address)


class House:
    def __init__(self, address: Address):
        self.address = address

    def street(self):
        return street_of(self.address)


def lies(_):
    return 1 / 0


# What derives from a plain type, and does not say what it is
DERIVED = {
    "str": type("Str", (str,), {"__str__": lies}), "int": type("Int", (int,), {"__int__": lies, "__index__": lies, "__trunc__": lies}),
    "float": type("Float", (float,), {"__float__": lies}), "bytes": type("Bytes", (bytes,), {"__bytes__": lies, "__iter__": lies}),
}


def plain_value(kind, value):
    return DERIVED[kind](value)


# Arrays

def kind_of(array):
    return type(array).__module__ + "." + type(array).__name__


def total(array):
    return sum(array.tolist())


def double_in_place(array):
    for i in range(0, len(array), 1000):
        array[i] = array[i] * 2
    return array


def double_and_fail(array):
    double_in_place(array)
    raise ValueError("after the change")


def ends_of(array):
    return [float(array[0]), float(array[len(array) - 1])]


def filled(n, value):
    import array
    return array.array("d", [value]) * n


def several(n):
    import array
    return {"a": array.array("d", [1.0]) * n, "b": array.array("q", [2]) * n, "c": "text"}


kept = None


def keep(array):
    global kept
    kept = array
    return len(array)


def keep_slice(array):
    global kept
    kept = array[10:-10]
    return len(array)


def kept_values():
    return [float(kept[0]), float(kept[len(kept) // 2]), float(kept[len(kept) - 1])]


def kept_array():
    return kept


def hold_array(array, reached, gate):
    keep(array)
    reach(reached, gate)


async def aio_hold_array(array, reached, gate):
    keep(array)
    await reach_and_wait(reached, gate)


def limit_resource(name, room):
    """So much beside what is in use now, in bytes or descriptors; None lifts that."""
    import resource
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    if room is None:
        soft = hard
    elif kind == resource.RLIMIT_AS:
        with open("/proc/self/statm") as file:
            soft = int(file.read().split()[0]) * resource.getpagesize() + room
    else:
        soft = room + next(n for n in itertools.count() if not os.path.exists("/proc/self/fd/%d" % n))
    resource.setrlimit(kind, (soft, hard))


def change_later(array, gate):
    """A thread goes on writing after the call."""
    def write():
        while not os.path.exists(gate):
            array[0] = array[0] + 1
            time.sleep(0.001)
    threading.Thread(target=write, daemon=True).start()
    return len(array)


async def aio_array(array, n):
    await asyncio.sleep(0.001)
    import array as arrays
    return arrays.array("d", [float(array[0]) + n]) * 20000


def numpy_double(array):
    return array * 2


def numpy_matrix(n, m):
    import numpy
    return numpy.arange(n * m, dtype="f8").reshape(n, m)


def numpy_slice(array):
    return array[100:-100]


def numpy_strided(array):
    return array[::2]


def numpy_backwards(array):
    return array[::-1]


# The process itself

def close(*descriptors):
    for each in descriptors:
        os.close(each)


def close_all():
    os.closerange(3, 1000)
    time.sleep(600)


def close_and_sleep(descriptor):
    os.close(descriptor)
    time.sleep(600)


def write_to(descriptor, data):
    os.write(descriptor, bytes(data))
    time.sleep(600)


def leave_a_child():
    """A process that holds everything the worker has, and lives on: in a session of its own, or it would be killed with the worker."""
    child = subprocess.Popen(["sleep", "600"], close_fds=False, pass_fds=(3, 4, 5), start_new_session=True)
    return child.pid


def fork_and_return():
    child = os.fork()
    if child == 0:
        return "child"
    os.waitpid(child, 0)
    return "parent"


def fork_and_die():
    """A child that lives on, in a session of its own, and a worker that does not."""
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.write(tell, b".")
        time.sleep(600)
        os._exit(0)
    os.read(ready, 1)
    return child


def in_processes(n, method):
    import multiprocessing
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        return pool.map(twice, range(n))


def in_child_print(text):
    child = os.fork()
    if child == 0:
        print(text)
        sys.stdout.flush()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def run_program(text):
    import subprocess
    return subprocess.run([sys.executable, "-c", "print(%r)" % text], stdout=subprocess.PIPE, check=True).stdout.decode()


def in_threads(n):
    results = []
    threads = [threading.Thread(target=lambda i=i: results.append(i * i)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def print_in_a_signal_handler(times):
    """Prints lines, and in a handler others, until the handler has run so often while the worker was writing a line."""
    lines, handled, within = 0, 0, 0

    def handler(number, frame):
        nonlocal handled, within
        print("handled %d" % handled)
        handled += 1
        while frame is not None and frame.f_code.co_name not in ("write", "send"):
            frame = frame.f_back
        within += frame is not None
        signal.setitimer(signal.ITIMER_REAL, 0.0002)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0002)
    try:
        while within < times:
            print("line %d" % lines)
            lines += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return lines, handled


def warnings_of_what_never_ran():
    """What Python says when the agent gives up coroutines that have not begun."""
    import gc
    import warnings
    agent = sys._getframe(1).f_globals
    batch = object.__new__(agent["Batch"])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for coroutine in (agent["finish"](aio_same(1)), agent["async_stream"](0, aio_same(1)), batch.gather(aio_same(1))):
            agent["close"](coroutine)
        coroutine = None
        gc.collect()
    return [str(each.message) for each in seen]


def cancel_late(count):
    """Cancellations of calls that have ended, and how many the agent remembers."""
    cancelled = sys._getframe(1).f_globals["State"].cancelled
    before = len(cancelled)
    cancelled.update(range(1 << 40, (1 << 40) + count))
    return before


def signals_blocked():
    return sorted(int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, []))


def write_pid(path, *others):
    with open(path, "w") as file:
        file.write("%s\n" % " ".join(map(str, (os.getpid(),) + others)))


def tell_and_spin(path):
    write_pid(path)
    while True:
        pass


def tell_and_hold_lock(path):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    write_pid(path)
    sum(itertools.repeat(0))


def tell_of_child_and_sleep(path):
    child = subprocess.Popen(["sleep", "100000"])
    write_pid(path, child.pid)
    time.sleep(600)


def tell_and_sleep(path):
    write_pid(path)
    time.sleep(600)


async def tell_and_wait(path):
    write_pid(path)
    await asyncio.sleep(600)


# --- Channels ---------------------------------------------------------------------------------------------------------

def double_all(source, target):
    """Iterates over one channel and puts into another."""
    count = 0
    for item in source:
        target.put(item * 2)
        count += 1
    target.close()
    return count


async def aio_double_all(source, target):
    count = 0
    async for item in source:
        await target.put_async(item * 2)
        count += 1
    target.close()
    return count


def keep_object(item):
    """It stays beyond the call."""
    global kept_object
    kept_object = item


def forget_object():
    global kept_object
    kept_object = None


def get_kept():
    return kept_object.get()


def give_kept():
    return kept_object


def get(channel, *options):
    return channel.get(*options)


def put_at_once(channel):
    channel.put_nowait(1)


def get_outcome(channel, *options):
    """The item, or the name and the text of what was raised."""
    try:
        return channel.get(*options)
    except BaseException as e:
        return "%s: %s" % (type(e).__name__, e)


def put_outcome(channel, item, *options):
    try:
        channel.put(item, *options)
        return "put"
    except BaseException as e:
        return "%s: %s" % (type(e).__name__, e)


def announce_and_get(announced, channel):
    """For who must know that the call has begun."""
    announced.put(True)
    return channel.get()


async def aio_announce_and_get(announced, channel):
    await announced.put_async(True)
    return await channel.get_async()


noted = []


def announce_and_note(announced, channel):
    announced.put(True)
    noted.append(channel.get())


async def aio_announce_and_note(announced, channel):
    await announced.put_async(True)
    noted.append(await channel.get_async())


def take_noted():
    taken = noted[:]
    noted.clear()
    return taken


def announce_and_acquire(announced, lock):
    announced.put(True)
    return lock.acquire()


async def aio_get(channel):
    return await channel.get_async()


async def aio_get_within(channel, timeout):
    """The item, or None: what asyncio cancels takes no item with it."""
    try:
        return await asyncio.wait_for(channel.get_async(), timeout)
    except asyncio.TimeoutError:
        return None


async def aio_get_many(channel, count):
    return sum(await asyncio.gather(*[channel.get_async() for _ in range(count)]))


def get_in_threads(channel, threads, count):
    """Threads that take together; the main one waits for them, and reads nothing itself."""
    taken = []

    def take():
        for _ in range(count):
            taken.append(channel.get())

    all_of_them = [threading.Thread(target=take) for _ in range(threads)]
    for each in all_of_them:
        each.start()
    for each in all_of_them:
        each.join()
    return sorted(taken)


def fail_into(channel, text):
    """Ends the channel with an error."""
    try:
        raise ValueError(text)
    except ValueError as e:
        return channel.close(e)


def take_and_die(channel):
    channel.get()
    os._exit(7)


def is_closed_error(channel):
    import kernmantle
    try:
        channel.get()
    except kernmantle.ChannelClosed as e:
        return isinstance(e, EOFError) and isinstance(channel, kernmantle.ChannelReader)
    return False


def move_all(source, target):
    count = 0
    for item in source:
        target.put(item)
        count += 1
    return count


# --- Shared state -----------------------------------------------------------------------------------------------------

def fill(array, value):
    for at in range(len(array)):
        array[at] = value
    return [type(array).__name__, len(array)]


def keep_item(at, value):
    """Of an array that was kept: the one there, which is replaced."""
    before = kept_object[at]
    kept_object[at] = value
    return before


def keep_object_slice(array, start, end):
    """What is made of an array keeps its memory as well."""
    global kept_object
    kept_object = array[start:end]


def add_under(lock, array, count):
    """As many times one more, each a read and a write."""
    for _ in range(count):
        with lock:
            array[0] += 1


async def aio_add_under(lock, array, count):
    async def one():
        for _ in range(count // 4):
            async with lock:
                before = array[0]
                await asyncio.sleep(0)
                array[0] = before + 1

    await asyncio.gather(*[one() for _ in range(4)])


def hold(lock, reached, gate):
    with lock:
        reach(reached, gate)


def take_lock(lock, *options):
    return lock.acquire(*options)


def lock_outcome(lock, *options):
    """What it comes to, and gives it back."""
    try:
        if not lock.acquire(*options):
            return "not in time"
        lock.release()
        return "taken"
    except Exception as e:
        return type(e).__name__


def repair(lock):
    lock.acquire(repair=True)
    before = lock.is_consistent
    lock.mark_consistent()
    lock.release()
    return [before, lock.is_consistent]


def release(lock):
    try:
        lock.release()
        return "released"
    except RuntimeError as e:
        return "RuntimeError"


def take_twice(lock):
    with lock:
        with lock:
            return True


def read_and_write(lock):
    with lock.read():
        read_beside = []
        thread = threading.Thread(target=lambda: read_beside.append(lock.acquire_read()) or lock.release_read())
        thread.start()
        thread.join()
        write_beside = []
        thread = threading.Thread(target=lambda: write_beside.append(lock.acquire_write(False)))
        thread.start()
        thread.join()
    with lock.write():
        pass
    return read_beside + write_beside


def permits(semaphore):
    with semaphore:
        taken = [semaphore.value, semaphore.acquire(False), semaphore.acquire(timeout=0.01)]
    semaphore.release()
    return taken + [semaphore.value]


def wait_for_event(event, answer):
    waited = event.wait()
    before = event.is_set()
    event.clear()
    answer.set()
    return [waited, before, event.is_set(), event.wait(0.01)]


async def aio_wait_many(event, semaphore, count):
    """So many tasks that wait for either; how many did not in vain."""
    return sum(await asyncio.gather(*[event.wait_async() for _ in range(count)], *[semaphore.acquire_async() for _ in range(count)]))


async def aio_wait_for_event(event):
    return await event.wait_async()


def count_down(countdown):
    return [countdown.value, countdown.signal(), countdown.value, countdown.wait(0)]


def meet_times(barrier, times):
    return [barrier.wait() for _ in range(times)]


def meet_outcome(barrier):
    try:
        return str(barrier.wait())
    except Exception as e:
        return type(e).__name__


def produce(condition, lock, array, count):
    for _ in range(count):
        with lock:
            condition.wait_for(lambda: array[0] == 0, lock)
            array[0] = 1
            condition.notify_all()


async def aio_consume(condition, lock, array, count):
    for _ in range(count):
        async with lock:
            while array[0] == 0:
                await condition.wait_async(lock)
            array[0] = 0
            condition.notify_all()
    return count


def change_value(value):
    first = value.read()
    value.write(5)
    return [first, value.exchange(7), value.compare_exchange(9, 5), value.compare_exchange(9, 7), value.add(2), value.value]


def name_failure(function, *arguments):
    try:
        globals()[function](*arguments)
    except Exception as e:
        return type(e).__name__


def wait_without(condition, lock):
    condition.wait(lock)


def sum_up(places, told, sums, lock):
    count = 0
    for place in places:
        with lock:
            sums[place] += 1
            told.put((place, int(sums[place])))
        count += 1
    return count


# --- Limits ---

def fill_memory(megabytes):
    filled = []
    for _ in range(megabytes):
        filled.append(bytearray(b"x" * (1 << 20)))
    return len(filled)


def burn():
    while True:
        pass


def open_files(count):
    return len([open("/dev/null") for _ in range(count)])


def write_lines(count):
    for _ in range(count):
        print("x" * 99)
    return count


def log_lines(count):
    import logging
    for _ in range(count):
        logging.getLogger("talker").warning("y" * 200)
    return count


def log_lines_and_reach(count, reached):
    log_lines(count)
    reach_marker(reached)
    return count


def start_threads(count):
    import threading
    gate = threading.Event()
    threads = [threading.Thread(target=gate.wait, daemon=True) for _ in range(count)]
    try:
        for each in threads:
            each.start()
    finally:
        gate.set()
    return count


async def aio_fill_memory(megabytes):
    import asyncio
    await asyncio.sleep(0)
    return fill_memory(megabytes)


running, most_running = 0, 0


async def aio_count_running(turns):
    """How many of these ran at once, at most."""
    import asyncio
    global running, most_running
    running += 1
    most_running = max(most_running, running)
    for _ in range(turns):
        await asyncio.sleep(0)
    running -= 1
    return most_running


def burn_after(reached):
    reach_marker(reached)
    burn()


def stand_still(reached):
    """In C code, which holds the interpreter's lock."""
    reach_marker(reached)
    return sum(iter(lambda: 0, 1))


def reach_marker(path):
    with open(path, "w"):
        pass


# --- Objects that live in a worker ---

class Counter:
    """Counts up."""

    def __init__(self, start=0, step=1):
        if step == 0:
            raise ValueError("a step of 0")
        self.value = start
        self.step = step
        self.inside = 0

    def add(self, times=1):
        self.value += times * self.step
        return self.value

    async def add_slowly(self):
        """Loses counts unless calls on one object run one at a time."""
        import asyncio
        before = self.value
        for _ in range(5):
            await asyncio.sleep(0)
        self.value = before + self.step
        return self.value

    def up_to(self, end):
        while self.value < end:
            self.value += self.step
            yield self.value

    def total(self, array):
        self.value += int(sum(array))
        return self.value

    def die(self):
        os._exit(3)


async def make_counter(start):
    import asyncio
    await asyncio.sleep(0)
    return Counter(start)


counters = []


def watched_counter():
    import weakref
    counter = Counter()
    counters.append(weakref.ref(counter))
    return counter


def living_counters():
    import gc
    gc.collect()
    return sum(1 for each in counters if each() is not None)


# --- Functions of the host's program ---

def call_back(function, *args):
    return function(*args)


async def aio_call_back(function, count):
    import asyncio
    return await asyncio.gather(*[function.call_async(n) for n in range(count)])


def report_each(progress, count):
    for n in range(count):
        progress.report(n / count)
    return count


def outcome_of(function, *args):
    try:
        return function(*args)
    except Exception as e:
        return "%s: %s" % (type(e).__name__, e)


def add_to_all(array, n):
    for at in range(len(array)):
        array[at] += n
    return array


# --- A thread for each call ---

def wait_for_ever(event):
    return event.wait()


met_threads = []


def meet_threads(count):
    """Returns when so many are in here at once."""
    import time
    met_threads.append(None)
    while len(met_threads) < count:
        time.sleep(0.001)
    return len(met_threads)


# --- Microthreads ---

def micro_wait(gate):
    return gate.get()


async def aio_micro_wait(gate):
    return micro_wait(gate)


def micro_squares(count):
    import stackless
    results = stackless.channel()

    def square(n):
        results.send(n * n)

    for n in range(count):
        stackless.tasklet(square)(n)
    return [results.receive() for _ in range(count)]


meeting_place = None


def meeting_channel():
    global meeting_place
    import stackless
    if meeting_place is None:
        meeting_place = stackless.channel()
    return meeting_place


def micro_receive():
    return meeting_channel().receive()


def micro_send(value):
    meeting_channel().send(value)


def micro_lost_updates(count):
    """total += ch.receive() reads the old value before it waits."""
    import stackless
    numbers = stackless.channel()
    totals = {"lost": 0, "kept": 0}

    def lose():
        totals["lost"] += numbers.receive()

    def keep():
        number = numbers.receive()
        totals["kept"] += number

    for each in (lose, keep):
        for _ in range(count):
            stackless.tasklet(each)()
        stackless.run()
        for _ in range(count):
            numbers.send(10)
        stackless.run()
    return [totals["lost"], totals["kept"]]
