# --- Values, functions and progress ----------------------------------------------------------------------------------

class Value(HostObject):
    """A number, or a record, read and written whole."""

    def read(self):
        return ask(self, READ)

    def write(self, value):
        ask(self, EXCHANGE, (value,))

    value = property(read, write)

    def exchange(self, value):
        """Returns the one before."""
        return ask(self, EXCHANGE, (value,))

    def compare_exchange(self, value, comparand):
        """Writes the value if the present one is the comparand. Returns the one before."""
        return ask(self, COMPARE_EXCHANGE, (value, comparand))

    def add(self, value):
        """Returns the sum."""
        return ask(self, ADD, (value,))


class Function(HostObject):
    """A function of the host's program: it runs there, and who calls it waits."""

    def __call__(self, *args):
        return ask(self, INVOKE, args)

    async def call_async(self, *args):
        return await ask_async(self, INVOKE, args)


class Progress(HostObject):
    """Who follows the call in the host's program."""

    def report(self, value):
        ask(self, REPORT, (value,))

    async def report_async(self, value):
        await ask_async(self, REPORT, (value,))
