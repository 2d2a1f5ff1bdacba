# --- Arrays, and memory that the host shares -------------------------------------------------------------------------

# Format on the wire -> typecode here, bytes, and the buffer's view that moves all items at once; the others, which Java has no type for, go item by item.
FORMATS = {"?": ("z", 1, None), "b": ("b", 1, None), "B": ("B", 1, None), "h": ("h", 2, "asShortBuffer"), "H": ("H", 2, None), "i": ("i", 4, "asIntBuffer"),
           "I": ("I", 4, None), "q": ("l", 8, "asLongBuffer"), "Q": ("L", 8, None), "f": ("f", 4, "asFloatBuffer"), "d": ("d", 8, "asDoubleBuffer")}
TYPECODES = dict((typecode, form) for form, (typecode, _, _) in FORMATS.items())


def array_of(value, owner):
    """A numeric array: its bytes here, or by reference if there are many."""
    form = TYPECODES.get(str(value.typecode))
    if form is None:
        return (E, u"other", u"array.array of %s" % value.typecode, safe_repr(value))
    size = len(value) * value.itemsize
    memory = Memory.ask(owner, size) if size >= SHARED_FROM and owner is not None else None
    target = memory.bytes(0, size) if memory is not None else ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN)
    view = FORMATS[form][2]
    if view is not None:
        getattr(target, view)().put(value)
    else:
        target.put(StringUtil.toBytes(swapped(value).tostring()))
    if memory is not None:
        return (E, u"block", unicode(form), (len(value),), memory.ident, 0)
    return (E, u"array", unicode(form), (len(value),), Py.newString(String(target.array(), StandardCharsets.ISO_8859_1)))


def swapped(value):
    """Jython's arrays are big-endian wherever they are."""
    value = value[:]
    if value.itemsize > 1:
        value.byteswap()
    return value


def array_from(form, shape, source):
    """An array.array, which is Java's array too; of several dimensions, a list of them."""
    if len(shape) > 1:
        size = reduce(lambda a, b: a * b, shape[1:], FORMATS[form][1])
        rows = []
        for at in range(shape[0]):
            source.limit((at + 1) * size).position(at * size)
            rows.append(array_from(form, shape[1:], source.slice().order(ByteOrder.LITTLE_ENDIAN)))
        return rows
    typecode, size, view = FORMATS[form]
    count = shape[0] if shape else 1
    if view is not None:
        value = zeros(count, typecode)
        getattr(source, view)().get(value)
        return value
    data = zeros(count * size, "b")
    source.get(data)
    value = array(typecode)
    value.fromstring(Py.newString(String(data, StandardCharsets.ISO_8859_1)))
    return swapped(value)


RESTORE = {
    "datetime": restore_datetime, "date": restore_date, "time": restore_time, "timedelta": restore_timedelta, "decimal": restore_decimal,
    "uuid": restore_uuid, "path": lambda ident, path: path, "record": lambda ident, name, fields: Record(**named(restore(fields))),
    "array": lambda ident, form, shape, data: array_from(form, shape, ByteBuffer.wrap(StringUtil.toBytes(data)).order(ByteOrder.LITTLE_ENDIAN)),
    "block": lambda ident, form, shape, block, offset: array_from(form, shape, Memory.get(block).bytes(offset)),
}


class Memory(object):
    """Memory that the host shares: mapped once, known by its number. Whoever needs some reads what the host says of it, one thread at a time."""

    known = {}
    lock = allocate_lock()

    def __init__(self, ident, descriptor, length):
        self.ident = ident
        file = RandomAccessFile("/proc/self/fd/%d" % descriptor, "rw")
        try:
            self.map = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, length)
        finally:
            file.close()

    def bytes(self, start, length=None):
        """A view of its own."""
        view = self.map.duplicate()
        view.limit(view.capacity() if length is None else start + length).position(start)
        return view.slice().order(ByteOrder.LITTLE_ENDIAN)

    @staticmethod
    def receive():
        """Takes one message of the host over FILES: (kind, memory or None)."""
        message = posix.allocateMsgHdr()
        data = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN)
        message.setIov([data])
        message.allocateControl(4)
        if posix.recvmsg(FILES, message, 0x40000100) != 16:   # MSG_WAITALL, MSG_CMSG_CLOEXEC
            leave()
        kind, ident = data.getInt(0), data.getInt(4)
        if kind == DROP:
            Memory.known.pop(ident, None)
        if not message.getControlLen():
            return kind, None
        descriptor = message.getControls()[0].getData().order(ByteOrder.nativeOrder()).getInt(0)
        try:
            if ident not in Memory.known:
                Memory.known[ident] = Memory(ident, descriptor, data.getLong(8))
        finally:
            posix.close(descriptor)
        return kind, Memory.known[ident]

    @staticmethod
    def get(ident):
        """The memory of that number, which the host hands over before it names it."""
        with Memory.lock:
            while ident not in Memory.known:
                Memory.receive()
            return Memory.known[ident]

    @staticmethod
    def ask(owner, size):
        """New memory for a result of the call, or None."""
        if size > State.max_payload:
            raise TooLarge(size)
        with Memory.lock:
            channel.send(WANT_MEMORY, owner, struct.pack("<q", size))
            while True:
                kind, memory = Memory.receive()
                if kind == GRANTED or kind == REFUSED:
                    return memory
