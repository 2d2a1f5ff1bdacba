# --- Functions by their names ----------------------------------------------------------------------------------------

def resolve(name):
    module, colon, path = name.partition(":")
    if not colon:
        module, _, path = name.rpartition(".")
        module = module or "__builtin__"
    if not module or not path:
        raise Missing("'%s' names no function. Write module:function." % name)
    if module == "builtins":
        module = "__builtin__"     # as Python 3 has it
    if module == "__main__":
        target = State.main_module
    else:
        target = find_module(module)
    return callable_in(target, module, path)


imported = {}                      # name -> module whose import has ended: in sys.modules are those, too, which another thread is importing
importing = ReentrantLock()        # Java's: an interrupt does not end the wait for it


def find_module(module):
    """Whole: an import is not interrupted, and who wants the module meanwhile waits for its end."""
    known = imported.get(module)
    if known is not None and sys.modules.get(module) is known:
        return known
    running.call.busy = True
    importing.lock()
    try:
        __import__(module)
        imported[module] = sys.modules[module]
        return sys.modules[module]
    except ImportError as e:
        if sys.exc_info()[2].tb_next is None:      # raised by the import itself, and not by an import in the module
            raise Missing("There is no module '%s' (%s). Looked for in: %s. Add its folder to PythonPoolOptions.ModulePaths, or install it for %s."
                          % (module, e, os.pathsep.join(filter(None, sys.path)), sys.executable))
        raise
    finally:
        importing.unlock()
        running.call.busy = False
