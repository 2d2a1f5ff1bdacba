# --- Locks -----------------------------------------------------------------------------------------------------------

class Actors:
    """Who has a lock is a thread, or a task of asyncio: each has a number, which the host knows together with that of this worker."""

    numbers = Numbers()
    threads = _local()
    tasks = None

    @staticmethod
    def of_thread():
        number = getattr(Actors.threads, "number", 0)
        if not number:
            number = Actors.threads.number = Actors.numbers.next()
        return number

    @staticmethod
    def of_task():
        """0 where there is none."""
        asyncio = sys.modules.get("asyncio")
        try:
            task = asyncio.current_task() if asyncio is not None else None
        except RuntimeError:
            task = None            # no loop runs here
        if task is None:
            return 0
        if Actors.tasks is None:
            import weakref
            Actors.tasks = weakref.WeakKeyDictionary()
        number = Actors.tasks.get(task)
        if number is None:
            number = Actors.tasks[task] = Actors.numbers.next()
        return number


class Held:
    """What threads and tasks take and give back, in one of the ways that there are."""

    def __init__(self, acquire, release):
        self.acquire_op = acquire
        self.release_op = release
        self.actors = []

    def acquire(self, item, blocking, timeout, repair):
        actor = Actors.of_thread()
        self.actors.append(actor)  # before, and taken back: behind the answer Python must not come to look for signals
        try:
            if ask(item, self.acquire_op, (bool(repair),), lock_seconds(blocking, timeout), self.take_back, actor) is not NOT_NOW:
                return True
        except BaseException:
            self.actors.remove(actor)
            raise
        self.actors.remove(actor)
        return False

    async def acquire_async(self, item, timeout, repair):
        actor = Actors.of_task()
        self.actors.append(actor)
        try:
            if await ask_async(item, self.acquire_op, (bool(repair),), lock_seconds(True, timeout), self.take_back, actor) is not NOT_NOW:
                return True
        except BaseException:
            self.actors.remove(actor)
            raise
        self.actors.remove(actor)
        return False

    def take_back(self, data):
        return self.release_op, NO_ARGUMENTS, None

    def owner(self):
        """Of the running thread and its task who has it; the thread if neither."""
        task = Actors.of_task()
        return task if task in self.actors else Actors.of_thread()

    def release(self, item):
        actor = self.owner()
        if actor in self.actors:
            self.actors.remove(actor)
        ask(item, self.release_op, actor=actor)


def lock_seconds(blocking, timeout):
    return seconds(blocking, None if timeout == -1 else timeout)


class Context:
    """A lock in one of the ways in which it is taken, for with and async with."""

    def __init__(self, item, held):
        self.item = item
        self.held = held

    def __enter__(self):
        self.held.acquire(self.item, True, -1, False)
        return self.item

    def __exit__(self, *_):
        self.held.release(self.item)

    async def __aenter__(self):
        await self.held.acquire_async(self.item, -1, False)
        return self.item

    async def __aexit__(self, *_):
        self.held.release(self.item)


class Consistency(HostObject):
    """What a lock protects may be half changed, since an owner died."""

    @property
    def is_consistent(self):
        return ask(self, IS_CONSISTENT, actor=Actors.of_thread())

    def mark_consistent(self):
        """By its owner, who has mended it: from now on nobody is told of it."""
        ask(self, MARK_CONSISTENT, actor=self._held.owner())


class Lock(Consistency):
    """One at a time. Whoever took it, a thread or a task, gives it back. Where an owner has died AbandonedLock is raised, and it is not taken, unless that is for repair."""

    def __init__(self, number):
        HostObject.__init__(self, number)
        self._held = Held(ACQUIRE, RELEASE)

    def acquire(self, blocking=True, timeout=-1, repair=False):
        return self._held.acquire(self, blocking, timeout, repair)

    async def acquire_async(self, timeout=-1, repair=False):
        return await self._held.acquire_async(self, timeout, repair)

    def release(self):
        self._held.release(self)

    def __enter__(self):
        return Context(self, self._held).__enter__()

    def __exit__(self, *_):
        self.release()

    async def __aenter__(self):
        return await Context(self, self._held).__aenter__()

    async def __aexit__(self, *_):
        self.release()


class ReaderWriterLock(Consistency):
    """One that writes, or many that read: with lock.read(), with lock.write()."""

    def __init__(self, number):
        HostObject.__init__(self, number)
        self._reading = Held(ACQUIRE_READ, RELEASE_READ)
        self._held = Held(ACQUIRE_WRITE, RELEASE_WRITE)

    def read(self):
        return Context(self, self._reading)

    def write(self):
        return Context(self, self._held)

    def acquire_read(self, blocking=True, timeout=-1, repair=False):
        return self._reading.acquire(self, blocking, timeout, repair)

    def acquire_write(self, blocking=True, timeout=-1, repair=False):
        return self._held.acquire(self, blocking, timeout, repair)

    def release_read(self):
        self._reading.release(self)

    def release_write(self):
        self._held.release(self)
