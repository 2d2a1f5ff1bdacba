# --- Questions about what the host shares -----------------------------------------------------------------------------
# What the host has handed over stays there; here is an object that asks for each operation, over a connection of its own. Any thread
# asks, and waits as for a lock; a coroutine awaits. One thread, which is the agent's, takes the answers.

import itertools
from _thread import _local, start_new_thread
from _weakref import ref

DROP_OBJECT, ASK, WITHDRAW = 67, 68, 69
GET, GIVE_BACK, PUT, CLOSE = 1, 2, 3, 4
ACQUIRE, RELEASE, IS_CONSISTENT, MARK_CONSISTENT, ACQUIRE_READ, RELEASE_READ, ACQUIRE_WRITE, RELEASE_WRITE = 10, 11, 12, 13, 14, 15, 16, 17
TAKE, GIVE, COUNT = 20, 21, 22
WAIT, SET, CLEAR, IS_SET, NOTIFY, NOTIFY_ALL, SIGNAL, LEAVE = 30, 31, 32, 33, 34, 35, 36, 37
READ, EXCHANGE, COMPARE_EXCHANGE, ADD = 40, 41, 42, 43
INVOKE, REPORT = 50, 51
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

    def abandon_wholly(self):
        """Blocks until it has ended."""
        ended = locked()
        if self.abandon(ended.release):
            ended.acquire()

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
        question.abandon_wholly()
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
