using System.Collections.Concurrent;
using Kernmantle.Chaos.Plans;
using Kernmantle.Chaos.Workers;

namespace Kernmantle.Chaos.Calls;

/// <summary>One of many that call at once. It draws its steps from a generator of its own, one after the other, and keeps several under way.</summary>
/// <param name="number">From 1.</param>
/// <param name="random">Its own.</param>
/// <param name="pools">What it calls.</param>
/// <param name="firstPool">It leaves those before to others.</param>
/// <param name="impatient">It gives up much of what it asks for, and soon.</param>
/// <param name="stop">No more steps.</param>
internal sealed class Caller(int number, Random random, PoolSlots pools, int firstPool, bool impatient, CancellationToken stop)
{
    /// <summary>Who is refused comes again later: else there would be nothing but refusals.</summary>
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(20);

    private readonly int stepsAtOnce = random.Next(1, 13);

    /// <summary>So many calls may one caller make in a round: what is remembered of them shall have room.</summary>
    private const int MostCalls = 300_000;

    private readonly long firstId = (long)number << 32;
    private readonly List<Task> steps = [];

    /// <summary>All its calls, in order of their ids. To be read when the caller has ended.</summary>
    public List<CallRecord> Records { get; } = [];

    /// <summary>What failed that was no call.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    public static long CallerOf(long id) => id >> 32;

    /// <summary>Steps without end, of all kinds. Completes when all their calls have ended.</summary>
    public async Task CallAsync()
    {
        using var room = new SemaphoreSlim(stepsAtOnce);
        while (!stop.IsCancellationRequested && Records.Count < MostCalls)
        {
            await room.WaitAsync();
            CallPlan plan = CallPlan.Draw(random, firstPool, pools.Count, impatient);
            steps.RemoveAll(static s => s.IsCompletedSuccessfully);
            steps.Add(StepAsync(plan, room));
        }
        await Task.WhenAll(steps);
    }

    /// <summary>One synchronous call after the other, on the calling thread.</summary>
    public void Call()
    {
        while (!stop.IsCancellationRequested && Records.Count < MostCalls)
        {
            CallPlan plan = CallPlan.DrawSynchronous(random, firstPool, pools.Count);
            PoolRun pool = pools[plan.Pool];
            for (int i = 0; i < plan.Count && !stop.IsCancellationRequested; i++)
            {
                CallRecord record = NewRecord(plan, pool, default);
                record.Submit();
                try
                {
                    long answer = pool.Pool.Run(WorkerFunctions.Tiny, record.Id);
                    record.Succeed(Differs(answer, Mixing.Answer(record.Id)));
                }
                catch (Exception e)
                {
                    record.Fail(e);
                    if (e is QueueFullException)
                        stop.WaitHandle.WaitOne(RefusalPause);
                }
                record.CountEnding();
            }
        }
    }

    private CallRecord NewRecord(CallPlan plan, PoolRun pool, CancellationToken token)
    {
        var record = new CallRecord(firstId + Records.Count, plan, pool) { Token = token };
        Records.Add(record);
        return record;
    }

    private async Task StepAsync(CallPlan plan, SemaphoreSlim room)
    {
        PoolRun pool = pools[plan.Pool];
        using CancellationTokenSource? source = plan.CancelAfter is null ? null : new();
        CancellationToken token = source?.Token ?? default;
        CallRecord[] calls = [.. Enumerable.Range(0, plan.Count).Select(_ => NewRecord(plan, pool, token))];
        try
        {
            await StepAsync(plan, pool, calls, source, token);
        }
        catch (Exception e)
        {
            // No call of its: those keep their failures. What is done besides, as giving back an object, shall not fail.
            Problems.Enqueue($"a step {plan} in {pool.Name} ({pool.Plan}) ended with {e}");
        }
        room.Release();
    }

