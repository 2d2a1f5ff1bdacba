"""multiprocessing.managers: an object that lives in a process of its own, called through a proxy."""

import multiprocessing
from multiprocessing.managers import BaseManager

import lines
import work


class Manager(BaseManager):
    pass


Manager.register("Counter", work.Counter)


def call(settings):
    with Manager(ctx=multiprocessing.get_context("spawn")) as manager:
        counter = manager.Counter()
        assert counter.increment() == 1
        lines.print_latency(settings, counter.increment)


MEASURES = {"manager-call": call}
