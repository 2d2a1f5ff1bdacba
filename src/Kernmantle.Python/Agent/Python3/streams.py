# --- Streams --------------------------------------------------------------------------------------------------------

def stream(ident, source):
    """Sends what the source yields. True: it goes on as a coroutine."""
    if hasattr(type(source), "__await__") or hasattr(type(source), "__aiter__"):
        State.current = None
        start(ident, async_stream(ident, source))
        return True
    State.credits[ident] = State.window
    iterator = iter(source) if ident not in Traces.contexts else each_in(Traces.contexts[ident], iter(source))
    try:
        for item in iterator:
            data = encode(item, None)
            while State.credits[ident] <= 0:
                wait_for_credit(ident)
            State.credits[ident] -= 1
            channel.send(ITEM, ident, data)
    finally:
        if hasattr(iterator, "close"):
            iterator.close()
    return False


def wait_for_credit(ident):
    """Takes one credit, whosever it is, or waits for a frame. Calls stay in the inbox until the stream has ended."""
    with uninterrupted:
        frame = next((each for each in channel.inbox if each[0] == CREDIT), None)
        if frame is not None:
            channel.inbox.remove(frame)
        else:
            frame = channel.wait()
        kind, other, body = frame
        if kind == CREDIT:
            add_credit(other, body)
        elif kind == CANCEL:
            cancel(other)
        else:
            channel.inbox.append(frame)
    if State.interrupted:
        look()


def add_credit(ident, body):
    if ident in State.credits:
        State.credits[ident] += struct.unpack("<i", body)[0]
        waiter = State.waiters.get(ident)
        if waiter is not None:
            waiter.set()


async def async_stream(ident, source):
    import asyncio
    if hasattr(source, "__await__"):
        source = await source
    State.credits[ident] = State.window
    waiter = State.waiters[ident] = asyncio.Event()
    try:
        if hasattr(source, "__aiter__"):
            async for item in source:
                await send_item(ident, item, waiter)
        else:
            for item in source:
                await send_item(ident, item, waiter)
    finally:
        del State.waiters[ident]
        if hasattr(source, "aclose"):
            await source.aclose()
    return None


async def send_item(ident, item, waiter):
    data = encode(item, None)
    while State.credits[ident] <= 0:
        waiter.clear()
        await waiter.wait()
    State.credits[ident] -= 1
    channel.send(ITEM, ident, data)
