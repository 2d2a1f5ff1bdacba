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


def die():
    os.kill(os.getpid(), signal.SIGKILL)
