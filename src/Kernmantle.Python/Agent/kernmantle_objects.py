# --- What the host shares ---------------------------------------------------------------------------------------------
# The second part of the agent: it stands behind kernmantle_agent.py, in the same namespace. What the host has handed over stays
# there; here is an object that asks for each operation, over a connection of its own. Any thread asks, and waits as for a lock; a
# coroutine awaits. One thread, which is the agent's, takes the answers.

import itertools
from _thread import RLock, _local, start_new_thread
from _weakref import ref

DROP_OBJECT, ASK, WITHDRAW = 67, 68, 69
GET, GIVE_BACK, PUT, CLOSE = 1, 2, 3, 4
ACQUIRE, RELEASE, IS_CONSISTENT, MARK_CONSISTENT, ACQUIRE_READ, RELEASE_READ, ACQUIRE_WRITE, RELEASE_WRITE = 10, 11, 12, 13, 14, 15, 16, 17
TAKE, GIVE, COUNT = 20, 21, 22
WAIT, SET, CLEAR, IS_SET, NOTIFY, NOTIFY_ALL, SIGNAL, LEAVE = 30, 31, 32, 33, 34, 35, 36, 37
READ, EXCHANGE, COMPARE_EXCHANGE, ADD = 40, 41, 42, 43
DONE, NO, CLOSED, WITHDRAWN, ASK_FAILED = 0, 1, 2, 3, 4

QUESTION = struct.Struct("<Biid")
FOR_EVER = -1.0
NOT_NOW = object()                 # what it waited for was not there in time


class ChannelClosed(EOFError):
    """The channel has ended, and is empty. The text is that of its error, if it has one."""


class AbandonedLock(RuntimeError):
    """An owner of the lock died while it had it: what it protects may be half changed."""


class Deadlock(RuntimeError):
    """All wait for each other, and this one was chosen to give up."""


class ParticipantLost(RuntimeError):
    """A worker that is waited for has died."""


class Disposed(RuntimeError):
    """The host has done with it."""


FAILURES = {each.__name__: each for each in (AbandonedLock, Deadlock, ParticipantLost, Disposed, TimeoutError, TypeError, ValueError, MemoryError)}


class Numbers:
    """One after the other, for any thread. Not by a lock alone: a finalizer or a signal handler may come in the midst of it."""

    def __init__(self):
        self.count = itertools.count(1)
        self.lock = RLock()

    def next(self):
        with self.lock:
            return next(self.count)


class Questions:
    """The connection, and what was asked over it."""

    def __init__(self):
        self.frames = None
        self.open = {}             # number -> Question
        self.numbers = Numbers()

    def connect(self, descriptor):
        self.frames = Frames(descriptor)
        start_new_thread(self.read, ())

    def read(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())   # they are the program's
        while True:
            _, number, body = self.frames.wait()
            question = self.open.pop(number, None)
            if question is not None:
                question.on_answer(body[0], body[1:])


questions = Questions()


