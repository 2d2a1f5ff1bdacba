# --- Traces ---------------------------------------------------------------------------------------------------------

class Traces:
    arrived = {}                   # call -> what it is part of: it comes next
    contexts = {}                  # call that runs -> the context of its code
    opens = None                   # OpenTelemetry's parts that make a context; False where they are not installed; None before they were looked for
    told = False                   # that a span could not be sent
    finding = allocate_lock()


def arrive(ident, body):
    parent, at = read_text(body, 0)
    state, at = read_text(body, at)
    baggage, at = read_text(body, at)
    Traces.arrived[ident] = {"traceparent": parent, "tracestate": state, "baggage": baggage}


def in_trace(ident, function, args):
    context = context_of(ident)
    return function(*args) if context is None else context.run(function, *args)


def context_of(ident):
    """A context for the call alone, in which its span is the current one, where there is OpenTelemetry to know that; else None."""
    headers = Traces.arrived.pop(ident, None)
    if headers is not None and Traces.opens is None:
        with Traces.finding:
            Traces.opens = find_opentelemetry() if Traces.opens is None else Traces.opens
    if headers is None or not Traces.opens:
        return None
    import contextvars
    attach, propagators = Traces.opens
    headers = {name: value for name, value in headers.items() if value is not None}
    opened = None
    for each in propagators:
        opened = each().extract(headers, context=opened)
    Traces.contexts[ident] = context = contextvars.copy_context()
    context.run(attach, opened)
    return context


def each_in(context, iterator):
    end = object()
    try:
        while True:
            item = context.run(next, iterator, end)
            if item is end:
                return
            yield item
    finally:
        if hasattr(iterator, "close"):
            context.run(iterator.close)


def find_opentelemetry():
    """Its API makes contexts. Where its SDK is there too, and the program has not set it up itself (in its setup code), spans go to the host as they end."""
    try:
        from opentelemetry import trace
        from opentelemetry.baggage.propagation import W3CBaggagePropagator
        from opentelemetry.context import attach
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
    except ImportError:
        return False
    found = attach, (TraceContextTextMapPropagator, W3CBaggagePropagator)
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return found
    try:
        from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    except ImportError:
        return found

    class ToHost(SpanProcessor):
        def on_end(self, span):
            send_span(span)

    provider = TracerProvider()
    provider.add_span_processor(ToHost())
    trace.set_tracer_provider(provider)
    return found


def send_span(span):
    if span.parent is None or not span.context.trace_flags.sampled or channel.left:
        return                     # none of a trace of the host's; or of a forked child
    try:
        body = span_bytes(span)
    except Exception as e:
        if not Traces.told:
            Traces.told = True
            log(3, "Kernmantle.Python", "The span %s could not be sent to the host. That is said once. %r" % (span.name, e))
        return
    if gap is None:
        channel.send(SPAN, 0, body)
    else:
        gap.send_or_drop(body, SPAN)


MOST_TAGS, MOST_EVENTS, MOST_LINKS, MOST_TAG_TEXT = 128, 128, 32, 16 << 10


def span_bytes(span):
    """As SpanRecord of the host reads it: PROTOCOL.md."""
    scope = span.instrumentation_scope
    state = span.context.trace_state.to_header() if span.context.trace_state else None
    events, links = list(span.events)[:MOST_EVENTS], list(span.links)[:MOST_LINKS]
    parts = [
        text(scope.name), text(scope.version or None), text(span.name), text(span.name), bytes([span.kind.value]),
        context_bytes(span.parent.span_id, span.context), text(state), span.context.span_id.to_bytes(8, "big"),
        INSTANCE.pack(ticks(span.start_time)), INSTANCE.pack(max(0, (span.end_time - span.start_time) // 100)),
        bytes([span.status.status_code.value]), text(span.status.description), tag_bytes(span.attributes), struct.pack("<i", len(events))]
    for event in events:
        parts += text(event.name), INSTANCE.pack(ticks(event.timestamp)), tag_bytes(event.attributes)
    parts.append(struct.pack("<i", len(links)))
    for link in links:
        parts += context_bytes(link.context.span_id, link.context), tag_bytes(link.attributes)
    return b"".join(parts)


def context_bytes(span_id, context):
    return context.trace_id.to_bytes(16, "big") + span_id.to_bytes(8, "big") + bytes([context.trace_flags & 0xff])


def ticks(nanoseconds):
    return nanoseconds // 100 + 621355968000000000


def tag_bytes(attributes):
    items = list((attributes or {}).items())[:MOST_TAGS]
    return struct.pack("<i", len(items)) + b"".join(text(key[:MOST_TAG_TEXT]) + tag_value(value) for key, value in items)


def tag_value(value):
    if isinstance(value, (list, tuple)):
        value = value[:MOST_TAGS]
        code = tag_code(value[0]) if value and all(tag_code(each) == tag_code(value[0]) for each in value) else 1
        return bytes([8 | code]) + struct.pack("<i", len(value)) + b"".join(tag_item(code, each) for each in value)
    code = tag_code(value)
    return bytes([code]) + tag_item(code, value)


def tag_code(value):
    return 2 if isinstance(value, bool) else 3 if isinstance(value, int) and -1 << 63 <= value < 1 << 63 else 4 if isinstance(value, float) else 1


def tag_item(code, value):
    if code == 1:
        return text(str(value)[:MOST_TAG_TEXT])
    return (b"\1" if value else b"\0") if code == 2 else INSTANCE.pack(value) if code == 3 else struct.pack("<d", value)
