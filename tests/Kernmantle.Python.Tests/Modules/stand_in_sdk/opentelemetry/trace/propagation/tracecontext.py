from opentelemetry.trace import SpanContext


class TraceContextTextMapPropagator:
    def extract(self, carrier, context=None):
        _, trace_id, span_id, flags = carrier["traceparent"].split("-")
        return {**(context or {}), "span": SpanContext(int(trace_id, 16), int(span_id, 16), True, int(flags, 16))}
