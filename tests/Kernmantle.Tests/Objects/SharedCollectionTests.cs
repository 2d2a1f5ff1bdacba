namespace Kernmantle.Tests.Objects;

/// <summary>A dictionary and a list in worker processes, used by calls of other pools: <c>WorkerPoolContract</c> has those of one pool.</summary>
public sealed class SharedCollectionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Neither begins its updates before both run.</summary>
    [Fact]
    public async Task Two_processes_that_update_one_dictionary_at_once_lose_nothing()
    {
        const int Updates = 200;
        await using WorkerPool home = WorkerPool.Processes(1), callers = WorkerPool.Processes(2);
        await using SharedDictionary<string, int> counts = await home.CreateDictionaryAsync<string, int>().WaitAsync(Deadline);

        int[] processes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => callers.RunAsync(static async counts =>
        {
            await counts.AddOrUpdateAsync("there", 1, static n => n + 1);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while ((await counts.TryGetAsync("there")).Value < 2)
                await tick.WaitForNextTickAsync();
            await Task.WhenAll(Enumerable.Range(0, Updates).Select(i => counts.AddOrUpdateAsync($"{i % 2}", 1, static n => n + 1)));
            return Environment.ProcessId;
        }, counts))).WaitAsync(Deadline);

        Assert.NotEqual(processes[0], processes[1]);
        Assert.Equal(new() { ["there"] = 2, ["0"] = Updates, ["1"] = Updates }, await counts.ToDictionaryAsync().WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_worker_hands_a_dictionary_on_and_gets_one_back()
    {
        await using WorkerPool home = WorkerPool.Processes(2), callers = WorkerPool.Processes(1);
        await using SharedDictionary<string, int> counts = await home.CreateDictionaryAsync<string, int>().WaitAsync(Deadline);
        await using Remote<Keeper> keeper = await home.CreateAsync(static () => new Keeper()).WaitAsync(Deadline);

        int count = await callers.RunAsync(static async (keeper, counts) =>
        {
            await keeper.CallAsync(static (k, c) => k.Kept = c, counts);
            await keeper.CallAsync(static k => k.Kept!.SetAsync("a", 1));
            SharedDictionary<string, int> back = (await keeper.CallAsync(static k => k.Kept))!;
            return await back.AddOrUpdateAsync("a", 0, static n => n + 1);
        }, keeper, counts).WaitAsync(Deadline);

        Assert.Equal(2, count);
    }

    [Fact]
    public async Task A_collection_that_is_lost_with_its_worker_is_told_of_by_type()
    {
        await using WorkerPool home = WorkerPool.Processes(1), callers = WorkerPool.Processes(1);
        SharedDictionary<string, int> counts = await home.CreateDictionaryAsync<string, int>().WaitAsync(Deadline);
        SharedList<int> list = await home.CreateListAsync<int>().WaitAsync(Deadline);
        await counts.SetAsync("a", 1).WaitAsync(Deadline);

        string[] told = await callers.RunAsync(static async (counts, list) => (string[])
        [
            await NameOf(counts.UpdateAsync("a", static _ =>
            {
                Environment.FailFast("the dictionary's worker dies");
                return 0;
            })),
            await NameOf(counts.TryGetAsync("a")),
            await NameOf(list.AddAsync(1)),
        ], counts, list).WaitAsync(Deadline);

        Assert.Equal([nameof(WorkerCrashedException), nameof(StateLostException), nameof(StateLostException)], told);
        await Assert.ThrowsAsync<StateLostException>(() => counts.CountAsync().WaitAsync(Deadline));
        await Assert.ThrowsAsync<StateLostException>(() => list.CountAsync().WaitAsync(Deadline));
        await counts.DisposeAsync();
    }

    [Fact]
    public async Task A_dictionary_that_is_built_again_is_empty()
    {
        await using WorkerPool home = WorkerPool.Processes(1);
        await using SharedDictionary<string, int> counts = await home.CreateDictionaryAsync<string, int>(new() { Recreate = true }).WaitAsync(Deadline);
        await counts.SetAsync("a", 1).WaitAsync(Deadline);

        await Assert.ThrowsAsync<WorkerCrashedException>(() => counts.Remote.CallAsync(static _ => Environment.FailFast("the dictionary's worker dies")).WaitAsync(Deadline));

        Assert.Equal(0, await counts.CountAsync().WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_dictionary_keeps_the_comparer_and_the_items_that_it_was_made_with()
    {
        await using WorkerPool home = WorkerPool.Processes(1), callers = WorkerPool.Processes(1);
        await using var names = new SharedDictionary<string, int>(await home.CreateAsync(static () => new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }).WaitAsync(Deadline));

        await callers.RunAsync(static names => names.AddOrUpdateAsync("A", 0, static n => n + 1), names).WaitAsync(Deadline);

        Assert.Equal(new() { ["a"] = 2 }, await names.ToDictionaryAsync().WaitAsync(Deadline));
    }

    [Fact]
    public async Task What_cannot_cross_is_refused_by_name()
    {
        await using WorkerPool home = WorkerPool.Processes(1);
        await using SharedDictionary<string, int> counts = await home.CreateDictionaryAsync<string, int>().WaitAsync(Deadline);
        await using SharedDictionary<string, Stream> streams = await home.CreateDictionaryAsync<string, Stream>().WaitAsync(Deadline);
        using var stream = new MemoryStream();
        Func<int, int> both = static n => n + 1;
        both += static n => n + 2;

        NotPortableException captured = await Assert.ThrowsAsync<NotPortableException>(() => counts.UpdateAsync("a", n => n + (int)stream.Length).WaitAsync(Deadline));
        await Assert.ThrowsAsync<NotPortableException>(() => counts.UpdateAsync("a", both).WaitAsync(Deadline));
        await Assert.ThrowsAsync<NotPortableException>(() => streams.SetAsync("a", stream).WaitAsync(Deadline));
        await Assert.ThrowsAsync<NotPortableException>(() => home.RunAsync(static all => all.Length, (SharedDictionary<string, int>[])[counts]).WaitAsync(Deadline));

        Assert.Contains("stream", captured.Message, StringComparison.Ordinal);
    }

    private sealed class Keeper
    {
        public SharedDictionary<string, int>? Kept { get; set; }
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
