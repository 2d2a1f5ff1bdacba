using Kernmantle.Wire;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>Who this worker is, as its host said, and what it may send.</summary>
internal sealed class WorkerIdentity(Hello hello, ILogger logger)
{
    public string Name => hello.WorkerName;

    public int Id => hello.WorkerId;

    public long MaxPayload => hello.MaxPayload;

    /// <summary>How many items of a stream may be under way, in units of <see cref="Kernmantle.Wire.Shared.StreamCredit.CostOf"/>.</summary>
    public int StreamWindow => hello.StreamWindow;

    /// <summary>The same where they go as frames, and all count alike.</summary>
    public int FrameWindow => hello.FrameWindow;

    public ILogger Logger => logger;
}
