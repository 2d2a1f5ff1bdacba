using System.Diagnostics;
using Kernmantle.Contracts.Repeating;

namespace Kernmantle.Tests.Channels;

/// <summary>Writers and readers that are killed at any moment.</summary>
public sealed class ChannelKillTests
{
    private const int Places = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each life of a writer counts from 0; what it was told to be written is there once and in order, and at most one item more.</summary>
    [Fact]
    [Repeated(Kills = true)]
    public async Task What_a_killed_writer_was_told_to_be_written_is_read_once_and_in_order()
    {
        int kills = Repetitions.Of(quick: 40, atLength: 200);
        using WorkerChannel<Item> channel = WorkerChannel.Create<Item>(new() { Capacity = 50, BufferBytes = 8192, EndWithWriters = false });
        using var acknowledged = new SharedArray<int>(Places);
        using var processes = new SharedArray<int>(Places);
        await using WorkerPool pool = WorkerPool.Processes(Places, new() { RestartLimit = int.MaxValue, Spares = 1, KillGrace = TimeSpan.FromMinutes(2) });   // the last lives end by themselves, however busy the machine: what they were told is read then
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var told = new Dictionary<(int, int), int>();
        Task[] writers = [.. Enumerable.Range(0, Places).Select(place => KeepWritingAsync(pool, channel.Writer, acknowledged, processes, place, told, over.Token))];
        Task<Dictionary<(int, int), int>> reading = ReadAllAsync(channel.Reader);
        await KillAsync(processes, kills, new Random(Fuzzing.Seed));
        await over.CancelAsync();
        await Task.WhenAll(writers);
        channel.Writer.Complete();
        Dictionary<(int, int), int> read = await reading;
        foreach (((int, int) life, int count) in told)
            Assert.InRange(read.GetValueOrDefault(life), count, count + 1);
        Assert.True(told.Count >= kills);
        Repetitions.Tell(kills, read.Values.Sum(static count => (long)count));
    }

    /// <summary>What a reader had taken when it was killed is given to another one.</summary>
    [Fact]
    [Repeated(Kills = true)]
    public async Task What_a_killed_reader_had_taken_is_read_by_another_one()
    {
        int kills = Repetitions.Of(quick: 40, atLength: 200);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>(new() { Capacity = 20, Redeliver = true });
        using var done = new SharedArray<int>(1 << 22);
        using var processes = new SharedArray<int>(Places);
        await using WorkerPool pool = WorkerPool.Processes(Places, new() { RestartLimit = int.MaxValue, Spares = 1 });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] readers = [.. Enumerable.Range(0, Places).Select(place => KeepTakingAsync(pool, channel.Reader, done, processes, place))];
        Task<int> writing = WriteAsync(channel.Writer, done.Length, over.Token);
        await KillAsync(processes, kills, new Random(Fuzzing.Seed));
        await over.CancelAsync();
        int written = await writing;
        channel.Writer.Complete();
        await Task.WhenAll(readers);
        Assert.Equal(0, channel.Lost);
        int again = 0;
        for (int i = 0; i < written; i++)
        {
            Assert.InRange(done[i], 1, int.MaxValue);
            again += done[i] - 1;
        }
        Assert.InRange(again, 0, kills);
        Repetitions.Tell(kills, written);
    }

    private static async Task KillAsync(SharedArray<int> processes, int kills, Random random)
    {
        for (int killed = 0; killed < kills;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 12), Token);
            int process = processes.Exchange(random.Next(Places), 0);
            if (process == 0)
                continue;
            using var found = Process.GetProcessById(process);
            found.Kill();
            killed++;
        }
    }

    private static async Task KeepWritingAsync(WorkerPool pool, WorkerChannelWriter<Item> writer, SharedArray<int> acknowledged, SharedArray<int> processes, int place, Dictionary<(int, int), int> told, CancellationToken over)
    {
        for (int life = 0; !over.IsCancellationRequested; life++)
        {
            int own = life;
            acknowledged[place] = 0;
            try
            {
                await pool.RunAsync(
                    async token =>
                    {
                        processes[place] = Environment.ProcessId;
                        for (int i = 0; !token.IsCancellationRequested; i++)
                        {
                            await writer.WriteAsync(new(place, own, i, new string('x', i * 7 % 300)), CancellationToken.None);
                            acknowledged[place] = i + 1;
                        }
                        processes[place] = 0;
                    },
                    over);
            }
            catch (Exception e) when (e is WorkerCrashedException or OperationCanceledException)
            {
                // As was intended.
            }
            lock (told)
                told.Add((place, own), acknowledged[place]);
        }
    }

    private static async Task<Dictionary<(int, int), int>> ReadAllAsync(WorkerChannelReader<Item> reader)
    {
        var next = new Dictionary<(int, int), int>();
        await foreach (Item item in reader.ReadAllAsync(Token))
        {
            Assert.Equal(next.GetValueOrDefault((item.Place, item.Life)), item.Number);
            Assert.Equal(item.Number * 7 % 300, item.Text.Length);
            Assert.DoesNotContain(item.Text, static c => c != 'x');
            next[(item.Place, item.Life)] = item.Number + 1;
        }
        return next;
    }

    private static async Task KeepTakingAsync(WorkerPool pool, WorkerChannelReader<int> reader, SharedArray<int> done, SharedArray<int> processes, int place)
    {
        while (true)
        {
            try
            {
                await pool.RunAsync(
                    async () =>
                    {
                        processes[place] = Environment.ProcessId;
                        try
                        {
                            while (true)
                            {
                                ChannelDelivery<int> delivery = await reader.TakeAsync();
                                done.Add(delivery.Item, 1);
                                delivery.Complete();
                            }
                        }
                        catch (System.Threading.Channels.ChannelClosedException)
                        {
                            processes[place] = 0;
                        }
                    },
                    Token);
                return;
            }
            catch (WorkerCrashedException)
            {
                // As was intended.
            }
        }
    }

    private static async Task<int> WriteAsync(WorkerChannelWriter<int> writer, int most, CancellationToken over)
    {
        int written = 0;
        try
        {
            while (written < most)
            {
                await writer.WriteAsync(written, over);
                written++;
            }
        }
        catch (OperationCanceledException)
        {
            // It is enough.
        }
        return written;
    }

    public sealed record Item(int Place, int Life, int Number, string Text);
}
