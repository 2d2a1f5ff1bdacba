"""Found by kmface.py, since it is beside it."""


def total(values):
    return sum(values)
