# --- What Stackless Python calls them --------------------------------------------------------------------------------

class tasklet:
    """A function that runs as a microthread of its own: tasklet(function)(arguments)."""

    def __init__(self, function=None):
        self.function = function
        self.greenlet = None

    def __call__(self, *args, **keywords):
        def run():
            try:
                self.function(*args, **keywords)
            except BaseException:
                import traceback
                traceback.print_exc()
        self.greenlet = greenlet(run, hub.main)   # where it goes on when it has ended
        hub.wake(self.greenlet)
        return self

    @property
    def alive(self):
        return self.greenlet is not None and not self.greenlet.dead


class channel_of_tasklets:
    """What one sends another receives; each waits for the other."""

    def __init__(self):
        self.senders = deque()     # [microthread, value, was received]
        self.receivers = deque()   # [microthread, value, has come]

    @property
    def balance(self):
        return len(self.senders) - len(self.receivers)

    def send(self, value):
        if self.receivers:
            place = self.receivers.popleft()
            place[1:] = value, True
            hub.wake(place[0])
            return
        self.wait_in(self.senders, [getcurrent(), value, False])

    def receive(self):
        if self.senders:
            place = self.senders.popleft()
            place[2] = True
            hub.wake(place[0])
            return place[1]
        return self.wait_in(self.receivers, [getcurrent(), None, False])[1]

    @staticmethod
    def wait_in(line, place):
        line.append(place)
        try:
            while not place[2]:
                hub.wait()
        except BaseException:
            if not place[2]:
                line.remove(place)
            raise
        return place

    def __iter__(self):
        while True:
            yield self.receive()


def schedule():
    """The others have their turn."""
    hub.wake(getcurrent())
    hub.wait()


def run_tasklets():
    """Until nobody but who calls this is ready."""
    while hub.ready:
        schedule()


def share_stackless():
    module = sys.modules["stackless"] = types.ModuleType("stackless", "Microthreads of this worker, by the names of Stackless Python.")
    channel_of_tasklets.__name__ = channel_of_tasklets.__qualname__ = "channel"
    for name, each in (("tasklet", tasklet), ("channel", channel_of_tasklets), ("schedule", schedule), ("run", run_tasklets), ("getcurrent", lambda: getcurrent())):
        setattr(module, name, each)