class Question:
    """One operation. Who does not want its answer any more abandons it: what it has brought then is taken back, and only then it has ended."""

    def __init__(self, item, tell, take_back=None):
        self.item = item           # not dropped before it is answered
        self.tell = tell
        self.take_back = take_back
        self.actor = 0
        self.number = None
        self.named = None
        self.answer = None
        self.abandoned = False
        self.ended = nothing
        self.once = [None]

    def send(self, op, arguments, timeout, actor):
        if channel.left:
            raise RuntimeError("A forked process is no worker: what the host shares is not shared with it.")
        try:
            data = encode(arguments, None)
        except TooLarge as e:
            raise ValueError("An argument of %d bytes; the pool's MaxPayloadBytes is %d." % (e.size, State.max_payload)) from None
        self.send_encoded(op, data, arguments, timeout, actor)

    def send_encoded(self, op, data, arguments, timeout, actor):
        self.actor = actor
        self.named = arguments     # nor what they name
        number = questions.numbers.next()
        with uninterrupted:
            questions.open[number] = self
            questions.frames.send(ASK, number, QUESTION.pack(op, self.item._number, actor, timeout) + data)
            self.number = number

    def on_answer(self, status, data):
        self.answer = status, data
        if self.abandoned:
            if not self.undo():
                self.finish(self.ended)
        else:
            self.finish(self.tell)

    def finish(self, tell):
        try:
            tell()
        except RuntimeError:       # its loop has been closed
            self.abandon(nothing)

    def abandon(self, ended):
        """Whether it has not ended yet: that calls ended, behind its answer, and after what that brought has been taken back."""
        self.ended = ended
        self.abandoned = True
        if self.answer is not None:
            return self.undo()
        if self.number is None:
            return False
        questions.frames.send(WITHDRAW, self.number)
        return True

    def undo(self):
        """Whether ended is called by somebody else."""
        try:
            self.once.pop()        # both the answer and who waited may come here
        except IndexError:
            return True
        status, data = self.answer
        if status != DONE or self.take_back is None:
            return False
        op, arguments, named = self.take_back(data)
        Question(self.item, self.ended).send_encoded(op, arguments, named, FOR_EVER, self.actor)
        return True

    def result(self):
        status, data = self.answer
        if status == DONE:
            return restore(marshal.loads(data), None) if data else None
        if status == CLOSED:
            text, = marshal.loads(data)
            raise ChannelClosed() if text is None else ChannelClosed(text)
        if status == ASK_FAILED:
            name, text = marshal.loads(data)
            raise FAILURES.get(name, RuntimeError)(text)
        return NOT_NOW


def nothing():
    pass


def ask(item, op, arguments=(), timeout=FOR_EVER, take_back=None, actor=0):
    answered = locked()
    question = Question(item, answered.release, take_back)
    try:
        question.send(op, arguments, timeout, actor)
        answered.acquire()
        return question.result()
    except BaseException:
        ended = locked()
        if question.abandon(ended.release):
            ended.acquire()
        raise


async def ask_async(item, op, arguments=(), timeout=FOR_EVER, take_back=None, actor=0):
    import asyncio
    loop = asyncio.get_running_loop()
    answered = loop.create_future()
    question = Question(item, lambda: loop.call_soon_threadsafe(settle_future, answered), take_back)
    try:
        question.send(op, arguments, timeout, actor)
        await answered
        return question.result()
    except BaseException as e:
        ended = loop.create_future()
        if question.abandon(lambda: loop.call_soon_threadsafe(settle_future, ended)) and not isinstance(e, GeneratorExit):
            await ended
        raise


def locked():
    lock = allocate_lock()
    lock.acquire()
    return lock


def settle_future(future):
    if not future.done():
        future.set_result(None)


NO_ARGUMENTS = marshal.dumps((), 2)


def give_back(data):
    """An item that nobody took: as it came."""
    return GIVE_BACK, marshal.dumps((None,), 2)[:-1] + data, restore(marshal.loads(data), None)


def seconds(block, timeout):
    """As the modules queue and threading have it."""
    if not block:
        return 0.0
    if timeout is None:
        return FOR_EVER
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return float(timeout)


class HostObject:
    """Something that the host shares. It may be kept beyond the call, and handed back."""

    def __init__(self, number):
        self._number = number

    def __repr__(self):
        return "<%s %d of the host>" % (type(self).__name__, self._number)

    def __reduce__(self):
        raise TypeError("%s is shared with this worker only: hand it over from the host" % type(self).__name__)


class ChannelReader(HostObject):
    """The reading end of a channel."""

    def get(self, block=True, timeout=None):
        """The next item. Raises ChannelClosed when there will be none, queue.Empty when there is none in time."""
        item = ask(self, GET, (), seconds(block, timeout), give_back)
        if item is NOT_NOW:        # here, and not in a function: Python looks for signals where one is called
            raise nothing_there()
        return item

    def get_nowait(self):
        return self.get(False)

    async def get_async(self, timeout=None):
        item = await ask_async(self, GET, (), seconds(True, timeout), give_back)
        if item is NOT_NOW:
            raise nothing_there()
        return item

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.get()
        except ChannelClosed as e:
            if e.args:
                raise
        raise StopIteration

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.get_async()
        except ChannelClosed as e:
            if e.args:
                raise
        raise StopAsyncIteration


