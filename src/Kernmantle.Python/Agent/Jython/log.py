# --- The log --------------------------------------------------------------------------------------------------------

def log(level, category, message, exception=None, when=None, thread=None):
    current = Thread.currentThread()
    channel.send(LOG, 0, struct.pack("<Bdi", level, when or time.time(), current.getId() & 0x7fffffff) + text(thread or current.getName())
                 + text(category) + text(message) + text(exception))


class Lines(object):
    """Standard output or error: whole lines become records of the log. What Java writes goes the system's way."""

    encoding = "utf-8"
    errors = "replace"
    newlines = None
    closed = False
    mode = "w"

    def __init__(self, descriptor, name, level):
        self.descriptor = descriptor
        self.name = "<%s>" % name
        self.level = level
        self.softspace = 0
        self.category = u"Console.Out" if descriptor == 1 else u"Console.Error"
        self.parts = {}            # thread -> its line so far: those of several threads must not mix

    def write(self, value):
        thread = get_ident()
        lines = (self.parts.pop(thread, u"") + as_unicode(value)).split(u"\n")
        if lines[-1]:
            self.parts[thread] = lines[-1]
        for line in lines[:-1]:
            log(self.level, self.category, line)

    def writelines(self, values):
        for each in values:
            self.write(each)

    def finish(self):
        """What has no newline yet is a line too, at the end of its call."""
        line = self.parts.pop(get_ident(), None)
        if line is not None:
            log(self.level, self.category, line)

    def finish_all(self):
        for line in self.parts.values():
            log(self.level, self.category, line)

    def flush(self):
        pass

    def fileno(self):
        return self.descriptor

    def isatty(self):
        return False
