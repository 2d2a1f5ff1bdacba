# --- Arrays, and memory that the host shares -------------------------------------------------------------------------

def array_of(value, owner):
    """A numeric array: its bytes here, or by reference if there are many. value: memoryview or numpy array."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        code = value.dtype.kind + str(value.dtype.itemsize)
        form = {"b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f4": "f", "f8": "d"}.get(code)
        if form is None or not value.dtype.isnative:
            return (E, "other", "numpy.ndarray of " + str(value.dtype), safe_repr(value))
        shape = value.shape
        value = memoryview(numpy.ascontiguousarray(value))
    else:
        form, shape = native_form(value), value.shape
        if form is None:
            return (E, "other", "memoryview of format " + value.format, "")
        if form == "B" and len(shape) == 1:
            return value.tobytes()
        if not value.c_contiguous:
            value = memoryview(value.tobytes())
    size = value.nbytes
    if size < SHARED_FROM or owner is None or State.words is None:
        return (E, "array", form, shape, value.tobytes())
    known = Memory.find(value, owner)
    if known is not None:
        return (E, "block", form, shape, known[0], known[1])
    memory = Memory.ask(owner, size)
    if memory is None:
        return (E, "array", form, shape, value.tobytes())
    memory.view[:size] = value.cast("B") if value.ndim != 1 or value.format != "B" else value
    return (E, "block", form, shape, memory.ident, 0)


def native_form(view):
    form = view.format.lstrip("@=<") if sys.byteorder == "little" else view.format
    if form in ("l", "L", "n", "N"):
        form = {4: "i", 8: "q"}[view.itemsize] if form in ("l", "n") else {4: "I", 8: "Q"}[view.itemsize]
    return "B" if form == "c" else form if form in NUMBERS else None


def restore_array(ident, form, shape, data):
    return as_array(memoryview(bytearray(data)), form, shape)


def restore_block(ident, form, shape, block, offset):
    memory = Memory.get(block, ident)
    size = struct.calcsize("<" + form)
    for length in shape:
        size *= length
    view = memoryview(memory.map)[offset:offset + size]
    if not COUNTS_REFERENCES:
        return as_array(memoryview(bytearray(view)), form, shape)   # whether somebody still holds it could not be told
    result = as_array(view, form, shape)
    memory.lent.append((ident, view, result))
    return result


def as_array(view, form, shape):
    if State.arrays == "auto":
        with uninterrupted:
            try:
                import numpy
                State.arrays = "numpy"
            except ImportError:
                State.arrays = "memoryview"
    if State.arrays == "numpy":
        import numpy
        return numpy.frombuffer(view, {"?": "?", "b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4", "q": "i8", "Q": "u8", "f": "f4", "d": "f8"}[form]).reshape(shape)
    if 0 in shape:
        return memoryview(b"").cast(form) if len(shape) == 1 else memoryview(bytearray(1))[:0].cast(form)
    return view.cast(form) if len(shape) == 1 else view.cast(form, list(shape))


RESTORE = {
    "datetime": restore_datetime, "date": restore_date, "time": restore_time, "timedelta": restore_timedelta, "decimal": restore_decimal,
    "uuid": restore_uuid, "path": lambda ident, path: path, "record": restore_record, "array": restore_array, "block": restore_block,
}


class Uninterrupted:
    """What must not be left half done: a cancellation waits for its end. Only the main thread is ever interrupted."""

    def __enter__(self):
        if get_ident() == MAIN:
            channel.busy += 1

    def __exit__(self, *_):
        if get_ident() == MAIN:
            channel.busy -= 1
            if channel.look and not channel.busy:
                look()


uninterrupted = Uninterrupted()


class Memory:
    """Memory that the host shares: mapped once, known by its number."""

    taking = RLock()               # who waits for a message takes all that come before it
    files = None                   # where they come: a socket
    unmapped = {}                  # number -> why it could not be mapped, for the call that is to use it

    def __init__(self, ident, descriptor, length):
        self.ident = ident
        self.map = map_file(descriptor, length)
        self.view = memoryview(self.map)
        self.lent = []
        self.references = sys.getrefcount(self.map) if COUNTS_REFERENCES else 0

    @staticmethod
    def receive():
        """Takes one message of the host over FILES: (kind, number)."""
        if Memory.files is None:
            Memory.files = socket.socket(fileno=FILES)
        data, attached, _, _ = Memory.files.recvmsg(16, socket.CMSG_SPACE(4), socket.MSG_WAITALL | CLOSE_ON_EXEC)
        if len(data) < 16:
            os._exit(0)            # the host is gone
        kind, ident, length = FILE_MESSAGE.unpack(data)
        descriptor = struct.unpack("i", attached[0][2][:4])[0] if attached else None
        if kind == DROP:
            State.memory.pop(ident, None)
            Memory.unmapped.pop(ident, None)
        elif kind == OBJECTS and attached:
            questions.connect(descriptor)
        elif kind == STACKS and attached:
            State.stacks = ident, descriptor
        elif kind in (LENT, GRANTED) and ident < 0:
            State.arrays_sent[-ident] = descriptor, length
        elif kind in (LENT, GRANTED) and ident in State.memory:
            if attached:
                os.close(descriptor)   # it was there from another call
        elif kind in (LENT, GRANTED):
            try:
                State.memory[ident] = Memory(ident, descriptor, length)
            except Exception as e:
                Memory.unmapped[ident] = e
        return kind, ident

    @staticmethod
    def get(ident, owner):
        """The memory of that number, which the host hands over before it names it to the call. One that cannot be mapped the host forgets: it would not send it again."""
        with uninterrupted, Memory.taking:
            while ident not in State.memory and ident not in Memory.unmapped:
                Memory.receive()
            error = Memory.unmapped.pop(ident, None)
            if error is None:
                return State.memory[ident]
            if owner is not None:
                channel.send(MEMORY_KEPT, owner, struct.pack("<i", ident))
        raise error

    @staticmethod
    def ask(owner, size):
        """New memory for a result of the call, or None."""
        if size > State.max_payload:
            raise TooLarge(size)
        with uninterrupted, Memory.taking:
            channel.send(WANT_MEMORY, owner, struct.pack("<q", size))
            while True:
                kind, ident = Memory.receive()
                if kind == GRANTED:
                    try:
                        return Memory.get(ident, owner)
                    except Exception:
                        return None    # it goes with the answer
                if kind == REFUSED:
                    return None

    @staticmethod
    def find(view, owner):
        """Where a view lies in memory that the call was lent: (number, offset), or None. That of another call the host does not take for its own."""
        for memory in list(State.memory.values()):   # which other threads change
            for ident, lent, _ in memory.lent:
                if ident == owner and same_memory(lent, view):
                    return memory.ident, address_offset(memory, view)
        return None

    @staticmethod
    def release(ident):
        """The call has ended: its views are given back. What somebody still holds, the host must not use again."""
        for number, memory in list(State.memory.items()):
            mine = [each for each in memory.lent if each[0] == ident]
            if not mine:
                continue
            memory.lent = [each for each in memory.lent if each[0] != ident]
            del mine
            # Whatever was made of an array, by slicing or casting, refers to its buffer, and that to the map.
            if sys.getrefcount(memory.map) > memory.references:
                channel.send(MEMORY_KEPT, ident, struct.pack("<i", number))
                del State.memory[number]


def map_file(descriptor, length):
    """Maps what came attached, and closes it. No descriptor: there was none left to take it."""
    import mmap
    if descriptor is None:
        raise OSError(errno.EMFILE, "There was no descriptor left for %d bytes of memory that the host shares: raise the limit of open files (ulimit -n), or close some" % length)
    try:
        return mmap.mmap(descriptor, length)
    finally:
        os.close(descriptor)


def same_memory(lent, view):
    """Whether the view is one of the lent memory as a whole."""
    return lent.nbytes == view.nbytes and view.c_contiguous and view.obj is not None and root_of(view) is root_of(lent) and start_of(lent) == start_of(view)


def root_of(view):
    numpy = sys.modules.get("numpy")
    base = view.obj
    while numpy is not None and isinstance(base, numpy.ndarray):
        base = base.base
        if isinstance(base, memoryview):
            base = base.obj
    return base


def start_of(view):
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return numpy.frombuffer(view.cast("B") if view.format != "B" or view.ndim != 1 else view, "u1").__array_interface__["data"][0]
    return 0


def address_offset(memory, view):
    numpy = sys.modules.get("numpy")
    return start_of(view) - start_of(memory.view) if numpy is not None else 0
