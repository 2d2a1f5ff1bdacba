namespace Kernmantle.Contracts;

/// <summary>A dictionary and a list that calls share, whether those run in the worker that has it or in another one.</summary>
public abstract partial class WorkerPoolContract
{
    [Fact]
    public async Task A_dictionary_is_shared_by_the_calls_that_it_is_handed_to()
    {
        await using WorkerPool pool = Create(2);
        await using SharedDictionary<string, int> counts = await pool.CreateDictionaryAsync<string, int>().WaitAsync(Deadline);
        string word = "captured";
        int by = 2;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.RunAsync(static c => c.AddOrUpdateAsync("argument", 1, static n => n + 1), counts))).WaitAsync(Deadline);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.RunAsync(() => counts.AddOrUpdateAsync(word, by, n => n + by)))).WaitAsync(Deadline);

        Assert.Equal(new() { ["argument"] = 20, ["captured"] = 40 }, await counts.ToDictionaryAsync().WaitAsync(Deadline));
        Assert.Equal(2, await counts.CountAsync().WaitAsync(Deadline));
    }

    [Fact]
    public async Task The_members_of_a_dictionary_say_what_they_found()
    {
        await using WorkerPool pool = Create(2);
        await using SharedDictionary<string, string> names = await pool.CreateDictionaryAsync<string, string>().WaitAsync(Deadline);

        string[] said = await pool.RunAsync(static async names =>
        {
            await names.SetAsync("a", "1");
            await names.SetAsync("a", "2");
            return (string[])
            [
                $"{await names.TryAddAsync("a", "3")} {await names.TryAddAsync("b", "4")}",
                $"{await names.TryGetAsync("a")} {await names.TryGetAsync("c")}",
                $"{await names.UpdateAsync("b", static v => v + "!")} {await names.UpdateAsync("c", static v => v + "!")}",
                $"{await names.RemoveAsync("b")} {await names.RemoveAsync("b")}",
                $"{await names.CountAsync()}",
            ];
        }, names).WaitAsync(Deadline);

        Assert.Equal(["False True", "(True, 2) (False, )", "(True, 4!) (False, )", "(True, 4!) (False, )", "1"], said);
    }

    [Fact]
    public async Task A_list_is_shared_by_the_calls_that_it_is_handed_to()
    {
        await using WorkerPool pool = Create(2);
        await using SharedList<int> list = await pool.CreateListAsync<int>().WaitAsync(Deadline);

        int[] indices = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => pool.RunAsync(static (list, n) => list.AddAsync(n), list, n))).WaitAsync(Deadline);
        int[] said = await pool.RunAsync(async () =>
        {
            await list.SetAsync(0, 100);
            return (int[])[await list.GetAsync(0), await list.UpdateAsync(0, static n => n * 2), await list.RemoveAtAsync(0), await list.CountAsync()];
        }).WaitAsync(Deadline);

        Assert.Equal(Enumerable.Range(0, 10), indices.Order());
        Assert.Equal([100, 200, 200, 9], said);
        Assert.Equal(9, (await list.ToListAsync().WaitAsync(Deadline)).Count);
    }

    [Fact]
    public async Task A_call_returns_the_collections_that_it_was_handed()
    {
        await using WorkerPool pool = Create(2);
        await using SharedDictionary<int, int> dictionary = await pool.CreateDictionaryAsync<int, int>().WaitAsync(Deadline);
        await using SharedList<int> list = await pool.CreateListAsync<int>().WaitAsync(Deadline);

        SharedDictionary<int, int> sameDictionary = await pool.RunAsync(static d => d, dictionary).WaitAsync(Deadline);
        SharedList<int> sameList = await pool.RunAsync(static l => l, list).WaitAsync(Deadline);
        SharedList<int>? none = await pool.RunAsync(static (SharedList<int>? l) => l, (SharedList<int>?)null).WaitAsync(Deadline);

        Assert.Same(dictionary.Remote, sameDictionary.Remote);
        Assert.Same(list.Remote, sameList.Remote);
        Assert.Null(none);
    }

    [Fact]
    public async Task An_update_that_throws_leaves_the_value()
    {
        await using WorkerPool pool = Create(2);
        await using SharedDictionary<string, int> counts = await pool.CreateDictionaryAsync<string, int>().WaitAsync(Deadline);
        await counts.SetAsync("a", 1).WaitAsync(Deadline);

        string thrown = await pool.RunAsync(static async counts =>
        {
            try
            {
                await counts.UpdateAsync("a", static _ => throw new FormatException("no"));
                return "";
            }
            catch (RemoteException e)
            {
                return e.TypeName;
            }
        }, counts).WaitAsync(Deadline);

        Assert.Equal(typeof(FormatException).FullName, thrown);
        Assert.Equal((true, 1), await counts.TryGetAsync("a").WaitAsync(Deadline));
    }

    [Fact]
    public async Task An_index_that_a_list_does_not_have_is_told()
    {
        await using WorkerPool pool = Create(1);
        await using SharedList<int> list = await pool.CreateListAsync<int>().WaitAsync(Deadline);

        RemoteException told = await Assert.ThrowsAsync<RemoteException>(() => list.GetAsync(0).WaitAsync(Deadline));

        Assert.Equal(typeof(ArgumentOutOfRangeException).FullName, told.TypeName);
    }
}
