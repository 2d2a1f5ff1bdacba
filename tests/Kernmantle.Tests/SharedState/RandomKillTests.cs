using System.Diagnostics;
using Kernmantle.Contracts.Repeating;
using Kernmantle.SharedState;

namespace Kernmantle.Tests.SharedState;

/// <summary>Workers that use everything at once and are killed at any moment: nothing is torn, nobody is inside with another, nobody waits for the dead.</summary>
public sealed class RandomKillTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Repeated(Kills = true)]
    public async Task What_is_shared_outlives_its_users()
    {
        const int Workers = 3;
        int kills = Repetitions.Of(quick: 60, atLength: 500);
        var random = new Random(Fuzzing.Seed);
        using var table = new Table();
        await using WorkerPool pool = WorkerPool.Processes(Workers, new() { RestartLimit = int.MaxValue, Spares = 1 });
        using var over = new CancellationTokenSource();
        Task[] users = [.. Enumerable.Range(0, Workers).Select(place => table.KeepUsingAsync(pool, place, over.Token))];
        for (int killed = 0; killed < kills;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 12), Token);
            int place = random.Next(Workers);
            int process = table.Processes.Exchange(place, 0);
            if (process != 0)
            {
                Kill(process);
                killed++;
            }
            table.Use();   // the host is one of them
        }
        await over.CancelAsync();
        await Task.WhenAll(users);
        table.Check();
        Repetitions.Tell(kills, table.Uses);
    }

    private static void Kill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended by itself: its call was cancelled.
        }
    }

    /// <summary>One of each, and what each protects.</summary>
    private sealed class Table : IDisposable
    {
        private readonly SharedLock guard = new("pair", isReentrant: true);
        private readonly SharedReaderWriterLock readers = new("rows");
        private readonly SharedSemaphore permits = new(2);
        private readonly SharedEvent signal = new(mode: EventResetMode.AutoReset);
        private readonly SharedValue<(long, long, long, long)> whole = new();
        private readonly SharedValue<long> inside = new();
        private readonly SharedArray<long> pair = new(2);
        private readonly SharedArray<long> rows = new(64);

        /// <summary>Who may be killed: 0 for nobody.</summary>
        public SharedArray<int> Processes { get; } = new(8);

        public void Dispose()
        {
            foreach (SharedObject each in (SharedObject[])[guard, readers, permits, signal, whole, inside, pair, rows, Processes])
                each.Dispose();
        }

        public long Uses => whole.Read().Item1;

        public async Task KeepUsingAsync(WorkerPool pool, int place, CancellationToken over)
        {
            (SharedLock guard, SharedReaderWriterLock readers, SharedSemaphore permits, SharedEvent signal) = (this.guard, this.readers, this.permits, this.signal);
            (SharedValue<(long, long, long, long)> whole, SharedValue<long> inside, SharedArray<long> pair, SharedArray<long> rows, SharedArray<int> processes) = (this.whole, this.inside, this.pair, this.rows, Processes);
            while (!over.IsCancellationRequested)
            {
                try
                {
                    await pool.RunAsync(
                        token =>
                        {
                            processes[place] = Environment.ProcessId;
                            while (!token.IsCancellationRequested)
                                UseAll(guard, readers, permits, signal, whole, inside, pair, rows);
                        },
                        over);
                }
                catch (Exception e) when (e is WorkerCrashedException or OperationCanceledException)
                {
                    // As was intended.
                }
            }
        }

        public void Use() => UseAll(guard, readers, permits, signal, whole, inside, pair, rows);

        /// <summary>All workers have stopped: everything is free.</summary>
        public void Check()
        {
            UnderLock(guard, inside, pair);
            Assert.Equal(LockTaken.Yes, guard.TryEnter(Bound, Token));
            guard.Exit();
            UnderWriting(readers, rows);
            Assert.Equal(LockTaken.Yes, readers.TryEnterWrite(Bound, Token));
            readers.ExitWrite();
            Assert.True(SpinWait.SpinUntil(() => permits.CurrentCount == 2, Bound));
        }

        private static void UseAll(
            SharedLock guard,
            SharedReaderWriterLock readers,
            SharedSemaphore permits,
            SharedEvent signal,
            SharedValue<(long, long, long, long)> whole,
            SharedValue<long> inside,
            SharedArray<long> pair,
            SharedArray<long> rows)
        {
            UnderLock(guard, inside, pair);
            UnderWriting(readers, rows);
            if (readers.TryEnterRead(Bound) == LockTaken.Yes)
                Demand(rows[0] == rows[63], "A row is torn under a reader.");
            readers.ExitRead();
            Demand(permits.Wait(Bound), "A permit is lost.");
            permits.Release();
            signal.Set();
            signal.Wait(TimeSpan.Zero);
            whole.Update(static w => (w.Item1 + 1, w.Item1 + 1, w.Item1 + 1, w.Item1 + 1));
            (long a, long b, long c, long d) = whole.Read();
            Demand(a == b && b == c && c == d, "A value is torn.");
        }

        private static void UnderLock(SharedLock guard, SharedValue<long> inside, SharedArray<long> pair)
        {
            LockTaken taken = guard.TryEnter(Bound);
            Demand(taken != LockTaken.No, "The lock is lost.");
            if (taken == LockTaken.Abandoned)
            {
                pair[1] = pair[0];
                inside.Write(0);
                guard.MarkConsistent();
            }
            Demand(inside.Exchange(1) == 0, "Two are inside.");
            Demand(pair[0] == pair[1], "A pair is torn and nobody was told.");
            pair[0]++;
            pair[1]++;
            inside.Write(0);
            guard.Exit();
        }

        private static void UnderWriting(SharedReaderWriterLock readers, SharedArray<long> rows)
        {
            LockTaken taken = readers.TryEnterWrite(Bound);
            Demand(taken != LockTaken.No, "The writer's lock is lost.");
            if (taken == LockTaken.Abandoned)
            {
                rows.Span.Fill(rows[0]);
                readers.MarkConsistent();
            }
            Demand(rows[0] == rows[63], "A row is torn and nobody was told.");
            foreach (ref long row in rows.Span)
                row++;
            GC.KeepAlive(rows);
            readers.ExitWrite();
        }

        private static void Demand(bool holds, string otherwise)
        {
            if (!holds)
                throw new InvalidOperationException(otherwise);
        }
    }
}
