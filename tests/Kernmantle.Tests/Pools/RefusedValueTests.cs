namespace Kernmantle.Tests.Pools;

/// <summary>A result that the program's own code refuses to make here fails its call with what that threw, and its worker is not to blame.</summary>
public sealed class RefusedValueTests
{
    private const int Unlucky = 13;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private static WorkerPool Pool(WorkerTransport transport) => WorkerPool.Processes(1, new() { Transport = transport, Evidence = null });

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task Of_a_call_that_is_awaited(WorkerTransport transport)
    {
        await using WorkerPool pool = Pool(transport);
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        for (int i = 0; i < 5; i++)
            AssertRefused(await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(Picky, Unlucky)));
        Assert.Equal(1, (await pool.RunAsync(Picky, 1)).Number);
        await AssertLivesAsync(pool, worker);
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task Of_a_call_that_is_waited_for(WorkerTransport transport)
    {
        await using WorkerPool pool = Pool(transport);
        int worker = pool.Run(static () => Environment.ProcessId);
        for (int i = 0; i < 5; i++)
            AssertRefused(Assert.Throws<RemoteException>(() => pool.Run(Picky, Unlucky)));
        Assert.Equal(1, pool.Run(Picky, 1).Number);
        await AssertLivesAsync(pool, worker);
    }

    /// <summary>Their answers are taken by whoever comes first, which is the pump for most.</summary>
    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task Of_some_among_many_calls(WorkerTransport transport)
    {
        await using WorkerPool pool = Pool(transport);
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        Task<PickyHere>[] calls = [.. Enumerable.Range(0, 500).Select(n => pool.RunAsync(Picky, n % 20))];
        for (int i = 0; i < calls.Length; i++)
        {
            if (i % 20 == Unlucky)
                AssertRefused(await Assert.ThrowsAsync<RemoteException>(() => calls[i].WaitAsync(Bound)));
            else
                Assert.Equal(i % 20, (await calls[i].WaitAsync(Bound)).Number);
        }
        await AssertLivesAsync(pool, worker);
    }

    /// <summary>It needs the other way than a call without one, in the same memory.</summary>
    [Fact]
    public async Task Of_a_call_with_a_progress_sink()
    {
        await using WorkerPool pool = Pool(WorkerTransport.SharedMemory);
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        var sink = new Progress<int>();
        AssertRefused(await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static (int n, IProgress<int> progress) => Picky(n), Unlucky, sink)));
        await AssertLivesAsync(pool, worker);
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task Of_a_call_on_an_object_which_lives_on(WorkerTransport transport)
    {
        await using WorkerPool pool = Pool(transport);
        await using Remote<Counter> counter = await pool.CreateAsync(static () => new Counter());
        for (int n = 1; n < Unlucky; n++)
            Assert.Equal(n, (await counter.CallAsync(static c => c.Next())).Number);
        AssertRefused(await Assert.ThrowsAsync<RemoteException>(() => counter.CallAsync(static c => c.Next())));
        Assert.Equal(Unlucky + 1, (await counter.CallAsync(static c => c.Next())).Number);
    }

    /// <summary>It ends there, although it would go on for ever.</summary>
    [Theory]
    [InlineData(WorkerTransport.SharedMemory, false)]
    [InlineData(WorkerTransport.SharedMemory, true)]
    [InlineData(WorkerTransport.Socket, false)]
    public async Task Of_a_stream(WorkerTransport transport, bool hasSink)
    {
        await using WorkerPool pool = Pool(transport);
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        for (int i = 0; i < 3; i++)
        {
            var seen = new List<int>();
            AssertRefused(await Assert.ThrowsAsync<RemoteException>(() => ReadAsync(hasSink ? pool.StreamAsync(CountReporting, (IProgress<int>)new Progress<int>()) : pool.StreamAsync(Count, 0), seen).WaitAsync(Bound)));
            Assert.Equal(Enumerable.Range(0, Unlucky), seen);
        }
        await AssertLivesAsync(pool, worker);
    }

    /// <summary>Nobody has died.</summary>
    [Fact]
    public async Task A_policy_that_repeats_calls_on_a_death_does_not_repeat_it()
    {
        await using WorkerPool pool = Pool(WorkerTransport.SharedMemory);
        string file = Path.GetTempFileName();
        try
        {
            CallInvoker repeating = pool.With(new() { Retry = new RetryPolicy { On = FailureKinds.Crash, MaxAttempts = 3 } });
            AssertRefused(await Assert.ThrowsAsync<RemoteException>(() => repeating.RunAsync(Noted, file)));
            Assert.Equal("x", await File.ReadAllTextAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A report is not the call's result: it is lost, as one whose sink throws, and told to the log.</summary>
    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task A_report_that_cannot_be_made_here_ends_neither_its_call_nor_its_worker(WorkerTransport transport)
    {
        await using WorkerPool pool = Pool(transport);
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        var reported = new List<int>();
        int result = await pool.RunAsync(
            static reports =>
            {
                for (int i = Unlucky - 1; i <= Unlucky + 1; i++)
                    reports.Report(Picky(i));
                return 5;
            },
            (IProgress<PickyHere>)new Reports(reported)).WaitAsync(Bound);
        Assert.Equal(5, result);
        Assert.Equal([Unlucky - 1, Unlucky + 1], reported);
        await AssertLivesAsync(pool, worker);
    }

    private sealed class Reports(List<int> into) : IProgress<PickyHere>
    {
        public void Report(PickyHere value) => into.Add(value.Number);
    }

    private static async Task AssertLivesAsync(WorkerPool pool, int worker)
    {
        Assert.Equal(worker, await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Bound));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    private static void AssertRefused(RemoteException failure)
    {
        Assert.Equal(typeof(FormatException).FullName, failure.TypeName);
        Assert.Equal("no 13 in the host", failure.Message);
        Assert.IsType<FormatException>(failure.Original);
    }

    private static async Task ReadAsync(IAsyncEnumerable<PickyHere> items, List<int> seen)
    {
        await foreach (PickyHere item in items)
            seen.Add(item.Number);
    }

    private static PickyHere Picky(int number) => new() { Number = number };

    private static PickyHere Noted(string file)
    {
        File.AppendAllText(file, "x");
        return Picky(Unlucky);
    }

#pragma warning disable CS1998 // Iterators that wait for nothing.
    private static async IAsyncEnumerable<PickyHere> Count(int from)
    {
        for (int i = from; ; i++)
            yield return Picky(i);
    }

    private static async IAsyncEnumerable<PickyHere> CountReporting(IProgress<int> progress)
    {
        for (int i = 0; ; i++)
            yield return Picky(i);
    }
#pragma warning restore CS1998

    /// <summary>The thirteenth cannot be made here.</summary>
    public sealed class PickyHere
    {
        public int Number { get; init => field = value == Unlucky && WorkerContext.Current is null ? throw new FormatException("no 13 in the host") : value; }
    }

    public sealed class Counter
    {
        private int last;

        public PickyHere Next() => Picky(++last);
    }
}
