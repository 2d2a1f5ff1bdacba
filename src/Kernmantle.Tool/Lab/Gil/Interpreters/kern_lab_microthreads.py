"""Units of work as microthreads, which have the module stackless of their worker."""
import queue

import stackless
from kern_lab import compute

_PIECE = 2000


def compute_in_turns(steps):
    for done in range(0, steps, _PIECE):
        compute(min(_PIECE, steps - done))
        stackless.schedule()


def wait(silent, seconds):
    """For a channel that nobody writes to: the others run meanwhile. time.sleep would hold them up."""
    try:
        silent.get(timeout=seconds)
    except queue.Empty:
        return
    raise ValueError("Somebody wrote to it.")


def lost(count):
    """The shares of counts that are not in the total when so many tasklets have received 1 each: read before the switch, and after it."""
    return [_lost(count, each) for each in (_read_before, _read_after)]


def _lost(count, add):
    totals, channel = [0], stackless.channel()
    for _ in range(count):
        stackless.tasklet(add)(totals, channel)
    stackless.run()                # all have come to where they wait
    for _ in range(count):
        channel.send(1)
    stackless.run()
    return 1 - totals[0] / count


def _read_before(totals, channel):
    totals[0] += channel.receive()


def _read_after(totals, channel):
    received = channel.receive()
    totals[0] += received
