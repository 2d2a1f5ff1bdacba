namespace Kernmantle;

/// <summary>The end of a worker that nobody had planned, and what is known of it. Immutable.</summary>
public sealed class DeathSnapshot
{
    /// <summary>When it was told of.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The pool.</summary>
    public string Pool { get; init; } = "";

    /// <summary>The worker.</summary>
    public string Worker { get; init; } = "";

    /// <summary>The id of its process; null for a thread.</summary>
    public int? ProcessId { get; init; }

    /// <summary>In a word: a <see cref="CrashReason"/>, <c>Timeout</c>, <c>Cancellation</c>, the name of a limit.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Its exit code, if it exited.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The number of the signal that ended it, if one did.</summary>
    public int? Signal { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>The call that it ran; null for none.</summary>
    public string? Call { get; init; }

    /// <summary>How long that had run, in seconds; null where that is not known.</summary>
    public double? Seconds { get; init; }

    /// <summary>What each of its threads did, where that was taken.</summary>
    public string? Stacks { get; init; }

    /// <summary>The last lines that it wrote, oldest first.</summary>
    public IReadOnlyList<string> LastLogLines { get; init; } = [];

    /// <summary>The likely causes, each with what to do about it.</summary>
    public IReadOnlyList<string> LikelyCauses { get; init; } = [];
}
