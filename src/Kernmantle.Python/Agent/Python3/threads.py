# --- A thread for each call -------------------------------------------------------------------------------------------
# For interpreters that shall run calls on threads of their own: it stands behind the other parts and takes the place of some. The
# main thread takes frames and does nothing else, so that no signal is needed to make it look. Where the interpreter has a global
# lock, the threads take turns, and what waits leaves the others theirs; where it has none they run at once.

SAFE_MOMENT = 0.005                # seconds between two looks for one, to interrupt a call at


class ThreadCall:
    """One call, from its begin to its answer, on a thread of its own."""

    def __init__(self, ident, body):
        self.ident = ident
        self.body = body
        self.op, self.flags = body[16], body[17]
        self.instance, = INSTANCE.unpack_from(body, 8)
        self.times = self.flags & TELL_BEGIN
        self.lock = allocate_lock()
        self.thread = None         # for as long as it may be interrupted
        self.cancelled = False
        self.raised = False        # it gets one KeyboardInterrupt
        self.lost = False          # ... but that fell into a finalizer
        self.busy = 0              # it does what must not be left half done
        self.waker = None          # ends its wait for what the host shares
        self.credits = 0
        self.credit = locked()     # free while there may be some

    def begin(self):
        """By the main thread: in the order of the frames, and so that the host may send the next one."""
        State.calls[self.ident] = self
        if self.flags & TELL_BEGIN:
            channel.send(BEGUN, self.ident, b"\0")
        channel.send(INTERLEAVED, self.ident)
        try:
            start_new_thread(self.run, ())
        except RuntimeError as e:  # there are no more threads to be had
            self.end(FAILED, failure(e))

    def run(self):
        running.call = self
        try:
            try:
                with self.lock:
                    self.thread = get_ident()
                if self.cancelled:
                    raise KeyboardInterrupt
                answer, data = RESULT, in_trace(self.ident, self.perform, ()) if Traces.arrived else self.perform()
            finally:
                with self.lock:    # from here on it is not interrupted
                    self.thread = None
        except BaseException as e:
            State.instances.pop(self.ident, None)
            answer, data = self.ending(e)
        for own in (State.out, State.err):
            own.finish_of(get_ident())
        self.end(answer, data)

    def end(self, answer, data):
        if gap is not None and gap.dropped:
            gap.tell()
        with Memory.taking:
            Memory.release(self.ident)
        del State.calls[self.ident]
        Traces.arrived.pop(self.ident, None)
        Traces.contexts.pop(self.ident, None)
        channel.send(answer, self.ident, data)
        State.named.pop(self.ident, None)

    def perform(self):
        spec = marshal.loads(memoryview(self.body)[18:])
        self.body = None
        if self.flags & HAS_EXTENSIONS:
            spec = restore(spec, self.ident)
        if self.op == OP_BATCH:
            batch = Batch(self.ident, self.flags, *spec)
            self.tell(CLOCK_STARTED)
            answer = to_its_end(self, batch.run())
            self.tell(CLOCK_STOPPED)
            return answer
        if self.op in (OP_CALL, OP_STREAM, OP_CREATE):
            name, args, keywords = spec
            function = method(self.instance, name) if self.instance else resolve(name)
            if self.flags & HAS_EXTENSIONS:
                args, keywords = adapt(function, args, keywords)
            self.tell(CLOCK_STARTED)
            result = function(*args, **keywords)
            if self.op == OP_STREAM:
                self.stream(to_its_end(self, result))
                self.tell(CLOCK_STOPPED)
                return b"N"
            result = to_its_end(self, result) if self.op == OP_CALL or is_coroutine(result) else result
            if self.op == OP_CREATE:
                State.instances[self.ident], result = result, None
        else:
            self.tell(CLOCK_STARTED)
            result = SOURCES[self.op](*spec)
        self.tell(CLOCK_STOPPED)
        return encode(result, self.ident)

    def tell(self, clock):
        if self.times:
            channel.send(clock, self.ident)

    def stream(self, source):
        """Sends what the source yields, no further ahead than the host has given credit."""
        self.add_credit(State.window)
        if hasattr(source, "__aiter__"):
            to_its_end(self, self.stream_async(source))
            return
        iterator = iter(source)
        try:
            for item in iterator:
                self.send_item(item)
        finally:
            if hasattr(iterator, "close"):
                iterator.close()

    async def stream_async(self, source):
        try:
            async for item in source:
                self.send_item(item)
        finally:
            if hasattr(source, "aclose"):
                await source.aclose()

    def send_item(self, item):
        data = encode(item, None)
        while True:
            with self.lock:
                if self.credits > 0:
                    self.credits -= 1
                    break
            self.credit.acquire()
            if self.cancelled:
                raise KeyboardInterrupt
        channel.send(ITEM, self.ident, data)

    def add_credit(self, count):
        with self.lock:
            self.credits += count
        self.wake()

    def wake(self):
        try:
            self.credit.release()
        except RuntimeError:
            pass                   # it is free already

    def ending(self, error):
        """How it ended that raised: (frame, body). Does not return for an exit."""
        if self.cancelled and isinstance(error, KeyboardInterrupt):
            return CANCELLED, b""
        if isinstance(error, SystemExit):
            leave_with(exit_code(error))
        return refusal(error) or (FAILED, failure(error))

    def cancel(self):
        """By the main thread."""
        self.cancelled = True
        self.wake()
        waker = self.waker
        if waker is not None:
            try:
                waker()
            except RuntimeError:
                pass               # its loop has just been closed
        start_new_thread(self.interrupt, ())

    def interrupt(self):
        """Once, at a moment when its thread runs code of the program's: the agent's must not be left half done. A thread that waits in C code gets it when that returns."""
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        raise_in = find_raise()    # before the moment is looked for, which would pass while this imports
        if raise_in is None:
            return                 # this interpreter cannot: the host kills the worker after the grace
        while True:
            with self.lock:
                if self.thread is None:
                    return
                if self.lost:
                    self.lost = self.raised = False
                frame = sys._current_frames().get(self.thread)
                if not self.raised and not self.busy and frame is not None and frame.f_globals is not globals() and self.thread not in channel.sending:
                    self.raised = raise_in(self.thread)
            time.sleep(SAFE_MOMENT)

    def raise_if_cancelled(self):
        """By its own thread, once."""
        with self.lock:
            if not self.cancelled or self.raised:
                return
            self.raised = True
        raise KeyboardInterrupt


