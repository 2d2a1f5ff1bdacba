using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>What to start: an absolute path, its arguments (with the first, the program's own name), its whole environment.</summary>
internal sealed record SpawnCommand(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The working directory; null for this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Which of our descriptors become which of the child's; it gets no others, and reads nothing on its standard input.</summary>
    public IReadOnlyList<(SafeFileHandle Ours, int Theirs)> Descriptors { get; init; } = [];
}
