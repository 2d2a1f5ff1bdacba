using Kernmantle.Child.Lane;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Bodies that are too large for a ring, one way and not the other.</summary>
public sealed class SegmentTests
{
    private const int Large = 1 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>The thread that the nudge wakes finds a request whose memory is announced behind the nudge, for that same thread.</summary>
    [Fact]
    [Repeated]
    public async Task A_segments_descriptor_arrives_behind_a_nudge()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, StreamWindow = 2, SpinBudget = TimeSpan.Zero });
        for (int i = 0; i < Repetitions.Of(quick: 60, atLength: 300); i++)
        {
            Task stream = Task.Run(async () =>
            {
                await foreach (int _ in pool.StreamAsync(Items, 20))
                    continue;   // each item gives credit, with a nudge
            });
            // Ever larger, so that each needs memory of its own.
            int[] sizes = [.. Enumerable.Range(0, 3).Select(n => 100_000 + (((i * 3) + n) * 4096))];
            Task<int>[] lengths = [.. sizes.Select(size => pool.RunAsync(static (byte[] bytes) => bytes.Length, new byte[size]).WaitAsync(Deadline))];
            await stream.WaitAsync(Deadline);
            Assert.Equal(sizes, await Task.WhenAll(lengths));
        }

        static async IAsyncEnumerable<int> Items(int count)
        {
            await Task.CompletedTask;
            for (int i = 0; i < count; i++)
                yield return i;
        }
    }

    /// <summary>Of a slice that was taken back its memory is free at once, and perhaps dropped before its worker comes to the record that names it.</summary>
    [Fact]
    public async Task Memory_of_a_request_that_was_taken_back_is_not_waited_for()
    {
        bool isTakenBack = false;
        var segments = new WorkerSegments(static _ => { }, static _ => { });
        using var asks = new SemaphoreSlim(0);
        Task<Segment?> found = Task.Factory.StartNew(
            () => segments.Find(5, () =>
            {
                asks.Release();
                return Volatile.Read(ref isTakenBack);
            }),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.True(await asks.WaitAsync(Deadline));
        Assert.False(found.IsCompleted);
        Volatile.Write(ref isTakenBack, true);
        segments.Take(new(ControlKind.Drop, 5), null);
        Assert.Null(await found.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Large_arguments_come_with_a_small_result()
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
    public async Task Large_arguments_come_with_a_failure()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static int (byte[] bytes) => throw new InvalidOperationException($"{bytes.Length} bytes"), new byte[Large]).WaitAsync(Deadline));
        Assert.Contains($"{Large} bytes", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Small_arguments_come_with_a_large_result()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        for (int i = 0; i < 20; i++)
            Assert.Equal(Large + i, (await pool.RunAsync(static n => new byte[n], Large + i).WaitAsync(Deadline)).Length);
        Assert.Equal(0, pool.Statistics.Replaced);
    }
}
