# --- The worker's life ----------------------------------------------------------------------------------------------

def take(kind, ident, body):
    if kind == CALL:
        run(ident, body)
    elif kind == CANCEL:
        with uninterrupted:
            cancel(ident)
    elif kind == CREDIT:
        add_credit(ident, body)
    elif kind == TRACE:
        arrive(ident, body)
    elif kind == RELEASE_INSTANCE:
        release_instance(ident, body)
    elif kind == STOP:
        raise Stopping


def serve():
    while True:
        take(*channel.receive())


def prepare_interpreter():
    """Before any code of the program's runs."""


def die_with_host():
    """The kernel kills this process and its group when the host closes LIFE, whatever they are doing then."""
    try:
        import fcntl
        os.set_inheritable(LIFE, False)
        fcntl.fcntl(LIFE, getattr(fcntl, "F_SETSIG", 10), signal.SIGKILL)
        fcntl.fcntl(LIFE, getattr(fcntl, "F_SETOWN", 8), -os.getpgrp())
        fcntl.fcntl(LIFE, fcntl.F_SETFL, fcntl.fcntl(LIFE, fcntl.F_GETFL) | getattr(os, "O_ASYNC", 0o20000))
    except (ImportError, OSError) as e:
        log(3, "Kernmantle.Python", "This worker may outlive its host while it computes: %s" % e)


def answer_for_stacks():
    """From now on the host can ask what all threads are doing, by a signal: in C code, too, and while the interpreter's lock is held."""
    if State.stacks is None:
        return
    number, descriptor = State.stacks
    try:
        import faulthandler
        faulthandler.register(number, file=descriptor, all_threads=True)
        State.words[ANSWERS_FOR_STACKS] = 1
    except (ImportError, AttributeError, OSError, ValueError, RuntimeError):
        os.close(descriptor)       # an interpreter without it: a timeout then tells less


def has_lock():
    enabled = getattr(sys, "_is_gil_enabled", None)
    return enabled() if enabled is not None else True


def greet(body):
    version, = struct.unpack_from("<i", body, 0)
    if version != VERSION:
        raise ValueError("the host speaks version %d of the protocol, this agent version %d" % (version, VERSION))
    at = 4
    global gap
    State.max_payload, State.window, arrays, drops_log, count = struct.unpack_from("<qiBBi", body, at)
    at += 18
    gap = Gap() if drops_log else None
    State.arrays = ("auto", "memoryview", "numpy")[arrays]
    for index in range(count):
        path, at = read_text(body, at)
        sys.path.insert(index, path)
    return read_text(body, at)[0]


def main():
    global channel
    channel = MainChannel()
    for descriptor in (CHANNEL, FILES):
        os.set_inheritable(descriptor, False)
    sys.stdout, sys.stderr = State.out, State.err = Lines(1, "stdout", 2), Lines(2, "stderr", 3)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=leave_worker)
    sys.argv = [""]
    try:
        import faulthandler
        faulthandler.enable(io.FileIO(2, "w", closefd=False))
    except (ImportError, OSError, ValueError):
        pass                       # an interpreter without it: a crash then tells less
    die_with_host()
    share_module()
    if "logging" in sys.modules:
        patch_logging(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, LoggingHook())
    State.main_module = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(State.main_module)["__builtins__"] = builtins
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGURG, on_signal)
    if hasattr(sys, "unraisablehook"):
        sys.unraisablehook = on_unraisable
    _, _, body = channel.receive()
    try:
        setup = greet(body)
        words = Memory.get(0, None)
        State.words = words.view.cast("q")
        answer_for_stacks()
        prepare_interpreter()
        if setup is not None:
            exec(compile(setup, "<setup>", "exec"), vars(State.main_module))
    except Exception as e:
        channel.send(FAILED, 0, failure(e))
        return
    channel.send(READY, 0, struct.pack("<i", os.getpid()) + text(".".join(map(str, sys.version_info[:3]))) + text(sys.implementation.name)
                 + text(sys.executable) + (b"\1" if has_lock() else b"\0") + (b"\1" if HAS_THREADS else b"\0"))
    try:
        serve()
    except Stopping:
        channel.send(STOPPED, 0)
    finally:
        Handed.forget()
        finish_lines()
