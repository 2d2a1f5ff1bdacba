from enum import Enum


class SpanKind(Enum):
    INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(5)


class StatusCode(Enum):
    UNSET, OK, ERROR = range(3)


class TraceFlags(int):
    @property
    def sampled(self):
        return bool(self & 1)


class SpanContext:
    def __init__(self, trace_id, span_id, is_remote, trace_flags):
        self.trace_id, self.span_id, self.is_remote, self.trace_flags, self.trace_state = trace_id, span_id, is_remote, TraceFlags(trace_flags), None


class ProxyTracerProvider:
    pass


_provider = ProxyTracerProvider()


def get_tracer_provider():
    return _provider


def set_tracer_provider(provider):
    global _provider
    _provider = provider


def get_tracer(name, version=None):
    return _provider.get_tracer(name, version)
