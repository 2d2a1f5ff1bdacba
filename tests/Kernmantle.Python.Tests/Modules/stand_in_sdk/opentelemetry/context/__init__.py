from contextvars import ContextVar

_current = ContextVar("current", default={})


def get_current():
    return _current.get()


def attach(context):
    return _current.set(context)


def detach(token):
    _current.reset(token)
