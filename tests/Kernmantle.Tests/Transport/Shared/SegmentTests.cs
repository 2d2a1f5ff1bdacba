namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Bodies that are too large for a ring, one way and not the other.</summary>
public sealed class SegmentTests
{
    private const int Large = 1 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Large_arguments_and_a_small_result()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(Large + i, pool.Run(static (byte[] bytes) => bytes.Length, new byte[Large + i]));
            Assert.Equal(Large + i, await pool.RunAsync(static (byte[] bytes) => bytes.LongLength, new byte[Large + i]).WaitAsync(Deadline));
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Large_arguments_and_a_failure()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static int (byte[] bytes) => throw new InvalidOperationException($"{bytes.Length} bytes"), new byte[Large]).WaitAsync(Deadline));
        Assert.Contains($"{Large} bytes", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Small_arguments_and_a_large_result()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        for (int i = 0; i < 20; i++)
            Assert.Equal(Large + i, (await pool.RunAsync(static n => new byte[n], Large + i).WaitAsync(Deadline)).Length);
        Assert.Equal(0, pool.Statistics.Replaced);
    }
}
