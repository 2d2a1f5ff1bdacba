# --- Failures -------------------------------------------------------------------------------------------------------

def failure(error, depth=0):
    """An exception as the host reads it."""
    kind = type(error)
    try:
        message = str(error)
    except Exception as e:
        message = "(its text is not available: reading it raised %s)" % type(e).__name__
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    try:
        import traceback
        lines = "".join(traceback.format_exception(kind, error, trace, chain=False))
    except Exception as e:
        lines = "(the traceback is not available: formatting it raised %s)" % type(e).__name__
    inner = error.__cause__
    if inner is None and not error.__suppress_context__:
        inner = error.__context__
    body = text(name_of(kind)) + text(message) + text(lines)
    if inner is None or depth >= 40:
        return body + b"\0"
    return body + b"\1" + failure(inner, depth + 1)
