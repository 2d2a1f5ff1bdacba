using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>What the measurements say about N14, N17 and N18; about N19, <see cref="InterpreterVerdicts"/>.</summary>
internal static class GilVerdicts
{
    public const string TooVaried = " The figures vary too much to tell.";
    public const string NobodyGains = " Threads without a lock do not clearly gain here, so this run cannot tell.";
    public const string OneProcessor = " There is no second core to give.";

    public static IReadOnlyList<Finding> Judge(GilMeasured measured)
    {
        List<Finding> findings = [];
        IReadOnlyDictionary<string, PlaceRuns> runs = measured.Runs;
        if (measured.Trace is { } trace)
        {
            findings.Add(new(
                "N14",
                "Under a global lock one thread at a time is at the guarded work.",
                Verdicts.Of(trace is { MostAtOnce: 1, Overlaps: 0 }),
                $"In the trace the lock was held {trace.Holds.Count} times, {trace.Overlaps} of them while another thread held it. At most {trace.MostAtOnce} at once inside; without the lock {trace.MostAtOnceWithout}."));
        }
        if (runs.TryGetValue(Places.GlobalLock, out PlaceRuns? locked))
        {
            (Verdict verdict, string because) = GainNothing(locked, measured);
            findings.Add(new(
                "N14",
                "Therefore threads that compute under it gain nothing.",
                verdict,
                $"{Most(locked)} workers under the lock: computing {Text(locked.ComputingMost)}, without it {Text(runs[Places.Threads].ComputingMost)}.{because}"));
        }
        if (measured.Python is { } python && python.By(PythonWay.Threads) is { } threads)
        {
            (Verdict verdict, string because) = GainNothing(threads, measured);
            findings.Add(new(
                "N14",
                "Python's own threads that compute gain nothing.",
                verdict,
                $"{python.Name}, {(python.Python.HasGlobalLock ? "with" : "without")} a global lock: {Most(threads)} threads compute {Text(threads.ComputingMost)}.{because}"));
        }
        findings.AddRange(InterpreterVerdicts.JudgeSubInterpreters(measured));
        findings.Add(Processes(measured));
        findings.Add(Parallel(measured));
        findings.AddRange(InterpreterVerdicts.Judge(measured));
        return findings;
    }

    /// <summary>Whether a speed-up is one. One processor does one thing at a time: what looks like a gain there is chance.</summary>
    public static Standing Gain(Spread speedUp, int processors) => processors == 1 && speedUp.Gain() == Standing.Higher ? Standing.Unclear : speedUp.Gain();

    public static bool FreeGain(GilMeasured measured) => Gain(measured.Runs[Places.Threads].ComputingMost, measured.Processors) == Standing.Higher;

    public static int Most(PlaceRuns runs) => runs.Computing.Keys.Max();

    public static string Text(Spread speedUp) => Units.Format(speedUp, Unit.Ratio);

    /// <summary>N17: where a lock keeps threads from computing at once, processes do it.</summary>
    private static Finding Processes(GilMeasured measured)
    {
        PlaceRuns processes = measured.Runs[Places.Processes];
        List<Standing> gains = [Gain(processes.ComputingMost, measured.Processors)];
        List<string> texts = [$"{Most(processes)} workers compute: processes {Text(processes.ComputingMost)}"];
        foreach (InterpreterMeasured one in measured.Interpreters.Where(static one => one.Python.HasGlobalLock))
        {
            if (one.By(PythonWay.Processes) is not { } its || one.By(PythonWay.Threads) is not { } threads)
                continue;
            gains.Add(Gain(its.ComputingMost, measured.Processors));
            texts.Add($"{Most(its)} processes of {one.Name} {Text(its.ComputingMost)} where its threads make {Text(threads.ComputingMost)}");
        }
        (Verdict verdict, string because) =
            gains.TrueForAll(static gain => gain == Standing.Higher) ? (Verdict.Holds, "")
            : gains.Contains(Standing.Unclear) ? (Verdict.Depends, TooVaried)
            : gains.Contains(Standing.Higher) ? (Verdict.Depends, " Only some of them gain.")
            : measured.Processors == 1 ? (Verdict.DoesNotHoldHere, OneProcessor)
            : FreeGain(measured) ? (Verdict.DoesNotHoldHere, "")
            : (Verdict.Depends, NobodyGains);
        return new("N17", "What the lock takes from threads, processes give back.", verdict, $"{string.Join("; ", texts)}.{because}");
    }

    /// <summary>N18: both are named for parallel work, but only one of them computes in parallel.</summary>
    private static Finding Parallel(GilMeasured measured)
    {
        List<(Verdict Verdict, string Why)> each = [.. measured.Interpreters
            .Where(static one => one.By(PythonWay.Processes) is not null)
            .Select(one => Parallel($"processes of {one.Name}", one.By(PythonWay.Processes)!, "asyncio", one.By(PythonWay.Asyncio), measured.Processors))];
        if (each.Count == 0)
            each.Add(Parallel("processes", measured.Runs[Places.Processes], "an event loop", measured.Runs.GetValueOrDefault(Places.EventLoop), measured.Processors));
        return new(
            "N18",
            "Multiprocessing and asyncio both do computing work in parallel.",
            Verdicts.Together([.. each.Select(static one => one.Verdict)]),
            string.Join(" ", each.Select(static one => one.Why)));
    }

    private static (Verdict Verdict, string Why) Parallel(string processName, PlaceRuns processes, string loopName, PlaceRuns? loop, int processors)
    {
        Standing processesCompute = Gain(processes.ComputingMost, processors), loopComputes = loop is null ? Standing.Lower : Gain(loop.ComputingMost, processors);
        bool loopWaits = loop?.WaitingMost.Gain() == Standing.Higher;
        string why = $"{Most(processes)} {processName}: computing {Text(processes.ComputingMost)}, waiting {Text(processes.WaitingMost)}"
            + (loop is null ? "." : $"; {loopName} computing {Text(loop.ComputingMost)}, waiting {Text(loop.WaitingMost)}.");
        string onlyWaits = loopWaits ? $" What {loopName} does is wait for many things at once." : "";
        (Verdict verdict, string because) = (processesCompute, loopComputes) switch
        {
            (Standing.Higher, Standing.Higher) => (Verdict.Holds, ""),
            (Standing.Higher, Standing.Unclear) => (Verdict.Depends, $" Processes compute in parallel; of {loopName} the figures vary too much to tell.{onlyWaits}"),
            (Standing.Higher, _) => (Verdict.Depends, $" Processes compute in parallel, {(loop is null ? $"and there is no {loopName}" : $"{loopName} does not")}.{onlyWaits}"),
            (Standing.Lower, Standing.Lower) => (Verdict.DoesNotHoldHere, $" Nothing computes in parallel here.{onlyWaits}"),
            _ => (Verdict.Depends, TooVaried + onlyWaits),
        };
        return (verdict, why + because);
    }

    /// <summary>
    /// Verdict and reason together, so that they agree. Where threads without a lock do not clearly gain, those under a lock show nothing, not
    /// even if they gain: then something else made the machine quicker while they were measured.
    /// </summary>
    private static (Verdict Verdict, string Because) GainNothing(PlaceRuns locked, GilMeasured measured) =>
        !FreeGain(measured) ? (Verdict.Depends, NobodyGains) : locked.ComputingMost.Gain() switch
        {
            Standing.Higher => (Verdict.DoesNotHoldHere, ""),
            Standing.Lower => (Verdict.Holds, ""),
            _ => (Verdict.Depends, TooVaried),
        };
}
