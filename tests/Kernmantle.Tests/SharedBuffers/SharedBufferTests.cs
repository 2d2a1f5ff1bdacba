using System.Buffers;
using System.Runtime.CompilerServices;
using Kernmantle.SharedBuffers;
using Xunit;

namespace Kernmantle.Tests.SharedBuffers;

public sealed class SharedBufferTests
{
    private static SharedBuffer<int>? kept;

    private static WorkerPool Pool(int workers = 1, WorkerTransport transport = WorkerTransport.SharedMemory) =>
        WorkerPool.Processes(workers, new() { Transport = transport });

    [Fact]
    public async Task A_worker_works_on_the_memory_itself()
    {
        await using WorkerPool pool = Pool();
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(1000);
        buffer.Span.Fill(7);

        using SharedBuffer<int> back = await pool.RunAsync(Double, buffer);

        Assert.NotSame(buffer, back);
        Assert.Equal(1000, back.Length);
        Assert.True(Unsafe.AreSame(ref buffer.Span[0], ref back.Span[0]));
        Assert.All(buffer.Span.ToArray(), n => Assert.Equal(14, n));
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task It_crosses_every_way_that_calls_go(WorkerTransport transport)
    {
        await using WorkerPool pool = Pool(2, transport);
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(100);
        buffer.Span.Fill(1);
        using var never = new CancellationTokenSource();

        using SharedBuffer<int> quick = pool.Run(Double, buffer);
        using SharedBuffer<int> timed = await pool.With(new() { Timeout = TimeSpan.FromMinutes(1) }).RunAsync(Double, quick);
        using SharedBuffer<int> linked = await pool.RunAsync(Double, timed, never.Token);
        int captured = await pool.RunAsync(() => linked.Span[99]);
        Assert.Equal(8, captured);
        List<int> sums = [];
        await foreach (SharedBuffer<int> item in pool.StreamAsync(Parts, 3))
        {
            using (item)
                sums.Add(item.Span[0]);
        }
        Assert.Equal([0, 1, 2], sums);
        Assert.Null(await pool.RunAsync(static (SharedBuffer<int>? none) => none, (SharedBuffer<int>?)null));
    }

    [Fact]
    public async Task A_thread_gets_the_object_itself()
    {
        await using WorkerPool pool = WorkerPool.Threads(1);
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(3);
        Assert.Same(buffer, await pool.RunAsync(Double, buffer));
    }

    [Fact]
    public async Task What_a_worker_allocates_it_can_return()
    {
        await using WorkerPool pool = Pool();
        for (int i = 0; i < 50; i++)
        {
            using SharedBuffer<int> made = await pool.RunAsync(Make, 10_000 + i);
            Assert.Equal(10_000 + i, made.Length);
            Assert.Equal(i + 9_999, made.Span[^1] - 0);
        }
    }

    [Fact]
    public async Task A_large_one_is_not_copied()
    {
        await using WorkerPool pool = Pool();
        using SharedBuffer<byte> buffer = SharedBuffer.Allocate<byte>(64 << 20);
        buffer.Span[^1] = 5;
        using SharedBuffer<byte> back = pool.Run(static (SharedBuffer<byte> b) => b, buffer);
        Assert.Equal(5, back.Span[^1]);
        Assert.True(Unsafe.AreSame(ref buffer.Span[0], ref back.Span[0]));
    }

    [Fact]
    public async Task Memory_lives_as_long_as_a_call_that_has_it()
    {
        await using WorkerPool pool = Pool();
        SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(5000);
        buffer.Span.Fill(3);
        Task<int> sum = pool.RunAsync(static (SharedBuffer<int> b) => b.Span.ToArray().Sum(), buffer);
        buffer.Dispose();
        using SharedBuffer<int> other = SharedBuffer.Allocate<int>(5000);
        other.Span.Fill(100);
        Assert.Equal(15_000, await sum);
    }

    [Fact]
    public async Task A_crash_gives_back_what_its_call_had()
    {
        await using WorkerPool pool = Pool();
        SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(5000);
        SharedBlock block = ((ISharedBuffer)buffer).Block;
        Task<int> crash = pool.RunAsync(static (SharedBuffer<int> b) =>
        {
            Environment.Exit(b.Length % 7);
            return 0;
        }, buffer);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => crash);
        buffer.Dispose();
        Assert.False(block.TryAddReference());
        using SharedBuffer<int> next = SharedBuffer.Allocate<int>(10);
        Assert.Equal(10, await pool.RunAsync(static (SharedBuffer<int> b) => b.Length, next));
    }

