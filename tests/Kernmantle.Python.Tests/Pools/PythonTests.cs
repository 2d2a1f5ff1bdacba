using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Kernmantle.Contracts;
using Kernmantle.Contracts.Requirements;
using Kernmantle.Python.Tests.Interpreters;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>What all tests of real interpreters share.</summary>
[Interpreter("python3")]
public abstract class PythonTests
{
    /// <summary>Generous: these machines are slow and busy. Reaching it is a failure, never a measurement.</summary>
    protected internal static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Where kmtests.py is.</summary>
    protected string Modules => Path.Combine(AppContext.BaseDirectory, "Modules", IsJython ? "Jython" : "");

    /// <summary>A path, or a name in PATH.</summary>
    protected string Interpreter => GetType().GetCustomAttribute<InterpreterAttribute>()!.Name;

    /// <summary>What it comes to.</summary>
    protected string Executable => InstalledPrograms.Interpreter(Interpreter);

    /// <summary>Another language than the other interpreters': modules of its own.</summary>
    private bool IsJython => Interpreter == "jython";

    /// <summary>A pool of that interpreter, with those modules and a log of its own, where the options say nothing else.</summary>
    protected internal virtual PythonPool Create(int workers = 1, PythonPoolOptions? options = null)
    {
        options ??= new();
        options.Setting(nameof(options.Interpreter), options.Interpreter ?? Executable);
        options.Setting(nameof(options.ModulePaths), options.ModulePaths is [] ? [Modules] : options.ModulePaths);
        if (IsJython)
            options.Setting(nameof(options.StartTimeout), Deadline);   // seconds, where nothing else computes
        options.Setting(nameof(options.LoggerFactory), options.LoggerFactory ?? new RecordFactory());
        return new(workers, options);
    }

    protected static void AssertItems<T>(T[] expected, IEnumerable<T> actual) => Assert.Equal(expected, actual);

    /// <summary>For many numbers: Assert.Equal compares objects, a second for a million of them.</summary>
    protected static void AssertNumbers<T>(T[] expected, T[] actual)
        where T : IEquatable<T>
    {
        int same = expected.AsSpan().CommonPrefixLength(actual);
        Assert.True(same == expected.Length && same == actual.Length, $"{expected.Length} expected, {actual.Length} came, and they differ from [{same}] on.");
    }

    protected static Task Until(Func<bool> condition, string what) => Waiting.Until(condition, what, Deadline);

    protected static Task Reached(Gate gate) => Until(() => File.Exists(gate.Path), $"the call reached {gate.Path}");

    /// <summary>A zombie is dead: only its parent has not looked yet.</summary>
    protected static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Kills it, if it is still there.</summary>
    protected static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    protected static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> source)
    {
        List<T> all = [];
        await foreach (T item in source.WithCancellation(new CancellationTokenSource(Deadline).Token))
            all.Add(item);
        return all;
    }

    /// <summary>A file that is there or not, for a call in any process.</summary>
    protected sealed class Gate : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"kernmantle-gate-{Guid.NewGuid():N}");

        public bool IsOpen => File.Exists(Path);

        public void Open() => File.WriteAllText(Path, "");

        public void Dispose() => File.Delete(Path);
    }

    /// <summary>Keeps what is logged, with its properties and innermost scope.</summary>
    protected sealed class RecordFactory : ILoggerFactory
    {
        public ConcurrentQueue<Record> Records { get; } = new();

        public ILogger CreateLogger(string categoryName) => new ListLogger(categoryName, Records);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        /// <summary>Waits for a record, and returns it.</summary>
        public async Task<Record> FindAsync(Func<Record, bool> condition)
        {
            await Until(() => Records.Any(condition), $"the record, among: {string.Join(" | ", Records)}");
            return Records.First(condition);
        }
    }

    protected sealed record Record(string Category, LogLevel Level, string Message, string? Exception, string? ThreadName);

    private sealed class ListLogger(string category, ConcurrentQueue<Record> records) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string? thread = (state as IEnumerable<KeyValuePair<string, object?>>)?.FirstOrDefault(static p => p.Key == "ThreadName").Value as string;
            records.Enqueue(new(category, logLevel, formatter(state, exception), exception?.ToString(), thread));
        }
    }
}
