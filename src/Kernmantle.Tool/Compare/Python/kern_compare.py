"""One function over many inputs inside one interpreter, measured: one after the other, on threads, on asyncio. And one input in one of several."""
import asyncio
import importlib.util
import inspect
import os
import resource
import socket
import sys
import threading
import time
from functools import lru_cache

_kept = []


@lru_cache(maxsize=None)
def load(file, name):
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(file))[0], file)
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)
    sys.path.insert(0, os.path.dirname(file))
    spec.loader.exec_module(module)
    found = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def check(file, name):
    """What is wrong with the name, and what is near: (parameters that are needed, parameters that are possible, whether it is a coroutine function, None), or (0, 0, False, names)."""
    try:
        function = load(file, name)
    except AttributeError:
        module = sys.modules[os.path.splitext(os.path.basename(file))[0]]
        return 0, 0, False, [n for n in vars(module) if callable(getattr(module, n)) and not n.startswith("__")]
    if not callable(function):
        return 0, 0, False, []
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1, 1, False, None
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = len([p for p in positional if p.default is p.empty])
    many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return needed, 255 if many else len(positional), inspect.iscoroutinefunction(function), None


def _call(function, arguments):
    result = function(*arguments)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def _guarded(function, arguments):
    try:
        return _call(function, arguments), None
    except Exception as e:
        return None, f"{type(e).__name__}: {e}"


def _one_after_the_other(function, inputs, workers):
    return [_guarded(function, each) for each in inputs]


def _on_threads(function, inputs, workers):
    results = [None] * len(inputs)
    left = iter(range(len(inputs)))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                index = next(left, None)
            if index is None:
                return
            results[index] = _guarded(function, inputs[index])

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _on_asyncio(function, inputs, workers):
    async def one(arguments):
        await asyncio.sleep(0)
        try:
            result = function(*arguments)
            return (await result if inspect.iscoroutine(result) else result), None
        except Exception as e:
            return None, f"{type(e).__name__}: {e}"

    async def everything():
        return await asyncio.gather(*(one(each) for each in inputs))

    return asyncio.run(everything())


_WAYS = {"sequential": _one_after_the_other, "threads": _on_threads, "asyncio": _on_asyncio}


def _peak():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def _forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass  # where /proc is read-only, peaks are those since the beginning


def usage():
    """(process id, seconds of processor time, context switches, peak memory in bytes)"""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return os.getpid(), used.ru_utime + used.ru_stime, used.ru_nvcsw + used.ru_nivcsw, _peak()


def _pass(address):
    with socket.socket(socket.AF_UNIX) as gate:
        gate.connect(address)
        gate.recv(1)


def fresh_at_gate(address):
    """Waits until all workers are here, then begins to count."""
    _pass(address)
    _forget_peak()
    return usage()


def at_gate(address):
    used = usage()
    _pass(address)
    return used


def round_of(way, file, name, inputs, workers):
    """(usage before, usage after, wall seconds, failures, the first one's message); the results are kept for results()."""
    function = load(file, name)
    _forget_peak()
    before = usage()
    begin = time.perf_counter()
    outcomes = _WAYS[way](function, inputs, workers)
    wall = time.perf_counter() - begin
    after = usage()
    _kept[:] = [result for result, _ in outcomes]
    failed = [index for index, (_, failure) in enumerate(outcomes) if failure is not None]
    return before, after, wall, failed, outcomes[failed[0]][1] if failed else ""


def results():
    return list(_kept)


def one_of_many(task):
    """One input, in one of several interpreters."""
    file, name, arguments = task
    return _call(load(file, name), arguments)
