namespace Kernmantle.Python.Values;

/// <summary>What a value on the wire is: a type that marshal knows, or one of the extensions.</summary>
internal enum PythonKind : byte
{
    /// <summary>Not the beginning of a value.</summary>
    Invalid,
    End,
    None,
    Bool,
    Int,
    Float,
    Complex,
    Bytes,
    Str,
    Tuple,
    List,
    Dict,
    Set,
    FrozenSet,
    Ellipsis,
    DateTime,
    Date,
    Time,
    TimeDelta,
    Decimal,
    Uuid,
    Path,
    Enum,
    Record,
    Array,
    Block,
    Object,
    Other,
}

/// <summary>The extensions: a tuple of Ellipsis, a tag, and the fields.</summary>
internal static class PythonExtensions
{
    private static readonly (PythonKind Kind, int Fields, byte[] Tag)[] Table =
    [
        (PythonKind.DateTime, 9, "datetime"u8.ToArray()),
        (PythonKind.Date, 3, "date"u8.ToArray()),
        (PythonKind.Time, 5, "time"u8.ToArray()),
        (PythonKind.TimeDelta, 3, "timedelta"u8.ToArray()),
        (PythonKind.Decimal, 1, "decimal"u8.ToArray()),
        (PythonKind.Uuid, 1, "uuid"u8.ToArray()),
        (PythonKind.Path, 1, "path"u8.ToArray()),
        (PythonKind.Enum, 3, "enum"u8.ToArray()),
        (PythonKind.Record, 2, "record"u8.ToArray()),
        (PythonKind.Array, 3, "array"u8.ToArray()),
        (PythonKind.Block, 4, "block"u8.ToArray()),
        (PythonKind.Object, 3, "object"u8.ToArray()),
        (PythonKind.Other, 2, "other"u8.ToArray()),
    ];

    public static ReadOnlySpan<byte> Tag(PythonKind kind) => Table[kind - PythonKind.DateTime].Tag;

    /// <summary>How many fields follow the tag.</summary>
    public static int Fields(PythonKind kind) => Table[kind - PythonKind.DateTime].Fields;

    public static PythonKind Find(ReadOnlySpan<byte> tag)
    {
        foreach ((PythonKind kind, _, byte[] known) in Table)
        {
            if (tag.SequenceEqual(known))
                return kind;
        }
        return PythonKind.Invalid;
    }

    /// <summary>The name of the type as Python has it.</summary>
    public static string Name(PythonKind kind) => kind switch
    {
        PythonKind.None => "NoneType",
        PythonKind.FrozenSet => "frozenset",
        PythonKind.Ellipsis => "ellipsis",
        PythonKind.DateTime => "datetime.datetime",
        PythonKind.Date => "datetime.date",
        PythonKind.Time => "datetime.time",
        PythonKind.TimeDelta => "datetime.timedelta",
        PythonKind.Decimal => "decimal.Decimal",
        PythonKind.Uuid => "uuid.UUID",
        PythonKind.Path => "pathlib.Path",
        PythonKind.Block => "array",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
