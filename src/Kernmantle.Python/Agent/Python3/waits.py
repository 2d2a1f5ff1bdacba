# --- What is waited for ----------------------------------------------------------------------------------------------

def give_permit(data):
    return GIVE, marshal.dumps((1,), 2), None


class Semaphore(HostObject):
    """So many permits. Those that this worker has when it dies come back."""

    def acquire(self, blocking=True, timeout=None):
        return ask(self, TAKE, (), seconds(blocking, timeout), give_permit, Actors.of_thread()) is not NOT_NOW

    async def acquire_async(self, timeout=None):
        return await ask_async(self, TAKE, (), seconds(True, timeout), give_permit, Actors.of_task()) is not NOT_NOW

    def release(self, n=1):
        ask(self, GIVE, (n,), actor=Actors.of_thread())

    @property
    def value(self):
        return ask(self, COUNT, actor=Actors.of_thread())

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *_):
        self.release()

    async def __aenter__(self):
        await self.acquire_async()
        return self

    async def __aexit__(self, *_):
        self.release()


class Awaited(HostObject):
    """What can be waited for."""

    def wait(self, timeout=None):
        """False: not in time."""
        return ask(self, WAIT, (), seconds(True, timeout), actor=Actors.of_thread()) is not NOT_NOW

    async def wait_async(self, timeout=None):
        return await ask_async(self, WAIT, (), seconds(True, timeout), actor=Actors.of_task()) is not NOT_NOW


class Event(Awaited):
    """A signal, for all until it is cleared, or for one."""

    def set(self):
        ask(self, SET, actor=Actors.of_thread())

    def clear(self):
        ask(self, CLEAR, actor=Actors.of_thread())

    def is_set(self):
        return ask(self, IS_SET, actor=Actors.of_thread())


class Meeting(Awaited):
    """If a worker that has it dies, all get ParticipantLost: it might be waited for."""

    def leave(self):
        """This worker has done its part."""
        ask(self, LEAVE, actor=Actors.of_thread())


class Barrier(Meeting):
    """So many wait for each other, again and again."""


class Countdown(Meeting):
    """So many signals are waited for."""

    def signal(self, n=1):
        """True: nobody waits any more."""
        return ask(self, SIGNAL, (n,), actor=Actors.of_thread())

    @property
    def value(self):
        return ask(self, COUNT, actor=Actors.of_thread())


class Condition(HostObject):
    """Waits for a change of what a Lock protects, which is given back meanwhile; after every wait the caller has it again."""

    def wait(self, lock, timeout=None):
        """False: nobody told of a change in time."""
        return ask(self, WAIT, (lock,), seconds(True, timeout), None, lock._held.owner()) is not NOT_NOW

    async def wait_async(self, lock, timeout=None):
        return await ask_async(self, WAIT, (lock,), seconds(True, timeout), None, lock._held.owner()) is not NOT_NOW

    def wait_for(self, predicate, lock, timeout=None):
        """Waits until it holds. Returns what it returned last."""
        end = None if timeout is None else time.monotonic() + timeout
        result = predicate()
        while not result:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self.wait(lock, left)
            result = predicate()
        return result

    def notify(self):
        ask(self, NOTIFY, actor=Actors.of_thread())

    def notify_all(self):
        ask(self, NOTIFY_ALL, actor=Actors.of_thread())
