using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>
/// Makes frames of a stream of bytes. Memory grows with the bytes that have arrived, never by a claimed length alone. Not thread-safe.
/// </summary>
internal sealed class FrameAssembler(long maxBody) : IDisposable
{
    private readonly long maxBody = Math.Min(maxBody, FrameLimits.LargestBody);
    private byte[] buffer = Buffers.Rent(Buffers.Initial);
    private int start;
    private int end;

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Space
    {
        get
        {
            if (end == buffer.Length)
                MakeRoom();
            return buffer.AsMemory(end);
        }
    }

    /// <summary>Takes <paramref name="count"/> bytes that were put into <see cref="Space"/> and hands over every frame they complete.</summary>
    /// <exception cref="ProtocolViolationException">The bytes are no frames.</exception>
    public void Take(int count, IFrameReceiver receiver)
    {
        end += count;
        while (end - start >= FrameHeader.Size)
        {
            FrameHeader header = FrameHeader.Read(buffer.AsSpan(start), maxBody);
            int length = FrameHeader.Size + (int)header.Length;
            if (end - start < length)
                return;
            ReadOnlySpan<byte> body = buffer.AsSpan(start + FrameHeader.Size, (int)header.Length);
            start += length;
            receiver.OnFrame(header.Kind, header.Id, body);
        }
        if (start == end)
            Rewind();
    }

    public void Dispose()
    {
        Buffers.Return(buffer);
        buffer = [];
        start = end = 0;
    }

    private void Rewind()
    {
        start = end = 0;
        if (buffer.Length > Buffers.Initial * 4)
            Replace(Buffers.Initial);
    }

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        if (end < buffer.Length / 2)
            return;
        long wanted = end >= FrameHeader.Size ? FrameHeader.Size + (long)FrameHeader.Read(buffer, maxBody).Length : 0;
        if (wanted > buffer.Length)
            Replace((int)Math.Min(wanted, buffer.Length * 4L));
    }

    private void Replace(int size)
    {
        byte[] next = Buffers.Rent(size);
        buffer.AsSpan(0, end).CopyTo(next);
        Buffers.Return(buffer);
        buffer = next;
    }
}
