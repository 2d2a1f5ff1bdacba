"""Functions that start spans, by OpenTelemetry's API."""
import asyncio
import os
import signal

from opentelemetry import baggage, trace


def work(value):
    with trace.get_tracer("kernmantle.python.tests", "3.4").start_as_current_span("python") as span:
        span.set_attribute("value", value)
        span.set_attribute("flags", [True, False])
    return baggage.get_baggage("tenant")


async def wait(value):
    with trace.get_tracer("kernmantle.python.tests").start_as_current_span("python"):
        await asyncio.sleep(0)
        with trace.get_tracer("kernmantle.python.tests").start_as_current_span("deeper"):
            await asyncio.sleep(0)
    return baggage.get_baggage("tenant")


def items(count):
    for index in range(count):
        with trace.get_tracer("kernmantle.python.tests").start_as_current_span("python"):
            pass
        yield index


def fail():
    with trace.get_tracer("kernmantle.python.tests").start_as_current_span("python"):
        raise ValueError("no")


def die():
    with trace.get_tracer("kernmantle.python.tests").start_as_current_span("python"):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def untraced():
    return baggage.get_baggage("tenant")
