using System.Collections;
using System.Numerics;

namespace Kernmantle.Python.Facades;

/// <summary>
/// Whether an annotation contradicts a C# type. Only what is certain counts: both are of a kind that is known, and nothing of the one is ever read or written as
/// the other. So numbers are one kind: an <c>int</c> may be where a <c>float</c> is announced.
/// </summary>
internal static class Annotations
{
    private enum Shape
    {
        Unknown,
        None,
        Text,
        Bytes,
        Number,
        Time,
        Collection,
    }

    private static readonly Dictionary<string, Shape> Classes = new()
    {
        ["NoneType"] = Shape.None,
        ["str"] = Shape.Text,
        ["bytes"] = Shape.Bytes,
        ["bool"] = Shape.Number,
        ["int"] = Shape.Number,
        ["float"] = Shape.Number,
        ["complex"] = Shape.Number,
        ["decimal.Decimal"] = Shape.Number,
        ["datetime.datetime"] = Shape.Time,
        ["datetime.date"] = Shape.Time,
        ["datetime.time"] = Shape.Time,
        ["datetime.timedelta"] = Shape.Time,
        ["list"] = Shape.Collection,
        ["tuple"] = Shape.Collection,
        ["set"] = Shape.Collection,
        ["frozenset"] = Shape.Collection,
        ["dict"] = Shape.Collection,
    };

    private static readonly Type[] Numbers =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(Int128), typeof(UInt128),
        typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(BigInteger), typeof(Complex),
    ];

    private static readonly Type[] Times = [typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan)];

    /// <summary>An argument of that type is none of those classes, whatever its value; null of a type that has it is not looked at.</summary>
    public static bool RefuseArgument(string[]? classes, Type type) => Contradict(classes, Of(type));

    /// <summary>No object of those classes is read as that type.</summary>
    public static bool RefuseResult(string[]? classes, Type? type) => type is not null && Contradict(classes, Of(type));

    /// <summary>None of those classes can be iterated over.</summary>
    public static bool RefuseItems(string[]? classes) =>
        classes is not null && Array.TrueForAll(classes, static name => Classes.GetValueOrDefault(name) is Shape.None or Shape.Number or Shape.Time);

    private static bool Contradict(string[]? classes, Shape wanted) => wanted != Shape.Unknown && classes is not null && Array.TrueForAll(classes, name =>
    {
        Shape said = Classes.GetValueOrDefault(name);
        return said != Shape.Unknown && said != wanted && (said, wanted) is not ((Shape.Bytes, Shape.Collection) or (Shape.Collection, Shape.Bytes));
    });

    private static Shape Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(char))
            return Shape.Text;
        if (type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(Memory<byte>))
            return Shape.Bytes;
        if (Numbers.Contains(type))
            return Shape.Number;
        if (Times.Contains(type))
            return Shape.Time;
        if (!type.IsGenericType)
            return type.IsArray ? Shape.Collection : Shape.Unknown;
        Type definition = type.GetGenericTypeDefinition();
        return definition == typeof(ReadOnlyMemory<>) || definition == typeof(Memory<>) || (type.IsAssignableTo(typeof(IEnumerable)) && type.Namespace == "System.Collections.Generic")
            ? Shape.Collection
            : Shape.Unknown;
    }
}
