# -*- coding: utf-8 -*-
"""Functions that the tests call, in Python 2.7: those of ../kmtests.py that are no coroutines, and some that use Java."""
import array as arrays
import collections
import itertools
import os
import subprocess
import sys
import threading
import time

from java.lang import IllegalStateException, Integer, Runtime, Thread
from java.math import BigInteger
from java.util import ArrayList, LinkedHashMap, TreeSet
from java.util.concurrent import CountDownLatch
from jarray import zeros


def touch(path):
    open(path, "w").close()


def note(path, text):
    with open(path, "a") as file:
        file.write(text)


def reach(reached, gate):
    """Announces that it was reached, then waits for the gate."""
    touch(reached)
    while not os.path.exists(gate):
        time.sleep(0.002)


def reach_and_compute(reached, gate):
    """The same without ever waiting."""
    touch(reached)
    while not os.path.exists(gate):
        pass


def swallow(reached, gate):
    """As reach, whatever is raised in it."""
    while True:
        try:
            reach(reached, gate)
            return
        except KeyboardInterrupt:
            pass


def clean_up(reached, cleaned):
    try:
        touch(reached)
        time.sleep(600)
    except KeyboardInterrupt:
        note(cleaned, "except ")
        raise
    finally:
        note(cleaned, "finally")


def clean_up_until(reached, cleaning, gate, cleaned):
    """As clean_up, for as long as the gate is closed."""
    try:
        touch(reached)
        time.sleep(600)
    except KeyboardInterrupt:
        reach(cleaning, gate)
        note(cleaned, "once")
        raise


def compute_and_clean_up(reached, cleaning, gate, cleaned):
    """The same for one that computes before and after."""
    try:
        touch(reached)
        while True:
            pass
    except KeyboardInterrupt:
        reach_and_compute(cleaning, gate)
        note(cleaned, "once")
        raise


def sleep_or_spin(n):
    """Waits and computes in turns, so that an interrupt may come just between the two."""
    while True:
        for _ in xrange(n):
            pass
        time.sleep(0.0005)


def spin(reached):
    touch(reached)
    while True:
        pass


def hold_lock(reached):
    """Java code that does not return, and has no line of Python in it."""
    touch(reached)
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
    note(path, text)


def fail(message="no"):
    raise ValueError(message)


def shown(value):
    """As Python 3 would show it."""
    if isinstance(value, unicode):
        return u"'%s'" % value
    if isinstance(value, list):
        return u"[%s]" % u", ".join(map(shown, value))
    if isinstance(value, tuple):
        return u"(%s%s)" % (u", ".join(map(shown, value)), u"," if len(value) == 1 else u"")
    return unicode(repr(value))


def describe(*args, **keywords):
    return shown(args) + u" " + shown(sorted((key.decode("utf-8"), value) for key, value in keywords.items()))


def keyword_only(a, *others, **keywords):
    if others or "c" not in keywords:
        raise TypeError("c is to be given by its name")
    return a * 100 + keywords.get("b", 2) * 10 + keywords["c"]


class Box(object):
    def method(self):
        return "method"


box = Box()
not_callable = 5


# Failures

class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def unprintable():
    raise Unprintable()


def recurse(n=0):
    return recurse(n + 1) + 1


def no_memory():
    return zeros(Integer.MAX_VALUE, "d")


def interrupt_itself():
    raise KeyboardInterrupt("by itself")


def exit_with(code):
    sys.exit(code)


def exit_now(code):
    os._exit(code)


def kill_itself(number):
    os.kill(os.getpid(), number)
    time.sleep(600)


# Maps

def die_at(pair):
    n, k = pair
    if n == k:
        os._exit(9)
    return n


def die_at_or_log(triple):
    n, k, path = triple
    note(path, "%d\n" % n)
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
    return n / 2.0


class CancelledWithin(BaseException):
    pass


class Unusual(BaseException):
    pass


def unusual(n):
    if n % 4:
        raise (KeyboardInterrupt, CancelledWithin, Unusual)[n % 4 - 1]()
    return str(n)


def slow_item(n):
    time.sleep(0.01)
    return n


# Streams

def count(n, path=None):
    for i in range(n):
        if path is not None:
            note(path, ".")
        yield i


