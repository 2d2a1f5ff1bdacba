"""What typed faces are compared with. It imports what is beside it, which no other path leads to."""
from typing import Iterator, List, Optional, Union

import kmbeside


def mean(values: List[float]) -> float:
    return kmbeside.total(values) / len(values)


def move_all(names, prefix="to-", *, upper=False):
    return [prefix + (name.upper() if upper else name) for name in names]


def describe(*args, **keywords):
    return repr(args) + " " + repr(sorted(keywords.items()))


def count(until: int) -> Iterator[int]:
    yield from range(until)


async def later(value: int) -> Optional[int]:
    return value


async def count_later(until):
    for each in range(until):
        yield each


def squares(until) -> List[int]:
    return [each * each for each in range(until)]


def three(first, second, third):
    return first


def by_position(first, second=2, /):
    return first + second


def by_name(first, *, second):
    return first + second


def text(value: str) -> str:
    return value


def either(value: Union[str, int, None]) -> Optional[str]:
    return None if value is None else str(value)


def nothing() -> None:
    pass


def number() -> int:
    return 1


def unresolved(value: "NoSuchName") -> "NoSuchName":   # noqa
    return value


class Box:
    def __init__(self, held: int):
        self.held = held

    @staticmethod
    def doubled(value):
        return 2 * value


another_three = three
another_by_name = by_name
not_callable = 1
