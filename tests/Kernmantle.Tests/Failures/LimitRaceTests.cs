using Kernmantle.Host.Limiting;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Tests.Failures;

/// <summary>A call may answer, or its worker die, just when it has been seen beyond a limit and nobody has been told yet.</summary>
public sealed class LimitRaceTests
{
    private static readonly CallOptions Options = new();

    [Theory]
    [InlineData("memory", "answer")]
    [InlineData("memory", "death")]
    [InlineData("output", "answer")]
    [InlineData("output", "death")]
    public void A_call_that_ends_while_its_limit_is_being_told_has_reached_it(string limit, string end)
    {
        LimitReached? told = null, atEnd = null;
        WorkerLimits? limits = null;
        var worker = new LimitedWorker(static _ => true, static _ => true, OnReached, static _ => { });
        limits = new(Environment.ProcessId, new Dictionary<string, GroupPlace>(), TimeSpan.FromHours(1), worker);
        using WorkerLimits _ = limits;
        Assert.True(limits.TryPrepare(new ValueCall<ValueTuple, int>(static () => 1, default, default, null, Options, default), limit == "memory" ? new() { MemoryBytes = 1 } : new() { OutputBytes = 1 }, isFirst: true));
        limits.Look();
        limits.AddOutput(2);
        Assert.Equal(limit == "memory" ? LimitKind.Memory : LimitKind.Output, told!.Kind);
        Assert.Same(told, atEnd);
        limits.End();
        Assert.Null(limits.ExplainDeath(9, TimeSpan.Zero));   // that of a later call, which has not begun

        void OnReached(Call call, long id, LimitReached reached)
        {
            told = reached;
            atEnd = end == "answer" ? limits!.End() : limits!.ExplainDeath(9, TimeSpan.Zero);
        }
    }
}
