# --- What the worker is about, and how it is interrupted -------------------------------------------------------------

class State:
    current = None                 # the call whose code the main thread runs
    interrupted = False            # ... which is to be cancelled
    between = False                # the signal came while asyncio's own code ran
    told = None                    # the call that a KeyboardInterrupt was raised in
    lost = None                    # the call whose KeyboardInterrupt fell into a finalizer, and is to be raised again
    cancelled = set()              # calls cancelled before they began
    tasks = {}                     # call -> asyncio task
    credits = {}                   # call -> items that may be sent
    waiters = {}                   # call -> asyncio event: there is credit
    loop = None
    looping = False                # the loop runs at this moment
    running = False                # ... or is run again and again, by run_loop
    window = 1
    max_payload = 0
    untimed = None                 # the call whose begin was told, until its function is called
    timed = set()                  # calls whose clock runs
    words = None                   # which the host reads: the call that has begun; cancellations taken; stacks can be had
    stacks = None                  # the signal that asks for them, and the descriptor they are written to
    instances = {}                 # number -> object that the host calls methods of
    memory = {}                    # id -> Memory
    arrays_sent = {}               # number of a shared array -> descriptor and length of its memory
    named = {}                     # call -> what the host shares, and its answer names
    arrays = "auto"
    out = err = None               # where print goes unless the program changes that
    main_module = None


def look():
    """Takes cancellations that have come, and raises KeyboardInterrupt in the call that is meant."""
    if channel.busy:
        channel.look = True
        return
    channel.look = False
    channel.pump()
    if State.interrupted and State.current is not None:
        State.interrupted = False
        State.told = State.current
        if State.told in State.tasks:
            State.current = None       # others run while it cleans up
        raise interrupt_of(State.told)


def interrupt_of(ident):
    """Not a variable of who raises it, which its traceback would keep alive."""
    interrupt = KeyboardInterrupt()
    interrupt.kernmantle_call = ident
    return interrupt


def on_unraisable(unraisable, instead=getattr(sys, "unraisablehook", None)):
    """What a finalizer, or a callback of C code, raises: Python prints it and goes on. A KeyboardInterrupt of ours was meant for the call."""
    ident = getattr(unraisable.exc_value, "kernmantle_call", None) if isinstance(unraisable.exc_value, KeyboardInterrupt) else None
    if ident is None:
        instead(unraisable)
        return
    if State.told == ident:
        State.told = None
    State.cancelled.discard(ident)
    # Nothing is called from here on, so that no signal is looked at in here: the next one is the host's, who sees that one is missing.
    State.lost = ident
    State.words[CANCELLATIONS] -= 1


def may_interrupt():
    """Whether the program lets SIGINT through, to us: the signal that stands in for a lost one asks for no more."""
    return signal.getsignal(signal.SIGINT) is on_signal and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def on_signal(number, frame):
    while frame is not None and frame.f_code is on_signal.__code__:
        frame = frame.f_back       # a second signal came before the first one was looked at
    # Where asyncio itself is interrupted, in Python as in PyPy, a task could be left without anybody to go on with it. It gives the loop
    # back soon, and is cancelled in the common way.
    outer = State.between          # a second signal may come while the first one is looked at
    State.between = outer or frame is not None and str(frame.f_globals.get("__name__")).startswith("asyncio")
    try:
        if number == signal.SIGINT or may_interrupt():
            look()
    finally:
        State.between = outer


def cancel(ident):
    """For who is busy."""
    State.words[CANCELLATIONS] += 1
    if ident == State.current:
        State.interrupted = True
    elif ident in State.tasks:
        task = State.tasks[ident]
        State.cancelled.add(ident)
        # Either of the two, since what it awaits while it cleans up is not to be cancelled as well.
        if sys.modules["asyncio"].current_task(State.loop) is task and get_ident() == MAIN and State.current is None and not State.between:
            State.current, State.interrupted = ident, True      # it has not given the loop back: look raises
        else:
            State.loop.call_soon_threadsafe(task.cancel)
    else:
        State.cancelled.add(ident)


def forget_ended():
    """A cancellation that came after its call had ended is remembered for nothing. For who is busy, and runs no call."""
    if State.cancelled and not channel.inbox:
        State.cancelled.intersection_update(State.tasks)
