"""Functions as users have them, good and bad, for the tests of kern compare and kern run."""
import asyncio
import os
import resource
import sys
import threading


def count(line):
    return {"letters": len(line), "words": set(line.split())}


async def wait(line):
    await asyncio.sleep(0.02)
    return line


def fail_at_three(line):
    if line == "3":
        raise ValueError("three")
    return int(line)


def whereabouts(line):
    return os.getpid()


def open_it(line):
    return open(os.devnull)


def crash(line):
    os.abort()


def use_up(line):
    resource.setrlimit(resource.RLIMIT_CPU, (1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    while True:
        pass


def never_ends(line):
    while True:
        pass


def two(a, b):
    return a + b


if __name__ == "__main__":
    print("arguments", sys.argv[1:])
    {"crash": lambda: crash(""), "use_up": lambda: use_up(""), "never": threading.Event().wait, "raise": lambda: int("x"), "exit": lambda: sys.exit(3), "memory": lambda: bytearray(8 << 30)}.get(
        sys.argv[1], lambda: None)()