    /// <summary>What is granted cannot be sent any more: that is its death, and no lie.</summary>
    [Fact]
    [Repeated]
    public async Task A_worker_killed_while_it_asks_for_memory_was_killed()
    {
        await using WorkerPool pool = Pool();
        for (int i = 0; i < Repetitions.Of(quick: 7, atLength: 20); i++)
        {
            int process = await pool.RunAsync(static () => Environment.ProcessId);
            var started = new TaskCompletionSource();
            Task asking = pool.RunAsync(static (IProgress<int> begun) =>
            {
                for (int n = 0; ; n++)
                {
                    using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(4096 << (n % 4));
                    buffer.Span.Fill(n);
                    if (n == 20)
                        begun.Report(n);
                }
            }, new Told(started));
            await started.Task.WaitAsync(Deadline);
            using (var worker = System.Diagnostics.Process.GetProcessById(process))
                worker.Kill();
            WorkerCrashedException death = await Assert.ThrowsAsync<WorkerCrashedException>(() => asking.WaitAsync(Deadline));
            Assert.Equal((CrashReason.Signal, (int?)9), (death.Reason, death.Signal));
        }
    }

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private sealed class Told(TaskCompletionSource told) : IProgress<int>
    {
        public void Report(int value) => told.TrySetResult();
    }

