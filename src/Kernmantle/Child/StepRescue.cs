namespace Kernmantle.Child;

/// <summary>
/// Looks whether a step waits for a main thread that does not come back: it blocks, perhaps on that very step, or computes. The pool gets the step then, one
/// or two milliseconds after it was posted. A thread of its own, since the pool's may all be blocked; it sleeps while nothing is posted.
/// </summary>
internal sealed class StepRescue(MainThread main)
{
    private const int Awake = 0, Asleep = 1, NotStarted = 2;

    /// <summary>Looks without a step before it sleeps: a function that awaits again and again does not wake it each time.</summary>
    private const int IdleLooks = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    private readonly object gate = new();

    /// <summary>Set to asleep by its own thread, before a last look; to awake by who has posted a step.</summary>
    private int state = NotStarted;

    /// <summary>The main thread has posted a step that it is to run itself.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref state) == Awake)
            return;
        switch (Interlocked.Exchange(ref state, Awake))
        {
            case NotStarted:
                new Thread(Look) { IsBackground = true, Name = "Kernmantle step rescue" }.UnsafeStart();
                break;
            case Asleep:
                lock (gate)
                    Monitor.Pulse(gate);
                break;
        }
    }

    private void Look()
    {
        object? seen = null;
        for (int idle = 0; ; )
        {
            object? waiting = main.Waiting;
            if (waiting is not null && waiting == seen)
                main.GiveToPool(waiting);
            seen = waiting;
            idle = waiting is null ? idle + 1 : 0;
            if (idle >= IdleLooks)
            {
                Sleep();
                idle = 0;
            }
            else
            {
                Pause();
            }
        }
    }

    private void Pause()
    {
        lock (gate)
            Monitor.Wait(gate, Interval);
    }

    private void Sleep()
    {
        Interlocked.Exchange(ref state, Asleep);   // before the look: who posts after it sees it
        if (main.Waiting is not null)
        {
            Volatile.Write(ref state, Awake);
            return;
        }
        lock (gate)
        {
            while (Volatile.Read(ref state) == Asleep)
                Monitor.Wait(gate);
        }
    }
}
