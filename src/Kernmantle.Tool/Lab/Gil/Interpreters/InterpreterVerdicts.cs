using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>What interpreters beside a plain CPython say: N19, and of sub-interpreters N14.</summary>
internal static class InterpreterVerdicts
{
    private const string Statement = "Threads of an interpreter without a global lock compute at once.";

    /// <summary>Those that the note names, but for Stackless Python, whose threads are another thing.</summary>
    private static readonly string[] Named = ["Jython", "IronPython"];

    public static IEnumerable<Finding> Judge(GilMeasured measured)
    {
        yield return WithoutLock(measured, [.. measured.Interpreters.Where(static one => !one.Python.HasGlobalLock && one.By(PythonWay.Threads) is not null)]);
        InterpreterMeasured[] micro = [.. measured.Interpreters.Where(static one => one.By(PythonWay.Microthreads) is not null)];
        if (micro.Length > 0)
            yield return Microthreads(measured, micro);
    }

    /// <summary>N14: the lock is one interpreter's. Nothing where there are none that have their own.</summary>
    public static IEnumerable<Finding> JudgeSubInterpreters(GilMeasured measured)
    {
        foreach (InterpreterMeasured one in measured.Interpreters)
        {
            if (one.SubInterpreters is not { } cost || one.By(PythonWay.SubInterpreters) is not { } runs)
                continue;
            (Verdict verdict, string because) = AtOnce(measured, [runs]);
            yield return new(
                "N14",
                "It is one interpreter's: threads that have a sub-interpreter and a lock each compute at once.",
                measured.Processors == 1 ? Verdict.Depends : verdict,
                $"{GilVerdicts.Most(runs)} sub-interpreters of {one.Python} compute {GilVerdicts.Text(runs.ComputingMost)}; each starts in {Units.Format(cost.Seconds, Unit.Seconds)} and takes {Units.Format(cost.Bytes, Unit.Bytes)}.{because}");
        }
    }

    /// <summary>N19: Jython, IronPython, and free-threaded builds. Where none is here, threads of .NET stand for them, and are no proof.</summary>
    private static Finding WithoutLock(GilMeasured measured, InterpreterMeasured[] free)
    {
        PlaceRuns dotnet = measured.Runs[Places.Threads];
        string own = $"{GilVerdicts.Most(dotnet)} threads of .NET, which has no global lock, compute {GilVerdicts.Text(dotnet.ComputingMost)}.";
        string locked = string.Concat(measured.Interpreters.Where(static one => one.Python.HasGlobalLock && one.SubInterpreters is null && one.By(PythonWay.Threads) is not null)
            .Select(static one => $" {one.Name}, with a lock: {GilVerdicts.Text(one.By(PythonWay.Threads)!.ComputingMost)}."));
        string absent = string.Concat(Named.Where(name => !Array.Exists(free, one => one.Python.Implementation.Equals(name, StringComparison.OrdinalIgnoreCase)))
            .Select(static name => $" {name} is not here."));
        if (free.Length == 0)
        {
            Standing gain = GilVerdicts.Gain(dotnet.ComputingMost, measured.Processors);
            return new(
                "N19",
                Statement,
                gain == Standing.Lower ? Verdict.DoesNotHoldHere : Verdict.Depends,
                own + (gain == Standing.Unclear ? GilVerdicts.TooVaried : "") + " Jython and IronPython run on runtimes of that kind." + locked + absent);
        }
        (Verdict verdict, string because) = AtOnce(measured, [.. free.Select(static one => one.By(PythonWay.Threads)!)]);
        if (verdict == Verdict.Depends && because.Length == 0)
            because = " That there is no lock does not mean that threads scale: code that allocates waits for the collector.";
        return new("N19", Statement, verdict, string.Join(" ", free.Select(Of)) + locked + " " + own + because + absent);

        static string Of(InterpreterMeasured one) =>
            $"{GilVerdicts.Most(one.By(PythonWay.Threads)!)} threads of {one.Name} compute {GilVerdicts.Text(one.By(PythonWay.Threads)!.ComputingMost)}"
            + (one.Lost is { } lost ? $"; without a lock, total += 1 loses {Units.Format(lost.Plain, Unit.Fraction)} of the counts." : ".");
    }

    /// <summary>N19: what Stackless Python has instead of threads.</summary>
    private static Finding Microthreads(GilMeasured measured, InterpreterMeasured[] micro)
    {
        (Verdict verdict, string because) = AtOnce(measured, [.. micro.Select(static one => one.By(PythonWay.Microthreads)!)]);
        return new("N19", "Stackless Python's microthreads compute at once.", verdict, string.Join(" ", micro.Select(Of)) + because);

        static string Of(InterpreterMeasured one)
        {
            PlaceRuns runs = one.By(PythonWay.Microthreads)!;
            return $"{GilVerdicts.Most(runs)} microthreads (greenlets) of {one.Name} compute {GilVerdicts.Text(runs.ComputingMost)}, wait {GilVerdicts.Text(runs.WaitingMost)}"
                + (one.Microthreads is not { } facts ? "." : $", and block each other where they wait in time.sleep: {GilVerdicts.Text(facts.Blocking)}. "
                    + $"total += channel.receive() loses {Units.Format(facts.LostBefore, Unit.Fraction)} of the counts, since the old value is read before the switch; received first, {Units.Format(facts.LostAfter, Unit.Fraction)}.");
        }
    }

    /// <summary>Whether all compute at once. Where none does, and threads of .NET do not either, the run says nothing; on one processor nothing does.</summary>
    private static (Verdict Verdict, string Because) AtOnce(GilMeasured measured, IReadOnlyList<PlaceRuns> runs)
    {
        Standing[] gains = [.. runs.Select(one => GilVerdicts.Gain(one.ComputingMost, measured.Processors))];
        return gains.Contains(Standing.Unclear) ? (Verdict.Depends, GilVerdicts.TooVaried)
            : Array.TrueForAll(gains, static gain => gain == Standing.Higher) ? (Verdict.Holds, "")
            : gains.Contains(Standing.Higher) ? (Verdict.Depends, "")
            : measured.Processors == 1 ? (Verdict.DoesNotHoldHere, GilVerdicts.OneProcessor)
            : GilVerdicts.FreeGain(measured) ? (Verdict.DoesNotHoldHere, "")
            : (Verdict.Depends, GilVerdicts.NobodyGains);
    }
}
