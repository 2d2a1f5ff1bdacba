using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane;

/// <summary>
/// Takes the answers that no caller is looking for, for all workers of one pool, on one thread. It sleeps whenever there is nothing to take:
/// a pump that looked as well would be a third looker on two cores.
/// </summary>
internal sealed class CompletionPump : IDisposable
{
    /// <summary>How often it looks by itself while calls are under way: what a worker hid, or a ring that was lost with its ringer, is found then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>The same while there are none: cheap enough to be never felt, and no call waits longer.</summary>
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly SharedMemoryTransport?[] links;
    private readonly List<SharedMemoryTransport> active = [];
    private readonly List<SharedMemoryTransport> pausing = [];
    private readonly Predicate<SharedMemoryTransport> isDone;   // made once: the pump looks some ten thousand times in a second
    private TimeSpan? pause;
    private readonly Action? onPatienceOver;
    private Thread? thread;
    private int highest;
    private volatile bool kicked;
    private volatile bool stopped;

    /// <param name="places">The most workers there are at once, those that are dying included.</param>
    /// <param name="onPatienceOver">Called on the pump's thread about every <see cref="Patience"/> while calls are under way.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no shared memory to be had.</exception>
    /// <param name="pool">The pool; null in tests.</param>
    public CompletionPump(int places, Action? onPatienceOver, IBufferOwner? pool = null)
    {
        Pool = pool;
        Bell = Doorbell.Create(places);
        links = new SharedMemoryTransport?[Bell.Places];
        this.onPatienceOver = onPatienceOver;
        isDone = IsDone;
    }

    public Doorbell Bell { get; }

    public IBufferOwner? Pool { get; }

    /// <summary>The place of a new worker.</summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public int Enter(SharedMemoryTransport link)
    {
        lock (gate)
        {
            int place = Array.IndexOf(links, null);
            if (place < 0)
                throw new InvalidOperationException($"A pool with more than {links.Length} workers alive or dying.");
            links[place] = link;
            highest = Math.Max(highest, place + 1);
            if (thread is null)
            {
                thread = new Thread(Run) { IsBackground = true, Name = "Kernmantle pump" };
                thread.Start();
            }
            return place;
        }
    }

    /// <summary>The worker is gone. Returns when the pump no longer looks at it.</summary>
    public void Leave(SharedMemoryTransport link)
    {
        lock (gate)
        {
            int place = Array.IndexOf(links, link);
            if (place >= 0)
                links[place] = null;
        }
    }

    /// <summary>Makes the pump look at all workers: there is something that no worker rings for.</summary>
    public void Kick()
    {
        kicked = true;
        Bell.SignalPump();
    }

    public void Dispose()
    {
        stopped = true;
        if (thread is null)
        {
            Bell.Dispose();
            return;
        }
        Futex.Signal(ref Bell.Bell);
        if (thread != Thread.CurrentThread)
            thread.Join();
    }

    private void Run()
    {
        long looked = Environment.TickCount64;
        while (!stopped)
        {
            int bell = Volatile.Read(ref Bell.Bell);
            bool busy = Collect();
            while (active.Count > 0 && !stopped)
            {
                active.RemoveAll(isDone);
                busy |= Collect();
            }
            TimeSpan patience = busy ? Patience : IdlePatience;
            Futex.Wait(ref Bell.Bell, bell, pause ?? patience);
            active.AddRange(pausing);
            pausing.Clear();
            pause = null;
            if (Environment.TickCount64 - looked < (long)patience.TotalMilliseconds)
                continue;
            looked = Environment.TickCount64;
            kicked = true;
            if (busy)
                onPatienceOver?.Invoke();
        }
        Bell.Dispose();
    }

    /// <summary>Takes what one has answered. False: look again at once.</summary>
    private bool IsDone(SharedMemoryTransport link)
    {
        if (link.Pump())
            return false;
        if (link.Pause > TimeSpan.Zero)
        {
            pausing.Add(link);
            pause = pause < link.Pause ? pause : link.Pause;
        }
        return true;
    }

    /// <summary>Gathers who rang. Returns whether calls are under way anywhere.</summary>
    private bool Collect()
    {
        bool all = kicked;
        if (all)
            kicked = false;   // a kick from here on is seen in the next round
        bool busy = false;
        lock (gate)
        {
            for (int place = 0; place < highest; place++)
            {
                if (links[place] is not { } link)
                    continue;
                busy |= link.IsBusy;
                if ((Bell.TakeRing(place) || (all && link.NeedsPump)) && !active.Contains(link) && !pausing.Contains(link))
                    active.Add(link);
            }
        }
        return busy;
    }
}
