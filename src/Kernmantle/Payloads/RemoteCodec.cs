using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A <see cref="Remote{T}"/> crosses as a link: its number (0 for null), under which the other side may have calls made on the object.</summary>
internal sealed class RemoteCodec<T> : Codec<Remote<T>?>, IRemoteCodec, IPlainCodec
    where T : class
{
    private const long Null = 0;

    /// <exception cref="NotPortableException">It cannot be handed over by this way.</exception>
    public override void Write(ref PayloadWriter writer, Remote<T>? value)
    {
        long id = Null;
        if (value is not null)
        {
            var remote = value.Object;
            id = writer.Scope?.AddRemote(remote) ?? (remote.IsHosts ? remote.Id : throw new NotPortableException(
                $"A Remote<{typeof(T).Name}>", "Its object was created by a pool of this worker, which nobody else reaches: create it in the host, and hand it over."));
        }
        writer.WriteInt64(id);
    }

    public override Remote<T>? Read(ref PayloadReader reader)
    {
        long id = reader.ReadInt64();
        if (id == Null)
            return null;
        IRemoteScope scope = reader.Scope ?? reader.Buffers as IRemoteScope ?? throw new InvalidPayloadException("A Remote where none can be.");
        return scope.GetRemote(id).As<T>();
    }
}

/// <summary>Marks the codecs of what crosses as the number of an object, and so from one worker to another too.</summary>
internal interface IRemoteCodec : ILinkCodec;
