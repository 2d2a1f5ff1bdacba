# --- The worker's life ----------------------------------------------------------------------------------------------

def die_with_host():
    """Nobody writes to LIFE: its end is the host's."""
    posix.read(LIFE, ByteBuffer.allocateDirect(1), 1)
    leave()


def in_background(function, name):
    thread = Thread(None, function, name, STACK_BYTES)
    thread.setDaemon(True)
    return thread


def greet(body):
    version, State.max_payload, State.window, _, _, count = struct.unpack_from("<iqiBBi", body)
    if version != VERSION:
        raise ValueError("the host speaks version %d of the protocol, this agent version %d" % (version, VERSION))
    at = 22
    for index in range(count):
        path, at = read_text(body, at)
        sys.path.insert(index, path)
    return read_text(body, at)[0]


def main():
    in_background(die_with_host, "kernmantle life").start()
    State.threads = Executors.newCachedThreadPool(lambda task: in_background(task, "call"))
    sys.stdout, sys.stderr = State.out, State.err = Lines(1, "stdout", 2), Lines(2, "stderr", 3)
    sys.argv = [""]
    new_main()
    ModuleHook("logging", patch_logging)
    ModuleHook("threading", patch_threading)
    _, _, body = channel.receive()
    try:
        setup = greet(body)
        if setup is not None:
            execute(setup, {})
    except:
        channel.send(FAILED, 0, failure(*sys.exc_info()))
        return
    channel.send(READY, 0, struct.pack("<i", os.getpid()) + text(u".".join(map(unicode, sys.version_info[:3]))) + text("jython") + text(sys.executable) + "\0\1")
    while True:
        kind, ident, body = channel.receive()
        if kind == CALL:
            Call(ident, body).begin()
        elif kind == CANCEL:
            call = State.calls.get(ident)
            if call is not None:
                call.cancel()
        elif kind == CREDIT:
            call = State.calls.get(ident)
            if call is not None:
                call.credit.release(struct.unpack("<i", body)[0])
        elif kind == RELEASE_INSTANCE:
            State.instances.pop(struct.unpack("<q", body)[0], None)
            channel.send(RESULT, ident, "N")
        elif kind == STOP:
            break
    State.out.finish_all()
    State.err.finish_all()
    channel.send(STOPPED, 0)
