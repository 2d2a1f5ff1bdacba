using Kernmantle.Tests.Logging;

namespace Kernmantle.Tests.Pools;

/// <summary>What the library does before a function is called has a bound of its own, and is not repeated unseen.</summary>
public sealed class TransferTimeoutTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(WorkerTransport.SharedMemory, true)]
    [InlineData(WorkerTransport.SharedMemory, false)]
    [InlineData(WorkerTransport.Socket, true)]
    [InlineData(WorkerTransport.Socket, false, Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    public Task Decoding_that_does_not_end_has_a_bound_of_its_own_and_the_failure_says_so(WorkerTransport transport, bool timed) => TransferBound.HoldsAsync(
        transport,
        "Decoding the arguments of ",
        pool => pool.With(new() { Timeout = timed ? TimeSpan.FromHours(1) : null }).RunAsync(static slow => slow.Milliseconds, new SlowToMake(Timeout.Infinite, Environment.ProcessId)));

    [Theory]
    [InlineData(WorkerTransport.SharedMemory, true)]
    [InlineData(WorkerTransport.SharedMemory, false)]
    [InlineData(WorkerTransport.Socket, true)]
    [InlineData(WorkerTransport.Socket, false, Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    public async Task A_constructor_that_ends_the_worker_while_its_argument_is_decoded_is_not_run_again_unseen(WorkerTransport transport, bool timed)
    {
        string file = Path.GetTempFileName();
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = transport });
        await Assert.ThrowsAsync<WorkerCrashedException>(() =>
            pool.With(new() { Timeout = timed ? TimeSpan.FromHours(1) : null }).RunAsync(static made => made.File.Length, new EndsItsWorker(file, Environment.ProcessId)).WaitAsync(Deadline));
        Assert.Equal("made\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        File.Delete(file);
    }
}

/// <summary>So has what it does afterwards. A class of its own: each waits for its bound, and classes wait beside each other.</summary>
public sealed class ResultTransferTimeoutTests
{
    [Theory]
    [InlineData(WorkerTransport.SharedMemory, true)]
    [InlineData(WorkerTransport.SharedMemory, false)]
    [InlineData(WorkerTransport.Socket, true)]
    [InlineData(WorkerTransport.Socket, false, Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    public Task Encoding_that_does_not_end_has_a_bound_of_its_own_and_the_failure_says_so(WorkerTransport transport, bool timed) => TransferBound.HoldsAsync(
        transport,
        "Encoding the result of ",
        pool => (timed ? pool.With(new() { Timeout = TimeSpan.FromHours(1) }) : pool).RunAsync(static host => new SlowToRead { Milliseconds = Timeout.Infinite, Host = host }, Environment.ProcessId));
}

/// <summary>A call of which the library's part does not end fails at the bound and says which part it was; the pool goes on.</summary>
internal static class TransferBound
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120), Bound = TimeSpan.FromSeconds(4);

    public static async Task HoldsAsync(WorkerTransport transport, string says, Func<WorkerPool, Task> call)
    {
        using var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { TransferTimeout = Bound, Transport = transport, LoggerFactory = log });
        await using Remote<List<int>> lost = await pool.CreateAsync(static () => new List<int>());
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() => call(pool).WaitAsync(Deadline));
        Assert.True(failure.IsTransfer);
        Assert.Equal(Bound, failure.Timeout);
        Assert.StartsWith(says, failure.Message, StringComparison.Ordinal);
        StateLostException gone = await Assert.ThrowsAsync<StateLostException>(() => lost.CallAsync(static l => l.Count).WaitAsync(Deadline));
        Assert.IsType<CallTimeoutException>(gone.InnerException);
        Assert.EndsWith("Reason: Timeout.", (await log.FindAsync(static e => e.EventId.Name == "WorkerKilled")).Message, StringComparison.Ordinal);
        Assert.Equal(2, await pool.RunAsync(static n => n + 1, 1).WaitAsync(Deadline));
    }
}
