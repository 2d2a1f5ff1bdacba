"""Units of work by threads each of which has a sub-interpreter with a global lock of its own, where this Python has such."""
import inspect
import sys

import kern_lab_work
from kern_lab import clock, units_by

VERSION = sys.version_info[:2]
_WORK = inspect.getsource(kern_lab_work) + "\nimport time\n"


class _Public:
    """concurrent.interpreters, from 3.14 on."""

    def __init__(self):
        from concurrent import interpreters
        self.create, self.run, self.close = interpreters.create, lambda one, code: one.exec(code), lambda one: one.close()


class _Private:
    """The modules that became it, of 3.13 and 3.12."""

    def __init__(self):
        try:
            import _interpreters as module
        except ImportError:
            import _xxsubinterpreters as module
        self.create, self.close = module.create, module.destroy
        self.run = self.exec if hasattr(module, "exec") else module.run_string
        self.module = module

    def exec(self, one, code):
        failure = self.module.exec(one, code)   # is returned, not raised
        if failure is not None:
            raise RuntimeError(failure.formatted)


def lacking():
    """Why they cannot be measured here, or None."""
    if sys.implementation.name != "cpython":
        return "it has none"
    return None if VERSION >= (3, 12) else "they share one global lock, up to Python 3.11"


def prepare(count):
    """Starts so many: (seconds, bytes) for each."""
    global _api, _all
    _api, before, begin = _Public() if VERSION >= (3, 14) else _Private(), _resident(), clock()
    _all = []
    for _ in range(count):
        _all.append(_api.create())
        _api.run(_all[-1], _WORK)
    return (clock() - begin) / count, max(0, _resident() - before) / count


def units(workers, units, computing, amount):
    """Seconds until all units are done by so many of them."""
    code = "compute(%d)" % amount if computing else "time.sleep(%r)" % amount
    return units_by(workers, units, lambda number: _api.run(_all[number], code))


def close():
    for one in _all:
        _api.close(one)
    del _all[:]


def _resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
