# --- Coroutines -----------------------------------------------------------------------------------------------------

async def finish(awaitable):
    return await awaitable


def start(ident, coroutine, raw=False):
    """Runs a coroutine beside others. The first one makes the main thread run the loop."""
    import asyncio
    if State.loop is None:
        State.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(State.loop)
    create = State.loop.create_task
    if ident in Traces.contexts:
        create = functools.partial(Traces.contexts[ident].run, create)   # a task goes on in the context that it was made in
    State.tasks[ident] = task = create(settle(ident, coroutine, raw))
    if ident in State.cancelled:
        task.cancel()
    task.add_done_callback(lambda _: never_ran(ident, coroutine, task))
    channel.send(INTERLEAVED, ident)
    if not State.running:
        State.running = True
        run_loop()


async def settle(ident, coroutine, raw):
    try:
        try:
            result = await coroutine
            stop_clock(ident)
            answer, data = RESULT, result if raw else encode(result, ident)
        except BaseException as e:
            leave(ident)           # from here on it is not interrupted
            if isinstance(e, GeneratorExit):
                raise
            answer, data = ending(e, ident)
        leave(ident)
    except KeyboardInterrupt:      # between the two
        leave(ident)
        answer, data = CANCELLED, b""
    State.cancelled.discard(ident)
    finish_call(ident, answer, data)


def never_ran(ident, coroutine, task):
    """A task that is cancelled before its first step ends without running anything of it."""
    if State.tasks.get(ident) is task:
        close(coroutine)
        leave(ident)
        State.cancelled.discard(ident)
        finish_call(ident, CANCELLED, b"")


def close(coroutine):
    """What never ran, and what it would have awaited: else Python warns that it "was never awaited"."""
    if coroutine.cr_frame is not None and coroutine.cr_frame.f_globals is globals():
        for each in list(coroutine.cr_frame.f_locals.values()):
            if isinstance(each, types.CoroutineType):
                close(each)
    coroutine.close()


def leave(ident):
    State.tasks.pop(ident, None)
    if not State.tasks:
        State.loop.stop()


def run_loop():
    """Runs coroutines until none is left. Other calls run between two rounds of the loop, not within it, as if it were not there."""
    State.loop.add_reader(CHANNEL, State.loop.stop)
    try:
        while State.tasks:
            State.looping = True   # before the inbox is looked at: from here on a signal that fills it stops the loop
            try:
                with uninterrupted:
                    channel.sort()     # what a stream received along with its credit: the loop looks at the socket only
                    forget_ended()
                if not channel.inbox:
                    State.loop.run_forever()
            except KeyboardInterrupt:
                pass               # it was meant for a coroutine, which has it
            finally:
                State.looping = False
            channel.pump()
            while channel.inbox:
                take(*channel.inbox.popleft())
    finally:
        State.loop.remove_reader(CHANNEL)
        State.running = False
