# --- A microthread for each call --------------------------------------------------------------------------------------
# Where calls are microthreads (greenlets) of the main thread, as Stackless Python's tasklets are: this stands behind the parts for
# threads, in the same namespace. One runs until it waits: for a channel, for what the host shares, for credit, for its next turn.
# Nothing runs beside it, and one that blocks or computes holds up all.

import select

try:
    from greenlet import getcurrent, greenlet
except ImportError:
    getcurrent = None


class Hub:
    """Who is to run next; and where nobody is, what they wait for: frames, and answers, which another thread takes."""

    def __init__(self):
        self.main = getcurrent()
        self.ready = deque()       # (microthread, what it is to raise, or None)
        self.woken, self.wakes = socket.socketpair()
        self.woken.setblocking(False)
        self.wakes.setblocking(False)
        self.poll = select.poll()
        self.poll.register(CHANNEL, select.POLLIN)
        self.poll.register(self.woken, select.POLLIN)

    def wake(self, microthread, error=None):
        """By any thread."""
        self.ready.append((microthread, error))
        if get_ident() != MAIN:
            try:
                self.wakes.send(b"\0")
            except BlockingIOError:
                pass               # it is full: the hub is to look anyway

    def wait(self):
        """By a microthread: the others run until somebody wakes it, which may be for no reason."""
        asyncio = sys.modules.get("asyncio")
        loop = asyncio._get_running_loop() if asyncio is not None else None
        if loop is None:
            self.main.switch()
            return
        # The loop that it runs is the thread's: the others could not run theirs.
        task, hooks = asyncio.current_task(loop), sys.get_asyncgen_hooks()
        if task is not None:
            asyncio.tasks._leave_task(loop, task)
        asyncio._set_running_loop(None)
        sys.set_asyncgen_hooks(None, None)
        try:
            self.main.switch()
        finally:
            sys.set_asyncgen_hooks(*hooks)
            asyncio._set_running_loop(loop)
            if task is not None:
                asyncio.tasks._enter_task(loop, task)

    def serve(self):
        """Turns without end: all that are ready, then what the host says."""
        while True:
            for _ in range(len(self.ready)):
                microthread, error = self.ready.popleft()
                if microthread.dead:
                    continue
                if error is None:
                    microthread.switch()
                else:
                    microthread.throw(error)
            self.take_frames()

    def take_frames(self):
        for descriptor, _ in self.poll.poll(0 if self.ready else None):
            if descriptor == CHANNEL:
                channel.fill(socket.MSG_DONTWAIT)
            else:
                self.woken.recv(4096)
        frame = channel.parse()
        while frame is not None:
            take(*frame)
            frame = channel.parse()


hub = None


class MicroCall(ThreadCall):
    """One call, as a microthread."""

    def begin(self):
        State.calls[self.ident] = self
        if self.flags & TELL_BEGIN:
            channel.send(BEGUN, self.ident, b"\0")
        channel.send(INTERLEAVED, self.ident)
        self.microthread = greenlet(self.run)
        hub.wake(self.microthread)

    def send_item(self, item):
        data = encode(item, None)
        while self.credits <= 0:
            hub.wait()
        self.credits -= 1
        channel.send(ITEM, self.ident, data)

    def wake(self):
        if self.credits > 0 and self.microthread:   # it has begun, and has not ended
            hub.wake(self.microthread)

    def cancel(self):
        """It waits, since nothing runs while the host is listened to."""
        self.cancelled = True
        hub.wake(self.microthread, KeyboardInterrupt() if self.microthread else None)


ask_by_thread = ask


def ask(item, op, arguments=(), timeout=FOR_EVER, take_back=None, actor=0):
    me = getcurrent()
    if get_ident() != MAIN or me is hub.main:
        return ask_by_thread(item, op, arguments, timeout, take_back, actor)
    question = Question(item, lambda: hub.wake(me), take_back)
    try:
        question.send(op, arguments, timeout, actor)
        while question.answer is None:
            hub.wait()
        return question.result()
    except BaseException:
        ended = []

        def on_ended():
            ended.append(None)
            hub.wake(me)

        if question.abandon(on_ended):
            while not ended:
                hub.wait()
        raise


class MicroActors:
    """Who has a lock is a microthread."""

    known = None

    @staticmethod
    def of_microthread():
        if MicroActors.known is None:
            import weakref
            MicroActors.known = weakref.WeakKeyDictionary()
        me = getcurrent()
        number = MicroActors.known.get(me)
        if number is None:
            number = MicroActors.known[me] = Actors.numbers.next()
        return number


def serve():
    global hub
    hub = Hub()
    Actors.of_thread = staticmethod(MicroActors.of_microthread)
    hub.serve()


def prepare_interpreter():
    if getcurrent is None:
        raise ImportError("There is no module greenlet for %s, by which calls are microthreads: install it (Debian: apt-get install python3-greenlet; else: %s -m pip install greenlet). PyPy has it built in."
                          % (sys.executable, sys.executable))
    share_stackless()


Calls = MicroCall
