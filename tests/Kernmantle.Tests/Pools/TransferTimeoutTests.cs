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
    public async Task Decoding_that_does_not_end_has_a_bound_of_its_own_and_the_failure_says_so(WorkerTransport transport, bool timed)
    {
        TimeSpan bound = TimeSpan.FromSeconds(4);
        await using WorkerPool pool = WorkerPool.Processes(1, new() { TransferTimeout = bound, Transport = transport });
        var options = new CallOptions { Timeout = timed ? TimeSpan.FromHours(1) : null };
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.RunAsync(static slow => slow.Milliseconds, new SlowToMake(Timeout.Infinite, Environment.ProcessId), options).WaitAsync(Deadline));
        Assert.True(failure.IsTransfer);
        Assert.Equal(bound, failure.Timeout);
        Assert.StartsWith("Decoding the arguments of ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, await pool.RunAsync(static n => n + 1, 1).WaitAsync(Deadline));
    }

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
            pool.RunAsync(static made => made.File.Length, new EndsItsWorker(file, Environment.ProcessId), new CallOptions { Timeout = timed ? TimeSpan.FromHours(1) : null }).WaitAsync(Deadline));
        Assert.Equal("made\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        File.Delete(file);
    }
}

/// <summary>So has what it does afterwards. A class of its own: each waits for its bound, and classes wait beside each other.</summary>
public sealed class ResultTransferTimeoutTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(WorkerTransport.SharedMemory, true)]
    [InlineData(WorkerTransport.SharedMemory, false)]
    [InlineData(WorkerTransport.Socket, true)]
    [InlineData(WorkerTransport.Socket, false, Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    public async Task Encoding_that_does_not_end_has_a_bound_of_its_own_and_the_failure_says_so(WorkerTransport transport, bool timed)
    {
        TimeSpan bound = TimeSpan.FromSeconds(4);
        await using WorkerPool pool = WorkerPool.Processes(1, new() { TransferTimeout = bound, Transport = transport });
        var options = new CallOptions { Timeout = timed ? TimeSpan.FromHours(1) : null };
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.RunAsync(static host => new SlowToRead { Milliseconds = Timeout.Infinite, Host = host }, Environment.ProcessId, timed ? options : null).WaitAsync(Deadline));
        Assert.True(failure.IsTransfer);
        Assert.StartsWith("Encoding the result of ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, await pool.RunAsync(static n => n + 1, 1).WaitAsync(Deadline));
    }
}
