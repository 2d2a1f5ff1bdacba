# --- Calls -----------------------------------------------------------------------------------------------------------

def encode(value, owner):
    """A result as bytes."""
    prepared = prepare(value, owner)
    data = marshal.dumps(prepared, 2)
    if len(data) > State.max_payload:
        raise TooLarge(len(data))
    return data


def read_call(body):
    """op, flags, and what marshal had written."""
    at = 16   # function, attempt, instance
    return body[at], body[at + 1], marshal.loads(memoryview(body)[at + 2:])


def run(ident, body):
    """One call, from its begin to its answer, unless it is a coroutine: then its answer follows."""
    if ident in State.cancelled:
        State.cancelled.discard(ident)
        Traces.arrived.pop(ident, None)
        op, flags, spec = read_call(body)
        if flags & HAS_OBJECTS:
            restore(spec, ident)   # they were handed over: the host hears that they are gone
            del spec
            Memory.release(ident)
        channel.send(CANCELLED, ident)
        return
    try:
        answer, data = answer_to(ident, body)
        if answer is None:
            return
    except KeyboardInterrupt:      # it came while another exception was looked at
        if State.told != ident:
            raise
        State.current = None
        answer, data = CANCELLED, b""
    finish_call(ident, answer, data)


def answer_to(ident, body):
    """Runs the call: (frame, body) of its answer, or None if that follows."""
    try:
        op, flags, spec = read_call(body)
        if State.words is not None:
            State.words[BEGUN_CALL] = ident
        if flags & TELL_BEGIN or State.words is None:
            State.untimed = ident
            channel.send(BEGUN, ident, b"\0")
        State.interrupted = False
        State.told = None
        State.current = ident
        if ident in State.cancelled:   # between its arrival and here
            State.cancelled.discard(ident)
            State.told = ident
            raise KeyboardInterrupt
        instance, = INSTANCE.unpack_from(body, 8)
        if op == OP_CALL and not flags & HAS_EXTENSIONS:
            name, args, keywords = spec
            function = method(instance, name) if instance else resolve(name)
            context = context_of(ident) if Traces.arrived else None   # which imports, the first time
            if State.untimed is not None:
                start_clock()
            if context is not None:
                result = context.run(function, *args, **keywords)
            else:
                result = function(*args, **keywords) if keywords else function(*args)
        elif Traces.arrived:
            result = in_trace(ident, perform, (ident, op, flags, spec, instance))
        else:
            result = perform(ident, op, flags, spec, instance)
        if op == OP_CREATE and not is_coroutine(result):
            State.instances[ident], result = result, None
        if op != OP_STREAM and hasattr(type(result), "__await__"):
            State.current = None
            start(ident, finish(result) if op != OP_CREATE else keep_made(ident, result), raw=op == OP_BATCH)
            return None, None
        if op == OP_STREAM:
            if stream(ident, result):
                return None, None
            stop_clock(ident)
            data = b"N"
        else:
            stop_clock(ident)
            data = result if op == OP_BATCH else encode(result, ident)
        State.current = None
        return RESULT, data
    except BaseException as e:
        State.current = None
        State.instances.pop(ident, None)
        return ending(e, ident)


def is_coroutine(value):
    import inspect
    return inspect.iscoroutine(value)


async def keep_made(ident, coroutine):
    State.instances[ident] = await coroutine


def release_instance(ident, body):
    """The host does not call the object any more."""
    State.instances.pop(INSTANCE.unpack(body)[0], None)
    finish_call(ident, RESULT, b"N")


def start_clock():
    """Before the function is called: from here on its time counts. Where the host was told of the begin."""
    ident, State.untimed = State.untimed, None
    if ident is not None:
        State.timed.add(ident)
        channel.send(CLOCK_STARTED, ident)


def stop_clock(ident):
    """The function, and what it awaited, has completed."""
    if ident in State.timed:
        State.timed.discard(ident)
        channel.send(CLOCK_STOPPED, ident)


def finish_call(ident, answer, data):
    """The end of a call."""
    finish_lines()
    if gap is not None and gap.dropped:
        gap.tell()
    State.untimed = None
    State.timed.discard(ident)
    Memory.release(ident)
    State.credits.pop(ident, None)
    Traces.arrived.pop(ident, None)   # its function was not found
    Traces.contexts.pop(ident, None)
    channel.send(answer, ident, data)
    State.named.pop(ident, None)


def cancels(error, ident):
    """Whether it was raised since the call is to be cancelled."""
    return isinstance(error, KeyboardInterrupt) and State.told == ident or ident in State.cancelled and type(error).__name__ in ("KeyboardInterrupt", "CancelledError")


def ending(error, ident):
    """How a call ended that raised: (frame, body). Does not return for an exit."""
    if cancels(error, ident):
        State.cancelled.discard(ident)
        return CANCELLED, b""
    if isinstance(error, (SystemExit, Stopping)):
        raise error
    return refusal(error) or (FAILED, failure(error))


def perform(ident, op, flags, spec, instance):
    """Everything but the plainest call."""
    if flags & HAS_EXTENSIONS:
        spec = restore(spec, ident)
    if op == OP_CALL or op == OP_STREAM or op == OP_CREATE:
        name, args, keywords = spec
        function = method(instance, name) if instance else resolve(name)
        if flags & HAS_EXTENSIONS:
            args, keywords = adapt(function, args, keywords)
        start_clock()
        return function(*args, **keywords)
    batch = Batch(ident, flags, *spec) if op == OP_BATCH else None
    start_clock()
    if op in SOURCES:
        return SOURCES[op](*spec)
    if op == OP_BATCH:
        return batch.run()
    raise ValueError("an operation %d, which this agent does not know" % op)
