using System.Diagnostics;
using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.Contracts.Repeating;
using Kernmantle.SharedBuffers;

namespace Kernmantle.Tests.Channels;

/// <summary>Workers that die over items that carry memory: what the items carried is there for others, and kept for nobody.</summary>
public sealed class CarryingDeathTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public sealed record Job(int Number, SharedBuffer<int> Data, ChannelWriter<int> Done);

    [Fact]
    public async Task What_a_writer_that_died_had_written_is_read_with_its_memory()
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        using WorkerChannel<Job> jobs = WorkerChannel.Create<Job>(new() { EndWithWriters = false });
        using WorkerChannel<int> done = WorkerChannel.Create<int>(new() { EndWithWriters = false });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(
            static (writer, done) =>
            {
                for (int i = 0; i < 3; i++)
                {
                    using SharedBuffer<int> data = SharedBuffer.Allocate<int>(10_000);
                    data.Span.Fill(i);
                    writer.TryWrite(new(i, data, done));
                }
                Process.GetCurrentProcess().Kill();
            },
            jobs.Writer,
            done.Writer,
            Token));
        Assert.Equal(3, LoadedIn(jobs));
        SharedBlock block;
        using (SharedBuffer<int> first = (await jobs.Reader.ReadAsync(Token)).Data)
        {
            block = ((ISharedBuffer)first).Block;
            Assert.DoesNotContain(first.Span.ToArray(), static n => n != 0);
        }
        Assert.True(IsFree(block));
        int sum = await pool.RunAsync(
            static async reader =>
            {
                int sum = 0;
                for (int i = 0; i < 2; i++)
                {
                    Job job = await reader.ReadAsync();
                    using (job.Data)
                        sum += job.Data.Span[^1];
                    await job.Done.WriteAsync(job.Number);
                }
                return sum;
            },
            jobs.Reader,
            Token);
        Assert.Equal(3, sum);
        int one = await done.Reader.ReadAsync(Token), two = await done.Reader.ReadAsync(Token);
        Assert.Equal((1, 2), (one, two));
        Assert.Equal(0, LoadedIn(jobs));
    }

    [Fact]
    public async Task What_a_reader_that_died_had_taken_is_kept_for_the_next_one_or_for_nobody()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        foreach (bool redelivers in (bool[])[false, true])
        {
            using WorkerChannel<Job> jobs = WorkerChannel.Create<Job>(new() { Redeliver = redelivers });
            using WorkerChannel<int> done = WorkerChannel.Create<int>();
            SharedBuffer<int> data = SharedBuffer.Allocate<int>(10);
            SharedBlock block = ((ISharedBuffer)data).Block;
            data.Span[9] = 9;
            Assert.True(jobs.Writer.TryWrite(new(1, data, done.Writer)));
            data.Dispose();
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(
                static reader =>
                {
                    reader.TryTake(out ChannelDelivery<Job>? _);
                    Process.GetCurrentProcess().Kill();
                },
                jobs.Reader,
                Token));
            Assert.Equal(redelivers ? 0 : 1, jobs.Lost);
            Assert.Equal(redelivers ? 1 : 0, LoadedIn(jobs));
            if (redelivers)
            {
                ChannelDelivery<Job> again = await jobs.Reader.TakeAsync(Token);
                Assert.Equal((2, 9), (again.Attempt, again.Item.Data.Span[9]));
                again.Complete();
                again.Item.Data.Dispose();
            }
            Assert.True(SpinWait.SpinUntil(() => IsFree(block), Bound));   // what the dead one had been given goes with its connection
        }
    }

    /// <summary>As two workers write and two read, all of which are killed: every buffer that arrives is whole, and in the end none is kept, whether the last ones come to their end or are killed too.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Repeated(Kills = true)]
    public async Task Whoever_is_killed_memory_is_whole_and_is_given_back(bool endsInOrder)
    {
        const int Places = 4;
        int kills = Repetitions.Of(quick: 30, atLength: 100);
        using WorkerChannel<Job> jobs = WorkerChannel.Create<Job>(new() { Capacity = 10, Redeliver = true, EndWithWriters = false });
        using WorkerChannel<int> done = WorkerChannel.Create<int>(new() { Capacity = 1 << 20, EndWithWriters = false });
        using var processes = new SharedArray<int>(Places);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using (WorkerPool pool = WorkerPool.Processes(Places, new() { RestartLimit = int.MaxValue, Spares = 1, KillGrace = endsInOrder ? Bound : TimeSpan.Zero }))
        {
            Task[] living = [.. Enumerable.Range(0, Places).Select(place => KeepAtItAsync(pool, jobs, done.Writer, processes, place, over.Token))];
            var random = new Random(Fuzzing.Seed);
            for (int killed = 0; killed < kills;)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 12), Token);
                if (living.FirstOrDefault(static l => l.IsFaulted) is { } failed)
                    await failed;
                int process = processes.Exchange(random.Next(Places), 0);
                if (process == 0)
                    continue;
                using var found = Process.GetProcessById(process);
                found.Kill();
                killed++;
            }
            Assert.True(SpinWait.SpinUntil(() => done.Reader.Count > 0, Bound));   // on a busy machine they may have been killed before they came to anything
            await over.CancelAsync();
            await Task.WhenAll(living);
            Assert.True(SpinWait.SpinUntil(() => ReadAllLeft(jobs) == 0, Bound), $"{LoadedIn(jobs)} items are kept.");
        }
        int read = 0;
        for (; done.Reader.TryRead(out int wrong); read++)
            Assert.Equal(0, wrong);
        Assert.True(read > 0);
        Repetitions.Tell(kills, read);
    }

    /// <summary>What somebody had who is killed for a call that was cancelled comes back with that death, which nobody awaits. How many items carry memory then.</summary>
    private static int ReadAllLeft(WorkerChannel<Job> jobs)
    {
        while (jobs.Reader.TryRead(out Job? left))
            left.Data.Dispose();
        return LoadedIn(jobs);
    }

    private static async Task KeepAtItAsync(WorkerPool pool, WorkerChannel<Job> jobs, WorkerChannelWriter<int> done, SharedArray<int> processes, int place, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                WorkerChannelReader<Job> reader = jobs.Reader;
                WorkerChannelWriter<Job> writer = jobs.Writer;
                await (place % 2 == 0
                    ? pool.RunAsync(ct => WriteAsync(writer, done, processes, place, ct), token)
                    : pool.RunAsync(ct => ReadAsync(reader, processes, place, ct), token));
            }
            catch (Exception e) when (e is WorkerCrashedException || (e is OperationCanceledException && token.IsCancellationRequested))
            {
                processes.Exchange(place, 0);
            }
        }
    }

    private static async Task WriteAsync(WorkerChannelWriter<Job> writer, WorkerChannelWriter<int> done, SharedArray<int> processes, int place, CancellationToken token)
    {
        processes.Exchange(place, Environment.ProcessId);
        for (int i = 0; ; i++)
        {
            using SharedBuffer<int> data = SharedBuffer.Allocate<int>(3000);
            data.Span.Fill(i);
            await writer.WriteAsync(new(i, data, done), token);
        }
    }

    private static async Task ReadAsync(WorkerChannelReader<Job> reader, SharedArray<int> processes, int place, CancellationToken token)
    {
        processes.Exchange(place, Environment.ProcessId);
        while (true)
        {
            ChannelDelivery<Job> job = await reader.TakeAsync(token);
            using SharedBuffer<int> data = job.Item.Data;
            await job.Item.Done.WriteAsync(data.Span.ContainsAnyExcept(job.Item.Number) ? 1 : 0, CancellationToken.None);   // what was taken is to be completed
            job.Complete();
        }
    }

    private static bool IsFree(SharedBlock block)
    {
        if (!block.TryAddReference())
            return true;
        block.Release();
        return false;
    }

    private static int LoadedIn<T>(WorkerChannel<T> channel) => ((ChannelPage)channel.Memory.Block.Content!).LoadedItems;
}
