using System.Globalization;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>The measures of this program by name.</summary>
internal static class Register
{
    private static readonly Dictionary<string, Func<Settings, Task<Line[]>>> Known = new()
    {
        ["machine"] = Machine.MeasureAsync,
        ["run"] = Calls.RunAsync,
        ["run-measured"] = Watched.RunMeasuredAsync,
        ["run-traced"] = Watched.RunTracedAsync,
        ["run-looked-at"] = Watched.RunLookedAtAsync,
        ["run-async-looked-at"] = Watched.AwaitedLookedAtAsync,
        ["run-async-measured"] = Watched.AwaitedMeasuredAsync,
        ["run-async"] = Calls.AwaitedAsync,
        ["run-async-context"] = Calls.AwaitedInContextAsync,
        ["run-async-token"] = static settings => UserCalls.AwaitedAsync(settings, timeout: false, token: true),
        ["run-async-timeout"] = static settings => UserCalls.AwaitedAsync(settings, timeout: true, token: false),
        ["run-async-token-timeout"] = static settings => UserCalls.AwaitedAsync(settings, timeout: true, token: true),
        ["run-async-key"] = UserCalls.KeyedAsync,
        ["run-async-limits"] = UserCalls.LimitedAsync,
        ["run-async-yield"] = UserCalls.YieldingAsync,
        ["tiny-token-timeout"] = UserLoads.BurstAsync,
        ["loop"] = UserLoads.LoopAsync,
        ["task-loop"] = UserLoads.TaskLoopAsync,
        ["stream"] = UserLoads.StreamAsync,
        ["channel-stream"] = UserLoads.ChannelStreamAsync,
        ["map-capture"] = Throughput.MapCapturingAsync,
        ["map-timeout"] = Throughput.MapTimedAsync,
        ["map-token"] = Throughput.MapWithTokenAsync,
        ["serializer-rate"] = Payloads.SerializerRateAsync,
        ["remote-call"] = UserCalls.RemoteAsync,
        ["task-token-timeout"] = UserCalls.TaskAsync,
        ["run-idle"] = Calls.RunAfterIdlenessAsync,
        ["threads-run"] = Calls.RunOnThreadsAsync,
        ["threads-run-async"] = Calls.AwaitedOnThreadsAsync,
        ["record"] = Payloads.RecordAsync,
        ["record-async"] = Payloads.RecordAwaitedAsync,
        ["record-inline"] = Payloads.RecordInlineAsync,
        ["record-serializer"] = Payloads.RecordSerializerAsync,
        ["bytes-1m"] = static settings => CopiedArrays.EchoAsync<byte>(settings, 1 << 20, Functions.EchoBytes),
        ["bytes-64m"] = static settings => CopiedArrays.EchoAsync<byte>(settings, 64 << 20, Functions.EchoBytes),
        ["numbers-300k"] = static settings => CopiedArrays.EchoAsync<double>(settings, 300 << 10, Functions.EchoNumbers),
        ["numbers-5m"] = static settings => CopiedArrays.EchoAsync<double>(settings, 5 << 20, Functions.EchoNumbers),
        ["view-1m"] = CopiedArrays.ViewedAsync,
        ["arrays-300k"] = static settings => CopiedArrays.CopiesAsync(settings, 300 << 10),
        ["arrays-1m"] = static settings => CopiedArrays.CopiesAsync(settings, 1 << 20),
        ["arrays-5m"] = static settings => CopiedArrays.CopiesAsync(settings, 5 << 20),
        ["arrays-64m"] = static settings => CopiedArrays.CopiesAsync(settings, 64 << 20),
        ["stream-blocks"] = static settings => CopiedArrays.StreamAsync<byte>(settings, 64 << 10, Functions.BlocksAsync),
        ["stream-numbers"] = static settings => CopiedArrays.StreamAsync<double>(settings, 160_000, Functions.NumbersAsync),
        ["copy-rate"] = CopiedArrays.CopyRateAsync,
        ["shared-64m"] = static settings => SharedBuffers.EchoAsync<byte>(settings, 64 << 20),
        ["shared-1m"] = static settings => SharedBuffers.EchoAsync<double>(settings, 1 << 20),
        ["eight-callers"] = Callers.MeasureAsync,
        ["tiny"] = Throughput.TinyAsync,
        ["tiny-texts"] = Throughput.TinyTextsAsync,
        ["map"] = Throughput.MapAsync,
        ["map-records"] = Throughput.MapRecordsAsync,
        ["map-array"] = ArrayMaps.IntegersAsync,
        ["map-array-places"] = ArrayMaps.PlacesAsync,
        ["map-array-records"] = ArrayMaps.RecordsAsync,
        ["map-array-texts"] = ArrayMaps.TextsAsync,
        ["plinq-array"] = ArrayMaps.QueryIntegersAsync,
        ["plinq-array-places"] = ArrayMaps.QueryPlacesAsync,
        ["scaling"] = Scaling.OursAsync,
        ["cold-pool"] = ColdStarts.ProcessPoolAsync,
        ["second-pool"] = ColdStarts.SecondPoolAsync,
        ["cold-worker"] = ColdStarts.ProcessWorkerAsync,
        ["cold-threads"] = ColdStarts.ThreadPoolAsync,
        ["cold-thread-worker"] = ColdStarts.ThreadWorkerAsync,
        ["python-call"] = PythonPools.CallAsync,
        ["python-increment"] = PythonPools.IncrementAsync,
        ["python-two"] = PythonPools.TwoAsync,
        ["python-array"] = PythonPools.ArrayAsync,
        ["python-map"] = PythonPools.MapAsync,
        ["python-cold"] = PythonPools.ColdAsync,
        ["gil-pair"] = GlobalLocks.PairAsync,
        ["gil-checkpoint"] = GlobalLocks.CheckpointAsync,
        ["gil-holds"] = GlobalLocks.HoldsAsync,
        ["shared-lock-pair"] = SharedLocks.PairAsync,
        ["shared-lock-contended"] = SharedLocks.ContendedAsync,
        ["shared-value-add"] = SharedLocks.AddAsync,
        ["channel-items"] = static settings => Channels.FromWorkersAsync<long, Numbers>(settings),
        ["channel-spans"] = Channels.SpansFromWorkerAsync<long, Numbers>,
        ["channel-four-writers"] = static settings => Channels.FromWorkersAsync<long, Numbers>(settings, writers: 4),
        ["channel-places"] = Channels.ToWorkerAsync<Place, Places>,
        ["channel-place-spans"] = Channels.SpansToWorkerAsync<Place, Places>,
        ["channel-texts"] = static settings => Channels.FromWorkersAsync<string, Texts>(settings),
        ["channel-pipe"] = static settings => Channels.FromWorkersAsync<long, Numbers>(settings, transport: ChannelTransport.Pipe),
        ["channel-socket"] = static settings => Channels.FromWorkersAsync<long, Numbers>(settings, transport: ChannelTransport.UnixSocket),
        ["channel-echo"] = Channels.EchoAsync,
        ["channel-file"] = Channels.FileAsync,
        ["channel-within-items"] = Channels.WithinAsync<long, Numbers>,
        ["channel-within-places"] = Channels.WithinAsync<Place, Places>,
        ["channel-within-texts"] = Channels.WithinAsync<string, Texts>,
        ["monitor-pair"] = GlobalLocks.MonitorAsync,
        ["lock-pair"] = GlobalLocks.LockAsync,
        ["kill"] = Recovery.MeasureAsync,
        ["capacity"] = static settings => Recovery.NextCallAsync(settings, spares: 0, fromOutside: false),
        ["capacity-spare"] = static settings => Recovery.NextCallAsync(settings, spares: 1, fromOutside: false),
        ["capacity-outside"] = static settings => Recovery.NextCallAsync(settings, spares: 0, fromOutside: true),
        ["capacity-outside-spare"] = static settings => Recovery.NextCallAsync(settings, spares: 1, fromOutside: true),
        ["fresh-worker"] = Recovery.FreshWorkerAsync,
        ["task-result"] = PlatformPeers.TaskResultAsync,
        ["task-await"] = PlatformPeers.TaskAwaitedAsync,
        ["task-await-context"] = PlatformPeers.TaskAwaitedInContextAsync,
        ["new-thread"] = PlatformPeers.NewThreadAsync,
        ["channel"] = PlatformPeers.ChannelAsync,
        ["task-tiny"] = PlatformPeers.TinyAsync,
        ["task-tiny-texts"] = PlatformPeers.TinyTextsAsync,
        ["plinq"] = PlatformPeers.QueryAsync,
        ["plinq-records"] = PlatformPeers.QueryRecordsAsync,
        ["bare-scaling"] = Scaling.BareAsync,
        ["cold-new-thread"] = ColdStarts.PlainThreadAsync,
        ["cold-task"] = ColdStarts.TaskRunAsync,
    };

    // These end with a number.
    private static readonly Dictionary<string, Func<Settings, int, Task<Line[]>>> Numbered = new()
    {
        ["workers"] = Growth.WorkersAsync,
        ["queued"] = Growth.QueuedAsync,
        ["memory"] = static (_, workers) => Memory.PerWorkerAsync(workers),
    };

    public static Task<Line[]> MeasureAsync(string what, Settings settings)
    {
        if (Known.TryGetValue(what, out Func<Settings, Task<Line[]>>? measure))
            return measure(settings);
        int dash = what.LastIndexOf('-');
        return dash > 0 && Numbered.TryGetValue(what[..dash], out Func<Settings, int, Task<Line[]>>? numbered)
            ? numbered(settings, int.Parse(what.AsSpan(dash + 1), CultureInfo.InvariantCulture))
            : throw new MissingException($"unknown: '{what}'; known: {string.Join(", ", Known.Keys)}, {string.Join(", ", Numbered.Keys.Select(static k => k + "-N"))}");
    }
}
