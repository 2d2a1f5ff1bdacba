# --- Values that have one form in any language -----------------------------------------------------------------------

def offset_of(value):
    offset = value.utcoffset()
    return None if offset is None else (offset.days * 86400 + offset.seconds) * 1000000 + offset.microseconds


def restore_date(ident, year, month, day):
    import datetime
    return datetime.date(year, month, day)


def restore_time(ident, hour, minute, second, micro, offset):
    import datetime
    return datetime.time(hour, minute, second, micro, zone_of(offset))


def restore_timedelta(ident, days, seconds, micros):
    import datetime
    return datetime.timedelta(days, seconds, micros)


def restore_decimal(ident, digits):
    import decimal
    return decimal.Decimal(digits)


def restore_uuid(ident, data):
    import uuid
    return uuid.UUID(bytes=data)
