"""What the workers run. In a module of its own, so that spawned workers find it."""

import dataclasses
import datetime
import os
import signal
import time


@dataclasses.dataclass
class Order:
    """The record of Measures/Order.cs."""

    number: int
    customer: str
    street: str
    city: str
    placed: datetime.datetime
    total: float
    paid: bool
    items: list


def order(number=4711):
    return Order(
        number, "Ada King, Countess of Lovelace", "12 St James's Square, third floor, the second door", "London SW1Y 4JH",
        datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), 1234.56, True, [70001, 70002, 70003, 70004, 70005])


def total(place):
    return place[0] + place[1]


def double(text):
    return text + text


class Counter:
    def __init__(self):
        self.count = 0

    def increment(self):
        self.count += 1
        return self.count


def nothing(*_):
    pass


def compute(steps):
    x = 1
    for _ in range(steps):
        x = (x * 75 + 74) % 65537
    return x


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
