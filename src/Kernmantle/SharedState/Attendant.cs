using Kernmantle.Platform.Linux;

namespace Kernmantle.SharedState;

/// <summary>What an <see cref="Attendant"/> looks after.</summary>
internal interface IAttended
{
    /// <summary>What it sleeps on. Whoever changes something that is waited for changes this.</summary>
    ref int Bell { get; }

    /// <summary>Nobody changes anything any more.</summary>
    bool HasEnded { get; }

    /// <summary>Looks for all that wait whether they need to no longer; whether somebody still does.</summary>
    bool Look();
}

/// <summary>
/// A thread that sleeps on a bell for all in this process who wait there without one of their own. It is there while somebody waits, and a few seconds longer: until then it is woken like any other, and what it was woken for and
/// nobody here takes is another one's, which is for <see cref="IAttended.Look"/> to see to. Thread-safe.
/// </summary>
/// <param name="attended">For whom.</param>
/// <param name="name">The thread's.</param>
internal sealed class Attendant(IAttended attended, string name)
{
    /// <summary>Of what others were woken for and did not take, the attendant hears by this.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>It ends when nobody has needed it for so many looks.</summary>
    private const int LooksUnneeded = 5;

    private const int StackBytes = 256 << 10;

    private readonly Lock gate = new();
    private bool isThere;
    private bool isCalled;

    /// <summary>To be called when somebody has begun to wait, and <see cref="IAttended.Look"/> would find him.</summary>
    public void Call()
    {
        lock (gate)
        {
            isCalled = true;
            if (isThere)
                return;
            isThere = true;
        }
        new Thread(Run, StackBytes) { IsBackground = true, Name = name }.Start();
    }

    private void Run()
    {
        int unneeded = 0;
        while (true)
        {
            lock (gate)
                isCalled = false;
            int seen = Volatile.Read(ref attended.Bell);
            bool isLast = attended.HasEnded;
            unneeded = attended.Look() ? 0 : unneeded + 1;
            if (unneeded > 0 && (isLast || unneeded > LooksUnneeded) && TryEnd())
                return;
            Futex.Wait(ref attended.Bell, seen, LookAgain);
        }
    }

    /// <summary>False: somebody has come since the last look.</summary>
    private bool TryEnd()
    {
        lock (gate)
        {
            isThere = isCalled;
            return !isThere;
        }
    }
}
