# --- Frames ---------------------------------------------------------------------------------------------------------

class Channel(object):
    """Frames over a descriptor, which Java's own channels cannot read: sockets have no path, and an interrupt would close them. Any thread sends; only one receives."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.lock = allocate_lock()
        self.buffer = ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.LITTLE_ENDIAN)
        self.buffer.limit(0)       # what has been received and not taken is between position and limit

    def send(self, kind, ident, body=""):
        data = StringUtil.toBytes(HEADER.pack(len(body), kind, ident) + body)
        at = 0
        with self.lock:
            while at < len(data):
                count = posix.write(self.descriptor, ByteBuffer.wrap(data, at, len(data) - at).slice(), len(data) - at)
                if count <= 0:
                    leave()
                at += count

    def take(self, count):
        """So many bytes, as a str."""
        data = zeros(count, "b")
        at = 0
        while True:
            some = min(count - at, self.buffer.remaining())
            self.buffer.get(data, at, some)
            at += some
            if at == count:
                return Py.newString(String(data, StandardCharsets.ISO_8859_1))
            self.buffer.clear()
            received = posix.read(self.descriptor, self.buffer, self.buffer.capacity())
            if received <= 0:
                leave()
            self.buffer.limit(received)

    def receive(self):
        length, kind, ident = HEADER.unpack(self.take(HEADER.size))
        return kind, ident, self.take(length)


channel = Channel(CHANNEL)


running = _local()                 # .call: the call of this thread


class State(object):
    calls = {}                     # number -> Call
    instances = {}                 # number -> object that the host calls methods of
    window = 1
    max_payload = 0
    threads = None                 # where calls run
    out = err = None               # where print goes unless the program changes that
    main_module = None
