using System.Globalization;
using Kernmantle.Api.Inspection;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle;

/// <summary>
/// A look into this program's pools while they work: what the dashboard and <c>kern top</c> show. While one exists the inspection is switched on: the last deaths and the log are kept, and
/// each worker's calls counted. While somebody looks (<see cref="Look"/>) calls are timed as well. Without either a call costs one look at a flag.
/// </summary>
/// <remarks>Thread-safe. What it keeps is bounded: 50 deaths, 2000 records, 200 functions of each pool.</remarks>
public sealed class Inspector : IDisposable
{
    /// <summary>The first stacks start a helper process, and it reads at its own pace.</summary>
    private static readonly TimeSpan StacksBudget = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly List<InspectionSocket> sockets = [];
    private bool isOver;

    private Inspector() => Watch.Switch(on: true);

    /// <summary>Switches the inspection on, until the returned object is disposed of. Several may have it on; they see the same.</summary>
    public static Inspector SwitchOn() => new();

    /// <summary>Times calls by function until the returned object is disposed of: costs each call some 20 ns. Figures add up over several looks.</summary>
    /// <exception cref="ObjectDisposedException">It is switched off.</exception>
    public IDisposable Look()
    {
        Check();
        return new Looking();
    }

    /// <summary>What all pools of this process do now. Takes some 10 µs for each worker, and holds up each pool for a part of that.</summary>
    /// <param name="logAfter">Only records of the log after that number (<see cref="LogSnapshot.Number"/>); 0 for all that are kept.</param>
    /// <exception cref="ObjectDisposedException">It is switched off.</exception>
    public ProgramSnapshot Take(long logAfter = 0)
    {
        Check();
        return SnapshotReader.Take(logAfter);
    }

    /// <summary>
    /// Lets <c>kern top</c>, of this user or root, watch this program, through a Unix socket of mode 0600, until this is disposed of. Who connects gets snapshots, one a line, and can do nothing else.
    /// </summary>
    /// <param name="path">The socket; null for one that <c>kern top</c> finds by itself.</param>
    /// <returns>The path of the socket.</returns>
    /// <exception cref="IOException">Something is there already, or the folder is missing or is not this user's alone; the message says which, and what to do.</exception>
    /// <exception cref="PlatformNotSupportedException">This is Windows.</exception>
    /// <exception cref="ObjectDisposedException">It is switched off.</exception>
    public string Listen(string? path = null)
    {
        Check();
        var socket = InspectionSocket.Open(this, path);
        lock (gate)
        {
            if (!isOver)
            {
                sockets.Add(socket);
                return socket.Path;
            }
        }
        socket.Dispose();
        throw new ObjectDisposedException(nameof(Inspector));
    }

    /// <summary>Kills a worker process at once. Its call fails with <see cref="WorkerCrashedException"/> (<see cref="CrashReason.Killed"/>), and another worker takes its place.</summary>
    /// <param name="worker">Its <see cref="WorkerSnapshot.Id"/>.</param>
    /// <exception cref="InvalidOperationException">There is no such worker any more.</exception>
    /// <exception cref="NotSupportedException">It is a thread.</exception>
    public void KillWorker(string worker)
    {
        (Scheduler pool, int slot, long generation) = Find(worker);
        pool.Interventions.Kill(slot, generation);
    }

    /// <summary>Has a worker replaced as soon as it runs nothing: at once, where it runs nothing now.</summary>
    /// <param name="worker">Its <see cref="WorkerSnapshot.Id"/>.</param>
    /// <exception cref="InvalidOperationException">There is no such worker any more, or objects of a <see cref="Remote{T}"/> live in it.</exception>
    /// <exception cref="NotSupportedException">The pool is inline.</exception>
    public void RecycleWorker(string worker)
    {
        (Scheduler pool, int slot, long generation) = Find(worker);
        pool.Interventions.Recycle(slot, generation);
    }

    /// <summary>What each thread of a worker process does: of .NET if the package <c>Kernmantle.Diagnostics</c> is referenced, of Python by itself. It stands still for 20 to 200 ms.</summary>
    /// <param name="worker">Its <see cref="WorkerSnapshot.Id"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">There is no such worker any more, or it cannot be looked at; the message says why.</exception>
    public Task<string> TakeStacksAsync(string worker, CancellationToken cancellationToken = default)
    {
        (Scheduler pool, int slot, long generation) = Find(worker);
        return pool.Interventions.TakeStacksAsync(slot, generation, StacksBudget).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Cancels a call as if its caller had: its token first, then its worker is killed if it does not follow (<see cref="WorkerPoolOptions.KillGrace"/>). Does not wait. Short calls of one function that
    /// joined on their way are one here, as the items of a map are (<see cref="CallSnapshot.Items"/>): those of them that are not answered are all cancelled.
    /// </summary>
    /// <param name="call">Its <see cref="CallSnapshot.Id"/>.</param>
    /// <exception cref="InvalidOperationException">There is no such call any more.</exception>
    public void CancelCall(long call)
    {
        Check();
        if (!Watch.Pools.Any(pool => pool.Interventions.Cancel(call)))
            throw new InvalidOperationException("That call has ended.");
    }

    /// <summary>Disposes of a pool, for good: it refuses new calls, and lets the others finish for <see cref="WorkerPoolOptions.DrainTimeout"/>. Does not wait.</summary>
    /// <param name="pool">Its <see cref="PoolSnapshot.Number"/>.</param>
    /// <exception cref="InvalidOperationException">There is no such pool any more.</exception>
    public void DrainPool(int pool)
    {
        Check();
        Scheduler drained = Watch.Pools.FirstOrDefault(each => each.Number == pool) ?? throw new InvalidOperationException("That pool has ended.");
        _ = drained.Shutdown.BeginAsync();   // what goes wrong there is logged, and thrown to whoever disposes of the pool
    }

    /// <summary>Switches it off, and closes its sockets.</summary>
    public void Dispose()
    {
        InspectionSocket[] open;
        lock (gate)
        {
            if (isOver)
                return;
            isOver = true;
            open = [.. sockets];
        }
        foreach (InspectionSocket socket in open)
            socket.Dispose();
        Watch.Switch(on: false);
    }

    private (Scheduler Pool, int Slot, long Generation) Find(string worker)
    {
        Check();
        ArgumentException.ThrowIfNullOrEmpty(worker);
        string[] parts = worker.Split('.');
        if (parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int slot)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long generation))
            throw new ArgumentException($"'{worker}' names no worker: take the {nameof(WorkerSnapshot.Id)} of a snapshot.", nameof(worker));
        Scheduler? pool = Watch.Pools.FirstOrDefault(each => each.Number == number);
        return (pool ?? throw new InvalidOperationException("The pool of that worker has ended."), slot, generation);
    }

    private void Check()
    {
        lock (gate)
            ObjectDisposedException.ThrowIf(isOver, this);
    }

    private sealed class Looking : IDisposable
    {
        private int isOver;

        public Looking() => Watch.Look(begins: true);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
                Watch.Look(begins: false);
        }
    }
}
