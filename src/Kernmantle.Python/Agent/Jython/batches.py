# --- Many calls at once ----------------------------------------------------------------------------------------------

class Batch(object):
    """Many calls of one function, one after the other. Each result is put into memory before the next one begins."""

    INTEGER, VALUE, FLOAT, FAILURE, SENT, TOO_LARGE = 0, 1, 2, 3, 4, 5

    def __init__(self, call, name, items, block):
        self.call = call
        self.items = items
        self.function = resolve(name)
        self.memory = Memory.get(block).bytes(0) if block else None
        self.values = 8 + (len(items) + 7 & ~7)
        self.heap = self.values + 8 * len(items)

    def run(self):
        started = System.nanoTime()
        for at, item in enumerate(self.items):
            try:
                if self.memory is not None:
                    self.memory.putLong(0, at + 1)   # which the host reads if this worker dies
                result = self.function(item)
                kind = type(result)
                if kind is int and self.memory is not None:
                    self.memory.putLong(self.values + 8 * at, result)
                elif kind is float and self.memory is not None:
                    self.memory.putDouble(self.values + 8 * at, result)
                    self.memory.put(8 + at, Batch.FLOAT)
                else:
                    self.put(at, result)
            except:
                error = sys.exc_info()[1]
                if isinstance(error, SystemExit) or self.call.cancelled and isinstance(error, (KeyboardInterrupt, InterruptedException)):
                    raise          # no item's
                self.store(at, Batch.FAILURE, failure(*sys.exc_info()))
        return struct.pack("<d", (System.nanoTime() - started) / 1e9)

    def put(self, at, result):
        try:
            self.store(at, Batch.VALUE, encode(result, self.call.ident))
        except TooLarge as e:
            if self.memory is None:
                raise
            self.memory.putLong(self.values + 8 * at, e.size)
            self.memory.put(8 + at, Batch.TOO_LARGE)

    def store(self, at, kind, data):
        end = self.heap + len(data)
        if self.memory is None or end > self.memory.capacity():
            if self.memory is not None:
                self.memory.put(8 + at, Batch.SENT)
            channel.send(ITEM, self.call.ident, struct.pack("<iB", at, kind) + data)
            return
        self.memory.position(self.heap)
        self.memory.put(StringUtil.toBytes(data))
        self.memory.putLong(self.values + 8 * at, self.heap << 32 | len(data))
        self.memory.put(8 + at, kind)
        self.heap = end
