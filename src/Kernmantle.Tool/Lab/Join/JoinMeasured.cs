using System.Text.RegularExpressions;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Join;

/// <summary>One run of the program, as seen from outside.</summary>
/// <param name="WorkerFinished">The worker's last line was written.</param>
/// <param name="MainWaited">The main thread's last line came after it.</param>
/// <param name="ArgumentArrived">The worker wrote the argument it was given.</param>
/// <param name="Logged">Every line has the log's form, with its time.</param>
internal sealed record ProgramRun(bool WorkerFinished, bool MainWaited, bool ArgumentArrived, bool Logged, double Seconds);

/// <summary>The runs in one place.</summary>
internal sealed record PlaceRuns(ProgramRun Joined, ProgramRun NotJoined, ProgramRun Background);

/// <summary>The measurements of <c>join</c>.</summary>
internal sealed partial record JoinMeasured(PlaceRuns Thread, PlaceRuns Process)
{
    public static ProgramRun Read(CopyOutput output)
    {
        int Find(string end) => output.Lines.ToList().FindIndex(line => line.EndsWith(end, StringComparison.Ordinal));
        int done = Find(ChildProgram.IsDone);
        return new(
            done >= 0,
            done >= 0 && Find(ChildProgram.MainIsDone) > done,
            Find(ChildProgram.Begins) >= 0,
            output.Lines.Count > 0 && output.Lines.All(static line => LogLine().IsMatch(line)),
            output.Seconds);
    }

    public IReadOnlyList<Figure> Figures() => [.. Of("thread", Thread), .. Of("process", Process)];

    private static IEnumerable<Figure> Of(string place, PlaceRuns runs)
    {
        foreach ((string name, string label, ProgramRun run) in new[]
        {
            ("joined", "joined", runs.Joined),
            ("notJoined", "not joined", runs.NotJoined),
            ("background", "not joined, background", runs.Background),
        })
        {
            yield return Figure.Fact($"{place}.{name}.finished", $"{place}, {label}: the worker finished", run.WorkerFinished);
            yield return Figure.Fact($"{place}.{name}.waited", $"{place}, {label}: main waited for it", run.MainWaited);
            yield return Figure.Fact($"{place}.{name}.argument", $"{place}, {label}: the worker wrote its argument", run.ArgumentArrived);
            yield return Figure.Fact($"{place}.{name}.logged", $"{place}, {label}: every line was one of the log", run.Logged);
            yield return Figure.Seconds($"{place}.{name}.seconds", $"{place}, {label}: the whole program", Spread.Exactly(run.Seconds));
        }
    }

    [GeneratedRegex(@"^\d\d:\d\d:\d\d: .")]
    private static partial Regex LogLine();
}
