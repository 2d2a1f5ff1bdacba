# --- What the host shares ---------------------------------------------------------------------------------------------
# The second part of the agent: it stands behind kernmantle_agent.py, in the same namespace. What the host has handed over stays
# there; here is an object that asks for each operation, over a connection of its own. Any thread asks, and waits as for a lock; a
# coroutine awaits. One thread, which is the agent's, takes the answers.

DROP_OBJECT, ASK, WITHDRAW = 67, 68, 69
GET, GIVE_BACK, PUT, CLOSE = 1, 2, 3, 4
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


class Questions:
    """The connection, and what was asked over it."""

    def __init__(self):
        self.frames = None
        self.open = {}             # number -> Question
        self.last = 0
        self.numbering = allocate_lock()

    def connect(self, descriptor):
        import _thread
        self.frames = Frames(descriptor)
        _thread.start_new_thread(self.read, ())

    def read(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())   # they are the program's
        while True:
            _, number, body = self.frames.wait()
            question = self.open.pop(number, None)
            if question is not None:
                question.on_answer(body[0], body[1:])

    def next_number(self):
        with self.numbering:
            self.last += 1
            return self.last


questions = Questions()


class Question:
    """One operation. Who does not wait for its answer any more abandons it: what it has brought then is taken back."""

    def __init__(self, item, tell, take_back=None):
        self.item = item           # not dropped before it is answered
        self.tell = tell
        self.take_back = take_back
        self.number = None
        self.named = None
        self.answer = None
        self.abandoned = False
        self.once = [None]

    def send(self, op, arguments, timeout, actor):
        if channel.left:
            raise RuntimeError("A forked process is no worker: what the host shares is not shared with it.")
        try:
            data = encode(arguments, None)
        except TooLarge as e:
            raise ValueError("An argument of %d bytes; the pool's MaxPayloadBytes is %d." % (e.size, State.max_payload)) from None
        self.named = arguments     # nor what they name
        number = questions.next_number()
        with uninterrupted:
            questions.open[number] = self
            questions.frames.send(ASK, number, QUESTION.pack(op, self.item._number, actor, timeout) + data)
            self.number = number

    def on_answer(self, status, data):
        self.answer = status, data
        if self.abandoned:
            self.undo()
            return
        try:
            self.tell()
        except RuntimeError:       # its loop has been closed
            self.abandon()

    def abandon(self):
        self.abandoned = True
        if self.answer is not None:
            self.undo()
        elif self.number is not None:
            questions.frames.send(WITHDRAW, self.number)

    def undo(self):
        try:
            self.once.pop()        # both the answer and who waited may come here
        except IndexError:
            return
        status, data = self.answer
        if status == DONE and self.take_back is not None:
            op, arguments = self.take_back(data)
            Question(self.item, nothing).send(op, arguments, FOR_EVER, 0)

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
    answered = allocate_lock()
    answered.acquire()
    question = Question(item, answered.release, take_back)
    try:
        question.send(op, arguments, timeout, actor)
        answered.acquire()
        return question.result()
    except BaseException:
        question.abandon()
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
    except BaseException:
        question.abandon()
        raise


def settle_future(future):
    if not future.done():
        future.set_result(None)


def give_back(data):
    """An item that nobody took."""
    return GIVE_BACK, (restore(marshal.loads(data), None),)


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
        return there(ask(self, GET, (), seconds(block, timeout), give_back))

    def get_nowait(self):
        return self.get(False)

    async def get_async(self, timeout=None):
        return there(await ask_async(self, GET, (), seconds(True, timeout), give_back))

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


def there(item):
    if item is NOT_NOW:
        import queue
        raise queue.Empty
    return item


def taken(done):
    if done is NOT_NOW:
        import queue
        raise queue.Full


KINDS = {"reader": ChannelReader, "writer": ChannelWriter, "channel": Channel}


class Handed:
    """What was handed over under one number: once it is gone here, the host hears of it."""

    known = {}
    finding = allocate_lock()

    def __init__(self, item):
        from _weakref import ref
        self.number = item._number
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
                item = KINDS[kind](number, *details)
                entry = Handed.known[number] = Handed(item)
            entry.count += 1
        return item

    def gone(self, _):
        if Handed.known.get(self.number) is self:
            del Handed.known[self.number]
        self.drop()

    def drop(self):
        try:
            self.once.pop()
        except IndexError:
            return
        if not channel.left:
            channel.send(DROP_OBJECT, 0, struct.pack("<ii", self.number, self.count))


RESTORE["object"] = Handed.find


def share_module():
    """What a program names of this: import kernmantle."""
    module = sys.modules["kernmantle"] = types.ModuleType("kernmantle", "What the host shares with this worker.")
    for each in (HostObject, ChannelReader, ChannelWriter, Channel, ChannelClosed, AbandonedLock, Deadlock, ParticipantLost, Disposed):
        each.__module__ = "kernmantle"
        setattr(module, each.__name__, each)
