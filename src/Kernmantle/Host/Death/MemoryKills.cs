using System.Diagnostics;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Death;

/// <summary>
/// How often the kernel has killed a process of this program's control group, or of the whole system where that is not counted, for want of memory: what
/// tells such a SIGKILL from one that somebody sent. Thread-safe.
/// </summary>
/// <param name="read">Reads the kernel's count; null where there is none.</param>
internal sealed class MemoryKills(Func<long?> read)
{
    /// <summary>So long after a kill, a death that is told only now may be of it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private long? seen;
    private (long Count, long At)? noticed;

    public static MemoryKills Current { get; } = new(Reader(GroupPlaces.FileOf("memory.oom_control", "memory.events") ?? ProcFiles.SystemCounts));

    /// <summary>To be called when a worker starts: kills of before are none of its own.</summary>
    public void Look()
    {
        long? now = read();
        lock (gate)
        {
            seen ??= now;
            if (noticed is { } before && Stopwatch.GetElapsedTime(before.At) > Grace)
            {
                seen = Math.Max(before.Count, seen!.Value);
                noticed = null;
            }
            if (now > seen)
                noticed ??= (now.Value, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>A process was killed: whether the kernel did it, as far as its count tells. Each kill that it counts explains one death.</summary>
    public bool TakeOne()
    {
        long? now = read();
        lock (gate)
        {
            if (!(now > seen))
                return false;
            seen++;
            return true;
        }
    }

    /// <summary>The line <c>oom_kill N</c> of the file, as all three kinds of file have it.</summary>
    internal static Func<long?> Reader(string file) => () => ProcFiles.CountIn(file, "oom_kill");
}
