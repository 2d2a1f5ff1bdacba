using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Memory;

/// <summary>What a visitor in one place had in common with the host.</summary>
internal sealed record Shared
{
    public required bool Process { get; init; }

    /// <summary>The host saw the visitor's change of a static field.</summary>
    public required bool Data { get; init; }

    /// <summary>The host saw the visitor's change of an object.</summary>
    public required bool Heap { get; init; }

    /// <summary>The visitor found the host's value at its address.</summary>
    public required bool Addresses { get; init; }

    /// <summary>Both have their local variables in one mapping.</summary>
    public required bool Stack { get; init; }

    /// <summary>The visitor wrote into the host's stack through an address.</summary>
    public required bool StackReachable { get; init; }

    /// <summary>The host had the code that the visitor loaded.</summary>
    public required bool Code { get; init; }

    /// <summary>The host had the file that the visitor opened.</summary>
    public required bool Files { get; init; }

    /// <summary>The host's processor time counted the visitor's work.</summary>
    public required bool CpuTime { get; init; }
}

/// <summary>The measurements of <c>memory</c>.</summary>
internal sealed record MemoryMeasured
{
    public required Shared Thread { get; init; }
    public required Shared Process { get; init; }

    /// <summary>What the visitor's own processor clock counted while the visitor in a process worked, and what the host's did, in seconds.</summary>
    public required double VisitorCpu { get; init; }
    public required double HostCpu { get; init; }

    /// <summary>Whether the process's record of its end tells its processor time and its peak memory.</summary>
    public required bool HasExitRecord { get; init; }

    public required bool HasMainThread { get; init; }
    public required int ThreadsInProcess { get; init; }

    /// <summary>Bytes of the runtime's code that processes share physically although each has it for itself.</summary>
    public required double SharedCodeBytes { get; init; }

    public required Spread BytesPerThread { get; init; }
    public required Spread BytesPerProcess { get; init; }
}
