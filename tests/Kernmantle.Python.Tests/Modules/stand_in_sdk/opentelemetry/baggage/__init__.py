from opentelemetry.context import get_current


def get_baggage(name, context=None):
    return (get_current() if context is None else context).get("baggage", {}).get(name)
