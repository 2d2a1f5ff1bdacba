using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>
/// Types whose values are their bits and nothing else: no references, and no addresses or handles, which mean something else
/// in another process. Both processes run the same build on the same machine, so layout and byte order agree.
/// </summary>
internal static class Bits
{
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    public static bool IsPortable(Type type) => Known.GetOrAdd(type, static t => Check(t));

    /// <summary>Whether arrays of the type are runs of bits. A nullable one is refused by the language's constraint on such arrays.</summary>
    public static bool MayRun(Type type) => IsPortable(type) && Nullable.GetUnderlyingType(type) is null;

    private static bool Check(Type type)
    {
        if (!type.IsValueType || type.IsByRefLike || type == typeof(void) || type.ContainsGenericParameters)
            return false;
        if (type == typeof(nint) || type == typeof(nuint) || type == typeof(CancellationToken) || type == typeof(RuntimeTypeHandle))
            return false;
        if (type.IsPrimitive || type.IsEnum)
            return true;
        return type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .All(static f => !f.FieldType.IsPointer && !f.FieldType.IsFunctionPointer && IsPortable(f.FieldType));
    }
}

/// <summary>A value by its bits.</summary>
internal sealed class BitsCodec<T> : Codec<T>, IPlainCodec
{
    public override void Write(ref PayloadWriter writer, T value) =>
        Unsafe.WriteUnaligned(ref MemoryMarshal.GetReference(writer.Output.Take(Unsafe.SizeOf<T>())), value);

    public override T Read(ref PayloadReader reader) =>
        Unsafe.ReadUnaligned<T>(ref MemoryMarshal.GetReference(reader.ReadBytes(Unsafe.SizeOf<T>())));
}
