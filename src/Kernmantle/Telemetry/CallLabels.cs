namespace Kernmantle.Telemetry;

/// <summary>The words by which a call is told of.</summary>
internal static class CallLabels
{
    /// <summary>The value of <c>rpc.system.name</c>.</summary>
    public const string System = "kernmantle";

    public const string Completed = "completed", Failed = "failed", Cancelled = "cancelled";

    /// <summary>The value of <c>error.type</c>: the type of what the function threw, else that of our own failure.</summary>
    public static string? ErrorOf(Exception? failure, bool isCancelled) => isCancelled ? Cancelled : (failure as WorkerException)?.ThrownType ?? failure?.GetType().FullName;

    public static string OutcomeOf(Exception? failure, bool isCancelled) => isCancelled ? Cancelled : failure is null ? Completed : Failed;
}
