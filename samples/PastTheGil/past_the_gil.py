"""The work, and two ways to do it inside one interpreter; a third is past_the_gil_asyncio.py, and several interpreters are the caller's. Also Python 2.7: Jython's."""
import io
import threading

try:
    from importlib.util import module_from_spec, spec_from_file_location
    from time import process_time
except ImportError:
    from imp import load_source
    from java.lang.management import ManagementFactory

    def process_time():
        return ManagementFactory.getOperatingSystemMXBean().getProcessCpuTime() / 1e9
else:
    def load_source(name, file):
        spec = spec_from_file_location(name, file)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def word_frequencies(path):
    """How often each word stands in the text of an XML file: pure Python, character by character."""
    with io.open(path, encoding="utf-8-sig") as file:
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
                del word[:]
    if word:
        key = "".join(word).lower()
        counts[key] = counts.get(key, 0) + 1
    return counts


modules = {}


def load(file, name):
    """The function of that name in a file; of this module if the file is empty."""
    if not file:
        return globals()[name]
    if file not in modules:
        modules[file] = load_source("users_script", file)
    function = modules[file]
    for part in name.split("."):
        function = getattr(function, part)
    return function


def timed(work):
    """(results, seconds of processor time)"""
    cpu = process_time()
    results = work()
    return results, process_time() - cpu


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


def one_of_many(task):
    """One input, in one of several interpreters: (result, seconds of processor time)."""
    file, name, each = task
    cpu = process_time()
    result = load(file, name)(each)
    return result, process_time() - cpu
