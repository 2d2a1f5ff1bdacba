using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>The fields of Python's date and time. Python counts microseconds: the seventh decimal of a C# time is cut off.</summary>
internal static class TimeFields
{
    public const long MicrosecondsPerDay = TimeSpan.MicrosecondsPerDay;

    public static void WriteDateTime(ref PythonWriter writer, DateTime value, TimeSpan? offset)
    {
        writer.EnterExtension(PythonKind.DateTime);
        writer.WriteInteger(value.Year);
        writer.WriteInteger(value.Month);
        writer.WriteInteger(value.Day);
        WriteTime(ref writer, value.TimeOfDay);
        if (offset is { } known)
            writer.WriteInteger(known.Ticks / TimeSpan.TicksPerMicrosecond);
        else
            writer.WriteNone();
        writer.WriteInteger(0);
        writer.Leave();
    }

    public static void WriteTime(ref PythonWriter writer, TimeSpan time)
    {
        writer.WriteInteger(time.Hours);
        writer.WriteInteger(time.Minutes);
        writer.WriteInteger(time.Seconds);
        writer.WriteInteger(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>A datetime as it is written, and its offset; null for a naive one.</summary>
    public static DateTime ReadDateTime(ref PythonReader reader, out TimeSpan? offset)
    {
        reader.EnterExtension(PythonKind.DateTime);
        DateTime value = ReadDate(ref reader) + ReadTime(ref reader);
        offset = ReadOffset(ref reader);
        ReadField(ref reader, 0, 1, "fold");
        reader.Leave();
        return value;
    }

    public static DateTime ReadDate(ref PythonReader reader)
    {
        int year = ReadField(ref reader, 1, 9999, "year"), month = ReadField(ref reader, 1, 12, "month");
        return new DateTime(year, month, ReadField(ref reader, 1, DateTime.DaysInMonth(year, month), "day"));
    }

    public static TimeSpan ReadTime(ref PythonReader reader)
    {
        int hour = ReadField(ref reader, 0, 23, "hour"), minute = ReadField(ref reader, 0, 59, "minute"), second = ReadField(ref reader, 0, 59, "second");
        return new TimeSpan(0, hour, minute, second) + TimeSpan.FromMicroseconds(ReadField(ref reader, 0, 999_999, "microsecond"));
    }

    /// <summary>Less than a day in either direction.</summary>
    public static TimeSpan? ReadOffset(ref PythonReader reader)
    {
        if (reader.Peek() == PythonKind.None)
        {
            reader.ReadNone();
            return null;
        }
        long microseconds = ReadLong(ref reader);
        return Math.Abs((decimal)microseconds) < MicrosecondsPerDay
            ? TimeSpan.FromMicroseconds(microseconds)
            : throw new InvalidPayloadException($"A UTC offset of {microseconds} µs.");
    }

    public static long ReadLong(ref PythonReader reader)
    {
        if (reader.TryReadInt32(out int small))
            return small;
        if (reader.Peek() != PythonKind.Int || !reader.ReadInteger(out bool negative, out UInt128 magnitude, out _) || magnitude > long.MaxValue)
            throw reader.Unexpected("A 64-bit int");
        return negative ? -(long)magnitude : (long)magnitude;
    }

    public static int ReadField(ref PythonReader reader, int least, int most, string name)
    {
        long value = ReadLong(ref reader);
        return value >= least && value <= most ? (int)value : throw new InvalidPayloadException($"The {name} {value}.");
    }
}

/// <summary>Utc is an aware datetime, Local one with its offset, Unspecified a naive one. An aware one is read as Utc.</summary>
internal sealed class DateTimeCodec : ValueCodec<DateTime>
{
    public override void Write(ref PythonWriter writer, DateTime value) => TimeFields.WriteDateTime(ref writer, value, value.Kind switch
    {
        DateTimeKind.Utc => TimeSpan.Zero,
        DateTimeKind.Local => TimeZoneInfo.Local.GetUtcOffset(value),
        _ => null,
    });

    public override DateTime Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.DateTime)
            return ReadOther(ref reader);
        DateTime value = TimeFields.ReadDateTime(ref reader, out TimeSpan? offset);
        if (offset is not { } known)
            return value;
        long ticks = value.Ticks - known.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTime(ticks, DateTimeKind.Utc)
            : throw Mismatch("datetime.datetime", "Its time in UTC is outside of the years 1 to 9999.");
    }
}

