using System.Runtime.CompilerServices;

namespace Kernmantle.Contracts;

/// <summary>Maps, streams, and objects that live in a worker.</summary>
public abstract partial class WorkerPoolContract
{
    [Fact]
    public async Task A_map_keeps_the_order_and_gives_each_failed_item_its_own_failure()
    {
        await using WorkerPool pool = Create(2);
        List<MapResult<int, int>> results = [];
        await foreach (MapResult<int, int> item in pool.MapAsync(static n => n % 10 == 3 ? throw new FormatException($"{n}") : n * n, Enumerable.Range(0, 100)))
            results.Add(item);
        Assert.Equal(Enumerable.Range(0, 100), results.Select(static r => r.Input));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (long)i), results.Select(static r => r.Index));
        foreach (MapResult<int, int> item in results)
        {
            if (item.Input % 10 == 3)
                Assert.Equal($"{item.Input}", Assert.Throws<RemoteException>(() => item.Value).Message);
            else
                Assert.Equal(item.Input * item.Input, item.Value);
        }
    }

    [Fact]
    public async Task An_unordered_map_yields_every_item_once()
    {
        await using WorkerPool pool = Create(2);
        HashSet<int> seen = [];
        await foreach (MapResult<int, int> item in pool.MapUnorderedAsync(static async n =>
        {
            await Task.Yield();
            return -n;
        }, Numbers(200)))
        {
            Assert.True(seen.Add(item.Input));
            Assert.Equal(-item.Input, item.Value);
        }
        Assert.Equal(200, seen.Count);
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

    [Fact]
    public async Task A_map_pulls_an_endless_source_no_faster_than_its_results_are_taken()
    {
        await using WorkerPool pool = Create(2);
        int pulled = 0;
        IEnumerable<int> Endless()
        {
            while (true)
                yield return pulled++;
        }

        int taken = 0;
        await foreach (MapResult<int, int> item in pool.MapAsync(static n => n, Endless()))
        {
            Assert.Equal(taken, item.Value);
            if (++taken == 100)
                break;
        }
        // Tiny items travel in frames: at most three of 8192 items for each worker.
        Assert.InRange(pulled, 100, 100 + (pool.WorkerCount * (OtherProcess ? 3 * 8192 : 4)) + 1);
    }

    [Fact]
    public async Task A_map_does_not_keep_finished_results_from_the_consumer_while_its_source_is_slow()
    {
        await using WorkerPool pool = Create(2);
        var second = new TaskCompletionSource();
        async IAsyncEnumerable<int> Slow([EnumeratorCancellation] CancellationToken token = default)
        {
            yield return 1;
            await second.Task.WaitAsync(token);
            yield return 2;
        }

        List<int> got = [];
        await foreach (MapResult<int, int> item in pool.MapAsync(static n => n, Slow()).WithCancellation(new CancellationTokenSource(Deadline).Token))
        {
            got.Add(item.Value);
            second.TrySetResult();
        }
        Assert.Equal([1, 2], got);
    }

    [Fact]
    public async Task A_map_ends_with_its_token()
    {
        await using WorkerPool pool = Create(2);
        using var cancel = new CancellationTokenSource();
        int taken = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MapResult<int, int> item in pool.MapAsync(static n => n, Numbers(int.MaxValue), cancellationToken: cancel.Token))
            {
                if (++taken == 10)
                    await cancel.CancelAsync();
            }
        });
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_map_that_was_cancelled_before_begins_nothing(bool ordered)
    {
        await using WorkerPool pool = Create(2);
        using var gate = new FileGate();
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        string[] inputs = [.. Enumerable.Repeat(gate.Path, 100)];
        var cancelled = new CancellationToken(canceled: true);
        for (int i = 0; i < 20; i++)
        {
            IAsyncEnumerable<MapResult<string, bool>> results = ordered ? pool.MapAsync(Mark, inputs, cancellationToken: cancelled) : pool.MapUnorderedAsync(Mark, inputs, cancellationToken: cancelled);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await results.GetAsyncEnumerator(CancellationToken.None).MoveNextAsync().AsTask().WaitAsync(Deadline));
        }
        Assert.False(File.Exists(gate.Path));

        static bool Mark(string path)
        {
            File.WriteAllText(path, "");
            return true;
        }
    }

    [Fact]
    public async Task A_stream_keeps_its_order_and_waits_for_a_slow_consumer()
    {
        await using WorkerPool pool = Create(1, new() { StreamWindow = 8 });
        string file = Path.GetTempFileName();
        int next = 0;
        await foreach (int item in pool.StreamAsync(static f => Counted(f, 200), file))
        {
            Assert.Equal(next++, item);
            if (next == 20)
                Assert.InRange(new FileInfo(file).Length, 0, 20 + 8 + 8 + 1);
        }
        Assert.Equal(200, next);
        File.Delete(file);
    }

    /// <summary>Leaves a byte for each item it was asked for.</summary>
    private static async IAsyncEnumerable<int> Counted(string file, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await File.AppendAllTextAsync(file, ".");
            yield return i;
        }
    }

    [Fact]
    public async Task Leaving_a_stream_early_ends_it_in_the_worker()
    {
        await using WorkerPool pool = Create(1, new() { KillGrace = Deadline });
        using var ended = new FileGate();
        await foreach (int item in pool.StreamAsync(static (path, token) => Endless(path, token), ended.Path))
        {
            if (item == 10)
                break;
        }
        Assert.True(File.Exists(ended.Path));
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    private static async IAsyncEnumerable<int> Endless(string ended, [EnumeratorCancellation] CancellationToken token = default)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                token.ThrowIfCancellationRequested();
                await Task.Yield();
                yield return i;
            }
        }
        finally
        {
            await File.WriteAllTextAsync(ended, "", CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_stream_that_fails_yields_what_it_had_and_then_the_failure()
    {
        await using WorkerPool pool = Create(1);
        List<int> got = [];
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(async () =>
        {
            await foreach (int item in pool.StreamAsync(static () => Failing()))
                got.Add(item);
        });
        Assert.Equal([1, 2], got);
        Assert.Equal("System.FormatException", failure.TypeName);
    }

    private static async IAsyncEnumerable<int> Failing()
    {
        yield return 1;
        await Task.Yield();
        yield return 2;
        throw new FormatException();
    }

    /// <summary>An object that cannot cross: it stays where it was made.</summary>
    public sealed class Account(int balance, string? disposedFile) : IDisposable
    {
        private int balance = balance;
        private int inside;

        public int Add(int amount)
        {
            if (Interlocked.Increment(ref inside) != 1)
                throw new InvalidOperationException("two calls at once");
            balance += amount;
            Interlocked.Decrement(ref inside);
            return balance;
        }

        public async IAsyncEnumerable<int> Count()
        {
            for (int i = 0; i < balance; i++)
            {
                await Task.Yield();
                yield return i;
            }
        }

        public void Dispose()
        {
            if (disposedFile is not null)
                File.AppendAllText(disposedFile, "disposed");
        }
    }

    [Fact]
    public async Task An_object_lives_in_its_worker_serves_its_calls_one_by_one_and_is_disposed_of_there()
    {
        await using WorkerPool pool = Create(2);
        string file = Path.GetTempFileName();
        await using (Remote<Account> account = await pool.CreateAsync(static given => new Account(given.Balance, given.file), (Balance: 10, file)))
        {
            Assert.True(account.IsAlive);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => account.CallAsync(static (a, n) => a.Add(n), 1)));
            Assert.Equal(65, await account.CallAsync(static (a, n) => a.Add(n), 5));
            int items = 0;
            await foreach (int item in account.StreamAsync(static a => a.Count()))
                Assert.Equal(items++, item);
            Assert.Equal(65, items);
            await Assert.ThrowsAsync<RemoteException>(() => account.CallAsync(static a => throw new FormatException(a.ToString())));
        }
        Assert.Equal("disposed", await File.ReadAllTextAsync(file));
        File.Delete(file);
    }

    [Fact]
    public async Task Objects_left_over_are_disposed_of_with_the_pool()
    {
        string file = Path.GetTempFileName();
        await using (WorkerPool pool = Create(2))
        {
            Remote<Account> account = await pool.CreateAsync(static f => new Account(0, f), file);
            Assert.Equal(1, await account.CallAsync(static a => a.Add(1)));
        }
        Assert.Equal("disposed", await File.ReadAllTextAsync(file));
        File.Delete(file);
    }

    [Fact]
    public async Task A_call_after_the_objects_disposal_is_refused()
    {
        await using WorkerPool pool = Create(1);
        Remote<Account> account = await pool.CreateAsync(static () => new Account(0, null));
        await account.DisposeAsync();
        await account.DisposeAsync();
        Assert.False(account.IsAlive);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => account.CallAsync(static a => a.Add(1)));
    }
}
