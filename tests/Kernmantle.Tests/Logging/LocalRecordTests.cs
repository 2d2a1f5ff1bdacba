namespace Kernmantle.Tests.Logging;

/// <summary>What pools in this process say of their workers.</summary>
public sealed class LocalRecordTests
{
    /// <summary>One logger is one queue: its records keep their order, and the pool's disposal waits for the last of them.</summary>
    [Theory]
    [InlineData("threads")]
    [InlineData("exclusive")]
    [InlineData("event loop")]
    public async Task All_records_of_a_pool_go_through_one_logger(string kind)
    {
        using var factory = new ListFactory();
        int starts = 0;
        Action start = () =>
        {
            if (Interlocked.Increment(ref starts) == 1)
                throw new FormatException("not yet");
        };
        await using (WorkerPool pool = kind switch
        {
            "threads" => WorkerPool.Threads(1, new() { Name = "p", LoggerFactory = factory, OnWorkerStart = start }),
            "exclusive" => WorkerPool.Exclusive(1, options: new() { Name = "p", LoggerFactory = factory, OnWorkerStart = start }),
            _ => WorkerPool.EventLoop(new() { Name = "p", LoggerFactory = factory, OnWorkerStart = start }),
        })
        {
            await pool.CreateAsync(static () => new Stubborn());
            await pool.RunAsync(static () => SynchronizationContext.Current?.Post(static _ => throw new FormatException("posted"), null));
        }
        string[] told = ["WorkerDidNotStart", .. kind == "threads" ? (string[])[] : ["CallbackThrew"], "ObjectNotDisposed"];
        foreach (string name in told)
            await factory.FindAsync(entry => entry.EventId.Name == name);
        Assert.Equal(told, factory.Entries.Where(static entry => entry.Category == "Kernmantle.Pool.p").Select(static entry => entry.EventId.Name).Intersect(told));
        Assert.Single(factory.Asked, "Kernmantle.Pool.p");
    }

    private sealed class Stubborn : IDisposable
    {
        public void Dispose() => throw new FormatException("no");
    }
}
