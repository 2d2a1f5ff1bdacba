"""Counts words, and says so in a span where OpenTelemetry is installed."""
try:
    from opentelemetry import trace
except ImportError:
    trace = None


def count(text):
    if trace is None:
        return len(text.split())
    with trace.get_tracer("one_trace").start_as_current_span("count words"):
        return len(text.split())
