"""multiprocessing's Queue, SimpleQueue and Pipe: one process puts, another one gets."""

import multiprocessing
import time

import lines


def put_all(put, count):
    for number in range(count):
        put(number)


def through_queue(queue, count):
    put_all(queue.put, count)


def through_pipe(connection, count):
    put_all(connection.send, count)


def rate(context, target, ends, get, settings):
    warm, count = settings.count // 8, settings.count
    other = context.Process(target=target, args=(ends, warm + count))
    other.start()
    for number in range(warm):
        assert get() == number
    start = time.perf_counter()
    for number in range(warm, warm + count):
        assert get() == number
    lines.print_value(count / (time.perf_counter() - start), "items/s")
    other.join()


def queue(settings):
    context = multiprocessing.get_context("spawn")
    items = context.Queue(1024)
    rate(context, through_queue, items, items.get, settings)


def simple_queue(settings):
    context = multiprocessing.get_context("spawn")
    items = context.SimpleQueue()
    rate(context, through_queue, items, items.get, settings)


def pipe(settings):
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    rate(context, through_pipe, writer, reader.recv, settings)


MEASURES = {"queue-items": queue, "queue-simple-items": simple_queue, "queue-pipe-items": pipe}
