from urllib.parse import unquote_plus


class W3CBaggagePropagator:
    def extract(self, carrier, context=None):
        entries = [entry.split("=", 1) for entry in carrier.get("baggage", "").split(",") if "=" in entry]
        return {**(context or {}), "baggage": {unquote_plus(key).strip(): unquote_plus(value).strip() for key, value in entries}}
