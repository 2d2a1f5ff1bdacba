namespace Kernmantle.Contracts;

/// <summary>Options of calls: <see cref="CallInvoker.With"/>.</summary>
public abstract partial class WorkerPoolContract
{
    private static int FailSaying(int n) => throw new FormatException($"attempt {WorkerContext.Current!.Attempt} of {n}");

    [Fact]
    public async Task Options_hold_for_the_calls_made_with_them_and_the_later_ones_win()
    {
        await using WorkerPool pool = Create();
        CallInvoker repeated = pool.With(new() { Name = "repeated", Retry = new() { On = FailureKinds.Exception, MaxAttempts = 2, Backoff = TimeSpan.Zero } });
        CallInvoker renamed = repeated.With(new() { Name = "renamed" });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(("renamed", $"attempt 2 of {i}"), await Says(() => renamed.RunAsync(FailSaying, i)));
            Assert.Equal(("repeated", $"attempt 2 of {i}"), await Says(() => repeated.RunAsync(FailSaying, i)));
            Assert.Equal(("repeated", $"attempt 2 of {i}"), await Says(() => Task.Run(() => repeated.Run(FailSaying, i))));
            (string? name, string message) = await Says(() => pool.RunAsync(FailSaying, i));
            Assert.Contains(nameof(FailSaying), name, StringComparison.Ordinal);
            Assert.Equal($"attempt 1 of {i}", message);
        }
        MapResult<int, int> item = await renamed.MapAsync(FailSaying, [7]).SingleAsync();
        Assert.Equal(("renamed", "attempt 2 of 7"), await Says(() => Task.Run(() => item.Value)));
        Assert.Equal("renamed", (await Says(() => renamed.StreamAsync(FailingStream).ToListAsync().AsTask())).Name);
    }

    [Fact]
    public async Task Options_of_an_objects_creation_are_not_those_of_its_calls()
    {
        await using WorkerPool pool = Create();
        CallInvoker named = pool.With(new() { Name = "named", Retry = new() { On = FailureKinds.Exception, MaxAttempts = 2, Backoff = TimeSpan.Zero } });
        Assert.Equal(("named", "attempt 2 of 1"), await Says(() => named.CreateAsync(static n => $"{FailSaying(n)}", 1)));
        Assert.Equal("object", (await Says(() => named.With(new() { Name = "object" }).CreateAsync(static n => $"{FailSaying(n)}", 1))).Name);
        await using Remote<int[]> remote = await named.CreateAsync(static () => new int[1]);
        Assert.NotEqual("named", (await Says(() => remote.CallAsync(static n => FailSaying(n[0])))).Name);
        ObjectInvoker<int[]> call = remote.With(new() { Name = "call" });
        Assert.Equal("call", (await Says(() => call.CallAsync(static n => FailSaying(n[0])))).Name);
        Assert.Equal("item", (await Says(() => call.With(new() { Name = "item" }).StreamAsync(static n => FailingStream()).ToListAsync().AsTask())).Name);
    }

    [Fact]
    public async Task Options_that_cannot_be_are_refused_at_once()
    {
        await using WorkerPool pool = Create();
        await using Remote<int[]> remote = await pool.CreateAsync(static () => new int[1]);
        foreach (Func<CallOptions, object> with in new Func<CallOptions, object>[] { pool.With, remote.With })
        {
            Assert.Throws<ArgumentNullException>(() => with(null!));
            Assert.Throws<ArgumentOutOfRangeException>(() => with(new() { Timeout = TimeSpan.FromSeconds(-2) }));
            Assert.Throws<ArgumentException>(() => with(new() { Timeout = TimeSpan.FromSeconds(1), Limits = new() { WallTime = TimeSpan.FromSeconds(2) } }));
        }
    }

    private static async IAsyncEnumerable<int> FailingStream()
    {
        await Task.Yield();
        yield return FailSaying(0);
    }

    private static async Task<(string? Name, string Message)> Says(Func<Task> call)
    {
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(call);
        return (failure.CallName, failure.Message);
    }
}
