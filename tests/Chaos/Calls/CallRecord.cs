using System.Diagnostics;
using Kernmantle.Chaos.Plans;

namespace Kernmantle.Chaos.Calls;

/// <summary>What the host knows of one call. Written by its caller; read when the round is over.</summary>
internal sealed class CallRecord(long id, CallPlan plan, PoolRun pool)
{
    private int endings;

    public long Id { get; } = id;

    public CallPlan Plan { get; } = plan;

    public PoolRun Pool { get; } = pool;

    public long Submitted { get; private set; }

    /// <summary>0: not yet.</summary>
    public long Ended { get; private set; }

    /// <summary>How often the library said that it ended.</summary>
    public int Endings => Volatile.Read(ref endings);

    public bool Succeeded { get; private set; }

    /// <summary>What was wrong with the result; null if nothing was.</summary>
    public string? WrongResult { get; private set; }

    public Exception? Failure { get; private set; }

    /// <summary>Its token was cancelled before it ended.</summary>
    public bool WasCancelled { get; private set; }

    /// <summary>The disposal of its pool had begun before it was submitted.</summary>
    public bool CameTooLate { get; private set; }

    public CancellationToken Token { get; init; }

    /// <summary>The call that made its object; null for a call of a function.</summary>
    public CallRecord? BelongsTo { get; set; }

    public void Submit()
    {
        CameTooLate = Pool.HasEnded;
        Submitted = Stopwatch.GetTimestamp();
    }

    public void CountEnding() => Interlocked.Increment(ref endings);

    public void Succeed(string? wrong)
    {
        (Succeeded, WrongResult) = (true, wrong);
        End();
    }

    /// <summary>Its caller went away before it ended.</summary>
    public void Leave()
    {
        Fail(new OperationCanceledException("Nobody waits for it any more."));
        WasCancelled = true;
        CountEnding();
    }

    public void Fail(Exception failure)
    {
        Failure = failure;
        End();
    }

    private void End()
    {
        WasCancelled = Token.IsCancellationRequested;
        Ended = Stopwatch.GetTimestamp();
    }
}
