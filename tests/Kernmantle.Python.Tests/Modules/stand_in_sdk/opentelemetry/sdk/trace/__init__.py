import random
import time
from contextlib import contextmanager
from types import SimpleNamespace

from opentelemetry import context
from opentelemetry.trace import SpanContext, SpanKind, StatusCode


class SpanProcessor:
    def on_end(self, span):
        pass


class Span:
    def __init__(self, name, parent, scope):
        self.name, self.parent, self.instrumentation_scope = name, parent, scope
        trace = random.getrandbits(128) if parent is None else parent.trace_id
        self.context = SpanContext(trace, random.getrandbits(64) | 1, False, 1 if parent is None else parent.trace_flags)
        self.kind, self.attributes, self.events, self.links = SpanKind.INTERNAL, {}, [], []
        self.status = SimpleNamespace(status_code=StatusCode.UNSET, description=None)
        self.start_time, self.end_time = time.time_ns(), None

    def set_attribute(self, key, value):
        self.attributes[key] = value


class TracerProvider:
    def __init__(self):
        self.processors = []

    def add_span_processor(self, processor):
        self.processors.append(processor)

    def get_tracer(self, name, version=None):
        return Tracer(self, SimpleNamespace(name=name, version=version))


class Tracer:
    def __init__(self, provider, scope):
        self.provider, self.scope = provider, scope

    @contextmanager
    def start_as_current_span(self, name):
        now = context.get_current()
        parent = now.get("span")
        span = Span(name, parent, self.scope)
        token = context.attach({**now, "span": span.context})
        try:
            yield span
        except BaseException as e:
            span.status = SimpleNamespace(status_code=StatusCode.ERROR, description="%s: %s" % (type(e).__name__, e))
            raise
        finally:
            context.detach(token)
            span.end_time = time.time_ns()
            if span.context.trace_flags.sampled:
                for processor in self.provider.processors:
                    processor.on_end(span)
