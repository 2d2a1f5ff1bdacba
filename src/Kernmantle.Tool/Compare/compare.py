"""What kern compare runs inside an interpreter; becomes a part of its module __main__."""
import asyncio
import importlib.util
import os
import sys
import threading
import time

_loaded = {}


def kern_load(file, name):
    key = file, name
    if key not in _loaded:
        sys.path.insert(0, os.path.dirname(file))
        spec = importlib.util.spec_from_file_location("kern_subject", file)
        module = importlib.util.module_from_spec(spec)
        sys.modules["kern_subject"] = module
        spec.loader.exec_module(module)
        target = module
        for part in name.split("."):
            target = getattr(target, part)
        _loaded[key] = target
    return _loaded[key]


def kern_one(task):
    file, name, given = task
    function = kern_load(file, name)
    try:
        result = function() if given is None else function(given)
        if hasattr(result, "__await__"):
            result = asyncio.run(kern_wait(result))
        return True, repr(result)
    except Exception as e:
        return False, "%s: %s" % (type(e).__name__, e)


async def kern_wait(awaitable):
    return await awaitable


def kern_sequential(file, name, inputs):
    started = time.perf_counter()
    results = [kern_one((file, name, each)) for each in inputs]
    return results, time.perf_counter() - started


def kern_threads(file, name, inputs, count):
    results = [None] * len(inputs)
    left = iter(range(len(inputs)))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                index = next(left, None)
            if index is None:
                return
            results[index] = kern_one((file, name, inputs[index]))

    started = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, time.perf_counter() - started


def kern_asyncio(file, name, inputs):
    function = kern_load(file, name)

    async def one(given):
        await asyncio.sleep(0)
        try:
            result = function() if given is None else function(given)
            if hasattr(result, "__await__"):
                result = await result
            return True, repr(result)
        except Exception as e:
            return False, "%s: %s" % (type(e).__name__, e)

    async def everything():
        return await asyncio.gather(*(one(each) for each in inputs))

    started = time.perf_counter()
    results = asyncio.run(everything())
    return results, time.perf_counter() - started
