using Kernmantle.Victim.Liars;

namespace Kernmantle.Tests.Pools;

/// <summary>The clock is a word in memory that the worker can write.</summary>
public sealed class ClockLieTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(0, true)]   // it has never started: then it is decoding that does not end
    [InlineData(1, false)]  // it starts again and again
    [InlineData(2, false)]  // it starts in the future
    [InlineData(3, true)]   // it has stopped: then it is encoding that does not end
    [InlineData(4, true)]   // it has stopped and never started: the same
    public async Task A_worker_that_lies_about_its_clock_gains_nothing(int lie, bool isTransfer)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { TransferTimeout = TimeSpan.FromSeconds(3), Transport = WorkerTransport.SharedMemory });
        Exception? failure = await Record.ExceptionAsync(() => pool.With(new() { Timeout = TimeSpan.FromSeconds(5) }).RunAsync(static lie => Lies.Clock(lie), lie).WaitAsync(Deadline));
        if (isTransfer)
            Assert.True(Assert.IsType<CallTimeoutException>(failure).IsTransfer);
        else
            Assert.Equal(CrashReason.ProtocolViolation, Assert.IsType<WorkerCrashedException>(failure).Reason);
        Assert.Equal(2, await pool.RunAsync(static n => n + 1, 1).WaitAsync(Deadline));
    }
}
