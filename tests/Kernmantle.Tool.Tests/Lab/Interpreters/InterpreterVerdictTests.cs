using Kernmantle.Tool.Lab.Gil;
using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab.Interpreters;

/// <summary>gil: what interpreters gain, and what is said of them.</summary>
public sealed class InterpreterVerdictTests
{
    private static readonly InterpreterMeasured Python = Made.Python(Made.Place(1, 2), Made.Place(1.9, 2), Made.Place(1, 2)) with { Lost = new(Spread.Exactly(0), Spread.Exactly(0.2)) };

    [Fact]
    public void Threads_without_a_lock_compute_at_once_and_microthreads_do_not()
    {
        GilMeasured measured = Measured(Python, Jython(1.9), Stackless(1));
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(measured);
        Assert.Equal((Verdict.Holds, Verdict.DoesNotHoldHere), (findings.Of("N19"), findings.Of("N19", 1)));
        Assert.Contains("threads of jython 2.7.3 compute 1.90 ×", findings.Why("N19"), StringComparison.Ordinal);
        Assert.Contains("total += 1 loses 7.00 % of the counts", findings.Why("N19"), StringComparison.Ordinal);
        Assert.EndsWith("IronPython is not here.", findings.Why("N19"), StringComparison.Ordinal);
        Assert.Contains("total += channel.receive() loses 99.0 % of the counts", findings.Why("N19", 1), StringComparison.Ordinal);
        Assert.Contains("time.sleep: 1.00 ×", findings.Why("N19", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void On_one_processor_nothing_is_said_to_run_at_once()
    {
        // Figures that are chance.
        GilMeasured measured = Measured(Python, Jython(1.9), Stackless(1.9), SubInterpreters(1.9)) with { Processors = 1 };
        Assert.All(GilVerdicts.Judge(measured).Where(static finding => finding.Claim != "N14" || finding.Statement.Contains("at once", StringComparison.Ordinal)), static finding => Assert.Equal(Verdict.Depends, finding.Verdict));
        Assert.DoesNotContain(Rows(measured, table: 0), static row => row.Any(static cell => cell.Contains("at once", StringComparison.Ordinal)));

        InterpreterMeasured still = Python with { Runs = Python.Runs.Keys.ToDictionary(static way => way, static _ => Made.Place(1, 2)) };
        measured = Measured(still, Jython(1), Stackless(1)) with { Processors = 1, Runs = new Dictionary<string, PlaceRuns> { [Places.Threads] = Made.Place(1, 4), [Places.Processes] = Made.Place(1, 4) } };
        Assert.All(GilVerdicts.Judge(measured).Where(static finding => finding.Claim != "N14"), static finding => Assert.Equal(Verdict.DoesNotHoldHere, finding.Verdict));
    }

    [Fact]
    public void No_lock_does_not_mean_that_threads_scale()
    {
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Measured(Python, IronPython(1.8, "server collector"), IronPython(0.8, "workstation collector")));
        Assert.Equal(Verdict.Depends, findings.Of("N19"));
        Assert.Contains("does not mean that threads scale", findings.Why("N19"), StringComparison.Ordinal);
        Assert.Contains("ironpython 3.4.2, workstation collector compute 0.80 ×", findings.Why("N19"), StringComparison.Ordinal);
        Assert.EndsWith("Jython is not here.", findings.Why("N19"), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_threads_gain_at_all_the_run_cannot_tell()
    {
        GilMeasured measured = Measured(Python, Jython(1), Stackless(1), SubInterpreters(1));
        Dictionary<string, PlaceRuns> runs = new(measured.Runs) { [Places.Threads] = Made.Place(1, 4) };
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(measured with { Runs = runs });
        foreach (Finding finding in findings.Where(static finding => finding.Claim == "N19" || finding.Statement.Contains("sub-interpreter", StringComparison.Ordinal)))
            Assert.True(finding.Verdict == Verdict.Depends && finding.Why.Contains("cannot tell", StringComparison.Ordinal), finding.Why);
        Assert.Equal(Verdict.DoesNotHoldHere, GilVerdicts.Judge(measured).Of("N19"));   // threads of .NET gain, and its do not
    }

    [Fact]
    public void Sub_interpreters_have_a_lock_each()
    {
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Measured(Python, SubInterpreters(1.9)));
        Finding finding = Assert.Single(findings, static finding => finding.Statement.Contains("sub-interpreter", StringComparison.Ordinal));
        Assert.Equal(("N14", Verdict.Holds), (finding.Claim, finding.Verdict));
        Assert.Contains("sub-interpreters of cpython 3.14 compute 1.90 ×", finding.Why, StringComparison.Ordinal);
        Assert.Contains("each starts in 20.0 ms and takes 2.50 MiB", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_and_asyncio_are_judged_in_every_interpreter()
    {
        InterpreterMeasured slow = Jython(1) with { Python = new("pypy", "3.9", HasGlobalLock: true), Runs = new Dictionary<PythonWay, PlaceRuns> { [PythonWay.Threads] = Made.Place(1, 2), [PythonWay.Processes] = Made.Place(1, 2) } };
        IReadOnlyList<Finding> findings = GilVerdicts.Judge(Measured(Python, slow));
        Assert.Equal((Verdict.Depends, Verdict.Depends), (findings.Of("N17"), findings.Of("N18")));
        Assert.Contains("processes of pypy 3.9", findings.Why("N17"), StringComparison.Ordinal);
        Assert.Contains("Only some of them gain.", findings.Why("N17"), StringComparison.Ordinal);
        Assert.Equal(Verdict.Holds, GilVerdicts.Judge(Measured(Python)).Of("N17"));
        Assert.Contains("there is no asyncio", GilVerdicts.Judge(Measured(Python, Jython(1.9))).Why("N18"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_interpreter_has_a_row_and_figures_of_its_own()
    {
        GilMeasured measured = Measured(Python, SubInterpreters(Made.Wide(1.2)), Stackless(1), Jython(1.9), IronPython(1.8, "server collector"), IronPython(0.8, "workstation collector"));
        Assert.Equal(
            [
                ["cpython 3.11", "yes", "1.00 ×, in turns", "1.90 ×, at once", "–", "1.00 ×, in turns"],
                ["cpython 3.14, sub-interpreters", "one each", "1.20 ×, unclear", "–", "–", "–"],
                ["pypy 3.9", "yes", "–", "–", "1.00 ×, in turns", "–"],
                ["jython 2.7.3", "no", "1.90 ×, at once", "1.90 ×, at once", "–", "–"],
                ["ironpython 3.4.2, server collector", "no", "1.80 ×, at once", "–", "–", "–"],
                ["ironpython 3.4.2, workstation collector", "no", "0.80 ×, in turns", "–", "–", "–"],
            ],
            Rows(measured, table: 0));
        Assert.Equal([["cpython 3.11", "0 %", "20.0 %", "–"], ["jython 2.7.3", "7.00 %", "30.0 %", "–"]], Rows(measured, table: 2));
        string[] names = [.. measured.Figures().Select(static figure => figure.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.Contains("jython-threads.computing.2", names);
        Assert.Contains("pypy3-microthreads.lost", names);
        Assert.Empty(InterpreterTables.Of(measured with { Interpreters = [] }));
    }

    private static IReadOnlyList<IReadOnlyList<string>> Rows(GilMeasured measured, int table) => InterpreterTables.Of(measured).ElementAt(table).Rows;

    private static GilMeasured Measured(params InterpreterMeasured[] interpreters) => new(
        2,
        new Dictionary<string, PlaceRuns> { [Places.Threads] = Made.Place(1.9, 4), [Places.Processes] = Made.Place(1.9, 4) },
        null,
        interpreters[0],
        interpreters);

    private static InterpreterMeasured Jython(double gain) => Of("jython", new("jython", "2.7.3", HasGlobalLock: false), (PythonWay.Threads, Made.Place(gain, 2)), (PythonWay.Processes, Made.Place(gain, 2)))
        with { Lost = new(Spread.Exactly(0.07), Spread.Exactly(0.3)) };

    private static InterpreterMeasured IronPython(double gain, string variant) =>
        Of($"ironpython {variant}", new("ironpython", "3.4.2", HasGlobalLock: false), (PythonWay.Threads, Made.Place(gain, 2))) with { Variant = variant };

    private static InterpreterMeasured Stackless(double gain) =>
        Of("pypy3", new("pypy", "3.9", HasGlobalLock: true), (PythonWay.Microthreads, Made.Place(gain, 2))) with { Microthreads = new(0.99, 0, Made.Around(1)) };

    private static InterpreterMeasured SubInterpreters(double gain) => SubInterpreters(Made.Around(gain));

    private static InterpreterMeasured SubInterpreters(Spread gain) =>
        Of("python3.14", new("cpython", "3.14", HasGlobalLock: true), (PythonWay.SubInterpreters, Made.Place(gain, Made.Around(2)))) with { Variant = "sub-interpreters", SubInterpreters = new(0.02, 2.5 * (1 << 20)) };

    private static InterpreterMeasured Of(string id, PythonSeen python, params (PythonWay Way, PlaceRuns Runs)[] ways) =>
        new(id, python, ways.ToDictionary(static way => way.Way, static way => way.Runs), new Dictionary<PythonWay, string>());
}
