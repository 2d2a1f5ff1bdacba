"""Work without imports, for every interpreter, Python 2.7 and IronPython too: computing, and counting that nothing guards."""

total = 0


def compute(steps):
    """In numbers that are small in every interpreter."""
    x = 1
    while steps > 0:
        x = (x * 75 + 74) % 65537
        steps -= 1
    return x


def count(times):
    """What is read is written at once."""
    global total
    while times > 0:
        total += 1
        times -= 1


def count_called(times):
    """What is read is written after a call: the others may have their turn in between."""
    global total
    while times > 0:
        total += one()
        times -= 1


def one():
    return 1


def taken():
    """The total, which begins anew."""
    global total
    result, total = total, 0
    return result
