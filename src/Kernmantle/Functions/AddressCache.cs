namespace Kernmantle.Functions;

/// <summary>
/// Functions by the address of their code: a table of fixed size without locks. A function has two places; where both are taken, it
/// displaces another, which is then found the slower way and may come back.
/// </summary>
internal sealed class AddressCache
{
    private const int Size = 4096;

    private readonly Entry?[] entries = new Entry?[Size];

    public Function? Find(in AddressKey key)
    {
        int place = key.Place;
        if (Volatile.Read(ref entries[place]) is { } first && first.Key.Equals(key))
            return first.Function;
        return Volatile.Read(ref entries[place ^ 1]) is { } second && second.Key.Equals(key) ? second.Function : null;
    }

    public void Add(in AddressKey key, Function function)
    {
        int place = key.Place;
        if (Volatile.Read(ref entries[place]) is { } taken && Volatile.Read(ref entries[place ^ 1]) is null)
            Volatile.Write(ref entries[place ^ 1], taken);
        Volatile.Write(ref entries[place], new(key, function));
    }

    private sealed class Entry(AddressKey key, Function function)
    {
        public readonly AddressKey Key = key;
        public readonly Function Function = function;
    }
}

/// <summary>Generic code over reference types is shared, so the address alone does not tell the target's type.</summary>
internal readonly struct AddressKey(nint code, Type? targetType, Type delegateType, byte shape)
{
    public nint Code => code;

    public Type? TargetType => targetType;

    public Type DelegateType => delegateType;

    public byte Shape => shape;

    /// <summary>Only the address counts: the rest rarely differs where the address does not.</summary>
    public int Place => (int)(((ulong)code * 0x9E3779B97F4A7C15) >> 52);

    public bool Equals(in AddressKey other) =>
        code == other.Code && ReferenceEquals(targetType, other.TargetType) && ReferenceEquals(delegateType, other.DelegateType) && shape == other.Shape;
}