    [Fact]
    public async Task Memory_is_used_again_in_its_pool_only()
    {
        await using WorkerPool pool = Pool();
        SharedBuffer<long> first = SharedBuffer.Allocate<long>(77_000, pool);
        SharedBlock block = ((ISharedBuffer)first).Block;
        await pool.RunAsync(static (SharedBuffer<long> b) => b.Length, first);
        first.Dispose();

        using SharedBuffer<long> elsewhere = SharedBuffer.Allocate<long>(77_000);
        Assert.NotSame(block, ((ISharedBuffer)elsewhere).Block);
        using SharedBuffer<long> again = SharedBuffer.Allocate<long>(77_000, pool);
        Assert.Same(block, ((ISharedBuffer)again).Block);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_goes_with_its_pool(bool givenBackFirst)
    {
        SharedBlock block;
        await using (WorkerPool pool = Pool())
        {
            SharedBuffer<long> buffer = SharedBuffer.Allocate<long>(78_000, pool);
            block = ((ISharedBuffer)buffer).Block;
            await pool.RunAsync(static (SharedBuffer<long> b) => b.Length, buffer);
            if (givenBackFirst)
                buffer.Dispose();
            await pool.DisposeAsync();
            Assert.Equal(givenBackFirst, block.File!.IsClosed);
            if (!givenBackFirst)
                buffer.Dispose();
        }
        Assert.True(block.File!.IsClosed);
    }

    [Fact]
    public async Task Memory_that_a_worker_had_when_it_died_is_given_to_no_other_pool()
    {
        await using WorkerPool pool = Pool();
        SharedBuffer<long> first = SharedBuffer.Allocate<long>(79_000);
        SharedBlock block = ((ISharedBuffer)first).Block;
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static (SharedBuffer<long> b) => Environment.Exit(b.Length % 7), first));
        await pool.RunAsync(static () => { });   // the next worker is there: the last one is gone
        using (var deadline = new CancellationTokenSource(Deadline))
        using (var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1)))
        {
            while (block.Audience.Count > 0)
                await tick.WaitForNextTickAsync(deadline.Token);
        }
        first.Dispose();
        using SharedBuffer<long> elsewhere = SharedBuffer.Allocate<long>(79_000);
        Assert.NotSame(block, ((ISharedBuffer)elsewhere).Block);
        using SharedBuffer<long> again = SharedBuffer.Allocate<long>(79_000, pool);
        Assert.Same(block, ((ISharedBuffer)again).Block);
    }

    /// <summary>The worker's main thread waits for the descriptor, with the ring in its hands; what makes the other thread want the ring stands before it in the socket.</summary>
    [Fact]
    public async Task A_descriptor_arrives_behind_a_nudge()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, StreamWindow = 2 });
        for (int i = 0; i < 300; i++)
        {
            Task stream = Task.Run(async () =>
            {
                await foreach (int _ in pool.StreamAsync(Items, 20))
                    continue;   // each item gives credit, with a nudge
            });
            Task<int>[] sums = [.. Enumerable.Range(0, 4).Select(async n =>
            {
                using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>((n + 1) * 20_000);
                return await pool.RunAsync(static (SharedBuffer<int> b) => b.Length, buffer).WaitAsync(TimeSpan.FromSeconds(60));
            })];
            await stream.WaitAsync(TimeSpan.FromSeconds(60));
            int[] lengths = await Task.WhenAll(sums);
            Assert.Equal([20_000, 40_000, 60_000, 80_000], lengths);
        }

        static async IAsyncEnumerable<int> Items(int count)
        {
            await Task.CompletedTask;
            for (int i = 0; i < count; i++)
                yield return i;
        }
    }

    [Fact]
    public void So_much_memory_is_kept_and_no_more()
    {
        SharedBuffer<byte>[] many = [.. Enumerable.Range(0, 500).Select(static _ => SharedBuffer.Allocate<byte>(1))];
        SharedBlock[] blocks = [.. many.Select(static b => ((ISharedBuffer)b).Block)];
        foreach (SharedBuffer<byte> buffer in many)
            buffer.Dispose();
        Assert.InRange(blocks.Count(static b => !b.File!.IsClosed), 0, 64);
    }

    [Fact]
    public async Task After_its_call_it_cannot_be_used_in_the_worker()
    {
        await using WorkerPool pool = Pool();
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(10);
        await pool.RunAsync(Keep, buffer);
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static () => kept!.Span[0]));
        Assert.Equal(typeof(ObjectDisposedException).FullName, failure.TypeName);
    }

    [Fact]
    public void Used_after_its_disposal_it_throws_and_disposing_of_it_again_does_nothing()
    {
        SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(1), next;
        Memory<int> memory = buffer.Memory;
        buffer.Dispose();
        using (next = SharedBuffer.Allocate<int>(1))
        {
            buffer.Dispose();   // must not give back what is another's by now
            next.Span[0] = 42;
            using SharedBuffer<int> other = SharedBuffer.Allocate<int>(1);
            other.Span[0] = 7;
            Assert.Equal(42, next.Span[0]);
        }
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => buffer.Memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
    }

    [Fact]
    public void Memory_that_is_pinned_is_not_used_again_until_it_is_let_go()
    {
        SharedBuffer<int> owner = SharedBuffer.Allocate<int>(1000);
        SharedBlock block = ((ISharedBuffer)owner).Block;
        MemoryHandle pin = owner.Memory[10..].Pin();
        owner.Memory.Span[10] = 42;
        owner.Dispose();
        SharedBuffer<int>[] others = [.. Enumerable.Range(0, 100).Select(static _ => SharedBuffer.Allocate<int>(1000))];
        Assert.DoesNotContain(others, other => ReferenceEquals(((ISharedBuffer)other).Block, block));
        unsafe
        {
            Assert.Equal(42, *(int*)pin.Pointer);
        }
        Array.ForEach(others, static other => other.Dispose());
        pin.Dispose();
        Assert.False(block.TryAddReference());   // nobody refers to it any more
    }

    [Fact]
    public async Task One_that_was_given_back_is_refused_as_an_argument()
    {
        await using WorkerPool pool = Pool();
        SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(1);
        buffer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(Double, buffer));
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedBuffer.Allocate<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedBuffer.Allocate<long>(int.MaxValue));
        Assert.Throws<NotSupportedException>(() => SharedBuffer.Allocate<nint>(1));
        using SharedBuffer<int> empty = SharedBuffer.Allocate<int>(0);
        Assert.Equal(0, empty.Span.Length);
    }

    [Fact]
    public async Task Inside_of_another_object_it_is_refused()
    {
        await using WorkerPool pool = Pool();
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(1);
        await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static (SharedBuffer<int>[] many) => many.Length, new[] { buffer }));
    }

    private static SharedBuffer<int> Double(SharedBuffer<int> buffer)
    {
        foreach (ref int item in buffer.Span)
            item *= 2;
        return buffer;
    }

    private static SharedBuffer<int> Make(int length)
    {
        SharedBuffer<int> made = SharedBuffer.Allocate<int>(length);
        for (int i = 0; i < length; i++)
            made.Span[i] = i;
        return made;
    }

    private static async IAsyncEnumerable<SharedBuffer<int>> Parts(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            SharedBuffer<int> part = SharedBuffer.Allocate<int>(10);
            part.Span[0] = i;
            yield return part;
        }
    }

    private static void Keep(SharedBuffer<int> buffer) => kept = buffer;
}
