using Kernmantle.Tool.Lab.Gil;
using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Single;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>single and gil: who gains from more workers?</summary>
public sealed class SpeedUpVerdictTests
{
    [Fact]
    public void On_one_core_of_two_only_what_waits_gains()
    {
        IReadOnlyList<Finding> findings = SingleVerdicts.Judge(Single(computing: 1, waiting: 4, all: 1.9, locked: 1.01));
        Assert.Equal(Verdict.Depends, findings.Of("N10"));
        Assert.Equal(Verdict.Holds, findings.Of("N10", 1));
        Assert.Equal(Verdict.Holds, findings.Of("N16"));
    }

    [Fact]
    public void Where_there_is_one_core_only_it_cannot_be_what_limits_them() =>
        Assert.Equal(Verdict.DoesNotHoldHere, SingleVerdicts.Judge(Single(computing: 1, waiting: 4, all: 1, locked: 1)).Of("N10", 1));

    [Theory]
    [InlineData(1.0, 1.0, "Holds")]
    [InlineData(2.0, 4.0, "DoesNotHoldHere")]
    public void On_one_core_computing_gains_nothing_or_the_claim_does_not_hold(double computing, double waiting, string verdict) =>
        Assert.Equal(Enum.Parse<Verdict>(verdict), SingleVerdicts.Judge(Single(computing, waiting, 2, 1)).Of("N10"));

    [Fact]
    public void A_lock_that_one_thread_notices_does_not_hold() =>
        Assert.Equal(Verdict.DoesNotHoldHere, SingleVerdicts.Judge(Single(1, 4, 2, locked: 1.5)).Of("N16"));

