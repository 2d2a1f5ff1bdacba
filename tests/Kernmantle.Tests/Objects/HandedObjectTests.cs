using Kernmantle.Tests.Logging;

namespace Kernmantle.Tests.Objects;

/// <summary>Objects in worker processes, called by calls of other pools: <c>WorkerPoolContract</c> has those of one pool.</summary>
public sealed class HandedObjectTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Places => ["Processes", "Socket", "Threads", "Exclusive", "EventLoop", "Inline", "PortableInline"];

    private static WorkerPool Pool(string place, int workers = 2) => place switch
    {
        "Processes" => WorkerPool.Processes(workers),
        "Socket" => WorkerPool.Processes(workers, new() { Transport = WorkerTransport.Socket }),
        "Threads" => WorkerPool.Threads(workers),
        "Exclusive" => WorkerPool.Exclusive(workers),
        "EventLoop" => WorkerPool.EventLoop(),
        "Inline" => WorkerPool.Inline(),
        _ => WorkerPool.Inline(verifyPortable: true),
    };

    private sealed class Counter
    {
        private int count;

        public Remote<Counter>? Other { get; set; }

        public int Add(int n) => count += n;
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task An_object_is_called_from_every_place(string place)
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool(place);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        int two = 2;

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => callers.RunAsync(() => counter.CallAsync(static (c, n) => c.Add(n), two)))).WaitAsync(Deadline);
        int[] sums = await callers.MapToArrayAsync(static c => c.CallAsync(static c => c.Add(1)), (Remote<Counter>[])[counter, counter, counter]).WaitAsync(Deadline);
        Remote<Counter> back = await callers.RunAsync(static c => c, counter).WaitAsync(Deadline);

        Assert.Same(counter, back);
        Assert.Equal([21, 22, 23], sums.Order());
        Assert.Equal(23, await counter.CallAsync(static c => c.Add(0)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Values_of_all_sizes_cross_between_two_workers()
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool("Processes", 1);
        await using Remote<List<byte[]>> blocks = await home.CreateAsync(static () => new List<byte[]>()).WaitAsync(Deadline);

        foreach (int size in (int[])[0, 1, 1 << 10, 1 << 20, 5_000_000])
        {
            int same = await callers.RunAsync(static async (blocks, size) =>
            {
                byte[] block = new byte[size];
                new Random(size).NextBytes(block);
                await blocks.CallAsync(static (list, b) => list.Add(b), block);
                byte[] back = await blocks.CallAsync(static list => list[^1]);
                return back.AsSpan().SequenceEqual(block) ? back.Length : -1;
            }, blocks, size).WaitAsync(Deadline);
            Assert.Equal(size, same);
        }
    }

    [Fact]
    public async Task Many_calls_are_made_at_once_and_each_gets_its_answer()
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool("Processes", 1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);

        int[] answers = await callers.RunAsync(static async c => await Task.WhenAll(Enumerable.Range(0, 1000).Select(n => c.CallAsync(static (_, n) => n * 2, n))), counter).WaitAsync(Deadline);

        Assert.Equal(Enumerable.Range(0, 1000).Select(static n => n * 2), answers);
    }

    [Fact]
    public async Task A_worker_hands_an_object_on_and_gets_one_back()
    {
        await using WorkerPool home = Pool("Processes", 2), callers = Pool("Processes", 1);
        await using Remote<Counter> first = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        await using Remote<Counter> second = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);

        int sum = await callers.RunAsync(static async (first, second) =>
        {
            await first.CallAsync(static (f, s) => f.Other = s, second);
            Remote<Counter> handedBack = (await first.CallAsync(static f => f.Other))!;
            await first.CallAsync(static f => f.Other!.CallAsync(static s => s.Add(10)));
            return await handedBack.CallAsync(static s => s.Add(1));
        }, first, second).WaitAsync(Deadline);

        Assert.Equal(11, sum);
        Assert.Equal(11, await second.CallAsync(static s => s.Add(0)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_lost_object_is_told_of_in_the_worker_by_type()
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool("Processes", 1);
        Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);

        string[] told = await callers.RunAsync(static async c =>
        {
            string crash = await NameOf(c.CallAsync(static _ => Environment.FailFast("the object's worker dies"))), lost = await NameOf(c.CallAsync(static c => c.Add(1)));
            return (string[])[crash, lost, c.IsAlive ? "alive" : "not alive"];
        }, counter).WaitAsync(Deadline);

        Assert.Equal([nameof(WorkerCrashedException), nameof(StateLostException), "not alive"], told);
        await Assert.ThrowsAsync<StateLostException>(() => callers.RunAsync(static c => c.CallAsync(static c => c.Add(1)), counter).WaitAsync(Deadline));
    }

    [Fact]
    public async Task An_object_that_is_built_again_is_called_again()
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool("Processes", 1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter(), new RemoteOptions { Recreate = true }).WaitAsync(Deadline);

        int again = await callers.RunAsync(static async c =>
        {
            await c.CallAsync(static c => c.Add(5));
            await NameOf(c.CallAsync(static _ => Environment.FailFast("the object's worker dies")));
            return await c.CallAsync(static c => c.Add(1));
        }, counter).WaitAsync(Deadline);

        Assert.Equal(1, again);
    }

    /// <summary>Its constructor waits for leave.</summary>
    private sealed class Guarded : IDisposable
    {
        private readonly SharedValue<int> alive;

        public Guarded(SharedEvent building, SharedEvent mayGoOn, SharedValue<int> alive)
        {
            building.Set();
            mayGoOn.Wait();
            this.alive = alive;
            alive.Add(1);
        }

        public void Dispose() => alive.Add(-1);
    }

    [Fact]
    public async Task An_object_that_is_disposed_of_while_it_is_built_again_is_let_go_of()
    {
        await using WorkerPool home = Pool("Processes", 1);
        using var building = new SharedEvent();
        using var mayGoOn = new SharedEvent(isSet: true);
        using var alive = new SharedValue<int>();
        Remote<Guarded> guarded = await home.CreateAsync(() => new Guarded(building, mayGoOn, alive), new RemoteOptions { Recreate = true }).WaitAsync(Deadline);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => guarded.CallAsync(static _ => Environment.FailFast("the object's worker dies")));
        alive.Write(0);
        building.Reset();
        mayGoOn.Reset();

        Task<int>[] calls = [.. Enumerable.Range(0, 3).Select(_ => guarded.CallAsync(static _ => 1))];
        Assert.True(building.Wait(Deadline));
        Task disposing = guarded.DisposeAsync().AsTask();
        mayGoOn.Set();

        foreach (Task<int> call in calls)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Deadline));
        await disposing.WaitAsync(Deadline);
        Assert.Equal(0, alive.Read());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_dies_leaves_nothing_behind_and_does_not_take_the_object_along(bool hasBegun)
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool("Processes", 1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        string began = Path.GetTempFileName(), gate = Path.GetTempFileName();
        File.Delete(began);
        Task? holder = hasBegun ? null : counter.CallAsync(static (_, gate, token) => Until(() => !File.Exists(gate), token), gate);

        Task<int> dying = callers.RunAsync(async () =>
        {
            Task call = counter.CallAsync(static async (c, began, token) =>
            {
                c.Add(1);
                await File.WriteAllTextAsync(began, "", CancellationToken.None);
                await Task.Delay(Timeout.Infinite, token);
            }, began);
            if (hasBegun)
                await Until(() => File.Exists(began), CancellationToken.None);
            Environment.FailFast("the caller dies");
            return 0;
        });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => dying.WaitAsync(Deadline));
        File.Delete(gate);
        if (holder is not null)
            await holder.WaitAsync(Deadline);

        Assert.Equal(hasBegun ? 1 : 0, await counter.CallAsync(static c => c.Add(0)).WaitAsync(Deadline));
        Assert.True(counter.IsAlive);
        Assert.Equal(0, home.Statistics.Running + home.Statistics.Queued);
        File.Delete(began);
    }

    [Fact]
    public async Task A_call_on_an_object_ends_with_the_call_that_made_it()
    {
        await using WorkerPool home = Pool("Processes", 1), callers = Pool("Processes", 1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        string began = Path.GetTempFileName();
        File.Delete(began);

        await callers.RunAsync(static async (c, began) =>
        {
            _ = c.CallAsync(static async (_, began, token) =>
            {
                await File.WriteAllTextAsync(began, "", CancellationToken.None);
                await Task.Delay(Timeout.Infinite, token);
            }, began);
            await Until(() => File.Exists(began), CancellationToken.None);
        }, counter, began).WaitAsync(Deadline);

        Assert.Equal(1, await counter.CallAsync(static c => c.Add(1)).WaitAsync(Deadline));
        File.Delete(began);
    }

    /// <summary>Room in the queue comes only when calls end, and those wait for what would need it.</summary>
    [Fact]
    public async Task Calls_on_objects_need_no_room_in_a_full_queue()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { QueueCapacity = 1 });
        await using Remote<Counter> counter = await pool.CreateAsync(static () => new Counter()).WaitAsync(Deadline);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => pool.RunAsync(static c => c.CallAsync(static c => c.Add(1)), counter))).WaitAsync(Deadline);

        Assert.Equal(50, await counter.CallAsync(static c => c.Add(0)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Two_workers_that_call_each_others_objects_at_once_do_not_hang()
    {
        var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = log });
        await using Remote<Counter> left = await pool.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        await using Remote<Counter> right = await pool.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        string first = Path.GetTempFileName(), second = Path.GetTempFileName();
        File.Delete(first);
        File.Delete(second);
        await left.CallAsync(static (c, other) => c.Other = other, right).WaitAsync(Deadline);
        await right.CallAsync(static (c, other) => c.Other = other, left).WaitAsync(Deadline);

        Task<string> one = left.CallAsync(static (c, mine, others) => Meet(c, mine, others), first, second);
        Task<string> two = right.CallAsync(static (c, mine, others) => Meet(c, mine, others), second, first);
        string[] told = await Task.WhenAll(one, two).WaitAsync(Deadline);

        Assert.Single(told, nameof(DeadlockException));
        Assert.Single(told, "");
        Assert.Contains("waits for an object Counter", (await log.FindAsync(static r => r.EventId.Id == 1105)).Message, StringComparison.Ordinal);
        File.Delete(first);
        File.Delete(second);

        static async Task<string> Meet(Counter counter, string mine, string others)
        {
            await File.WriteAllTextAsync(mine, "");
            await Until(() => File.Exists(others), CancellationToken.None);   // both run, and neither can serve the other
            return await NameOf(counter.Other!.CallAsync(static c => c.Add(1)));
        }
    }

    [Fact]
    public async Task What_cannot_be_handed_over_is_refused_with_the_remedy()
    {
        await using WorkerPool threads = Pool("Threads"), processes = Pool("Processes");
        await using Remote<Counter> here = await threads.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        await using Remote<Counter> there = await processes.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        using var source = new CancellationTokenSource();

        NotPortableException inThread = await Assert.ThrowsAsync<NotPortableException>(() => processes.RunAsync(static c => c.CallAsync(static c => c.Add(1)), here));
        string[] refused = await processes.RunAsync(static async (c, outer) =>
        {
            var shared = SharedBuffer.Allocate<int>(1);
            return new string[]
            {
                await NameOf(c.CallAsync(_ => outer.IsCancellationRequested, CancellationToken.None)),
                await NameOf(c.CallAsync(static _ => SharedBuffer.Allocate<int>(1), CancellationToken.None)),
                await NameOf(c.With(new() { Retry = new() { On = FailureKinds.Crash } }).CallAsync(static c => c.Add(1), CancellationToken.None)),
                await NameOf(c.CallAsync(static (c, b) => c.Add(b.Length), shared, CancellationToken.None)),
            };
        }, there, source.Token).WaitAsync(Deadline);

        Assert.Contains("pool of processes", inThread.Remedy, StringComparison.Ordinal);
        Assert.Equal([nameof(NotPortableException), nameof(NotPortableException), nameof(NotSupportedException), ""], refused);
        Assert.Equal(1, await there.CallAsync(static c => c.Add(0)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_worker_that_starts_may_be_handed_an_object()
    {
        await using WorkerPool home = Pool("Processes", 1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        await using WorkerPool callers = WorkerPool.Processes(2, new() { OnWorkerStart = async () => { await counter.CallAsync(static c => c.Add(1)); } });

        await callers.StartAsync().WaitAsync(Deadline);

        Assert.Equal(2, await counter.CallAsync(static c => c.Add(0)).WaitAsync(Deadline));
    }

    /// <summary>As docs/remote-objects.md shows it.</summary>
    [Fact]
    public async Task Workers_count_into_one_dictionary()
    {
        await using WorkerPool state = Pool("Processes", 1), pool = Pool("Processes", 2);
        await using Remote<Dictionary<string, int>> counts = await state.CreateAsync(static () => new Dictionary<string, int>());
        string[] words = [.. Enumerable.Range(0, 60).Select(static n => n % 3 == 0 ? "fizz" : "buzz")];

        await pool.ForEachAsync(async word =>
        {
            await counts.CallAsync(static (all, word) => all[word] = all.GetValueOrDefault(word) + 1, word);
        }, words).WaitAsync(Deadline);

        Assert.Equal((20, 40), await counts.CallAsync(static all => (all["fizz"], all["buzz"])).WaitAsync(Deadline));
    }

    private static async Task Until(Func<bool> isSo, CancellationToken token)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!isSo())
            await tick.WaitForNextTickAsync(token);
    }

    /// <summary>The type of what it failed with; empty if it did not.</summary>
    private static async Task<string> NameOf(Task call)
    {
        try
        {
            await call;
            return "";
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }
}
