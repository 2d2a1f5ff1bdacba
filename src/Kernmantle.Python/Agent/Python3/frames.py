# --- Frames ----------------------------------------------------------------------------------------------------------

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
        try:
            self.sending.add(thread)   # in here: a thread that was interrupted behind it would seem to send for ever
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
