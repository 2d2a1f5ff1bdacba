"""Usage: python3 main.py WHAT [warm ms] [time ms] [count]; prints one JSON line per measurement."""

import importlib
import sys
from types import SimpleNamespace

MODULES = {"executor": "executor", "pool": "pool", "loky": "joblib_loky", "manager": "manager", "shared": "shared", "queue": "queues"}


def main():
    what, *numbers = sys.argv[1:] or [""]
    module = MODULES.get(what.split("-")[0])
    if module is None:
        sys.exit(f"unknown: '{what}'; begins with one of {', '.join(MODULES)}")
    try:
        measures = importlib.import_module(module).MEASURES
    except ImportError as error:
        sys.exit(f"{error}")
    if what not in measures:
        sys.exit(f"unknown: '{what}'; known: {', '.join(measures)}")
    numbers = [int(number) for number in numbers] + [200, 500, 10_000][len(numbers):]
    measures[what](SimpleNamespace(warm_ms=numbers[0], time_ms=numbers[1], count=numbers[2]))


if __name__ == "__main__":
    main()
