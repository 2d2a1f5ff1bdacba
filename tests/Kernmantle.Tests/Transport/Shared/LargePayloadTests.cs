using System.Runtime.InteropServices;
using Xunit;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Payloads around and beyond what goes through a ring, both ways, over every way that calls go.</summary>
public sealed class LargePayloadTests
{
    /// <summary>With rings of the default size, what is in a ring ends somewhere here.</summary>
    private const int Threshold = 64 << 10;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public static TheoryData<WorkerTransport, int> Sizes
    {
        get
        {
            var data = new TheoryData<WorkerTransport, int>();
            foreach (WorkerTransport transport in (WorkerTransport[])[WorkerTransport.SharedMemory, WorkerTransport.Socket])
            {
                foreach (int size in (int[])[0, 1, 8, 4096, Threshold, Threshold + 1, 128 << 10, 300 << 10, 1 << 20, (1 << 20) + 1, 5 << 20])
                    data.Add(transport, size);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Every_kind_of_run_comes_back_as_it_was(WorkerTransport transport, int bytes)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = transport, MaxPayloadBytes = 64 << 20 });
        byte[] data = Bytes(bytes);
        double[] numbers = Numbers(bytes / sizeof(double));
        (int, byte)[] pairs = [.. Enumerable.Range(0, bytes / 64).Select(static n => (n, (byte)n))];
        for (int i = 0; i < 2; i++)   // in memory that is new, and in memory that is used again
        {
            Assert.Equal(data, pool.Run(static (byte[] x) => x, data));
            Assert.Equal(numbers, await pool.RunAsync(static (double[] x) => x, numbers).WaitAsync(Deadline));
            Assert.Equal(pairs, pool.Run(static ((int, byte)[] x) => x, pairs));
            Assert.Equal(data, pool.Run(static (Memory<byte> x) => x, data.AsMemory()).ToArray());
            Assert.Equal(numbers, pool.Run(static (ReadOnlyMemory<double> x) => x, (ReadOnlyMemory<double>)numbers).ToArray());
            Assert.Equal(data, pool.Run(static (ArraySegment<byte> x) => x, new ArraySegment<byte>(data)).ToArray());
            Assert.Equal(data.Length, pool.Run(() => data.Length));   // captured
            Assert.Equal((byte[])[.. data, .. data], pool.Run(static (byte[] x, byte[] y) => (byte[])[.. x, .. y], data, data));
            string text = new('x', bytes / sizeof(char));
            Assert.Equal(text, pool.Run(static (string x) => x, text));
            List<byte[]> objects = [data, data];
            List<byte[]> back = pool.Run(static (List<byte[]> x) => x, objects);
            Assert.Equal(2, back.Count);
            Assert.All(back, b => Assert.Equal(data, b));   // two lists would be compared byte by byte, each in a box
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Sizes_one_by_one_around_the_end_of_the_ring()
    {
        const int RingBytes = 64 << 10;
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, RingBytes = RingBytes });
        for (int size = (RingBytes / 4) - 120; size < (RingBytes / 4) + 40; size++)
        {
            byte[] data = Bytes(size);
            Assert.Equal(data, pool.Run(static (byte[] x) => x, data));
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Many_at_once_on_one_worker_take_no_more_memory_than_some()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        byte[] data = Bytes(1 << 20);
        int most = 0;
        for (int round = 0; round < 3; round++)
        {
            Task<byte[]>[] calls = [.. Enumerable.Range(0, 100).Select(_ => pool.RunAsync(static (byte[] x) => x, data))];
            foreach (Task<byte[]> call in calls)
            {
                Assert.Equal(data, await call.WaitAsync(Deadline));
                most = Math.Max(most, CountSegments(worker));
            }
        }
        Assert.InRange(most, 1, 40);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Many_callers_of_some_workers_get_each_their_own()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory });
        await Task.WhenAll(Enumerable.Range(0, 6).Select(caller => Task.Run(() =>
        {
            for (int i = 0; i < 30; i++)
            {
                double[] data = Numbers(10_000 + (caller * 7_000) + i);
                data[0] = (caller * 1000) + i;
                Assert.Equal(data, pool.Run(static (double[] x) => x, data));
            }
        }))).WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    /// <summary>A worker dies somewhere: as it takes the arguments, runs, or writes the result. Every call ends, with its own bytes or by that death.</summary>
    [Fact]
    [Repeated]
    public async Task Workers_that_are_killed_lose_no_call_and_mix_none_up()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory, RestartLimit = 10_000 });
        using var stop = new CancellationTokenSource();
        Task killer = Task.Run(() =>
        {
            var random = new Random(1);
            for (int kills = 0; kills < Repetitions.Of(quick: 12, atLength: 60) && !stop.IsCancellationRequested; kills++)
            {
                try
                {
                    int victim = pool.Run(static () => Environment.ProcessId);
                    Thread.SpinWait(random.Next(200_000));
                    using var process = System.Diagnostics.Process.GetProcessById(victim);
                    process.Kill();
                }
                catch (Exception e) when (e is WorkerException or ArgumentException or InvalidOperationException)
                {
                    // It was killed before it could say which one it is, or has ended since.
                }
            }
        });
        int lost = 0, done = 0;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(caller => Task.Run(async () =>
        {
            while (!killer.IsCompleted)
            {
                byte[] data = Bytes(200_000 + (caller * 300_000) + (done % 1000));
                try
                {
                    Assert.Equal(data, await pool.RunAsync(static (byte[] x) => x, data).WaitAsync(Deadline));
                    Interlocked.Increment(ref done);
                }
                catch (WorkerException)
                {
                    Interlocked.Increment(ref lost);
                }
            }
        })));
        await killer.WaitAsync(Deadline);
        byte[] last = Bytes(1 << 20);
        Assert.Equal(last, await pool.With(new() { Retry = new() { On = FailureKinds.Crash, MaxAttempts = 5 } }).RunAsync(static (byte[] x) => x, last).WaitAsync(Deadline));
        Assert.True(done > 0, $"{done} done, {lost} lost");
    }

    /// <summary>What was encoded once is sent again as it was: only the host can write there.</summary>
    [Fact]
    public async Task A_call_is_tried_again_with_what_was_encoded()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        byte[] data = Bytes(1 << 20);
        byte[] back = await pool.With(new() { Retry = new() { On = FailureKinds.Crash } }).RunAsync(
            static (ReadOnlyMemory<byte> x) =>
            {
                if (WorkerContext.Current!.Attempt == 1)
                    MemoryMarshal.AsMemory(x).Span.Fill(0xEE);   // no page of it can be written here
                return x.ToArray();
            },
            (ReadOnlyMemory<byte>)data).WaitAsync(Deadline);
        Assert.Equal(data, back);
    }

    [Fact]
    public async Task What_cannot_be_encoded_gives_its_memory_back()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        for (int i = 0; i < 50; i++)
        {
            Assert.Throws<NotPortableException>(() => pool.Run(static (byte[] x, Base y) => x.Length + y.Number, new byte[1 << 20], new Derived()));
            Assert.Throws<NotPortableException>(() => pool.Run(static (int n) => new Picky { First = [new byte[n]] }, 1 << 20));
        }
        Assert.InRange(CountSegments(worker), 0, 4);
        Assert.Equal(0, pool.Statistics.Replaced);
        byte[] data = Bytes(1 << 20);
        Assert.Equal(data, pool.Run(static (byte[] x) => x, data));
    }

    [Fact]
    [Repeated]
    public async Task A_call_that_is_cancelled_while_it_is_encoded_or_written_ends_so()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        var random = new Random(1);
        byte[] data = Bytes(5 << 20);
        for (int i = 0; i < Repetitions.Of(quick: 30, atLength: 300); i++)
        {
            using var source = new CancellationTokenSource();
            using var begin = new Barrier(2);
            int pause = random.Next(2_000_000);
            Task cancel = Task.Run(() =>
            {
                begin.SignalAndWait(Deadline);
                Thread.SpinWait(pause);   // it may fall anywhere between the begin of the encoding and the function
                source.Cancel();
            });
            Task<int> call = Task.Run(() =>
            {
                begin.SignalAndWait(Deadline);
                return pool.RunAsync(static (byte[] x) => WaitForCancellation(x), data, source.Token);
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
            await cancel;
        }
        Assert.Equal(data, await pool.RunAsync(static (byte[] x) => x, data).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Too_large_is_said_before_memory_is_taken_and_harms_nobody()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, MaxPayloadBytes = 1 << 20 });
        int worker = await pool.RunAsync(static () => Environment.ProcessId);
        byte[] large = new byte[64 << 20];
        Assert.Throws<PayloadTooLargeException>(() => pool.Run(static (byte[] x) => x.Length, large));
        Assert.Throws<PayloadTooLargeException>(() => pool.Run(static n => new byte[n], large.Length));
        Assert.Equal(0, CountSegments(worker));
        byte[] fits = Bytes((1 << 20) - 4);
        Assert.Equal(fits, pool.Run(static (byte[] x) => x, fits));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Theory]
    [InlineData(64 << 10)]
    [InlineData(1 << 20)]
    public async Task Items_of_a_stream_that_are_large_come_in_order(int size)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        int next = 0;
        await foreach (byte[] item in pool.StreamAsync(static ((int Size, int Count) a) => Blocks(a.Size, a.Count), (size, 60)))
        {
            Assert.Equal(size, item.Length);
            Assert.True(item.AsSpan().IndexOfAnyExcept((byte)next) < 0);
            next++;
        }
        Assert.Equal(60, next);
    }

    [Fact]
    public async Task Results_of_a_map_that_are_large_come_each()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        int next = 0;
        await foreach (MapResult<int, byte[]> item in pool.MapAsync(static n => Bytes(100_000 + n), Enumerable.Range(0, 60)))
            Assert.Equal(Bytes(100_000 + next++), item.Value);
        Assert.Equal(60, next);
    }

    private static async IAsyncEnumerable<byte[]> Blocks(int size, int count)
    {
        await Task.CompletedTask;
        for (int i = 0; i < count; i++)
        {
            byte[] block = new byte[size];
            block.AsSpan().Fill((byte)i);
            yield return block;
        }
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(static n => n + 0.5)];

    private static int CountSegments(int process) => File.ReadLines($"/proc/{process}/maps").Count(static line => line.Contains("kernmantle-segment", StringComparison.Ordinal));

    private static int WaitForCancellation(byte[] bytes)
    {
        CancellationToken token = WorkerContext.Current!.StoppingToken;
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
        return bytes.Length;
    }

    /// <summary>Its second part cannot cross: values of derived types would be cut.</summary>
    public sealed class Picky
    {
        public List<byte[]> First { get; set; } = [];

        public Base Second { get; set; } = new Derived();
    }

    public class Base
    {
        public int Number { get; set; }
    }

    public sealed class Derived : Base
    {
        public int Other { get; set; }
    }
}
