using Kernmantle.Payloads.Objects;
using Kernmantle.Payloads.Plain;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>
/// Items of a channel that are, or hold, shared memory: member by member, with the name of the memory where it stands. Not through the serializer, which does not know of it.
/// </summary>
internal sealed class CarryingCodec<T> : Codec<T>, ICarryingCodec
{
    private readonly PlainShape shape = Carrying.ShapeOf(typeof(T))!;
    private readonly ObjectGuard guard = ObjectGuard.For(typeof(T));

    /// <exception cref="NotPortableException">It has an object twice, which the serializer alone could keep one; or as any value.</exception>
    public override void Write(ref PayloadWriter writer, T value)
    {
        object? boxed = value;
        if (guard.Check(boxed))
            throw new NotPortableException($"An object that is reached twice in a {PortableTypes.Name(typeof(T))}", "Where shared memory is in an item, all else in it is copied as often as it is there: pass an index instead of the second reference.");
        shape.Write(ref writer, boxed);
    }

    public override T Read(ref PayloadReader reader)
    {
        try
        {
            return (T)shape.Read(ref reader)!;
        }
        catch (Exception e) when (e is not InvalidPayloadException)
        {
            // Bytes may be forged, and constructors of the program run on what they say: whatever that throws, the payload is to blame.
            throw new InvalidPayloadException($"No {PortableTypes.Name(typeof(T))}: {e.GetBaseException().Message}", e);
        }
    }
}

/// <summary>Marks codecs whose values name shared memory.</summary>
internal interface ICarryingCodec;

/// <summary>Which types are, or hold, shared memory.</summary>
internal static class Carrying
{
    public static bool Is(Type type) => Is(type, []);

    /// <summary>Null: it has none.</summary>
    public static PlainShape? ShapeOf(Type type) => PlainShapes.Of(type);

    /// <summary>Of a type that holds shared memory, and has passed the preflight: why it cannot all the same.</summary>
    public static Refusal? Check(Type type) => !Is(type) || ShapeOf(type) is not null ? null
        : new(PortableTypes.Name(type), "Shared memory crosses inside of an item where that is a record, a tuple, or an array, a List or a Dictionary of them.");

    private static bool Is(Type type, HashSet<Type> seen)
    {
        if (Bits.IsPortable(type) || type == typeof(string) || !seen.Add(type))
            return false;
        if (KnownTypes.IsSharedMemory(type))
            return true;
        if (type.IsSZArray)
            return Is(type.GetElementType()!, seen);
        if (type.IsPointer || type.IsByRef || type.IsArray)
            return false;
        return Array.Exists(type.GetGenericArguments(), a => Is(a, seen))
            || (!PortableTypes.IsPlatform(type) && GuardedMember.FieldsOf(type).Any(f => Is(f.FieldType, seen)));
    }
}
