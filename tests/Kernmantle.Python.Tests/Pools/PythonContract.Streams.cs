using System.Runtime.CompilerServices;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Streams and maps.</summary>
public abstract partial class PythonContract
{
    [Theory]
    [InlineData("kmtests:count")]
    [InlineData("kmtests:aio_count", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task A_stream_keeps_its_order_and_waits_for_a_slow_consumer(string function)
    {
        await using PythonPool pool = Create(1, new() { StreamWindow = 8 });
        using var file = new Gate();
        int next = 0;
        await foreach (int item in pool.StreamAsync<int>(function, PythonArguments.Of(200, file.Path)))
        {
            Assert.Equal(next++, item);
            if (next == 20)
                Assert.InRange(new FileInfo(file.Path).Length, 0, 20 + 8 + 8 + 1);
        }
        Assert.Equal(200, next);
    }

    [Theory]
    [InlineData("kmtests:endless")]
    [InlineData("kmtests:aio_endless", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task Leaving_a_stream_early_ends_it_in_the_worker(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        using var ended = new Gate();
        await foreach (int item in pool.StreamAsync<int>(function, PythonArguments.Of(ended.Path)))
        {
            if (item == 10)
                break;
        }
        Assert.True(ended.IsOpen);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_generator_that_computes_is_interrupted()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var ended = new Gate();
        await foreach (int item in pool.StreamAsync<int>("kmtests:busy_after", PythonArguments.Of(3, ended.Path)))
        {
            if (item == 2)
                break;
        }
        Assert.True(ended.IsOpen);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Theory]
    [InlineData("kmtests:failing_stream")]
    [InlineData("kmtests:aio_failing_stream", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task A_stream_that_fails_yields_what_it_had_and_then_the_failure(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        List<int> got = [];
        PythonException failure = await Assert.ThrowsAsync<PythonException>(async () =>
        {
            await foreach (int item in pool.StreamAsync<int>(function))
                got.Add(item);
        });
        AssertItems([1, 2], got);
        Assert.Equal(("ValueError", "third"), (failure.TypeName, failure.Message));
    }

    [Fact]
    public async Task Whatever_can_be_iterated_streams()
    {
        PythonPool pool = await shared.GetAsync(this);
        AssertItems([1, 2, 3], await ToListAsync(pool.StreamAsync<int>("kmtests:awaited_list")));
        AssertItems([0, 1, 2], await ToListAsync(pool.StreamAsync<int>("range", PythonArguments.Of(3))));
        AssertItems(["a", "b"], await ToListAsync(pool.StreamAsync<string>("kmtests:same", PythonArguments.Of("ab"))));
        Assert.Empty(await ToListAsync(pool.StreamAsync<int>("kmtests:count", PythonArguments.Of(0))));
        PythonException failure = await Assert.ThrowsAsync<PythonException>(() => ToListAsync(pool.StreamAsync<int>("kmtests:same", PythonArguments.Of(1))));
        Assert.Equal("TypeError", failure.TypeName);
    }

    [Fact]
    public async Task An_item_that_does_not_fit_ends_an_endless_stream()
    {
        PythonPool pool = await shared.GetAsync(this);
        await Assert.ThrowsAsync<PythonConversionException>(() => ToListAsync(pool.StreamAsync<int>("kmtests:texts_for_ever")).WaitAsync(Deadline));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_stream_ends_with_its_worker()
    {
        await using PythonPool pool = Create();
        List<int> got = [];
        await Assert.ThrowsAsync<WorkerCrashedException>(async () =>
        {
            await foreach (int item in pool.StreamAsync<int>("kmtests:dying_stream"))
                got.Add(item);
        });
        AssertItems([1, 2], got);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Many_asynchronous_streams_share_a_worker()
    {
        await using PythonPool pool = Create(1, new() { StreamWindow = 4 });
        List<int>[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => ToListAsync(pool.StreamAsync<int>("kmtests:aio_count", PythonArguments.Of(n * 5)))));
        Assert.Equal(Enumerable.Range(0, 20).Select(static n => n * 5), all.Select(static l => l.Count));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_synchronous_stream_beside_asynchronous_ones_loses_nothing()
    {
        await using PythonPool pool = Create(1, new() { StreamWindow = 2 });
        Task<List<int>>[] streams =
        [
            .. Enumerable.Range(0, 10).Select(i => ToListAsync(pool.StreamAsync<int>(i % 3 == 0 ? "kmtests:count" : "kmtests:aio_count", PythonArguments.Of(100)))),
        ];
        foreach (List<int> items in await Task.WhenAll(streams).WaitAsync(Deadline))
            Assert.Equal(Enumerable.Range(0, 100), items);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task What_a_synchronous_stream_receives_along_with_its_credit_reaches_the_others()
    {
        await using PythonPool pool = Create(1, new() { StreamWindow = 2, KillGrace = Deadline });
        using Gate file = new(), reached = new(), gate = new();
        using var deadline = new CancellationTokenSource(Deadline);
        async Task Next(IAsyncEnumerator<int> items, int expected)
        {
            Assert.True(await items.MoveNextAsync());
            Assert.Equal(expected, items.Current);
        }

        await using IAsyncEnumerator<int> other = pool.StreamAsync<int>("kmtests:aio_count", PythonArguments.Of(100, file.Path)).GetAsyncEnumerator(deadline.Token);
        await Next(other, 0);
        await Until(() => new FileInfo(file.Path).Length == 4, "the next two are sent, and the one behind them waits for credit");
        await using IAsyncEnumerator<int> gated = pool.StreamAsync<int>("kmtests:gated_stream", PythonArguments.Of(reached.Path, gate.Path)).GetAsyncEnumerator(deadline.Token);
        await Next(gated, 1);
        await Reached(reached);
        // The credit of both, one behind the other, while the worker looks at nothing; then it takes its own, and has no need of more.
        await Next(gated, 2);
        await Next(other, 1);
        await Next(other, 2);
        gate.Open();
        await Next(other, 3);
        await Next(gated, 3);
    }

    [Fact]
    public async Task A_map_counts_its_items_and_not_its_batches()
    {
        PythonPool pool = await shared.GetAsync(this);
        PoolStatistics before = pool.Statistics;
        await ToListAsync(pool.MapAsync<int, int>("kmtests:twice", Enumerable.Range(0, 500)));
        await ToListAsync(pool.MapUnorderedAsync<int, int>("kmtests:odd_fails", Enumerable.Range(0, 100)));
        PoolStatistics after = pool.Statistics;
        Assert.Equal((550L, 50L, 0L), (after.Completed - before.Completed, after.Failed - before.Failed, after.Cancelled - before.Cancelled));
    }

    [Fact]
    public async Task Results_come_as_one_array_or_with_the_failures_of_the_others()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        Assert.Equal(Enumerable.Range(0, 500).Select(static n => 2 * n), await pool.MapToArrayAsync<int, int>("kmtests:twice", Enumerable.Range(0, 500)).WaitAsync(Deadline));
        var told = new List<MapProgress>();
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => pool.MapToArrayAsync<int, int>("kmtests:odd_fails", Enumerable.Range(0, 100), new() { MapProgress = new Told(told) })).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => (2 * i) + 1L), failure.Failures.Select(static f => f.Index));
        Assert.All(failure.Failures, static f => Assert.Equal($"odd {f.Index}", Assert.IsType<PythonException>(f.Failure).Message));
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(i % 2 == 0 ? i * i : 0, failure.GetResults<int>()[i]));
        Assert.Equal((100, 50, 100L), (told[^1].Done, told[^1].Failed, told[^1].Total));
    }

    private sealed class Told(List<MapProgress> all) : IProgress<MapProgress>
    {
        public void Report(MapProgress value) => all.Add(value);
    }

    [Theory]
    [InlineData("kmtests:odd_fails")]
    [InlineData("kmtests:aio_odd_fails", Traits = [NeedsAttribute.Trait, "asyncio"])]
    [InlineData("kmtests:awaits_or_fails", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task A_map_keeps_the_order_and_gives_each_failed_item_its_own_failure(string function)
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        PoolStatistics before = pool.Statistics;
        List<MapResult<int, int>> results = await ToListAsync(pool.MapAsync<int, int>(function, Enumerable.Range(0, 300)));
        Assert.Equal(Enumerable.Range(0, 300), results.Select(static r => r.Input));
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => (long)i), results.Select(static r => r.Index));
        foreach (MapResult<int, int> item in results)
        {
            if (item.Input % 2 == 1)
                Assert.Equal($"odd {item.Input}", Assert.Throws<PythonException>(() => item.Value).Message);
            else
                Assert.Equal(item.Input * item.Input, item.Value);
        }
        Assert.Equal((150L, 150L, 0), (pool.Statistics.Completed - before.Completed, pool.Statistics.Failed - before.Failed, pool.Statistics.Queued));
    }

    [Theory]
    [InlineData("kmtests:twice")]
    [InlineData("kmtests:side_by_side", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task An_unordered_map_yields_every_item_once(string function)
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        HashSet<int> seen = [];
        foreach (MapResult<int, int> item in await ToListAsync(pool.MapUnorderedAsync<int, int>(function, Numbers(300))))
        {
            Assert.True(seen.Add(item.Input));
            Assert.Equal(function.EndsWith("twice", StringComparison.Ordinal) ? item.Input * 2 : item.Input, item.Value);
        }
        Assert.Equal(300, seen.Count);
    }

    private static async IAsyncEnumerable<int> Numbers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (i % 7 == 0)
                await Task.Yield();
            yield return i;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_read_before_the_inputs_of_a_map_failed_is_handed_out_and_then_the_failure(bool ordered)
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        List<int> read = [];
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (MapResult<int, int> item in ordered ? pool.MapAsync<int, int>("kmtests:same", FailsAfter(100)) : pool.MapUnorderedAsync<int, int>("kmtests:same", FailsAfter(100)))
                read.Add(item.Value);
        }).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 100), ordered ? read : read.Order());

