# --- Many calls at once ----------------------------------------------------------------------------------------------

class Batch:
    """Many calls of one function. Each result is put into memory before the next one begins, so that a crash loses one call only."""

    INTEGER, VALUE, FLOAT, FAILURE, SENT, TOO_LARGE = 0, 1, 2, 3, 4, 5

    def __init__(self, ident, flags, name, items, block):
        self.ident = ident
        self.items = items
        self.function = adapt_to_items(resolve(name), items) if flags & HAS_EXTENSIONS else resolve(name)
        self.started = time.perf_counter()
        self.views = []
        self.kinds = None
        self.begun = [0]           # which the host reads if this worker dies
        if block:
            memory = Memory.get(block, ident)
            values = 8 + (len(items) + 7 & ~7)
            self.heap = values + 8 * len(items)
            self.memory = memory.view
            self.begun = memory.view[:8].cast("q")
            self.kinds = memory.view[8:8 + len(items)]
            self.integers = memory.view[values:self.heap].cast("q")
            self.floats = memory.view[values:self.heap].cast("d")
            self.views = [self.begun, self.kinds, self.integers, self.floats]

    def run(self):
        """Returns the answer, or a coroutine that makes it."""
        function, begun = self.function, self.begun
        shared = self.kinds is not None
        if shared:
            integers, floats, kinds = self.integers, self.floats, self.kinds
        each = enumerate(self.items)
        while True:
            try:
                for at, item in each:
                    begun[0] = at + 1
                    result = function(item)
                    kind = type(result)
                    if shared:
                        if kind is int:
                            try:
                                integers[at] = result
                                continue
                            except ValueError:
                                pass       # more than 64 bits
                        elif kind is float:
                            floats[at] = result
                            kinds[at] = 2
                            continue
                    if at == 0 and hasattr(type(result), "__await__"):
                        return self.gather(result)
                    self.put(at, result)
                return self.answer()
            except BaseException as e:
                if not self.is_of_item(e):
                    raise
                self.fail(at, e)

    async def gather(self, first):
        """The function is a coroutine function: all items begin, and wait side by side."""
        import asyncio
        self.begun[0] = -1         # side by side

        async def one(at):
            try:
                result = await (first if at == 0 else self.function(self.items[at]))
                self.put(at, result)
            except BaseException as e:
                if not self.is_of_item(e):
                    raise
                self.fail(at, e)

        tasks = [asyncio.ensure_future(one(at)) for at in range(len(self.items))]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.wait(tasks)   # they write into memory that is another call's as soon as this one has ended
        for each in ended:
            each.result()
        return self.answer()

    def is_of_item(self, error):
        """Whether it is what an item came to: no end of the worker, nothing that this agent raised itself to cancel the call."""
        return not isinstance(error, (Missing, Stopping, SystemExit, GeneratorExit)) and not cancels(error, self.ident)

    def put(self, at, result):
        try:
            self.store(at, self.VALUE, encode(result, self.ident))
        except TooLarge as e:
            if self.kinds is None:
                raise
            self.integers[at] = e.size
            self.kinds[at] = self.TOO_LARGE

    def fail(self, at, error):
        self.store(at, self.FAILURE, failure(error))

    def store(self, at, kind, data):
        end = 0 if self.kinds is None else self.heap + len(data)
        if self.kinds is None or end > len(self.memory):
            if self.kinds is not None:
                self.kinds[at] = self.SENT
            channel.send(ITEM, self.ident, struct.pack("<iB", at, kind) + data)
            return
        self.memory[self.heap:end] = data
        self.integers[at] = self.heap << 32 | len(data)
        self.kinds[at] = kind
        self.heap = end

    def answer(self):
        for view in self.views:
            view.release()
        return struct.pack("<d", time.perf_counter() - self.started)
