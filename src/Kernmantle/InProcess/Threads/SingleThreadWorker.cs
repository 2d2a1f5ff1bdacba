using Kernmantle.Functions;
using Kernmantle.Logging;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.InProcess.Threads;

/// <summary>A single worker on a thread of its own.</summary>
internal sealed class SingleThreadWorker<TArgs, TResult>(string name, ValueCall<TArgs, TResult> call, IReadOnlyList<object?> arguments, ThreadWorkerOptions options)
    : SingleWorker<TArgs, TResult>(name, call, arguments, options)
{
    private readonly CancellationTokenSource stopping = new();
    private readonly ManualResetEventSlim begun = new();

    public override int? ProcessId => Environment.ProcessId;

    /// <summary>Returns when the thread runs, as Python's start does: what it writes first comes before what the caller writes next.</summary>
    private protected override void Begin()
    {
        new Thread(Run, options.StackSizeBytes) { Name = Name, IsBackground = options.Background }.Start();
        begun.Wait();
    }

    public override void RequestStop()
    {
        Move(WorkerState.Running, WorkerState.Stopping);
        stopping.Cancel();
    }

    public override void Kill() => throw new NotSupportedException(
        $"Worker {Name} is a thread, and .NET cannot kill a thread without harm to the rest of the program. Use Worker.OnProcess for code that may have to be killed, or RequestStop.");

    private void Run()
    {
        WorkerContext.Current = new(Name, Id, 1, Log, stopping.Token);
        Outcome outcome;
        begun.Set();
        using (Log.BeginScope(new WorkerScope(Name, Environment.ProcessId, NativeThread.Id)))
            outcome = Call.InvokeAsync(new LocalInstances(), stopping.Token).AsTask().GetAwaiter().GetResult();
        ThreadUsage? used = ThreadUsage.OfThisThread();
        End(outcome, new()
        {
            Reason = outcome.IsCancelled || outcome.Failure is not null ? WorkerExitReason.Failed : WorkerExitReason.Completed,
            CpuTime = used?.CpuTime,
            VoluntaryContextSwitches = used?.VoluntaryContextSwitches,
            InvoluntaryContextSwitches = used?.InvoluntaryContextSwitches,
        });
    }
}
