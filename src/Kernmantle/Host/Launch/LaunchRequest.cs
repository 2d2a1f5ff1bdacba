using System.Runtime.InteropServices;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Launch;

/// <summary>What a worker process is started with. Everything is decided here; nothing is inherited by accident.</summary>
internal sealed record LaunchRequest
{
    /// <summary>The worker's name, for messages.</summary>
    public required string WorkerName { get; init; }

    /// <summary>How deep the worker is: this process's own depth + 1.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>Variables to set; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of this process's variables that are passed on; null for all of them.</summary>
    public IReadOnlyList<string>? PassedVariables { get; init; }

    /// <summary>The working directory; null for this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The most that the managed heap may hold, in bytes; null for no limit.</summary>
    public long? ManagedHeapLimitBytes { get; init; }

    /// <summary>The shared memory the worker gets, if it gets any.</summary>
    public SharedFiles? Shared { get; init; }

    /// <summary>Another program to start than this one; null for this one.</summary>
    public ForeignProgram? Program { get; init; }

    /// <summary>How many processors the worker should believe it has, at least 1.</summary>
    public int ProcessorShare { get; init; } = 1;
}

/// <summary>A program that is no .NET program of ours but speaks the protocol.</summary>
/// <param name="Executable">Its absolute path.</param>
/// <param name="Arguments">What follows its own name.</param>
internal sealed record ForeignProgram(string Executable, IReadOnlyList<string> Arguments);

/// <summary>Memory files handed to a worker.</summary>
/// <param name="Rings">Its rings.</param>
/// <param name="RingBytes">The size of one.</param>
/// <param name="Bell">Its pool's doorbell page.</param>
internal sealed record SharedFiles(SafeFileHandle Rings, int RingBytes, SafeFileHandle Bell)
{
    /// <summary>Hands them to a worker that runs already, and leaves its own for them. False: it has ended, or does not listen.</summary>
    public bool TryHandTo(SafeHandle channel) =>
        ControlChannel.TrySend(channel, new(ControlKind.Rings, Length: RingBytes), Rings) && ControlChannel.TrySend(channel, new(ControlKind.Bell), Bell);
}
