"""What the workers of Channels/PythonWorkers.cs do with the ends of a channel."""
import os
import queue
import signal

import kernmantle


def write_all(writer, count):
    for i in range(count):
        writer.put(i)
    writer.close()


def write_from(writer, place, count):
    for i in range(count):
        writer.put((place, i))


def copy(reader, writer):
    for item in reader:
        writer.put(item)


def negate(reader, writer):
    for item in reader:
        writer.put(-item)


def sum_of(reader):
    return sum(reader)


def sum_lines(reader):
    total = 0
    for line in reader:
        if line.text.strip(chr(ord("a") + line.number % 26)):
            raise ValueError("Line %d is torn." % line.number)
        total += line.number + len(line.text)
    return total


def write_counting(writer, written, count):
    for i in range(count):
        writer.put(i)
        written.add(1)


def write_at_once(writer, count):
    for i in range(count):
        try:
            writer.put_nowait(i)
        except queue.Full:
            pass


class InvalidOperationException(Exception):
    """As C# calls it."""


def fail(writer, item, error):
    writer.put(item)
    writer.close(InvalidOperationException(error))


def wait_to_read(reader, waiting):
    waiting.signal()
    try:
        reader.get()
        return True
    except kernmantle.ChannelClosed:
        return False


def fill(writer, waiting):
    try:
        while True:
            writer.put_nowait(1)
    except queue.Full:
        pass
    waiting.signal()
    try:
        writer.put(1)
        return True
    except kernmantle.ChannelClosed:
        return False


def wait_until_disposed(reader, waiting):
    waiting.signal()
    try:
        reader.get()
    except kernmantle.Disposed:
        return True


def write_one(writer, item):
    writer.put(item)


def read_one(reader):
    return reader.get()


def write_and_return(channel, item):
    channel.put(item)
    return channel


def same(reader):
    return reader


def write_and_die(writer, written, first, count):
    for i in range(first, first + count):
        writer.put(i)
        written.write(i + 1)
    os.kill(os.getpid(), signal.SIGKILL)


def read_and_die(reader, count):
    for _ in range(count):
        reader.get()
    os.kill(os.getpid(), signal.SIGKILL)
