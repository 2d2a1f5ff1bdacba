using System.Diagnostics;
using Microsoft.Diagnostics.NETCore.Client;

namespace Kernmantle.Diagnostics;

/// <summary>
/// Evidence from worker processes of .NET: what each of their threads was doing. Read by a helper process, which has let go of the worker before
/// that is killed. Thread-safe.
/// </summary>
/// <remarks>
/// The system must allow one process of a user to look at another: as root always, else with <c>kernel.yama.ptrace_scope = 0</c>. Threads of this
/// process cannot be looked at: whoever stops them would have to be one of them. See docs/diagnostics.md.
/// </remarks>
public static class WorkerDiagnostics
{
    private static readonly Lock Gate = new();

    /// <summary>What reads another runtime's memory may trip over a structure that is just being changed, and takes its process along: the helper's, no other.</summary>
    private const int MaxAttempts = 4;

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <summary>Generous: it is done beforehand, perhaps on a crowded machine.</summary>
    private static readonly TimeSpan WarmUpBudget = TimeSpan.FromMinutes(1);

    private static WorkerPool? helper;

    /// <summary>Reads the managed stacks of all threads of a process. It stands still meanwhile, 20 to 200 ms.</summary>
    /// <param name="processId">A process of the same user with a .NET runtime.</param>
    /// <param name="budget">The longest to wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CallTimeoutException">It took longer than the budget. The process goes on.</exception>
    /// <exception cref="RemoteException">It could not be read: no such process, not permitted, no .NET runtime; the message says which.</exception>
    public static async Task<string> CaptureStacksAsync(int processId, TimeSpan budget, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(budget, TimeSpan.Zero);
        long start = Stopwatch.GetTimestamp();
        bool stoppedBefore = LeftBehind.IsStopped(processId);
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan left = budget - Stopwatch.GetElapsedTime(start);
            try
            {
                var options = new CallOptions { Timeout = left > Least ? left : Least, Name = $"stacks of process {processId}" };
                return await Helper().With(options).RunAsync(StackReader.Read, processId, cancellationToken).ConfigureAwait(false);
            }
            catch (WorkerCrashedException) when (attempt < MaxAttempts && left > Least)
            {
                await LeftBehind.ResumeAsync(processId, stoppedBefore).ConfigureAwait(false);   // then at another moment, with another structure
            }
            catch (Exception e) when (e is WorkerCrashedException or CallTimeoutException or OperationCanceledException)
            {
                await LeftBehind.ResumeAsync(processId, stoppedBefore).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Writes a dump of a process's memory to a file.</summary>
    /// <param name="processId">A process of the same user with a .NET runtime.</param>
    /// <param name="path">The file; it must not be there yet.</param>
    /// <param name="budget">The longest to wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CallTimeoutException">It took longer than the budget.</exception>
    /// <exception cref="RemoteException">It could not be written; the message says why.</exception>
    public static async Task WriteDumpAsync(int processId, string path, TimeSpan budget, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(budget, TimeSpan.Zero);
        CallInvoker helper = Helper().With(new() { Timeout = budget, Name = $"dump of process {processId}" });
        await helper.RunAsync(WriteDump, processId, Path.GetFullPath(path), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts the helper, and has it read a process that is started for that: the first reading costs some 200 ms, of which most is compiling and loading.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RemoteException">This system does not permit it; the message says why.</exception>
    public static async Task WarmUpAsync(CancellationToken cancellationToken = default)
    {
        WorkerPool read = WorkerPool.Processes(1, new() { Name = "diagnostics-rehearsal", Evidence = null });
        await using (read.ConfigureAwait(false))
        {
            int processId = await read.RunAsync(static () => Environment.ProcessId, cancellationToken).ConfigureAwait(false);
            await CaptureStacksAsync(processId, WarmUpBudget, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void WriteDump(int processId, string path) => new DiagnosticsClient(processId).WriteDump(DumpType.WithHeap, path);

    private static WorkerPool Helper()
    {
        lock (Gate)
            return helper ??= WorkerPool.Processes(1, new() { Name = "diagnostics", Evidence = null });
    }
}
