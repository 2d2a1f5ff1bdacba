using System.Collections.Concurrent;
using System.Reflection;
using Kernmantle.Python;

namespace Kernmantle.Tests.Pools;

/// <summary>The double injects failures, and they arrive as those of processes do.</summary>
public sealed class FailureGeneratorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Each failure that a pool gives, and whether its worker is replaced. New ones each time: a pool writes names into them.</summary>
    private static (WorkerException Failure, bool IsReplaced)[] Failures =>
    [
        (Crash(), true),
        (new PoisonedCallException("Answer", [Crash(), Crash()]), true),
        (new CallTimeoutException("It hung.", TimeSpan.FromSeconds(1)), true),
        (new MemoryLimitException("It took too much.", 1 << 20, usedBytes: 2 << 20), true),
        (new CpuLimitException("It took too much.", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)), true),
        (new ProcessCountLimitException("It wanted too many.", 8, 9), true),
        (new OpenFilesLimitException("It wanted too many.", 64, 64), true),
        (new OutputLimitException("It wrote too much.", 1000, 1001), true),
        (new StateLostException("It is gone."), true),
        (new RemoteException("It threw.", "Some.Exception", "at Some.Method()"), false),
        (new NotPortableException("The result", "Return less."), false),
        (new PayloadTooLargeException("The result", 11, 10), false),
        (new FunctionUnavailableException("It is not there.", FunctionUnavailableReason.MethodMissing, "Plugin"), false),
        (new QueueFullException(10), false),
        (new MapFailedException([new(1, new FormatException("no 1"))], new int[2]), false),
        (new AbandonedLockException("Its owner died."), false),
        (new DeadlockException("They wait for each other."), false),
        (new ParticipantLostException(7), false),
        (new ChannelWritersLostException("all have died"), false),
        (new PoolBrokenException("It broke.", 6, retryAfter: TimeSpan.FromSeconds(1)), false),
        (new PythonException("It raised.", "ValueError", "Traceback"), false),
        (new PythonFunctionNotFoundException("It is not there."), false),
        (new PythonSignatureException("It is another.", "stats", ["mean: other parameters"]), false),
        (new PythonConversionException("It does not fit.", "[0]", "str", typeof(int)), false),
        (new PythonNotFoundException("It is not there."), false),
    ];

    public static TheoryData<string> Names => [.. Failures.Select(static f => f.Failure.GetType().Name)];

    [Fact]
    public void Every_failure_can_be_made_by_its_one_public_constructor()
    {
        Type[] types = [.. new[] { typeof(WorkerException).Assembly, typeof(PythonException).Assembly }
            .SelectMany(static a => a.GetExportedTypes())
            .Where(static t => t.IsSubclassOf(typeof(WorkerException)))];
        Assert.All(types, static type => Assert.Single(type.GetConstructors(BindingFlags.Public | BindingFlags.Instance)));
        Assert.Equal(types.Select(static t => t.Name).Order(), Failures.Select(static f => f.Failure.GetType().Name).Order());
    }

    [Fact]
    public void What_is_made_says_what_it_was_made_with()
    {
        var crash = new WorkerCrashedException("It fell.", CrashReason.Exited, 7, lastLogLines: ["last"], likelyCauses: ["this"]);
        Assert.Equal((CrashReason.Exited, 7, null), (crash.Reason, crash.ExitCode, crash.Signal));
        Assert.Equal(["last", "this"], [.. crash.LastLogLines, .. crash.LikelyCauses]);
        var poison = new PoisonedCallException("Answer", [Crash(), crash]);
        Assert.Equal((7, 2, crash), (poison.ExitCode, poison.Deaths.Count, poison.InnerException));
        Assert.Throws<ArgumentException>(static () => new PoisonedCallException("Answer", []));
        var late = new CallTimeoutException("It hung.", TimeSpan.FromSeconds(1), stillRunning: true, isTransfer: true, "stacks", "dump");
        Assert.Equal((TimeSpan.FromSeconds(1), true, true, "stacks", "dump"), (late.Timeout, late.StillRunning, late.IsTransfer, late.Stacks, late.DumpFile));
        var memory = new MemoryLimitException("It took too much.", 1, 3, 2);
        Assert.Equal((1, 3, 2), (memory.LimitBytes, memory.UsedBytes, memory.UsedBeforeBytes));
        var original = new FormatException();
        var remote = new RemoteException("It threw.", "Some.Exception", "at Some.Method()", new("inner", "Other.Exception"), original);
        Assert.Equal(("Some.Exception", "at Some.Method()", original, "inner"), (remote.TypeName, remote.RemoteStackTrace, remote.Original, remote.InnerException!.Message));
        var broken = new PoolBrokenException("It broke.", 6, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(-1), crash);
        Assert.Equal((6, DateTimeOffset.UnixEpoch, TimeSpan.Zero, crash), (broken.Restarts, broken.NextTry, broken.RetryAfter, broken.InnerException));
        var python = new PythonException("It raised.", "ValueError", "Traceback", new("cause", "KeyError"));
        Assert.Equal(("ValueError", "Traceback", "cause"), (python.TypeName, python.Traceback, python.InnerException!.Message));
        var other = new PythonSignatureException("It is another.", "stats", ["mean: other parameters"]);
        Assert.Equal(("stats", "mean: other parameters"), (other.ModuleName, Assert.Single(other.Mismatches)));
        var map = new MapFailedException([new(1, crash), new(3, remote)], new[] { 10, 0, 30, 0 });
        Assert.Equal((2, 1L, crash, "2 of 4"), (map.Failures.Count, map.Failures[0].Index, map.InnerException, map.Message[..6]));
        Assert.Equal([true, false, true, false, false, false], new long[] { 0, 1, 2, 3, -1, 4 }.Select(map.HasResult));
        Assert.Equal([10, 0, 30, 0], map.GetResults<int>());
        Assert.Throws<InvalidCastException>(map.GetResults<long>);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MapFailedException([], new int[2]));
        Assert.Same(crash, Assert.Throws<WorkerCrashedException>(() => new MapResult<int, int>(1, 2, 0, crash).Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_failure_arrives_itself_is_counted_and_replaces_its_worker_where_a_process_would_be(string name)
    {
        (WorkerException failure, bool isReplaced) = Failures.Single(f => f.Failure.GetType().Name == name);
        await using WorkerPool pool = Pool(call => call.Number == 1 ? failure : null);
        Assert.Same(failure, await Record.ExceptionAsync(() => pool.RunAsync(Answer, 1)));
        Assert.Equal("FailureGeneratorTests.Answer", failure.CallName);
        Assert.NotNull(failure.WorkerName);
        Assert.Equal(42, await pool.RunAsync(Answer, 1).WaitAsync(Deadline));
        PoolStatistics statistics = pool.Statistics;
        Assert.Equal((1L, 1L, isReplaced ? 1L : 0L, 0), (statistics.Failed, statistics.Completed, statistics.Replaced, statistics.LostThreads));
        Assert.Equal(PoolState.Running, pool.State);
    }

    [Theory]
    [InlineData(FailureKinds.Crash, nameof(WorkerCrashedException))]
    [InlineData(FailureKinds.Timeout, nameof(CallTimeoutException))]
    [InlineData(FailureKinds.Memory, nameof(MemoryLimitException))]
    [InlineData(FailureKinds.Exception, nameof(RemoteException))]
    public async Task A_failure_is_retried_by_its_class_and_attempts_are_seen(FailureKinds kind, string name)
    {
        foreach (FailureKinds on in new[] { kind, ~kind & (FailureKinds)15 })
        {
            WorkerException failure = Failures.Single(f => f.Failure.GetType().Name == name).Failure;
            var attempts = new ConcurrentQueue<int>();
            await using WorkerPool pool = Pool(call => Noted(attempts, call.Attempt) == 1 ? failure : null, on);
            Exception? thrown = await Record.ExceptionAsync(() => pool.RunAsync(Answer, 1).WaitAsync(Deadline));
            Assert.Same(on == kind ? null : failure, thrown);
            Assert.Equal(on == kind ? [1, 2] : [1], attempts);
            Assert.Equal(attempts.Count - 1, pool.Statistics.Retried);
        }
    }

    [Fact]
    public async Task The_function_of_an_attempt_that_fails_does_not_run_and_sees_which_attempt_it_is()
    {
        await using WorkerPool pool = Pool(static call => call.Attempt < 3 ? new CallTimeoutException("It hung.", TimeSpan.FromSeconds(1)) : null, FailureKinds.Timeout);
        Assert.Equal(3, await pool.RunAsync(static () => WorkerContext.Current!.Attempt).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_that_crashes_twice_is_poisoned()
    {
        await using WorkerPool pool = Pool(static _ => Crash(), FailureKinds.Crash);
        PoisonedCallException poison = await Assert.ThrowsAsync<PoisonedCallException>(() => pool.RunAsync(Answer, 1).WaitAsync(Deadline));
        Assert.Equal(2, poison.Deaths.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_no_pool_gives_arrives_as_what_the_function_threw(bool isThrown)
    {
        var failure = new FormatException("It is none.", new TimeoutException());
        await using WorkerPool pool = Pool(_ => isThrown ? throw failure : failure);
        RemoteException remote = Assert.Throws<RemoteException>(() => pool.Run(Answer, 1));
        Assert.Equal(("System.FormatException", "It is none.", failure), (remote.TypeName, remote.Message, remote.Original));
        Assert.Equal("System.TimeoutException", Assert.IsType<RemoteException>(remote.InnerException).TypeName);
        Assert.Equal(isThrown, remote.RemoteStackTrace is not null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Items_of_a_map_fail_alone(bool ordered)
    {
        await using WorkerPool pool = Pool(static call => call.Arguments is [3] ? Crash() : null);
        IAsyncEnumerable<MapResult<int, int>> map = ordered ? pool.MapAsync(Answer, Enumerable.Range(0, 100)) : pool.MapUnorderedAsync(Answer, Enumerable.Range(0, 100));
        List<MapResult<int, int>> items = await map.ToListAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal(100, items.Count);
        MapResult<int, int> failed = Assert.Single(items, static item => !item.IsSuccess);
        Assert.Equal(3, failed.Input);
        Assert.IsType<WorkerCrashedException>(failed.Failure);
        Assert.Equal((99L, 1L), (pool.Statistics.Completed, pool.Statistics.Failed));
    }

    [Theory]
    [InlineData(nameof(WorkerCrashedException))]
    [InlineData(nameof(CallTimeoutException))]
    [InlineData(nameof(StateLostException))]
    public async Task An_object_is_lost_with_its_worker_and_others_are_not(string name)
    {
        WorkerException failure = Failures.Single(f => f.Failure.GetType().Name == name).Failure;
        await using WorkerPool pool = Pool(call => call.Arguments is [13] ? failure : null);
        await using Remote<Counter> lost = await pool.CreateAsync(static () => new Counter());
        await using Remote<Counter> kept = await pool.CreateAsync(static () => new Counter());
        Assert.Equal(1, await lost.CallAsync(static (c, n) => c.Add(n), 1));
        Assert.Same(failure, await Record.ExceptionAsync(() => lost.CallAsync(static (c, n) => c.Add(n), 13)));
        Assert.False(lost.IsAlive);
        StateLostException gone = await Assert.ThrowsAsync<StateLostException>(() => lost.CallAsync(static (c, n) => c.Add(n), 1));
        Assert.Same(failure, gone.InnerException);
        Assert.Equal(1, await kept.CallAsync(static (c, n) => c.Add(n), 1));
    }

    [Fact]
    public async Task A_lost_object_is_created_again_where_its_options_say_so()
    {
        var names = new ConcurrentQueue<string>();
        await using WorkerPool pool = Pool(call => Noted(names, call.Name) is not null && call.Number == 3 ? new StateLostException("It is gone.") : null);
        await using (Remote<Counter> counter = await pool.With(new() { Name = "counter" }).CreateAsync(static () => new Counter(), new RemoteOptions { Recreate = true }))
        {
            Assert.Equal(5, await counter.CallAsync(Counter.Add, 5));
            await Assert.ThrowsAsync<StateLostException>(() => counter.CallAsync(Counter.Add, 1));
            Assert.Equal(1, await counter.CallAsync(Counter.Add, 1));
        }
        const string Add = "Counter.Add";
        Assert.Equal(["counter", Add, Add, "counter", Add], names.Select(static name => name.EndsWith(Add, StringComparison.Ordinal) ? Add : name));   // its disposal is not asked about
    }

    [Fact]
    public async Task The_creation_of_an_object_fails_and_may_be_tried_again()
    {
        await using WorkerPool pool = Pool(static call => call.Number == 1 ? Crash() : null);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CreateAsync(static n => new Counter(n), 1));
        await using Remote<Counter> counter = await pool.CreateAsync(static n => new Counter(n), 1);
        Assert.Equal(2, await counter.CallAsync(Counter.Add, 1));
    }

    [Fact]
    public async Task A_stream_fails_before_its_first_item()
    {
        await using WorkerPool pool = Pool(static call => call.Arguments is [2] ? Crash() : null);
        Assert.Equal(3, await pool.StreamAsync(UpTo, 3).CountAsync());
        await Assert.ThrowsAsync<WorkerCrashedException>(async () => await pool.StreamAsync(UpTo, 2).CountAsync());
    }

    [Fact]
    public async Task A_generator_sees_the_arguments_without_the_token_and_without_the_object()
    {
        var seen = new ConcurrentQueue<string>();
        await using WorkerPool pool = Pool(call => Noted(seen, string.Join(' ', call.Arguments)) is null ? Crash() : null);
        await pool.RunAsync(static () => { });
        await pool.RunAsync(static (a, b, token) => a + b, 1, "b", CancellationToken.None);
        await using Remote<Counter> counter = await pool.CreateAsync(static n => new Counter(n), 2);
        await counter.CallAsync(Counter.Add, 3);
        Assert.Equal(["", "1 b", "2", "3"], seen);
    }

    [Fact]
    public async Task What_cannot_cross_is_refused_before_a_failure_is_made()
    {
        int asked = 0;
        await using WorkerPool pool = Pool(_ => ++asked > 0 ? Crash() : null);
        using var stream = new MemoryStream();
        await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(() => stream.Length));
        Assert.Equal(0, asked);
    }

    /// <summary>The function does in a process what the generator says here.</summary>
    [Fact]
    public async Task The_double_tells_the_story_that_processes_tell()
    {
        var late = TimeSpan.FromSeconds(2);
        await using WorkerPool processes = WorkerPool.Processes(1, new() { Timeout = late });
        await using WorkerPool pool = Pool(call => call.Arguments is [.., int n] ? FailureOf(n, late) : null);
        List<string> story = await TellAsync(processes);
        Assert.Equal(story, await TellAsync(pool));
        Assert.Contains("WorkerCrashedException", story);
        Assert.Contains("CallTimeoutException StillRunning=False", story);
        Assert.Contains("StateLostException, alive: False", story);
    }

    private static async Task<List<string>> TellAsync(WorkerPool pool)
    {
        List<string> story = [];
        int[] numbers = [1, Counter.Exits, 2, Counter.Hangs, 3];
        foreach (int n in numbers)
            story.Add(await SaidAsync(pool.RunAsync(Counter.Of, n)));
        await foreach (MapResult<int, int> item in pool.MapAsync(Counter.Of, numbers))
            story.Add($"{item.Input}: {item.Failure?.GetType().Name ?? "done"}");
        foreach (bool recreate in new[] { false, true })
        {
            await using Remote<Counter> counter = await pool.CreateAsync(static () => new Counter(), new RemoteOptions { Recreate = recreate });
            foreach (int n in numbers)
                story.Add($"{await SaidAsync(counter.CallAsync(Counter.Add, n))}, alive: {counter.IsAlive}");
        }
        PoolStatistics statistics = pool.Statistics;
        story.Add($"{statistics.Completed} completed, {statistics.Failed} failed, {statistics.Replaced} replaced, {statistics.LostThreads} lost");
        return story;
    }

    private static async Task<string> SaidAsync(Task<int> call)
    {
        try
        {
            return $"{await call.WaitAsync(Deadline)}";
        }
        catch (WorkerException e)
        {
            return e is CallTimeoutException late ? $"{e.GetType().Name} StillRunning={late.StillRunning}" : e.GetType().Name;
        }
    }

    private static WorkerException? FailureOf(int n, TimeSpan late) =>
        n == Counter.Exits ? new WorkerCrashedException("It exited.", CrashReason.Exited, exitCode: 7) : n == Counter.Hangs ? new CallTimeoutException("It hung.", late) : null;

    private static WorkerPool Pool(Func<InlineCall, Exception?> failures, FailureKinds retryOn = FailureKinds.None) => WorkerPool.Inline(verifyPortable: true, new()
    {
        FailureGenerator = failures,
        Retry = retryOn == FailureKinds.None ? null : new() { On = retryOn, MaxAttempts = 3, Backoff = TimeSpan.Zero },
    });

    private static WorkerCrashedException Crash() => new("It fell.", CrashReason.Signal, signal: 11);

    private static int Answer(int n) => n + 41;

    private static T Noted<T>(ConcurrentQueue<T> notes, T value)
    {
        notes.Enqueue(value);
        return value;
    }

    private static async IAsyncEnumerable<int> UpTo(int n)
    {
        for (int i = 0; i < n; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public sealed class Counter(int start = 0)
    {
        private int value = start;

        public const int Exits = 13, Hangs = 14;

        public int Add(int n) => value += Of(n);

        public static int Add(Counter counter, int n) => counter.Add(n);

        /// <summary>The number itself, if it does not bring its worker down.</summary>
        public static int Of(int n)
        {
            if (n == Exits)
                Environment.Exit(7);
            if (n == Hangs)
                Thread.Sleep(Timeout.Infinite);
            return n;
        }
    }
}
