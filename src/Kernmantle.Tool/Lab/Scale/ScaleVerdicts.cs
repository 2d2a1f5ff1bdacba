using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Scale;

/// <summary>What the measurements say about N9 and N11.</summary>
internal static class ScaleVerdicts
{
    public static IReadOnlyList<Finding> Judge(ScaleMeasured measured)
    {
        // One thread's memory is mostly that of what came with the first; the larger pools tell.
        Spread thread = Spread.Of(measured.Threads.Where(static size => size.Workers > 1).Select(static size => size.BytesPerWorker));
        Spread process = Spread.Of(measured.Processes.Select(static size => size.BytesPerWorker));
        int largest = measured.Processes.Max(static size => size.Workers);
        string figures = $"A thread takes {Units.Format(thread, Unit.Bytes)}, a process {Units.Format(process, Unit.Bytes)}.";
        return
        [
            new(
                "N9",
                "A thread takes less memory than a process.",
                thread.Clearly(process) switch { Standing.Lower => Verdict.Holds, Standing.Higher => Verdict.DoesNotHoldHere, _ => Verdict.Depends },
                thread.Clearly(process) == Standing.Unclear ? $"No clear difference. {figures}" : figures),
            new(
                "N11",
                "One program runs several processes, and they serve it together.",
                Verdicts.Of(measured.Answered > 1 && measured.RightResult),
                $"{measured.Answered} of {largest} processes took part in one map; its result was right: {(measured.RightResult ? "yes" : "no")}."),
        ];
    }
}
