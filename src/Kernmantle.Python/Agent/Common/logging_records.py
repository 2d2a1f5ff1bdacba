# --- Records of the module logging -----------------------------------------------------------------------------------

def patch_logging(logging):
    """Every record goes to the host; a handler that would write it to standard output or error as well is passed over."""
    original = logging.Logger.callHandlers
    formatter = logging.Formatter()

    def callHandlers(self, record):
        try:
            message = record.getMessage()
        except Exception:
            logging.Handler().handleError(record)   # as a handler for standard error would
            return
        level = min(max(record.levelno // 10, 0), 5)
        exception = formatter.formatException(record.exc_info) if record.exc_info and record.exc_info[0] is not None else None
        log(level, record.name, message, exception, record.created, record.threadName)
        self.manager.emittedNoHandlerWarning = True   # it has been handled
        original(self, record)

    emit = logging.StreamHandler.emit

    def emit_elsewhere(self, record):
        if not isinstance(getattr(self, "stream", None), Lines):
            emit(self, record)

    logging.Logger.callHandlers = callHandlers
    logging.StreamHandler.emit = emit_elsewhere
