"""What of OpenTelemetry's API and SDK for Python the agent and the tests use, under the same names, where the real one cannot be installed: it makes spans, and knows nothing of exporters."""
