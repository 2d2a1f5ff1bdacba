using System.Threading.Channels;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Channels that stay in the host, and that functions put into and get from.</summary>
public abstract partial class PythonContract
{
    [Needs("objects of the host")]
    [Theory]
    [InlineData("kmtests:double_all")]
    [InlineData("kmtests:aio_double_all")]
    public async Task Items_go_from_here_to_Python_and_back_in_order(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        Channel<int> there = Channel.CreateBounded<int>(3), back = Channel.CreateBounded<int>(3);
        Task<int> call = pool.CallAsync<int>(function, there.Reader, back.Writer);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
                await there.Writer.WriteAsync(i);
            there.Writer.Complete();
        });
        AssertItems([.. Enumerable.Range(0, 200).Select(static i => i * 2)], await ToListAsync(back.Reader.ReadAllAsync()));
        await writing.WaitAsync(Deadline);
        Assert.Equal(200, await call.WaitAsync(Deadline));
    }

    /// <summary>A writer of the program's own, for which there is never room.</summary>
    private sealed class BrokenWriter : ChannelWriter<int>
    {
        public override bool TryWrite(int item) => false;

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException("out of order");
    }

    /// <summary>A reader that has its item for who asks a second time.</summary>
    private sealed class LateReader : ChannelReader<int>
    {
        private readonly TaskCompletionSource completion = new();
        private int asked;

        public override Task Completion => completion.Task;

        public override bool TryRead(out int item)
        {
            item = 7;
            return ++asked == 1 ? throw new TimeoutException("somebody else has it") : true;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => new(true);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task What_a_side_of_a_channel_throws_at_once_ends_the_call_that_uses_it()
    {
        PythonPool pool = await shared.GetAsync(this);
        PythonException thrown = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<object?>("kmtests:put_at_once", new BrokenWriter()).WaitAsync(Deadline));
        Assert.Contains("out of order", thrown.Message, StringComparison.Ordinal);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_channel_that_somebody_else_has_for_too_long_has_not_ended()
    {
        PythonPool pool = await shared.GetAsync(this);
        var reader = new LateReader();
        PythonException thrown = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:get", reader).WaitAsync(Deadline));
        Assert.Contains("somebody else has it", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ChannelClosed", thrown.TypeName, StringComparison.Ordinal);
        Assert.Equal(7, await pool.CallAsync<int>("kmtests:get", reader).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_channel_lives_beyond_the_call_that_handed_it_over_and_comes_back_as_it_is()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateUnbounded<string>();
        await pool.CallAsync<object?>("kmtests:keep_object", channel).WaitAsync(Deadline);
        Assert.Same(channel, await pool.CallAsync<Channel<string>>("kmtests:same", channel).WaitAsync(Deadline));
        Assert.Same(channel, await pool.CallAsync<object>("kmtests:give_kept").WaitAsync(Deadline));
        Task<string> get = pool.CallAsync<string>("kmtests:get_kept");
        await channel.Writer.WriteAsync("late");
        Assert.Equal("late", await get.WaitAsync(Deadline));
        await pool.CallAsync<object?>("kmtests:forget_object").WaitAsync(Deadline);
        // A channel whose last mention in Python is the result itself.
        Assert.Same(channel.Reader, await pool.CallAsync<ChannelReader<string>>("kmtests:same", channel.Reader).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_channel_is_an_item_of_a_channel()
    {
        PythonPool pool = await shared.GetAsync(this);
        var outer = Channel.CreateUnbounded<Channel<int>>();
        var inner = Channel.CreateUnbounded<int>();
        outer.Writer.TryWrite(inner);
        Assert.Same(inner, await pool.CallAsync<Channel<int>>("kmtests:get", outer.Reader).WaitAsync(Deadline));
        Assert.Equal("put", await pool.CallAsync<string>("kmtests:put_outcome", outer.Writer, inner).WaitAsync(Deadline));
        Assert.True(outer.Reader.TryRead(out Channel<int>? again));
        Assert.Same(inner, again);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Nothing_there_or_no_room_is_said_as_the_module_queue_says_it()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateBounded<int>(1);
        Task<string> Get(params object?[] options) => pool.CallAsync<string>("kmtests:get_outcome", PythonArguments.Of([channel.Reader, .. options])).WaitAsync(Deadline);
        Task<string> Put(params object?[] options) => pool.CallAsync<string>("kmtests:put_outcome", PythonArguments.Of([channel.Writer, 5, .. options])).WaitAsync(Deadline);

        Assert.Equal("Empty: ", await Get(false));
        Assert.Equal("Empty: ", await Get(true, 0.01));
        Assert.Equal("ValueError: 'timeout' must be a non-negative number", await Get(true, -1));
        Assert.Equal("put", await Put(false));
        Assert.Equal("Full: ", await Put(false));
        Assert.Equal("Full: ", await Put(true, 0.01));
        Assert.StartsWith("TypeError: ", await pool.CallAsync<string>("kmtests:put_outcome", channel.Writer, "text").WaitAsync(Deadline), StringComparison.Ordinal);
        Assert.Equal(5, await channel.Reader.ReadAsync());
        Assert.Equal("put", await Put(true, 60));
        channel.Writer.Complete();
        Assert.Equal("ChannelClosed: ", await Put(false));
        Assert.Equal("ChannelClosed: ", await Put());
        Assert.Equal(5, await pool.CallAsync<int>("kmtests:get_outcome", channel.Reader, false).WaitAsync(Deadline));
        Assert.Equal("ChannelClosed: ", await Get(false));
        Assert.Equal("ChannelClosed: ", await Get());
        Assert.True(await pool.CallAsync<bool>("kmtests:is_closed_error", channel).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task An_error_that_ends_a_channel_is_read_on_the_other_side()
    {
        PythonPool pool = await shared.GetAsync(this);
        Channel<int> here = Channel.CreateBounded<int>(1), there = Channel.CreateBounded<int>(1);
        here.Writer.Complete(new InvalidOperationException("no more of it"));
        Assert.Equal("ChannelClosed: no more of it", await pool.CallAsync<string>("kmtests:get_outcome", here.Reader).WaitAsync(Deadline));
        Assert.Equal("ChannelClosed: no more of it", await pool.CallAsync<string>("kmtests:get_outcome", here.Reader, false).WaitAsync(Deadline));
        Assert.Equal("ChannelClosed: no more of it", await pool.CallAsync<string>("kmtests:put_outcome", here.Writer, 1).WaitAsync(Deadline));
        Assert.Equal("ChannelClosed: no more of it", await pool.CallAsync<string>("kmtests:put_outcome", here.Writer, 1, false).WaitAsync(Deadline));
        PythonException iterated = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:double_all", here, there).WaitAsync(Deadline));
        Assert.Equal(("kernmantle.ChannelClosed", "no more of it"), (iterated.TypeName, iterated.Message));

        Assert.True(await pool.CallAsync<bool>("kmtests:fail_into", there.Writer, "broken").WaitAsync(Deadline));
        Assert.False(await pool.CallAsync<bool>("kmtests:fail_into", there.Writer, "broken").WaitAsync(Deadline));
        ChannelClosedException closed = await Assert.ThrowsAsync<ChannelClosedException>(async () => await there.Reader.ReadAsync());
        PythonException error = Assert.IsType<PythonException>(closed.InnerException);
        Assert.Equal(("ValueError", "broken"), (error.TypeName, error.Message));
        Assert.Contains("fail_into", error.Traceback, StringComparison.Ordinal);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task An_item_that_somebody_spoilt_fails_the_get_that_it_comes_for_and_no_other()
    {
        PythonPool pool = await shared.GetAsync(this);
        using WorkerChannel<string> channel = WorkerChannel.Create<string>();
        Task<string> Get() => pool.CallAsync<string>("kmtests:get_outcome", channel.Reader).WaitAsync(Deadline);
        Assert.Equal(Kernmantle.Channels.Put.Done, Kernmantle.Channels.ChannelEnd.Of(channel.Memory).TryWrite([0xC1, 0xC1], null));
        Assert.True(channel.Writer.TryWrite("whole"));
        Assert.StartsWith("RuntimeError: An item of this channel is no", await Get(), StringComparison.Ordinal);
        Assert.Equal("whole", await Get());
        channel.Dispose();
        Assert.StartsWith("Disposed: ", await Get(), StringComparison.Ordinal);
        Assert.StartsWith("Disposed: ", await pool.CallAsync<string>("kmtests:put_outcome", channel.Writer, "late").WaitAsync(Deadline), StringComparison.Ordinal);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_put_into_a_full_channel_waits_for_room()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateBounded<int>(1);
        channel.Writer.TryWrite(1);
        Task<string> put = pool.CallAsync<string>("kmtests:put_outcome", channel.Writer, 2);
        await Until(() => pool.Statistics.Running == 1, "it runs");
        Assert.False(put.IsCompleted);
        Assert.Equal(1, await channel.Reader.ReadAsync());
        Assert.Equal("put", await put.WaitAsync(Deadline));
        Assert.Equal(2, await channel.Reader.ReadAsync());
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Threads_get_while_the_main_one_waits_for_them()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateBounded<int>(4);
        Task<int[]> call = pool.CallAsync<int[]>("kmtests:get_in_threads", channel.Reader, 8, 50);
        for (int i = 0; i < 400; i++)
            await channel.Writer.WriteAsync(i).AsTask().WaitAsync(Deadline);
        AssertItems([.. Enumerable.Range(0, 400)], await call.WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Coroutines_get_side_by_side_and_hold_up_nobody()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateUnbounded<int>();
        Task<int>[] waiting = [.. Enumerable.Range(0, 100).Select(_ => pool.CallAsync<int>("kmtests:aio_get", channel.Reader))];
        await Until(() => pool.Statistics.Running == 100, "all wait");
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Task<int> many = pool.CallAsync<int>("kmtests:aio_get_many", channel.Reader, 100);
        for (int i = 0; i < 200; i++)
            channel.Writer.TryWrite(i);
        int[] got = await Task.WhenAll(waiting).WaitAsync(Deadline);
        Assert.Equal(199 * 200 / 2, got.Sum() + await many.WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_takes_no_item_with_it()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateUnbounded<int>();
        var begun = Channel.CreateUnbounded<bool>();
        foreach (string function in (string[])["kmtests:announce_and_get", "kmtests:aio_announce_and_get"])
        {
            using var cancel = new CancellationTokenSource();
            Task<int> call = pool.CallAsync<int>(function, PythonArguments.Of(begun, channel), null, cancel.Token);
            await Begun(begun);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        }
        channel.Writer.TryWrite(9);
        Assert.Equal(9, await pool.CallAsync<int>("kmtests:get", channel.Reader).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("objects of the host")]
    [Needs("interrupts at calls only")]   // else one may come between the item's arrival and what the function does with it
    [Fact]
    [Repeated]
    public async Task Of_items_that_come_as_who_waits_is_cancelled_none_is_lost_or_doubled()
    {
        PythonPool pool = await shared.GetAsync(this);
        var channel = Channel.CreateUnbounded<int>();
        var begun = Channel.CreateUnbounded<bool>();
        var random = new Random(1);
        int rounds = Repetitions.Of(quick: 40, atLength: 400);
        await pool.CallAsync<int[]>("kmtests:take_noted").WaitAsync(Deadline);
        for (int round = 0; round < rounds; round++)
        {
            using var cancel = new CancellationTokenSource();
            Task call = pool.CallAsync<object?>(round % 2 == 0 ? "kmtests:announce_and_note" : "kmtests:aio_announce_and_note", PythonArguments.Of(begun, channel.Reader), null, cancel.Token);
            await Begun(begun);
            Task cancelling = Task.Run(async () =>
            {
                Thread.SpinWait(random.Next(20_000));
                await cancel.CancelAsync();
            });
            Thread.SpinWait(random.Next(20_000));
            channel.Writer.TryWrite(round);
            await cancelling;
            await call.WaitAsync(Deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            Assert.False(call.IsFaulted, $"{call.Exception}");   // done, or cancelled
        }
        channel.Writer.Complete();
        int[] noted = await pool.CallAsync<int[]>("kmtests:take_noted").WaitAsync(Deadline);
        List<int> left = [];
        for (int count = noted.Length; count < rounds; count++)
            left.Add(await pool.CallAsync<int>("kmtests:get", channel.Reader).WaitAsync(Deadline));
        AssertItems([.. Enumerable.Range(0, rounds)], noted.Concat(left).Order());
        Assert.Equal("ChannelClosed: ", await pool.CallAsync<string>("kmtests:get_outcome", channel.Reader).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task An_item_that_comes_for_a_worker_that_has_died_is_the_next_ones()
    {
        await using PythonPool pool = Create();
        var channel = Channel.CreateUnbounded<int>();
        int worker = await pool.CallAsync<int>("kmtests:pid");
        var begun = Channel.CreateUnbounded<bool>();
        Task<int> call = pool.CallAsync<int>("kmtests:announce_and_get", begun, channel.Reader);
        await Begun(begun);
        Kill(worker);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => call.WaitAsync(Deadline));
        channel.Writer.TryWrite(1);
        channel.Writer.TryWrite(2);
        Assert.Equal(7, (await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:take_and_die", channel.Reader).WaitAsync(Deadline))).ExitCode);
        Assert.Equal(2, await pool.CallAsync<int>("kmtests:get", channel.Reader).WaitAsync(Deadline));
    }

    /// <summary>The call waits, or is about to.</summary>
    private static async Task Begun(Channel<bool> announced) => Assert.True(await announced.Reader.ReadAsync().AsTask().WaitAsync(Deadline));

    [Needs("objects of the host")]
    [Fact]
    public async Task One_channel_serves_several_workers_and_the_host_at_once()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        Channel<int> there = Channel.CreateBounded<int>(2), back = Channel.CreateBounded<int>(2);
        Task<int>[] calls = [.. Enumerable.Range(0, 2).Select(_ => pool.CallAsync<int>("kmtests:move_all", there.Reader, back.Writer))];
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 300; i++)
                await there.Writer.WriteAsync(i);
            there.Writer.Complete();
            await Task.WhenAll(calls);
            back.Writer.Complete();
        });
        AssertItems([.. Enumerable.Range(0, 300)], (await ToListAsync(back.Reader.ReadAllAsync())).Order());
        await writing.WaitAsync(Deadline);
        Assert.Equal(300, (await Task.WhenAll(calls)).Sum());
    }
}
