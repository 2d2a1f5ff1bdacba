# --- Sources, and whole programs -------------------------------------------------------------------------------------

def evaluate(source, variables):
    return eval(compile(source.strip(), "<eval>", "eval"), {**vars(State.main_module), **variables} if variables else vars(State.main_module))


def execute(source, variables):
    vars(State.main_module).update(variables)
    exec(compile(source, "<exec>", "exec"), vars(State.main_module))


def script(path, arguments):
    """A file as __main__, with everything that belongs to a program's end. Returns its exit code."""
    import threading
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    State.main_module = sys.modules["__main__"] = main
    sys.argv = [path] + list(arguments)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    code = 0
    with io.open(path, "rb") as file:
        source = file.read()
    try:
        exec(compile(source, path, "exec"), vars(main))
    except SystemExit as e:
        code = exit_code(e)
    finally:
        if State.told is None or State.told != State.current:
            finish_threads(threading)
            import atexit
            if hasattr(atexit, "_run_exitfuncs"):
                atexit._run_exitfuncs()
    return code


def finish_threads(threading):
    """Waits for threads that are no daemons, and for those that they start."""
    while True:
        others = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
        if not others:
            return
        for each in others:
            each.join()


SOURCES = {OP_EVAL: evaluate, OP_EXEC: execute, OP_SCRIPT: script}
