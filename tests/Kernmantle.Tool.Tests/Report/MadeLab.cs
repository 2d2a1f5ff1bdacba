using Kernmantle.Tool.Lab;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;
using Kernmantle.Tool.Tests.Lab;

namespace Kernmantle.Tool.Tests.Report;

/// <summary>A lab with a plot of every kind, and text that would break a page that is not careful.</summary>
internal static class MadeLab
{
    public const string Nasty = "</script><b>&\"'";

    public static LabResult Create()
    {
        Plot bars = Plot.Bars(
            "bars",
            $"Bars {Nasty}",
            new("time", Unit.Seconds),
            ["one", "two"],
            new Series("first", [Point.Of(0, Made.Around(0.010)), Point.Of(1, Made.Around(0.020))]));
        Plot grouped = Plot.Bars(
            "grouped",
            "Groups on a logarithmic axis",
            new("memory", Unit.Bytes, Log: true),
            ["thread", "process"],
            new Series("idle", [Point.Of(0, Made.Around(30e3)), Point.Of(1, Made.Around(10e6))]),
            new Series("busy", [Point.Of(0, Made.Around(60e3)), Point.Of(1, Made.Around(20e6))]));
        Plot lines = Plot.Lines(
            "lines",
            "Lines",
            new("size", Unit.Bytes, Log: true),
            new("time", Unit.Seconds, Log: true),
            new Series("pipe", [Point.Of(64, Made.Around(5e-6)), Point.Of(1 << 20, Made.Around(1e-3))]),
            new Series("socket", [Point.Of(64, Made.Around(1e-5)), Point.Of(1 << 20, Made.Around(2e-3))]));
        Plot map = Plot.Lanes("map", "Boxes", new("", Unit.Count), ["t1", "t2", "p1"], [new(0, 2, 0, 1, "shared", "7f0dc945b110"), new(2, 1, 0, 1, "own", "7f3b1644b178"), new(0, 1, 1, 2, "own", "aa"), new(1, 1, 1, 2, "own", "bb")])
            with { Columns = ["heap", "stack"] };
        Plot trace = Plot.Lanes("trace", "Spans", new("time", Unit.Seconds), ["a", "b"], [new(0, 1, 0, 0.001, "holds"), new(1, 1, 0.001, 0.003, "holds"), new(1, 1, 0, 0.001, "waits")]);
        ExperimentResult good = new(
            "good",
            $"Is it? {Nasty}",
            1.5,
            null,
            new(
                [Figure.Seconds("wait", $"waiting {Nasty}", Made.Around(0.0123)), Figure.Fact("sure", "sure", true)],
                [new("N1", "It is so.", Verdict.Holds, "12.3 ms."), new("N2", "It is not.", Verdict.DoesNotHoldHere, Nasty), new("N3", "It may be.", Verdict.Depends, "Who knows.")],
                [bars, grouped, lines, map, trace],
                [new($"A table {Nasty}", ["Name", ">Number"], [["x", "1"], [Nasty, "2\n3"]])],
                [$"A note {Nasty}"]));
        ExperimentResult bad = new("bad", "And this?", 0.1, $"IOException: {Nasty}", Outcome.None);
        ExperimentResult lacking = new("lacking", "Or this?", 0.1, null, Outcome.None, $"The machine lacks {Nasty}.");
        ExperimentResult[] experiments = [good, bad, lacking];
        return new(LabResult.CurrentSchema, "0.1.0", new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 1.6, Machine.Here(new([48 << 10, 1 << 20], CacheSource.Sysconf)) with { Load = 7.5 }, experiments, LabRun.Judge(experiments));
    }
}
