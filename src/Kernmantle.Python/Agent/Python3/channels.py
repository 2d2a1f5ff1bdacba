# --- Objects of the host, and channels -------------------------------------------------------------------------------

class HostObject:
    """Something that the host shares. It may be kept beyond the call, and handed back."""

    def __init__(self, number):
        self._number = number

    def __repr__(self):
        return "<%s %d of the host>" % (type(self).__name__, self._number)

    def __reduce__(self):
        raise TypeError("%s is shared with this worker only: hand it over from the host" % type(self).__name__)


class ChannelReader(HostObject):
    """The reading end of a channel."""

    def get(self, block=True, timeout=None):
        """The next item. Raises ChannelClosed when there will be none, queue.Empty when there is none in time."""
        item = ask(self, GET, (), seconds(block, timeout), give_back)
        if item is NOT_NOW:        # here, and not in a function: Python looks for signals where one is called
            raise nothing_there()
        return item

    def get_nowait(self):
        return self.get(False)

    async def get_async(self, timeout=None):
        item = await ask_async(self, GET, (), seconds(True, timeout), give_back)
        if item is NOT_NOW:
            raise nothing_there()
        return item

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.get()
        except ChannelClosed as e:
            if e.args:
                raise
        raise StopIteration

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.get_async()
        except ChannelClosed as e:
            if e.args:
                raise
        raise StopAsyncIteration


class ChannelWriter(HostObject):
    """The writing end of a channel."""

    def put(self, item, block=True, timeout=None):
        """Waits while the channel is full. Raises ChannelClosed when it takes no more, queue.Full when it is full for too long."""
        taken(ask(self, PUT, (item,), seconds(block, timeout)))

    def put_nowait(self, item):
        self.put(item, False)

    async def put_async(self, item, timeout=None):
        taken(await ask_async(self, PUT, (item,), seconds(True, timeout)))

    def close(self, error=None):
        """No item follows. Who reads gets the error, if there is one, behind the last item. False: it was closed before."""
        if error is None:
            return ask(self, CLOSE, (None,))
        import traceback
        if not isinstance(error, BaseException):
            error = RuntimeError(str(error))
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        return ask(self, CLOSE, ([name_of(type(error)), str(error), "".join(lines)],))


class Channel(ChannelReader, ChannelWriter):
    """Both ends of a channel."""


def nothing_there():
    import queue
    return queue.Empty()


def taken(done):
    if done is NOT_NOW:
        import queue
        raise queue.Full
