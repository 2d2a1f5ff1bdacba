using Kernmantle.Child.Lane;
using Kernmantle.Payloads;
using Kernmantle.Telemetry;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>A call that waits for the main thread, with its own copy of the body.</summary>
internal sealed class IncomingCall(CallLinks links, bool releasesInstance, ReadOnlySpan<byte> body, WorkerBlocks? blocks = null) : IDisposable
{
    private readonly int length = body.Length;
    private byte[]? array = Copy(body);

    public CallLinks Links => links;

    /// <summary>Disposes of an object instead of calling a function.</summary>
    public bool ReleasesInstance => releasesInstance;

    public ReadOnlySpan<byte> Body => array.AsSpan(0, length);

    /// <summary>What it is part of; null for nothing.</summary>
    public TraceContext? Trace { get; init; }

    /// <summary>The shared buffers it was given.</summary>
    public OpenBuffers Lent { get; } = new(blocks);

    public void Dispose()
    {
        GiveBackBody();
        Lent.Expire();
    }

    /// <summary>As soon as it is decoded.</summary>
    public void GiveBackBody()
    {
        if (Interlocked.Exchange(ref array, null) is { } mine)
            Buffers.Return(mine);
    }

    private static byte[] Copy(ReadOnlySpan<byte> body)
    {
        byte[] copy = Buffers.Rent(body.Length);
        body.CopyTo(copy);
        return copy;
    }
}
