namespace Kernmantle.Python.Values;

/// <summary>
/// Type bytes of Python's marshal format, version 2 (CPython, Python/marshal.c). Version 2 has binary floats and no references;
/// every CPython since 2.5, and PyPy, reads and writes it.
/// </summary>
internal static class MarshalCode
{
    public const byte End = (byte)'0';
    public const byte None = (byte)'N';
    public const byte True = (byte)'T';
    public const byte False = (byte)'F';
    public const byte Ellipsis = (byte)'.';
    public const byte Int32 = (byte)'i';
    public const byte Long = (byte)'l';
    public const byte Float = (byte)'g';
    public const byte Complex = (byte)'y';
    public const byte Bytes = (byte)'s';
    public const byte Str = (byte)'u';
    public const byte Tuple = (byte)'(';
    public const byte List = (byte)'[';
    public const byte Dict = (byte)'{';
    public const byte Set = (byte)'<';
    public const byte FrozenSet = (byte)'>';

    // Only read, never written: versions 1, 3 and 4 have them.
    public const byte Interned = (byte)'t';
    public const byte Ascii = (byte)'a';
    public const byte AsciiInterned = (byte)'A';
    public const byte ShortAscii = (byte)'z';
    public const byte ShortAsciiInterned = (byte)'Z';
    public const byte SmallTuple = (byte)')';

    /// <summary>Bits of one digit of a long.</summary>
    public const int DigitBits = 15;

    /// <summary>Containers within containers, in either direction. CPython itself reads 2000.</summary>
    public const int MaxDepth = 1000;

    private static readonly PythonKind[] Kinds = CreateKinds();

    public static PythonKind KindOf(byte code) => Kinds[code];

    private static PythonKind[] CreateKinds()
    {
        var kinds = new PythonKind[256];
        kinds[End] = PythonKind.End;
        kinds[None] = PythonKind.None;
        kinds[True] = kinds[False] = PythonKind.Bool;
        kinds[Ellipsis] = PythonKind.Ellipsis;
        kinds[Int32] = kinds[Long] = PythonKind.Int;
        kinds[Float] = PythonKind.Float;
        kinds[Complex] = PythonKind.Complex;
        kinds[Bytes] = PythonKind.Bytes;
        kinds[Str] = kinds[Interned] = kinds[Ascii] = kinds[AsciiInterned] = kinds[ShortAscii] = kinds[ShortAsciiInterned] = PythonKind.Str;
        kinds[Tuple] = kinds[SmallTuple] = PythonKind.Tuple;
        kinds[List] = PythonKind.List;
        kinds[Dict] = PythonKind.Dict;
        kinds[Set] = PythonKind.Set;
        kinds[FrozenSet] = PythonKind.FrozenSet;
        return kinds;
    }
}
