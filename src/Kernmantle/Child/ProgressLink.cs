using Kernmantle.Payloads;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>Stands for the host's <see cref="IProgress{T}"/>: each report becomes a frame. Reports after the call's end are dropped. Thread-safe.</summary>
internal sealed class ProgressLink<TReport>(CallLinks links, int index, Codec<TReport> codec) : IProgress<TReport>
{
    public void Report(TReport value)
    {
        using var body = new PooledBuffer(FrameLimits.Overhead, "The progress report");
        var writer = new PayloadWriter(body);
        writer.WriteInt32(index);
        codec.Write(ref writer, value);
        links.Send(FrameKind.Progress, body.Written);
    }
}
