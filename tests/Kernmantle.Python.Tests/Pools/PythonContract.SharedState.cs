using System.Threading.Channels;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Shared arrays, values, and what threads synchronise by.</summary>
public abstract partial class PythonContract
{
    [Needs("objects of the host")]
    [Fact]
    public async Task A_shared_array_is_the_same_memory_there_without_a_copy_and_beyond_the_call()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var array = new SharedArray<double>(1000);
        await pool.CallAsync<object?>("kmtests:keep_object", array).WaitAsync(Deadline);
        object?[] said = await pool.CallAsync<object?[]>("kmtests:fill", array, 2.5).WaitAsync(Deadline);
        Assert.Equal(1000L, said[1]);
        Assert.All(array.Span.ToArray(), static item => Assert.Equal(2.5, item));
        array[7] = 3;
        Assert.Equal(3.0, await pool.CallAsync<double>("kmtests:keep_item", 7, 4.0).WaitAsync(Deadline));
        Assert.Equal(4.0, array[7]);
        await pool.CallAsync<object?>("kmtests:keep_object_slice", array, 10, 20).WaitAsync(Deadline);
        array[12] = 9;
        Assert.Equal(9.0, await pool.CallAsync<double>("kmtests:keep_item", 2, 1.0).WaitAsync(Deadline));
        await pool.CallAsync<object?>("kmtests:forget_object").WaitAsync(Deadline);
        // Its memory has been given back there: it is handed over anew.
        for (int i = 0; i < 20; i++)
        {
            await pool.CallAsync<object?>("kmtests:fill", array, (double)i).WaitAsync(Deadline);
            Assert.Equal(i, array[999]);
        }
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Arrays_of_each_number_are_shared_and_others_refused()
    {
        PythonPool pool = await shared.GetAsync(this);
        using SharedArray<byte> bytes = new(3);
        using SharedArray<short> shorts = new(3);
        using SharedArray<ulong> longs = new(3);
        using SharedArray<float> floats = new(3);
        await pool.CallAsync<object?>("kmtests:fill", bytes, 200).WaitAsync(Deadline);
        await pool.CallAsync<object?>("kmtests:fill", shorts, -3).WaitAsync(Deadline);
        await pool.CallAsync<object?>("kmtests:fill", longs, ulong.MaxValue).WaitAsync(Deadline);
        await pool.CallAsync<object?>("kmtests:fill", floats, 0.5).WaitAsync(Deadline);
        Assert.Equal((200, -3, ulong.MaxValue, 0.5f), (bytes[2], shorts[2], longs[2], floats[2]));
        using var guids = new SharedArray<Guid>(1);
        await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<object?>("kmtests:same", guids));
        var channel = Channel.CreateUnbounded<SharedArray<byte>>();
        channel.Writer.TryWrite(bytes);
        Assert.StartsWith("TypeError: ", await pool.CallAsync<string>("kmtests:get_outcome", channel.Reader).WaitAsync(Deadline), StringComparison.Ordinal);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_lock_excludes_threads_here_and_in_workers_and_tasks_there()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using var guard = new SharedLock("guard");
        using var array = new SharedArray<int>(1);
        const int Count = 100;
        Task here = Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < Count; i++)
                {
                    using (guard.Enter())
                        array[0]++;
                }
            },
            TaskCreationOptions.LongRunning);
        await Task.WhenAll(
            here,
            pool.CallAsync<object?>("kmtests:add_under", guard, array, Count),
            pool.CallAsync<object?>("kmtests:add_under", guard, array, Count),
            pool.CallAsync<object?>("kmtests:aio_add_under", guard, array, Count)).WaitAsync(Deadline);
        Assert.Equal(4 * Count, array[0]);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_lock_whose_owner_in_Python_died_is_abandoned_here_and_there()
    {
        await using PythonPool pool = Create();
        using var guard = new SharedLock();
        using Gate reached = new(), never = new();
        int worker = await pool.CallAsync<int>("kmtests:pid");
        Task holding = pool.CallAsync<object?>("kmtests:hold", guard, reached.Path, never.Path);
        await Reached(reached);
        Assert.Equal(LockTaken.No, guard.TryEnter(TimeSpan.Zero));
        Task<LockTaken> waits = Task.Factory.StartNew(() => Take(guard), TaskCreationOptions.LongRunning);
        Kill(worker);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => holding.WaitAsync(Deadline));
        Assert.Equal(LockTaken.Abandoned, await waits.WaitAsync(Deadline));
        Assert.Equal("AbandonedLock", await pool.CallAsync<string>("kmtests:lock_outcome", guard).WaitAsync(Deadline));
        Assert.Equal("kernmantle.AbandonedLock", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<object?>("kmtests:hold", guard, reached.Path, reached.Path).WaitAsync(Deadline))).TypeName);
        AssertItems([false, true], await pool.CallAsync<bool[]>("kmtests:repair", guard).WaitAsync(Deadline));
        Assert.Equal("taken", await pool.CallAsync<string>("kmtests:lock_outcome", guard).WaitAsync(Deadline));
    }

    /// <summary>And gives it back, on the same thread.</summary>
    private static LockTaken Take(SharedLock guard)
    {
        LockTaken taken = guard.TryEnter(Timeout.InfiniteTimeSpan);
        guard.Exit();
        return taken;
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_worker_that_waits_for_a_lock_and_dies_never_gets_it()
    {
        await using PythonPool pool = Create();
        using var guard = new SharedLock();
        int worker = await pool.CallAsync<int>("kmtests:pid");
        var begun = Channel.CreateUnbounded<bool>();
        Task waiting;
        await Task.Factory.StartNew(
            () =>
            {
                using (guard.Enter())
                {
                    waiting = pool.CallAsync<object?>("kmtests:announce_and_acquire", begun, guard);
                    Begun(begun).GetAwaiter().GetResult();
                    Kill(worker);
                    Assert.ThrowsAsync<WorkerCrashedException>(() => waiting.WaitAsync(Deadline)).GetAwaiter().GetResult();
                }
            },
            TaskCreationOptions.LongRunning);
        Assert.Equal("taken", await pool.CallAsync<string>("kmtests:lock_outcome", guard).WaitAsync(Deadline));
        Assert.True(guard.IsConsistent);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_lock_is_not_in_time_reentrant_if_said_so_and_given_back_by_its_owner_only()
    {
        PythonPool pool = await shared.GetAsync(this);
        using SharedLock guard = new(), reentrant = new(isReentrant: true);
        Task<string> Outcome(params object?[] options) => pool.CallAsync<string>("kmtests:lock_outcome", PythonArguments.Of([guard, .. options])).WaitAsync(Deadline);
        await Task.Factory.StartNew(
            () =>
            {
                using (guard.Enter())
                {
                    Assert.Equal("not in time", Outcome(false).GetAwaiter().GetResult());
                    Assert.Equal("not in time", Outcome(true, 0.01).GetAwaiter().GetResult());
                    Assert.Equal("RuntimeError", pool.CallAsync<string>("kmtests:release", guard).WaitAsync(Deadline).GetAwaiter().GetResult());
                }
            },
            TaskCreationOptions.LongRunning);
        Assert.Equal("taken", await Outcome(false));
        Assert.True(await pool.CallAsync<bool>("kmtests:take_twice", reentrant).WaitAsync(Deadline));
        Assert.Equal("RuntimeError", await pool.CallAsync<string>("kmtests:name_failure", "take_twice", guard).WaitAsync(Deadline));
        Assert.Equal("taken", await Outcome(false));
        guard.Dispose();
        Assert.Equal("Disposed", await pool.CallAsync<string>("kmtests:lock_outcome", guard).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_for_a_lock_leaves_it_to_others()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var guard = new SharedLock();
        using var cancel = new CancellationTokenSource();
        var begun = Channel.CreateUnbounded<bool>();
        Task call = Task.CompletedTask;
        await Task.Factory.StartNew(
            () =>
            {
                using (guard.Enter())
                {
                    call = pool.CallAsync<object?>("kmtests:announce_and_acquire", PythonArguments.Of(begun, guard), null, cancel.Token);
                    Begun(begun).GetAwaiter().GetResult();
                    cancel.Cancel();
                    Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline)).GetAwaiter().GetResult();
                }
            },
            TaskCreationOptions.LongRunning);
        Assert.Equal(LockTaken.Yes, await Task.Factory.StartNew(() => Take(guard), TaskCreationOptions.LongRunning));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Readers_read_together_and_who_writes_is_alone()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var guard = new SharedReaderWriterLock();
        AssertItems([true, false], await pool.CallAsync<bool[]>("kmtests:read_and_write", guard).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Permits_are_taken_and_those_of_a_dead_worker_come_back()
    {
        await using PythonPool pool = Create();
        using var semaphore = new SharedSemaphore(2);
        AssertItems([1L, true, false, 2L], await pool.CallAsync<object[]>("kmtests:permits", semaphore).WaitAsync(Deadline));
        Assert.True(await pool.CallAsync<bool>("kmtests:take_lock", semaphore).WaitAsync(Deadline));
        Assert.Equal(1, semaphore.CurrentCount);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("kmtests:exit_now", 3).WaitAsync(Deadline));
        Assert.Equal(2, semaphore.CurrentCount);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task As_many_tasks_wait_as_like_and_cost_the_host_no_thread()
    {
        const int Count = 400;
        PythonPool pool = await shared.GetAsync(this);
        using var signal = new SharedEvent();
        using var permits = new SharedSemaphore(0, Count);
        Task<int> call = pool.CallAsync<int>("kmtests:aio_wait_many", signal, permits, Count);
        await Until(() => pool.Statistics.Running == 1, "it runs");
        permits.Release(Count / 2);
        await Until(() => permits.CurrentCount == 0, "half of them have one");
        Assert.False(call.IsCompleted);
        signal.Set();
        permits.Release(Count / 2);
        Assert.Equal(2 * Count, await call.WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Events_are_waited_for_on_either_side()
    {
        PythonPool pool = await shared.GetAsync(this);
        using SharedEvent first = new(), second = new(), third = new();
        Task<bool[]> call = pool.CallAsync<bool[]>("kmtests:wait_for_event", first, second);
        first.Set();
        Assert.True(second.Wait(Deadline, TestContext.Current.CancellationToken));
        AssertItems([true, true, false, false], await call.WaitAsync(Deadline));
        Task<bool> awaits = pool.CallAsync<bool>("kmtests:aio_wait_for_event", third);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        third.Set();
        Assert.True(await awaits.WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Barriers_and_countdowns_are_met_and_fail_when_a_worker_is_lost()
    {
        await using PythonPool pool = Create();
        using var countdown = new SharedCountdown(2);
        AssertItems([2L, false, 1L, false], await pool.CallAsync<object[]>("kmtests:count_down", countdown).WaitAsync(Deadline));
        Assert.True(countdown.Signal());
        using var barrier = new SharedBarrier(2);
        Task<bool[]> meets = pool.CallAsync<bool[]>("kmtests:meet_times", barrier, 20);
        await Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < 20; i++)
                    Assert.True(barrier.SignalAndWait(Deadline));
            },
            TaskCreationOptions.LongRunning);
        AssertItems([.. Enumerable.Repeat(true, 20)], await meets.WaitAsync(Deadline));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("kmtests:exit_now", 3).WaitAsync(Deadline));
        Assert.Equal("ParticipantLost", await pool.CallAsync<string>("kmtests:meet_outcome", barrier).WaitAsync(Deadline));
        Assert.Throws<ParticipantLostException>(() => barrier.SignalAndWait(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_condition_hands_a_thing_to_and_fro()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using SharedCondition condition = new();
        using SharedLock guard = new();
        using SharedArray<int> array = new(1);
        Task<int> consumes = pool.CallAsync<int>("kmtests:aio_consume", condition, guard, array, 30);
        await pool.CallAsync<object?>("kmtests:produce", condition, guard, array, 30).WaitAsync(Deadline);
        Assert.Equal(30, await consumes.WaitAsync(Deadline));
        Assert.Equal("RuntimeError", await pool.CallAsync<string>("kmtests:name_failure", "wait_without", condition, guard).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_value_is_read_and_written_whole()
    {
        PythonPool pool = await shared.GetAsync(this);
        using SharedValue<long> number = new(3);
        AssertItems([3L, 5, 7, 7, 11, 11], await pool.CallAsync<long[]>("kmtests:change_value", number).WaitAsync(Deadline));
        Assert.Equal(11, number.Read());
        number.Dispose();
        Assert.Equal("Disposed", await pool.CallAsync<string>("kmtests:name_failure", "change_value", number).WaitAsync(Deadline));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task From_here_to_Python_and_back_with_a_channel_an_array_and_a_lock()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using WorkerChannel<int> places = WorkerChannel.Create<int>(new() { Capacity = 4 });
        using WorkerChannel<(int Place, long Sum)> told = WorkerChannel.Create<(int, long)>(new() { Capacity = 4 });
        using SharedArray<long> sums = new(8);
        using SharedLock guard = new();
        Assert.Same(places, await pool.CallAsync<WorkerChannel<int>>("kmtests:same", places).WaitAsync(Deadline));
        Task<int>[] calls = [.. Enumerable.Range(0, 2).Select(_ => pool.CallAsync<int>("kmtests:sum_up", places.Reader, told.Writer, sums, guard))];
        await using WorkerPool processes = WorkerPool.Processes(1);
        Task writing = Task.Run(async () =>
        {
            await processes.RunAsync(
                static async writer =>
                {
                    for (int i = 0; i < 80; i++)
                        await writer.WriteAsync(i % 8);
                    writer.Complete();
                },
                places.Writer);
            await Task.WhenAll(calls);
            told.Writer.Complete();
        });
        var heard = await ToListAsync(told.Reader.ReadAllAsync());
        await writing.WaitAsync(Deadline);
        Assert.Equal((80, 80), (heard.Count, (await Task.WhenAll(calls)).Sum()));
        for (int place = 0; place < 8; place++)
            AssertItems([.. Enumerable.Range(1, 10).Select(static n => (long)n)], heard.Where(h => h.Place == place).Select(static h => h.Sum).Order());
        Assert.All(sums.Span.ToArray(), static sum => Assert.Equal(10, sum));
    }
}
