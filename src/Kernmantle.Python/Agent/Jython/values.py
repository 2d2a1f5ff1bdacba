# --- Text -----------------------------------------------------------------------------------------------------------

def as_unicode(value):
    """What Python 2 has for text, which may be bytes, for a message or the log."""
    return value.decode("utf-8", "replace") if isinstance(value, str) else value


def text(value):
    """A string as the host reads it; None stays None."""
    if value is None:
        return "\xff\xff\xff\xff"
    data = as_unicode(value)[:MAX_TEXT].encode("utf-16-le", "replace")
    return struct.pack("<i", len(data) // 2) + data


def read_text(body, at):
    length, = struct.unpack_from("<i", body, at)
    if length < 0:
        return None, at + 4
    end = at + 4 + length * 2
    return body[at + 4:end].decode("utf-16-le"), end


# --- Values ---------------------------------------------------------------------------------------------------------

# What marshal (version 2) writes as it is, and the host reads.
SCALARS = frozenset((int, long, float, str, unicode, bool, type(None), complex))
E = Ellipsis


def prepare(value, owner, depth=0):
    """The value as marshal can write it: itself, or something in its place."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if depth > 400:                # half of what marshal does here: an extension is two levels
        raise ValueError("a result that is nested more than 400 deep, or contains itself")
    if kind is list or kind is tuple or kind is set or kind is frozenset:
        if SCALARS.issuperset(map(type, value)):
            return value
        return kind([prepare(each, owner, depth + 1) for each in value])
    if kind is dict:
        return dict((prepare(key, owner, depth + 1), prepare(each, owner, depth + 1)) for key, each in value.items())
    return extend(value, kind, owner, depth + 1)


def name_of(kind):
    module = kind.__module__
    return unicode(kind.__name__ if module in ("__builtin__", "exceptions", None) or kind.__name__.startswith(module + ".") else module + "." + kind.__name__)


def record(kind, fields, owner, depth):
    return (E, u"record", name_of(kind), dict((field, prepare(each, owner, depth)) for field, each in fields))


def extend(value, kind, owner, depth):
    for base in (bool, int, long, float, unicode, str):
        if isinstance(value, base):
            return base(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return record(kind, zip(kind._fields, value), owner, depth)
    if kind is Record:
        return record(kind, vars(value).items(), owner, depth)
    for base in (list, tuple, set, frozenset, dict):
        if isinstance(value, base):
            return prepare(base(value), owner, depth)
    if isinstance(value, Map):     # Java's collections too, which are no list and no dict here
        return prepare(dict((each.getKey(), each.getValue()) for each in value.entrySet()), owner, depth)
    if isinstance(value, Collection):
        return prepare((set if isinstance(value, JavaSet) else list)(value), owner, depth)
    if isinstance(value, (bytearray, memoryview)):
        return (E, u"array", u"B", (len(value),), str(bytearray(value)))
    if isinstance(value, array):
        return array_of(value, owner)
    if kind is xrange or name_of(kind) == "collections.deque":
        return prepare(list(value), owner, depth)
    known = other_types(value)
    return (E, u"other", name_of(kind), safe_repr(value)) if known is None else known


def other_types(value):
    datetime = sys.modules.get("datetime")
    if datetime is not None:
        if isinstance(value, datetime.datetime):
            return (E, u"datetime", value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, offset_of(value), 0)
        if isinstance(value, datetime.date):
            return (E, u"date", value.year, value.month, value.day)
        if isinstance(value, datetime.time):
            return (E, u"time", value.hour, value.minute, value.second, value.microsecond, offset_of(value))
        if isinstance(value, datetime.timedelta):
            return (E, u"timedelta", value.days, value.seconds, value.microseconds)
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return (E, u"decimal", unicode(value))
    uuid = sys.modules.get("uuid")
    if uuid is not None and isinstance(value, uuid.UUID):
        return (E, u"uuid", value.bytes)
    return None


def safe_repr(value):
    try:
        return as_unicode(repr(value))[:1000]
    except Exception as e:
        return u"(its repr raised %s)" % type(e).__name__


class Record(object):
    """A record of C#: an object with its fields."""

    def __init__(self, **fields):
        vars(self).update(fields)

    def __repr__(self):
        return "Record(%s)" % ", ".join("%s=%r" % each for each in sorted(vars(self).items()))

    def __eq__(self, other):
        return isinstance(other, Record) and vars(self) == vars(other)

    __hash__ = None


def restore(value, ident=None):
    """What the host sent, with extensions turned into what they stand for."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is tuple:
        if len(value) > 1 and value[0] is E:
            return RESTORE[value[1]](ident, *value[2:])
        return tuple([restore(each) for each in value])
    if kind is list or kind is set or kind is frozenset:
        return kind([restore(each) for each in value])
    if kind is dict:
        return dict((restore(key), restore(each)) for key, each in value.items())
    return value


def zone_of(offset):
    import datetime

    class Zone(datetime.tzinfo):
        """So far from UTC, always: Python 2.7 has none."""

        def utcoffset(self, _):
            return datetime.timedelta(microseconds=offset)

        def dst(self, _):
            return datetime.timedelta(0)

        def tzname(self, _):
            return None

    return None if offset is None else Zone()


def restore_datetime(ident, year, month, day, hour, minute, second, micro, offset, fold):
    import datetime
    return datetime.datetime(year, month, day, hour, minute, second, micro, zone_of(offset))
