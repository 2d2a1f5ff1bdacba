"""The work, and three ways to do it inside one interpreter. The fourth way, several interpreters, is the caller's."""
import asyncio
import importlib.util
import threading
import time
from functools import lru_cache


def word_frequencies(path):
    """How often each word stands in the text of an XML file: pure Python, character by character."""
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    counts = {}
    word = []
    in_tag = False
    for letter in text:
        if in_tag:
            in_tag = letter != ">"
        elif letter.isalpha():
            word.append(letter)
        else:
            in_tag = letter == "<"
            if word:
                key = "".join(word).lower()
                counts[key] = counts.get(key, 0) + 1
                word.clear()
    if word:
        key = "".join(word).lower()
        counts[key] = counts.get(key, 0) + 1
    return counts


@lru_cache(maxsize=None)
def load(file, name):
    """The function of that name in a file; of this module if the file is empty."""
    if not file:
        return globals()[name]
    spec = importlib.util.spec_from_file_location("users_script", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = module
    for part in name.split("."):
        function = getattr(function, part)
    return function


def timed(work):
    """(results, seconds of processor time)"""
    cpu = time.process_time()
    results = work()
    return results, time.process_time() - cpu


def one_after_the_other(file, name, inputs):
    function = load(file, name)
    return timed(lambda: [function(each) for each in inputs])


def on_threads(file, name, inputs, count):
    """Each thread takes the next input until none is left."""
    function = load(file, name)
    results = [None] * len(inputs)
    failures = []
    left = iter(range(len(inputs)))
    lock = threading.Lock()

    def work():
        try:
            while True:
                with lock:
                    index = next(left, None)
                if index is None:
                    return
                results[index] = function(inputs[index])
        except BaseException as e:
            failures.append(e)

    def run():
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return results

    return timed(run)


def on_asyncio(file, name, inputs):
    function = load(file, name)

    async def one(each):
        await asyncio.sleep(0)
        return function(each)

    async def everything():
        return await asyncio.gather(*(one(each) for each in inputs))

    return timed(lambda: asyncio.run(everything()))


def one_of_many(task):
    """One input, in one of several interpreters: (result, seconds of processor time)."""
    file, name, each = task
    cpu = time.process_time()
    result = load(file, name)(each)
    return result, time.process_time() - cpu