    [Fact]
    public void On_two_cores_processes_and_free_threads_gain()
    {
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Gil(free: 1.9, locked: 1, loop: 1, waiting: 4));
        Assert.All(findings.Where(static finding => finding.Claim == "N14"), static finding => Assert.Equal(Verdict.Holds, finding.Verdict));
        Assert.Equal(4, findings.Count(static finding => finding.Claim is "N14" or "N17"));
        Assert.Equal(Verdict.Holds, findings.Of("N17"));
        Assert.Equal(Verdict.Depends, findings.Of("N18"));
        Assert.Contains("asyncio does not", findings.Why("N18"), StringComparison.Ordinal);
        Assert.Equal(Verdict.Depends, findings.Of("N19"));
        Assert.Contains("Jython is not here. IronPython is not here.", findings.Why("N19"), StringComparison.Ordinal);
    }

    [Fact]
    public void On_one_core_nobody_gains_and_the_verdicts_flip()
    {
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Gil(free: 1, locked: 1, loop: 1, waiting: 4) with { Processors = 1 });
        Assert.Equal(Verdict.Depends, findings.Of("N14", 1));
        Assert.Equal(Verdict.DoesNotHoldHere, findings.Of("N17"));
        Assert.Equal(Verdict.DoesNotHoldHere, findings.Of("N18"));
        Assert.Equal(Verdict.DoesNotHoldHere, findings.Of("N19"));
    }

    [Fact]
    public void On_two_cores_where_nobody_gains_the_run_cannot_tell_what_processes_give_back()
    {
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Gil(free: 1, locked: 1, loop: 1, waiting: 4));
        Assert.Equal(Verdict.Depends, findings.Of("N17"));
        Assert.Contains("cannot tell", findings.Why("N17"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.8)]
    public void Where_threads_without_a_lock_do_not_gain_those_under_one_show_nothing(double locked)
    {
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Gil(free: 1, locked, loop: 1, waiting: 4));
        foreach (int index in (int[])[1, 2])
        {
            Assert.Equal(Verdict.Depends, findings.Of("N14", index));
            Assert.Contains("cannot tell", findings.Why("N14", index), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_lock_under_which_threads_gain_does_not_hold() =>
        Assert.Equal(Verdict.DoesNotHoldHere, GilVerdicts.Judge(Gil(free: 1.9, locked: 1.8, loop: 1, waiting: 4)).Of("N14", 1));

    [Fact]
    public void Without_python_the_lab_judges_what_there_is()
    {
        GilMeasured measured = Gil(free: 1.9, locked: 1, loop: 1, waiting: 4);
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(measured with { Python = null, Interpreters = [] });
        Assert.Equal(Verdict.Holds, findings.Of("N17"));
        Assert.Contains("an event loop", findings.Why("N18"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_holders_at_once_do_not_hold()
    {
        GilMeasured measured = Gil(free: 1.9, locked: 1, loop: 1, waiting: 4);
        LockTrace overlapping = new([new("a", 0, 2), new("b", 1, 3)], [], [], MostAtOnce: 1, MostAtOnceWithout: 2);
        Assert.Equal(1, overlapping.Overlaps);
        Assert.Equal(0, measured.Trace!.Overlaps);
        Assert.Equal(Verdict.DoesNotHoldHere, GilVerdicts.Judge(measured with { Trace = overlapping }).Of("N14"));
    }

    [Fact]
    public void Speed_ups_that_vary_too_much_are_no_verdict()
    {
        Assert.Equal(Standing.Unclear, Made.Wide(1.2).Gain());
        GilMeasured measured = Gil(free: 1.9, locked: 1, loop: 1, waiting: 4);
        PlaceRuns noisy = Made.Place(Made.Wide(1.2), Made.Around(4));
        Dictionary<string, PlaceRuns> runs = new(measured.Runs) { [Places.Processes] = noisy, [Places.Threads] = noisy };
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(measured with { Runs = runs, Interpreters = [Made.Python(noisy, noisy, noisy)] });
        foreach (string claim in (string[])["N17", "N18", "N19"])
            Assert.Equal(Verdict.Depends, findings.Of(claim));
        Assert.Equal(Verdict.Depends, findings.Of("N14", 1));
        Assert.Contains("cannot tell", findings.Why("N14", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_tells_waiting_for_the_lock_from_waiting_for_something_else()
    {
        LockTrace trace = TracedWork.Read(
            [new("computes 1", 0.5, 1), new("waits often", 1, 2), new("computes 1", 2, 4), new("waits often", 4, 5)],
            [0, 0.25, 0.25, 0.5],
            [new("waits often", 2, 3)],
            1,
            4);
        Assert.Equal([new("computes 1", 0, 0.5), new("computes 1", 1, 2), new("waits often", 0.5, 1), new("waits often", 3, 4)], trace.Waits);
        Assert.Equal(4, trace.Holds.Count);
        Assert.Equal(0, trace.Overlaps);
    }

    private static SingleMeasured Single(double computing, double waiting, double all, double locked)
    {
        static ThreadRuns Runs(double most) => new(new Dictionary<int, Spread> { [1] = Spread.Exactly(1), [4] = Made.Around(most) });
        return new(2, Runs(computing), Runs(waiting), Runs(all), Made.Around(1.4e-8), Made.Around(1e-9), Made.Around(locked));
    }

    private static GilMeasured Gil(double free, double locked, double loop, double waiting)
    {
        InterpreterMeasured python = Made.Python(Made.Place(locked, waiting), Made.Place(free, waiting), Made.Place(loop, waiting));
        return new(
            2,
            new Dictionary<string, PlaceRuns>
            {
                [Places.Threads] = Made.Place(free, waiting),
                [Places.GlobalLock] = Made.Place(locked, waiting),
                [Places.Processes] = Made.Place(free, waiting),
                [Places.EventLoop] = Made.Place(loop, waiting),
            },
            new([new("a", 0, 1), new("b", 1, 2)], [new("b", 0, 1)], [], MostAtOnce: 1, MostAtOnceWithout: 4),
            python,
            [python]);
    }
}
