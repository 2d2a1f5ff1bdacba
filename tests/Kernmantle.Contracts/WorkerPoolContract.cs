using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Contracts;

/// <summary>What every kind of pool promises. A kind inherits the whole and says only how it is made.</summary>
public abstract partial class WorkerPoolContract
{
    /// <summary>Generous: these machines are slow and busy. Reaching it is a failure, never a measurement.</summary>
    protected static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Options that each kind turns into its own.</summary>
    protected sealed record Settings
    {
        public int QueueCapacity { get; init; } = 4096;

        public QueueFullMode QueueFull { get; init; }

        public TimeSpan? Timeout { get; init; }

        public RetryPolicy? Retry { get; init; }

        public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(1);

        public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

        public int StreamWindow { get; init; } = 64;

        public Delegate? OnWorkerStart { get; init; }

        public ILoggerFactory? LoggerFactory { get; init; }

        public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

        public int? MinWorkers { get; init; }

        public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

        /// <summary>The options of a kind, with these in them.</summary>
        public T In<T>(T options)
            where T : WorkerPoolOptions
        {
            foreach (PropertyInfo setting in typeof(Settings).GetProperties())
                options.Setting(setting.Name, setting.GetValue(this));
            return options;
        }
    }

    protected abstract WorkerPool Create(int workers, Settings settings);

    /// <summary>Whether calls run in another process than the test.</summary>
    protected virtual bool OtherProcess => false;

    /// <summary>Whether a function that ignores its token can be stopped.</summary>
    protected virtual bool CanKill => false;

    /// <summary>Whether captures and arguments are copied.</summary>
    protected virtual bool Copies => false;

    private protected WorkerPool Create(int workers = 2) => Create(workers, new());

    /// <summary>A gate that a call in any process can wait at: it opens when the file is there.</summary>
    protected sealed class FileGate : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"kernmantle-gate-{Guid.NewGuid():N}");

        public void Open() => File.WriteAllText(Path, "");

        public void Dispose() => File.Delete(Path);

        public static async Task PassAsync(string path, CancellationToken cancellationToken)
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (!File.Exists(path))
                await tick.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Announces that it was reached, then waits.</summary>
        public static async Task ReachAsync(string reached, string path, CancellationToken cancellationToken)
        {
            await File.WriteAllTextAsync(reached, "", CancellationToken.None).ConfigureAwait(false);
            await PassAsync(path, cancellationToken).ConfigureAwait(false);
        }
    }

    protected static Task Until(Func<bool> condition, string what) => Waiting.Until(condition, what, Deadline);

    protected static Task Reached(FileGate gate) => Until(() => File.Exists(gate.Path), $"the call reached {gate.Path}");
}
