# --- What the host and the worker say to each other, in any language (PROTOCOL.md) -----------------------------------

CHANNEL, FILES, LIFE = 3, 4, 5
HELLO, CALL, CANCEL, CREDIT, RELEASE_INSTANCE, STOP = 1, 3, 4, 6, 7, 8
READY, BEGUN, RESULT, FAILED, CANCELLED, ITEM, LOG, STOPPED, TOO_LARGE = 32, 33, 34, 35, 36, 40, 41, 42, 43
INTERLEAVED, WANT_MEMORY, MEMORY_KEPT = 64, 65, 66
OP_CALL, OP_EVAL, OP_EXEC, OP_SCRIPT, OP_STREAM, OP_BATCH, OP_CREATE = 1, 2, 3, 4, 5, 6, 7
TELL_BEGIN, HAS_EXTENSIONS, HAS_OBJECTS = 1, 2, 4
CLOCK_STARTED, CLOCK_STOPPED = 50, 51
TRACE, SPAN = 18, 62
BEGUN_CALL, CANCELLATIONS, ANSWERS_FOR_STACKS = 0, 1, 2   # words that the host reads
LENT, GRANTED, REFUSED, DROP, OBJECTS, STACKS = 6, 7, 8, 9, 13, 16   # what the host says over FILES
VERSION = 1
SHARED_FROM = 64 << 10             # larger arrays go by reference
MAX_TEXT = 256 << 10

HEADER = struct.Struct("<IBq")


class Missing(Exception):
    """The function is not there."""


class TooLarge(Exception):
    """A result larger than the host allows."""

    def __init__(self, size):
        Exception.__init__(self, size)
        self.size = size
