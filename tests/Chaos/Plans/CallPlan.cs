namespace Kernmantle.Chaos.Plans;

internal enum CallKind
{
    Run,
    RunAsync,
    Map,
    MapUnordered,
    LargeIn,
    LargeOut,
    SharedBuffer,
    AsyncFunction,
    Stream,
    Sleep,
    SleepWithTightTimeout,
    Throw,
    ThrowRetried,
    Exit,
    ExitRetried,
    Abort,
    Hang,
    HangPolitely,
    Allocate,
    AllocateNative,
    Keyed,
    Object,
    Worker,
    UseProcessor,
    Write,
}

/// <summary>One step of a caller: calls of one kind. All of it is drawn before any of it is done, so that it does not depend on what happens.</summary>
internal sealed record CallPlan
{
    public required CallKind Kind { get; init; }

    /// <summary>Which of the round's pools.</summary>
    public required int Pool { get; init; }

    /// <summary>How many calls, or items.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Bytes, items of the stream, or milliseconds.</summary>
    public int Size { get; init; }

    /// <summary>When the calls are cancelled; null: not. Zero: before they are submitted.</summary>
    public TimeSpan? CancelAfter { get; init; }

    public TimeSpan? Timeout { get; init; }

    public int Attempts { get; init; } = 1;

    public FailureKinds RetryOn { get; init; }

    /// <summary>After how many results nobody looks any more; null: never.</summary>
    public int? LeaveAfter { get; init; }

    public Limits? Limits { get; init; }

    public bool Retries => RetryOn != FailureKinds.None;

    /// <summary>The mix: mostly what costs little, so that there is much of it; what costs a worker is rare.</summary>
    private static readonly (CallKind Kind, int Weight)[] Mix =
    [
        (CallKind.RunAsync, 420),
        (CallKind.Map, 90),
        (CallKind.MapUnordered, 90),
        (CallKind.LargeIn, 60),
        (CallKind.LargeOut, 60),
        (CallKind.SharedBuffer, 60),
        (CallKind.AsyncFunction, 60),
        (CallKind.Stream, 40),
        (CallKind.Sleep, 40),
        (CallKind.SleepWithTightTimeout, 10),
        (CallKind.Throw, 40),
        (CallKind.ThrowRetried, 20),
        (CallKind.Exit, 2),
        (CallKind.ExitRetried, 2),
        (CallKind.Abort, 1),
        (CallKind.Hang, 4),
        (CallKind.HangPolitely, 8),
        (CallKind.Allocate, 3),
        (CallKind.AllocateNative, 3),
        (CallKind.Keyed, 60),
        (CallKind.Object, 30),
        (CallKind.Worker, 1),
        (CallKind.UseProcessor, 2),
        (CallKind.Write, 10),
    ];

    private static readonly int Total = Mix.Sum(static m => m.Weight);

    /// <param name="random">What it is drawn from.</param>
    /// <param name="firstPool">Those before are left to others.</param>
    /// <param name="pools">How many there are.</param>
    /// <param name="impatient">Half of the steps are given up, and soon: what workers have in advance is taken back all the time.</param>
    public static CallPlan Draw(Random random, int firstPool, int pools, bool impatient)
    {
        int at = random.Next(Total), index = 0;
        while ((at -= Mix[index].Weight) >= 0)
            index++;
        CallPlan plan = Of(Mix[index].Kind, random, random.Next(firstPool, pools));
        return random.Chance(impatient ? 0.5 : 0.08) && plan.Kind is not (CallKind.HangPolitely or CallKind.Worker)
            ? plan with { CancelAfter = random.Chance(0.2) ? TimeSpan.Zero : random.Milliseconds(1, impatient ? 12 : 60) }
            : plan;
    }

    /// <summary>For a thread that makes one synchronous call after the other.</summary>
    public static CallPlan DrawSynchronous(Random random, int firstPool, int pools) => new() { Kind = CallKind.Run, Pool = random.Next(firstPool, pools), Count = random.Next(1, 200) };

    private static CallPlan Of(CallKind kind, Random random, int pool)
    {
        CallPlan plan = new() { Kind = kind, Pool = pool };
        return kind switch
        {
            CallKind.RunAsync => plan with { Count = random.Next(1, 100) },
            CallKind.Map or CallKind.MapUnordered => plan with { Count = random.Next(1, 400), LeaveAfter = random.Chance(0.1) ? random.Next(100) : null },
            CallKind.LargeIn or CallKind.LargeOut or CallKind.SharedBuffer => plan with { Size = 1 << random.Next(8, 21), Count = random.Next(1, 4) },
            CallKind.AsyncFunction => plan with { Size = random.Next(0, 5), Count = random.Next(1, 10) },
            CallKind.Stream => plan with { Size = random.Next(0, 500), LeaveAfter = random.Chance(0.1) ? random.Next(100) : null },
            CallKind.Sleep => plan with { Size = random.Next(0, 20), Timeout = random.Chance(0.5) ? TimeSpan.FromSeconds(8) : null },
            CallKind.SleepWithTightTimeout => plan with { Size = 20, Timeout = random.Milliseconds(18, 26) },
            CallKind.ThrowRetried => plan with { RetryOn = FailureKinds.Exception | (random.Chance(0.5) ? FailureKinds.Crash : FailureKinds.None), Attempts = random.Next(1, 4) },
            CallKind.ExitRetried => plan with { RetryOn = FailureKinds.Crash, Attempts = 2 },
            CallKind.Hang => plan with { Timeout = random.Milliseconds(20, 200) },
            CallKind.HangPolitely => random.Chance(0.5) ? plan with { Timeout = random.Milliseconds(20, 200) } : plan with { CancelAfter = random.Milliseconds(1, 100) },
            CallKind.Keyed => plan with { Count = random.Next(2, 30) },
            CallKind.Object => plan with { Count = random.Next(2, 12) },
            CallKind.Worker => plan with { Size = random.Next(0, 30) },
            CallKind.UseProcessor => plan with { Limits = new() { CpuTime = random.Milliseconds(20, 60) } },
            CallKind.Write => plan with { Size = random.Next(1, 60), Limits = random.Chance(0.3) ? new() { OutputBytes = 500 } : null },
            _ => plan,
        };
    }
}
