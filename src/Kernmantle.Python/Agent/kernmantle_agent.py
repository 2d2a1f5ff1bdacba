"""The worker's side of Kernmantle.Python: this file and kernmantle_objects.py, sent as one; nothing but the standard library, CPython 3.8 and later, PyPy 3.

The host starts the interpreter with this file and three descriptors: CHANNEL, a stream of frames both ways; FILES, a socket
over which the host hands over memory; LIFE, the end of a pipe that closes when the host ends. Frames and bodies are
described in PROTOCOL.md beside this file.

Everything happens on the main thread: it waits for a frame, runs the call, answers. Where a call turns out to be a
coroutine, the main thread runs an asyncio loop instead, takes further calls from there, and comes back once no coroutine is
left. A cancelled call is told by a frame, and by SIGINT so that the frame is looked at. Python loses a signal that comes just before
C code begins to wait, and a KeyboardInterrupt that is raised in a finalizer: the host sends SIGURG until this file says that it has
taken the frame, or that the interrupt is to be raised again.
"""
import builtins
import io
import marshal
import os
import signal
import socket
import struct
import sys
import time
import types
from _thread import allocate_lock, get_ident
from collections import deque

CHANNEL, FILES, LIFE = 3, 4, 5
HELLO, CALL, CANCEL, CREDIT, STOP = 1, 3, 4, 6, 8
READY, BEGUN, RESULT, FAILED, CANCELLED, ITEM, LOG, STOPPED, TOO_LARGE = 32, 33, 34, 35, 36, 40, 41, 42, 43
INTERLEAVED, WANT_MEMORY, MEMORY_KEPT = 64, 65, 66
OP_CALL, OP_EVAL, OP_EXEC, OP_SCRIPT, OP_STREAM, OP_BATCH = 1, 2, 3, 4, 5, 6
TELL_BEGIN, HAS_EXTENSIONS, HAS_OBJECTS = 1, 2, 4
CLOCK_STARTED, CLOCK_STOPPED = 50, 51
BEGUN_CALL, BEGUN_ITEMS, CANCELLATIONS = 0, 1, 2   # words that the host reads
LENT, GRANTED, REFUSED, DROP, OBJECTS = 6, 7, 8, 9, 13   # what the host says over FILES
VERSION = 1
SHARED_FROM = 64 << 10             # larger arrays go by reference
MAX_TEXT = 256 << 10

CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0x40000000)
COUNTS_REFERENCES = sys.implementation.name == "cpython"

HEADER = struct.Struct("<IBq")
FILE_MESSAGE = struct.Struct("<iiq")
MAIN = get_ident()


class Missing(Exception):
    """The function is not there."""


class Stopping(BaseException):
    """The host asked the worker to end."""


# --- Frames ---------------------------------------------------------------------------------------------------------

