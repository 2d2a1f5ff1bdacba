using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>Frames that wait to be sent, small ones side by side so that one system call takes many. Its owner locks.</summary>
internal sealed class OutgoingFrames
{
    /// <summary>A smaller payload is cheaper to copy than to send by a system call of its own, in bytes.</summary>
    private const int LeastLent = 32 << 10;

    private readonly Queue<Chunk> chunks = new();
    private Chunk? last;
    private bool isApart;

    public void Append(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload)
    {
        bool lend = payload.Length >= LeastLent;
        int copied = FrameHeader.Size + head.Length + (lend ? 0 : payload.Length);
        Span<byte> space = Reserve(copied);
        new FrameHeader((uint)(head.Length + payload.Length), kind, id).Write(space);
        head.CopyTo(space[FrameHeader.Size..]);
        if (lend)
            chunks.Enqueue(last = new Chunk(payload));
        else
            payload.Span.CopyTo(space[(FrameHeader.Size + head.Length)..]);
    }

    /// <summary>The same, of a frame that shares its bytes with no other: completes as <see cref="Chunk.Sent"/>, which then says it of the frame.</summary>
    public Task<bool> AppendApart(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload)
    {
        isApart = true;
        Append(kind, id, head, payload);
        isApart = true;
        return last!.Sent;
    }

    /// <summary>The next bytes to send; null if there are none.</summary>
    public Chunk? Take()
    {
        if (!chunks.TryDequeue(out Chunk? chunk))
            return null;
        if (chunk == last)
            last = null;
        return chunk;
    }

    /// <summary>The newest chunk that waits; null if none does.</summary>
    public Chunk? Last => last;

    private Span<byte> Reserve(int length)
    {
        if (last is null || isApart || last.Room < length)
            chunks.Enqueue(last = new Chunk(Buffers.Rent(Math.Max(length, Buffers.Initial))));
        isApart = false;
        return last.Take(length);
    }

    internal sealed class Chunk
    {
        private readonly byte[] array;
        private readonly ReadOnlyMemory<byte> lent;
        private TaskCompletionSource<bool>? sent;
        private int count;

        public Chunk(byte[] array) => this.array = array;

        public Chunk(ReadOnlyMemory<byte> lent)
        {
            array = [];
            this.lent = lent;
        }

        public int Room => array.Length - count;

        public ReadOnlyMemory<byte> Bytes => lent.IsEmpty ? array.AsMemory(0, count) : lent;

        public Span<byte> Take(int length)
        {
            count += length;
            return array.AsSpan(count - length, length);
        }

        /// <summary>Completes when the bytes are sent (true), or will never be, not all of them. Called under the owner's lock.</summary>
        public Task<bool> Sent => (sent ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        /// <summary>The end of the chunk. Called under the owner's lock.</summary>
        public void Release(bool isSent)
        {
            Buffers.Return(array);
            sent?.SetResult(isSent);
        }
    }
}
