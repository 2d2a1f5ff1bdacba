using CsCheck;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.Model;

/// <summary>
/// The scheduler without a process: random histories of what callers, workers and the clock do, on one thread, against what must hold after each step (no slot is idle
/// while a call waits for it, what <see cref="Invariants"/> says, calls begin once and in the order of their keys) and at the end (each call has ended, once, in a
/// way that its history allows).
/// </summary>
public sealed class SchedulerHistoryTests
{
    private static readonly int Histories = Repetitions.Of(quick: 20_000, atLength: 50_000);

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static readonly RetryPolicy Twice = new() { On = FailureKinds.Crash | FailureKinds.Timeout, MaxAttempts = 2, Backoff = TimeSpan.FromMilliseconds(1) };

    private static readonly CallOptions Plain = new(), Timed = new() { Timeout = ModelFunctions.Timeout };

    [Fact]
    [Repeated]
    public void Every_call_of_every_history_ends_once() =>
        Gen.Select(Gen.UInt, Gen.UInt.Array[1, 50]).Sample(
            static history => new History(history.Item1).Run(history.Item2),
            iter: Histories,
            print: static history => $"({history.Item1}u, [{string.Join(", ", history.Item2.Select(static s => $"{s}u"))}])");

    private sealed class History
    {
        private readonly FakeTimeProvider clock = new();
        private readonly ModelKind kind;
        private readonly Scheduler scheduler;
        private readonly List<Fate> fates = [];
        private readonly Queue<Action> later = new();
        private readonly bool quick;

        public History(uint setting)
        {
            quick = Bit(ref setting);
            bool elastic = Bit(ref setting);
            int workers = 1 + (int)(Take(ref setting, 3));
            kind = new()
            {
                Clock = clock,
                TakesQuickCalls = quick,
                GivesEvidence = Bit(ref setting),
                Interleaves = Bit(ref setting) && !quick ? 2 : 1,
                Recycles = Take(ref setting, 4) == 0 ? new() { Calls = 2 } : null,
                HasSpares = (int)Take(ref setting, 2),
            };
            scheduler = new(kind, workers, new ThreadWorkerPoolOptions
            {
                TimeProvider = clock,
                LoggerFactory = NullLoggerFactory.Instance,
                QueueFull = Bit(ref setting) ? QueueFullMode.Fail : QueueFullMode.Wait,
                QueueCapacity = Bit(ref setting) ? 2 : 100,
                KillGrace = Bit(ref setting) ? TimeSpan.Zero : TimeSpan.FromSeconds(1),
                TimeoutGrace = Bit(ref setting) ? TimeSpan.Zero : TimeSpan.FromSeconds(1),
                HealAfter = TimeSpan.FromSeconds(1),
                MinWorkers = elastic ? 0 : null,
                IdleTimeout = TimeSpan.FromSeconds(3),
            })
            {
                Later = later.Enqueue,
            };
        }

        public void Run(uint[] steps)
        {
            foreach (uint step in steps)
            {
                Do(step);
                RunLater();
                Check();
            }
            if (steps[0] % 2 == 0)
                Hang();
            Drain();
            RunLater();
            Task end = steps[^1] % 2 == 0 ? scheduler.Shutdown.KillAsync() : scheduler.Shutdown.BeginAsync();
            Assert.True(end.Wait(Deadline), "The pool does not end.");
            Check();
            PoolStatistics figures = scheduler.Statistics;
            Assert.Equal((0, 0, 0), (figures.Queued, figures.Waiting, figures.Running));
            Assert.Equal(fates.Count, figures.Completed + figures.Failed + figures.Cancelled);
            foreach (Fate fate in fates)
            {
                Assert.True(fate.Ends == 1, $"call {fate.Number} ended {fate.Ends} times");
                bool succeeded = fate.Outcome is { Failure: null, IsCancelled: false };
                Assert.True(!succeeded || fate.Answered, $"call {fate.Number} has a result that no worker gave");
                Assert.True(fate.Outcome?.Failure is not CallTimeoutException || !fate.InTime, $"call {fate.Number} is said to have taken too long, and was answered in time");
                Assert.True(fate.Outcome is not { IsCancelled: true } || fate.Cancel.IsCancellationRequested, $"call {fate.Number} is cancelled, and nobody asked for that");
            }
        }

