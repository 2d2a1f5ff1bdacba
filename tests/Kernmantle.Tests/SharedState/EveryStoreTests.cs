using System.Diagnostics;
using System.Text.RegularExpressions;
using Kernmantle.SharedState;

namespace Kernmantle.Tests.SharedState;

/// <summary>
/// Each operation is stepped through in a worker that is killed right before its first store to shared memory, then one before its second, and so on until it comes to its end:
/// after each death those who are left must be able to go on.
/// </summary>
public sealed partial class EveryStoreTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task In_taking_a_lock_and_giving_it_back() => StepAsync<TakingALock, SharedLock>();

    [Fact]
    public Task In_waiting_for_a_lock() => StepAsync<WaitingForALock, SharedLock>();

    [Fact]
    public Task In_giving_back_a_lock_that_is_waited_for() => StepAsync<GivingBackWhatIsWaitedFor, SharedLock>();

    [Fact]
    public Task In_reading_and_writing_under_a_lock() => StepAsync<ReadingAndWriting, SharedReaderWriterLock>();

    [Fact]
    public Task In_taking_and_giving_permits() => StepAsync<TakingPermits, SharedSemaphore>();

    [Fact]
    public Task In_waiting_for_a_permit_without_a_thread() => StepAsync<WaitingForAPermit, SharedSemaphore>();

    [Fact]
    public Task In_setting_and_taking_a_signal() => StepAsync<Signalling, SharedEvent>();

    [Fact]
    public Task In_telling_of_a_change() => StepAsync<Telling, SharedCondition>();

    [Fact]
    public Task In_coming_to_a_barrier() => StepAsync<ComingToABarrier, SharedBarrier>();

    [Fact]
    public Task In_signalling_to_a_countdown() => StepAsync<CountingDown, SharedCountdown>();

    [Fact]
    public Task In_leaving_a_countdown() => StepAsync<Leaving, SharedCountdown>();

    [Fact]
    public Task In_writing_a_large_value() => StepAsync<WritingALargeValue, SharedValue<(long, long, long)>>();

    [Fact]
    public Task In_writing_a_small_value() => StepAsync<WritingASmallValue, SharedValue<int>>();

    /// <summary>No other store: the words are written through the one type that counts.</summary>
    [Fact]
    public void Nothing_else_stores_to_shared_memory()
    {
        string[] found = [.. from layer in (string[])["SharedState", "Channels"]
                             from file in Directory.EnumerateFiles(Architecture.LayersTests.SourceOf(layer), "*.cs", SearchOption.AllDirectories)
                             where Path.GetFileName(file) != "SharedStores.cs"
                             let text = File.ReadAllText(file)
                             where OtherStore.IsMatch(text) && Path.GetFileName(file) is not ("SharedArray.cs" or "ChannelDelivery.cs" or "ChannelLog.cs")   // items that are the user's; fields of its own
                             select Path.GetFileName(file)];
        Assert.Empty(found);
    }

    [GeneratedRegex(@"(?m)^(?!\s*//).*(?:Interlocked\.|Volatile\.Write|\b[wW]ords\.\w+ (=|\+=|\|=|&=) |\b[wW]ords\.\w+(\+\+|--))")]
    private static partial Regex OtherStore { get; }

    /// <summary>Steps through a case.</summary>
    internal static async Task StepAsync<TCase, T>()
        where TCase : ICase<T>
        where T : SharedObject
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { RestartLimit = 10_000 });
        for (int at = 1; ; at++)
        {
            using T made = TCase.Make();
            int? stores = await TryAsync<TCase, T>(pool, made, at);
            TCase.GoOn(made, stores is not null);   // by who has been told of the worker's death, it has been cleared up
            if (stores is not { } all)
                continue;
            TestContext.Current.SendDiagnosticMessage($"{all} stores, killed before {at - 1}");
            Assert.True(all > 0);
            Assert.Equal(all, at - 1);
            return;
        }
    }

    /// <summary>How many stores it made; null if it was killed.</summary>
    private static async Task<int?> TryAsync<TCase, T>(WorkerPool pool, T made, int at)
        where TCase : ICase<T>
        where T : SharedObject
    {
        try
        {
            return await pool.RunAsync(Stepped<TCase, T>, made, at, Token);
        }
        catch (WorkerCrashedException)
        {
            return null;
        }
    }

    /// <summary>In the worker.</summary>
    private static int Stepped<TCase, T>(T made, int at)
        where TCase : ICase<T>
        where T : SharedObject
    {
        int count = 0;
        SharedStores.Before = _ =>
        {
            if (Interlocked.Increment(ref count) == at)
                Process.GetCurrentProcess().Kill();
        };
        TCase.Operate(made);
        SharedStores.Before = null;
        return count;
    }

    internal interface ICase<T>
    {
        static abstract T Make();

        /// <summary>What is stepped through.</summary>
        static abstract void Operate(T made);

        /// <summary>What the others must be able to do then.</summary>
        static abstract void GoOn(T made, bool isOver);
    }

    private sealed class TakingALock : ICase<SharedLock>
    {
        public static SharedLock Make() => new(isReentrant: true);

        public static void Operate(SharedLock made)
        {
            using (made.Enter())
            using (made.Enter())
                made.MarkConsistent();
        }

        public static void GoOn(SharedLock made, bool isOver)
        {
            if (made.TryEnter(Bound) == LockTaken.Abandoned)
                made.MarkConsistent();
            Assert.True(made.IsHeldByCurrentThread);
            made.Exit();
            Assert.Equal(LockTaken.Yes, made.TryEnter(Bound));
            made.Exit();
        }
    }

    private sealed class WaitingForALock : ICase<SharedLock>
    {
        public static SharedLock Make()
        {
            var made = new SharedLock();
            made.TryEnter(TimeSpan.Zero);
            return made;
        }

        public static void Operate(SharedLock made) => made.TryEnter(TimeSpan.FromMilliseconds(1));

        /// <summary>By another thread, perhaps, than that which has it.</summary>
        public static void GoOn(SharedLock made, bool isOver) => Assert.Equal(LockTaken.No, new Taker(made).Take(TimeSpan.FromMilliseconds(1)));
    }

    private sealed class GivingBackWhatIsWaitedFor : ICase<SharedLock>
    {
        private static Task<LockTaken>? waiting;
        private static volatile bool mayTake;

        public static SharedLock Make()
        {
            var made = new SharedLock();
            mayTake = false;
            waiting = Task.Factory.StartNew(
                () =>
                {
                    SpinWait.SpinUntil(() => mayTake || made.Memory.Words.Owner != 0, Bound);
                    LockTaken taken = made.TryEnter(Bound);
                    made.MarkConsistent();
                    made.Exit();
                    return taken;
                },
                Token,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            return made;
        }

        public static void Operate(SharedLock made)
        {
            using (made.Enter())
                SpinWait.SpinUntil(() => made.Memory.Words.Sleepers != 0, Bound);
        }

        /// <summary>Where the worker came to an end before it had the lock, nobody else waits for it.</summary>
        public static void GoOn(SharedLock made, bool isOver)
        {
            mayTake = true;
            Assert.NotEqual(LockTaken.No, made.TryEnter(Bound));
            made.Exit();
            Assert.NotEqual(LockTaken.No, waiting!.GetAwaiter().GetResult());
        }
    }

    private sealed class ReadingAndWriting : ICase<SharedReaderWriterLock>
    {
        public static SharedReaderWriterLock Make() => new();

        public static void Operate(SharedReaderWriterLock made)
        {
            made.EnterRead().Dispose();
            using (made.EnterWrite())
                made.MarkConsistent();
        }

        public static void GoOn(SharedReaderWriterLock made, bool isOver)
        {
            if (made.TryEnterWrite(Bound) == LockTaken.Abandoned)
                made.MarkConsistent();
            made.ExitWrite();
            using (made.EnterRead())
                Assert.True(made.IsConsistent);
        }
    }

    private sealed class TakingPermits : ICase<SharedSemaphore>
    {
        public static SharedSemaphore Make() => new(1);

        public static void Operate(SharedSemaphore made)
        {
            made.Wait();
            made.Release();
        }

        public static void GoOn(SharedSemaphore made, bool isOver)
        {
            Assert.True(made.Wait(Bound));
            Assert.False(made.Wait(TimeSpan.Zero));
            made.Release();
        }
    }

    private sealed class WaitingForAPermit : ICase<SharedSemaphore>
    {
        public static SharedSemaphore Make() => new(0, 1);

        public static void Operate(SharedSemaphore made)
        {
            Assert.False(made.WaitAsync(TimeSpan.FromMilliseconds(1)).GetAwaiter().GetResult());
            made.Release();
            Assert.True(made.WaitAsync().GetAwaiter().GetResult());
            made.Release();
        }

        /// <summary>The worker may have died before it gave the first one.</summary>
        public static void GoOn(SharedSemaphore made, bool isOver)
        {
            if (made.CurrentCount == 0)
                made.Release();
            Assert.True(made.Wait(Bound));
            Assert.Equal(0, made.CurrentCount);
            Assert.Equal(0, made.Memory.Words.Sleepers);
        }
    }

    private sealed class Signalling : ICase<SharedEvent>
    {
        public static SharedEvent Make() => new(mode: EventResetMode.AutoReset);

        public static void Operate(SharedEvent made)
        {
            made.Set();
            made.Wait();
            made.Reset();
        }

        public static void GoOn(SharedEvent made, bool isOver)
        {
            made.Set();
            Assert.True(made.Wait(Bound));
            Assert.False(made.Wait(TimeSpan.Zero));
        }
    }

    private sealed class Telling : ICase<SharedCondition>
    {
        public static SharedCondition Make() => new();

        public static void Operate(SharedCondition made) => made.NotifyAll();

        public static void GoOn(SharedCondition made, bool isOver)
        {
            using var guard = new SharedLock();
            using (guard.Enter())
            {
                var telling = new Thread(() =>
                {
                    using (guard.Enter())
                        made.Notify();
                });
                telling.Start();
                Assert.True(made.Wait(guard, Bound));
                telling.Join();
            }
        }
    }

    private sealed class ComingToABarrier : ICase<SharedBarrier>
    {
        public static SharedBarrier Make() => new(2);

        public static void Operate(SharedBarrier made) => made.SignalAndWait(TimeSpan.FromMilliseconds(1));

        public static void GoOn(SharedBarrier made, bool isOver)
        {
            if (!isOver)
                Assert.Throws<ParticipantLostException>(() => made.SignalAndWait(Bound));
            else
                Assert.False(made.SignalAndWait(TimeSpan.Zero));
        }
    }

    private sealed class CountingDown : ICase<SharedCountdown>
    {
        public static SharedCountdown Make() => new(2);

        public static void Operate(SharedCountdown made) => made.Signal();

        public static void GoOn(SharedCountdown made, bool isOver)
        {
            if (!isOver)
                Assert.Throws<ParticipantLostException>(() => made.Wait(Bound));
            else
                Assert.True(made.Signal());
        }
    }

    private sealed class Leaving : ICase<SharedCountdown>
    {
        public static SharedCountdown Make() => new(1);

        public static void Operate(SharedCountdown made) => made.Dispose();

        public static void GoOn(SharedCountdown made, bool isOver)
        {
            if (!isOver)
                Assert.Throws<ParticipantLostException>(() => made.Wait(Bound));
            else
                Assert.False(made.Wait(TimeSpan.Zero));
        }
    }

    private sealed class WritingALargeValue : ICase<SharedValue<(long, long, long)>>
    {
        public static SharedValue<(long, long, long)> Make() => new((1, 1, 1));

        public static void Operate(SharedValue<(long, long, long)> made) => made.Write((2, 2, 2));

        public static void GoOn(SharedValue<(long, long, long)> made, bool isOver)
        {
            (long, long, long) seen = made.Read();
            Assert.True(seen == (2, 2, 2) || (seen == (1, 1, 1) && !isOver));
            made.Write((3, 3, 3));
            Assert.Equal((3, 3, 3), made.Read());
        }
    }

    private sealed class WritingASmallValue : ICase<SharedValue<int>>
    {
        public static SharedValue<int> Make() => new(1);

        public static void Operate(SharedValue<int> made) => made.Add(1);

        public static void GoOn(SharedValue<int> made, bool isOver)
        {
            Assert.Equal(isOver ? 2 : 1, made.Read());
            Assert.Equal(isOver ? 3 : 2, made.Add(1));
        }
    }

    /// <summary>Another thread.</summary>
    private sealed class Taker(SharedLock guard)
    {
        public LockTaken Take(TimeSpan timeout)
        {
            LockTaken taken = LockTaken.Yes;
            var thread = new Thread(() => taken = guard.TryEnter(timeout));
            thread.Start();
            thread.Join();
            return taken;
        }
    }
}
