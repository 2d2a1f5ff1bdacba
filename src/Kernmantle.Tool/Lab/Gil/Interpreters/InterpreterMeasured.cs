using Kernmantle.Python;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>An interpreter that was there.</summary>
internal sealed record PythonSeen(string Implementation, string Version, bool HasGlobalLock)
{
    public static PythonSeen Of(PythonInterpreter found) => new(found.Implementation, found.Version.ToString(), found.HasGlobalLock);

    public override string ToString() => $"{Implementation} {Version}";
}

/// <summary>What one interpreter gains in each way that it has.</summary>
/// <param name="Id">What its figures begin with.</param>
/// <param name="Missing">Why a way was not measured.</param>
internal sealed record InterpreterMeasured(string Id, PythonSeen Python, IReadOnlyDictionary<PythonWay, PlaceRuns> Runs, IReadOnlyDictionary<PythonWay, string> Missing)
{
    public LostCounts? Lost { get; init; }

    public MicrothreadFacts? Microthreads { get; init; }

    /// <summary>What each took to start, where this is about its sub-interpreters.</summary>
    public SubInterpreterCost? SubInterpreters { get; init; }

    /// <summary>What of it, or how set up; null for the interpreter as it is.</summary>
    public string? Variant { get; init; }

    public string Name => Variant is null ? Python.ToString() : $"{Python}, {Variant}";

    public PlaceRuns? By(PythonWay way) => Runs.GetValueOrDefault(way);
}

/// <summary>The share of the counts of several threads that nothing guards, and that are not in the total.</summary>
/// <param name="Plain">Of <c>total += 1</c>.</param>
/// <param name="Called">Of <c>total += one()</c>: what is read is written after a call.</param>
internal sealed record LostCounts(Spread Plain, Spread Called);

/// <summary>What microthreads do to each other.</summary>
/// <param name="LostBefore">The share of counts lost by <c>total += channel.receive()</c>, which reads the old value before the others have their turn.</param>
/// <param name="LostAfter">The same where the old value is read afterwards.</param>
/// <param name="Blocking">Two that wait in <c>time.sleep</c>: times as fast as one after the other.</param>
internal sealed record MicrothreadFacts(double LostBefore, double LostAfter, Spread Blocking);

/// <summary>What each sub-interpreter took to start.</summary>
internal sealed record SubInterpreterCost(double Seconds, double Bytes);
