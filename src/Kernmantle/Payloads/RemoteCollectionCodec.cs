using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A collection that lives in a worker: a <see cref="Remote{T}"/> with members of its own.</summary>
internal interface IRemoteCollection<TSelf, T>
    where TSelf : class, IRemoteCollection<TSelf, T>
    where T : class
{
    Remote<T> Remote { get; }

    static abstract TSelf Of(Remote<T> remote);
}

internal static class RemoteCollections
{
    /// <summary>The codec of such a collection, to be made with these arguments; null for every other type.</summary>
    public static Type? CodecOf(Type type) =>
        type.IsGenericType && type.Assembly == typeof(RemoteCollections).Assembly
        && Array.Find(type.GetInterfaces(), static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRemoteCollection<,>)) is { } found
            ? typeof(RemoteCollectionCodec<,>).MakeGenericType(found.GetGenericArguments())
            : null;
}

/// <summary>It crosses as its <see cref="Remote{T}"/>.</summary>
internal sealed class RemoteCollectionCodec<TCollection, T> : Codec<TCollection?>, IRemoteCodec, IPlainCodec
    where TCollection : class, IRemoteCollection<TCollection, T>
    where T : class
{
    private readonly RemoteCodec<T> codec = new();

    /// <exception cref="NotPortableException">It cannot be handed over by this way.</exception>
    public override void Write(ref PayloadWriter writer, TCollection? value) => codec.Write(ref writer, value?.Remote);

    public override TCollection? Read(ref PayloadReader reader) => codec.Read(ref reader) is { } remote ? TCollection.Of(remote) : null;
}
