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
    body = struct.pack("<Bdi", level, when or time.time(), native & 0x7fffffff) + text(thread) + text(category) + text(message) + text(exception)
    if gap is None:
        channel.send(LOG, 0, body)
    else:
        gap.send_or_drop(body)


class Gap:
    """Where records are dropped for which there is no room: how many, told as soon as there is room, or the call ends."""

    def __init__(self):
        import select
        self.lock = allocate_lock()
        self.dropped = 0
        self.poll = select.poll()
        self.poll.register(CHANNEL, select.POLLOUT)

    def send_or_drop(self, body, kind=None):
        with self.lock:
            if not self.poll.poll(0):
                self.dropped += 1
                return
        self.tell()
        channel.send(LOG if kind is None else kind, 0, body)

    def tell(self):
        with self.lock:
            dropped, self.dropped = self.dropped, 0
        if dropped:
            channel.send(LOG, 0, struct.pack("<Bdi", 3, time.time(), 0) + text("") + text("Kernmantle.Python")
                         + text("%d log records were dropped before this one: there was no room for them." % dropped) + text(None))


gap = None


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

    def finish_of(self, thread):
        """The same of one thread."""
        line = self.parts.pop(thread, None)
        if line:
            log(self.level, self.category, line)

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