        static IEnumerable<int> FailsAfter(int count)
        {
            for (int i = 0; i < count; i++)
                yield return i;
            throw new InvalidDataException("no more");
        }
    }

    [Fact]
    public async Task A_map_over_endless_inputs_ends_with_its_pool()
    {
        PythonPool pool = Create();
        int taken = 0;
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await foreach (MapResult<int, int> item in pool.MapAsync<int, int>("kmtests:same", Endless()))
            {
                if (++taken == 10)
                    _ = pool.DisposeAsync().AsTask();
            }
        }).WaitAsync(Deadline);
        await pool.DisposeAsync();

        static IEnumerable<int> Endless()
        {
            for (int i = 0; ; i = (i + 1) % 1000)
                yield return i;
        }
    }

    [Fact]
    public async Task A_map_pulls_an_endless_source_no_faster_than_its_results_are_taken()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        int pulled = 0;
        IEnumerable<int> Endless()
        {
            while (true)
                yield return pulled++;
        }

        int taken = 0;
        await foreach (MapResult<int, int> item in pool.MapAsync<int, int>("kmtests:same", Endless()))
        {
            Assert.Equal(taken, item.Value);
            if (++taken == 100)
                break;
        }
        // Tiny items travel in batches: at most three of 8192 items for each worker.
        Assert.InRange(pulled, 100, 100 + (pool.WorkerCount * 3 * 8192) + 1);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_map_does_not_keep_finished_results_from_the_consumer_while_its_source_is_slow()
    {
        PythonPool pool = await shared.GetAsync(this);
        var second = new TaskCompletionSource();
        async IAsyncEnumerable<int> Slow([EnumeratorCancellation] CancellationToken token = default)
        {
            yield return 1;
            await second.Task.WaitAsync(token);
            yield return 2;
        }

        List<int> got = [];
        await foreach (MapResult<int, int> item in pool.MapAsync<int, int>("kmtests:same", Slow()).WithCancellation(new CancellationTokenSource(Deadline).Token))
        {
            got.Add(item.Value);
            second.TrySetResult();
        }
        AssertItems([1, 2], got);
    }

    [Theory]
    [InlineData("kmtests:same")]
    [InlineData("kmtests:slow_item")]
    [InlineData("kmtests:side_by_side", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task A_map_ends_with_its_token(string function)
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using var cancel = new CancellationTokenSource();
        int taken = 0;
        async Task Map()
        {
            await foreach (MapResult<int, int> item in pool.MapAsync<int, int>(function, Numbers(int.MaxValue), cancellationToken: cancel.Token))
            {
                if (++taken == 10)
                    await cancel.CancelAsync();
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Map().WaitAsync(Deadline));
        Assert.Equal(10, taken);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task An_item_that_ends_its_worker_fails_alone_and_each_item_runs_once()
    {
        await using PythonPool pool = Create(2);
        using var file = new Gate();
        const int Fatal = 500;
        List<MapResult<(int, int, string), int>> results = await ToListAsync(
            pool.MapAsync<(int, int, string), int>("kmtests:die_at_or_log", Enumerable.Range(0, 1000).Select(i => (i, Fatal, file.Path))));
        for (int i = 0; i < 1000; i++)
        {
            if (i == Fatal)
                Assert.Equal(9, Assert.Throws<WorkerCrashedException>(() => results[i].Value).ExitCode);
            else
                Assert.Equal(i, results[i].Value);
        }
        Assert.Equal(Enumerable.Range(0, 1000), (await File.ReadAllLinesAsync(file.Path)).Select(int.Parse).Order());
        Assert.Equal((1, 999, 1), ((int)pool.Statistics.Replaced, (int)pool.Statistics.Completed, (int)pool.Statistics.Failed));
    }

    [Fact]
    public async Task The_only_item_and_the_last_one_may_end_the_worker()
    {
        await using PythonPool pool = Create();
        MapResult<(int, int), int> only = Assert.Single(await ToListAsync(pool.MapAsync<(int, int), int>("kmtests:die_at", [(0, 0)])));
        Assert.Throws<WorkerCrashedException>(() => only.Value);
        List<MapResult<(int, int), int>> results = await ToListAsync(pool.MapAsync<(int, int), int>("kmtests:die_at", Enumerable.Range(0, 500).Select(static i => (i, i % 250 == 249 ? i : -1))));
        Assert.Equal(2, results.Count(static r => r.Failure is WorkerCrashedException));
        Assert.All(results, static r => Assert.Equal(r.Input.Item1 % 250 == 249, r.Failure is not null));
    }

    [Fact]
    public async Task Results_that_do_not_fit_their_type_fail_alone()
    {
        PythonPool pool = await shared.GetAsync(this);
        foreach (MapResult<int, int> item in await ToListAsync(pool.MapAsync<int, int>("kmtests:mixed", Enumerable.Range(0, 600))))
        {
            if (item.Input % 3 == 0)
                Assert.Equal(item.Input, item.Value);
            else
                Assert.Throws<PythonConversionException>(() => item.Value);
        }
        foreach (MapResult<int, byte> item in await ToListAsync(pool.MapAsync<int, byte>("kmtests:same", Enumerable.Range(0, 600))))
            Assert.Equal(item.Input > 255, item.Failure is PythonConversionException);
    }

    [Fact]
    public async Task Inputs_that_cannot_be_sent_fail_alone()
    {
        PythonPool pool = await shared.GetAsync(this);
        IEnumerable<object> inputs = Enumerable.Range(0, 300).Select(static i => i % 50 == 7 ? new object() : i);
        List<MapResult<object, object>> results = await ToListAsync(pool.MapAsync<object, object>("kmtests:same", inputs));
        Assert.Equal(300, results.Count);
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => (long)i), results.Select(static r => r.Index));
        foreach (MapResult<object, object> item in results)
        {
            if (item.Index % 50 == 7)
                Assert.Throws<NotPortableException>(() => item.Value);
            else
                Assert.Equal(item.Index, item.Value);
        }
    }

    [Fact]
    public async Task Results_larger_than_the_memory_of_their_batch_arrive()
    {
        PythonPool pool = await shared.GetAsync(this);
        foreach (MapResult<int, string> item in await ToListAsync(pool.MapAsync<int, string>("kmtests:text_of", Enumerable.Range(0, 3000))))
            Assert.Equal($"{item.Input}".PadLeft(3000, '-'), item.Value);
        foreach (MapResult<int, double> item in await ToListAsync(pool.MapAsync<int, double>("kmtests:half", Enumerable.Range(0, 3000))))
            Assert.Equal(item.Input / 2.0, item.Value);
    }

    [Fact]
    public async Task Results_larger_than_allowed_fail_alone()
    {
        await using PythonPool pool = Create(1, new() { MaxPayloadBytes = 100_000 });
        const string Code = "def sized(n): return 'x' * (200000 if n % 10 == 3 else 10)";
        await pool.ExecAsync(Code);
        foreach (MapResult<int, string> item in await ToListAsync(pool.MapAsync<int, string>("__main__:sized", Enumerable.Range(0, 100))))
        {
            if (item.Input % 10 == 3)
                Assert.Throws<PayloadTooLargeException>(() => item.Value);
            else
                Assert.Equal(10, item.Value.Length);
        }
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Coroutine_functions_in_a_map_run_side_by_side()
    {
        await using PythonPool pool = Create();
        List<MapResult<int, int>> results = await ToListAsync(pool.MapAsync<int, int>("kmtests:meet", Enumerable.Range(0, 50)));
        Assert.Equal(Enumerable.Range(0, 50), results.Select(static r => r.Value));
    }

    [Theory]
    [InlineData("kmtests:unusual")]
    [InlineData("kmtests:aio_unusual", Traits = [NeedsAttribute.Trait, "annotations"])]   // of Python 3, on threads too
    public async Task An_item_that_raises_what_is_no_Exception_fails_alone(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        List<MapResult<int, string>> results = await ToListAsync(pool.MapAsync<int, string>(function, Enumerable.Range(0, 300)));
        string[] types = ["", "KeyboardInterrupt", "kmtests.CancelledWithin", "kmtests.Unusual"];
        Assert.Equal(Enumerable.Range(0, 300).Select(n => types[n % 4]), results.Select(static r => (r.Failure as PythonException)?.TypeName ?? ""));
        Assert.All(results.Where(static r => r.Input % 4 == 0), static r => Assert.Equal($"{r.Input}", r.Value));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_map_of_a_function_that_is_not_there_fails_item_by_item()
    {
        PythonPool pool = await shared.GetAsync(this);
        List<MapResult<int, int>> results = await ToListAsync(pool.MapAsync<int, int>("kmtests:nowhere", Enumerable.Range(0, 20)));
        Assert.Equal(20, results.Count);
        Assert.All(results, static r => Assert.Throws<PythonFunctionNotFoundException>(() => r.Value));
    }

    [Fact]
    public async Task A_map_with_a_timeout_or_a_policy_calls_one_by_one()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        long before = pool.Statistics.Retried;
        var options = new CallOptions { Timeout = Deadline, Retry = new() { On = FailureKinds.Exception, MaxAttempts = 2, Backoff = TimeSpan.FromMilliseconds(1) } };
        List<MapResult<int, int>> results = await ToListAsync(pool.MapAsync<int, int>("kmtests:odd_fails", Enumerable.Range(0, 30), options));
        Assert.Equal(15, results.Count(static r => r.Failure is PythonException));
        Assert.Equal(15, pool.Statistics.Retried - before);
    }
}
