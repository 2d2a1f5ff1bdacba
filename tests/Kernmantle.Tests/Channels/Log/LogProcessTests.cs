using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Kernmantle.Channels.Log;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Channels.Log;

/// <summary>Processes that append and read, and are killed at any moment; and a disk that is full.</summary>
public sealed class LogProcessTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private const int ExceedsFileSize = 25;

    /// <summary>For good: the runtime tells of a signal on a thread of its own, and ends the process when nobody asks for it any more by then.</summary>
    private static PosixSignalRegistration? survives;

    private readonly LogFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    [Repeated(Kills = true)]
    public async Task What_was_acknowledged_is_read_once_and_in_order_whoever_is_killed()
    {
        int kills = Repetitions.Of(quick: 40, atLength: 200);
        var random = new Random(Fuzzing.Seed);
        folder.Open().Dispose();
        await using WorkerPool pool = WorkerPool.Processes(2, new() { RestartLimit = int.MaxValue, Spares = 1 });
        using var appending = new SharedLock("append");
        using var reading = new SharedLock("read");
        using var written = new SharedValue<(long End, long Count)>((ChannelLog.First, 0));
        using var taken = new SharedValue<long>();
        using var processes = new SharedArray<int>(2);   // who may be killed: the writer and the reader; 0 for nobody
        using var over = new CancellationTokenSource();
        string path = folder.Path;
        Task writer = KeepRunningAsync(() => pool.RunAsync(token => KeepAppending(path, appending, written, processes, token), over.Token), over.Token);
        Task reader = KeepRunningAsync(() => pool.RunAsync(token => KeepReading(path, reading, written, taken, processes, token), over.Token), over.Token);
        for (int killed = 0; killed < kills;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 12), Token);
            int process = processes.Exchange(random.Next(2), 0);
            if (process == 0)
                continue;
            Kill(process);
            killed++;
        }
        await over.CancelAsync();
        await Task.WhenAll(writer, reader);

        using ChannelLog log = folder.Open(new() { KeepsAll = true });
        List<long> numbers = Numbers(log, ChannelLog.First, log.FindEnd());
        long acknowledged = written.Read().Count;
        Assert.NotEqual(0, acknowledged);
        Assert.InRange(numbers.Count, acknowledged, acknowledged + 1);   // a whole record of one that died before it said so counts
        Assert.Equal(numbers, Enumerable.Range(0, numbers.Count).Select(static n => (long)n));
        Assert.InRange(taken.Read(), 1, acknowledged);
        List<long> left = Numbers(log, log.LoadPosition(), log.FindEnd());
        Assert.InRange(numbers.Count - left.Count, taken.Read() - 1, taken.Read());   // it may have died between the two
        Assert.Equal(numbers[^left.Count..], left);
        Repetitions.Tell(kills, numbers.Count);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_of_before()
    {
        using ChannelLog log = folder.Open();
        long end = LogFolder.Append(log, log.FindEnd(), 10, 20);
        string path = folder.Path;
        await using WorkerPool pool = WorkerPool.Processes(1);
        string told = await pool.RunAsync(() => AppendWithLimit(path, end, 50_000), Token);
        Assert.Contains(path, told, StringComparison.Ordinal);
        Assert.Contains("make room", told, StringComparison.Ordinal);
        Assert.Equal(end, new FileInfo(path).Length);
        end = LogFolder.Append(log, log.FindEnd(ChannelLog.First), 30);
        Assert.Equal([10, 20, 30], LogFolder.Read(log, ChannelLog.First, end));
    }

    /// <summary>As on a full disk, a write ends in the midst and the next one fails.</summary>
    private static unsafe string AppendWithLimit(string path, long end, int length)
    {
        const int FileSize = 1;
        survives ??= PosixSignalRegistration.Create((PosixSignal)ExceedsFileSize, static signal => signal.Cancel = true);
        ulong* limit = stackalloc ulong[2] { (ulong)end + 10_000, LibC.Unlimited };
        Assert.Equal(0, LibC.ProcessLimit(0, FileSize, limit, null));
        using ChannelLog log = Share(path);
        try
        {
            log.Append(new byte[length], end);
            return "written";
        }
        catch (ChannelFileException e)
        {
            return e.Message;
        }
    }

    /// <summary>As a worker has it: not alone.</summary>
    private static ChannelLog Share(string path)
    {
        return ChannelLog.Of(Open(path), Open(path + ".position"), path, new() { KeepsAll = true });

        static SafeFileHandle Open(string file)
        {
            const int ReadWrite = 2;
            int descriptor = LibC.Open(file, ReadWrite | LibC.CloseOnExec);
            return descriptor >= 0 ? new(descriptor, ownsHandle: true) : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    private static async Task KeepRunningAsync(Func<Task> run, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await run();
            }
            catch (Exception e) when (e is WorkerCrashedException or OperationCanceledException)
            {
                // As was intended.
            }
        }
    }

    private static void Kill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended by itself: its call was cancelled.
        }
    }

    private static void KeepAppending(string path, SharedLock appending, SharedValue<(long End, long Count)> written, SharedArray<int> processes, CancellationToken token)
    {
        using ChannelLog log = Share(path);
        processes[0] = Environment.ProcessId;
        var random = new Random();
        while (!token.IsCancellationRequested)
        {
            if (Enter(appending))
            {
                (long end, long count) = written.Read();
                long found = log.FindEnd(end);
                written.Write((found, count + (found > end ? 1 : 0)));
            }
            (long last, long number) = written.Read();
            byte[] item = new byte[sizeof(long) + random.Next(50_000)];
            BinaryPrimitives.WriteInt64LittleEndian(item, number);
            written.Write((log.Append(item, last), number + 1));
            appending.Exit();
        }
    }

    private static void KeepReading(string path, SharedLock reading, SharedValue<(long End, long Count)> written, SharedValue<long> taken, SharedArray<int> processes, CancellationToken token)
    {
        using ChannelLog log = Share(path);
        LogReader reader = log.NewReader();
        processes[1] = Environment.ProcessId;
        while (!token.IsCancellationRequested)
        {
            bool isAbandoned = Enter(reading);
            if (reader.TryRead(log.LoadPosition(), written.Read().End, out ReadOnlySpan<byte> item, out long next))
            {
                long number = BinaryPrimitives.ReadInt64LittleEndian(item), expected = taken.Read();
                if (number != expected && !(isAbandoned && number == expected - 1))
                    throw new InvalidOperationException($"{number} came, and not {expected}.");
                taken.Write(number + 1);
                log.SavePosition(next);
            }
            reading.Exit();
        }
    }

    /// <summary>True: who had it before has died.</summary>
    private static bool Enter(SharedLock guard)
    {
        LockTaken taken = guard.TryEnter(Bound);
        if (taken == LockTaken.No)
            throw new InvalidOperationException("The lock is lost.");
        if (taken == LockTaken.Abandoned)
            guard.MarkConsistent();
        return taken == LockTaken.Abandoned;
    }

    private static List<long> Numbers(ChannelLog log, long position, long end)
    {
        List<long> numbers = [];
        LogReader reader = log.NewReader();
        while (reader.TryRead(position, end, out ReadOnlySpan<byte> item, out position))
            numbers.Add(BinaryPrimitives.ReadInt64LittleEndian(item));
        return numbers;
    }
}
