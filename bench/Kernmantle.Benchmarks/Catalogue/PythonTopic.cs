using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Python from C#, beside Python from Python.</summary>
internal static class PythonTopic
{
    public static Topic Topic => new(
        [Call, Increment, Two, Array, Map, Start],
        [
            new("python-call", "Python: no-op call", "ours.python-call", ["python.pool-call", "python.executor-call"], AtMostTimes, 0.5),
            new("python-array", "Python: echo of 8 MB of doubles", "ours.python-array", ["python.pool-array"], AtMostTimes, 0.2),
            new("python-map", "Python: map over 100 000 integers", "ours.python-map", ["python.pool-map"], AtLeastTimes, 1),
            new("python-start", "Python: start of a pool", "ours.python-cold", ["python.pool-cold"], AtMostTimes, 1.2),
        ]);

    private static Group Call { get; } = new(
        "python-call",
        "Python: a no-op call",
        new(Ours, "python-call", "PythonPool, CallAsync"),
        new(Side.Python, "pool-call", "multiprocessing.Pool, apply"),
        new(Side.Python, "executor-call", "ProcessPoolExecutor, submit"),
        new(Pythonnet, "call", "pythonnet, in this process"));

    private static Group Increment { get; } = new(
        "python-increment",
        "Python: a call with an integer and its result",
        new(Ours, "python-increment", "PythonPool, CallAsync"),
        new(Pythonnet, "increment", "pythonnet, in this process"));

    private static Group Two { get; } = new(
        "python-two",
        "Python: two calls that compute, until both are done",
        new(Ours, "python-two", "PythonPool of 2"),
        new(Pythonnet, "two", "pythonnet, two threads of this process"));

    private static Group Array { get; } = new(
        "python-array",
        "Python: echo of 8 MB of doubles",
        new(Ours, "python-array", "PythonPool, double[]"),
        new(Side.Python, "pool-array", "multiprocessing.Pool, array, pickled"));

    private static Group Map { get; } = new(
        "python-map",
        "Python: a map over 100 000 integers, 2 workers",
        new(Ours, "python-map", "PythonPool, MapAsync") { Count = new(100_000, 100_000) },
        new(Side.Python, "pool-map", "multiprocessing.Pool, map at its best chunk size") { Count = new(100_000, 100_000) });

    private static Group Start { get; } = new(
        "python-start",
        "Python: start to first result",
        new(Ours, "python-cold", "PythonPool of 1") { Count = new(6, 10) },
        new(Side.Python, "pool-cold", "multiprocessing.Pool (spawn) of 1") { Count = new(6, 10) });
}
