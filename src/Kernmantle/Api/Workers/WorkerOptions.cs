using Kernmantle.Host;
using Kernmantle.Logging;
using Kernmantle.Scheduling;
using Microsoft.Extensions.Logging;

namespace Kernmantle;

/// <summary>What single workers of every kind have in common. Immutable.</summary>
public abstract class WorkerOptions
{
    private protected WorkerOptions()
    {
    }

    /// <summary>
    /// A foreground worker (the default) keeps the program alive until it has ended, a process too; a background one ends with the
    /// program. <see cref="Environment.Exit"/> waits for neither.
    /// </summary>
    public bool Background { get; init; }

    /// <summary>Where records of the worker go; null for <see cref="KernmantleLog.DefaultFactory"/>.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock of timeouts and wall time.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal ILoggerFactory Loggers => GuardedLoggerFactory.Of(LoggerFactory ?? KernmantleLog.DefaultFactory);
}

/// <summary>Options of a worker on a thread.</summary>
public sealed class ThreadWorkerOptions : WorkerOptions
{
    /// <summary>The stack size, in bytes; 0 for the system's default.</summary>
    public int StackSizeBytes { get; init; }
}

/// <summary>Options of a worker in a process of its own.</summary>
public sealed class ProcessWorkerOptions : WorkerOptions
{
    /// <summary>Environment variables set in the worker; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of this process's variables that the worker gets; null for all. What the runtime needs to start is always passed.</summary>
    public IReadOnlyList<string>? PassedVariables { get; init; }

    /// <summary>The working directory; null for this process's own at the start.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>How long the function may run, counted from its call to the completion of its task; null for no limit. Then the worker is killed.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The most the managed heap may hold, in bytes (at least <see cref="ProcessPoolOptions.MinManagedHeapLimitBytes"/>); null for no limit.</summary>
    public long? ManagedHeapLimitBytes { get; init; }

    /// <summary>What the worker may use while it runs the function; null for no limits.</summary>
    public Limits? Limits { get; init; }

    /// <summary>As <see cref="ProcessPoolOptions.Evidence"/>.</summary>
    public EvidenceOptions? Evidence { get; init; } = new();

    /// <summary>How long the process may take to start.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>As <see cref="ProcessPoolOptions.TransferTimeout"/>.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The worker waits for a managed debugger before it runs the function; its process id is logged.</summary>
    public bool WaitForDebugger { get; init; }

    internal void Validate()
    {
        Durations.Check(Timeout, nameof(Timeout));
        Durations.Check(StartTimeout, nameof(StartTimeout));
        Durations.Check(TransferTimeout, nameof(TransferTimeout));
        ProcessChecks.Validate(WorkingDirectory, ManagedHeapLimitBytes, Environment);
        ProcessChecks.Validate(Limits, Timeout, ManagedHeapLimitBytes);
        Evidence?.Validate();
    }
}
