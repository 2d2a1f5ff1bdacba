using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>There and back what both sides see in place.</summary>
internal static class SharedBuffers
{
    public static Task<Line[]> EchoAsync<T>(Settings settings, int bytes)
        where T : unmanaged, System.Numerics.INumber<T> => Calls.OnAsync(WorkerPool.Processes(1), pool =>
    {
        using var buffer = SharedBuffer.Allocate<T>(bytes / System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        buffer.Span.Fill(T.One);
        return Latency.OnDedicatedThread(settings, () =>
        {
            SharedBuffer<T> back = pool.Run(Echo, buffer);
            Functions.Check(back.Span.Length, buffer.Length);
            if (!ReferenceEquals(back, buffer))
                back.Dispose();
        });
    });

    private static SharedBuffer<T> Echo<T>(SharedBuffer<T> buffer)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        buffer.Span[0]++;
        return buffer;
    }
}
