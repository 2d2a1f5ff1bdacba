namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>One figure of a choice: which row of which group, and what it is called beside the figure; empty where the row says it.</summary>
internal sealed record Cell(string Group, string Key, string Label);

/// <summary>A row that a user chooses by: what something costs here, within the process, and in another process by other means.</summary>
/// <param name="Within">What it costs without isolation; empty if there is no such thing, and then <paramref name="WithinText"/> says why.</param>
internal sealed record Choice(string What, Cell[] Here, Cell[] Within, Cell[] Otherwise, string WithinText = "")
{
    public IEnumerable<Cell> Cells => [.. Here, .. Within, .. Otherwise];
}

/// <summary>The README's table. Eight rows at most: whoever wants more reads docs/performance.md.</summary>
internal static class Choices
{
    public const int Most = 8;

    public static IReadOnlyList<Choice> All { get; } =
    [
        new(
            "a call that does nothing",
            [new("no-op", "ours.run", "`Run`"), new("calls", "ours.run-async", "`await RunAsync`")],
            [new("no-op", "dotnet.task-result", "`Task.Run(…).Result`"), new("no-op", "dotnet.task-await", "`await Task.Run`")],
            [new("no-op", "python.executor-call", "Python `ProcessPoolExecutor`"), new("no-op", "rpc.grpc-call", "gRPC, Unix socket")]),
        new(
            "the same with a token and a timeout",
            [new("calls", "ours.run-async-token-timeout", "`await RunAsync`")],
            [new("calls", "dotnet.task-token-timeout", "`Task.Run` with `WaitAsync`")],
            [new("calls", "python.executor-timeout", "Python, `result(timeout)`"), new("calls", "rpc.jsonrpc-token", "StreamJsonRpc, a token")]),
        new(
            "a call of an object that lives in the worker",
            [new("calls", "ours.remote-call", "`Remote<T>.CallAsync`")],
            [],
            [new("calls", "python.manager-call", "Python `multiprocessing.managers`")],
            "a method call"),
        new(
            "a record of 200 bytes, there and back",
            [new("record", "ours.record", "`Run`"), new("record", "ours.record-async", "`await RunAsync`")],
            [],
            [new("record", "python.pool-record", "Python `multiprocessing.Pool`")],
            "a reference: nothing is copied"),
        new(
            "a map over such records, 2 workers",
            [new("map-records", "ours.map-records", "`MapAsync`")],
            [new("map-records", "dotnet.plinq-records", "PLINQ")],
            [new("map-records", "python.pool-map-records", "Python `Pool.map`")]),
        new(
            "a megabyte, there and back",
            [new("bytes", "ours.bytes-1m", "`byte[]`"), new("shared", "ours.shared-64m", "`SharedBuffer<byte>`, of any size")],
            [],
            [new("bytes", "python.executor-bytes-1m", "Python `ProcessPoolExecutor`"), new("bytes", "rpc.grpc-bytes-1m", "gRPC, Unix socket")],
            "a reference: nothing is copied"),
        new(
            "a start, to the first result",
            [new("start", "ours.cold-pool", "process pool of 1")],
            [new("start", "dotnet.cold-new-thread", "`new Thread`")],
            [new("start", "python.executor-cold", "Python `ProcessPoolExecutor`, spawn")]),
        new(
            "a kill, to the begin of the next call",
            [new("capacity", "ours.capacity", "without a spare"), new("capacity", "ours.capacity-spare", "with one")],
            [],
            [new("capacity", "python.executor-capacity", "Python `ProcessPoolExecutor`, a new one")],
            "a thread cannot be killed"),
    ];
}