class Frames:
    """Frames over a socket. Any thread may send; only one receives."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.lock = allocate_lock()
        self.sending = set()       # threads that are in send
        self.nested = deque()      # frames of what ran in the midst of a thread's own send: a finalizer or a signal handler that prints
        self.buffer = bytearray()
        self.start = 0

    def send(self, kind, ident, body=b""):
        if channel.left:
            os._exit(0)            # a forked child that came out of the function
        thread = get_ident()
        if thread in self.sending:
            self.nested.append((kind, ident, body))   # the lock is this thread's, and half a frame may have gone
            return
        if thread == MAIN:
            channel.busy += 1
        self.sending.add(thread)
        try:
            with self.lock:
                self.write(HEADER.pack(len(body), kind, ident), body)
        finally:
            self.sending.discard(thread)
            if thread == MAIN:
                channel.busy -= 1
        while self.nested:
            try:
                frame = self.nested.popleft()
            except IndexError:
                break              # another thread has taken it
            self.send(*frame)
        if thread == MAIN and channel.look and not channel.busy:
            look()

    def write(self, head, body):
        try:
            if len(body) < 65536:
                self.socket.sendall(head + body)
            else:
                self.socket.sendall(head)
                self.socket.sendall(body)
        except OSError:
            os._exit(0)            # the host is gone

    def parse(self):
        """The next frame of what has been received, or None."""
        have = len(self.buffer) - self.start
        if have < 13:
            return None
        length, kind, ident = HEADER.unpack_from(self.buffer, self.start)
        end = self.start + 13 + length
        if len(self.buffer) < end:
            return None
        body = bytes(memoryview(self.buffer)[self.start + 13:end])
        if end == len(self.buffer):
            self.buffer = bytearray()
            self.start = 0
        else:
            self.start = end
        return kind, ident, body

    def fill(self, flags=0):
        """Receives something. False: there is nothing now."""
        try:
            data = self.socket.recv(1 << 18, flags)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            os._exit(0)            # the host is gone
        if self.start:
            del self.buffer[:self.start]
            self.start = 0
        self.buffer += data
        return True

    def wait(self):
        """The next frame. For who is busy."""
        frame = self.parse()
        while frame is None:
            self.fill()
            frame = self.parse()
        return frame


class MainChannel(Frames):
    """The connection of the calls. Only the main thread receives."""

    def __init__(self):
        Frames.__init__(self, CHANNEL)
        self.inbox = deque()       # frames that were read while something else was waited for
        self.busy = 0              # the main thread is in here: it must not be interrupted
        self.look = False          # a signal came meanwhile
        self.left = False          # this is a forked child

    def receive(self):
        """Waits for a frame."""
        while True:
            self.busy += 1         # before the inbox is looked at: what a signal puts there later would wait for the next frame
            try:
                forget_ended()
                frame = self.inbox.popleft() if self.inbox else self.wait()
            finally:
                self.busy -= 1
            if self.look:
                self.inbox.appendleft(frame)   # look may raise
                look()
                continue
            return frame

    def sort(self):
        """Takes what has been received."""
        frame = self.parse()
        while frame is not None:
            if frame[0] == CANCEL:
                cancel(frame[1])
            else:
                self.inbox.append(frame)
            frame = self.parse()

    def pump(self):
        """Takes what is there without waiting."""
        self.busy += 1
        try:
            if State.lost is not None:
                ident, State.lost = State.lost, None
                cancel(ident)
            self.sort()
            while self.fill(socket.MSG_DONTWAIT):
                self.sort()
        finally:
            self.busy -= 1
        if self.inbox and State.looping:
            State.loop.call_soon_threadsafe(State.loop.stop)   # run_loop takes them
        if self.look and not self.busy:
            look()


channel = None


class State:
    current = None                 # the call whose code the main thread runs
    interrupted = False            # ... which is to be cancelled
    between = False                # the signal came while asyncio's own code ran
    told = None                    # the call that a KeyboardInterrupt was raised in
    lost = None                    # the call whose KeyboardInterrupt fell into a finalizer, and is to be raised again
    cancelled = set()              # calls cancelled before they began
    tasks = {}                     # call -> asyncio task
    credits = {}                   # call -> items that may be sent
    waiters = {}                   # call -> asyncio event: there is credit
    loop = None
    looping = False                # the loop runs at this moment
    running = False                # ... or is run again and again, by run_loop
    window = 1
    max_payload = 0
    untimed = None                 # the call whose begin was told, until its function is called
    timed = set()                  # calls whose clock runs
    words = None                   # which the host reads: the call, and the item of a batch, that has begun; cancellations taken
    memory = {}                    # id -> Memory
    arrays_sent = {}               # number of a shared array -> descriptor and length of its memory
    named = {}                     # call -> what the host shares, and its answer names
    arrays = "auto"
    out = err = None               # where print goes unless the program changes that
    main_module = None


def look():
    """Takes cancellations that have come, and raises KeyboardInterrupt in the call that is meant."""
    if channel.busy:
        channel.look = True
        return
    channel.look = False
    channel.pump()
    if State.interrupted and State.current is not None:
        State.interrupted = False
        State.told = State.current
        if State.told in State.tasks:
            State.current = None       # others run while it cleans up
        raise interrupt_of(State.told)


def interrupt_of(ident):
    """Not a variable of who raises it, which its traceback would keep alive."""
    interrupt = KeyboardInterrupt()
    interrupt.kernmantle_call = ident
    return interrupt


def on_unraisable(unraisable, instead=getattr(sys, "unraisablehook", None)):
    """What a finalizer, or a callback of C code, raises: Python prints it and goes on. A KeyboardInterrupt of ours was meant for the call."""
    ident = getattr(unraisable.exc_value, "kernmantle_call", None) if isinstance(unraisable.exc_value, KeyboardInterrupt) else None
    if ident is None:
        instead(unraisable)
        return
    if State.told == ident:
        State.told = None
    State.cancelled.discard(ident)
    # Nothing is called from here on, so that no signal is looked at in here: the next one is the host's, who sees that one is missing.
    State.lost = ident
    State.words[CANCELLATIONS] -= 1


def may_interrupt():
    """Whether the program lets SIGINT through, to us: the signal that stands in for a lost one asks for no more."""
    return signal.getsignal(signal.SIGINT) is on_signal and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def on_signal(number, frame):
    while frame is not None and frame.f_code is on_signal.__code__:
        frame = frame.f_back       # a second signal came before the first one was looked at
    # Where asyncio itself is interrupted, in Python as in PyPy, a task could be left without anybody to go on with it. It gives the loop
    # back soon, and is cancelled in the common way.
    outer = State.between          # a second signal may come while the first one is looked at
    State.between = outer or frame is not None and str(frame.f_globals.get("__name__")).startswith("asyncio")
    try:
        if number == signal.SIGINT or may_interrupt():
            look()
    finally:
        State.between = outer


def cancel(ident):
    """For who is busy."""
    State.words[CANCELLATIONS] += 1
    if ident == State.current:
        State.interrupted = True
    elif ident in State.tasks:
        task = State.tasks[ident]
        State.cancelled.add(ident)
        # Either of the two, since what it awaits while it cleans up is not to be cancelled as well.
        if sys.modules["asyncio"].current_task(State.loop) is task and get_ident() == MAIN and State.current is None and not State.between:
            State.current, State.interrupted = ident, True      # it has not given the loop back: look raises
        else:
            State.loop.call_soon_threadsafe(task.cancel)
    else:
        State.cancelled.add(ident)


def forget_ended():
    """A cancellation that came after its call had ended is remembered for nothing. For who is busy, and runs no call."""
    if State.cancelled and not channel.inbox:
        State.cancelled.intersection_update(State.tasks)


# --- Text -----------------------------------------------------------------------------------------------------------

def text(value):
    """A string as the host reads it; None stays None."""
    if value is None:
        return b"\xff\xff\xff\xff"
    if len(value) > MAX_TEXT:
        value = value[:MAX_TEXT]
    data = value.encode("utf-16-le", "surrogatepass")
    return struct.pack("<i", len(data) // 2) + data


def read_text(body, at):
    length, = struct.unpack_from("<i", body, at)
    if length < 0:
        return None, at + 4
    end = at + 4 + length * 2
    return body[at + 4:end].decode("utf-16-le", "surrogatepass"), end


# --- Values ---------------------------------------------------------------------------------------------------------

# What marshal (version 2) writes as it is, and the host reads.
SCALARS = frozenset((int, float, str, bytes, bool, type(None), complex))
NUMBERS = frozenset("?bBhHiIqQfd")
E = Ellipsis


def prepare(value, owner, depth=0):
    """The value as marshal can write it: itself, or something in its place."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if depth > 900:
        raise ValueError("a result that is nested more than 900 deep, or contains itself")
    if kind is list or kind is tuple or kind is set or kind is frozenset:
        if SCALARS.issuperset(map(type, value)):
            return value
        return kind([prepare(each, owner, depth + 1) for each in value])
    if kind is dict:
        if SCALARS.issuperset(map(type, value)) and SCALARS.issuperset(map(type, value.values())):
            return value
        return {prepare(key, owner, depth + 1): prepare(each, owner, depth + 1) for key, each in value.items()}
    return extend(value, kind, owner, depth + 1)


def name_of(kind):
    return kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__


