using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Scale;

/// <summary>Pools of growing size: what each worker takes, and what a call costs while the others are idle.</summary>
internal sealed class ScaleExperiment() : Experiment("scale", "What do more workers cost, up to 500 threads and 64 processes?")
{
    private const int CallsPerBatch = 200, Batches = 7;

    /// <summary>More than a worker process takes; it decides how many this machine has room for.</summary>
    private const long BytesPerProcess = 32 << 20;

    /// <summary>All of them start at once: where others have the cores, the last one of 64 is ready late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly int[] ThreadCounts = [1, 10, 100, 500], ProcessCounts = [1, 4, 16, 64];

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        List<PoolSize> threads = [], processes = [];
        List<string> notes = [];
        foreach (int count in ThreadCounts)
        {
            context.Step($"{count} threads", 0.05 * threads.Count);
            // In a process of its own: there, nothing else comes and goes.
            Worker<PoolSize> worker = Worker.OnProcess("scale", Threads, count, new() { LoggerFactory = context.Loggers });
            (await worker.RunAsync(context.Stopping)).ThrowIfFailed();
            threads.Add(worker.Result);
        }
        int answered = 0;
        bool right = true;
        foreach (int count in ProcessCounts)
        {
            if (count > 1 && Proc.AvailableBytes() < 2 * count * BytesPerProcess)
            {
                notes.Add($"Not measured: {count} processes; the machine has only {Units.Format(Proc.AvailableBytes(), Unit.Bytes)} to give.");
                continue;
            }
            context.Step($"{count} processes", 0.2 + 0.2 * processes.Count);
            (PoolSize size, answered, right) = await ProcessesAsync(context, count);
            processes.Add(size);
        }
        ScaleMeasured measured = new(threads, processes, answered, right);
        return new(measured.Figures(), ScaleVerdicts.Judge(measured), measured.Plots(), [measured.Table()], notes);
    }

    internal static PoolSize Threads(int count)
    {
        using (WorkerPool first = WorkerPool.Threads(1))
            first.Run(static () => 0);   // what the first thread loads, no later one does
        long before = Proc.ResidentBytes();
        using WorkerPool pool = WorkerPool.Threads(count);
        double start = Turns.Time(() => pool.StartAsync().GetAwaiter().GetResult());
        long bytes = Math.Max(0, Proc.ResidentBytes() - before);
        return new(count, start, bytes / (double)count, Calls(pool));
    }

    private static async Task<(PoolSize Size, int Answered, bool Right)> ProcessesAsync(LabContext context, int count)
    {
        await using WorkerPool pool = WorkerPool.Processes(count, new() { LoggerFactory = context.Loggers, StartTimeout = Patience });
        double start = await Turns.TimeAsync(() => pool.StartAsync(context.Stopping));
        double bytes = Proc.Children().Sum(Proc.ProportionalBytes);
        PoolSize size = new(count, start, bytes / count, Calls(pool));
        // Long enough, each, that nobody takes them all: a millisecond of waiting.
        List<(int Process, int Square)> results = [];
        await foreach (MapResult<int, (int, int)> item in pool.MapAsync(static n => Square(n), Enumerable.Range(0, 4 * count), cancellationToken: context.Stopping))
            results.Add(item.Value);
        bool right = results.Select(static result => result.Square).SequenceEqual(Enumerable.Range(0, 4 * count).Select(static n => n * n));
        return (size, results.Select(static result => result.Process).Distinct().Count(), right);
    }

    private static async Task<(int Process, int Square)> Square(int n)
    {
        await Task.Delay(10);
        return (Environment.ProcessId, n * n);
    }

    private static Spread Calls(WorkerPool pool)
    {
        Batch(pool);   // the first ones prepare the function
        return Spread.Of(Enumerable.Range(0, Batches).Select(_ => Batch(pool)));
    }

    private static double Batch(WorkerPool pool) => Turns.Time(() =>
    {
        for (int i = 0; i < CallsPerBatch; i++)
            pool.Run(static () => 0);
    }) / CallsPerBatch;
}
