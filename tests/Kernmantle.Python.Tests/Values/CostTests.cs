using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Tests.Values;

/// <summary>Scalars cost no memory on either way.</summary>
public sealed class CostTests
{
    [Fact]
    public void Scalars_allocate_nothing()
    {
        using var buffer = new PooledBuffer();
        Nothing(buffer, long.MaxValue);
        Nothing(buffer, 5);
        Nothing(buffer, ulong.MaxValue);
        Nothing(buffer, 1.5);
        Nothing(buffer, true);
        Nothing(buffer, Guid.NewGuid());
        Nothing(buffer, DateTime.UtcNow);
        Nothing(buffer, TimeSpan.FromSeconds(5));
        Nothing<int?>(buffer, 5);
        Nothing(buffer, DayOfWeek.Friday);
    }

    private static void Nothing<T>(PooledBuffer buffer, T value)
    {
        for (int i = 0; i < 100; i++)
            Once(buffer, value);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Once(buffer, value);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated == 0, $"{typeof(T)}: {allocated} bytes");
    }

    private static void Once<T>(PooledBuffer buffer, T value)
    {
        buffer.Clear();
        var writer = new PythonWriter(buffer);
        PythonCodec<T>.Write(ref writer, value);
        writer.Flush();
        var reader = new PythonReader(buffer.Written);
        PythonCodec<T>.Read(ref reader);
    }
}
