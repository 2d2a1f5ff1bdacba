namespace Kernmantle.Payloads;

/// <summary>Everything that is not bits: through the serializer, behind a length and a flag that says whether references are kept.</summary>
internal sealed class ObjectCodec<T> : Codec<T>
{
#pragma warning disable CA1859 // The seam: another serializer may take its place for some types.
    private readonly IObjectSerializer<T> serializer = new MessagePackObjects<T>();
#pragma warning restore CA1859
    private readonly ObjectGuard guard = ObjectGuard.For(typeof(T));

    public override void Write(ref PayloadWriter writer, T value)
    {
        bool shared = guard.Check(value);
        using var buffer = new PooledBuffer();
        serializer.Write(buffer, value, shared);
        writer.WriteByte(shared ? (byte)1 : (byte)0);
        writer.WriteInt32(buffer.Written.Length);
        writer.WriteBytes(buffer.Written);
    }

    public override T Read(ref PayloadReader reader)
    {
        byte shared = reader.ReadByte();
        if (shared > 1)
            throw new InvalidPayloadException($"A flag of {shared}.");
        ReadOnlySpan<byte> bytes = reader.ReadBytes(reader.ReadInt32());
        byte[] copy = System.Buffers.ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            bytes.CopyTo(copy);
            return serializer.Read(copy.AsMemory(0, bytes.Length), shared == 1);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(copy);
        }
    }
}
