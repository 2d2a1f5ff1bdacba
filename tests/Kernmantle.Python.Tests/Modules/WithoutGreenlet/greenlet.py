"""In the way of the module of that name, as if it had not been installed."""
raise ImportError("there is none")
