"""What the workers run. In a module of its own, so that spawned workers find it."""

import os
import signal
import time


def nothing(*_):
    pass


def increment(number):
    return number + 1


def echo(value):
    return value


def wait(seconds):
    time.sleep(seconds)
    return os.getpid()


def tell_and_wait(path):
    with open(path, "w"):
        pass
    time.sleep(600)


def process_id():
    return os.getpid()


def now():
    """On the clock that all processes of the machine have in common."""
    return time.monotonic_ns()


def kill_when_busy(process, path):
    """From outside, while it runs a call; returns when that was."""
    while not os.path.exists(path):
        time.sleep(0.001)
    os.unlink(path)
    killed = time.monotonic_ns()
    os.kill(process, signal.SIGKILL)
    return killed


def die():
    os.kill(os.getpid(), signal.SIGKILL)
