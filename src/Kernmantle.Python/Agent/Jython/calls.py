# --- Calls -----------------------------------------------------------------------------------------------------------

def encode(value, owner):
    """A result as bytes."""
    data = marshal.dumps(prepare(value, owner), 2)
    if len(data) > State.max_payload:
        raise TooLarge(len(data))
    return data


class Call(object):
    """One call, from its begin to its answer, on a thread of its own."""

    WAITING = frozenset((Thread.State.WAITING, Thread.State.TIMED_WAITING))

    def __init__(self, ident, body):
        self.ident = ident
        self.instance, = struct.unpack_from("<q", body, 8)   # behind function, attempt
        self.op, self.flags = ord(body[16]), ord(body[17])
        self.body = body
        self.lock = allocate_lock()
        self.thread = None         # for as long as it may be interrupted
        self.cancelled = False
        self.woken = False         # a Thread.interrupt was sent
        self.raised = False        # a KeyboardInterrupt has been raised
        self.busy = False          # it does what must not be left half done
        self.times = self.flags & TELL_BEGIN
        self.credit = Semaphore(State.window)

    def begin(self):
        """On the thread that takes frames: in their order, and so that the host may send the next one."""
        State.calls[self.ident] = self
        if self.flags & TELL_BEGIN:
            channel.send(BEGUN, self.ident, "\0")
        channel.send(INTERLEAVED, self.ident)
        try:
            State.threads.execute(self.run)
        except Throwable as e:     # no thread is to be had
            self.end(FAILED, failure(type(e), e, None))

    def run(self):
        running.call = self
        with self.lock:
            self.thread = Thread.currentThread()
        try:
            try:
                if self.cancelled:
                    raise KeyboardInterrupt
                answer, data = RESULT, self.perform()
            finally:
                with self.lock:    # from here on it is not interrupted
                    self.thread = None
                Thread.interrupted()
        except:                    # Java's as well, which are no BaseException
            answer, data = self.ending(*sys.exc_info())
            State.instances.pop(self.ident, None)
        State.out.finish()
        State.err.finish()
        self.end(answer, data)

    def end(self, answer, data):
        del State.calls[self.ident]
        channel.send(answer, self.ident, data)

    def perform(self):
        spec = marshal.loads(self.body[18:])
        self.body = None
        if self.flags & HAS_EXTENSIONS:
            spec = restore(spec)
        if self.op == OP_BATCH:
            return Batch(self, *spec).run()
        if self.op == OP_CALL or self.op == OP_STREAM or self.op == OP_CREATE:
            name, args, keywords = spec
            function = method(self.instance, name) if self.instance else resolve(name)
            self.tell(CLOCK_STARTED)
            result = function(*args, **named(keywords)) if keywords else function(*args)
            if self.op == OP_STREAM:
                return self.stream(result)
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
        iterator = iter(source)
        try:
            for item in iterator:
                data = encode(item, None)
                self.credit.acquire()
                channel.send(ITEM, self.ident, data)
        finally:
            if hasattr(iterator, "close"):
                iterator.close()
        self.tell(CLOCK_STOPPED)
        return "N"

    def ending(self, kind, error, trace):
        """How it ended that raised: (frame, body). Does not return for an exit."""
        if self.cancelled and isinstance(error, (KeyboardInterrupt, InterruptedException)):
            return CANCELLED, ""
        if isinstance(error, SystemExit):
            exit_with(exit_code(error))
        return refusal(error) or (FAILED, failure(kind, error, trace))

    def cancel(self):
        self.cancelled = True
        interrupter = Thread(self.interrupt, "kernmantle interrupts call %d" % self.ident)
        interrupter.setDaemon(True)
        interrupter.start()

    def interrupt(self):
        """Once: either by waking it, or by an exception at its next line. Until it has had it or ended, since it may begin to wait, or cease to, in between."""
        while self.is_to_be_interrupted():
            time.sleep(LOOK_SECONDS)

    def is_to_be_interrupted(self):
        with self.lock:
            thread = self.thread
            if thread is None or self.raised:
                return self.ident in State.calls and not self.raised
            if self.busy:
                return True
            if thread.getState() in Call.WAITING:
                if not self.woken:
                    self.woken = True
                    thread.interrupt()
                return True
            if self.woken and not thread.isInterrupted():
                return True        # it has had it; or it waits for a lock, and will find that it was interrupted when it has that
        frame = sys._current_frames().get(thread.getId())
        while frame is not None and frame.f_globals is not globals():
            frame.f_trace = self.raise_at_line
            frame = frame.f_back
        return True

    def raise_at_line(self, frame, event, argument):
        """By the thread of the call, at a line of its own."""
        with self.lock:
            if event != "line" or self.raised or self.busy or self.thread is not Thread.currentThread() or self.woken and not self.thread.isInterrupted():
                return
            self.raised = True
        Thread.interrupted()
        raise KeyboardInterrupt
