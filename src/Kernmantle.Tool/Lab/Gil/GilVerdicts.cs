using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>What the measurements say about N14 and N17 to N19.</summary>
internal static class GilVerdicts
{
    private const string TooVaried = " The figures vary too much to tell.";
    private const string NobodyGains = " Threads without a lock do not clearly gain here, so this run cannot tell.";

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
            (Verdict verdict, string because) = GainNothing(locked, runs);
            findings.Add(new(
                "N14",
                "Therefore threads that compute under it gain nothing.",
                verdict,
                $"{Most(locked)} workers under the lock: computing {Text(locked.ComputingMost)}, without it {Text(runs[Places.Threads].ComputingMost)}.{because}"));
        }
        if (measured.Python is { } python && runs.TryGetValue(Places.PythonThreads, out PlaceRuns? threads))
        {
            (Verdict verdict, string because) = GainNothing(threads, runs);
            findings.Add(new(
                "N14",
                "Python's own threads that compute gain nothing.",
                verdict,
                $"{python.Implementation} {python.Version}, {(python.HasGlobalLock ? "with" : "without")} a global lock: {Most(threads)} threads compute {Text(threads.ComputingMost)}.{because}"));
        }
        findings.Add(Processes(measured));
        findings.Add(Parallel(runs));
        findings.Add(WithoutLock(measured));
        return findings;
    }

    /// <summary>N17: where a lock keeps threads from computing at once, processes do it.</summary>
    private static Finding Processes(GilMeasured measured)
    {
        IReadOnlyDictionary<string, PlaceRuns> runs = measured.Runs;
        PlaceRuns processes = runs[Places.Processes];
        runs.TryGetValue(Places.PythonProcesses, out PlaceRuns? python);
        Standing[] gains = [.. (python is null ? (PlaceRuns[])[processes] : [processes, python]).Select(static place => place.ComputingMost.Gain())];
        string pythons = python is null ? "" : $", Python processes {Text(python.ComputingMost)} where Python threads make {Text(runs[Places.PythonThreads].ComputingMost)}";
        (Verdict verdict, string because) =
            gains.All(static gain => gain == Standing.Higher) ? (Verdict.Holds, "")
            : gains.Contains(Standing.Unclear) ? (Verdict.Depends, TooVaried)
            : gains.Contains(Standing.Higher) ? (Verdict.Depends, " Only one of the two gains.")
            : measured.Processors == 1 ? (Verdict.DoesNotHoldHere, " There is no second core to give.")
            : FreeGain(runs) ? (Verdict.DoesNotHoldHere, "")
            : (Verdict.Depends, NobodyGains);
        return new(
            "N17", "What the lock takes from threads, processes give back.", verdict, $"{Most(processes)} workers compute: processes {Text(processes.ComputingMost)}{pythons}.{because}");
    }

    /// <summary>N18: both are named for parallel work, but only one of them computes in parallel.</summary>
    private static Finding Parallel(IReadOnlyDictionary<string, PlaceRuns> runs)
    {
        (string loopName, PlaceRuns? loop) = runs.TryGetValue(Places.PythonAsyncio, out PlaceRuns? asyncio) ? ("asyncio", asyncio)
            : runs.TryGetValue(Places.EventLoop, out PlaceRuns? events) ? ("an event loop", events) : ("", null);
        (string processName, PlaceRuns processes) = runs.TryGetValue(Places.PythonProcesses, out PlaceRuns? python) ? ("Python processes", python) : ("processes", runs[Places.Processes]);
        Standing processesCompute = processes.ComputingMost.Gain(), loopComputes = loop?.ComputingMost.Gain() ?? Standing.Lower;
        bool loopWaits = loop?.WaitingMost.Gain() == Standing.Higher;
        string why = $"{Most(processes)} workers: {processName} computing {Text(processes.ComputingMost)}, waiting {Text(processes.WaitingMost)}"
            + (loop is null ? "." : $"; {loopName} computing {Text(loop.ComputingMost)}, waiting {Text(loop.WaitingMost)}.");
        string onlyWaits = loopWaits ? $" What {loopName} does is wait for many things at once." : "";
        (Verdict verdict, string because) = (processesCompute, loopComputes) switch
        {
            (Standing.Higher, Standing.Higher) => (Verdict.Holds, ""),
            (Standing.Higher, Standing.Unclear) => (Verdict.Depends, $" Processes compute in parallel; of {loopName} the figures vary too much to tell.{onlyWaits}"),
            (Standing.Higher, _) => (Verdict.Depends, $" Processes compute in parallel, {(loop is null ? "a loop was not measured" : $"{loopName} does not")}.{onlyWaits}"),
            (Standing.Lower, Standing.Lower) => (Verdict.DoesNotHoldHere, $" Nothing computes in parallel here.{onlyWaits}"),
            _ => (Verdict.Depends, TooVaried + onlyWaits),
        };
        return new("N18", "Multiprocessing and asyncio both do computing work in parallel.", verdict, why + because);
    }

    /// <summary>N19: of the interpreters that the note names, two have no lock and one keeps it.</summary>
    private static Finding WithoutLock(GilMeasured measured)
    {
        Spread threads = measured.Runs[Places.Threads].ComputingMost;
        string others = string.Concat(measured.Others.Select(static other =>
            $" {other.Python.Implementation} {other.Python.Version}, {(other.Python.HasGlobalLock ? "with" : "without")} a global lock: {Text(other.ThreadsComputing)}."));
        return new(
            "N19",
            "On a runtime without a global lock threads compute at once; interpreters on such a runtime therefore do.",
            threads.Gain() == Standing.Lower ? Verdict.DoesNotHoldHere : Verdict.Depends,
            $"{Most(measured.Runs[Places.Threads])} threads of .NET, which has no global lock, compute {Text(threads)}.{(threads.Gain() == Standing.Unclear ? TooVaried : "")}"
            + others
            + " Jython and IronPython run on runtimes of that kind and have no lock; Stackless Python keeps its own: its microthreads are switched on one thread. These three were not run here.");
    }

    /// <summary>
    /// Verdict and reason together, so that they agree. Where threads without a lock do not clearly gain, those under a lock show nothing, not
    /// even if they gain: then something else made the machine quicker while they were measured.
    /// </summary>
    private static (Verdict Verdict, string Because) GainNothing(PlaceRuns locked, IReadOnlyDictionary<string, PlaceRuns> runs) =>
        !FreeGain(runs) ? (Verdict.Depends, NobodyGains) : locked.ComputingMost.Gain() switch
        {
            Standing.Higher => (Verdict.DoesNotHoldHere, ""),
            Standing.Lower => (Verdict.Holds, ""),
            _ => (Verdict.Depends, TooVaried),
        };

    private static bool FreeGain(IReadOnlyDictionary<string, PlaceRuns> runs) => runs[Places.Threads].ComputingMost.Gain() == Standing.Higher;

    private static int Most(PlaceRuns runs) => runs.Computing.Keys.Max();

    private static string Text(Spread speedUp) => Units.Format(speedUp, Unit.Ratio);
}
