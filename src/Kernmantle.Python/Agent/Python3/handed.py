# --- What was handed over --------------------------------------------------------------------------------------------

KINDS = {
    "reader": ChannelReader, "writer": ChannelWriter, "channel": Channel, "lock": Lock, "reader_writer_lock": ReaderWriterLock, "semaphore": Semaphore,
    "event": Event, "barrier": Barrier, "countdown": Countdown, "condition": Condition, "value": Value,
    "function": Function, "progress": Progress,
}


class Handed:
    """What was handed over under one number: once it is gone here, the host hears of it."""

    known = {}
    finding = RLock()

    def __init__(self, number, item):
        self.number = number
        self.count = 0
        self.once = [None]
        self.reference = ref(item, self.gone)

    @staticmethod
    def find(ident, kind, number, details):
        while questions.frames is None:
            with uninterrupted, Memory.taking:
                if questions.frames is None:
                    Memory.receive()   # the connection comes before what uses it
        with Handed.finding:
            entry = Handed.known.get(number)
            item = entry.reference() if entry is not None else None
            if item is None:
                if entry is not None:
                    entry.drop()
                item = map_array(number) if kind == "array" else KINDS[kind](number, *details)
                entry = Handed.known[number] = Handed(number, item)
            entry.count += 1
        if kind == "array":
            form, length, start = details
            return as_array(memoryview(item)[start:start + length * struct.calcsize("<" + form)], form, (length,))
        return item

    def gone(self, _):
        if Handed.known.get(self.number) is self:
            del Handed.known[self.number]
        self.drop()

    @staticmethod
    def forget():
        """The interpreter ends: nobody is to be told."""
        for each in list(Handed.known.values()):
            each.reference = None

    def drop(self):
        try:
            self.once.pop()
        except IndexError:
            return
        if not channel.left:
            channel.send(DROP_OBJECT, 0, struct.pack("<ii", self.number, self.count))


def map_array(number):
    """The memory of a shared array, for as long as somebody refers to it: what is made of it does."""
    while number not in State.arrays_sent:
        with uninterrupted, Memory.taking:
            if number not in State.arrays_sent:
                Memory.receive()
    return map_file(*State.arrays_sent.pop(number))


RESTORE["object"] = Handed.find


def share_module():
    """What a program names of this: import kernmantle."""
    module = sys.modules["kernmantle"] = types.ModuleType("kernmantle", "What the host shares with this worker.")
    for each in (HostObject, ChannelClosed, AbandonedLock, Deadlock, ParticipantLost, Disposed) + tuple(KINDS.values()):
        each.__module__ = "kernmantle"
        setattr(module, each.__name__, each)
    module._signatures = signatures
