using System.Diagnostics;

namespace Kernmantle.Benchmarks;

/// <summary>From nothing to the first result.</summary>
internal static class ColdStart
{
    private const string OursPool = "process pool of 1", OursWorker = "Worker.OnProcess";
    public const string Python = "ProcessPoolExecutor (spawn) of 1", PlainThread = "new Thread, start, join", TaskRun = "Task.Run";

    public static async Task<Table> MeasureAsync(PythonPeer? python, int rounds)
    {
        var table = new Table("Start to first result", "ms", new Goal(OursPool, Python, 0.8));
        Samples pool = table.Ours(OursPool), worker = table.Ours(OursWorker), poolOfThreads = table.Ours("thread pool of 1"), onThread = table.Ours("Worker.OnThread");
        Samples? peer = null;
        if (python is null)
            table.MissingPeer(Python);
        else
            peer = table.Peer(Python);
        Samples thread = table.Peer(PlainThread), task = table.Peer(TaskRun);
        // The first round compiles our own code and starts Python's resource tracker: it warms both sides up and does not count.
        for (int round = -1; round < rounds; round++)
        {
            double ours = await TimeAsync(static () => FirstOfPoolAsync(WorkerPool.Processes(1)));
            double python1 = python?.Cold() * 1000 ?? 0;
            double single = Time(static () => Start(Worker.OnProcess("one", Work.Increment, 41)));
            double threads = await TimeAsync(static () => FirstOfPoolAsync(WorkerPool.Threads(1)));
            double singleThread = Time(static () => Start(Worker.OnThread("one", Work.Increment, 41)));
            double plain = Time(Work.OnPlainThread);
            double running = await TimeAsync(static () => Task.Run(static () => Work.Increment(41)));
            if (round < 0)
                continue;
            pool.Add(ours);
            worker.Add(single);
            poolOfThreads.Add(threads);
            onThread.Add(singleThread);
            peer?.Add(python1);
            thread.Add(plain);
            task.Add(running);
        }
        return table;
    }

    private static void Start(Worker<int> worker)
    {
        worker.Start();
        Work.Check(worker.Result, 42);
    }

    private static async Task<Func<ValueTask>> FirstOfPoolAsync(WorkerPool pool)
    {
        Work.Check(await pool.RunAsync(static n => Work.Increment(n), 41), 42);
        return pool.DisposeAsync;
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<double> TimeAsync(Func<Task> action)
    {
        long start = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>The pool's end is not part of its start.</summary>
    private static async Task<double> TimeAsync(Func<Task<Func<ValueTask>>> action)
    {
        long start = Stopwatch.GetTimestamp();
        Func<ValueTask> after = await action();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await after();
        return elapsed;
    }
}