class ChannelWriter(HostObject):
    """The writing end of a channel."""

    def put(self, item, block=True, timeout=None):
        """Waits while the channel is full. Raises ChannelClosed when it takes no more, queue.Full when it is full for too long."""
        taken(ask(self, PUT, (item,), seconds(block, timeout)))

    def put_nowait(self, item):
        self.put(item, False)

    async def put_async(self, item, timeout=None):
        taken(await ask_async(self, PUT, (item,), seconds(True, timeout)))

    def close(self, error=None):
        """No item follows. Who reads gets the error, if there is one, behind the last item. False: it was closed before."""
        if error is None:
            return ask(self, CLOSE, (None,))
        import traceback
        if not isinstance(error, BaseException):
            error = RuntimeError(str(error))
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        return ask(self, CLOSE, ([name_of(type(error)), str(error), "".join(lines)],))


class Channel(ChannelReader, ChannelWriter):
    """Both ends of a channel."""


def nothing_there():
    import queue
    return queue.Empty()


def taken(done):
    if done is NOT_NOW:
        import queue
        raise queue.Full


class Actors:
    """Who has a lock is a thread, or a task of asyncio: each has a number, which the host knows together with that of this worker."""

    numbers = Numbers()
    threads = _local()
    tasks = None

    @staticmethod
    def of_thread():
        number = getattr(Actors.threads, "number", 0)
        if not number:
            number = Actors.threads.number = Actors.numbers.next()
        return number

    @staticmethod
    def of_task():
        """0 where there is none."""
        asyncio = sys.modules.get("asyncio")
        try:
            task = asyncio.current_task() if asyncio is not None else None
        except RuntimeError:
            task = None            # no loop runs here
        if task is None:
            return 0
        if Actors.tasks is None:
            import weakref
            Actors.tasks = weakref.WeakKeyDictionary()
        number = Actors.tasks.get(task)
        if number is None:
            number = Actors.tasks[task] = Actors.numbers.next()
        return number


class Held:
    """What threads and tasks take and give back, in one of the ways that there are."""

    def __init__(self, acquire, release):
        self.acquire_op = acquire
        self.release_op = release
        self.actors = []

    def acquire(self, item, blocking, timeout, repair):
        actor = Actors.of_thread()
        self.actors.append(actor)  # before, and taken back: behind the answer Python must not come to look for signals
        try:
            if ask(item, self.acquire_op, (bool(repair),), lock_seconds(blocking, timeout), self.take_back, actor) is not NOT_NOW:
                return True
        except BaseException:
            self.actors.remove(actor)
            raise
        self.actors.remove(actor)
        return False

    async def acquire_async(self, item, timeout, repair):
        actor = Actors.of_task()
        self.actors.append(actor)
        try:
            if await ask_async(item, self.acquire_op, (bool(repair),), lock_seconds(True, timeout), self.take_back, actor) is not NOT_NOW:
                return True
        except BaseException:
            self.actors.remove(actor)
            raise
        self.actors.remove(actor)
        return False

    def take_back(self, data):
        return self.release_op, NO_ARGUMENTS, None

    def owner(self):
        """Of the running thread and its task who has it; the thread if neither."""
        task = Actors.of_task()
        return task if task in self.actors else Actors.of_thread()

    def release(self, item):
        actor = self.owner()
        if actor in self.actors:
            self.actors.remove(actor)
        ask(item, self.release_op, actor=actor)


def lock_seconds(blocking, timeout):
    return seconds(blocking, None if timeout == -1 else timeout)


class Context:
    """A lock in one of the ways in which it is taken, for with and async with."""

    def __init__(self, item, held):
        self.item = item
        self.held = held

    def __enter__(self):
        self.held.acquire(self.item, True, -1, False)
        return self.item

    def __exit__(self, *_):
        self.held.release(self.item)

    async def __aenter__(self):
        await self.held.acquire_async(self.item, -1, False)
        return self.item

    async def __aexit__(self, *_):
        self.held.release(self.item)


