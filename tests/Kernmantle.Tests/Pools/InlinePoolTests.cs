using Kernmantle.Contracts;
using Kernmantle.Functions;

namespace Kernmantle.Tests.Pools;

public class InlinePoolTests : WorkerPoolContract
{
    protected virtual bool VerifyPortable => false;

    protected override WorkerPool Create(int workers, Settings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);   // it has as many as callers
        return WorkerPool.Inline(VerifyPortable, settings.In(new InlinePoolOptions()));
    }

    [Fact]
    public async Task There_is_always_room_for_one_caller_more()
    {
        await using WorkerPool pool = Create(1, new() { QueueCapacity = 1 });
        using var gate = new FileGate();
        Task[] calls = [.. Enumerable.Range(0, 5).Select(_ => pool.RunAsync(FileGate.PassAsync, gate.Path))];
        Assert.All(calls, static c => Assert.False(c.IsCompleted));
        Assert.True(pool.WaitForRoomAsync().IsCompletedSuccessfully);
        Assert.Equal(2, await pool.With(new() { QueueFull = QueueFullMode.Fail }).RunAsync(static n => n + 1, 1));
        gate.Open();
        await Task.WhenAll(calls).WaitAsync(Deadline);
    }
}

/// <summary>The same, with everything encoded and decoded as if it crossed.</summary>
public sealed class PortableInlinePoolTests : InlinePoolTests
{
    protected override bool VerifyPortable => true;

    protected override bool Copies => true;
}
