using System.Diagnostics;
using System.Threading.Channels;

namespace Kernmantle.Contracts.Channels;

/// <summary>Workers that run C#: threads of this process, or processes.</summary>
/// <param name="pool">Theirs; owned.</param>
/// <param name="lacks">What no channel can do there, and why.</param>
public sealed class PoolWorkers(WorkerPool pool, params (ChannelAbility Ability, string Reason)[] lacks) : ChannelWorkers
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private const string OneFate = "A thread does not die without its process.";

    public override IReadOnlyDictionary<ChannelAbility, string> Lacks { get; } = lacks.ToDictionary();

    public static PoolWorkers Threads(int count) => new(WorkerPool.Threads(count), (ChannelAbility.Death, OneFate), (ChannelAbility.Redelivery, OneFate), (ChannelAbility.EndWithWriters, OneFate));

    public static PoolWorkers Processes(int count) => new(WorkerPool.Processes(count));

    public override Task WriteAllAsync(ChannelWriter<int> writer, int count) => pool.RunAsync(
        static async (writer, count) =>
        {
            for (int i = 0; i < count; i++)
                await writer.WriteAsync(i);
            writer.Complete();
        },
        writer,
        count,
        Token);

    public override Task WriteManyAsync(WorkerChannelWriter<long> writer, int count) => pool.RunAsync(
        static async (writer, count) =>
        {
            long[] items = new long[777];
            for (int from = 0; from < count; from += items.Length)
            {
                int length = Math.Min(items.Length, count - from);
                for (int i = 0; i < length; i++)
                    items[i] = from + i;
                await writer.WriteManyAsync(items.AsMemory(0, length));
            }
            writer.Complete();
        },
        writer,
        count,
        Token);

    public override Task WriteAsync(ChannelWriter<(int Writer, int Number)> writer, int place, int count) => pool.RunAsync(
        async () =>
        {
            for (int i = 0; i < count; i++)
                await writer.WriteAsync((place, i));
        },
        Token);

    public override Task CopyAsync(ChannelReader<(int Writer, int Number)> reader, ChannelWriter<(int Writer, int Number)> writer) => pool.RunAsync(
        static async (reader, writer) =>
        {
            await foreach ((int, int) item in reader.ReadAllAsync())
                await writer.WriteAsync(item);
        },
        reader,
        writer,
        Token);

    public override Task NegateAsync(ChannelReader<int> reader, ChannelWriter<int> writer) => pool.RunAsync(
        static async (reader, writer) =>
        {
            await foreach (int item in reader.ReadAllAsync())
                await writer.WriteAsync(-item);
        },
        reader,
        writer,
        Token);

    public override Task<int> SumAsync(ChannelReader<int> reader) => pool.RunAsync(
        static async reader =>
        {
            int sum = 0;
            await foreach (int item in reader.ReadAllAsync())
                sum += item;
            return sum;
        },
        reader,
        Token);

    public override Task<long> SumLinesAsync(ChannelReader<ChannelLine> reader) => pool.RunAsync(
        static async reader =>
        {
            long sum = 0;
            await foreach (ChannelLine line in reader.ReadAllAsync())
            {
                if (line.Text.Any(c => c != 'a' + (line.Number % 26)))
                    throw new InvalidOperationException($"Line {line.Number} is torn.");
                sum += line.Number + line.Text.Length;
            }
            return sum;
        },
        reader,
        Token);

    public override Task WriteCountingAsync(ChannelWriter<int> writer, SharedValue<int> written, int count) => pool.RunAsync(
        async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await writer.WriteAsync(i);
                written.Add(1);
            }
        },
        Token);

    public override Task WriteAtOnceAsync(ChannelWriter<int> writer, int count) => pool.RunAsync(
        static (writer, count) =>
        {
            for (int i = 0; i < count; i++)
                writer.TryWrite(i);
        },
        writer,
        count,
        Token);

    public override Task FailAsync(ChannelWriter<string> writer, string item, string text) => pool.RunAsync(
        () =>
        {
            writer.TryWrite(item);
            writer.Complete(new InvalidOperationException(text));
        },
        Token);

    public override Task<bool> WaitToReadAsync(ChannelReader<int> reader, SharedCountdown waiting, CancellationToken cancellationToken) => pool.RunAsync(
        async token =>
        {
            ValueTask<bool> wait = reader.WaitToReadAsync(token);
            waiting.Signal();
            return await wait;
        },
        cancellationToken);

    public override Task<bool> FillAsync(ChannelWriter<int> writer, SharedCountdown waiting) => pool.RunAsync(
        static async (writer, waiting) =>
        {
            while (writer.TryWrite(1))
                continue;
            ValueTask<bool> wait = writer.WaitToWriteAsync();
            waiting.Signal();
            return await wait;
        },
        writer,
        waiting,
        Token);

    public override Task<bool> WaitUntilDisposedAsync(ChannelReader<int> reader, SharedCountdown waiting) => pool.RunAsync(
        static async (reader, waiting) =>
        {
            ValueTask<bool> wait = reader.WaitToReadAsync();
            waiting.Signal();
            try
            {
                await wait;
                return false;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        },
        reader,
        waiting,
        Token);

    public override Task WriteOneAsync(ChannelWriter<string> writer, string item) => pool.RunAsync(static async (writer, item) => await writer.WriteAsync(item), writer, item, Token);

    public override Task<string> ReadOneAsync(ChannelReader<string> reader) => pool.RunAsync(static async reader => await reader.ReadAsync(), reader, Token);

    public override Task<WorkerChannel<string>> ReturnAsync(WorkerChannel<string> channel, string item) => pool.RunAsync(
        static async (channel, item) =>
        {
            await channel.Writer.WriteAsync(item);
            return channel;
        },
        channel,
        item,
        Token);

    public override Task<ChannelReader<string>> ReturnAsync(ChannelReader<string> reader) => pool.RunAsync(static reader => reader, reader, Token);

    public override Task WriteAndDieAsync(ChannelWriter<int> writer, SharedValue<int> written, int from, int count) => pool.RunAsync(
        async () =>
        {
            for (int i = from; i < from + count; i++)
            {
                await writer.WriteAsync(i);
                written.Write(i + 1);
            }
            Process.GetCurrentProcess().Kill();
        },
        Token);

    public override Task ReadAndDieAsync(ChannelReader<int> reader, int count) => pool.RunAsync(
        static async (reader, count) =>
        {
            for (int i = 0; i < count; i++)
                await reader.ReadAsync();
            Process.GetCurrentProcess().Kill();
        },
        reader,
        count,
        Token);

    public override Task TakeAndDieAsync(WorkerChannelReader<int> reader) => pool.RunAsync(
        static reader =>
        {
            reader.TryTake(out ChannelDelivery<int>? _);
            Process.GetCurrentProcess().Kill();
        },
        reader,
        Token);

    public override ValueTask DisposeAsync() => pool.DisposeAsync();
}
