using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Calls as programs make them: awaited, with a token, a timeout, a key, to an object that lives in the worker.</summary>
internal static class UserCallTopic
{
    public static Topic Topic => new(
        [Calls],
        [
            new("calls", "RunAsync with a token, to plain RunAsync", "ours.run-async-token", ["ours.run-async"], AtMostTimes, 1.3),
            new("calls", "RunAsync with a timeout, to plain RunAsync", "ours.run-async-timeout", ["ours.run-async"], AtMostTimes, 1.3),
            new("calls", "RunAsync with a token and a timeout, to plain RunAsync", "ours.run-async-token-timeout", ["ours.run-async"], AtMostTimes, 1.5),
            new("calls", "RunAsync with a key, to plain RunAsync", "ours.run-async-key", ["ours.run-async"], AtMostTimes, 1.5),
            new("calls", "Remote<T>.CallAsync, to plain RunAsync", "ours.remote-call", ["ours.run-async"], AtMostTimes, 1.5),
        ]);

    private static Group Calls { get; } = new(
        "calls",
        "What programs call: awaited, and with something more",
        new(Ours, "run-async", "process pool, await RunAsync"),
        new(Ours, "run-async-token", "the same with a token"),
        new(Ours, "run-async-timeout", "the same with a timeout"),
        new(Ours, "run-async-token-timeout", "the same with a token and a timeout"),
        new(Dotnet, "task-token-timeout", "await Task.Run(f, token).WaitAsync(timeout, token)"),
        new(Side.Python, "executor-timeout", "Python ProcessPoolExecutor, result(timeout)"),
        new(Rpc, "jsonrpc-token", "StreamJsonRpc over a Unix socket, with a token"),
        new(Ours, "run-async-key", "process pool, await RunAsync with a key"),
        new(Ours, "remote-call", "process pool, await Remote<T>.CallAsync"),
        new(Side.Python, "manager-call", "Python multiprocessing.managers, a method of a proxy"));
}
