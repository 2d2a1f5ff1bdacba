# --- Text -----------------------------------------------------------------------------------------------------------

def text(value):
    """A string as the host reads it; None stays None."""
    if value is None:
        return b"\xff\xff\xff\xff"
    if len(value) > MAX_TEXT:
        value = value[:MAX_TEXT]
    data = value.encode("utf-16-le", "surrogatepass")
    return struct.pack("<i", len(data) // 2) + data


def read_text(body, at):
    length, = struct.unpack_from("<i", body, at)
    if length < 0:
        return None, at + 4
    end = at + 4 + length * 2
    return body[at + 4:end].decode("utf-16-le", "surrogatepass"), end


# --- Values ---------------------------------------------------------------------------------------------------------

# What marshal (version 2) writes as it is, and the host reads.
SCALARS = frozenset((int, float, str, bytes, bool, type(None), complex))
NUMBERS = frozenset("?bBhHiIqQfd")
# What makes one of these of what derives from it, and asks nothing of that, which may have its own idea of what it is.
PLAIN = (int, lambda value: int.__add__(value, 0)), (float, float.__float__), (str, str.__str__), (bytes, lambda value: bytes(memoryview(value)))
E = Ellipsis


def prepare(value, owner, depth=0):
    """The value as marshal can write it: itself, or something in its place."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if depth > 900:
        raise ValueError("a result that is nested more than 900 deep, or contains itself")
    if kind is list or kind is tuple or kind is set or kind is frozenset:
        if SCALARS.issuperset(map(type, value)):
            return value
        return kind([prepare(each, owner, depth + 1) for each in value])
    if kind is dict:
        if SCALARS.issuperset(map(type, value)) and SCALARS.issuperset(map(type, value.values())):
            return value
        return {prepare(key, owner, depth + 1): prepare(each, owner, depth + 1) for key, each in value.items()}
    return extend(value, kind, owner, depth + 1)


def name_of(kind):
    return kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__


def extend(value, kind, owner, depth):
    if isinstance(value, HostObject):
        if owner is not None:
            State.named.setdefault(owner, []).append(value)   # until the host has the answer that names it
        return (E, "object", kind.__name__, value._number, ())
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return (E, "enum", name_of(kind), value.name, prepare(value.value, owner, depth))
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.generic):
            plain = value.item()
            if not isinstance(plain, numpy.generic):
                return prepare(plain, owner, depth)
        elif isinstance(value, numpy.ndarray):
            return array_of(value, owner)
    if isinstance(value, bool):
        return bool(value)
    for base, plain in PLAIN:
        if isinstance(value, base):
            return plain(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return (E, "record", name_of(kind), {field: prepare(each, owner, depth) for field, each in zip(kind._fields, value)})
    if hasattr(kind, "__dataclass_fields__"):
        return (E, "record", name_of(kind), {field: prepare(getattr(value, field), owner, depth) for field in kind.__dataclass_fields__})
    if isinstance(value, types.SimpleNamespace):
        return (E, "record", name_of(kind), {field: prepare(each, owner, depth) for field, each in vars(value).items()})
    for base in (list, tuple, set, frozenset):
        if isinstance(value, base):
            return prepare(base(value), owner, depth)
    if isinstance(value, dict):
        return prepare(dict(value), owner, depth)
    if kind is bytearray:
        return bytes(value)
    if kind is memoryview or name_of(kind) == "array.array":
        return array_of(memoryview(value), owner)
    if kind is range or name_of(kind) in ("dict_keys", "dict_values", "dict_items", "collections.deque"):
        return prepare(list(value), owner, depth)
    known = other_types(value)
    if known is not None:
        return known
    return (E, "other", name_of(kind), safe_repr(value))


def other_types(value):
    datetime = sys.modules.get("datetime")
    if datetime is not None:
        if isinstance(value, datetime.datetime):
            return (E, "datetime", value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, offset_of(value), value.fold)
        if isinstance(value, datetime.date):
            return (E, "date", value.year, value.month, value.day)
        if isinstance(value, datetime.time):
            return (E, "time", value.hour, value.minute, value.second, value.microsecond, offset_of(value))
        if isinstance(value, datetime.timedelta):
            return (E, "timedelta", value.days, value.seconds, value.microseconds)
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return (E, "decimal", str(value))
    uuid = sys.modules.get("uuid")
    if uuid is not None and isinstance(value, uuid.UUID):
        return (E, "uuid", value.bytes)
    if isinstance(value, os.PathLike):
        return (E, "path", os.fsdecode(value))
    return None


def offset_of(value):
    offset = value.utcoffset()
    return None if offset is None else (offset.days * 86400 + offset.seconds) * 1000000 + offset.microseconds


def safe_repr(value):
    try:
        return repr(value)[:1000]
    except Exception as e:
        return "(its repr raised %s)" % type(e).__name__


def restore(value, ident):
    """What the host sent, with extensions turned into what they stand for."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is tuple:
        if len(value) > 1 and value[0] is E:
            return RESTORE[value[1]](ident, *value[2:])
        return tuple([restore(each, ident) for each in value])
    if kind is list:
        return value if SCALARS.issuperset(map(type, value)) else [restore(each, ident) for each in value]
    if kind is dict:
        return {restore(key, ident): restore(each, ident) for key, each in value.items()}
    if kind is set or kind is frozenset:
        return kind([restore(each, ident) for each in value])
    return value


def zone_of(offset):
    import datetime
    return None if offset is None else datetime.timezone.utc if offset == 0 else datetime.timezone(datetime.timedelta(microseconds=offset))


def restore_datetime(ident, year, month, day, hour, minute, second, micro, offset, fold):
    import datetime
    return datetime.datetime(year, month, day, hour, minute, second, micro, zone_of(offset), fold=fold)


def restore_record(ident, name, fields):
    return types.SimpleNamespace(**{field: restore(each, ident) for field, each in fields.items()})
