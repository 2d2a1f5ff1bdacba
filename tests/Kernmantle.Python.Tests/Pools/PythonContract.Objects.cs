using Kernmantle.Contracts.Requirements;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Objects that live in a worker: as those of all other pools.</summary>
public abstract partial class PythonContract
{
    [Fact]
    public async Task An_object_lives_in_a_worker_and_keeps_its_state_between_calls()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        await using PythonRemote counter = await pool.CreateAsync("kmtests:Counter", PythonArguments.Of(10).With("step", 2));
        Assert.Equal(("kmtests:Counter", true), (counter.TypeName, counter.IsAlive));
        Assert.Equal(12, await counter.CallAsync<int>("add"));
        Assert.Equal(16, await counter.CallAsync<int>("add", PythonArguments.None.With("times", 2)));
        AssertItems([18, 20, 22], await ToListAsync(counter.StreamAsync<int>("up_to", PythonArguments.Of(22))));
        Assert.Equal(22 + Large, await counter.CallAsync<int>("total", Filled(Large, 1.0)));
        await using PythonRemote other = await pool.CreateAsync("kmtests:Counter", 5);
        Assert.Equal(6, await other.CallAsync<int>("add"));
        Assert.Equal(24 + Large, await counter.CallAsync<int>("add"));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task An_object_may_be_what_a_coroutine_function_returns()
    {
        PythonPool pool = await shared.GetAsync(this);
        await using PythonRemote counter = await pool.CreateAsync("kmtests:make_counter", 5);
        Assert.Equal(6, await counter.CallAsync<int>("add"));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Calls_on_one_object_run_one_at_a_time_and_in_order_coroutines_too()
    {
        PythonPool pool = await shared.GetAsync(this);
        await using PythonRemote one = await pool.CreateAsync("kmtests:Counter"), two = await pool.CreateAsync("kmtests:Counter");
        Task<int>[] calls = [.. Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? one : two).CallAsync<int>("add_slowly"))];
        int[] counts = await Task.WhenAll(calls).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 40).Select(static i => i / 2 + 1), counts);
    }

    [Fact]
    public async Task A_method_that_raises_fails_alone_and_one_that_is_not_there_is_told()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal("ValueError", (await Assert.ThrowsAsync<PythonException>(() => pool.CreateAsync("kmtests:Counter", 0, 0))).TypeName);
        await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.CreateAsync("kmtests:NoSuchClass"));
        await using PythonRemote counter = await pool.CreateAsync("kmtests:Counter");
        Assert.Equal("TypeError", (await Assert.ThrowsAsync<PythonException>(() => counter.CallAsync<int>("add", "text"))).TypeName);
        var missing = await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => counter.CallAsync<int>("no_such"));
        Assert.Contains("Counter has no 'no_such'", missing.Message, StringComparison.Ordinal);
        Assert.Equal(1, await counter.CallAsync<int>("add"));
    }

    [Fact]
    public async Task An_object_is_lost_with_its_worker_and_made_again_only_if_asked_for()
    {
        await using PythonPool pool = Create();
        await using PythonRemote lost = await pool.CreateAsync("kmtests:Counter", 1), again = await pool.CreateAsync("kmtests:Counter", PythonArguments.Of(7), new RemoteOptions { Recreate = true });
        Assert.Equal(8, await again.CallAsync<int>("add"));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => lost.CallAsync<object?>("die").WaitAsync(Deadline));
        await Assert.ThrowsAsync<StateLostException>(() => lost.CallAsync<int>("add").WaitAsync(Deadline));
        Assert.False(lost.IsAlive);
        Assert.Equal(8, await again.CallAsync<int>("add").WaitAsync(Deadline));
    }

    [Fact]
    public async Task An_object_that_was_disposed_of_is_gone_and_cannot_be_called()
    {
        PythonPool pool = await shared.GetAsync(this);
        int before = await pool.CallAsync<int>("kmtests:living_counters");
        PythonRemote counter = await pool.CreateAsync("kmtests:watched_counter");
        Assert.Equal(1, await counter.CallAsync<int>("add"));
        Assert.Equal(before + 1, await pool.CallAsync<int>("kmtests:living_counters"));
        await counter.DisposeAsync();
        await counter.DisposeAsync();
        Assert.Equal(before, await pool.CallAsync<int>("kmtests:living_counters"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => counter.CallAsync<int>("add"));
    }
}
