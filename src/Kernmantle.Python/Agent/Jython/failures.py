# --- Failures -------------------------------------------------------------------------------------------------------

def failure(kind, error, trace):
    """An exception as the host reads it; also one of Java, whose causes follow."""
    import traceback
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    try:
        lines = u"".join(map(as_unicode, traceback.format_exception(kind, error, trace)))
    except Exception as e:
        lines = u"(the traceback is not available: formatting it raised %s)" % type(e).__name__
    if isinstance(error, OutOfMemoryError):
        kind, error = MemoryError, MemoryError(error.getMessage())
    if isinstance(error, Throwable):
        return text(error.getClass().getName()) + text(error.getMessage() or u"") + text(lines) + cause_of(error)
    try:
        message = unicode(error)
    except UnicodeError:
        message = str(error)
    except Exception as e:
        message = "(its text is not available: reading it raised %s)" % type(e).__name__
    if isinstance(error, SyntaxError):
        message += " - Jython's language is Python %d.%d: code in Python 3 needs another interpreter (PythonPoolOptions.Interpreter)" % sys.version_info[:2]
    return text(name_of(kind)) + text(message) + text(lines) + "\0"


def cause_of(error, depth=0):
    cause = error.getCause()
    if cause is None or depth >= 40:
        return "\0"
    lines = u"\n".join([cause.toString()] + [u"    at %s" % each.toString() for each in cause.getStackTrace()])
    return "\1" + text(cause.getClass().getName()) + text(cause.getMessage() or u"") + text(lines) + cause_of(cause, depth + 1)
