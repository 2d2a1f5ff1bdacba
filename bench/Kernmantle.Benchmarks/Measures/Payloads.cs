using Kernmantle.Benchmarks.Measuring;
using Nerdbank.MessagePack;
using PolyType.ReflectionProvider;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Calls that carry something there and back.</summary>
internal static class Payloads
{
    public static Task<Line[]> RecordAsync(Settings settings) => EchoAsync(WorkerPool.Processes(1), settings);

    public static Task<Line[]> RecordAwaitedAsync(Settings settings) => Calls.OnAsync(
        WorkerPool.Processes(1),
        pool => Latency.MeasureAsync(settings, async () => Functions.Check((await pool.RunAsync(Functions.EchoOrder, Order.Example)).Number, Order.Example.Number)).GetAwaiter().GetResult());

    /// <summary>Everything of the call but the way: function, argument and result are encoded and decoded here.</summary>
    public static Task<Line[]> RecordInlineAsync(Settings settings) => EchoAsync(WorkerPool.Inline(verifyPortable: true), settings);

    /// <summary>
    /// The serializer alone, encode and decode. The library's own instance cannot be reached from outside: this one is set up the
    /// same way, but for the library's converters.
    /// </summary>
    public static Task<Line[]> RecordSerializerAsync(Settings settings)
    {
        var serializer = new MessagePackSerializer { ComparerProvider = null, SerializeDefaultValues = SerializeDefaultValuesPolicy.Always };
        var shape = ReflectionTypeShapeProvider.Default.GetTypeShape<Order>() ?? throw new MissingException("The serializer does not know the record.");
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        Order order = Order.Example;
        Line line = Latency.OnDedicatedThread(settings, () =>
        {
            buffer.ResetWrittenCount();
            serializer.Serialize(buffer, in order, shape);
            order = serializer.Deserialize(buffer.WrittenMemory, shape)!;
        });
        return Task.FromResult<Line[]>([line, Line.Of(buffer.WrittenCount, "B", "size")]);
    }

    /// <summary>What encoding and decoding alone allow, there and back, where two processors share it.</summary>
    public static async Task<Line[]> SerializerRateAsync(Settings settings) => [await Rate.MeasureAsync(settings, static count => Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
    {
        var serializer = new MessagePackSerializer { ComparerProvider = null, SerializeDefaultValues = SerializeDefaultValuesPolicy.Always };
        var shape = ReflectionTypeShapeProvider.Default.GetTypeShape<Order>() ?? throw new MissingException("The serializer does not know the record.");
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        Order order = Order.Example;
        for (int i = 0; i < count; i++)   // half of the items, twice each
        {
            buffer.ResetWrittenCount();
            serializer.Serialize(buffer, in order, shape);
            order = serializer.Deserialize(buffer.WrittenMemory, shape)!;
        }
    }))), "items/s")];

    private static Task<Line[]> EchoAsync(WorkerPool pool, Settings settings) =>
        Calls.OnAsync(pool, pool => Latency.OnDedicatedThread(settings, () => Functions.Check(pool.Run(Functions.EchoOrder, Order.Example).Number, Order.Example.Number)));
}
