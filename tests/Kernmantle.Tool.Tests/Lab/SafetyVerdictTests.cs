using Kernmantle.Tool.Lab.Deadlock;
using Kernmantle.Tool.Lab.Failure;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Race;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>failure, deadlock and race.</summary>
public sealed class SafetyVerdictTests
{
    private static readonly ProcessDeadlock Broken = new("Deadlock: a waits for b.", Made.Around(0.4), OneGaveUp: true, Made.Around(0.5));
    private static readonly AbandonedLock Told = new(true, true, true, Made.Around(0.01)), Silent = Told with { Told = false };
    private static readonly Aftermath Confined = new(HostLived: true, NeighbourFinished: true, Stopped: true, 0.05, "crashed");
    private static readonly Aftermath Fatal = new(HostLived: false, NeighbourFinished: false, Stopped: true, null, "crashed");

    [Fact]
    public void Failures_spread_on_threads_and_stay_in_processes()
    {
        IReadOnlyList<Finding> findings = FailureVerdicts.Judge(new(All(Fatal), All(Confined)));
        Assert.Equal(Verdict.Holds, findings.Of("N10"));
        Assert.Equal(Verdict.Holds, findings.Of("N12"));
    }

    [Fact]
    public void Failures_that_stay_on_their_thread_do_not_hold() =>
        Assert.Equal(Verdict.DoesNotHoldHere, FailureVerdicts.Judge(new(All(Confined), All(Confined))).Of("N10"));

    [Fact]
    public void A_misdeed_that_cannot_be_stopped_makes_it_depend()
    {
        IReadOnlyList<Finding> findings = FailureVerdicts.Judge(new(All(Fatal), All(Confined with { Stopped = false, SecondsToCapacity = null })));
        Assert.Equal(Verdict.Depends, findings.Of("N12"));
        Assert.Contains("no calls any more", findings.Why("N12"), StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_that_leave_their_process_do_not_hold() =>
        Assert.Equal(Verdict.DoesNotHoldHere, FailureVerdicts.Judge(new(All(Fatal), All(Fatal with { Stopped = false }))).Of("N12"));

    [Fact]
    public void A_cycle_is_a_deadlock()
    {
        DeadlockMeasured measured = new([new("a", 1, "x", "y"), new("b", 2, "y", "x")], Made.Around(0.1), true, null, "no", 0.1, Broken);
        Assert.Equal(Verdict.Holds, DeadlockVerdicts.Judge(measured).Of("N10"));
        Assert.Contains("a holds x and waits for y; b holds y and waits for x", DeadlockVerdicts.Judge(measured).Why("N10"), StringComparison.Ordinal);
        Assert.Equal(Verdict.DoesNotHoldHere, DeadlockVerdicts.Judge(measured with { Cycle = [] }).Of("N10"));
    }

    [Theory]
    [InlineData(0.4, true, "Holds")]
    [InlineData(1.5, true, "Depends")]
    [InlineData(0.4, false, "Depends")]
    [InlineData(1.5, false, "DoesNotHoldHere")]
    public void Processes_that_wait_for_each_other_are_named_in_time_and_one_gives_up(double seconds, bool oneGaveUp, string verdict)
    {
        DeadlockMeasured measured = new([], Made.Around(0.1), true, null, "no", 0.1, Broken with { SecondsToRecord = Made.Around(seconds), OneGaveUp = oneGaveUp });
        IReadOnlyList<Finding> findings = DeadlockVerdicts.Judge(measured);
        Assert.Equal(Enum.Parse<Verdict>(verdict), findings.Of("N10", 1));
        Assert.Contains("a waits for b", findings.Why("N10", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_updates_hold()
    {
        IReadOnlyList<Finding> findings = RaceVerdicts.Judge(Race(lost: 0.5, results: 7, wrong: 30, guardedLost: 0, guardedWrong: 0));
        Assert.Equal(["N8", "N8", "N8", "N10", "N15"], findings.Select(static finding => finding.Claim));
        Assert.All(findings, static finding => Assert.Equal(Verdict.Holds, finding.Verdict));
    }

    [Fact]
    public void Nothing_lost_does_not_hold()
    {
        IReadOnlyList<Finding> findings = RaceVerdicts.Judge(Race(lost: 0, results: 1, wrong: 0, guardedLost: 0, guardedWrong: 0) with { Abandoned = Silent });
        Assert.All(findings, static finding => Assert.Equal(Verdict.DoesNotHoldHere, finding.Verdict));
    }

    [Fact]
    public void A_lock_that_loses_too_makes_it_depend()
    {
        IReadOnlyList<Finding> findings = RaceVerdicts.Judge(Race(lost: 0.5, results: 7, wrong: 30, guardedLost: 0.1, guardedWrong: 1));
        Assert.Equal(Verdict.Depends, findings.Of("N8"));
        Assert.Equal(Verdict.Depends, findings.Of("N8", 1));
        Assert.Equal(Verdict.Depends, findings.Of("N15"));
    }

    [Theory]
    [InlineData(true, true, true, "Holds")]
    [InlineData(false, true, true, "DoesNotHoldHere")]
    [InlineData(true, false, true, "DoesNotHoldHere")]
    [InlineData(true, true, false, "DoesNotHoldHere")]
    public void A_lock_of_a_dead_owner_is_judged_by_what_the_next_one_is_told_and_finds(bool told, bool halfDone, bool mended, string verdict)
    {
        RaceMeasured measured = Race(lost: 0.5, results: 7, wrong: 30, guardedLost: 0, guardedWrong: 0) with { Abandoned = new(told, halfDone, mended, Made.Around(0.01)) };
        Assert.Equal(Enum.Parse<Verdict>(verdict), RaceVerdicts.Judge(measured).Of("N8", 2));
        Assert.Contains(told ? "10.0 ms" : "not told", RaceVerdicts.Judge(measured).Why("N8", 2), StringComparison.Ordinal);
    }

    private static Dictionary<Misdeed, Aftermath> All(Aftermath after) => Enum.GetValues<Misdeed>().ToDictionary(static misdeed => misdeed, _ => after);

    private static RaceMeasured Race(double lost, int results, int wrong, double guardedLost, int guardedWrong)
    {
        CounterRuns Counter(double part, int different) => new(Spread.Of(part, part), 8, different, Made.Around(1e-8));
        ReferenceRuns References(int bad) => new(512, bad / 2, bad - bad / 2, Made.Around(1e-8), Made.Around(2e-8));
        Dictionary<Guard, CounterRuns> counters = Enum.GetValues<Guard>().ToDictionary(static guard => guard, guard => guard == Guard.None ? Counter(lost, results) : Counter(guardedLost, 1));
        return new(
            4,
            counters,
            counters,
            Enum.GetValues<Guard>().ToDictionary(static guard => guard, guard => References(guard == Guard.None ? wrong : guardedWrong)),
            ProcessesRight: true,
            Made.Around(1e-8),
            Told);
    }
}
