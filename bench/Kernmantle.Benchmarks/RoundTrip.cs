using System.Diagnostics;

namespace Kernmantle.Benchmarks;

/// <summary>One call there and back on a worker that is ready, one call at a time.</summary>
internal static class RoundTrip
{
    private const string Python = "ProcessPoolExecutor (spawn)", PlainThread = "new Thread, start, join", TaskRun = "await Task.Run";

    public static async Task<Table> MeasureAsync(PythonPeer? python, int rounds, int calls)
    {
        var table = new Table("Call round trip", "µs");
        Samples processAsync = table.Ours("process pool, await RunAsync"), process = table.Ours("process pool, Run");
        Samples threadAsync = table.Ours("thread pool, await RunAsync"), thread = table.Ours("thread pool, Run");
        Samples? peer = null;
        if (python is null)
            table.MissingPeer(Python);
        else
            peer = table.Peer(Python);
        Samples plain = table.Peer(PlainThread), task = table.Peer(TaskRun), blocking = table.Peer("Task.Run(...).Result");
        await using WorkerPool processes = WorkerPool.Processes(1), threads = WorkerPool.Threads(1);
        await processes.StartAsync();
        await threads.StartAsync();
        python?.Open(1);
        for (int round = -1; round < rounds; round++)
        {
            bool counts = round >= 0;   // the first one compiles and warms up
            await RepeatAsync(processAsync, counts, calls, i => processes.RunAsync(static n => Work.Increment(n), i));
            peer?.AddRange(counts ? python!.Calls(calls).Select(static s => s * 1e6) : []);
            Repeat(process, counts, calls, i => processes.Run(static n => Work.Increment(n), i));
            await RepeatAsync(threadAsync, counts, calls, i => threads.RunAsync(static n => Work.Increment(n), i));
            Repeat(thread, counts, calls, i => threads.Run(static n => Work.Increment(n), i));
            await RepeatAsync(task, counts, calls, static i => Task.Run(() => Work.Increment(i)));
            Repeat(blocking, counts, calls, static i => Task.Run(() => Work.Increment(i)).Result);
            Repeat(plain, counts, calls, static i =>
            {
                Work.OnPlainThread();
                return i + 1;
            });
        }
        python?.Close();
        return table;
    }

    private static async Task RepeatAsync(Samples samples, bool counts, int calls, Func<int, Task<int>> call)
    {
        for (int i = 0; i < calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            int result = await call(i);
            Add(samples, counts, start, result, i);
        }
    }

    private static void Repeat(Samples samples, bool counts, int calls, Func<int, int> call)
    {
        for (int i = 0; i < calls; i++)
        {
            long start = Stopwatch.GetTimestamp();
            int result = call(i);
            Add(samples, counts, start, result, i);
        }
    }

    private static void Add(Samples samples, bool counts, long start, int result, int i)
    {
        // Not through TimeSpan, whose tick is 0.1 µs.
        double elapsed = (Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency;
        Work.Check(result, i + 1);
        if (counts)
            samples.Add(elapsed);
    }
}
