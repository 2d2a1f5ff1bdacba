namespace Kernmantle.Scheduling.Calls;

/// <summary>What was taken. What is null could not be had, or was not asked for.</summary>
/// <param name="Stacks">What each thread was doing; or why that could not be found out.</param>
/// <param name="DumpFile">Where the dump is.</param>
internal sealed record WorkerEvidence(string? Stacks, string? DumpFile);
