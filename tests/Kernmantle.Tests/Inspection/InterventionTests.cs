namespace Kernmantle.Tests.Inspection;

/// <summary>What somebody who looks may do: to that worker or call, and to no other.</summary>
public sealed class InterventionTests : InspectionTests
{
    private Task<int> Hold(WorkerPool pool) => pool.RunAsync(static (gate, token) => HoldAsync(gate, token), Gate, CancellationToken.None);

    [Fact]
    public async Task A_busy_worker_is_killed_with_its_call_and_replaced()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        Task<int> held = Hold(pool);
        await IsHeldAsync();
        WorkerSnapshot worker = Worker;
        Inspector.KillWorker(worker.Id);
        WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => held);
        Assert.Equal((CrashReason.Killed, $"{Name}-1"), (failure.Reason, failure.WorkerName));
        Assert.NotEqual(worker.ProcessId, await pool.RunAsync(static () => Environment.ProcessId));
        Assert.Equal(("Killed", worker.ProcessId), (Inspector.Take().Deaths.First(death => death.Pool == Name).Reason, Inspector.Take().Deaths.First(death => death.Pool == Name).ProcessId));
        Assert.Contains("has ended", Assert.Throws<InvalidOperationException>(() => Inspector.KillWorker(worker.Id)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_worker_is_killed_and_replaced()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        int before = await pool.RunAsync(static () => Environment.ProcessId);
        Inspector.KillWorker(Worker.Id);
        Assert.NotEqual(before, await pool.RunAsync(static () => Environment.ProcessId));
        Assert.Single(Inspector.Take().Deaths, death => death.Pool == Name && death.ProcessId == before && death.Call is null);
        Assert.Equal((0, 1), (pool.Statistics.Failed, pool.Statistics.Replaced));
        Assert.Equal(PoolState.Running, pool.State);
    }

    /// <summary>Whatever moment it is: a call that has begun fails with its worker, any other is not touched.</summary>
    [Fact]
    public async Task Kills_amid_many_calls_lose_none()
    {
        const int Calls = 20_000, Kills = 8;
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Name = Name });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        int answered = 0, failed = 0;
        Task calling = Task.WhenAll(Enumerable.Range(0, Calls).Select(async n =>
        {
            try
            {
                Assert.Equal(n + 1, await pool.RunAsync(static n => n + 1, n));
                Interlocked.Increment(ref answered);
            }
            catch (WorkerCrashedException e) when (e.Reason == CrashReason.Killed)
            {
                Interlocked.Increment(ref failed);
            }
        }));
        for (int i = 0; i < Kills; i++)
        {
            await Until(() => Pool.Workers.Any(static worker => worker.State is "busy" or "idle"), "a worker is there");
            try
            {
                Inspector.KillWorker(Pool.Workers.First(static worker => worker.State is "busy" or "idle").Id);
            }
            catch (InvalidOperationException)
            {
                // It has ended meanwhile, with the one before.
            }
        }
        await calling;
        Assert.Equal(Calls, answered + failed);
        Assert.Equal((answered, failed), (pool.Statistics.Completed, pool.Statistics.Failed));
    }

    [Fact]
    public async Task A_thread_cannot_be_killed_nor_looked_at()
    {
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = Name });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        Assert.Contains("cancel its call", Assert.Throws<NotSupportedException>(() => Inspector.KillWorker(Worker.Id)).Message, StringComparison.Ordinal);
        Assert.Contains("thread of this process", (await Assert.ThrowsAsync<InvalidOperationException>(() => Inspector.TakeStacksAsync(Worker.Id, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_worker_is_recycled_at_once_and_a_busy_one_after_its_call()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        int first = await pool.RunAsync(static () => Environment.ProcessId);
        Inspector.RecycleWorker(Worker.Id);
        Task<int> held = Hold(pool);
        await IsHeldAsync();
        Inspector.RecycleWorker(Worker.Id);
        Task<int> behind = pool.RunAsync(static () => Environment.ProcessId);
        Release();
        int second = await held, third = await behind;
        Assert.Equal(3, new HashSet<int> { first, second, third }.Count);
        Assert.Equal((2, 0, 0), (pool.Statistics.Recycled, pool.Statistics.Replaced, pool.Statistics.Failed));
        Assert.Equal(third, await pool.RunAsync(static () => Environment.ProcessId));
    }

    [Fact]
    public async Task A_worker_with_an_object_is_not_recycled()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        await using (Remote<List<int>> numbers = await pool.CreateAsync(static () => new List<int> { 1 }))
        {
            Assert.Contains("1 objects live", Assert.Throws<InvalidOperationException>(() => Inspector.RecycleWorker(Worker.Id)).Message, StringComparison.Ordinal);
            Assert.Equal(1, await numbers.CallAsync(static list => list.Count));
        }
        Inspector.RecycleWorker(Worker.Id);
        await using WorkerPool inline = WorkerPool.Inline(options: new() { Name = $"{Name}-inline" });
        inline.Run(static () => 1);
        Assert.Throws<NotSupportedException>(() => Inspector.RecycleWorker(Inspector.Take().Pools.Single(pool => pool.Name == $"{Name}-inline").Workers[0].Id));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_call_that_runs_is_cancelled(bool inProcesses, bool takesToken)
    {
        await using WorkerPool pool = inProcesses ? WorkerPool.Processes(1, new() { Name = Name }) : WorkerPool.Threads(1, new() { Name = Name });
        Task<int> held = takesToken ? Hold(pool) : pool.RunAsync(static gate => HoldAsync(gate, WorkerContext.Current!.StoppingToken), Gate);
        await IsHeldAsync();
        Inspector.CancelCall(Worker.Call!.Id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        Assert.Equal((1, 0, 0), (pool.Statistics.Cancelled, pool.Statistics.Failed, pool.Statistics.Replaced));
    }

    [Fact]
    public async Task A_call_that_does_not_follow_is_cancelled_with_its_worker()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name, KillGrace = TimeSpan.FromMilliseconds(10) });
        Task<int> held = pool.RunAsync(static gate => HoldAsync(gate, CancellationToken.None), Gate);
        await IsHeldAsync();
        long call = Worker.Call!.Id;
        Inspector.CancelCall(call);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        Assert.Equal((1, 1), (pool.Statistics.Cancelled, pool.Statistics.Replaced));
        Assert.Contains("has ended", Assert.Throws<InvalidOperationException>(() => Inspector.CancelCall(call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_of_a_map_that_runs_is_cancelled()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        Task<List<MapResult<string, int>>> mapping = Task.Run(async () =>
        {
            List<MapResult<string, int>> results = [];
            await foreach (MapResult<string, int> result in pool.MapAsync(static gate => HoldAsync(gate, WorkerContext.Current!.StoppingToken), (string[])[Gate]))
                results.Add(result);
            return results;
        });
        await IsHeldAsync();
        Inspector.CancelCall(Worker.Call!.Id);
        MapResult<string, int> item = Assert.Single(await mapping);
        Assert.IsAssignableFrom<OperationCanceledException>(item.Failure);
        Assert.Equal((0, 1), (pool.Statistics.Completed, pool.Statistics.Cancelled + pool.Statistics.Failed));
    }

    [Fact]
    public async Task A_call_that_waits_is_not_touched_by_a_kill_of_the_worker_before_it()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        Task<int> held = Hold(pool);
        await IsHeldAsync();
        Task<int>[] behind = [.. Enumerable.Range(0, 100).Select(n => pool.RunAsync(static n => n, n))];
        Inspector.KillWorker(Worker.Id);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => held);
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(behind));
    }

    [Fact]
    public async Task Stacks_of_a_worker_say_what_it_does_and_it_goes_on()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name, Evidence = null });
        Task<int> held = pool.RunAsync(static gate => HoldBlocking(gate), Gate);
        await IsHeldAsync();
        string stacks = "";
        for (int i = 0; i < 20 && !stacks.Contains(nameof(HoldBlocking), StringComparison.Ordinal); i++)   // a thread may be at a place where it cannot be read
            stacks = await Inspector.TakeStacksAsync(Worker.Id, TestContext.Current.CancellationToken);
        Assert.Contains(nameof(HoldBlocking), stacks, StringComparison.Ordinal);
        Release();
        Assert.Equal(Worker.ProcessId, await held);
    }

    private static int HoldBlocking(string gate) => HoldAsync(gate, CancellationToken.None).GetAwaiter().GetResult();

    [Fact]
    public async Task A_pool_is_drained()
    {
        WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name, DrainTimeout = TimeSpan.FromMinutes(5) });
        Task<int> held = Hold(pool);
        await IsHeldAsync();
        int number = Pool.Number;
        Inspector.DrainPool(number);
        Assert.Equal(PoolState.Draining, Pool.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(static () => 1));
        Release();
        Assert.NotEqual(0, await held);
        await Until(() => Inspector.Take().Pools.All(each => each.Number != number), "the pool has ended");
        Assert.Contains("has ended", Assert.Throws<InvalidOperationException>(() => Inspector.DrainPool(number)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("a.b.c")]
    [InlineData("-1.0.1")]
    [InlineData("1.0.999999999999999999999")]
    public void What_names_no_worker_is_refused(string id) => Assert.ThrowsAny<ArgumentException>(() => Inspector.KillWorker(id));

    [Fact]
    public async Task A_worker_of_another_pool_or_place_is_not_there()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        foreach (string id in (string[])[$"{int.MaxValue}.0.1", $"{Pool.Number}.1.1", $"{Pool.Number}.0.1", $"{Pool.Number}.0.2"])   // the pool has not started
            Assert.Contains("has ended", Assert.Throws<InvalidOperationException>(() => Inspector.KillWorker(id)).Message, StringComparison.Ordinal);
    }
}
