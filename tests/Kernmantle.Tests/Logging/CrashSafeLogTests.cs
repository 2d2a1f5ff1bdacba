using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Logging;

/// <summary>What a worker has written is there, however it ends and however slow the host's log is.</summary>
public sealed class CrashSafeLogTests : IDisposable
{
    private const int Lines = 10_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-log-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [Repeated]
    [InlineData(WorkerTransport.SharedMemory, true)]
    [InlineData(WorkerTransport.SharedMemory, false)]
    [InlineData(WorkerTransport.Socket, true)]
    [InlineData(WorkerTransport.Socket, false)]
    public async Task Every_line_whose_write_returned_before_a_SIGKILL_is_there_in_order_once(WorkerTransport transport, bool console)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < Repetitions.Of(quick: 2, atLength: 5); round++)
        {
            int killAt = random.Next(Lines + 1);
            using var log = new ListFactory();
            string file = Counter();
            await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = transport, LoggerFactory = log });
            int id = await pool.RunAsync(static () => Environment.ProcessId);
            Task writing = console ? pool.RunAsync(WriteLines, file) : pool.RunAsync(LogLines, file);
            while (Written(file) < killAt && !writing.IsCompleted)
                await Task.Yield();
            using (var worker = Process.GetProcessById(id))
                worker.Kill();
            WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => writing.WaitAsync(Deadline));
            int written = Written(file);
            string[] arrived = Arrived(log);
            Assert.True(arrived.Length >= written && arrived.Length <= written + 1, $"seed {seed}, round {round}: {written} written, {arrived.Length} arrived");
            Assert.Equal(Enumerable.Range(0, arrived.Length).Select(Line), arrived);
            Assert.Equal(arrived.Length == 0 ? [] : [arrived[^1]], failure.LastLogLines.TakeLast(1));
        }
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task A_worker_waits_for_a_host_whose_log_is_slow_and_nothing_is_lost(WorkerTransport transport)
    {
        using var log = new GatedFactory();
        string file = Counter();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = transport, LoggerFactory = log });
        Task writing = pool.RunAsync(WriteLongLines, file);
        await StandsAsync(file);
        Assert.True(Written(file) < Lines);
        log.Open();
        await writing.WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, Lines).Select(Line), Arrived(log.Inner));
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task Dropped_lines_are_counted_and_hold_nobody_up(WorkerTransport transport)
    {
        using var log = new GatedFactory();
        string file = Counter();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = transport, LoggerFactory = log, LogFull = LogFullMode.Drop });
        Task writing = pool.RunAsync(WriteLongLines, file);
        await UntilAsync(() => Written(file) == Lines);   // while the host takes nothing
        Assert.False(writing.IsCompleted);
        log.Open();
        await writing.WaitAsync(Deadline);
        string[] messages = [.. log.Inner.Entries.Select(static e => e.Message)];
        int told = messages.Where(static m => m.EndsWith("log records were dropped.", StringComparison.Ordinal)).Sum(static m => int.Parse(m.Split(' ')[0], CultureInfo.InvariantCulture));
        string[] arrived = Arrived(log.Inner);
        Assert.True(told > 0);
        Assert.Equal(Lines, arrived.Length + told);
        Assert.Equal(arrived.Order(), arrived);
        Assert.Contains(messages, static m => m.StartsWith("Log records are dropped from here on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_growing_log_holds_nobody_up_and_loses_nothing()
    {
        using var log = new GatedFactory();
        string file = Counter();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = log, LogFull = LogFullMode.Grow });
        Task writing = pool.RunAsync(WriteLongLines, file);
        await UntilAsync(() => Written(file) == Lines);   // while the host takes nothing
        log.Open();
        await writing.WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, Lines).Select(Line), Arrived(log.Inner));
    }

    [Fact]
    public void An_unknown_mode_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerPool.Processes(1, new() { LogFull = (LogFullMode)7 }));

    private static string Line(int number) => number.ToString("D6", CultureInfo.InvariantCulture);

    private static Task WriteLines(string file)
    {
        Write(file, static i => Console.WriteLine(Line(i)));
        return Task.Delay(Timeout.Infinite);   // until it is killed
    }

    private static Task LogLines(string file)
    {
        Write(file, static i => WorkerContext.Current!.Logger.Log(LogLevel.Information, default, i, null, static (n, _) => Line(n)));
        return Task.Delay(Timeout.Infinite);
    }

    /// <summary>Ten million characters: more than any buffer on the way holds.</summary>
    private static void WriteLongLines(string file) => Write(file, static i => Console.WriteLine(Line(i) + new string('.', 1000)));

    private static void Write(string file, Action<int> write)
    {
        using var counter = MemoryMappedFile.CreateFromFile(file);
        using MemoryMappedViewAccessor view = counter.CreateViewAccessor();
        for (int i = 0; i < Lines; i++)
        {
            write(i);
            view.Write(0, i + 1);
        }
    }

    private static string[] Arrived(ListFactory log) => [.. log.Entries.Where(static e => e.Message.Length is 6 or 1006).Select(static e => e.Message[..6])];

    private string Counter()
    {
        string file = Path.Combine(folder, $"{Guid.NewGuid():N}");
        File.WriteAllBytes(file, new byte[8]);
        return file;
    }

    private static int Written(string file) => BitConverter.ToInt32(File.ReadAllBytes(file));

    /// <summary>
    /// Waits until the counter has moved, and then has not for some looks: the worker waits. One that only gets no processor is taken
    /// for one that waits: then less is shown, and nothing fails.
    /// </summary>
    private static async Task StandsAsync(string file)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        int last = -1;
        for (int same = 0; same < 20; same = last > 0 && Written(file) == last ? same + 1 : 0)
        {
            last = Written(file);
            await tick.WaitForNextTickAsync();
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await tick.WaitForNextTickAsync(deadline.Token);
    }

    /// <summary>A log that takes nothing until it is opened.</summary>
    private sealed class GatedFactory : ILoggerFactory
    {
        private readonly ManualResetEventSlim gate = new();

        public ListFactory Inner { get; } = new();

        public void Open() => gate.Set();

        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Console.", StringComparison.Ordinal) ? new GatedLogger(Inner.CreateLogger(categoryName), gate) : Inner.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            gate.Set();
            Inner.Dispose();
        }
    }

    private sealed class GatedLogger(ILogger inner, ManualResetEventSlim gate) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            gate.Wait();
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
