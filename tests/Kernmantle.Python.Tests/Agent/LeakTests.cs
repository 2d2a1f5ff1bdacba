using System.Threading.Channels;
using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Python.Tests.Pools;

namespace Kernmantle.Python.Tests.Agent;

/// <summary>Pools that lived, crashed and were killed leave nothing: no process, descriptor, mapping or file.</summary>
[Collection(typeof(Alone))]
public sealed class LeakTests : PythonTests
{
    private static readonly SharedArray<int> Kept = new(10);

    [Fact]
    [Repeated]
    public async Task Nothing_is_left()
    {
        await CycleAsync();   // what the runtime opens once and keeps
        int files = Descriptors(), mappings = Mappings();
        HashSet<int> workers = [];
        int cycles = Repetitions.Of(quick: 5, atLength: 20);   // more than the descriptors that may come by chance
        for (int i = 0; i < cycles; i++)
            workers.UnionWith(await CycleAsync());
        await Until(() => !workers.Any(static pid => Directory.Exists($"/proc/{pid}")), "no worker is left");
        await Until(() => Descriptors() <= files + 3, $"no more descriptors than {files}, now {Descriptors()}");
        await Until(() => Mappings() <= mappings, $"no more mappings than {mappings}, now {Mappings()}");
    }

    [Fact]
    public async Task A_worker_does_not_gather_the_memory_of_its_calls()
    {
        await using PythonPool pool = Create();
        int pid = await pool.CallAsync<int>("kmtests:pid");
        int Count() => File.ReadAllLines($"/proc/{pid}/maps").Count(static l => l.Contains("kernmantle-python", StringComparison.Ordinal))
            + Directory.GetFiles($"/proc/{pid}/fd").Length;
        double[] array = new double[20_000];
        for (int i = 0; i < 20; i++)
            await pool.CallAsync<double[]>("kmtests:same", array);
        int before = Count();
        for (int i = 0; i < 200; i++)
        {
            await pool.CallAsync<double[]>("kmtests:same", array);
            await pool.CallAsync<double[]>("kmtests:filled", 20_000, 1.0);
            await pool.CallAsync<int>("kmtests:keep", array);   // lets go of the one before
            await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<object?>("kmtests:double_and_fail", array));
        }
        Assert.InRange(Count(), 1, before + 10);
    }

    [Fact]
    public async Task What_a_worker_was_handed_and_let_go_of_neither_side_keeps()
    {
        await using PythonPool pool = Create();
        int pid = await pool.CallAsync<int>("kmtests:pid");
        int Count() => File.ReadAllLines($"/proc/{pid}/maps").Count(static l => l.Contains("kernmantle-state", StringComparison.Ordinal))
            + Directory.GetFiles($"/proc/{pid}/fd").Length;
        await HandAsync(pool);
        int before = Count();
        List<WeakReference> handed = [];
        for (int i = 0; i < 50; i++)
            handed.AddRange(await HandAsync(pool));
        Assert.InRange(Count(), 1, before + 10);
        await Until(
            () =>
            {
                GC.Collect();
                return handed.Count(static h => h.IsAlive) < 4;   // the last ones may still be on a stack
            },
            "the host has let go");
    }

    private static async Task<WeakReference[]> HandAsync(PythonPool pool)
    {
        var channel = Channel.CreateUnbounded<object>();
        var array = new SharedArray<int>(100_000);
        channel.Writer.TryWrite(Channel.CreateUnbounded<int>());
        await pool.CallAsync<object?>("kmtests:keep_object", array);
        await pool.CallAsync<object?>("kmtests:keep_object_slice", array, 10, 20);
        Assert.IsAssignableFrom<Channel<int>>(await pool.CallAsync<object?>("kmtests:get", channel));
        await pool.CallAsync<object?>("kmtests:forget_object");
        return [new(channel), new(array)];
    }

    private async Task<int[]> CycleAsync()
    {
        await using PythonPool pool = Create(2, new() { KillGrace = TimeSpan.FromMilliseconds(20) });
        using Gate reached = new();
        double[] array = new double[20_000];
        int[] workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.CallAsync<int>("kmtests:pid")));
        AssertNumbers(array, await pool.CallAsync<double[]>("kmtests:same", array));
        await pool.CallAsync<int>("kmtests:keep", array);
        await pool.CallAsync<object?>("kmtests:keep_object", Kept);
        var channel = Channel.CreateUnbounded<int>();
        channel.Writer.TryWrite(1);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("kmtests:take_and_die", channel));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("kmtests:crash", array));
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.CallAsync<object?>("kmtests:hold_lock", PythonArguments.Of(reached.Path), new() { Timeout = TimeSpan.FromMilliseconds(20) }));
        using var cancel = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.CallAsync<object?>("kmtests:aio_hold_lock", PythonArguments.None, null, cancel.Token));
        return [.. workers, .. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.CallAsync<int>("kmtests:pid")))];
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static int Mappings() => File.ReadAllLines("/proc/self/maps").Count(static l => l.Contains("kernmantle-python", StringComparison.Ordinal));
}