running = _local()                 # the call of each thread


def cancels(error, ident):
    """Whether it was raised since the call is to be cancelled, by its thread or its loop."""
    return State.calls[ident].cancelled and type(error).__name__ in ("KeyboardInterrupt", "CancelledError")


class UninterruptedCall:
    """What must not be left half done, by the thread of a call."""

    def __enter__(self):
        call = getattr(running, "call", None)
        if call is not None:
            call.busy += 1

    def __exit__(self, *_):
        call = getattr(running, "call", None)
        if call is not None:
            call.busy -= 1


on_unraisable_of_ours = on_unraisable


def on_unraisable(unraisable):
    """What was raised for a cancellation in a finalizer is raised once more: Python would print it, and go on."""
    call = getattr(running, "call", None)
    if call is not None and call.raised and issubclass(unraisable.exc_type, KeyboardInterrupt):
        call.lost = True
    else:
        on_unraisable_of_ours(unraisable)


ask_alone = ask


def ask(item, op, arguments=(), timeout=FOR_EVER, take_back=None, actor=0):
    """The same by the thread of a call: a cancellation ends the wait, which an exception from outside would not."""
    call = getattr(running, "call", None)
    if call is None:
        return ask_alone(item, op, arguments, timeout, take_back, actor)
    answered = locked()
    question = Question(item, lambda: unlock(answered), take_back)
    call.waker = lambda: unlock(answered)
    try:
        question.send(op, arguments, timeout, actor)
        while question.answer is None:
            call.raise_if_cancelled()
            answered.acquire()
        return question.result()
    except BaseException:
        question.abandon_wholly()
        raise
    finally:
        call.waker = None


def unlock(lock):
    try:
        lock.release()
    except RuntimeError:
        pass                       # it was not taken again since


def find_raise():
    """What raises a KeyboardInterrupt in a thread, at its next step. None: not in this interpreter."""
    try:
        from ctypes import c_ulong, py_object, pythonapi
        raise_at = pythonapi.PyThreadState_SetAsyncExc
    except (ImportError, AttributeError):
        return None
    return lambda thread: raise_at(c_ulong(thread), py_object(KeyboardInterrupt)) == 1


def to_its_end(call, result):
    """What a coroutine comes to, on a loop of its own."""
    if not hasattr(type(result), "__await__"):
        return result
    import asyncio
    try:
        return asyncio.run(cancellable(call, result))
    except asyncio.CancelledError:
        if call.cancelled:
            raise KeyboardInterrupt from None
        raise


async def cancellable(call, awaitable):
    """A cancellation is asyncio's: the loop waits in C code, where nothing else would reach it, and is not interrupted in its own code."""
    import asyncio
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel():
        call.raised = True
        loop.call_soon_threadsafe(task.cancel)

    call.waker = cancel
    try:
        if call.cancelled and not call.raised:
            cancel()
        return await awaitable
    finally:
        call.waker = None


def leave_with(code):
    """The worker ends, as a program does, from whatever thread."""
    import atexit
    if hasattr(atexit, "_run_exitfuncs"):
        atexit._run_exitfuncs()
    finish_lines()
    os._exit(code & 0xff)


def take_for_threads(kind, ident, body):
    call = State.calls.get(ident)
    if kind == CALL:
        Calls(ident, body).begin()
    elif kind == CANCEL and call is not None:
        call.cancel()
    elif kind == TRACE:
        arrive(ident, body)
    elif kind == CREDIT and call is not None:
        call.add_credit(struct.unpack("<i", body)[0])
    elif kind == RELEASE_INSTANCE:
        State.instances.pop(INSTANCE.unpack(body)[0], None)
        channel.send(RESULT, ident, b"N")
    elif kind == STOP:
        raise Stopping


Calls = ThreadCall
uninterrupted = UninterruptedCall()
take = take_for_threads
HAS_THREADS = True
State.calls = {}                   # number -> ThreadCall
