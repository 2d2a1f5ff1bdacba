using Kernmantle.Host.Launch;
using Kernmantle.Host.Limiting;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane;

/// <summary>What every worker process of one pool, or one single worker, is started with.</summary>
internal sealed record LinkSettings
{
    public required LaunchRequest Launch { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>For records of our own.</summary>
    public required ILogger Log { get; init; }

    /// <summary>What listeners of spans of the workers throw.</summary>
    public ListenerFailures ListenerFailures => field ??= new(Log);

    /// <summary>The category of what functions log through their context.</summary>
    public required string WorkerCategory { get; init; }

    public required TimeProvider Clock { get; init; }

    public required TimeSpan StartTimeout { get; init; }

    /// <summary>How long decoding a call may take.</summary>
    public TimeSpan TransferTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    public required long MaxPayloadBytes { get; init; }

    public required int StreamWindow { get; init; }

    /// <summary>The same where items go as frames.</summary>
    public required int FrameWindow { get; init; }

    /// <summary>Null: over the socket.</summary>
    public SharedSettings? Shared { get; init; }

    /// <summary>Makes the dialect of one connection; null: the worker is this program.</summary>
    public Func<LinkDialect>? Dialect { get; init; }

    public bool WaitForDebugger { get; init; }

    public long? ManagedHeapLimitBytes { get; init; }

    /// <summary>The worker drops log records for which there is no room.</summary>
    public bool DropsLog { get; init; }

    /// <summary>What is taken before a kill for a timeout; null for nothing.</summary>
    public EvidenceOptions? Evidence { get; init; }

    /// <summary>What workers make ready before they take calls; null for nothing.</summary>
    public KnownFunctions? Known { get; init; }

    /// <summary>From where workers are taken, if there are any, instead of being started; null: from nowhere.</summary>
    public SparesOfAnother? Others { get; init; }

    /// <summary>Holds calls to their limits.</summary>
    public LimitWatch? Limits { get; init; }

    /// <summary>Another worker takes its place when it dies, and its failures say so. A single worker has none.</summary>
    public bool IsReplaced { get; init; } = true;

    /// <summary>The pool's initializer, encoded; null for none.</summary>
    public Call? Initializer { get; init; }
}
