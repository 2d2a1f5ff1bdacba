using Kernmantle.Tool.Lab.Memory;
using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Tests.Lab;

public sealed class MemoryVerdictTests
{
    private static readonly Shared Everything = new() { Process = true, Data = true, Heap = true, Addresses = true, Stack = false, StackReachable = true, Code = true, Files = true, CpuTime = true };
    private static readonly Shared Nothing = new() { Process = false, Data = false, Heap = false, Addresses = false, Stack = false, StackReachable = false, Code = false, Files = false, CpuTime = false };

    private static readonly MemoryMeasured AsTold = new()
    {
        Thread = Everything,
        Process = Nothing,
        VisitorCpu = 0.1,
        HostCpu = 0.001,
        HasExitRecord = true,
        HasMainThread = true,
        ThreadsInProcess = 8,
        SharedCodeBytes = 0,
        BytesPerThread = Made.Around(30e3),
        BytesPerProcess = Made.Around(10e6),
    };

    [Fact]
    public void What_the_note_tells_holds()
    {
        IReadOnlyList<Finding> findings = MemoryVerdicts.Judge(AsTold);
        Assert.Equal(["N1", "N2", "N3", "N4", "N6", "N7"], findings.Select(static finding => finding.Claim));
        Assert.All(findings, static finding => Assert.Equal(Verdict.Holds, finding.Verdict));
    }

    [Fact]
    public void Code_that_is_one_copy_in_memory_is_independent_only_in_meaning()
    {
        IReadOnlyList<Finding> findings = MemoryVerdicts.Judge(AsTold with { SharedCodeBytes = 5 << 20 });
        Assert.Equal(Verdict.Depends, findings.Of("N3"));
        Assert.Contains("5 MiB", findings.Why("N3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_that_share_do_not_hold()
    {
        IReadOnlyList<Finding> findings = MemoryVerdicts.Judge(AsTold with { Process = Everything, HasExitRecord = false, HasMainThread = false });
        foreach (string claim in (string[])["N1", "N2", "N3", "N4"])
            Assert.Equal(Verdict.DoesNotHoldHere, findings.Of(claim));
    }

    [Fact]
    public void Threads_that_share_nothing_do_not_hold()
    {
        IReadOnlyList<Finding> findings = MemoryVerdicts.Judge(AsTold with { Thread = Nothing });
        Assert.Equal(Verdict.DoesNotHoldHere, findings.Of("N6"));
        Assert.Equal(Verdict.DoesNotHoldHere, findings.Of("N7"));
    }

    [Fact]
    public void A_shared_stack_does_not_hold() =>
        Assert.Equal(Verdict.DoesNotHoldHere, MemoryVerdicts.Judge(AsTold with { Thread = Everything with { Stack = true } }).Of("N7"));
}
