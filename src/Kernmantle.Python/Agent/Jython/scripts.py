# --- Sources, and whole programs -------------------------------------------------------------------------------------

def named(values):
    """Names are str, in UTF-8."""
    return dict((name.encode("utf-8"), each) for name, each in values.items())


def evaluate(source, variables):
    return eval(compile(source.strip(), "<eval>", "eval"), dict(vars(State.main_module), **named(variables)))


def execute(source, variables):
    vars(State.main_module).update(named(variables))
    exec compile(source, "<exec>", "exec") in vars(State.main_module)


def script(path, arguments):
    """A file as __main__, with everything that belongs to a program's end. Returns its exit code."""
    import threading
    main = new_main()
    main.__file__ = path
    sys.argv = [each.encode("utf-8") for each in [path] + list(arguments)]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    code = 0
    with open(path, "rU") as file:
        source = file.read()
    try:
        exec compile(source, path, "exec") in vars(main)
    except SystemExit as e:
        code = exit_code(e)
    while True:
        others = [each for each in threading.enumerate() if type(each) is not threading._MainThread and each.isAlive() and not each.isDaemon()]
        if not others:
            break
        for each in others:
            each.join()
    run_exit_functions()
    return code


SOURCES = {OP_EVAL: evaluate, OP_EXEC: execute, OP_SCRIPT: script}


def new_main():
    State.main_module = sys.modules["__main__"] = types.ModuleType("__main__")
    State.main_module.__builtins__ = __builtin__
    return State.main_module


def run_exit_functions():
    atexit = sys.modules.get("atexit")
    if atexit is not None:
        atexit._run_exitfuncs()


def exit_with(code):
    """The worker ends, as a program does."""
    run_exit_functions()
    State.out.finish_all()
    State.err.finish_all()
    System.exit(code & 0xff)
