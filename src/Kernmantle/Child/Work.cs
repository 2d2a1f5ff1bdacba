using Kernmantle.Telemetry;
using Kernmantle.Wire;

namespace Kernmantle.Child;

/// <summary>What the reader thread has for the main thread.</summary>
internal abstract record Work
{
    private Work()
    {
    }

    /// <summary>The first frame's body.</summary>
    public sealed record Greet(byte[] Hello) : Work;

    public sealed record Run(IncomingCall Call) : Work;

    /// <summary>A quick call that the reader thread took out of the ring.</summary>
    public sealed record Quick(FrameKind Kind, byte Flags, long Sequence, byte[] Body, TraceContext? Trace) : Work;

    /// <summary>Calls with greater numbers than that are new ones: see <see cref="Lane.WorkerRings.Resume"/>.</summary>
    public sealed record Resume(long Last) : Work;

    /// <summary>Make the function ready, whose id that is.</summary>
    public sealed record Prepare(int Function) : Work;

    public sealed record Stop : Work;

    /// <summary>Another pool has this worker from now on: see <see cref="Kernmantle.Wire.Shared.ControlKind.Rings"/>.</summary>
    public sealed record Move : Work;

    /// <summary>There is no host any more.</summary>
    public sealed record Abandon(int ExitCode) : Work;
}
