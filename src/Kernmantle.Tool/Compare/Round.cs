using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>What one round in one place took. Times in seconds, memory in bytes; null where it cannot be had.</summary>
internal sealed record Round(
    double Wall,
    double Processor,
    long PeakMemory,
    long? Allocated,
    double? GcPause,
    long Switches,
    RoundOutcome Outcome);
