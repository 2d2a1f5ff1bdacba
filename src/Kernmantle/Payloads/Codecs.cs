using Kernmantle.Wire.Bytes;
using Kernmantle.Payloads.Objects;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Payloads;

/// <summary>The codec of each type. What may cross is decided here, once per type, by the preflight and not by a serializer's errors.</summary>
internal static class Codecs
{
    /// <exception cref="NotPortableException">Values of this type cannot cross.</exception>
    public static Codec<T> For<T>() => Checked<T>.Refused is { } refused ? throw refused.ToException() : Made<T>.Codec;

    /// <summary>The same for items of channels, which may be, or hold, shared memory: then an <see cref="ICarryingCodec"/>.</summary>
    /// <exception cref="NotPortableException">Values of this type cannot be such items.</exception>
    public static Codec<T> ForItem<T>()
    {
        if (!Carrying.Is(typeof(T)))
            return For<T>() is not ILinkCodec ? For<T>() : throw new NotPortableException(PortableTypes.Name(typeof(T)), "It crosses with a call, and not as an item of a channel: pass it as an argument, or capture it.");
        return CheckItem(typeof(T)) is { } refused ? throw refused.ToException() : CarryingOf<T>.Codec;
    }

    /// <summary>Why values of the type cannot be items of a channel; null if they can.</summary>
    public static Refusal? CheckItem(Type type) => PortableTypes.CheckItem(type) ?? Carrying.Check(type);

    /// <summary>In a worker, for a type that its host has sent in a function's description: the host has checked it, with the same code.</summary>
    public static Codec<T> ForChecked<T>() => Made<T>.Codec;

    /// <summary>Why values of the type cannot cross; null if they can.</summary>
    public static Refusal? Check(Type type)
    {
        if (type == typeof(CancellationToken) || IsSharedBuffer(type) || IsSharedObject(type) || IsRemote(type) || RemoteCollections.CodecOf(type) is not null)
            return null;
        if (ChannelSides.CodecOf(type) is not null)
            return CheckItem(type.GetGenericArguments()[0]);
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IProgress<>))
            return PortableTypes.Check(type);
        return PortableTypes.Check(type.GetGenericArguments()[0])?.Within($"{PortableTypes.Name(type)}.Report");
    }

    private static class Checked<T>
    {
        public static readonly Refusal? Refused = Check(typeof(T));
    }

    private static class Made<T>
    {
        public static readonly Codec<T> Codec = (Codec<T>)Create(typeof(T));
    }

    private static class CarryingOf<T>
    {
        public static readonly Codec<T> Codec = new CarryingCodec<T>();
    }

    /// <summary>Memory that both sides use, by the type of which it is.</summary>
    public static bool IsShared(Type type) => IsSharedBuffer(type) || IsSharedObject(type) || ChannelSides.CodecOf(type) is not null;

    /// <summary>That of shared memory, made anew.</summary>
    public static object OfShared(Type type) => Create(type);

    /// <summary>Not the bases of them: what arrives is known by the type.</summary>
    private static bool IsSharedObject(Type type) => type.IsSealed && typeof(SharedObject).IsAssignableFrom(type);

    private static bool IsRemote(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Remote<>);

    private static bool IsSharedBuffer(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(SharedBuffer<>) && Bits.MayRun(type.GetGenericArguments()[0]);

    /// <summary>For the types that most functions take and return, nothing needs to be found out.</summary>
    private static object? Common(Type type) =>
        type == typeof(int) ? new BitsCodec<int>()
        : type == typeof(string) ? new StringCodec()
        : type == typeof(long) ? new BitsCodec<long>()
        : type == typeof(double) ? new BitsCodec<double>()
        : type == typeof(bool) ? new BitsCodec<bool>()
        : type == typeof(byte[]) ? new BitsArrayCodec<byte>()
        : null;

    private static object Create(Type type)
    {
        if (Common(type) is { } common)
            return common;
        if (IsSharedBuffer(type))
            return New(typeof(SharedBufferCodec<>), type.GetGenericArguments()[0]);
        if (IsSharedObject(type))
            return New(typeof(SharedObjectCodec<>), type);
        if (ChannelSides.CodecOf(type) is { } side)
            return New(side, type, type.GetGenericArguments()[0]);
        if (IsRemote(type))
            return New(typeof(RemoteCodec<>), type.GetGenericArguments()[0]);
        if (RemoteCollections.CodecOf(type) is { } collection)
            return New(collection);
        if (type == typeof(CancellationToken))
            return new TokenCodec();
        if (type.IsGenericType && Wrapper(type.GetGenericTypeDefinition(), type.GetGenericArguments()[0]) is { } wrapper)
            return New(wrapper, type.GetGenericArguments()[0]);
        if (Bits.IsPortable(type))
            return New(typeof(BitsCodec<>), type);
        if (type.IsSZArray && Bits.MayRun(type.GetElementType()!))
            return New(typeof(BitsArrayCodec<>), type.GetElementType()!);
        return New(typeof(ObjectCodec<>), type);
    }

    private static Type? Wrapper(Type definition, Type argument)
    {
        if (definition == typeof(IProgress<>))
            return typeof(ProgressCodec<>);
        if (!Bits.MayRun(argument))
            return null;
        return definition == typeof(Memory<>) ? typeof(MemoryCodec<>)
            : definition == typeof(ReadOnlyMemory<>) ? typeof(ReadOnlyMemoryCodec<>)
            : definition == typeof(ArraySegment<>) ? typeof(ArraySegmentCodec<>)
            : null;
    }

    private static object New(Type definition, params Type[] arguments) => New(definition.MakeGenericType(arguments));

    private static object New(Type codec) => Activator.CreateInstance(codec)!;
}