def extend(value, kind, owner, depth):
    if isinstance(value, HostObject):
        if owner is not None:
            State.named.setdefault(owner, []).append(value)   # until the host has the answer that names it
        return (E, "object", kind.__name__, value._number, ())
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return (E, "enum", name_of(kind), value.name, prepare(value.value, owner, depth))
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.generic):
            plain = value.item()
            if not isinstance(plain, numpy.generic):
                return prepare(plain, owner, depth)
        elif isinstance(value, numpy.ndarray):
            return array_of(value, owner)
    if isinstance(value, bool):
        return bool(value)
    for base in (int, float, str, bytes):
        if isinstance(value, base):
            return base(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return (E, "record", name_of(kind), {field: prepare(each, owner, depth) for field, each in zip(kind._fields, value)})
    if hasattr(kind, "__dataclass_fields__"):
        return (E, "record", name_of(kind), {field: prepare(getattr(value, field), owner, depth) for field in kind.__dataclass_fields__})
    if isinstance(value, types.SimpleNamespace):
        return (E, "record", name_of(kind), {field: prepare(each, owner, depth) for field, each in vars(value).items()})
    for base in (list, tuple, set, frozenset):
        if isinstance(value, base):
            return prepare(base(value), owner, depth)
    if isinstance(value, dict):
        return prepare(dict(value), owner, depth)
    if kind is bytearray:
        return bytes(value)
    if kind is memoryview or name_of(kind) == "array.array":
        return array_of(memoryview(value), owner)
    if kind is range or name_of(kind) in ("dict_keys", "dict_values", "dict_items", "collections.deque"):
        return prepare(list(value), owner, depth)
    known = other_types(value)
    if known is not None:
        return known
    return (E, "other", name_of(kind), safe_repr(value))


def other_types(value):
    datetime = sys.modules.get("datetime")
    if datetime is not None:
        if isinstance(value, datetime.datetime):
            return (E, "datetime", value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, offset_of(value), value.fold)
        if isinstance(value, datetime.date):
            return (E, "date", value.year, value.month, value.day)
        if isinstance(value, datetime.time):
            return (E, "time", value.hour, value.minute, value.second, value.microsecond, offset_of(value))
        if isinstance(value, datetime.timedelta):
            return (E, "timedelta", value.days, value.seconds, value.microseconds)
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return (E, "decimal", str(value))
    uuid = sys.modules.get("uuid")
    if uuid is not None and isinstance(value, uuid.UUID):
        return (E, "uuid", value.bytes)
    if isinstance(value, os.PathLike):
        return (E, "path", os.fsdecode(value))
    return None


def offset_of(value):
    offset = value.utcoffset()
    return None if offset is None else (offset.days * 86400 + offset.seconds) * 1000000 + offset.microseconds


def safe_repr(value):
    try:
        return repr(value)[:1000]
    except Exception as e:
        return "(its repr raised %s)" % type(e).__name__


def array_of(value, owner):
    """A numeric array: its bytes here, or by reference if there are many. value: memoryview or numpy array."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        code = value.dtype.kind + str(value.dtype.itemsize)
        form = {"b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f4": "f", "f8": "d"}.get(code)
        if form is None or not value.dtype.isnative:
            return (E, "other", "numpy.ndarray of " + str(value.dtype), safe_repr(value))
        shape = value.shape
        value = memoryview(numpy.ascontiguousarray(value))
    else:
        form, shape = native_form(value), value.shape
        if form is None:
            return (E, "other", "memoryview of format " + value.format, "")
        if form == "B" and len(shape) == 1:
            return value.tobytes()
        if not value.c_contiguous:
            value = memoryview(value.tobytes())
    size = value.nbytes
    if size < SHARED_FROM or owner is None or State.words is None:
        return (E, "array", form, shape, value.tobytes())
    known = Memory.find(value)
    if known is not None:
        return (E, "block", form, shape, known[0], known[1])
    memory = Memory.ask(owner, size)
    if memory is None:
        return (E, "array", form, shape, value.tobytes())
    memory.view[:size] = value.cast("B") if value.ndim != 1 or value.format != "B" else value
    return (E, "block", form, shape, memory.ident, 0)


def native_form(view):
    form = view.format.lstrip("@=<") if sys.byteorder == "little" else view.format
    if form in ("l", "L", "n", "N"):
        form = {4: "i", 8: "q"}[view.itemsize] if form in ("l", "n") else {4: "I", 8: "Q"}[view.itemsize]
    return "B" if form == "c" else form if form in NUMBERS else None


def restore(value, ident):
    """What the host sent, with extensions turned into what they stand for."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is tuple:
        if len(value) > 1 and value[0] is E:
            return RESTORE[value[1]](ident, *value[2:])
        return tuple([restore(each, ident) for each in value])
    if kind is list:
        return value if SCALARS.issuperset(map(type, value)) else [restore(each, ident) for each in value]
    if kind is dict:
        return {restore(key, ident): restore(each, ident) for key, each in value.items()}
    if kind is set or kind is frozenset:
        return kind([restore(each, ident) for each in value])
    return value


def zone_of(offset):
    import datetime
    return None if offset is None else datetime.timezone.utc if offset == 0 else datetime.timezone(datetime.timedelta(microseconds=offset))


def restore_datetime(ident, year, month, day, hour, minute, second, micro, offset, fold):
    import datetime
    return datetime.datetime(year, month, day, hour, minute, second, micro, zone_of(offset), fold=fold)


def restore_date(ident, year, month, day):
    import datetime
    return datetime.date(year, month, day)


def restore_time(ident, hour, minute, second, micro, offset):
    import datetime
    return datetime.time(hour, minute, second, micro, zone_of(offset))


def restore_timedelta(ident, days, seconds, micros):
    import datetime
    return datetime.timedelta(days, seconds, micros)


def restore_decimal(ident, digits):
    import decimal
    return decimal.Decimal(digits)


def restore_uuid(ident, data):
    import uuid
    return uuid.UUID(bytes=data)


def restore_record(ident, name, fields):
    return types.SimpleNamespace(**{field: restore(each, ident) for field, each in fields.items()})


def restore_array(ident, form, shape, data):
    return as_array(memoryview(bytearray(data)), form, shape)


def restore_block(ident, form, shape, block, offset):
    memory = Memory.get(block)
    size = struct.calcsize("<" + form)
    for length in shape:
        size *= length
    view = memoryview(memory.map)[offset:offset + size]
    if not COUNTS_REFERENCES:
        return as_array(memoryview(bytearray(view)), form, shape)   # whether somebody still holds it could not be told
    result = as_array(view, form, shape)
    memory.lent.append((ident, view, result))
    return result


def as_array(view, form, shape):
    if State.arrays == "auto":
        with uninterrupted:
            try:
                import numpy
                State.arrays = "numpy"
            except ImportError:
                State.arrays = "memoryview"
    if State.arrays == "numpy":
        import numpy
        return numpy.frombuffer(view, {"?": "?", "b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4", "q": "i8", "Q": "u8", "f": "f4", "d": "f8"}[form]).reshape(shape)
    if 0 in shape:
        return memoryview(b"").cast(form) if len(shape) == 1 else memoryview(bytearray(1))[:0].cast(form)
    return view.cast(form) if len(shape) == 1 else view.cast(form, list(shape))


RESTORE = {
    "datetime": restore_datetime, "date": restore_date, "time": restore_time, "timedelta": restore_timedelta, "decimal": restore_decimal,
    "uuid": restore_uuid, "path": lambda ident, path: path, "record": restore_record, "array": restore_array, "block": restore_block,
}


class Uninterrupted:
    """What must not be left half done: a cancellation waits for its end. Only the main thread is ever interrupted."""

    def __enter__(self):
        if get_ident() == MAIN:
            channel.busy += 1

    def __exit__(self, *_):
        if get_ident() == MAIN:
            channel.busy -= 1
            if channel.look and not channel.busy:
                look()


uninterrupted = Uninterrupted()


class Memory:
    """Memory that the host shares: mapped once, known by its number."""

    def __init__(self, ident, descriptor, length):
        import mmap
        self.ident = ident
        self.map = mmap.mmap(descriptor, length)
        os.close(descriptor)
        self.view = memoryview(self.map)
        self.lent = []
        self.references = sys.getrefcount(self.map) if COUNTS_REFERENCES else 0

    @staticmethod
    def receive():
        """Takes one message of the host over FILES: (kind, memory or None)."""
        with socket.socket(fileno=os.dup(FILES)) as files:
            data, attached, _, _ = files.recvmsg(16, socket.CMSG_SPACE(4), socket.MSG_WAITALL | CLOSE_ON_EXEC)
        if len(data) < 16:
            os._exit(0)            # the host is gone
        kind, ident, length = FILE_MESSAGE.unpack(data)
        if kind == DROP:
            State.memory.pop(ident, None)
        if not attached:
            return kind, None
        descriptor, = struct.unpack("i", attached[0][2][:4])
        if kind == OBJECTS:
            questions.connect(descriptor)
            return kind, None
        if ident < 0:
            State.arrays_sent[-ident] = descriptor, length
            return kind, None
        memory = State.memory.get(ident)
        if memory is None:
            memory = State.memory[ident] = Memory(ident, descriptor, length)
        else:
            os.close(descriptor)
        return kind, memory

    @staticmethod
    def get(ident):
        """The memory of that number, which the host hands over before it names it."""
        with uninterrupted:
            while ident not in State.memory:
                Memory.receive()
        return State.memory[ident]

    @staticmethod
    def ask(owner, size):
        """New memory for a result of the call, or None."""
        if size > State.max_payload:
            raise TooLarge(size)
        with uninterrupted:
            channel.send(WANT_MEMORY, owner, struct.pack("<q", size))
            while True:
                kind, memory = Memory.receive()
                if kind == GRANTED or kind == REFUSED:
                    return memory

    @staticmethod
    def find(view):
        """Where a view lies in memory that the host knows: (number, offset), or None."""
        for memory in State.memory.values():
            for _, lent, _ in memory.lent:
                if same_memory(lent, view):
                    return memory.ident, address_offset(memory, view)
        return None

    @staticmethod
    def release(ident):
        """The call has ended: its views are given back. What somebody still holds, the host must not use again."""
        for number, memory in list(State.memory.items()):
            mine = [each for each in memory.lent if each[0] == ident]
            if not mine:
                continue
            memory.lent = [each for each in memory.lent if each[0] != ident]
            del mine
            # Whatever was made of an array, by slicing or casting, refers to its buffer, and that to the map.
            if sys.getrefcount(memory.map) > memory.references:
                channel.send(MEMORY_KEPT, ident, struct.pack("<i", number))
                del State.memory[number]


def same_memory(lent, view):
    """Whether the view is one of the lent memory as a whole."""
    return lent.nbytes == view.nbytes and view.c_contiguous and view.obj is not None and root_of(view) is root_of(lent) and start_of(lent) == start_of(view)


def root_of(view):
    numpy = sys.modules.get("numpy")
    base = view.obj
    while numpy is not None and isinstance(base, numpy.ndarray):
        base = base.base
        if isinstance(base, memoryview):
            base = base.obj
    return base


def start_of(view):
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return numpy.frombuffer(view.cast("B") if view.format != "B" or view.ndim != 1 else view, "u1").__array_interface__["data"][0]
    return 0


def address_offset(memory, view):
    numpy = sys.modules.get("numpy")
    return start_of(view) - start_of(memory.view) if numpy is not None else 0


class TooLarge(Exception):
    """A result larger than the host allows."""

    def __init__(self, size):
        Exception.__init__(self, size)
        self.size = size


def encode(value, owner):
    """A result as bytes."""
    prepared = prepare(value, owner)
    data = marshal.dumps(prepared, 2)
    if len(data) > State.max_payload:
        raise TooLarge(len(data))
    return data


# --- Failures -------------------------------------------------------------------------------------------------------

def failure(error, depth=0):
    """An exception as the host reads it."""
    import traceback
    kind = type(error)
    try:
        message = str(error)
    except Exception as e:
        message = "(its text is not available: reading it raised %s)" % type(e).__name__
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    try:
        lines = "".join(traceback.format_exception(kind, error, trace, chain=False))
    except Exception as e:
        lines = "(the traceback is not available: formatting it raised %s)" % type(e).__name__
    inner = error.__cause__
    if inner is None and not error.__suppress_context__:
        inner = error.__context__
    body = text(name_of(kind)) + text(message) + text(lines)
    if inner is None or depth >= 40:
        return body + b"\0"
    return body + b"\1" + failure(inner, depth + 1)


# --- Calls ----------------------------------------------------------------------------------------------------------

places = {}                        # name -> (name of its module, the module, attribute) of functions at the top of a module


def resolve(name):
    place = places.get(name)
    if place is not None:
        module, target, attribute = place
        if sys.modules.get(module) is target:
            function = getattr(target, attribute, None)
            if callable(function):
                return function
    return find_function(name)


def find_function(name):
    import importlib
    module, colon, path = name.partition(":")
    if not colon:
        module, _, path = name.rpartition(".")
        module = module or "builtins"
    if not module or not path:
        raise Missing("'%s' names no function. Write module:function." % name)
    try:
        with uninterrupted:        # a module that is half imported cannot be imported again
            target = State.main_module if module == "__main__" else importlib.import_module(module)
    except ModuleNotFoundError as e:
        if e.name is not None and (module == e.name or module.startswith(e.name + ".")):
            raise Missing("There is no module '%s'. Looked for in: %s. Add its folder to PythonPoolOptions.ModulePaths, or install it for %s."
                          % (e.name, os.pathsep.join(filter(None, sys.path)), sys.executable)) from None
        raise
    if "." not in path:
        places[name] = module, target, path
    for part in path.split("."):
        try:
            target = getattr(target, part)
        except AttributeError:
            raise Missing("Module '%s' (%s) has no '%s'." % (module, getattr(target, "__file__", "built in"), path)) from None
    if not callable(target):
        raise Missing("'%s' in module '%s' is a %s and cannot be called. Read it with EvalAsync." % (path, module, type(target).__name__))
    return target


def adapt(function, args, keywords):
    """Records become what the function's annotations name: a dataclass or a named tuple."""
    if not any(type(each) is types.SimpleNamespace for each in args) and not any(type(each) is types.SimpleNamespace for each in keywords.values()):
        return args, keywords
    import inspect
    import typing
    try:
        hints = typing.get_type_hints(function)
        bound = inspect.signature(function).bind_partial(*args, **keywords)
    except Exception:
        return args, keywords      # no annotations to be had: it gets the records as they are, and says itself what it misses
    for name, value in bound.arguments.items():
        wanted = hints.get(name)
        if type(value) is types.SimpleNamespace and isinstance(wanted, type):
            bound.arguments[name] = record_as(value, wanted)
    return bound.args, bound.kwargs


def plain(name):
    return name.replace("_", "").lower()


def record_as(value, wanted):
    import typing
    names = list(getattr(wanted, "__dataclass_fields__", ())) or list(getattr(wanted, "_fields", ()))
    if not names:
        return value
    try:
        hints = typing.get_type_hints(wanted)
    except Exception:
        hints = {}                 # names that only a checker knows
    fields = {plain(name): each for name, each in vars(value).items()}
    arguments = {}
    for name in names:
        if plain(name) in fields:
            each = fields[plain(name)]
            inner = hints.get(name)
            arguments[name] = record_as(each, inner) if type(each) is types.SimpleNamespace and isinstance(inner, type) else each
    return wanted(**arguments)


def read_call(body):
    """op, flags, and what marshal had written."""
    at = 16   # function, attempt, instance
    return body[at], body[at + 1], marshal.loads(memoryview(body)[at + 2:])


def run(ident, body):
    """One call, from its begin to its answer, unless it is a coroutine: then its answer follows."""
    if ident in State.cancelled:
        State.cancelled.discard(ident)
        op, flags, spec = read_call(body)
        if flags & HAS_OBJECTS:
            restore(spec, ident)   # they were handed over: the host hears that they are gone
            del spec
            Memory.release(ident)
        channel.send(CANCELLED, ident)
        return
    try:
        answer, data = answer_to(ident, body)
        if answer is None:
            return
    except KeyboardInterrupt:      # it came while another exception was looked at
        if State.told != ident:
            raise
        State.current = None
        answer, data = CANCELLED, b""
    finish_call(ident, answer, data)


def answer_to(ident, body):
    """Runs the call: (frame, body) of its answer, or None if that follows."""
    try:
        op, flags, spec = read_call(body)
        if State.words is not None:
            State.words[BEGUN_CALL] = ident
        if flags & TELL_BEGIN or State.words is None:
            State.untimed = ident
            channel.send(BEGUN, ident, b"\0")
        State.interrupted = False
        State.told = None
        State.current = ident
        if ident in State.cancelled:   # between its arrival and here
            State.cancelled.discard(ident)
            State.told = ident
            raise KeyboardInterrupt
        if op == OP_CALL and not flags & HAS_EXTENSIONS:
            name, args, keywords = spec
            function = resolve(name)
            if State.untimed is not None:
                start_clock()
            result = function(*args, **keywords) if keywords else function(*args)
        else:
            result = perform(ident, op, flags, spec)
        if op != OP_STREAM and hasattr(type(result), "__await__"):
            State.current = None
            start(ident, finish(result), raw=op == OP_BATCH)
            return None, None
        if op == OP_STREAM:
            if stream(ident, result):
                return None, None
            stop_clock(ident)
            data = b"N"
        else:
            stop_clock(ident)
            data = result if op == OP_BATCH else encode(result, ident)
        State.current = None
        return RESULT, data
    except BaseException as e:
        State.current = None
        return ending(e, ident)


def start_clock():
    """Before the function is called: from here on its time counts. Where the host was told of the begin."""
    ident, State.untimed = State.untimed, None
    if ident is not None:
        State.timed.add(ident)
        channel.send(CLOCK_STARTED, ident)


def stop_clock(ident):
    """The function, and what it awaited, has completed."""
    if ident in State.timed:
        State.timed.discard(ident)
        channel.send(CLOCK_STOPPED, ident)


def finish_call(ident, answer, data):
    """The end of a call."""
    finish_lines()
    State.untimed = None
    State.timed.discard(ident)
    Memory.release(ident)
    State.credits.pop(ident, None)
    channel.send(answer, ident, data)
    State.named.pop(ident, None)


def ending(error, ident):
    """How a call ended that raised: (frame, body). Does not return for an exit."""
    if isinstance(error, KeyboardInterrupt) and State.told == ident or ident in State.cancelled and type(error).__name__ in ("KeyboardInterrupt", "CancelledError"):
        State.cancelled.discard(ident)
        return CANCELLED, b""
    if isinstance(error, TooLarge):
        return TOO_LARGE, struct.pack("<qq", error.size, State.max_payload)
    if isinstance(error, (SystemExit, Stopping)):
        raise error
    if isinstance(error, Missing):
        return FAILED, text("kernmantle:missing") + text(str(error)) + text(None) + b"\0"
    return FAILED, failure(error)


def perform(ident, op, flags, spec):
    """Everything but the plainest call."""
    if flags & HAS_EXTENSIONS:
        spec = restore(spec, ident)
    if op == OP_CALL or op == OP_STREAM:
        name, args, keywords = spec
        function = resolve(name)
        if flags & HAS_EXTENSIONS:
            args, keywords = adapt(function, args, keywords)
        start_clock()
        return function(*args, **keywords)
    batch = Batch(ident, *spec) if op == OP_BATCH else None
    start_clock()
    if op == OP_EVAL:
        source, variables = spec
        return eval(compile(source.strip(), "<eval>", "eval"), {**vars(State.main_module), **variables} if variables else vars(State.main_module))
    if op == OP_EXEC:
        source, variables = spec
        vars(State.main_module).update(variables)
        exec(compile(source, "<exec>", "exec"), vars(State.main_module))
        return None
    if op == OP_SCRIPT:
        return script(*spec)
    if op == OP_BATCH:
        return batch.run()
    raise ValueError("an operation %d, which this agent does not know" % op)


class Batch:
    """Many calls of one function. Each result is put into memory before the next one begins, so that a crash loses one call only."""

    INTEGER, VALUE, FLOAT, FAILURE, SENT, TOO_LARGE = 0, 1, 2, 3, 4, 5

    def __init__(self, ident, name, items, block):
        self.ident = ident
        self.items = items
        self.function = resolve(name)
        self.started = time.perf_counter()
        self.views = []
        self.kinds = None
        if block:
            memory = Memory.get(block)
            values = len(items) + 7 & ~7
            self.heap = values + 8 * len(items)
            self.memory = memory.view
            self.kinds = memory.view[:len(items)]
            self.integers = memory.view[values:self.heap].cast("q")
            self.floats = memory.view[values:self.heap].cast("d")
            self.views = [self.kinds, self.integers, self.floats]

    def run(self):
        """Returns the answer, or a coroutine that makes it."""
        function, words = self.function, State.words
        shared = self.kinds is not None
        if shared:
            integers, floats, kinds = self.integers, self.floats, self.kinds
        each = enumerate(self.items)
        while True:
            try:
                for at, item in each:
                    words[BEGUN_ITEMS] = at + 1
                    result = function(item)
                    kind = type(result)
                    if shared:
                        if kind is int:
                            try:
                                integers[at] = result
                                continue
                            except ValueError:
                                pass       # more than 64 bits
                        elif kind is float:
                            floats[at] = result
                            kinds[at] = 2
                            continue
                    if at == 0 and hasattr(type(result), "__await__"):
                        return self.gather(result)
                    self.put(at, result)
                return self.answer()
            except Exception as e:
                self.fail(at, e)

    async def gather(self, first):
        """The function is a coroutine function: all items begin, and wait side by side."""
        import asyncio
        State.words[BEGUN_ITEMS] = len(self.items)

        async def one(at):
            try:
                result = await (first if at == 0 else self.function(self.items[at]))
                self.put(at, result)
            except Exception as e:
                self.fail(at, e)

        await asyncio.gather(*map(one, range(len(self.items))))
        return self.answer()

    def put(self, at, result):
        try:
            self.store(at, self.VALUE, encode(result, self.ident))
        except TooLarge as e:
            if self.kinds is None:
                raise
            self.integers[at] = e.size
            self.kinds[at] = self.TOO_LARGE

    def fail(self, at, error):
        if isinstance(error, Missing):
            raise error
        self.store(at, self.FAILURE, failure(error))

    def store(self, at, kind, data):
        end = 0 if self.kinds is None else self.heap + len(data)
        if self.kinds is None or end > len(self.memory):
            if self.kinds is not None:
                self.kinds[at] = self.SENT
            channel.send(ITEM, self.ident, struct.pack("<iB", at, kind) + data)
            return
        self.memory[self.heap:end] = data
        self.integers[at] = self.heap << 32 | len(data)
        self.kinds[at] = kind
        self.heap = end

    def answer(self):
        for view in self.views:
            view.release()
        return struct.pack("<d", time.perf_counter() - self.started)


def script(path, arguments):
    """A file as __main__, with everything that belongs to a program's end. Returns its exit code."""
    import threading
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    State.main_module = sys.modules["__main__"] = main
    sys.argv = [path] + list(arguments)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    code = 0
    with io.open(path, "rb") as file:
        source = file.read()
    try:
        exec(compile(source, path, "exec"), vars(main))
    except SystemExit as e:
        code = exit_code(e)
    finally:
        if State.told is None or State.told != State.current:
            finish_threads(threading)
            import atexit
            if hasattr(atexit, "_run_exitfuncs"):
                atexit._run_exitfuncs()
    return code


def finish_threads(threading):
    """Waits for threads that are no daemons, and for those that they start."""
    while True:
        others = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
        if not others:
            return
        for each in others:
            each.join()


def exit_code(exit):
    if exit.code is None:
        return 0
    if isinstance(exit.code, int):
        return exit.code
    print(exit.code, file=sys.stderr)
    return 1


# --- Streams --------------------------------------------------------------------------------------------------------

def stream(ident, source):
    """Sends what the source yields. True: it goes on as a coroutine."""
    if hasattr(type(source), "__await__") or hasattr(type(source), "__aiter__"):
        State.current = None
        start(ident, async_stream(ident, source))
        return True
    State.credits[ident] = State.window
    iterator = iter(source)
    try:
        for item in iterator:
            data = encode(item, None)
            while State.credits[ident] <= 0:
                wait_for_credit(ident)
            State.credits[ident] -= 1
            channel.send(ITEM, ident, data)
    finally:
        if hasattr(iterator, "close"):
            iterator.close()
    return False


def wait_for_credit(ident):
    """Takes one credit, whosever it is, or waits for a frame. Calls stay in the inbox until the stream has ended."""
    with uninterrupted:
        frame = next((each for each in channel.inbox if each[0] == CREDIT), None)
        if frame is not None:
            channel.inbox.remove(frame)
        else:
            frame = channel.wait()
        kind, other, body = frame
        if kind == CREDIT:
            add_credit(other, body)
        elif kind == CANCEL:
            cancel(other)
        else:
            channel.inbox.append(frame)
    if State.interrupted:
        look()


def add_credit(ident, body):
    if ident in State.credits:
        State.credits[ident] += struct.unpack("<i", body)[0]
        waiter = State.waiters.get(ident)
        if waiter is not None:
            waiter.set()


async def async_stream(ident, source):
    import asyncio
    if hasattr(source, "__await__"):
        source = await source
    State.credits[ident] = State.window
    waiter = State.waiters[ident] = asyncio.Event()
    try:
        if hasattr(source, "__aiter__"):
            async for item in source:
                await send_item(ident, item, waiter)
        else:
            for item in source:
                await send_item(ident, item, waiter)
    finally:
        del State.waiters[ident]
        if hasattr(source, "aclose"):
            await source.aclose()
    return None


async def send_item(ident, item, waiter):
    data = encode(item, None)
    while State.credits[ident] <= 0:
        waiter.clear()
        await waiter.wait()
    State.credits[ident] -= 1
    channel.send(ITEM, ident, data)


# --- Coroutines -----------------------------------------------------------------------------------------------------

async def finish(awaitable):
    return await awaitable


def start(ident, coroutine, raw=False):
    """Runs a coroutine beside others. The first one makes the main thread run the loop."""
    import asyncio
    if State.loop is None:
        State.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(State.loop)
    State.tasks[ident] = task = State.loop.create_task(settle(ident, coroutine, raw))
    if ident in State.cancelled:
        task.cancel()
    task.add_done_callback(lambda _: never_ran(ident, coroutine, task))
    channel.send(INTERLEAVED, ident)
    if not State.running:
        State.running = True
        run_loop()


async def settle(ident, coroutine, raw):
    try:
        try:
            result = await coroutine
            stop_clock(ident)
            answer, data = RESULT, result if raw else encode(result, ident)
        except BaseException as e:
            leave(ident)           # from here on it is not interrupted
            if isinstance(e, GeneratorExit):
                raise
            answer, data = ending(e, ident)
        leave(ident)
    except KeyboardInterrupt:      # between the two
        leave(ident)
        answer, data = CANCELLED, b""
    State.cancelled.discard(ident)
    finish_call(ident, answer, data)


def never_ran(ident, coroutine, task):
    """A task that is cancelled before its first step ends without running anything of it."""
    if State.tasks.get(ident) is task:
        close(coroutine)
        leave(ident)
        State.cancelled.discard(ident)
        finish_call(ident, CANCELLED, b"")


def close(coroutine):
    """What never ran, and what it would have awaited: else Python warns that it "was never awaited"."""
    if coroutine.cr_frame is not None and coroutine.cr_frame.f_globals is globals():
        for each in list(coroutine.cr_frame.f_locals.values()):
            if isinstance(each, types.CoroutineType):
                close(each)
    coroutine.close()


def leave(ident):
    State.tasks.pop(ident, None)
    if not State.tasks:
        State.loop.stop()


def run_loop():
    """Runs coroutines until none is left. Other calls run between two rounds of the loop, not within it, as if it were not there."""
    State.loop.add_reader(CHANNEL, State.loop.stop)
    try:
        while State.tasks:
            State.looping = True   # before the inbox is looked at: from here on a signal that fills it stops the loop
            try:
                with uninterrupted:
                    channel.sort()     # what a stream received along with its credit: the loop looks at the socket only
                    forget_ended()
                if not channel.inbox:
                    State.loop.run_forever()
            except KeyboardInterrupt:
                pass               # it was meant for a coroutine, which has it
            finally:
                State.looping = False
            channel.pump()
            while channel.inbox:
                take(*channel.inbox.popleft())
    finally:
        State.loop.remove_reader(CHANNEL)
        State.running = False


# --- The log --------------------------------------------------------------------------------------------------------

def log(level, category, message, exception=None, when=None, thread=None):
    if channel.left:
        line = message if category.startswith("Console.") else "%s: %s%s" % (category, message, "" if exception is None else "\n" + exception)
        os.write(1 if category == "Console.Out" else 2, (line + "\n").encode("utf-8", "backslashreplace"))
        return
    import threading
    if thread is None:
        known = threading._active.get(get_ident()) if hasattr(threading, "_active") else threading.current_thread()
        thread = known.name if known is not None else "thread %d" % get_ident()
    native = threading.get_native_id() if hasattr(threading, "get_native_id") else 0
    channel.send(LOG, 0, struct.pack("<Bdi", level, when or time.time(), native & 0x7fffffff) + text(thread) + text(category) + text(message) + text(exception))


class Lines(io.TextIOBase):
    """Standard output or error: whole lines become records of the log. What is written to its buffer goes the system's way."""

    encoding = "utf-8"
    errors = "backslashreplace"
    newlines = None
    line_buffering = True

    def __init__(self, descriptor, name, level):
        self.descriptor = descriptor
        self.name = "<%s>" % name
        self.mode = "w"
        self.level = level
        self.category = "Console.Out" if descriptor == 1 else "Console.Error"
        self.parts = {}            # thread -> its line so far
        self.buffer = io.FileIO(descriptor, "w", closefd=False)

    def write(self, value):
        if not isinstance(value, str):
            raise TypeError("write() argument must be str, not %s" % type(value).__name__)
        thread = get_ident()       # print writes its arguments one by one: lines of several threads must not mix
        # Without a lock, since a finalizer or a signal handler that prints may run in the midst of it.
        lines = (self.parts.pop(thread, "") + value).split("\n")
        part = lines.pop()
        if part:
            self.parts[thread] = self.parts.pop(thread, "") + part
        for line in lines:
            log(self.level, self.category, line)
        return len(value)

    def finish(self):
        """What has no newline yet is a line too, at the end."""
        while self.parts:
            try:
                _, line = self.parts.popitem()
            except KeyError:
                return             # another thread has taken it
            log(self.level, self.category, line)

    def flush(self):
        if channel.left:
            self.finish()

    def reconfigure(self, **_):
        pass                       # whatever it says of buffers and encodings, whole lines are sent, and a host reads them

    def writable(self):
        return True

    def fileno(self):
        return self.descriptor

    def isatty(self):
        return False


def finish_lines():
    for own, current in ((State.out, sys.stdout), (State.err, sys.stderr)):
        if own.parts:
            own.finish()
        if current is not own and current is not None:
            try:
                current.flush()    # the program's own: what it holds belongs to this call
            except Exception:
                own.write("The program's own standard stream cannot be flushed.\n")


def leave_worker():
    """In a forked child, which is no worker: it must not speak for one, nor hold its descriptors. It writes as any process does."""
    channel.left = True
    own = (CHANNEL, FILES, LIFE) if questions.frames is None else (CHANNEL, FILES, LIFE, questions.frames.socket.fileno())
    for descriptor in own:
        try:
            os.close(descriptor)
        except OSError:
            pass                   # somebody has closed it before
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGURG, signal.SIG_DFL)
    for lines in (State.out, State.err):
        lines.parts = {}


