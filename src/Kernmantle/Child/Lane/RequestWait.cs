using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>How the main thread of a worker waits for requests: awake for a while, then asleep.</summary>
/// <param name="words">Of the lane.</param>
/// <param name="requests">What it waits for.</param>
/// <param name="spin">How long it looks.</param>
internal sealed unsafe class RequestWait(LinkWords* words, RingReader requests, AdaptiveSpin spin)
{
    private int woken;

    /// <summary>The host was woken since the last wait. Racy: it only decides how the next wait looks.</summary>
    public bool Woke { private get; set; }

    /// <summary>Nobody looks for the answer to the last quick call: the host's threads may want this processor for what comes after it.</summary>
    public bool IsUnattended { private get; set; }

    /// <summary>Until there is a request, or <see cref="Wake"/> is called; may return for no reason.</summary>
    public void Wait()
    {
        if (spin.IsWorthwhile)
        {
            var wait = new AdaptiveSpin.Wait(spin, IsUnattended || (Woke && spin.IsCalm));
            Woke = false;
            do
            {
                if (requests.HasRecord || Volatile.Read(ref woken) != 0)
                {
                    wait.Succeeded();
                    Interlocked.Exchange(ref woken, 0);
                    return;
                }
            }
            while (wait.Next());
        }
        int seen = Volatile.Read(ref words->WorkerBell);
        Interlocked.Exchange(ref words->WorkerWaiting, 1);
        if (!requests.HasRecord && Volatile.Read(ref woken) == 0)
            Futex.Wait(ref words->WorkerBell, seen);
        Volatile.Write(ref words->WorkerWaiting, 0);
        Interlocked.Exchange(ref woken, 0);   // cleared before the waiter looks at the ring again
    }

    /// <summary>Ends the wait. By any thread.</summary>
    public void Wake()
    {
        Interlocked.Exchange(ref woken, 1);
        Futex.Signal(ref words->WorkerBell);
    }
}