        private void Do(uint step)
        {
            uint what = Take(ref step, 16);
            switch (what)
            {
                case <= 4:
                    Submit(ref step);
                    break;
                case 5 when quick:
                    SubmitBatch(ref step);
                    break;
                case 5 or 6 or 7 or 8:
                    AnyWorker(ref step)?.Begin();
                    break;
                case 9 or 10:
                    Finish(ref step);
                    break;
                case 11 when quick:
                    AnyWorker(ref step)?.Hear();
                    break;
                case 11:
                    AnyWorker(ref step)?.Interleave();
                    break;
                case 12:
                    if (Take(ref step, 3) == 0)
                        AnyWorker(ref step)?.Die();
                    else if (fates.Count > 0)
                        fates[(int)Take(ref step, (uint)fates.Count)].Cancel.Cancel();   // of a call without a token, nobody hears
                    break;
                case 13:
                    kind.FailingStarts = (int)Take(ref step, 3);
                    break;
                case 14:
                    kind.AllowsRecall = Bit(ref step);
                    scheduler.RelieveStuckSlots();
                    break;
                default:
                    Hear();   // which takes no such time
                    clock.Advance(TimeSpan.FromMilliseconds(Take(ref step, 3) switch { 0 => 2, 1 => 200, _ => 5000 }));
                    break;
            }
        }

        private void Submit(ref uint step)
        {
            int key = Bit(ref step) ? 0 : 1 + (int)Take(ref step, 2);
            var options = new CallOptions
            {
                Key = key == 0 ? null : key,
                Timeout = Bit(ref step) ? ModelFunctions.Timeout : null,
                Retry = Bit(ref step) ? Twice : null,
            };
            if (options is { Key: null, Retry: null } && Bit(ref step))
                options = options.Timeout is null ? Plain : Timed;   // those of the same options may join
            Fate fate = NewFate(key, options.Retry is null ? 1 : Twice.MaxAttempts);
            if (quick && !Bit(ref step))
            {
                var call = new ModelQuickCall(fate, options, Bit(ref step) ? ModelFunctions.Short : ModelFunctions.Long, isGivenUp: Bit(ref step));
                kind.Submitted(call, fate);
                scheduler.SubmitQuick(call, attend: false);
                scheduler.Cancellation.WatchQuick(call);
            }
            else if (!quick)
            {
                var call = new ModelCall(fate, options) { KeyHash = key };
                kind.Submitted(call, fate);
                scheduler.Submit(call);
            }
            else
            {
                fates.Remove(fate);
            }
        }

        private void SubmitBatch(ref uint step)
        {
            var options = new CallOptions { Timeout = Bit(ref step) ? ModelFunctions.Timeout : null };
            Fate[] items = [.. Enumerable.Range(0, 1 + (int)Take(ref step, 3)).Select(_ => NewFate(0, 1))];
            bool isShort = Bit(ref step);
            var parts = new List<ModelBatch>();
            var batch = new ModelBatch(items, options, isShort ? ModelFunctions.Short : ModelFunctions.Long, parts.Add);
            parts.Add(batch);
            scheduler.SubmitQuick(batch, attend: false);
            items[0].Cancel.Token.Register(() =>
            {
                foreach (Fate item in items[1..])
                    item.Cancel.Cancel();
                for (int i = 0; i < parts.Count; i++)
                    scheduler.Cancellation.RequestQuick(parts[i], default);
            });
        }

