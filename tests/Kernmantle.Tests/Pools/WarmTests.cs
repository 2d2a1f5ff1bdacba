using Kernmantle.Victim;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.Pools;

/// <summary>What a pool knows of its functions, its new workers make ready before they take calls.</summary>
public sealed class WarmTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task A_replacement_has_compiled_the_function_that_the_pool_knows_before_it_is_called(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = transport });
        Func<Compiled, Compiled> function = Compiled.Count;
        int cold = (await pool.RunAsync(function, new Compiled(0, 0, "")).WaitAsync(Deadline)).Methods;
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
        Compiled warm = await pool.RunAsync(function, new Compiled(0, 0, "")).WaitAsync(Deadline);
        Assert.True(warm.Methods > 0 && cold > 0, $"{cold}, {warm.Methods}");
        Assert.Equal(1, warm.Calls);   // nothing of the program's ran while it was made ready
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task A_function_is_made_ready_beforehand_without_running_anything_of_the_program(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = transport });
        Func<Initialized, int> function = Initialized.Take;
        await pool.WarmAsync(function, TestContext.Current.CancellationToken).WaitAsync(Deadline);   // before the start
        await pool.StartAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline);
        await pool.WarmAsync(function, TestContext.Current.CancellationToken).WaitAsync(Deadline);   // and after it
        Assert.Equal(0, await pool.RunAsync(static () => Seen.Initializers).WaitAsync(Deadline));
        Assert.Equal(1, await pool.RunAsync(function, new Initialized("x")).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task What_is_made_ready_while_workers_start_does_not_come_before_their_greeting(WorkerTransport transport)
    {
        // By this clock no start that failed is tried again.
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = transport, TimeProvider = new FakeTimeProvider() });
        Task start = pool.StartAsync(TestContext.Current.CancellationToken);
        using var late = new CancellationTokenSource(Deadline);
        while (!start.IsCompleted)
        {
            late.Token.ThrowIfCancellationRequested();
            await pool.WarmAsync((Func<Initialized, int>)Initialized.Take, TestContext.Current.CancellationToken).WaitAsync(Deadline);
            await Task.WhenAny(start, Task.Delay(1, TestContext.Current.CancellationToken));
        }
        await start;
        Assert.Equal(2, pool.Statistics.Workers);
        Assert.Equal(1, await pool.RunAsync(Initialized.Take, new Initialized("x")).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_function_that_can_never_cross_is_refused()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await Assert.ThrowsAsync<NotPortableException>(() => pool.WarmAsync((Func<Stream, int>)(static s => s.ReadByte()), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => pool.WarmAsync((Comparison<int>)(static (a, b) => a - b), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Threads_have_nothing_to_make_ready()
    {
        await using WorkerPool pool = WorkerPool.Threads(1);
        await pool.WarmAsync((Func<Stream, int>)(static s => s.ReadByte()), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_pool_whose_worker_is_busy_is_warm_when_that_has_ended()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var stop = new CancellationTokenSource();
        Task<int> busy = pool.RunAsync(static (_, token) => token.WaitHandle.WaitOne() ? 1 : 0, 0, stop.Token);
        await pool.StartAsync(TestContext.Current.CancellationToken);
        Task warm = pool.WarmAsync((Func<Initialized, int>)Initialized.Take, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await warm.WaitAsync(Deadline);
        await busy.ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(Deadline);
    }
}

/// <summary>Counts the calls of its worker, and what the runtime had compiled.</summary>
public sealed record Compiled(int Methods, int Calls, string Text)
{
    private static int calls;

    public static Compiled Count(Compiled given) => new((int)System.Runtime.JitInfo.GetCompiledMethodCount(), ++calls, given.Text);
}

/// <summary>Its static constructor leaves a mark elsewhere.</summary>
public sealed class Initialized
{
    private static readonly int Order;

    static Initialized() => Order = ++Seen.Initializers;

    public Initialized(string text) => Text = text;

    public string Text { get; }

    public static int Take(Initialized given) => given.Text.Length * Order;
}

public static class Seen
{
    public static int Initializers { get; set; }
}
