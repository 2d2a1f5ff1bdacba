namespace Kernmantle.Tests.Pools;

/// <summary>The token of a call is nobody else's.</summary>
public sealed class FinishedTokenTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static int called;

    private static int Register(int number, CancellationToken token)
    {
        token.Register(static () => Interlocked.Increment(ref called));
        WorkerContext.Current!.StoppingToken.Register(static () => Interlocked.Increment(ref called));
        return number;
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task What_a_call_has_registered_is_not_called_when_a_later_one_is_cancelled(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = transport });
        for (int i = 0; i < 3; i++)
            Assert.Equal(i, await pool.RunAsync(Register, i).WaitAsync(Deadline));
        Assert.Equal(12, (await pool.MapToArrayAsync(Register, new[] { 3, 4, 5 }).WaitAsync(Deadline)).Sum());
        using var cancel = new CancellationTokenSource();
        string begun = Path.Combine(Path.GetTempPath(), $"kernmantle-{Guid.NewGuid():N}");
        Task cancelled = pool.RunAsync(
            static (begun, token) =>
            {
                using var heard = new ManualResetEventSlim();
                token.Register(heard.Set);
                File.WriteAllText(begun, "");
                heard.Wait(CancellationToken.None);
                token.ThrowIfCancellationRequested();
            },
            begun,
            cancel.Token);
        await Contracts.Waiting.Until(() => File.Exists(begun), "the call has begun", Deadline);
        File.Delete(begun);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Deadline));
        Assert.Equal(0, await pool.RunAsync(static () => Volatile.Read(ref called)).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }
}
