using System.Threading.Channels;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Transport;

internal sealed record Frame(FrameKind Kind, long Id, byte[] Body)
{
    public PayloadReader Reader() => new(Body);
}

/// <summary>Keeps the frames that arrive.</summary>
internal sealed class FrameCollector : IFrameReceiver
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly Channel<Frame> frames = Channel.CreateUnbounded<Frame>();

    public void OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body) => frames.Writer.TryWrite(new Frame(kind, id, body.ToArray()));

    public async Task<Frame> NextAsync()
    {
        using var timeout = new CancellationTokenSource(Bound);
        return await frames.Reader.ReadAsync(timeout.Token);
    }

    public bool TryNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Frame? frame) => frames.Reader.TryRead(out frame);
}

internal static class Bodies
{
    public delegate void Fill(ref PayloadWriter writer);

    public static byte[] Of(Fill fill)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        fill(ref writer);
        return buffer.Written.ToArray();
    }

    public static byte[] Random(Random random, int length)
    {
        byte[] body = new byte[length];
        random.NextBytes(body);
        return body;
    }

    public static byte[] Encoded(uint length, byte kind, long id, ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[FrameHeader.Size + body.Length];
        new FrameHeader(length, (FrameKind)kind, id).Write(frame);
        body.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }
}
