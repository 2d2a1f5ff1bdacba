using System.Buffers;
using System.Runtime.InteropServices;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Lane.Rings;
using Xunit;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Large arguments of type <see cref="ReadOnlyMemory{T}"/> are the call's while it runs, not copies.</summary>
public sealed class ArgumentViewTests
{
    private const int Large = 1 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>In the worker.</summary>
    private static ReadOnlyMemory<int> kept;
    private static MemoryHandle pinned;

    private static WorkerPool Pool() => WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });

    [Fact]
    public async Task They_are_read_where_they_lie()
    {
        await using WorkerPool pool = Pool();
        int[] numbers = [.. Enumerable.Range(0, Large)];
        Assert.Equal((false, numbers.Sum(static n => (long)n)), pool.Run(static (ReadOnlyMemory<int> x) => (MemoryMarshal.TryGetArray(x, out _), Sum(x.Span)), (ReadOnlyMemory<int>)numbers));
        Assert.Equal((true, 6L), pool.Run(static (ReadOnlyMemory<int> x) => (MemoryMarshal.TryGetArray(x, out _), Sum(x.Span)), (ReadOnlyMemory<int>)new[] { 1, 2, 3 }));
        Assert.Equal(numbers[5..^1], pool.Run(static (ReadOnlyMemory<int> x) => x[5..^1], (ReadOnlyMemory<int>)numbers).ToArray());
    }

    [Fact]
    public async Task They_last_as_long_as_an_asynchronous_function_and_a_stream()
    {
        await using WorkerPool pool = Pool();
        byte[] bytes = new byte[Large];
        bytes.AsSpan().Fill(3);
        ReadOnlyMemory<byte> memory = bytes;
        Assert.Equal(3L * Large, await pool.RunAsync(
            static async (ReadOnlyMemory<byte> x) =>
            {
                await Task.Delay(10);
                return SumBytes(x.Span);
            },
            memory).WaitAsync(Deadline));
        long sum = 0;
        await foreach (byte[] part in pool.StreamAsync(static (ReadOnlyMemory<byte> x) => Parts(x), memory))
            sum += SumBytes(part);
        Assert.Equal(3L * Large, sum);
    }

    [Fact]
    public async Task What_is_kept_of_one_throws_and_says_why_and_its_pin_holds()
    {
        await using WorkerPool pool = Pool();
        ReadOnlyMemory<int> numbers = Enumerable.Range(0, Large).ToArray();
        pool.Run(static (ReadOnlyMemory<int> x) => { (kept, pinned) = (x, x.Pin()); }, numbers);
        string text = pool.Run(static () =>
        {
            try
            {
                return $"{kept.Span[0]}";
            }
            catch (ObjectDisposedException e)
            {
                return e.Message;
            }
        });
        Assert.Contains("ToArray", text, StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
            pool.Run(static (ReadOnlyMemory<int> x) => x.Length, (ReadOnlyMemory<int>)new int[Large + (i * 100_000)]);   // its memory is given back, or used again
        pool.Run(static () => ReadPinned());
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task An_object_may_keep_what_it_is_given()
    {
        await using WorkerPool pool = Pool();
        await using Remote<Keeper> keeper = await pool.CreateAsync(static () => new Keeper());
        ReadOnlyMemory<int> numbers = Enumerable.Range(0, Large).ToArray();
        await keeper.CallAsync(static (k, x) => k.Keep(x), numbers).WaitAsync(Deadline);
        Assert.Equal(Sum(numbers.Span), await keeper.CallAsync(static k => k.Total()).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Memory_that_a_call_has_outlives_its_worker()
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        var worker = new HostileWorker(pump);
        RequestSegment room = worker.Host.TryRentRoom(100_000)!;
        room.GetSpan().Fill(7);
        await Task.Run(worker.End).WaitAsync(Deadline);
        worker.Dispose();
        Assert.True(room.GetSpan().IndexOfAnyExcept((byte)7) < 0);
        Assert.Null(worker.Host.TryRentRoom(100_000));
        room.Release();
        Assert.True(room.IsUnmapped);
    }

    [Fact]
    public void Memory_that_the_worker_has_not_gone_past_is_not_used_again()
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        using var worker = new HostileWorker(pump);
        RequestSegment first = worker.Host.TryRentRoom(100_000)!;
        first.TakenAt = 1000;   // as of a record that ends there
        first.Release();
        RequestSegment second = worker.Host.TryRentRoom(100_000)!;
        Assert.NotSame(first, second);
        second.Release();
        Assert.Same(second, worker.Host.TryRentRoom(100_000));
        second.Release();
        first.TakenAt = 0;
        Assert.True(worker.Host.TryRentRoom(100_000) is { } any && (any == first || any == second));
    }

    private static long Sum(ReadOnlySpan<int> numbers)
    {
        long sum = 0;
        foreach (int number in numbers)
            sum += number;
        return sum;
    }

    private static long SumBytes(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte each in bytes)
            sum += each;
        return sum;
    }

    private static async IAsyncEnumerable<byte[]> Parts(ReadOnlyMemory<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += bytes.Length / 16)
        {
            await Task.Yield();
            yield return bytes.Span.Slice(at, bytes.Length / 16).ToArray();
        }
    }

    private static unsafe void ReadPinned()
    {
        _ = ((int*)pinned.Pointer)[Large - 1];   // whose it is by now cannot be said: but it is there
        pinned.Dispose();
    }

    public sealed class Keeper
    {
        private ReadOnlyMemory<int> numbers;

        public void Keep(ReadOnlyMemory<int> given) => numbers = given;

        public long Total() => Sum(numbers.Span);
    }
}