class LoggingHook:
    """Waits for the module logging, which costs 10 ms and which not everybody needs."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        from importlib.machinery import PathFinder
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = PatchingLoader(spec.loader)
        return spec


class PatchingLoader:
    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        patch_logging(module)


def patch_logging(logging):
    """Every record goes to the host; a handler that would write it to standard output or error as well is passed over."""
    original = logging.Logger.callHandlers
    formatter = logging.Formatter()

    def callHandlers(self, record):
        try:
            message = record.getMessage()
        except Exception:
            logging.Handler().handleError(record)   # as a handler for standard error would
            return
        level = 5 if record.levelno >= 50 else 4 if record.levelno >= 40 else 3 if record.levelno >= 30 else 2 if record.levelno >= 20 else 1 if record.levelno >= 10 else 0
        exception = formatter.formatException(record.exc_info) if record.exc_info and record.exc_info[0] is not None else None
        log(level, record.name, message, exception, record.created, record.threadName)
        original(self, record)

    emit = logging.StreamHandler.emit

    def emit_elsewhere(self, record):
        if not isinstance(getattr(self, "stream", None), Lines):
            emit(self, record)

    logging.Logger.callHandlers = callHandlers
    logging.StreamHandler.emit = emit_elsewhere


# --- The worker's life ----------------------------------------------------------------------------------------------

def take(kind, ident, body):
    if kind == CALL:
        run(ident, body)
    elif kind == CANCEL:
        with uninterrupted:
            cancel(ident)
    elif kind == CREDIT:
        add_credit(ident, body)
    elif kind == STOP:
        raise Stopping


def die_with_host():
    """The kernel kills this process and its group when the host closes LIFE, whatever they are doing then."""
    try:
        import fcntl
        os.set_inheritable(LIFE, False)
        fcntl.fcntl(LIFE, getattr(fcntl, "F_SETSIG", 10), signal.SIGKILL)
        fcntl.fcntl(LIFE, getattr(fcntl, "F_SETOWN", 8), -os.getpgrp())
        fcntl.fcntl(LIFE, fcntl.F_SETFL, fcntl.fcntl(LIFE, fcntl.F_GETFL) | getattr(os, "O_ASYNC", 0o20000))
    except (ImportError, OSError) as e:
        log(3, "Kernmantle.Python", "This worker may outlive its host while it computes: %s" % e)


def has_lock():
    enabled = getattr(sys, "_is_gil_enabled", None)
    return enabled() if enabled is not None else True


def greet(body):
    version, = struct.unpack_from("<i", body, 0)
    if version != VERSION:
        raise ValueError("the host speaks version %d of the protocol, this agent version %d" % (version, VERSION))
    at = 4
    State.max_payload, State.window, arrays, count = struct.unpack_from("<qiBi", body, at)
    at += 17
    State.arrays = ("auto", "memoryview", "numpy")[arrays]
    for index in range(count):
        path, at = read_text(body, at)
        sys.path.insert(index, path)
    return read_text(body, at)[0]


def main():
    global channel
    channel = MainChannel()
    for descriptor in (CHANNEL, FILES):
        os.set_inheritable(descriptor, False)
    sys.stdout, sys.stderr = State.out, State.err = Lines(1, "stdout", 2), Lines(2, "stderr", 3)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=leave_worker)
    sys.argv = [""]
    try:
        import faulthandler
        faulthandler.enable(io.FileIO(2, "w", closefd=False))
    except (ImportError, OSError, ValueError):
        pass                       # an interpreter without it: a crash then tells less
    die_with_host()
    share_module()
    if "logging" in sys.modules:
        patch_logging(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, LoggingHook())
    State.main_module = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(State.main_module)["__builtins__"] = builtins
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGURG, on_signal)
    if hasattr(sys, "unraisablehook"):
        sys.unraisablehook = on_unraisable
    _, _, body = channel.receive()
    try:
        setup = greet(body)
        words = Memory.get(0)
        State.words = words.view.cast("q")
        if setup is not None:
            exec(compile(setup, "<setup>", "exec"), vars(State.main_module))
    except Exception as e:
        channel.send(FAILED, 0, failure(e))
        return
    channel.send(READY, 0, struct.pack("<i", os.getpid()) + text(".".join(map(str, sys.version_info[:3]))) + text(sys.implementation.name)
                 + text(sys.executable) + (b"\1" if has_lock() else b"\0"))
    try:
        while True:
            take(*channel.receive())
    except Stopping:
        channel.send(STOPPED, 0)
    finally:
        Handed.forget()
        finish_lines()