class Consistency(HostObject):
    """What a lock protects may be half changed, since an owner died."""

    @property
    def is_consistent(self):
        return ask(self, IS_CONSISTENT, actor=Actors.of_thread())

    def mark_consistent(self):
        """By its owner, who has mended it: from now on nobody is told of it."""
        ask(self, MARK_CONSISTENT, actor=self._held.owner())


class Lock(Consistency):
    """One at a time. Whoever took it, a thread or a task, gives it back. Where an owner has died AbandonedLock is raised, and it is not taken, unless that is for repair."""

    def __init__(self, number):
        HostObject.__init__(self, number)
        self._held = Held(ACQUIRE, RELEASE)

    def acquire(self, blocking=True, timeout=-1, repair=False):
        return self._held.acquire(self, blocking, timeout, repair)

    async def acquire_async(self, timeout=-1, repair=False):
        return await self._held.acquire_async(self, timeout, repair)

    def release(self):
        self._held.release(self)

    def __enter__(self):
        return Context(self, self._held).__enter__()

    def __exit__(self, *_):
        self.release()

    async def __aenter__(self):
        return await Context(self, self._held).__aenter__()

    async def __aexit__(self, *_):
        self.release()


class ReaderWriterLock(Consistency):
    """One that writes, or many that read: with lock.read(), with lock.write()."""

    def __init__(self, number):
        HostObject.__init__(self, number)
        self._reading = Held(ACQUIRE_READ, RELEASE_READ)
        self._held = Held(ACQUIRE_WRITE, RELEASE_WRITE)

    def read(self):
        return Context(self, self._reading)

    def write(self):
        return Context(self, self._held)

    def acquire_read(self, blocking=True, timeout=-1, repair=False):
        return self._reading.acquire(self, blocking, timeout, repair)

    def acquire_write(self, blocking=True, timeout=-1, repair=False):
        return self._held.acquire(self, blocking, timeout, repair)

    def release_read(self):
        self._reading.release(self)

    def release_write(self):
        self._held.release(self)


def give_permit(data):
    return GIVE, marshal.dumps((1,), 2), None


class Semaphore(HostObject):
    """So many permits. Those that this worker has when it dies come back."""

    def acquire(self, blocking=True, timeout=None):
        return ask(self, TAKE, (), seconds(blocking, timeout), give_permit, Actors.of_thread()) is not NOT_NOW

    async def acquire_async(self, timeout=None):
        return await ask_async(self, TAKE, (), seconds(True, timeout), give_permit, Actors.of_task()) is not NOT_NOW

    def release(self, n=1):
        ask(self, GIVE, (n,), actor=Actors.of_thread())

    @property
    def value(self):
        return ask(self, COUNT, actor=Actors.of_thread())

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *_):
        self.release()

    async def __aenter__(self):
        await self.acquire_async()
        return self

    async def __aexit__(self, *_):
        self.release()


class Awaited(HostObject):
    """What can be waited for."""

    def wait(self, timeout=None):
        """False: not in time."""
        return ask(self, WAIT, (), seconds(True, timeout), actor=Actors.of_thread()) is not NOT_NOW

    async def wait_async(self, timeout=None):
        return await ask_async(self, WAIT, (), seconds(True, timeout), actor=Actors.of_task()) is not NOT_NOW


class Event(Awaited):
    """A signal, for all until it is cleared, or for one."""

    def set(self):
        ask(self, SET, actor=Actors.of_thread())

    def clear(self):
        ask(self, CLEAR, actor=Actors.of_thread())

    def is_set(self):
        return ask(self, IS_SET, actor=Actors.of_thread())


class Meeting(Awaited):
    """If a worker that has it dies, all get ParticipantLost: it might be waited for."""

    def leave(self):
        """This worker has done its part."""
        ask(self, LEAVE, actor=Actors.of_thread())


class Barrier(Meeting):
    """So many wait for each other, again and again."""


class Countdown(Meeting):
    """So many signals are waited for."""

    def signal(self, n=1):
        """True: nobody waits any more."""
        return ask(self, SIGNAL, (n,), actor=Actors.of_thread())

    @property
    def value(self):
        return ask(self, COUNT, actor=Actors.of_thread())