        private void Finish(ref uint step)
        {
            uint how = Take(ref step, 4);
            AnyWorker(ref step)?.Finish(how == 0 ? Outcome.Failed(new InvalidOperationException("It threw.")) : Outcome.Done, unfit: how == 1, late: Bit(ref step));
        }

        private ModelWorker? AnyWorker(ref uint step)
        {
            IReadOnlyList<ModelWorker> workers = kind.Workers;
            return workers.Count == 0 ? null : workers[(int)Take(ref step, (uint)workers.Count)];
        }

        /// <summary>All that workers have answered is heard, and what comes of it.</summary>
        private void Hear()
        {
            foreach (ModelWorker worker in kind.Workers.ToArray())
                worker.Hear();
            RunLater();
        }

        /// <summary>Time passes, and nothing else happens: what runs and has a timeout ends.</summary>
        private void Hang()
        {
            Hear();
            foreach (ModelWorker worker in kind.Workers.ToArray())
                worker.Begin();
            (Call Call, Fate Fate, int Attempt)[] running = [.. kind.Workers.Select(static w => w.RunningTimed).OfType<(Call, Fate, int)>()];
            for (int i = 0; i < 6; i++)
            {
                clock.Advance(TimeSpan.FromSeconds(2));   // longer than a timeout, a grace, or another grace
                RunLater();
            }
            Check();
            foreach ((Call call, Fate fate, int attempt) in running)
                Assert.True(fate.Ends == 1 || call.Attempt > attempt, $"call {fate.Number} runs for 12 s with a timeout of 100 ms: {call.GetType().Name}, {call.State}, attempt {call.Attempt}, cancelled {call.CancelRequested}, timed out {call.Supervision?.TimedOutAfter}, in line {call.Line is not null}");
        }

        /// <summary>From here on everybody works well: all calls end.</summary>
        private void Drain()
        {
            kind.FailingStarts = 0;
            kind.AllowsRecall = true;
            long started = Environment.TickCount64;
            for (int round = 0; scheduler.Ledger.Live > 0; round++)
            {
                foreach (ModelWorker worker in kind.Workers.ToArray())
                {
                    worker.Hear();
                    worker.Begin();
                    RunLater();
                    worker.Finish(Outcome.Done, unfit: false);
                    RunLater();
                }
                if (round % 8 == 7)
                    clock.Advance(TimeSpan.FromSeconds(1));
                RunLater();
                Assert.True(Environment.TickCount64 - started < Deadline.TotalMilliseconds, $"{scheduler.Ledger.Live} calls do not end, though all workers work: {string.Join(", ", fates.Where(static f => f.Ends == 0).Select(static f => f.Number))}; {scheduler.State}");
            }
            Check();
        }

        /// <summary>What runs on the thread pool elsewhere: calls that waited for room are admitted.</summary>
        private void RunLater()
        {
            while (later.TryDequeue(out Action? work))
                work();
        }

        private void Check()
        {
            lock (kind.Broken)
                Assert.True(kind.Broken.Count == 0, string.Join("; ", kind.Broken));
            Assert.Null(scheduler.FindViolation());
            lock (scheduler.Gate)
            {
                if (!scheduler.TakesCalls)
                    return;
                foreach (Slot slot in scheduler.Slots)
                {
                    Assert.False(slot.IsIdle && scheduler.Dispatcher.Queue.Count > 0, $"{slot.Name} is idle, and calls wait");
                    Assert.False(slot.IsIdle && slot.Queue.Any(c => !slot.IsHeldUp(c)), $"{slot.Name} is idle, and calls of its own wait");
                }
            }
        }

        private Fate NewFate(int key, int attempts)
        {
            var fate = new Fate { Number = fates.Count, Key = key, Attempts = attempts };
            fates.Add(fate);
            return fate;
        }

        private static uint Take(ref uint number, uint below)
        {
            uint taken = number % below;
            number /= below;
            return taken;
        }

        private static bool Bit(ref uint number) => Take(ref number, 2) == 1;
    }
}
