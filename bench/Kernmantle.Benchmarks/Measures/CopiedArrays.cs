using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Arrays there and back, and what .NET itself takes for the copies and the two new arrays that nobody can do without.</summary>
internal static class CopiedArrays
{
    /// <summary>Of one block of a stream.</summary>
    private const int BlockBytes = 64 << 10;

    public static Task<Line[]> EchoAsync<T>(Settings settings, int bytes, Func<T[], T[]> echo)
        where T : unmanaged
    {
        T[] data = New<T>(bytes);
        return Calls.OnAsync(
            WorkerPool.Processes(1, new() { MaxPayloadBytes = 1 << 30 }),
            pool => Latency.OnDedicatedThread(settings, () => Functions.Check(pool.Run(echo, data).Length, data.Length)));
    }

    /// <summary>As an argument that is read where it lies.</summary>
    public static Task<Line[]> ViewedAsync(Settings settings)
    {
        ReadOnlyMemory<byte> data = New<byte>(1 << 20);
        return Calls.OnAsync(
            WorkerPool.Processes(1),
            pool => Latency.OnDedicatedThread(settings, () => Functions.Check(pool.Run(Functions.LengthOf, data), data.Length)));
    }

    /// <summary>Four copies, two of them into arrays that are made for it.</summary>
    public static Task<Line[]> CopiesAsync(Settings settings, int bytes)
    {
        byte[] caller = New<byte>(bytes), request = New<byte>(bytes), answer = New<byte>(bytes);
        return Task.FromResult<Line[]>([Latency.OnDedicatedThread(settings, () =>
        {
            caller.AsSpan().CopyTo(request);
            byte[] inWorker = GC.AllocateUninitializedArray<byte>(bytes);
            request.AsSpan().CopyTo(inWorker);
            inWorker.AsSpan().CopyTo(answer);
            byte[] result = GC.AllocateUninitializedArray<byte>(bytes);
            answer.AsSpan().CopyTo(result);
            Functions.Check(result.Length, bytes);
        })]);
    }

    /// <summary>Bytes a second of a stream of arrays.</summary>
    public static Task<Line[]> StreamAsync<T>(Settings settings, int bytes, Func<int, IAsyncEnumerable<T[]>> blocks)
        where T : unmanaged => Calls.OnAsync(WorkerPool.Processes(1), pool => BytesOf(settings, bytes, async count =>
        {
            await foreach (T[] block in pool.StreamAsync(blocks, count))
                Functions.Check(block.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>(), bytes);
        }).GetAwaiter().GetResult());

    /// <summary>The same of copies from one place of memory to another, neither of which is in a cache.</summary>
    public static async Task<Line[]> CopyRateAsync(Settings settings)
    {
        byte[] from = New<byte>(256 << 20), to = New<byte>(256 << 20);
        int blocks = from.Length / BlockBytes;
        return [await BytesOf(settings, BlockBytes, count =>
        {
            for (int i = 0; i < count; i++)
                Buffer.BlockCopy(from, i % blocks * BlockBytes, to, i % blocks * BlockBytes, BlockBytes);
            return Task.CompletedTask;
        })];
    }

    private static async Task<Line> BytesOf(Settings settings, int bytes, Func<int, Task> run)
    {
        Line line = await Rate.MeasureAsync(settings, run, "blocks/s");
        return Line.Of(line.P50 * bytes, "B/s", n: settings.Count);
    }

    private static T[] New<T>(int bytes)
        where T : unmanaged
    {
        var data = new T[bytes / System.Runtime.CompilerServices.Unsafe.SizeOf<T>()];
        Random.Shared.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(data.AsSpan()));
        return data;
    }
}