def endless(ended):
    try:
        for i in itertools.count():
            yield i
    finally:
        touch(ended)


def busy_after(n, ended):
    """Yields so many, then computes."""
    try:
        for i in range(n):
            yield i
        while True:
            pass
    finally:
        touch(ended)


def failing_stream():
    yield 1
    yield 2
    raise ValueError("third")


def texts_for_ever():
    while True:
        yield "text"


def dying_stream():
    yield 1
    yield 2
    os._exit(4)


def awaited_list():
    return [1, 2, 3]


# Records

Point = collections.namedtuple("Point", "x y")


def point(x, y):
    return Point(x, y)


def sum_of_point(p):
    return p.x + p.y


# Arrays

def kind_of(array):
    return type(array).__module__ + "." + type(array).__name__


def total(array):
    return sum(array.tolist())


def double_in_place(array):
    for i in range(0, len(array), 1000):
        array[i] = array[i] * 2
    return array


def ends_of(array):
    return [float(array[0]), float(array[len(array) - 1])]


def filled(n, value):
    return arrays.array("d", [value]) * n


def several(n):
    return {"a": arrays.array("d", [1.0]) * n, "b": arrays.array("l", [2]) * n, "c": "text"}


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


def change_later(array, gate):
    """A thread goes on writing after the call."""
    def write():
        while not os.path.exists(gate):
            array[0] = array[0] + 1
            time.sleep(0.001)
    thread = threading.Thread(target=write)
    thread.daemon = True
    thread.start()
    return len(array)


def reversed_rows(rows):
    """An array of two dimensions is a list of arrays here."""
    return [list(reversed(row)) for row in rows]


# Java, and many calls at once

def with_java(words):
    """Collections of Java's, from here and back."""
    lengths = LinkedHashMap()
    for word in words:
        lengths.put(word, ArrayList([len(word), Integer.parseInt(str(len(word)))]))
    return [lengths, TreeSet(words), BigInteger("2").pow(100), arrays.array("d", [1.5])]


def fail_in_java(text):
    try:
        Integer.parseInt(text)
    except:
        raise IllegalStateException("no number", sys.exc_info()[1])


latch = CountDownLatch(20)


def meet():
    """Twenty of them, on threads of their own, wait for each other."""
    latch.countDown()
    latch.await()
    return Thread.currentThread().getId()


def compute_with(n, others, path):
    """Computes until so many compute at once."""
    note(path, ".")
    while os.path.getsize(path) < others:
        pass
    return n


def interrupted_wait(reached):
    """A wait of Java's own."""
    touch(reached)
    CountDownLatch(1).await()


def text_and_bytes():
    return {"text": "gr\xc3\xbc\xc3\x9f", "bytes": "\xff\xfe", "unicode": u"\u00e4", "array": bytearray(b"abc")}


# The process itself

def write_pid(path, *others):
    with open(path, "w") as file:
        file.write("%s\n" % " ".join(map(str, (os.getpid(),) + others)))


def tell_and_spin(path):
    write_pid(path)
    while True:
        pass


def tell_and_hold_lock(path):
    write_pid(path)
    sum(itertools.repeat(0))


def tell_of_child_and_sleep(path):
    child = subprocess.Popen(["sleep", "100000"])
    write_pid(path, child.pid)
    time.sleep(600)


def tell_and_sleep(path):
    write_pid(path)
    time.sleep(600)


def collect_for_ever(path):
    """The collector stops all threads again and again."""
    write_pid(path)
    while True:
        Runtime.getRuntime().gc()


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
        print "x" * 99
    return count


def log_lines(count):
    import logging
    for _ in range(count):
        logging.getLogger("talker").warning("y" * 200)
    return count


# --- Objects that live in a worker ---

class Counter(object):
    """Counts up."""

    def __init__(self, start=0, step=1):
        if step == 0:
            raise ValueError("a step of 0")
        self.value = start
        self.step = step

    def add(self, times=1):
        self.value += times * self.step
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


counters = []


def watched_counter():
    import weakref
    counter = Counter()
    counters.append(weakref.ref(counter))
    return counter


def living_counters():
    import gc
    import time
    gc.collect()
    end = time.time() + 20
    while time.time() < end and any(each() is not None for each in counters[:-1]):
        gc.collect()
    return sum(1 for each in counters if each() is not None)