    private async Task StepAsync(CallPlan plan, PoolRun pool, CallRecord[] calls, CancellationTokenSource? source, CancellationToken token)
    {
        if (plan.CancelAfter == TimeSpan.Zero)
            await source!.CancelAsync();
        else if (plan.CancelAfter is { } after)
            source!.CancelAfter(after);
        await (plan.Kind switch
        {
            CallKind.Map or CallKind.MapUnordered => MapAsync(plan, pool, calls, token),
            CallKind.Stream => StreamAsync(pool, calls[0], token),
            CallKind.Object => UseObjectAsync(pool, calls, token),
            _ => Task.WhenAll(calls.Select(call => OneAsync(plan, pool, call, calls[0].Id, token))),
        });
        if (calls.Any(static c => c.Failure is QueueFullException))
            await Task.Delay(RefusalPause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static Task OneAsync(CallPlan plan, PoolRun run, CallRecord call, long firstOfStep, CancellationToken token)
    {
        long id = call.Id;
        int size = plan.Size;
        CallInvoker pool = plan is { Timeout: null, Retries: false, Limits: null } && plan.Kind != CallKind.Keyed ? run.Pool : run.Pool.With(new()
        {
            Limits = plan.Limits,
            Timeout = plan.Timeout,
            Retry = plan.Retries ? new() { On = plan.RetryOn, MaxAttempts = plan.Attempts, Backoff = TimeSpan.FromMilliseconds(2) } : null,
            Key = plan.Kind == CallKind.Keyed ? firstOfStep : null,
        });
        return plan.Kind switch
        {
            CallKind.RunAsync or CallKind.Keyed => Answers(() => pool.RunAsync(WorkerFunctions.Tiny, id, token)),
            CallKind.LargeIn => Observe(call, () => pool.RunAsync(WorkerFunctions.Take, id, Mixing.Bytes(id, size), token), sum => Differs(sum, Mixing.Checksum(Mixing.Bytes(id, size)))),
            CallKind.LargeOut => Observe(call, () => pool.RunAsync(WorkerFunctions.Give, id, size, token), bytes => bytes.AsSpan().SequenceEqual(Mixing.Bytes(id, size)) ? null : $"{bytes.Length} other bytes"),
            CallKind.SharedBuffer => ShareAsync(run, call, size, token),
            CallKind.AsyncFunction => Answers(() => pool.RunAsync(WorkerFunctions.WaitAndAnswer, id, size, token)),
            CallKind.Sleep or CallKind.SleepWithTightTimeout => Answers(() => pool.RunAsync(WorkerFunctions.Sleep, id, size, token)),
            CallKind.Throw => Answers(() => pool.RunAsync(WorkerFunctions.Throw, id, token)),
            CallKind.ThrowRetried => Answers(() => pool.RunAsync(WorkerFunctions.ThrowFirst, id, token)),
            CallKind.Exit => Answers(() => pool.RunAsync(WorkerFunctions.Exit, id, token)),
            CallKind.ExitRetried => Answers(() => pool.RunAsync(WorkerFunctions.ExitFirst, id, token)),
            CallKind.Abort => Answers(() => pool.RunAsync(WorkerFunctions.Abort, id, token)),
            CallKind.Hang => Answers(() => pool.RunAsync(WorkerFunctions.Hang, id, token)),
            CallKind.HangPolitely => Answers(() => pool.RunAsync(WorkerFunctions.HangPolitely, id, token)),
            CallKind.Worker => Answers(() => WorkAsync(run, id, size)),
            CallKind.UseProcessor => Answers(() => pool.RunAsync(WorkerFunctions.UseProcessor, id, token)),
            CallKind.Write => Answers(() => pool.RunAsync(WorkerFunctions.Write, id, size, token)),
            CallKind.Allocate => Answers(() => pool.RunAsync(WorkerFunctions.Allocate, id, run.Plan.LimitsManaged ? 1024 : 8, token)),
            CallKind.AllocateNative => Answers(() => pool.RunAsync(WorkerFunctions.AllocateNative, id, run.Plan.LimitsAll ? 1024 : 8, token)),
            _ => throw new InvalidOperationException($"{plan.Kind} is not one call."),
        };

        Task Answers(Func<Task<long>> start) => Observe(call, start, answer => Differs(answer, Mixing.Answer(id)));
    }

    private static async Task Observe<T>(CallRecord call, Func<Task<T>> start, Func<T, string?> wrong)
    {
        call.Submit();
        try
        {
            Task<T> task = start();
            _ = task.ContinueWith(static (_, state) => ((CallRecord)state!).CountEnding(), call, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            call.Succeed(wrong(await task));
        }
        catch (Exception e)
        {
            call.Fail(e);
        }
    }

    private static async Task ShareAsync(PoolRun run, CallRecord call, int size, CancellationToken token)
    {
        SharedBuffer<byte> buffer;
        try
        {
            call.Submit();
            buffer = SharedBuffer.Allocate<byte>(size, run.Pool);
        }
        catch (Exception e)
        {
            call.CountEnding();
            call.Fail(e);
            return;
        }
        using (buffer)
        {
            Mixing.Fill(buffer.Span, call.Id);
            long expected = Mixing.Checksum(buffer.Span);
            bool sharesMemory = run.Plan.Options.Transport != WorkerTransport.Socket;
            await Observe(
                call,
                () => run.Pool.RunAsync(WorkerFunctions.Read, buffer, call.Id, token),
                sum => Differs(sum, expected) ?? (!sharesMemory || buffer.Span.SequenceEqual(Mixing.Bytes(~call.Id, size)) ? null : "what the worker wrote is not in the buffer"));
        }
    }

    private static async Task StreamAsync(PoolRun run, CallRecord call, CancellationToken token)
    {
        call.Submit();
        try
        {
            int index = 0;
            string? wrong = null;
            await foreach (long item in run.Pool.StreamAsync(static (given, cancelled) => WorkerFunctions.Count(given.Id, given.Size, cancelled), (call.Id, call.Plan.Size), token))
            {
                wrong ??= Differs(item, Mixing.Item(call.Id, index));
                if (index++ != call.Plan.LeaveAfter)
                    continue;
                call.Leave();
                return;
            }
            call.Succeed(wrong ?? (index == call.Plan.Size ? null : $"{index} of {call.Plan.Size} items"));
        }
        catch (Exception e)
        {
            call.Fail(e);
        }
        call.CountEnding();
    }

    /// <summary>The first call makes the object, the others are calls on it, one after the other.</summary>
    private static async Task UseObjectAsync(PoolRun run, CallRecord[] calls, CancellationToken token)
    {
        Remote<Counter>? counter = null;
        await Observe(calls[0], async () => counter = await run.Pool.CreateAsync(static id => new Counter(id), calls[0].Id, null, token), static _ => null);
        if (counter is null)
            return;   // the others were never made
        for (int i = 1; i < calls.Length; i++)
        {
            CallRecord call = calls[i];
            call.BelongsTo = calls[0];
            int count = i;
            await Observe(call, () => counter.CallAsync(static (c, id) => c.Next(id), call.Id, token), answer => Differs(answer, Mixing.Answer(call.Id) + count));
            if (call.Failure is not (null or StateLostException))
                break;   // it counted the call, or did not: who knows
        }
        await counter.DisposeAsync();
    }

    /// <summary>A process for one function.</summary>
    private static async Task<long> WorkAsync(PoolRun run, long id, int milliseconds)
    {
        Worker<long> worker = Worker.OnProcess("worker", static given => WorkerFunctions.Sleep(given.id, given.milliseconds), (id, milliseconds), new() { LoggerFactory = run.Log, Environment = new Dictionary<string, string?> { [BegunLog.Variable] = run.BegunPath } });
        worker.Start();
        await worker.Completion;
        return worker.Result;
    }

    /// <summary>Each item is a call. One that was not asked for was never made.</summary>
    private static async Task MapAsync(CallPlan plan, PoolRun run, CallRecord[] calls, CancellationToken token)
    {
        IAsyncEnumerable<MapResult<long, long>> results = plan.Kind == CallKind.Map
            ? run.Pool.MapAsync(WorkerFunctions.Tiny, Inputs(calls), token)
            : run.Pool.MapUnorderedAsync(WorkerFunctions.Tiny, Inputs(calls), token);
        try
        {
            int position = 0;
            await foreach (MapResult<long, long> result in results)
            {
                CallRecord call = calls[result.Index];
                call.CountEnding();
                if (result.IsSuccess)
                    call.Succeed(plan.Kind == CallKind.Map && result.Index != position ? $"item {result.Index} came as number {position}" : result.Input != call.Id ? $"the input of {result.Input}" : Differs(result.Value, Mixing.Answer(call.Id)));
                else
                    call.Fail(result.Failure!);
                if (position++ == plan.LeaveAfter)
                    break;
            }
            foreach (CallRecord call in calls.Where(c => position > plan.LeaveAfter && c.Submitted != 0 && c.Endings == 0))
                call.Leave();
        }
        catch (Exception e)
        {
            // The map itself ended: with it end the items that were under way.
            foreach (CallRecord call in calls.Where(static c => c.Submitted != 0 && c.Endings == 0))
            {
                call.CountEnding();
                call.Fail(e);
            }
        }
    }

    private static IEnumerable<long> Inputs(CallRecord[] calls)
    {
        foreach (CallRecord call in calls)
        {
            call.Submit();
            yield return call.Id;
        }
    }

    private static string? Differs(long got, long expected) => got == expected ? null : $"{got:x} instead of {expected:x}";
}
