using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.SharedState;

/// <summary>Bad input, wrong use, and what a hostile worker can write.</summary>
public sealed class MisuseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void What_cannot_be_is_not_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedBarrier(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedCountdown(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedSemaphore(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedSemaphore(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedSemaphore(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedSemaphore(1, SharedSemaphore.MostPermits + 1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedEvent(mode: (EventResetMode)7));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedArray<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SharedArray<long>(int.MaxValue));
        Assert.Throws<NotSupportedException>(static () => new SharedArray<nint>(1));
        Assert.Throws<NotSupportedException>(static () => new SharedValue<nint>());
        Assert.Contains("SharedArray", Assert.Throws<NotSupportedException>(static () => new SharedValue<(Guid, Guid, Guid, Guid, byte)>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_permits_than_a_semaphore_can_have_are_refused_and_give_nobodys_back()
    {
        using var permits = new SharedSemaphore(2);
        permits.Wait(cancellationToken: Token);
        Assert.Throws<SemaphoreFullException>(() => permits.Release(int.MaxValue));
        Assert.Throws<SemaphoreFullException>(() => permits.Release(2));
        Assert.Equal(1, permits.CurrentCount);
    }

    [Fact]
    public void A_time_to_wait_for_is_not_negative()
    {
        var negative = TimeSpan.FromSeconds(-2);
        using var guard = new SharedLock();
        using var readers = new SharedReaderWriterLock();
        using var permits = new SharedSemaphore(1);
        using var signal = new SharedEvent();
        using var barrier = new SharedBarrier(1);
        using var countdown = new SharedCountdown(0);
        using var changed = new SharedCondition();
        Assert.Throws<ArgumentOutOfRangeException>(() => guard.TryEnter(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => readers.TryEnterRead(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => readers.TryEnterWrite(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => permits.Wait(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => signal.Wait(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => barrier.SignalAndWait(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => countdown.Wait(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => changed.Wait(guard, negative));
    }

    [Fact]
    public async Task What_was_disposed_of_is_used_no_more_nor_handed_on()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        var guard = new SharedLock("my lock");
        var value = new SharedValue<int>();
        var array = new SharedArray<int>(1);
        Memory<int> memory = array.Memory;
        guard.Dispose();
        value.Dispose();
        array.Dispose();
        array.Dispose();
        Assert.Equal("SharedLock \"my lock\"", Assert.Throws<ObjectDisposedException>(() => guard.TryEnter(TimeSpan.Zero)).ObjectName);
        Assert.Equal("SharedValue", Assert.Throws<ObjectDisposedException>(() => value.Read()).ObjectName);
        Assert.Throws<ObjectDisposedException>(() => array[0]);
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(static guard => guard.IsConsistent, guard, Token));
    }

    [Fact]
    public async Task It_crosses_over_shared_memory_only_and_by_itself()
    {
        await using WorkerPool socket = WorkerPool.Processes(1, new() { Transport = WorkerTransport.Socket });
        using var guard = new SharedLock();
        NotPortableException refused = await Assert.ThrowsAsync<NotPortableException>(() => socket.RunAsync(static guard => guard.IsConsistent, guard, Token));
        Assert.Contains("WorkerTransport.Socket", refused.Message, StringComparison.Ordinal);
        await using WorkerPool pool = WorkerPool.Processes(1);
        refused = await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static pair => pair.Guard.IsConsistent, (Guard: guard, Number: 1), Token));
        Assert.Contains("argument of its own", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Code that shares objects with its workers can be tested without processes.</summary>
    [Fact]
    public async Task The_double_of_a_pool_hands_on_the_same_memory()
    {
        await using WorkerPool pool = WorkerPool.Inline(verifyPortable: true);
        using var value = new SharedValue<int>(1);
        using var guard = new SharedLock();
        using var signal = new SharedEvent();
        SharedValue<int> back = await pool.RunAsync(
            value =>
            {
                using (guard.Enter())
                    value.Add(1);
                signal.Set();
                return value;
            },
            value,
            Token);
        back.Add(1);
        Assert.NotSame(value, back);
        Assert.Equal(3, value.Read());
        Assert.True(signal.IsSet);
        Assert.Equal(LockTaken.Yes, guard.TryEnter(TimeSpan.Zero, Token));
        guard.Exit();
        await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static token => token, Token, Token));   // a token crosses, but not back
    }

    [Fact]
    public async Task What_a_worker_makes_is_its_own()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        Assert.Equal(LockTaken.Yes, await pool.RunAsync(static () =>
        {
            using var own = new SharedLock();
            return own.TryEnter(TimeSpan.Zero);
        }, Token));
        NotPortableException refused = await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static () => new SharedLock(), Token));
        Assert.Contains("make it in the host", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A worker that answers with the memory of something else breaks the protocol.</summary>
    [Fact]
    public void Memory_is_what_its_maker_made_it()
    {
        using var guard = new SharedLock();
        using var small = new SharedArray<byte>(4);
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(4096);
        Assert.Throws<InvalidPayloadException>(() => Read<SharedCountdown>(guard.Memory.Block));
        Assert.Throws<InvalidPayloadException>(() => Read<SharedCountdown>(((ISharedBuffer)buffer).Block));
        Assert.Throws<InvalidPayloadException>(() => Read<SharedArray<Guid>>(guard.Memory.Block));
        Assert.Throws<InvalidPayloadException>(() => Read<SharedValue<long>>(new SharedValue<int>().Memory.Block));
        Assert.Equal(4, Read<SharedArray<byte>>(((SharedObject)small).Memory.Block)!.Length);   // whatever length the worker says
    }

    /// <summary>Whatever a worker writes there: the host goes on, and waits no longer than it wants to.</summary>
    [Fact]
    public async Task Rubbish_in_its_memory_spoils_the_object_and_nothing_else()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        for (int seed = 0; seed < 50; seed++)
        {
            using var guard = new SharedLock("spoilt", breaksDeadlocks: true);
            using var readers = new SharedReaderWriterLock();
            using var permits = new SharedSemaphore(4);
            using var signal = new SharedEvent(mode: EventResetMode.AutoReset);
            using var barrier = new SharedBarrier(3);
            using var countdown = new SharedCountdown(3);
            using var value = new SharedValue<int>();
            int with = seed;
            await pool.RunAsync(() =>
            {
                var random = new Random(with);
                foreach (SharedObject spoilt in (SharedObject[])[guard, readers, permits, signal, barrier, countdown, value])
                    Spoil(spoilt, random);
            }, Token);
            Use(guard, readers, permits, signal, barrier, countdown, value);
            _ = SharedLock.FindDeadlocks();
        }
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static () => System.Diagnostics.Process.GetCurrentProcess().Kill(), Token));
        Assert.Equal(1, await pool.RunAsync(static () => 1, Token));
    }

    private static void Use(SharedLock guard, SharedReaderWriterLock readers, SharedSemaphore permits, SharedEvent signal, SharedBarrier barrier, SharedCountdown countdown, SharedValue<int> value)
    {
        var soon = TimeSpan.FromMilliseconds(1);
        Try(() => guard.TryEnter(soon));
        Try(guard.Exit);
        Try(() => readers.TryEnterRead(soon));
        Try(() => readers.TryEnterWrite(soon));
        Try(readers.ExitRead);
        Try(readers.ExitWrite);
        Try(() => permits.Wait(soon));
        Try(() => permits.Release());
        Try(() => _ = permits.CurrentCount);
        Try(signal.Set);
        Try(() => signal.Wait(soon));
        Try(() => barrier.SignalAndWait(soon));
        Try(() => countdown.Signal());
        Try(() => countdown.Wait(soon));
        Try(() => value.Write(value.Read()));
    }

    /// <summary>What it says may be anything, if it is one of what it says at all.</summary>
    private static void Try(Action use)
    {
        try
        {
            use();
        }
        catch (Exception e) when (e is WorkerException or SynchronizationLockException or LockRecursionException or SemaphoreFullException or InvalidOperationException)
        {
            // ObjectDisposedException is an InvalidOperationException.
        }
    }

    /// <summary>In the worker.</summary>
    private static unsafe void Spoil(SharedObject spoilt, Random random)
    {
        byte* page = spoilt.Memory.Start;
        for (int i = 0; i < StateWords.Size; i += sizeof(long))
        {
            long rubbish = random.Next(4) switch { 0 => 0, 1 => -1, 2 => random.Next(3), _ => random.NextInt64(long.MinValue, long.MaxValue) };
            Volatile.Write(ref *(long*)(page + i), rubbish);
        }
    }

    private static T? Read<T>(SharedBlock block)
        where T : SharedObject, ISharedObject<T>
    {
        using var output = new PooledBuffer();
        var writer = new PayloadWriter(output);
        writer.WriteByte(1);
        BlockNames.Write(ref writer, block);
        writer.WriteInt64(1000);
        var reader = new PayloadReader(output.Written, null, new Memories(block));
        return new SharedObjectCodec<T>().Read(ref reader);
    }

    private sealed class Memories(SharedBlock only) : IBufferScope
    {
        public bool TryLend(SharedBlock block) => false;

        public SharedBlock Take(BlockName name)
        {
            only.AddReference();
            return only;
        }

        public void Opened(ISharedBuffer buffer)
        {
        }
    }
}
