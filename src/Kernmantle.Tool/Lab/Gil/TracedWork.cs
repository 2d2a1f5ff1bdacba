using System.Diagnostics;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>
/// Three threads that compute under a global lock and one that mostly waits for something else, with a trace of who held the lock when; and
/// the same without the lock.
/// </summary>
internal static class TracedWork
{
    private const int Threads = 4, PieceSteps = 5_000, Blocks = 4, MostHolds = 10_000;
    private static readonly TimeSpan BlockTime = TimeSpan.FromMilliseconds(6);

    public static LockTrace Run(long steps)
    {
        GlobalLock gil = new();
        using GlobalLockTrace trace = gil.StartTrace(MostHolds);
        Clock clock = new(Stopwatch.GetTimestamp());
        double[] asked = new double[Threads];
        List<HeldSpan> blocked = [];
        Inside under = new();
        Crowd.Run(Threads, index =>
        {
            Thread.CurrentThread.Name = NameOf(index);
            asked[index] = clock.Now;
            using (gil.Acquire())
                Work(index, steps, under, () => gil.Checkpoint(), () =>
                {
                    double from = clock.Now;
                    using (gil.AllowThreads())
                    {
                        Thread.Sleep(BlockTime);
                        blocked.Add(new(NameOf(index), from, clock.Now));   // by the one thread that blocks
                    }
                });
        });
        Inside without = new();
        Crowd.Run(Threads, index => Work(index, steps, without, static () => { }, static () => Thread.Sleep(BlockTime)));
        HeldSpan[] holds = [.. trace.Holds.Select(static hold => new HeldSpan(hold.ThreadName ?? "", hold.From.TotalSeconds, hold.To.TotalSeconds))];
        return Read(holds, asked, blocked, under.Most, without.Most);
    }

    private static string NameOf(int index) => index == Threads - 1 ? "waits often" : $"computes {index + 1}";

    private static void Work(int index, long steps, Inside inside, Action afterPiece, Action block)
    {
        bool blocks = index == Threads - 1;
        int pieces = (int)(steps / PieceSteps), part = Math.Max(1, pieces / (4 * Blocks));
        for (int i = 0; i < (blocks ? Blocks * part : pieces); i++)
        {
            inside.Enter();
            Load.Compute(PieceSteps);
            inside.Leave();
            afterPiece();
            if (blocks && i % part == part - 1)
                block();
        }
    }

    /// <summary>Between two holds a thread waits for the lock, but for the time in which it waited for something else.</summary>
    internal static LockTrace Read(IReadOnlyList<HeldSpan> holds, double[] asked, IReadOnlyList<HeldSpan> blocked, int most, int mostWithout)
    {
        List<HeldSpan> held = [], waits = [];
        for (int index = 0; index < asked.Length; index++)
        {
            string name = NameOf(index);
            void Wait(double from, double to)
            {
                if (to > from)
                    waits.Add(new(name, from, to));
            }
            double free = asked[index];
            foreach (HeldSpan hold in holds.Where(hold => hold.Thread == name))
            {
                double from = hold.From;
                if (blocked.FirstOrDefault(span => span.Thread == name && span.To > free && span.From < from) is { } block)
                {
                    Wait(free, block.From);
                    Wait(block.To, from);
                }
                else
                {
                    Wait(free, from);
                }
                held.Add(hold);
                free = hold.To;
            }
        }
        return new(held, waits, blocked, most, mostWithout);
    }

    /// <summary>Seconds since the trace began.</summary>
    private sealed class Clock(long begin)
    {
        public double Now => Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    /// <summary>Counts who is inside at once.</summary>
    private sealed class Inside
    {
        private int now, most;

        public int Most => most;

        public void Enter()
        {
            int count = Interlocked.Increment(ref now);
            for (int seen = Volatile.Read(ref most); count > seen; seen = Volatile.Read(ref most))
                Interlocked.CompareExchange(ref most, count, seen);
        }

        public void Leave() => Interlocked.Decrement(ref now);
    }
}