class Condition(HostObject):
    """Waits for a change of what a Lock protects, which is given back meanwhile; after every wait the caller has it again."""

    def wait(self, lock, timeout=None):
        """False: nobody told of a change in time."""
        return ask(self, WAIT, (lock,), seconds(True, timeout), None, lock._held.owner()) is not NOT_NOW

    async def wait_async(self, lock, timeout=None):
        return await ask_async(self, WAIT, (lock,), seconds(True, timeout), None, lock._held.owner()) is not NOT_NOW

    def wait_for(self, predicate, lock, timeout=None):
        """Waits until it holds. Returns what it returned last."""
        end = None if timeout is None else time.monotonic() + timeout
        result = predicate()
        while not result:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self.wait(lock, left)
            result = predicate()
        return result

    def notify(self):
        ask(self, NOTIFY, actor=Actors.of_thread())

    def notify_all(self):
        ask(self, NOTIFY_ALL, actor=Actors.of_thread())


class Value(HostObject):
    """A number, or a record, read and written whole."""

    def read(self):
        return ask(self, READ)

    def write(self, value):
        ask(self, EXCHANGE, (value,))

    value = property(read, write)

    def exchange(self, value):
        """Returns the one before."""
        return ask(self, EXCHANGE, (value,))

    def compare_exchange(self, value, comparand):
        """Writes the value if the present one is the comparand. Returns the one before."""
        return ask(self, COMPARE_EXCHANGE, (value, comparand))

    def add(self, value):
        """Returns the sum."""
        return ask(self, ADD, (value,))


KINDS = {
    "reader": ChannelReader, "writer": ChannelWriter, "channel": Channel, "lock": Lock, "reader_writer_lock": ReaderWriterLock, "semaphore": Semaphore,
    "event": Event, "barrier": Barrier, "countdown": Countdown, "condition": Condition, "value": Value,
}


class Handed:
    """What was handed over under one number: once it is gone here, the host hears of it."""

    known = {}
    finding = RLock()

    def __init__(self, number, item):
        self.number = number
        self.count = 0
        self.once = [None]
        self.reference = ref(item, self.gone)

    @staticmethod
    def find(ident, kind, number, details):
        while questions.frames is None:
            with uninterrupted:
                Memory.receive()   # the connection comes before what uses it
        with Handed.finding:
            entry = Handed.known.get(number)
            item = entry.reference() if entry is not None else None
            if item is None:
                if entry is not None:
                    entry.drop()
                item = map_array(number) if kind == "array" else KINDS[kind](number, *details)
                entry = Handed.known[number] = Handed(number, item)
            entry.count += 1
        if kind == "array":
            form, length, start = details
            return as_array(memoryview(item)[start:start + length * struct.calcsize("<" + form)], form, (length,))
        return item

    def gone(self, _):
        if Handed.known.get(self.number) is self:
            del Handed.known[self.number]
        self.drop()

    @staticmethod
    def forget():
        """The interpreter ends: nobody is to be told."""
        for each in list(Handed.known.values()):
            each.reference = None

    def drop(self):
        try:
            self.once.pop()
        except IndexError:
            return
        if not channel.left:
            channel.send(DROP_OBJECT, 0, struct.pack("<ii", self.number, self.count))


def map_array(number):
    """The memory of a shared array, for as long as somebody refers to it: what is made of it does."""
    import mmap
    while number not in State.arrays_sent:
        with uninterrupted:
            Memory.receive()
    descriptor, length = State.arrays_sent.pop(number)
    try:
        return mmap.mmap(descriptor, length)
    finally:
        os.close(descriptor)


RESTORE["object"] = Handed.find


def share_module():
    """What a program names of this: import kernmantle."""
    module = sys.modules["kernmantle"] = types.ModuleType("kernmantle", "What the host shares with this worker.")
    for each in (HostObject, ChannelClosed, AbandonedLock, Deadlock, ParticipantLost, Disposed) + tuple(KINDS.values()):
        each.__module__ = "kernmantle"
        setattr(module, each.__name__, each)