/// <summary>An aware datetime. An offset that .NET does not have (seconds, or over 14 hours) becomes zero, and the instant stays.</summary>
internal sealed class DateTimeOffsetCodec : ValueCodec<DateTimeOffset>
{
    private static readonly TimeSpan MostOffset = TimeSpan.FromHours(14);

    public override void Write(ref PythonWriter writer, DateTimeOffset value) => TimeFields.WriteDateTime(ref writer, value.DateTime, value.Offset);

    public override DateTimeOffset Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.DateTime)
            return ReadOther(ref reader);
        DateTime value = TimeFields.ReadDateTime(ref reader, out TimeSpan? offset);
        if (offset is not { } known)
            throw Mismatch("datetime.datetime without a time zone", "Ask for DateTime, or return an aware one: x.astimezone().");
        long ticks = value.Ticks - known.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            throw Mismatch("datetime.datetime", "Its time in UTC is outside of the years 1 to 9999.");
        return known.Duration() <= MostOffset && known.Ticks % TimeSpan.TicksPerMinute == 0
            ? new DateTimeOffset(value, known)
            : new DateTimeOffset(ticks, TimeSpan.Zero);
    }
}

internal sealed class DateOnlyCodec : ValueCodec<DateOnly>
{
    public override void Write(ref PythonWriter writer, DateOnly value)
    {
        writer.EnterExtension(PythonKind.Date);
        writer.WriteInteger(value.Year);
        writer.WriteInteger(value.Month);
        writer.WriteInteger(value.Day);
        writer.Leave();
    }

    public override DateOnly Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.Date)
            return ReadOther(ref reader);
        reader.EnterExtension(PythonKind.Date);
        DateOnly value = DateOnly.FromDateTime(TimeFields.ReadDate(ref reader));
        reader.Leave();
        return value;
    }
}

internal sealed class TimeOnlyCodec : ValueCodec<TimeOnly>
{
    public override void Write(ref PythonWriter writer, TimeOnly value)
    {
        writer.EnterExtension(PythonKind.Time);
        TimeFields.WriteTime(ref writer, value.ToTimeSpan());
        writer.WriteNone();
        writer.Leave();
    }

    public override TimeOnly Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.Time)
            return ReadOther(ref reader);
        reader.EnterExtension(PythonKind.Time);
        TimeSpan value = TimeFields.ReadTime(ref reader);
        bool aware = TimeFields.ReadOffset(ref reader) is not null;
        reader.Leave();
        return aware ? throw Mismatch("datetime.time with a time zone", "C# has no such time: return it without tzinfo.") : TimeOnly.FromTimeSpan(value);
    }
}

internal sealed class TimeSpanCodec : ValueCodec<TimeSpan>
{
    private const int MostDays = 999_999_999;
    private const int SecondsPerDay = 86_400;

    public override void Write(ref PythonWriter writer, TimeSpan value)
    {
        // Python's days may be negative, seconds and microseconds may not. Cut towards zero, as everywhere.
        long microseconds = value.Ticks / TimeSpan.TicksPerMicrosecond;
        long days = Math.DivRem(microseconds, TimeFields.MicrosecondsPerDay, out long rest);
        if (rest < 0)
        {
            days--;
            rest += TimeFields.MicrosecondsPerDay;
        }
        writer.EnterExtension(PythonKind.TimeDelta);
        writer.WriteInteger(days);
        writer.WriteInteger(rest / TimeSpan.MicrosecondsPerSecond);
        writer.WriteInteger(rest % TimeSpan.MicrosecondsPerSecond);
        writer.Leave();
    }

    public override TimeSpan Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.TimeDelta)
            return ReadOther(ref reader);
        reader.EnterExtension(PythonKind.TimeDelta);
        int days = TimeFields.ReadField(ref reader, -MostDays, MostDays, "days");
        int seconds = TimeFields.ReadField(ref reader, 0, SecondsPerDay - 1, "seconds");
        int microseconds = TimeFields.ReadField(ref reader, 0, 999_999, "microseconds");
        reader.Leave();
        Int128 ticks = ((Int128)days * TimeSpan.TicksPerDay) + (seconds * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond);
        return ticks >= long.MinValue && ticks <= long.MaxValue
            ? new TimeSpan((long)ticks)
            : throw Mismatch("datetime.timedelta", "It is longer than a TimeSpan can be (some 29 000 years).");
    }
}
