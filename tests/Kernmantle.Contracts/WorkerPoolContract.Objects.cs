namespace Kernmantle.Contracts;

/// <summary>Objects that are handed to other calls and called there, whether those run in the same worker or in another one.</summary>
public abstract partial class WorkerPoolContract
{
    protected sealed class Adder(Remote<Adder>? other = null)
    {
        private int count;

        public Remote<Adder>? Other { get; set; } = other;

        public int Add(int n) => count += n;

        public Task<int> AddThereAsync(int n) => Other!.CallAsync(static (t, n) => t.Add(n), n);
    }

    [Fact]
    public async Task An_object_is_called_by_calls_that_it_is_handed_to()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> adder = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);
        int three = 3;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.RunAsync(static t => t.CallAsync(static t => t.Add(1)), adder))).WaitAsync(Deadline);
        await pool.RunAsync(() => adder.CallAsync(static (t, n) => t.Add(n), three)).WaitAsync(Deadline);
        await pool.RunAsync(static (t, n) => t.CallAsync(static (t, a, b) => t.Add(a + b), n, 1), adder, 6).WaitAsync(Deadline);

        Assert.Equal(30, await adder.CallAsync(static t => t.Add(0)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_returns_the_object_that_it_was_handed()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> adder = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);

        Remote<Adder>? back = await pool.RunAsync(static t => t, adder).WaitAsync(Deadline);
        Remote<Adder>? none = await pool.RunAsync(static (Remote<Adder>? t) => t, (Remote<Adder>?)null).WaitAsync(Deadline);

        Assert.Same(adder, back);
        Assert.Null(none);
    }

    [Fact]
    public async Task An_object_keeps_another_one_and_calls_it()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> first = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);
        await using Remote<Adder> second = await pool.CreateAsync(static other => new Adder(other), first).WaitAsync(Deadline);

        for (int i = 1; i <= 5; i++)
            Assert.Equal(i, await second.CallAsync(static t => t.AddThereAsync(1)).WaitAsync(Deadline));

        Assert.Equal(5, await pool.RunAsync(static async s => await (await s.CallAsync(static t => t.Other))!.CallAsync(static t => t.Add(0)), second).WaitAsync(Deadline));
    }

    [Fact]
    public async Task What_an_object_throws_is_thrown_where_it_was_called()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> adder = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);

        (string type, string message) = await pool.RunAsync(static async t =>
        {
            try
            {
                await t.CallAsync<int>(static _ => throw new FormatException("not a number"));
                return ("", "");
            }
            catch (RemoteException e)
            {
                return (e.TypeName, e.Message);
            }
        }, adder).WaitAsync(Deadline);

        Assert.Equal((typeof(FormatException).FullName, "not a number"), (type, message));
    }

    [Fact]
    public async Task A_call_on_an_object_that_calls_the_same_object_is_told_so()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> adder = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);
        await adder.CallAsync(static (t, self) => t.Other = self, adder).WaitAsync(Deadline);

        string told = await adder.CallAsync(static t => Deadlocked(t.AddThereAsync(1))).WaitAsync(Deadline);

        Assert.NotEmpty(told);
        Assert.Equal(1, await adder.CallAsync(static t => t.Add(1)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Objects_that_call_each_other_are_told_so()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> first = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);
        await using Remote<Adder> second = await pool.CreateAsync(static other => new Adder(other), first).WaitAsync(Deadline);
        await first.CallAsync(static (t, other) => t.Other = other, second).WaitAsync(Deadline);

        string told = await first.CallAsync(static t => t.Other!.CallAsync(static t => Deadlocked(t.AddThereAsync(1)))).WaitAsync(Deadline);

        Assert.NotEmpty(told);
        Assert.Equal(1, await second.CallAsync(static t => t.AddThereAsync(1)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_on_an_object_is_cancelled_by_the_call_that_made_it()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> adder = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);
        using var reached = new FileGate();

        bool cancelled = await pool.RunAsync(static async (t, path) =>
        {
            using var source = new CancellationTokenSource();
            Task call = t.CallAsync(static async (_, path, token) =>
            {
                await File.WriteAllTextAsync(path, "", CancellationToken.None);
                await Task.Delay(System.Threading.Timeout.Infinite, token);
            }, path, source.Token);
            await FileGate.PassAsync(path, CancellationToken.None);
            await source.CancelAsync();
            await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return call.IsCanceled;
        }, adder, reached.Path).WaitAsync(Deadline);

        Assert.True(cancelled);
        Assert.Equal(1, await adder.CallAsync(static t => t.Add(1)).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_on_an_object_by_another_call_times_out()
    {
        await using WorkerPool pool = Create(2);
        await using Remote<Adder> adder = await pool.CreateAsync(static () => new Adder()).WaitAsync(Deadline);

        string type = await pool.RunAsync(static async t =>
        {
            try
            {
                await t.With(new() { Timeout = TimeSpan.FromMilliseconds(50) }).CallAsync(static (_, token) => Task.Delay(System.Threading.Timeout.Infinite, token));
                return "";
            }
            catch (WorkerException e)
            {
                return e.GetType().Name;
            }
        }, adder).WaitAsync(Deadline);

        Assert.Equal(nameof(CallTimeoutException), type);
    }

    /// <summary>What it was told; empty if the call ended otherwise.</summary>
    protected static async Task<string> Deadlocked(Task call)
    {
        try
        {
            await call;
            return "";
        }
        catch (DeadlockException e)
        {
            return e.Message;
        }
    }
}
