using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>64 MiB there and back that both sides see in place.</summary>
internal static class SharedBuffers
{
    public static Task<Line[]> EchoAsync(Settings settings) => Calls.OnAsync(WorkerPool.Processes(1), pool =>
    {
        using var buffer = SharedBuffer.Allocate<byte>(64 << 20);
        buffer.Span.Fill(1);
        return Latency.OnDedicatedThread(settings, () =>
        {
            SharedBuffer<byte> back = pool.Run(Echo, buffer);
            Functions.Check(back.Span.Length, 64 << 20);
            if (!ReferenceEquals(back, buffer))
                back.Dispose();
        });
    });

    private static SharedBuffer<byte> Echo(SharedBuffer<byte> buffer)
    {
        buffer.Span[0]++;
        return buffer;
    }
}
