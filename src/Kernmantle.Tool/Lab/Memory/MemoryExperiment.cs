using System.Runtime.InteropServices;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Memory;

/// <summary>
/// Sends a visitor into threads and processes. It looks for the host's things at their addresses, changes what it can reach, and the host
/// looks which of the changes arrived.
/// </summary>
internal sealed class MemoryExperiment() : Experiment("memory", "What do threads and processes share?")
{
    private const int Rounds = 5, ThreadsPerRound = 64;

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        context.Step("two threads", 0);
        Visits threads;
        Visits processes;
        await using (WorkerPool pool = WorkerPool.Threads(1, new() { LoggerFactory = context.Loggers }))
        await using (WorkerPool other = WorkerPool.Threads(1, new() { LoggerFactory = context.Loggers }))
            threads = VisitBoth(pool, other);
        context.Step("two processes", 0.2);
        await using (WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = context.Loggers }))
        await using (WorkerPool other = WorkerPool.Processes(1, new() { LoggerFactory = context.Loggers }))
            processes = VisitBoth(pool, other);
        context.Step("exit record", 0.5);
        Worker<int> recorded = Worker.OnProcess("recorded", static () => Environment.ProcessId, new() { LoggerFactory = context.Loggers });
        WorkerExit exit = await recorded.RunAsync(context.Stopping);
        context.Step("memory per thread and process", 0.6);
        MemoryMeasured measured = new()
        {
            Thread = threads.Shared,
            Process = processes.Shared,
            VisitorCpu = processes.WorkerCpu,
            HostCpu = processes.HostCpu,
            HasExitRecord = exit is { CpuTime: not null, PeakMemoryBytes: not null },
            HasMainThread = processes.First.HasMainThread,
            ThreadsInProcess = processes.First.Threads,
            SharedCodeBytes = processes.First.SharedCodeBytes,
            BytesPerThread = await PerThreadAsync(context),
            BytesPerProcess = await PerProcessAsync(context),
        };
        return new(
            MemoryFigures.Of(measured),
            MemoryVerdicts.Judge(measured),
            [MemoryMap.Draw(threads, processes), MemoryFigures.Plot(measured)],
            [MemoryMap.Table(threads, processes)],
            []);
    }

    /// <summary>The first visitor is judged, both are drawn.</summary>
    private static unsafe Visits VisitBoth(WorkerPool pool, WorkerPool otherPool)
    {
        pool.Run(static () => 0);   // started, so that its start is on nobody's clock
        string file = Path.Combine(Path.GetTempPath(), $"kern-{Guid.NewGuid():N}");
        string assembly = $"kern-landmark-{Guid.NewGuid():N}";
        long token = Random.Shared.NextInt64();
        long* native = (long*)NativeMemory.Alloc(sizeof(long));
        try
        {
            long local = token;   // of this method's stack, which the visitor may reach through its address
            Cell cell = new() { Value = token };
            *native = token;
            Landmarks.Static = token;
            Visit visit = pool.Run(static (sought, cell) => Landmarks.Visit(sought, cell), new Sought(token, (long)native, (long)&local, file, assembly), cell);
            (double workerCpu, double hostCpu) = Compute(pool);
            Mapping ownStack = Proc.MappingOf((long)&local);
            Shared shared = new()
            {
                Process = visit.ProcessId == Environment.ProcessId,
                Data = Landmarks.Static == token + 1,
                Heap = cell.Value == token + 1,
                Addresses = visit.AtHeapAddress == token,
                // The same numbers in another address space are another stack.
                Stack = visit.ProcessId == Environment.ProcessId && visit.StackFrom == ownStack.From,
                StackReachable = Volatile.Read(ref local) == token + 1,
                Code = AppDomain.CurrentDomain.GetAssemblies().Any(loaded => loaded.GetName().Name == assembly),
                Files = Landmarks.HasOpen(visit.Descriptor, file),
                // More than half of the visitor's work: the host itself does next to nothing meanwhile.
                CpuTime = hostCpu > workerCpu / 2,
            };
            Visit other = otherPool.Run(static (sought, cell) => Landmarks.Visit(sought, cell), new Sought(token, (long)native, (long)&local, file, assembly), cell);
            return new(visit, other, shared, workerCpu, hostCpu, new(Landmarks.CodeAddress, Landmarks.StaticAddress, Landmarks.HeapAddress, (long)&local));
        }
        finally
        {
            Landmarks.CloseAll();
            File.Delete(file);
            NativeMemory.Free(native);
        }
    }

    /// <summary>The same work on the worker's processor clock and on this process's.</summary>
    private static (double Worker, double Host) Compute(WorkerPool pool)
    {
        pool.Run(static () => Landmarks.Compute());   // prepared: the first call of a function makes the host work too
        TimeSpan before = Environment.CpuUsage.TotalTime;
        double worker = pool.Run(static () => Landmarks.Compute());
        return (worker, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    /// <summary>Measured in fresh processes, where nothing else comes and goes.</summary>
    private static async Task<Spread> PerThreadAsync(LabContext context)
    {
        List<double> bytes = [];
        for (int round = 0; round < Rounds; round++)
        {
            Worker<double> worker = Worker.OnProcess("threads", PerThread, ThreadsPerRound, new() { LoggerFactory = context.Loggers });
            (await worker.RunAsync(context.Stopping)).ThrowIfFailed();
            bytes.Add(worker.Result);
        }
        return Spread.Of(bytes);
    }

    internal static double PerThread(int threads)
    {
        using WorkerPool first = WorkerPool.Threads(1);
        first.Run(static () => 0);   // what the first thread loads, no later one does
        long before = Proc.ResidentBytes();
        using WorkerPool pool = WorkerPool.Threads(threads);
        pool.StartAsync().GetAwaiter().GetResult();
        pool.Run(static () => 0);
        return Math.Max(0, Proc.ResidentBytes() - before) / (double)threads;
    }

    private static async Task<Spread> PerProcessAsync(LabContext context)
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = context.Loggers });
        await pool.StartAsync(context.Stopping);
        List<double> bytes = [];
        for (int round = 0; round < Rounds; round++)
            bytes.Add(await pool.RunAsync(static () => Proc.ProportionalBytes(), context.Stopping));
        return Spread.Of(bytes);
    }
}

/// <summary>The addresses of the host's landmarks.</summary>
internal sealed record Addresses(long Code, long Static, long Heap, long Stack);

/// <summary>Two visitors in places of one kind.</summary>
internal sealed record Visits(Visit First, Visit Second, Shared Shared, double WorkerCpu, double HostCpu, Addresses Host);
