# --- Modules that are changed once they are imported -----------------------------------------------------------------

class ModuleHook(object):
    """Waits for a module which not everybody needs."""

    def __init__(self, name, patch):
        self.name = name
        self.patch = patch
        if name in sys.modules:
            patch(sys.modules[name])
        else:
            sys.meta_path.insert(0, self)

    def find_module(self, name, path=None):
        return self if name == self.name and self in sys.meta_path else None

    def load_module(self, name):
        sys.meta_path.remove(self)
        __import__(name)
        self.patch(sys.modules[name])
        return sys.modules[name]


def patch_threading(threading):
    """Threads that a call starts are no daemons, as if a program's main thread had; Java would have them inherit what the thread of the call is."""
    create = threading.Thread._create_thread

    def _create_thread(self):
        thread = create(self)
        if hasattr(running, "call") and thread is not Thread.currentThread():
            thread.setDaemon(False)
        return thread

    threading.Thread._create_thread = _create_thread
