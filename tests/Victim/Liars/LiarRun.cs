using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Victim.Liars;

/// <summary>
/// A host whose workers lie, one lie after the other and some lives each, while honest calls run in the same pool on another worker and in another pool.
/// Says what became of all, and returns 0 if the host and every call that was not the liar's own were as they should be.
/// </summary>
internal static class LiarRun
{
    private const long MostMemory = 600L << 20;

    private const string Answered = "answered";

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>For those who lie about their clock. Honest calls, of integers, need less on any machine.</summary>
    private static readonly TimeSpan TransferPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] lies, WorkerTransport transport, int lives, int firstSeed)
    {
        if (lies.FirstOrDefault(static lie => !Lies.All.Contains(lie)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"There is no lie '{unknown}'; there are {string.Join(", ", Lies.All)}.");
            return 2;
        }
        using var silence = new Unheard();
        var options = new ProcessPoolOptions { Transport = transport, LoggerFactory = silence, RestartLimit = int.MaxValue, KillGrace = TimeSpan.Zero, TransferTimeout = TransferPatience };
        var honest = new HonestCalls();
        await using (WorkerPool other = WorkerPool.Processes(1, options))
        {
            await using (WorkerPool first = WorkerPool.Processes(2, options))
                await OneLifeAsync(Lies.Silence, firstSeed, first, other, honest);   // what a first life opens and keeps is not the lies'
            Console.WriteLine($"seeds from {firstSeed}");   // nor what the console opens
            string[] held = Held();
            WorkerPool? pool = null;
            foreach (string lie in lies)
            {
                Func<int, int> function = typeof(Lies).GetMethod(lie)!.CreateDelegate<Func<int, int>>();
                ConcurrentDictionary<string, int> ends = new();
                for (int life = 0; life < lives; life++)
                {
                    pool ??= WorkerPool.Processes(2, options);
                    string end = await OneLifeAsync(function, firstSeed + life, pool, other, honest);
                    if (end == Answered)
                    {
                        await pool.DisposeAsync();   // the liar lives
                        pool = null;
                    }
                    ends.AddOrUpdate(end, 1, static (_, count) => count + 1);
                }
                Console.WriteLine($"{lie} over {transport}: {lives} lives: {string.Join(", ", ends.OrderBy(static e => e.Key, StringComparer.Ordinal).Select(static e => $"{e.Value} {e.Key}"))}; {honest}");
            }
            if (pool is not null)
                await pool.DisposeAsync();
            string[] left = await LeftAsync(held);
            long peak = Process.GetCurrentProcess().PeakWorkingSet64;
            Console.WriteLine($"honest calls: {honest}");
            Console.WriteLine($"left: {(left.Length == 0 ? "nothing" : string.Join(", ", left))}; peak {peak >> 20} MiB");
            if (left.Length > 0 || peak > MostMemory)
                return 1;
        }
        return honest.Wrong + honest.Failed == 0 && honest.Right > 0 && Children() == 0 ? 0 : 1;
    }

    /// <summary>The liar's call has a timeout, so that its worker is given no other's call with it.</summary>
    private static async Task<string> OneLifeAsync(Func<int, int> lie, int seed, WorkerPool pool, WorkerPool other, HonestCalls honest)
    {
        var beside = new HonestCalls();
        await beside.OneAsync(pool);
        using var lying = new CancellationTokenSource();
        Task<string> liar = EndAsync(pool.With(new() { Timeout = Patience }).RunAsync(lie, seed));
        Task[] callers = [beside.RunAsync(pool, lying.Token), honest.RunAsync(other, lying.Token)];
        string end = await liar.WaitAsync(Deadline);
        await lying.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(Deadline);
        if (end == Answered)
            return end;   // it lives, and may have been given honest calls: then those are its own, to lie about
        for (int i = 0; i < 4; i++)
            await beside.OneAsync(pool);   // also in the place where the liar was
        honest.Add(beside);
        return end;
    }

    private static async Task<string> EndAsync(Task<int> call)
    {
        try
        {
            await call;
            return Answered;
        }
        catch (WorkerCrashedException e)
        {
            return $"{nameof(WorkerCrashedException)} ({e.Reason})";
        }
        catch (WorkerException e)
        {
            return e.GetType().Name;
        }
    }

    /// <summary>What killed workers had is given back soon after.</summary>
    private static async Task<string[]> LeftAsync(string[] before)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < 200; i++)
        {
            if (More(before).Length == 0)
                return [];
            await tick.WaitForNextTickAsync();
        }
        return More(before);
    }

    private static string[] More(string[] before)
    {
        var known = before.ToLookup(static h => h);
        return [.. Held().GroupBy(static h => h).Where(group => group.Count() > known[group.Key].Count()).Select(group => $"{group.Count() - known[group.Key].Count()} {group.Key}")];
    }

    /// <summary>Descriptors by what they are, but for the assemblies that the runtime opens when it needs them, and their symbols, which it opens to write a stack trace, and mappings of shared memory.</summary>
    private static string[] Held() =>
    [
        .. Directory.GetFiles("/proc/self/fd").Select(static file => new FileInfo(file).LinkTarget is { } target ? "descriptor " + target.Split('[')[0] : "closed").Where(static h => h != "closed" && !h.EndsWith(".dll", StringComparison.Ordinal) && !h.EndsWith(".pdb", StringComparison.Ordinal)),
        .. File.ReadLines("/proc/self/maps").Where(static line => line.Contains("memfd:kernmantle", StringComparison.Ordinal)).Select(static line => "mapping " + line[line.IndexOf('/', StringComparison.Ordinal)..]),
    ];

    private static int Children() => Directory.GetDirectories("/proc").Count(static folder =>
    {
        try
        {
            string stat = File.ReadAllText(folder + "/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    /// <summary>Calls whose answers are known.</summary>
    private sealed class HonestCalls
    {
        private int number;
        private int right;
        private int wrong;
        private int failed;

        public int Right => right;

        public int Wrong => wrong;

        public int Failed => failed;

        /// <summary>The first that was not as it should be.</summary>
        public string? First { get; private set; }

        public override string ToString() => $"{right} right, {wrong} wrong, {failed} failed{First}";

        public void Add(HonestCalls others)
        {
            right += others.right;
            wrong += others.wrong;
            failed += others.failed;
            First ??= others.First;
        }

        public async Task RunAsync(WorkerPool pool, CancellationToken stop)
        {
            // At a pace: the processors are the liar's, too.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (!stop.IsCancellationRequested)
            {
                await OneAsync(pool);
                await pace.WaitForNextTickAsync(CancellationToken.None);
            }
        }

        public async Task OneAsync(WorkerPool pool)
        {
            int n = Interlocked.Increment(ref number);
            try
            {
                (int answer, string text) = await pool.RunAsync(static n => (unchecked(n * 31), $"answer {n}"), n).WaitAsync(Deadline);
                if (answer == unchecked(n * 31) && text == $"answer {n}")
                {
                    Interlocked.Increment(ref right);
                    return;
                }
                Interlocked.Increment(ref wrong);
                First ??= $"; first: {answer}, '{text}' for {n}";
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref failed);
                First ??= $"; first: {e}";
            }
        }
    }

    private sealed class Unheard : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // What liars say concerns nobody.
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Dispose()
        {
        }
    }
}
