using System.Numerics;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Python.Values;

/// <summary>A well-formed Python value that does not fit the C# type asked for.</summary>
internal sealed class PythonValueMismatchException(string pythonType, Type wanted, string remedy, Exception? inner = null) : Exception(null, inner)
{
    /// <summary>Where in the whole value it is, as one would write it in Python: <c>[3].name["key"]</c>. Empty for the value itself.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The value's type by its Python name.</summary>
    public string PythonType { get; } = pythonType;

    /// <summary>The C# type that the value at <see cref="Path"/> was to have.</summary>
    public Type Wanted { get; } = wanted;

    /// <summary>What to do instead.</summary>
    public string Remedy { get; } = remedy;

    public override string Message => Path.Length == 0
        ? $"The Python value of type {PythonType} does not fit {PortableTypes.Name(Wanted)}. {Remedy}"
        : $"The Python value at {Path}, of type {PythonType}, does not fit {PortableTypes.Name(Wanted)}. {Remedy}";

    /// <summary>For exception filters: notes the step on the way out, catches nothing.</summary>
    public bool Passes(string step)
    {
        Path = ValuePath.Prepend(step, Path);
        return false;
    }
}

/// <summary>A C# value without a Python counterpart; becomes a <see cref="NotPortableException"/> where writing began.</summary>
internal sealed class RefusedValueException(string what, string remedy, Exception? inner = null) : Exception(null, inner)
{
    private string path = "";

    public bool Passes(string step)
    {
        path = ValuePath.Prepend(step, path);
        return false;
    }

    public NotPortableException ToNotPortable(Type root) =>
        new(path.Length == 0 ? what : $"{PortableTypes.Name(root)}{path} ({what})", remedy, InnerException);
}

internal static class ValuePath
{
    // A cycle has as many steps as there may be levels: the first ones say it all.
    private const int Longest = 200;

    public static string Prepend(string step, string path)
    {
        string whole = step + path;
        return whole.Length <= Longest ? whole : $"{whole.AsSpan(0, Longest)}…";
    }

    public static string Index(int index) => $"[{index}]";

    public static string Key(object? key) => key switch
    {
        string text => $"[\"{text}\"]",
        BigInteger number when number.GetBitLength() > BigIntegerCodec.MaxTextBits => "[…]",
        _ => $"[{key}]",
    };
}
