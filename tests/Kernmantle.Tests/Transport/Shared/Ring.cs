using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>The memory of two rings, as a host and a worker have it, and the two ends of the second ring.</summary>
internal sealed unsafe class Ring : IDisposable
{
    private readonly MappedMemory memory;
    private readonly byte* bytes;

    public Ring(int capacity)
    {
        Capacity = capacity;
        using var file = SharedFile.Create("kernmantle-test", LinkWords.Size + 2L * capacity, reserve: true);
        memory = MappedMemory.OfRings(file, LinkWords.Size, capacity);
        Words = (LinkWords*)memory.Start;
        bytes = memory.Start + LinkWords.Size + 2L * capacity;
        Writer = new(bytes, capacity, &Words->ResponseHead);
        Reader = new(bytes, capacity, &Words->ResponseHead);
    }

    public int Capacity { get; }

    public LinkWords* Words { get; }

    public RingWriter Writer { get; }

    public RingReader Reader { get; }

    /// <summary>The first record's header, or what stands in its place.</summary>
    public ref long FirstHeader => ref *(long*)bytes;

    public ref long FirstId => ref *(long*)(bytes + 8);

    public bool TryWrite(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        if (!Writer.TryReserve(body.Length, out byte* space))
            return false;
        body.CopyTo(new Span<byte>(space, body.Length));
        Writer.Publish(body.Length, kind, 0, id);
        return true;
    }

    public bool TryRead(out FrameKind kind, out long id, out byte[] body)
    {
        body = [];
        bool any = Reader.TryPeek(out RecordHeader header, out id, out byte* space);
        kind = header.Kind;
        if (!any)
            return false;
        body = new ReadOnlySpan<byte>(space, (int)header.Length).ToArray();
        Reader.Advance(header);
        return true;
    }

    public void Dispose() => memory.Dispose();
}
